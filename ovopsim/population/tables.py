"""A table from a file: CSV as spreadsheets write it, or Parquet."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ovopsim.errors import InputError
from ovopsim.parameters.yaml_files import text_of

SEPARATORS: Final = (";", "\t", ",")
FIRST: Final = 2  # line of the first firm, below the header


@dataclass(frozen=True)
class Table:
    """Cells of a file, not yet checked.

    Attributes
    ----------
    columns : tuple of str
        Names as in the file, without blanks around them, in lower case.
    rows : tuple of (int, tuple)
        Line as a spreadsheet counts it (1 = the header) and its cells, one for each column.
    decimal_comma : bool
        Whether numbers may have a decimal comma.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    decimal_comma: bool


def read_table(path: str | Path) -> Table:
    """Return the table of a CSV (comma, semicolon or tab) or Parquet file.

    Raises
    ------
    InputError
        When the file cannot be read or a row does not fit the header.
    """
    file = Path(path)
    kind = file.suffix.lower()
    if kind == ".parquet":
        return _read_parquet(file)
    if kind in {".csv", ".tsv", ".txt"}:
        return _read_csv(file)
    raise InputError(
        f"{path}: a survey is a .csv or .parquet file, not '{file.suffix}'. Save the sheet as CSV (UTF-8)."
    )


def _read_parquet(path: Path) -> Table:
    try:
        with path.open("rb") as file:
            content = pq.read_table(file)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read as Parquet ({error}).") from None
    names = tuple(str(name).strip().lower() for name in content.column_names)
    cells = zip(*(column.to_pylist() for column in content.columns), strict=True)
    return Table(names, tuple(enumerate(cells, start=FIRST)), decimal_comma=False)


def _read_csv(path: Path) -> Table:
    text = text_of(path)
    header = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=header.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}: is no CSV file ({error}).") from None
    above = 0
    while lines and not any(cell.strip() for cell in lines[0]):
        lines.pop(0)
        above += 1
    if not lines:
        raise InputError(f"{path}: is empty. The first line must name the columns.")
    columns = _without_empty_end([cell.strip().lower() for cell in lines[0]])
    rows = []
    for number, cells in enumerate(lines[1:], start=FIRST + above):
        if any(cell.strip() for cell in cells):
            rows.append((number, _fitted(path, number, cells, len(columns), separator)))
    return Table(tuple(columns), tuple(rows), decimal_comma=separator != ",")


def _without_empty_end(cells: list[str]) -> list[str]:
    """Return cells without the empty ones that spreadsheets leave at the end of a line."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _fitted(path: Path, number: int, cells: list[str], width: int, separator: str) -> tuple[str, ...]:
    kept = _without_empty_end(cells)
    if len(kept) > width:
        remedy = (
            "Put texts with a comma between quotes, and write numbers with a decimal point."
            if separator == ","
            else f"Put texts with a '{separator}' between quotes."
        )
        raise InputError(f"{path}: line {number} has {len(kept)} cells and the header {width}. {remedy}")
    return (*kept, *[""] * (width - len(kept)))
