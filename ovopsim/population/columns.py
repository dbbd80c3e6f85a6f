"""What a survey file may hold: one record for each column, and how its cells are read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from ovopsim.errors import did_you_mean
from ovopsim.parameters.checking import Checked, Number, checked
from ovopsim.parameters.yaml_files import read_yaml

YES: Final = frozenset({"1", "1.0", "yes", "y", "true", "ya"})
NO: Final = frozenset({"0", "0.0", "no", "n", "false", "tidak"})
EMPTY: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "."})
NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
# 1.250 in a file with decimal commas is 1250 to some and 1¼ to others; 0.250 is clear
THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")


class Column(Checked):
    """What is known of one column of a survey file.

    Attributes
    ----------
    kind : str
        ``text``, ``choice``, ``flag`` (yes or no) or ``number``.
    about : str
        One sentence.
    unit : str or None
        Of numbers.
    range : tuple of float or None
        Hard bounds of numbers, inclusive.
    choices : tuple of str
        What a ``choice`` may be; its code is the place in this list.
    missing : str
        ``required``: an error; ``imputed``: drawn and reported; ``default``: the value of `default`; ``ignored``.
    default : float or None
    """

    kind: Literal["text", "choice", "flag", "number"]
    about: Annotated[str, Field(min_length=1)]
    unit: str | None = None
    range: tuple[Number, Number] | None = None
    choices: tuple[str, ...] = ()
    missing: Literal["required", "imputed", "default", "ignored"]
    default: Number | None = None


@cache
def survey_columns() -> Mapping[str, Column]:
    """Return every column that a survey file may hold, by name.

    Examples
    --------
    >>> [name for name, column in survey_columns().items() if column.missing == "required"]
    ['sentra', 'yearly_sales_idr']
    """
    path = files("ovopsim.population") / "data" / "survey_columns.yaml"
    return MappingProxyType(
        {name: checked(Column, content, f"{path.name}: {name}") for name, content in read_yaml(path).items()}
    )


def read_cell(column: Column, cell: Any, decimal_comma: bool) -> float:
    """Return a cell as a number: a flag is 0 or 1, a choice its place in the list, an empty cell NaN.

    Parameters
    ----------
    cell : str, number, bool or None
    decimal_comma : bool
        Whether numbers may be written as ``0,5``.

    Raises
    ------
    ValueError
        With what is wrong and what would be right, to be put behind row and column.
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return math.nan
    text = str(cell).strip()
    if text.lower() in EMPTY:
        return math.nan
    if column.kind == "flag":
        return _flag(text)
    if column.kind == "choice":
        return _choice(column, text)
    return _number(column, text, decimal_comma)


def _flag(text: str) -> float:
    if text.lower() in YES:
        return 1.0
    if text.lower() in NO:
        return 0.0
    raise ValueError(f"is '{text}'; it must be yes or no.")


def _choice(column: Column, text: str) -> float:
    if text.lower() in column.choices:
        return float(column.choices.index(text.lower()))
    valid = f"{', '.join(column.choices[:-1])} or {column.choices[-1]}"
    raise ValueError(f"is '{text}'; it must be {valid}{did_you_mean(text, column.choices)}")


def _number(column: Column, text: str, decimal_comma: bool) -> float:
    if decimal_comma and THOUSANDS.fullmatch(text):
        raise ValueError(f"is '{text}', which can be read in two ways; write it without a point between thousands.")
    if decimal_comma and DECIMAL_COMMA.fullmatch(text):
        value = float(text.replace(",", "."))
    elif NUMBER.fullmatch(text):
        value = float(text)
    else:
        raise ValueError(f"is '{text}', not a number; write only digits, such as 12500000 or 0.5.")
    low, high = column.range or (-math.inf, math.inf)
    if not low <= value <= high:
        raise ValueError(f"is {text}; it must lie in {low:.15g} to {high:.15g} ({column.unit}).")
    return value
