"""One command at a time writes in a results folder: a file says which, and what a dead one left is taken away."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ovopsim.errors import InputError

LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep all others from writing in a folder; the lock of a process on this computer that has ended is removed.

    Nobody waits: a comparison takes minutes, and whoever comes second should know before the work, not after it.

    Raises
    ------
    InputError
        When another command holds the lock; it names that command's process and the remedy.
    OSError
        When the folder cannot be written.
    """
    path = folder / LOCK
    mine = json.dumps(
        {"pid": os.getpid(), "host": platform.node(), "time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    )
    if not _taken(path, mine):
        holder = _text(path)
        if _ended(holder):
            _take_away(path, holder)
        if not _taken(path, mine):
            raise InputError(_busy(folder, path))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _taken(path: Path, text: str) -> bool:
    """Whether the lock could be taken; of several that try, the system lets one make the file."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return False
    with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - of a handle there is no path
        file.write(text)
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _holder(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _ended(text: str) -> bool:
    """Whether a lock is that of a process of this computer that runs no more; of others nobody can tell from here."""
    holder = _holder(text)
    number = holder.get("pid")
    return holder.get("host") == platform.node() and isinstance(number, int) and number > 0 and not is_running(number)


def _take_away(path: Path, judged: str) -> None:
    """Remove a lock that was judged to be left over, unless another command has put its own in its place meanwhile."""
    aside = path.with_name(f"{path.name}-{os.getpid()}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    if _text(aside) == judged:
        aside.unlink()
    else:
        aside.rename(path)


def _busy(folder: Path, path: Path) -> str:
    holder = _holder(_text(path))
    who = f"process {holder.get('pid', '?')} on {holder.get('host', '?')}, since {holder.get('time', '?')}"
    return (
        f"{folder}: another command writes there ({who}). Wait until it ends, or name another folder; "
        f"if it runs no more, delete {path}."
    )


def is_running(number: int) -> bool:
    """Whether a process with this number runs on this computer."""
    if sys.platform == "win32":  # there, a signal of 0 is Ctrl-C
        return _is_running_on_windows(number)
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _is_running_on_windows(number: int) -> bool:
    """Ask Windows: a process that has ended may still be opened, and then it tells its exit code."""
    import ctypes

    system: Any = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    query, still_active, denied = 0x1000, 259, 5
    system.OpenProcess.restype = ctypes.c_void_p
    handle = system.OpenProcess(query, False, number)
    if not handle:
        return bool(system.GetLastError() == denied)
    code = ctypes.c_ulong()
    try:
        found = system.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        return not found or code.value == still_active
    finally:
        system.CloseHandle(ctypes.c_void_p(handle))
