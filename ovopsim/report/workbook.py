"""Tables as an Excel workbook that can be read as it opens: widths that fit, a header that stays, formats, filters."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ovopsim.parameters import all_records

MONEY: Final = "#,##0"
DECIMALS: Final = "#,##0.00"
SHARE: Final = "0.00%"
PLAIN: Final = ""  # as Excel shows it
OF_OUTCOME: Final = ("mean", "low", "high", "standard_error")  # their unit is that of the row's outcome
FILTER_SIGN: Final = 3  # characters that the arrow of a filter takes
WIDEST: Final = 45
WIDEST_HASH: Final = 16  # nobody reads a hash
TEXT: Final = 100  # width of what is explained


def write_workbook(
    path: Path, tables: Mapping[str, pd.DataFrame], about: Mapping[str, str], about_name: str, settings: Collection[str]
) -> None:
    """Write a sheet for each table, with a header that stays and a filter, and a last one that explains.

    Rupiah have thousands separators, shares are per cent, other means have two decimals; what was set stands as it was
    set. Cells keep their full numbers. ``clear`` is TRUE or FALSE. Hashes come last.

    Parameters
    ----------
    path : Path
    tables : mapping of str to DataFrame
        By the name of their sheet.
    about : mapping of str to str
        What is explained, and how.
    about_name : str
        Of the sheet that explains.
    settings : collection of str
        Columns that a design varied.
    """
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
    from openpyxl.styles import Alignment  # type: ignore[import-untyped]

    book = Workbook(write_only=True)  # each row is written at once, so that a large store needs little memory
    for name, table in tables.items():
        _write_table(book.create_sheet(name), table, settings)
    sheet = book.create_sheet(about_name)
    sheet.column_dimensions["A"].width = max(len(key) for key in about) + 2
    sheet.column_dimensions["B"].width = TEXT
    for row in about.items():
        cells = [WriteOnlyCell(sheet, text) for text in row]
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.append(cells)
    book.save(path)


def _write_table(sheet: Any, table: pd.DataFrame, settings: Collection[str]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    names = sorted(table.columns, key=_is_hash)  # stable: all else keeps its order
    columns = [_values(table[name]) for name in names]
    formats = [_formats(name, table, settings) for name in names]
    # what a writer of rows wants to know comes before the first row
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(table) + 1}"
    for place, (name, values, shown) in enumerate(zip(names, columns, formats, strict=True), 1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(name, values, shown)
    header = [WriteOnlyCell(sheet, name) for name in names]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    # a cell for each column and format serves all rows: styles are what takes time
    cells = [{each: WriteOnlyCell(sheet) for each in set(shown) if each} for shown in formats]
    for styled in cells:
        for each, cell in styled.items():
            cell.number_format = each
    for row, row_formats in zip(zip(*columns, strict=True), zip(*formats, strict=True), strict=True):
        line = list(row)
        for place, each in enumerate(row_formats):
            if each and row[place] is not None:
                line[place] = cells[place][each]
                line[place].value = row[place]
        sheet.append(line)


def _is_hash(name: str) -> bool:
    return name == "run_id" or name.endswith("_digest")


def _values(column: pd.Series) -> list[Any]:
    """Return what a workbook can hold: nothing for what is not known, a text for what has no end or is a list."""
    if column.name == "clear":
        return [bool(value) for value in column]
    return [_value(value) for value in column.tolist()]


def _value(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else str(value) if math.isinf(value) else value
    if isinstance(value, str | int) or value is None:
        return value
    return None if value is pd.NA or value is pd.NaT else str(value)


def _formats(name: str, table: pd.DataFrame, settings: Collection[str]) -> list[str]:
    """Return the number format of each row's cell."""
    if name in OF_OUTCOME and "outcome" in table:
        kinds = {outcome: MONEY if str(outcome).endswith("_idr") else DECIMALS for outcome in table["outcome"].unique()}
        return [kinds[outcome] for outcome in table["outcome"]]
    return [_format(name, table[name], settings)] * len(table)


def _format(name: str, column: pd.Series, settings: Collection[str]) -> str:
    record = all_records().get(name)
    if name.endswith(("_idr", ".budget", ".unit_cost")) or (record is not None and record.unit.startswith("IDR")):
        return MONEY
    if name in settings or not pd.api.types.is_float_dtype(column):
        return PLAIN
    return SHARE if name.startswith("relative") or "share" in name else DECIMALS


def _width(name: str, values: list[Any], formats: list[str]) -> int:
    """Return the width that shows a column's header, its filter's arrow and its cells."""
    longest = 0
    for each in set(formats):
        mine = [value for value, shown in zip(values, formats, strict=True) if shown == each and value is not None]
        if each:
            ends = [value for value in mine if isinstance(value, int | float)]
            texts = [_shown(end, each) for end in (min(ends), max(ends))] if ends else []
        else:
            texts = [f"{value:.10g}" if isinstance(value, float) else str(value) for value in set(mine)]
        longest = max([longest, *map(len, texts)])
    whole = max(len(name) + FILTER_SIGN, longest + 2)
    return min(whole, WIDEST_HASH if _is_hash(name) else WIDEST)


def _shown(value: float, form: str) -> str:
    return f"{100 * value:.2f}%" if form == SHARE else f"{value:,.{0 if form == MONEY else 2}f}"
