"""The results folder: Parquet tables joined by `run_id`, what was found, and a record of what ran.

Runs are only ever added: a run that is there already is not written twice, and none is lost, because one command at a
time has the folder. What a command found (its tables of effects, its figures) takes the place of what the command
before it found. Everything is written apart first and then moved, all or none, the record last, so that nobody finds
half a table.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd

from ovopsim.errors import InputError
from ovopsim.study.frames import RunTables, stacked
from ovopsim.study.lock import LOCK, locked
from ovopsim.study.moving import is_unfinished, move_all, put_back

RECORD = "run.json"
TABLES = ("runs", "monthly", "firms")
WORKPLACE = ".writing-"


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
            raise InputError(f"--out {out}: is a file; name a folder.")
        if not out.is_dir() or _is_ours_alone(out):
            return
    except OSError as error:
        raise InputError(f"--out {out}: cannot be read ({error.strerror}); name another folder.") from None
    if not (out / RECORD).is_file():
        raise InputError(f"--out {out}: the folder holds something else; name a new or empty folder.")
    known = read_record(out).get("model_digest")
    if known != digest:
        raise InputError(f"--out {out}: holds results of another version of the model; name a new or empty folder.")


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
        raise InputError(f"--out {out}: its {RECORD} cannot be read; name a new or empty folder.")
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
    check(out, digest)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        with _refusing(out):
            out.mkdir(parents=True, exist_ok=True)
        with _workplace(out, digest) as workplace:
            yield workplace
            outdated = _findings(out) - {path.name for path in workplace.iterdir()}
            move_all(workplace, out, RECORD)
            for name in outdated:
                (out / name).unlink(missing_ok=True)
    finally:
        for folder in missing:
            with suppress(OSError):  # not there, or not empty
                folder.rmdir()


@contextmanager
def _workplace(out: Path, digest: str) -> Iterator[Path]:
    """Give a folder in `out`, under its lock; what a killed command left there is cleaned first."""
    with ExitStack() as held:
        with _refusing(out):
            held.enter_context(locked(out))
            for left in out.glob(f"{WORKPLACE}*"):
                if is_unfinished(left):
                    put_back(left, out)
                shutil.rmtree(left)
            check(out, digest)  # once more: another command may have ended meanwhile
            workplace = Path(tempfile.mkdtemp(prefix=WORKPLACE, dir=out))
        try:
            yield workplace
        finally:
            if not is_unfinished(workplace):  # what could not be put back stays for the next command
                shutil.rmtree(workplace, ignore_errors=True)


@contextmanager
def _refusing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror}); name another folder.") from None


def _findings(out: Path) -> set[str]:
    """Return the names of the files that the last command left, tables of runs apart."""
    if not (out / RECORD).is_file():
        return set()
    commands = read_record(out).get("commands", [])
    return {Path(name).name for name in commands[-1].get("files", [])} if commands else set()


def write_tables(workplace: Path, out: Path, tables: RunTables) -> None:
    """Write the tables of runs, with those that `out` has already.

    Parameters
    ----------
    workplace : Path
        What `opened` gave.
    """
    new = set(tables.runs["run_id"])
    for name in TABLES:
        frame = getattr(tables, name)
        earlier = out / f"{name}.parquet"
        if earlier.is_file():
            old = pd.read_parquet(earlier)
            frame = stacked([old[~_again(name, old, tables, new)], frame])
        frame.to_parquet(workplace / f"{name}.parquet", index=False)


def write_record(workplace: Path, out: Path, record: dict[str, Any], digest: str) -> None:
    """Write the record of a store, with one more command in it, and the names of the files that it leaves."""
    commands = read_record(out).get("commands", []) if (out / RECORD).is_file() else []
    tables = {f"{name}.parquet" for name in TABLES}
    files = sorted(path.name for path in workplace.iterdir() if path.name not in tables)
    document = {"model_digest": digest, "commands": [*commands, record | {"files": files}]}
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    (workplace / RECORD).write_text(text + "\n", encoding="utf-8")


def _again(name: str, old: pd.DataFrame, tables: RunTables, new: set[str]) -> pd.Series[bool]:
    """Return a mark for each earlier row that the new table has too: of the same run, in `runs` under the same name."""
    if name != "runs":
        return old["run_id"].isin(new)
    names = set(zip(tables.runs["run_id"], tables.runs["scenario"], strict=True))
    return pd.Series([pair in names for pair in zip(old["run_id"], old["scenario"], strict=True)], index=old.index)
