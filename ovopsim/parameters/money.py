"""Money of other years and currencies, and how an amount is written.

Records keep the value of their own year and currency; the functions here are the only ones that convert.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.checking import Checked, Number, Whole, checked
from ovopsim.parameters.records import Grade
from ovopsim.parameters.yaml_files import read_yaml

BASE_YEAR = 2016


class Series(Checked):
    """One number for each year.

    Attributes
    ----------
    about, unit, grade, source, source_url, note : str
    values : dict of int to float
        By year.
    assumed : tuple of int
        Years whose value is an approximation, not a figure of the source.
    """

    about: str
    unit: str
    grade: Grade
    source: str
    source_url: str
    note: str
    values: dict[Whole, Number] = Field(min_length=1)
    assumed: tuple[int, ...] = ()

    def at(self, year: int) -> float:
        """Return the value of a year.

        Raises
        ------
        InputError
            When the series does not reach that year.
        """
        if year not in self.values:
            raise InputError(
                f"year {year}: the series '{self.about}' runs from {min(self.values)} to {max(self.values)}."
            )
        return self.values[year]


@cache
def _series(name: str) -> Series:
    path = files("ovopsim.parameters") / "data" / f"{name}.yaml"
    return checked(Series, read_yaml(path), path.name)


def price_index() -> Series:
    """Return consumer prices by year."""
    return _series("price_index")


def exchange_rate() -> Series:
    """Return rupiah for one dollar by year."""
    return _series("exchange_rate")


def deflate(value_idr: float, year: int, base: int = BASE_YEAR) -> float:
    """Return what rupiah of one year are in rupiah of the base year.

    Raises
    ------
    InputError
        When the price index does not reach one of the years.

    Examples
    --------
    >>> round(deflate(1_000_000, 2010))
    1369675
    """
    prices = price_index()
    return value_idr * prices.at(base) / prices.at(year)


def usd_to_idr(value: float, year: int) -> float:
    """Return what dollars of a year were in rupiah of that year.

    Raises
    ------
    InputError
        When the exchange rate does not reach that year.

    Examples
    --------
    >>> usd_to_idr(100, 2016)
    1330833.0
    """
    return value * exchange_rate().at(year)


def price_levels(start: str, months: int) -> NDArray[np.float64]:
    """Return consumer prices over those of 2016 for each month from a start.

    Every month has its year's mean. Before the first and after the last year of the index, the level stays: nobody
    knows, and limits set in rupiah are reset as prices rise.

    Parameters
    ----------
    start : str
        ``"YYYY-MM"``.
    months : int

    Returns
    -------
    array (months,)

    Examples
    --------
    >>> price_levels("2016-12", 2).round(4).tolist()
    [1.0, 1.0381]
    """
    prices = price_index()
    first, last = min(prices.values), max(prices.values)
    year, month = (int(part) for part in start.split("-"))
    years = (year + (month - 1 + step) // 12 for step in range(months))
    return np.array([prices.at(min(max(each, first), last)) for each in years]) / prices.at(BASE_YEAR)


SCALES = (
    (1.0, {"en": "", "id": ""}),
    (1e3, {"en": "thousand", "id": "ribu"}),
    (1e6, {"en": "million", "id": "juta"}),
    (1e9, {"en": "billion", "id": "miliar"}),
    (1e12, {"en": "trillion", "id": "triliun"}),
)
DECIMAL_SIGN = {"en": ".", "id": ","}


def format_idr(value: float, language: str = "en") -> str:
    """Return an amount as people read it: one decimal below a hundred, none from there on.

    Parameters
    ----------
    value : float
        Rupiah.
    language : str
        ``en`` or ``id``.

    Raises
    ------
    InputError
        On another language.
    ValueError
        When the amount is not finite: the caller knows what its absence means.

    Examples
    --------
    >>> format_idr(1_234_567_890, "id")
    'Rp 1,2 miliar'
    >>> format_idr(-850_000_000)
    '-Rp 850 million'
    """
    if language not in DECIMAL_SIGN:
        raise InputError(f"language '{language}' is none of en, id{did_you_mean(language, DECIMAL_SIGN)}")
    if not np.isfinite(value):
        raise ValueError(f"{value} is no amount of money")
    scale, names = _scale_of(value)
    number = _rounded(abs(value) / scale)
    digits = f"{number:.0f}" if names["en"] == "" else f"{number:.1f}".removesuffix(".0")
    sign = "-" if value < 0.0 and digits != "0" else ""
    return f"{sign}Rp {digits.replace('.', DECIMAL_SIGN[language])} {names[language]}".rstrip()


def _rounded(number: float) -> float:
    return round(number, 1) if round(number, 1) < 100.0 else float(round(number))


def _scale_of(value: float) -> tuple[float, dict[str, str]]:
    # rounding decides the word: 999,960 is 1 million, not 1000 thousand
    return next(
        (scale, names) for scale, names in SCALES if _rounded(abs(value) / scale) < 1000.0 or scale == SCALES[-1][0]
    )


def common_unit(values: Iterable[float], language: str = "en") -> tuple[float, str]:
    """Return one unit for all amounts of a column or an axis: what to divide by, and its name.

    Parameters
    ----------
    values : iterable of float
        Rupiah; what is not finite does not count.
    language : str
        ``en`` or ``id``.

    Raises
    ------
    InputError
        On another language.

    Examples
    --------
    >>> common_unit([850_000_000, 4_600_000_000], "id")
    (1000000000.0, 'Rp miliar')
    """
    if language not in DECIMAL_SIGN:
        raise InputError(f"language '{language}' is none of en, id{did_you_mean(language, DECIMAL_SIGN)}")
    largest = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
    scale, names = _scale_of(largest)
    return scale, f"Rp {names[language]}".rstrip()
