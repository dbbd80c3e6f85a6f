"""What those see who wait: whether the model compiles first, and a progress bar on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Protocol

from numba.core import config
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

from ovopsim.compiling import CACHE_FOLDER
from ovopsim.labels import label


class Tick(Protocol):
    """Says that some steps are done; one when nothing is said."""

    def __call__(self, steps: int = 1) -> None:
        """Move on."""


def will_compile() -> bool:
    """Whether the model has to be compiled first, because nothing of it is in the cache."""
    return not getattr(config, "DISABLE_JIT", False) and not any(CACHE_FOLDER.rglob("*.nbi"))


def somebody_sees(console: Console) -> bool:
    """Whether standard error is a terminal, or a notebook shows it."""
    return sys.stderr.isatty() or console.is_jupyter


def _nothing(steps: int = 1) -> None:
    """Move nothing on."""
    del steps


class _Rate(ProgressColumn):
    """Steps in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate as text; dots until it is known."""
        return Text("…/s" if task.speed is None else f"{task.speed:.1f}/s")


@contextmanager
def progress_bar(total: int, shown: bool, words: tuple[str, str] = ("", "")) -> Iterator[Tick]:
    """Give a function that is to be called after each step; nothing is shown when nobody is there to see it.

    Parameters
    ----------
    total : int
        Steps.
    shown : bool
        False = silent.
    words : pair of str
        What steps are called, and what follows the time left.
    """
    console = Console(stderr=True)
    if not shown or not somebody_sees(console):
        yield _nothing
        return
    name, left = words
    columns = (BarColumn(), MofNCompleteColumn(), name, _Rate(), TimeRemainingColumn(compact=True), left)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda steps=1: bar.advance(task, steps)


@cache
def say_that_it_compiles(language: str) -> None:
    """Say on standard error that the model compiles first, if it does; once in a session, in which it compiles once."""
    if will_compile():
        sys.stderr.write(label("text.compiling", language) + "\n")
        sys.stderr.flush()


@contextmanager
def watched(total: int, silent: bool, language: str) -> Iterator[Tick]:
    """Say that the first run compiles, and show how far the work is; give the function to call after each step.

    Parameters
    ----------
    silent : bool
        Whether nothing is said, as for a reader that is a program.
    """
    if not silent:
        say_that_it_compiles(language)
    words = (label("text.worlds", language), label("text.time_left", language))
    with progress_bar(total, not silent, words) as tick:
        yield tick
