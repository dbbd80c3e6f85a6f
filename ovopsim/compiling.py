"""The one decorator of the core, and where its compiled code is kept.

Numba keeps a cached caller even when a function that it calls in *another* file has changed, and then computes
with the old code. The cache of this package therefore lives in a folder named after a hash of the core's sources,
Python, Numba and the processor: edit one line of a rule and everything compiles afresh.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import tempfile
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import config
from numba.extending import register_jitable
from platformdirs import user_cache_path

Function = TypeVar("Function", bound=Callable[..., Any])

CORE_MODULES = (
    "compiling",
    "elementary",
    "ordering",
    "draws",
    "forms",
    "fields",
    "state",
    "ledger",
    "rules",
    "outcomes",
    "packing",
    "holding",
    "month",
    "running",
)


def core_sources() -> list[Path]:
    """Return the source files of the core, in a fixed order."""
    here = Path(__file__).parent
    found = [here / f"{name}.py" for name in CORE_MODULES if (here / f"{name}.py").exists()]
    for name in CORE_MODULES:
        found.extend(sorted((here / name).rglob("*.py")))
    return found


def digest_of_files(paths: list[Path]) -> str:
    """Return the SHA-256 of files' names and contents (line ends normalised), as hexadecimal text."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.parent.name}/{path.name}".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _cache_folder() -> Path:
    processor = getattr(config, "CPU_NAME", None) or platform.processor() or platform.machine()
    key = "|".join((digest_of_files(core_sources()), sys.version, numba.__version__, processor, platform.node()))
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    folder = user_cache_path("ovopsim") / "compiled" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:  # a read-only home: compile once between restarts of the machine instead of never caching
        return _temporary_cache(name)


def _temporary_cache(name: str) -> Path:
    """Return a folder for compiled code that nobody else can write: whoever writes it chooses what we run."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    own = Path(tempfile.gettempdir()) / f"ovopsim-{user}"
    try:
        own.mkdir(mode=0o700, exist_ok=True)
        state = own.lstat()
        private = stat.S_ISDIR(state.st_mode) and (
            os.name == "nt" or (state.st_uid == user and not state.st_mode & 0o077)
        )
        if private:
            folder = own / name
            folder.mkdir(exist_ok=True)
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="ovopsim-"))


CACHE_FOLDER = _cache_folder()


# Numba counts the references to every array that is handed to a function; a rule hands the same few arrays to its
# equations for every firm, and counting took more than half of the month (measured: 704 ns for a firm-month, 285
# without). Nothing in the core allocates, so nothing needs to be counted.
WITHOUT_COUNTS: dict[str, Any] = {"_nrt": False}


def compiled(function: Function) -> Function:
    """Compile a rule of the core, as part of the doors that call it: serial, strict about sums.

    `fastmath` and `parallel` stay off: both change the order of sums, and results must not depend on the number
    of threads. Division follows IEEE rules (`error_model="numpy"`), so rules guard divisors themselves. Called from
    Python the function stays plain Python, which is what tests and docs use.
    """
    return register_jitable(error_model="numpy")(function)


def equation(function: Function) -> Function:
    """Compile a step of one firm and merge it into the loop that calls it.

    Without merging, a firm-month spends most of its time on handing over arguments (measured: 1,300 ns, 750 with).
    """
    return register_jitable(error_model="numpy", forceinline=True)(function)


def merged(function: Function) -> Function:
    """Compile a rule, or what the agency or an entrant does, and merge it into its caller.

    For what is given the whole state, some ninety numbers, in every month, or for every offer, delivery or entrant:
    handing it over took a fifth of a firm-month (300 ns, 235 without). The code is compiled once for each place that
    calls, so what is called from many places stays `compiled`.
    """
    return register_jitable(error_model="numpy", forceinline=True)(function)


def door(function: Function) -> Function:
    """Compile a function that is called from Python, and keep its code, with all it calls, between sessions.

    Caching every small function took longer than compiling it; the few doors are enough.
    """
    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(CACHE_FOLDER)
    try:
        return typing.cast(
            Function, numba.njit(cache=True, nogil=True, error_model="numpy", **WITHOUT_COUNTS)(function)
        )
    finally:
        settings.CACHE_DIR = before


# `target[:] = source` compiles what broadcasts and reports shapes that differ, which takes longer than all the rules
# of the market; three plain loops do not.
@compiled
def copy_vector(target: Any, source: Any) -> None:
    """Copy an array into another of the same length."""
    for place in range(source.shape[0]):
        target[place] = source[place]


@compiled
def copy_matrix(target: Any, source: Any) -> None:
    """Copy an array of two dimensions into another of the same shape."""
    for row in range(source.shape[0]):
        for place in range(source.shape[1]):
            target[row, place] = source[row, place]


@compiled
def copy_block(target: Any, source: Any) -> None:
    """Copy an array of three dimensions into another of the same shape."""
    for sheet in range(source.shape[0]):
        copy_matrix(target[sheet], source[sheet])


def compiled_from_source(name: str, source: str, names: dict[str, Any]) -> Callable[..., Any]:
    """Compile a small function from generated source (used to turn rows of a table into a NamedTuple)."""
    space = dict(names)
    exec(compile(source, f"<{name}>", "exec"), space)
    return typing.cast(
        "Callable[..., Any]", numba.njit(nogil=True, error_model="numpy", inline="never", **WITHOUT_COUNTS)(space[name])
    )


def row_reader(table: type, start: int, lengths: dict[str, int]) -> Callable[..., Any]:
    """Return a compiled function that reads one rule's parameters from a run's row of numbers.

    Vectors become tuples of numbers: an array inside a NamedTuple would be counted at every call of every equation,
    which costs more than the equation.

    Parameters
    ----------
    table : type
        NamedTuple class whose fields are the rule's parameters.
    start : int
        Place of the first field in the row.
    lengths : dict
        Field -> number of values, for fields that hold a vector; the others are scalars.
    """
    parts = []
    for name in table._fields:  # type: ignore[attr-defined]
        length = lengths.get(name, 0)
        values = ", ".join(f"row[{place}]" for place in range(start, start + max(length, 1)))
        parts.append(f"({values})" if length else values)
        start += length or 1
    source = f"def read(row):\n    return Table({', '.join(parts)})\n"
    return compiled_from_source("read", source, {"Table": table})
