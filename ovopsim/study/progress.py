"""A progress bar on standard error, for those who wait at a terminal or in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    """Steps in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate as text; dots until it is known."""
        return Text("…/s" if task.speed is None else f"{task.speed:.1f}/s")


@contextmanager
def progress_bar(total: int, shown: bool, words: tuple[str, str] = ("", "")) -> Iterator[Callable[[], None]]:
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
    if not shown or not (console.is_terminal or console.is_jupyter):
        yield lambda: None
        return
    steps, left = words
    columns = (BarColumn(), MofNCompleteColumn(), steps, _Rate(), TimeRemainingColumn(compact=True), left)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
