"""Months as a scenario file may write them: a number (0 = the scenario's first) or a month such as 2020-03."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, WithJsonSchema

from ovopsim.parameters.checking import Whole

MONTH_PATTERN: Final = r"[12]\d{3}-(0[1-9]|1[0-2])"
_FORMS: Final = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": f"^{MONTH_PATTERN}$"}]}

MonthNumber = Annotated[Whole, Field(ge=0), WithJsonSchema(_FORMS)]


def is_month(given: Any) -> bool:
    """Whether something is written as a month of the calendar.

    Examples
    --------
    >>> is_month("2020-03"), is_month("2020-13")
    (True, False)
    """
    return re.fullmatch(MONTH_PATTERN, str(given)) is not None


def _since_year_zero(month: str) -> int:
    year, number = str(month).split("-")
    return 12 * int(year) + int(number) - 1


def month_number(month: str, start: str) -> int:
    """Return the number of a calendar month in a scenario that begins in `start`.

    Raises
    ------
    ValueError
        When the month lies before the start.

    Examples
    --------
    >>> month_number("2020-03", start="2016-01")
    50
    """
    number = _since_year_zero(month) - _since_year_zero(start)
    if number < 0:
        raise ValueError(f"{month} lies before the scenario's first month, {start}.")
    return number


def numbered(given: Any, key: str, start: str) -> Any:
    """Return a record of a file, or a list of them, with the calendar months of one key as numbers."""
    if isinstance(given, list | tuple):
        return [numbered(each, key, start) for each in given]
    if isinstance(given, Mapping) and is_month(given.get(key)):
        return {**given, key: month_number(given[key], start)}
    return given


def span_of(start: str, months: int) -> str:
    """Return in words which months a scenario has.

    Examples
    --------
    >>> span_of("2016-01", 60)
    "the scenario's months are 0 to 59 (2016-01 to 2020-12)"
    """
    year, month = divmod(_since_year_zero(start) + months - 1, 12)
    return f"the scenario's months are 0 to {months - 1} ({start} to {year}-{month + 1:02})"
