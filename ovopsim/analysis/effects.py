"""Paired effects with intervals, ratios of cost and gain, and the first month that differs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit

from ovopsim.fields import Reals

CONFIDENCE: Final = 0.95
PRECISION: Final = 0.01


@dataclass(frozen=True)
class Effect:
    """A mean over replications, with its interval; for an effect, of differences between pairs of one world.

    Attributes
    ----------
    mean, low, high : float
        Mean and 95 % t-interval.
    spread : float
        Standard deviation between replications.
    """

    mean: float
    low: float
    high: float
    spread: float

    @property
    def clear(self) -> int:
        """1 when the interval lies above zero, −1 when it lies below, 0 when it includes zero."""
        return int(self.low > 0.0) - int(self.high < 0.0)


def t_quantile(pairs: int) -> float:
    """Return the quantile of Student's t that a two-sided interval of `pairs` values needs."""
    return float(stdtrit(pairs - 1, 0.5 + CONFIDENCE / 2.0))


def mean_effect(values: Reals) -> Effect:
    """Return the mean of values (replications,) with its interval; of one value the interval is unknown (NaN)."""
    count = len(values)
    mean = float(values.mean())
    spread = float(values.std(ddof=1)) if count > 1 else math.nan
    half = t_quantile(count) * spread / math.sqrt(count) if count > 1 else math.nan
    return Effect(mean, mean - half, mean + half, spread)


def paired_effect(arm: Reals, baseline: Reals) -> Effect:
    """Return the paired effect of two arrays (replications,).

    Examples
    --------
    >>> effect = paired_effect(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 2.0]))
    >>> round(effect.mean, 3), round(effect.low, 3)
    (1.333, -0.101)
    """
    return mean_effect(arm - baseline)


def ratio_interval(top: Reals, base: Reals) -> tuple[float, float] | None:
    """Return the 95 % interval of mean(top)/mean(base), arrays (replications,), by Fieller's theorem.

    It knows that both means are uncertain and move together, and it excludes zero exactly where the t-interval of
    `top` does. None where there is one replication only, or where `base` may as well be zero: then any ratio may be.

    Examples
    --------
    >>> ratio_interval(np.array([600.0, 600.0]), np.array([3.0, 3.0]))
    (200.0, 200.0)
    """
    count = len(top)
    if count < 2:
        return None
    square, under = t_quantile(count) ** 2 / count, float(base.mean())
    leading = under**2 - square * float(base.var(ddof=1))
    if leading <= 0.0:
        return None
    middle = float(top.mean()) / under
    # the ends are where the mean of top − ratio·base is as far from zero as its t-interval is wide; what is left of top
    # after the middle ratio is small, and its spread keeps the digits that top's own would lose
    (rest, both), _ = np.cov(top - middle * base, base)
    shift = square * float(both)
    half = math.sqrt(shift**2 + leading * square * float(rest))
    return middle - (shift + half) / leading, middle + (half - shift) / leading


def relative_effect(difference: Reals, level: Reals) -> tuple[float, float, float]:
    """Return a mean difference over the size of a mean level, arrays (replications,), with its 95 % interval.

    Over the size, so that a loss that shrinks is a gain.
    Worlds with a high level often have a large difference too: the interval is that of a ratio of means
    (`ratio_interval`). It includes zero exactly where that of the difference does. Of a level that may as well be zero
    the interval is that of the difference over the level's mean; of a level of zero there is none (NaN).
    """
    effect, scale = mean_effect(difference), abs(float(level.mean()))
    if scale == 0.0:
        return math.nan, math.nan, math.nan
    plain = sorted((effect.low / scale, effect.high / scale))
    low, high = ratio_interval(difference, math.copysign(1.0, level.mean()) * level) or plain
    return effect.mean / scale, low, high


def replications_needed(spread: float, level: float, precision: float = PRECISION) -> int | None:
    """Return the least number of pairs whose interval is no wider than ± `precision` · `level`.

    Parameters
    ----------
    spread : float
        Standard deviation of the differences.
    level : float
        What the precision is a share of: the baseline's mean. Of zero there is no share, and the answer is None.

    Examples
    --------
    >>> replications_needed(spread=0.0, level=1.0), replications_needed(spread=1.0, level=100.0)
    (2, 7)
    """
    wanted = precision * abs(level)
    ratio = spread / wanted if wanted > 0.0 else math.nan
    if not math.isfinite(ratio):
        return None
    # the normal quantile, which t never undercuts, is where the search begins
    pairs = max(2, math.ceil((t_quantile(10**9) * ratio) ** 2))
    while t_quantile(pairs) * ratio > math.sqrt(pairs):
        pairs += 1
    return pairs


@dataclass(frozen=True)
class Ratio:
    """A cost for each unit of gain.

    Attributes
    ----------
    mean, low, high : float
        Mean cost over mean gain, and its 95 % interval over pairs (`ratio_interval`); NaN when there is none.
    why : str
        Why there is none: ``no_clear_gain`` (the gain's interval includes zero), ``clear_fall`` (it lies below),
        ``no_extra_cost`` (the cost does not exceed the baseline's), ``no_difference`` (neither differs at all) or
        ``differs`` (the scenarios differ in more than the programme); empty when there is one.
    """

    mean: float
    low: float
    high: float
    why: str = ""


def ratio(cost: Reals, gain: Reals) -> Ratio:
    """Return cost over gain, arrays (replications,) of differences between pairs.

    Where the interval of the gain includes zero a ratio would say nothing, so there is none.
    """
    gained = mean_effect(gain)
    why = {1: "", 0: "no_clear_gain", -1: "clear_fall"}[gained.clear]
    if not why and float(cost.mean()) <= 0.0:
        why = "no_extra_cost"
    if not cost.any() and not gain.any():
        why = "no_difference"
    ends = None if why else ratio_interval(cost, gain)
    if ends is None:
        return Ratio(math.nan, math.nan, math.nan, why or "no_clear_gain")
    return Ratio(float(cost.mean()) / gained.mean, *ends)


def first_divergence(arm: Reals, baseline: Reals) -> int | None:
    """Return the first month in which any outcome of any pair differs, to the last bit; None when none does.

    Parameters
    ----------
    arm, baseline : array (replications, months, outcomes)
    """
    differs = np.any(arm != baseline, axis=(0, 2))
    return int(np.argmax(differs)) if differs.any() else None
