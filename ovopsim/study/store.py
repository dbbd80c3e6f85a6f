"""The results folder: Parquet tables joined by `run_id`, what was found, and a record of what ran.

Runs are only ever added: a run that is there already is not written twice, and none is lost, because one command at a
time has the folder. What a command found (its tables of effects, its figures) takes the place of what the command
before it found; `report.folder.check_findings` refuses one whose findings do not contain those. A comparison writes
apart and moves everything at its end, all or none, the record last. A sweep adds its runs part by part: of each part
the table of runs is written last, and what has no runs is cleaned away by the next command, so that nobody finds half
a run.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ovopsim.errors import InputError
from ovopsim.study import parts
from ovopsim.study.frames import RunTables
from ovopsim.study.lock import LOCK, locked
from ovopsim.study.moving import WORKPLACE, is_unfinished, move_all, recover
from ovopsim.study.parts import TABLES

RECORD = "run.json"


def check(out: Path, digest: str) -> None:
    """Refuse a folder that holds something else, before any work is done.

    Parameters
    ----------
    out : Path
        New, empty, or a store of the same model.
    digest : str
        Of the model.

    Raises
    ------
    InputError
        It names the folder and what would be right.
    """
    try:
        if out.exists() and not out.is_dir():
            raise InputError(f"{out}: is a file; name a folder.")
        if not out.is_dir() or _is_ours_alone(out):
            return
    except OSError as error:
        raise InputError(f"{out}: cannot be read ({error.strerror}); name another folder.") from None
    if not (out / RECORD).is_file():
        raise InputError(f"{out}: the folder holds something else; name a new or empty folder.")
    known = read_record(out).get("model_digest")
    if known != digest:
        raise InputError(
            f"{out}: holds results of another version of the model, or of other draws of a posterior; "
            "name a new or empty folder."
        )


def _is_ours_alone(out: Path) -> bool:
    """Whether a folder is empty but for what a command that runs, or was killed, needs while it works.

    Files of a move that was not finished are gone, or there with their record, once the lock is taken: then the folder
    is checked again.
    """
    if any(is_unfinished(left) for left in out.glob(f"{WORKPLACE}*")):
        return True
    return all(path.name.startswith((LOCK, WORKPLACE)) for path in out.iterdir())


def read_record(out: Path) -> dict[str, Any]:
    """Return the record of a store.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    try:
        found = json.loads((out / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{out}: its {RECORD} cannot be read; name a new or empty folder.")
    return found


@contextmanager
def opened(out: Path, digest: str) -> Iterator[Path]:
    """Give a folder to write in; move its files to `out` when all went well, and leave no trace when it did not.

    Until then no other command can open `out`.

    Raises
    ------
    InputError
        When `out` holds something else, cannot be made, or another command has it.
    """
    with held(out, digest) as store, store.transaction() as workplace:
        yield workplace


@contextmanager
def held(out: Path, digest: str) -> Iterator[HeldStore]:
    """Keep all others from writing in a store, clean what a killed command left there, and give it to write in.

    A folder that was made for nothing is taken away again. Raises as `opened`.
    """
    check(out, digest)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        with ExitStack() as lock:
            with _refusing(out):
                out.mkdir(parents=True, exist_ok=True)
                lock.enter_context(locked(out))
                _clean(out)
                check(out, digest)  # once more: another command may have ended meanwhile
                workplace = Path(tempfile.mkdtemp(prefix=WORKPLACE, dir=out))
            try:
                yield HeldStore(out, digest, workplace)
            finally:
                if not is_unfinished(workplace):  # what could not be put back stays for the next command
                    shutil.rmtree(workplace, ignore_errors=True)
    finally:
        for folder in missing:
            with suppress(OSError):  # not there, or not empty
                folder.rmdir()


def _clean(out: Path) -> None:
    recover(out)
    for path in parts.orphans(out):
        path.unlink()


@contextmanager
def _refusing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror}); name another folder.") from None


@dataclass
class HeldStore:
    """A store that this command alone writes in.

    Attributes
    ----------
    out : Path
    digest : str
        Of the model.
    workplace : Path
        Folder in `out` where files are written before they are moved to their place.
    schemas : dict of str to pyarrow.Schema
        Columns that each table is to have.
    """

    out: Path
    digest: str
    workplace: Path
    schemas: dict[str, pa.Schema] = field(default_factory=dict)

    @contextmanager
    def transaction(self) -> Iterator[Path]:
        """Give the workplace; at the end all its files are moved to their places, or none."""
        yield self.workplace
        outdated = _findings(self.out) - {path.name for path in self.workplace.iterdir()}
        if (self.workplace / RECORD).is_file():
            outdated -= set(json.loads((self.workplace / RECORD).read_text(encoding="utf-8"))["commands"][-1]["files"])
        move_all(self.workplace, self.out, RECORD)
        for name in outdated:
            (self.out / name).unlink(missing_ok=True)
        for path in self.workplace.iterdir():
            shutil.rmtree(path)

    def prepare(self, workplace: Path, tables: RunTables) -> None:
        """Give the stored tables the columns of those that are to come, within a transaction."""
        for table in TABLES:
            new = parts.arrow(getattr(tables, table)).schema
            self.schemas[table] = parts.joined(parts.schema_of(self.out, table), new)
            widen(workplace, self.out, table, self.schemas[table])

    def add(self, tables: RunTables) -> None:
        """Add runs that the store has not got, with columns that it was prepared for; the table of runs comes last.

        Raises
        ------
        OSError
            When the disk is full or the folder can be written no more; the runs of this part are then not there.
        """
        name = parts.next_name(self.out)
        try:
            for table in reversed(TABLES):
                draft = self.workplace / table / name
                parts.write(parts.conformed(parts.arrow(getattr(tables, table)), self.schemas[table]), draft)
                parts.folder(self.out, table).mkdir(exist_ok=True)
                draft.replace(parts.folder(self.out, table) / name)
        except OSError as error:
            remedy = "what was stored before stays there; when this is mended, the same command goes on"
            raise OSError(error.errno, f"{error.strerror}; {remedy}", str(self.out)) from error


def _findings(out: Path) -> set[str]:
    """Return the names of the files that the last command left, tables of runs apart."""
    if not (out / RECORD).is_file():
        return set()
    commands = read_record(out).get("commands", [])
    return {Path(name).name for name in commands[-1].get("files", [])} if commands else set()


def write_tables(workplace: Path, out: Path, tables: RunTables) -> None:
    """Write what `out` has not got of some runs; its earlier files too where they lack a column.

    Parameters
    ----------
    workplace : Path
        What `opened` gave.
    """
    frames = {name: parts.without_known(getattr(tables, name), name, parts.keys_in(out, name)) for name in TABLES}
    if all(frame.empty for frame in frames.values()):
        return
    number = parts.next_name(out)
    for name, frame in frames.items():
        new = parts.arrow(frame)
        schema = parts.joined(parts.schema_of(out, name), new.schema)
        widen(workplace, out, name, schema)
        parts.write(parts.conformed(new, schema), parts.folder(workplace, name) / number)


def widen(workplace: Path, out: Path, table: str, schema: Any) -> None:
    """Write the files of a table anew where they lack a column of a schema."""
    for path in parts.parts(out, table):
        draft = parts.folder(workplace, table) / path.name
        latest = draft if draft.is_file() else path
        if not pq.read_schema(latest).remove_metadata().equals(schema):
            parts.write(parts.conformed(pq.read_table(latest), schema), draft)


def forget_failed(workplace: Path, out: Path, wanted: set[str]) -> None:
    """Take failed runs out of the table of runs, within a transaction, so that they are tried again.

    Parameters
    ----------
    wanted : set of str
        Identities of those that will be.
    """
    for path in parts.parts(out, "runs"):
        table = pq.read_table(path)
        again = pc.is_in(table.column("run_id"), pa.array(sorted(wanted)))
        sound = pc.or_(pc.equal(table.column("status"), "done"), pc.invert(again))
        if not pc.all(sound).as_py():
            parts.write(table.filter(sound), parts.folder(workplace, "runs") / path.name)


def write_record(workplace: Path, out: Path, record: dict[str, Any], digest: str, keep_findings: bool = False) -> None:
    """Write the record of a store, with one more command in it, and the names of the files that it leaves.

    Parameters
    ----------
    keep_findings : bool
        Whether the findings of the last command stay, as beside a sweep, which has none.
    """
    commands = read_record(out).get("commands", []) if (out / RECORD).is_file() else []
    files = {path.name for path in workplace.iterdir() if path.is_file()}
    document = {
        "model_digest": digest,
        "commands": [*commands, record | {"files": sorted(files | (_findings(out) if keep_findings else set()))}],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    (workplace / RECORD).write_text(text + "\n", encoding="utf-8")
