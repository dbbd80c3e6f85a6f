"""Statistics of weighted draws (worth, mean, spread and its error, quantiles, ranks), and means over worlds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ovopsim.fields import Reals


def effective_number(weights: Reals) -> float:
    """Return how many draws of equal weight say as much (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def moments(values: Reals, weights: Reals) -> tuple[Reals, Reals]:
    """Return weighted mean and standard deviation of each column, the latter corrected for few draws.

    Parameters
    ----------
    values : array (draws, columns) or (draws,)
    weights : array (draws,)
        Adding up to anything above 0.
    """
    share = weights / weights.sum()
    mean = share @ values
    variance = share @ (values - mean) ** 2 / _kept(share)
    return mean, np.sqrt(variance)


def spread_error(values: Reals, weights: Reals) -> Reals:
    """Return the standard error of the standard deviation of `moments`, for draws of any distribution.

    From the fourth moment (the delta method), so that it does not take draws to be normal: a uniform distribution's
    standard deviation is known better than a normal one's, that of heavy tails worse.
    """
    share = weights / weights.sum()
    mean, deviation = moments(values, weights)
    of_variance = np.sqrt(share**2 @ ((values - mean) ** 2 - deviation**2) ** 2 / _kept(share))
    found: Reals = of_variance / (2.0 * np.where(deviation > 0.0, deviation, np.inf))
    return found


def _kept(share: Reals) -> float:
    return max(1.0 - float((share**2).sum()), 1e-12)


def quantiles(values: Reals, weights: Reals, wanted: Sequence[float]) -> Reals:
    """Return weighted quantiles of one column."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - 0.5 * weights[order]
    found: Reals = np.interp(np.array(wanted) * weights.sum(), reached, values[order])
    return found


def share_below(values: Reals, weights: Reals, places: Reals) -> Reals:
    """Return which share of the weight lies below a place in each column, half of what lies at it counted.

    Parameters
    ----------
    values : array (draws, columns)
    places : array (columns,)
        NaN gives NaN.
    """
    found = (weights @ (values < places) + 0.5 * (weights @ (values == places))) / weights.sum()
    return np.where(np.isnan(places), np.nan, found)


def mean_over_worlds(found: Sequence[Any]) -> tuple[float, float]:
    """Return the mean of a summary over worlds and its standard error; of pairs, the ratio of means (delta method).

    A mean of ratios would be another number: worlds with a small denominator would count as much as all others.

    Examples
    --------
    >>> mean_over_worlds([[1.0, 1.0], [1.0, 3.0]])[0], mean_over_worlds([1.0, 1.0 / 3.0])[0]
    (0.5, 0.6666666666666666)
    """
    values = np.array(found, dtype=float)
    tops, bases = values.T if values.ndim == 2 else (values, np.ones(len(values)))
    base = float(bases.mean())
    if base == 0.0:
        return float("nan"), float("nan")
    ratio = float(tops.mean()) / base
    if len(values) < 2:
        return ratio, float("nan")
    return ratio, float(((tops - ratio * bases) / base).std(ddof=1) / np.sqrt(len(values)))
