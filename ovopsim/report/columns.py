"""A table for the terminal that shows as many columns as there is room for, the most asked for first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

GAP = 2  # between columns: one space of padding, one for the line that is not drawn
ROOMY = 100  # width from which names may be long
NARROWEST = 40


def widest_name(width: int) -> int:
    """Return how wide the column of names may be; longer names take a second line."""
    return 26 if width >= ROOMY else 18


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    heading : str
    cells : tuple of str
        One for each row; a line break parts lines.
    need : int
        Columns of least need are shown first when there is not room for all.
    """

    heading: str
    cells: tuple[str, ...]
    need: int = 0

    @property
    def width(self) -> int:
        """Width that shows every cell whole, and no word of the heading broken."""
        lines = [line for cell in self.cells for line in cell.split("\n")]
        return max(cell_len(text) for text in (*lines, *self.heading.split(), ""))


def fitting(names: Column, columns: Sequence[Column], width: int, widest: int) -> list[Column]:
    """Return the columns that fit beside a column of names of at most `widest` characters, in their order."""
    room = width - min(names.width, widest)
    kept = []
    for column in sorted(columns, key=lambda each: each.need):
        room -= column.width + GAP
        if room < 0:
            break
        kept.append(column)
    return [column for column in columns if column in kept]


def table_of(names: Column, columns: Sequence[Column], width: int, widest: int | None = None) -> Table:
    """Return the table of what fits into a width.

    Parameters
    ----------
    widest : int, optional
        Most room for names; None = `widest_name`.
    """
    widest = widest or widest_name(width)
    shown = fitting(names, columns, max(width, NARROWEST), widest)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0), show_edge=False)
    table.add_column(names.heading, max_width=widest, vertical="top")
    for column in shown:
        table.add_column(column.heading, justify="right", min_width=column.width, max_width=column.width)
    for place, name in enumerate(names.cells):
        # as Text, because a user's name may hold square brackets, which would be read as markup
        table.add_row(Text(name), *(Text(column.cells[place]) for column in shown))
    return table
