"""The analyst's survey: a file of firms, checked cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError, did_you_mean
from ovopsim.fields import CHANNELS
from ovopsim.parameters.money import deflate, price_index
from ovopsim.policy.canonical import file_digest
from ovopsim.population.columns import read_cell, survey_columns
from ovopsim.population.tables import Table, read_table

Array = NDArray[np.float64]
SHOWN: Final = 10
SELLS: Final = tuple(f"sells_{channel}" for channel in CHANNELS)


@dataclass(frozen=True)
class Survey:
    """Firms of a file.

    Attributes
    ----------
    names : tuple of str
        For messages: line of the file, and what the firm is called.
    columns : dict of str to array (firms,)
        Every column that can be imputed or is required, by name; NaN where the file does not say. Amounts are in rupiah
        of 2016; flags are 0 or 1, choices places in their list.
    """

    names: tuple[str, ...]
    columns: dict[str, Array]

    @property
    def count(self) -> int:
        """Number of firms."""
        return len(self.names)

    def taken(self, places: Sequence[int]) -> Survey:
        """Return the survey of chosen firms, in that order; a firm may come more than once."""
        rows = np.asarray(places, dtype=int)
        return Survey(
            tuple(self.names[row] for row in rows),
            {name: values[rows] for name, values in self.columns.items()},
        )


def read_survey(path: str | Path) -> Survey:
    """Return the firms of a CSV or Parquet file.

    Raises
    ------
    InputError
        With all that is wrong, up to ten findings: file, line (1 = the header), column, value, and what
        would be right.
    """
    return _read(str(path), file_digest(path))


@lru_cache(maxsize=8)
def _read(path: str, digest: str) -> Survey:  # noqa: ARG001 - the digest tells one content of a file from the next
    table = read_table(path)
    problems = _column_problems(table)
    if problems:
        raise InputError(f"{path}: {' '.join(problems)}")
    if not table.rows:
        raise InputError(f"{path}: there is no firm below the header.")
    columns, problems = _cells(table)
    problems += _firm_problems(table, columns)
    if problems:
        more = f" And {len(problems) - SHOWN} more." if len(problems) > SHOWN else ""
        raise InputError(f"{path}: {' '.join(problems[:SHOWN])}{more}")
    return Survey(_names(table), columns)


def _column_problems(table: Table) -> list[str]:
    valid = survey_columns()
    odd = [name for name in table.columns if name not in valid]
    problems = [
        f"'{name}' is no column{near if (near := did_you_mean(name, valid)) != '.' else ': remove it.'}"
        if name
        else "a column has no name."
        for name in odd
    ]
    if odd:
        problems.append(f"The columns are {', '.join(valid)}.")
    twice = {name for name in table.columns if table.columns.count(name) > 1}
    problems += [f"column '{name}' is there twice." for name in sorted(twice)]
    problems += [
        f"column '{name}' is missing: {column.about}"
        for name, column in valid.items()
        if column.missing == "required" and name not in table.columns
    ]
    return problems


def _cells(table: Table) -> tuple[dict[str, Array], list[str]]:
    """Return every column as numbers, amounts in rupiah of 2016, and what is wrong with its cells."""
    problems: list[str] = []
    columns: dict[str, Array] = {}
    for name, column in survey_columns().items():
        if column.kind == "text":
            continue
        values = np.full(len(table.rows), np.nan)
        if name in table.columns:
            place = table.columns.index(name)
            for firm, (number, cells) in enumerate(table.rows):
                try:
                    values[firm] = read_cell(column, cells[place], table.decimal_comma)
                except ValueError as error:
                    problems.append(f"line {number}, {name}: {error}")
                else:
                    if column.missing == "required" and np.isnan(values[firm]):
                        problems.append(f"line {number}, {name}: is empty. {column.about}")
        if column.default is not None:
            values[np.isnan(values)] = column.default
        columns[name] = values
    return _in_rupiah_of_2016(columns), problems


def _in_rupiah_of_2016(columns: dict[str, Array]) -> dict[str, Array]:
    known = price_index().values
    years = columns["price_year"]
    factor = np.array([deflate(1.0, int(year)) if year in known else np.nan for year in years])
    return {name: values * factor if name.endswith("_idr") else values for name, values in columns.items()}


def _firm_problems(table: Table, columns: dict[str, Array]) -> list[str]:
    """Return what is wrong between the cells of a firm."""
    known = price_index().values
    problems = []
    for firm, (number, _) in enumerate(table.rows):
        year = columns["price_year"][firm]
        if year not in known:
            problems.append(
                f"line {number}, price_year: is {year:g}; it must lie in {min(known)} to {max(known)}, the years whose "
                "prices are known."
            )
        if all(columns[name][firm] == 0.0 for name in SELLS):
            problems.append(f"line {number}: the firm sells in no channel; one of {', '.join(SELLS)} must be yes.")
    return problems


def _names(table: Table) -> tuple[str, ...]:
    place = table.columns.index("name") if "name" in table.columns else None
    called = ["" if place is None else str(cells[place] or "").strip() for _, cells in table.rows]
    return tuple(
        f"line {number} ({name})" if name else f"line {number}"
        for (number, _), name in zip(table.rows, called, strict=True)
    )
