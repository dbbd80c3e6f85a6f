"""The calendar of a run: seasons, shocks and prices of each month, as the arrays that the month reads.

Lebaran (1 Shawwal) moves through the year by about eleven days; its date is computed from the tabular Islamic
calendar, which is within a day or two of the official date.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import N_CHANNELS
from ovopsim.rules.environment import Calendar

Array = NDArray[np.float64]
ISLAMIC_EPOCH = dt.date(622, 7, 19).toordinal() - 1  # civil (tabular) calendar, proleptic Gregorian


@lru_cache(maxsize=10_000)
def lebaran_dates(year: int) -> tuple[dt.date, ...]:
    """Return the date or dates of 1 Shawwal that fall in a Gregorian year.

    Examples
    --------
    >>> lebaran_dates(2019)
    (datetime.date(2019, 6, 5),)
    """
    found = []
    guess = int((year - 622) * 33 / 32)
    for islamic_year in range(guess - 1, guess + 3):
        # nine months before Shawwal: five of 30 days and four of 29, as the tabular calendar alternates
        days_before = 266
        ordinal = days_before + (islamic_year - 1) * 354 + (3 + 11 * islamic_year) // 30 + ISLAMIC_EPOCH + 1
        date = dt.date.fromordinal(ordinal)
        if date.year == year:
            found.append(date)
    return tuple(found)


def month_index(start: str) -> int:
    """Return the number of months since year 0 of a ``"YYYY-MM"`` text."""
    year, month = start.split("-")
    return int(year) * 12 + int(month) - 1


def _month_span(index: int) -> tuple[dt.date, dt.date]:
    first = dt.date(index // 12, index % 12 + 1, 1)
    after = dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first, after


@lru_cache(maxsize=100_000)
def lebaran_weight(index: int, days_before: float, days_after: float) -> float:
    """Return the share of a month's days that lie in the Lebaran season.

    Parameters
    ----------
    index : int
        Months since year 0.
    days_before, days_after : float
        Length of the season before and after the feast, in days.
    """
    first, after = _month_span(index)
    days = 0.0
    for year in (first.year - 1, first.year, first.year + 1):
        for feast in lebaran_dates(year):
            begin = feast.toordinal() - days_before
            end = feast.toordinal() + days_after
            days += max(0.0, min(end, after.toordinal()) - max(begin, first.toordinal()))
    return days / (after.toordinal() - first.toordinal())


def seasons(values: dict[str, Any], first_index: int, months: int) -> Array:
    """Return season factors (months, 4), one on average over the years."""
    lebaran = np.asarray(values["environment.lebaran_uplift"])
    december = np.asarray(values["environment.year_end_uplift"])
    before, after = float(values["environment.lebaran_days_before"]), float(values["environment.lebaran_days_after"])
    # a season of so many days comes every 354.37 days; December comes every twelfth month
    mean = 1.0 + lebaran * (before + after) / 354.367 + december / 12.0
    weights = np.array([lebaran_weight(first_index + row, before, after) for row in range(months)])
    is_december = (first_index + np.arange(months)) % 12 == 11
    factors: Array = (1.0 + weights[:, None] * lebaran + is_december[:, None] * december) / mean
    return factors


def mean_ahead(factors: Array, cover: float, months: int) -> Array:
    """Return the season factor averaged over this month and the following, `cover` months in all (months, 4)."""
    total = np.zeros((months, N_CHANNELS))
    left, step = cover, 0
    while left > 0.0:
        weight = min(1.0, left)
        total += weight * factors[step : step + months]
        left -= weight
        step += 1
    return total / cover


def build_calendar(
    values: dict[str, Any], start: str, before: int, months: int, price_level: Array, shocks: dict[str, Array]
) -> Calendar:
    """Return the calendar of `before` burn-in months and `months` months from `start`.

    Parameters
    ----------
    values : dict
        Parameter values by ``submodel.field``.
    start : str
        ``"YYYY-MM"`` of month 0.
    before, months : int
        Months before and from month 0.
    price_level : array (months,)
        Consumer prices over those of 2016, from month 0; burn-in takes 1.
    shocks : dict
        ``spending`` (months, 4), ``outside_price`` and ``material_price`` (months,), from month 0.
    """
    first = month_index(start) - before
    cover = float(values["planning.cover"])
    reach = before + months + int(np.ceil(cover))
    factors = seasons(values, first, reach)
    total = before + months
    index = first + np.arange(total)
    quiet = np.ones(before)
    return Calendar(
        np.ascontiguousarray(factors[:total]),
        mean_ahead(factors, cover, total),
        np.concatenate([np.ones((before, N_CHANNELS)), shocks["spending"]]),
        np.concatenate([quiet, shocks["outside_price"]]),
        np.concatenate([quiet, shocks["material_price"]]),
        np.concatenate([quiet, price_level]),
        (index % 12).astype(float),
        (index // 12).astype(float),
    )
