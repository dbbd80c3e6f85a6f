"""Files moved into a results folder, all or none.

What they replace is copied first, with a note of what is new. While that note stands the move is not finished: whoever
finds it, this command after a failure or the next one after a crash, puts everything back.
"""

from __future__ import annotations

import json
import shutil
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
    files = sorted((path for path in workplace.iterdir() if path.is_file()), key=lambda path: (path.name == last, path))
    _remember(workplace, out, [path.name for path in files])
    try:
        for path in files:
            path.replace(out / path.name)
    except BaseException:
        put_back(workplace, out)
        raise
    (workplace / UNFINISHED).unlink()


def is_unfinished(workplace: Path) -> bool:
    """Whether a move began and was neither finished nor undone."""
    return (workplace / UNFINISHED).is_file()


def put_back(workplace: Path, out: Path) -> None:
    """Undo a move that was not finished: what was replaced returns, what is new goes."""
    waiting = {path.name for path in workplace.iterdir()}  # never moved; another program may hold what stands there
    for name in json.loads((workplace / UNFINISHED).read_text(encoding="utf-8")):
        if name not in waiting:
            (out / name).unlink(missing_ok=True)
    for path in (workplace / EARLIER).iterdir():
        if path.name not in waiting:
            path.replace(out / path.name)
    (workplace / UNFINISHED).unlink()


def _remember(workplace: Path, out: Path, names: list[str]) -> None:
    earlier = workplace / EARLIER
    earlier.mkdir()
    known = [name for name in names if (out / name).exists()]
    for name in known:
        shutil.copy2(out / name, earlier / name)
    draft = workplace / f"{UNFINISHED}.part"
    draft.write_text(json.dumps(sorted(set(names) - set(known))), encoding="utf-8")
    draft.replace(workplace / UNFINISHED)  # whole or not at all: from here on the move has begun
