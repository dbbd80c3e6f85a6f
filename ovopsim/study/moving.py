"""Files moved into a results folder, all or none.

What they replace is copied first, with a note of what is new. While that note stands the move is not finished: whoever
finds it, this command after a failure or the next one after a crash, puts everything back.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

EARLIER = "earlier"
UNFINISHED = "unfinished.json"


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
