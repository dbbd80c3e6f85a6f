"""Files moved into a results folder, all or none.

What they replace is copied first, with a note of what is new. While that note stands the move is not finished: whoever
finds it, this command after a failure or the next one after a crash, puts everything back.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ovopsim.study.lock import locked

WORKPLACE = ".writing-"
EARLIER = "earlier"
UNFINISHED = "unfinished.json"


@contextmanager
def replacing(out: Path, last: str) -> Iterator[Path]:
    """Give a folder to write in, and at the end move its files to `out`, all or none; nobody else can do so meanwhile.

    What a command that was killed left behind is undone first.

    Parameters
    ----------
    out : Path
        A folder that exists.
    last : str
        File that is moved after the others.

    Raises
    ------
    InputError
        When another command writes there.
    OSError
        When something cannot be written; `out` is as it was.
    """
    with locked(out):
        recover(out)
        workplace = Path(tempfile.mkdtemp(prefix=WORKPLACE, dir=out))
        try:
            yield workplace
            move_all(workplace, out, last)
        finally:
            if not is_unfinished(workplace):  # what could not be put back stays for the next command
                shutil.rmtree(workplace, ignore_errors=True)


def recover(out: Path) -> None:
    """Undo what a command that was killed left in a folder; whoever calls has its lock."""
    for left in out.glob(f"{WORKPLACE}*"):
        if is_unfinished(left):
            put_back(left, out)
        shutil.rmtree(left)


def move_all(workplace: Path, out: Path, last: str) -> None:
    """Move all files of a folder into another, the one called `last` after the others.

    Raises
    ------
    OSError
        When one cannot be moved; `out` is as it was.
    """
    files = sorted(
        (path.relative_to(workplace) for path in workplace.rglob("*") if path.is_file()),
        key=lambda path: (path.name == last, path),
    )
    _remember(workplace, out, files)
    try:
        for path in files:
            (out / path).parent.mkdir(exist_ok=True)
            (workplace / path).replace(out / path)
    except BaseException:
        put_back(workplace, out)
        raise
    (workplace / UNFINISHED).unlink()


def is_unfinished(workplace: Path) -> bool:
    """Whether a move began and was neither finished nor undone."""
    return (workplace / UNFINISHED).is_file()


def put_back(workplace: Path, out: Path) -> None:
    """Undo a move that was not finished: what was replaced returns, what is new goes."""
    new = [Path(name) for name in json.loads((workplace / UNFINISHED).read_text(encoding="utf-8"))]
    for path in new:
        if not (workplace / path).exists():  # else never moved; another program may hold what stands there
            (out / path).unlink(missing_ok=True)
    earlier = workplace / EARLIER
    for copy in [path for path in earlier.rglob("*") if path.is_file()]:
        path = copy.relative_to(earlier)
        if not (workplace / path).exists():
            copy.replace(out / path)
    for folder in {path.parent for path in new} - {Path()}:
        with suppress(OSError):  # not there, or not empty
            (out / folder).rmdir()
    (workplace / UNFINISHED).unlink()


def _remember(workplace: Path, out: Path, files: list[Path]) -> None:
    known = [path for path in files if (out / path).exists()]
    for path in known:
        copy = workplace / EARLIER / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(out / path, copy)
    draft = workplace / f"{UNFINISHED}.part"
    new = sorted(path.as_posix() for path in set(files) - set(known))
    draft.write_text(json.dumps(new), encoding="utf-8")
    draft.replace(workplace / UNFINISHED)  # whole or not at all: from here on the move has begun
