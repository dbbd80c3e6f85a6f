"""Paired effects with intervals: tables of runs in, tables of effects out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
CONFIDENCE = 0.95
PRECISION = 0.01
MOST_REPLICATIONS = 1_000_000


@dataclass(frozen=True)
class Effect:
    """Mean difference between an arm and the baseline over pairs of one world.

    Attributes
    ----------
    mean, low, high : float
        Mean and 95 % t-interval.
    replications_needed : int or None
        Pairs for a half-width of 1 % of the baseline's mean; None when the baseline's mean is zero.
    """

    mean: float
    low: float
    high: float
    replications_needed: int | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0.0 or self.high < 0.0


def paired_effect(arm: Array, baseline: Array, precision: float = PRECISION) -> Effect:
    """Return the paired effect of two arrays (replications,).

    Examples
    --------
    >>> effect = paired_effect(np.array([2.0, 3.0, 4.0]), np.array([1.0, 2.0, 2.0]))
    >>> round(effect.mean, 3)
    1.333
    """
    differences = arm - baseline
    count = len(differences)
    mean = float(differences.mean())
    spread = float(differences.std(ddof=1))
    quantile = float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, count - 1))
    half = quantile * spread / math.sqrt(count)
    level = abs(float(baseline.mean()))
    needed = None
    if level > 0.0:
        # the normal quantile, so that the number does not depend on how many pairs were run
        wanted = (1.959964 * spread / (precision * level)) ** 2
        needed = int(min(MOST_REPLICATIONS, max(2, math.ceil(wanted))))
    return Effect(mean, mean - half, mean + half, needed)


def ratio_interval(cost: Array, gain: Array, seed: int = 0, draws: int = 2000) -> tuple[float, float, float] | None:
    """Return mean cost over mean gain with a bootstrap interval over pairs.

    None when the interval of the mean gain includes zero or lies below it: a ratio would say nothing ("no clear
    gain").
    """
    count = len(gain)
    effect = paired_effect(gain, np.zeros(count))
    if effect.low <= 0.0:
        return None
    rows = np.random.default_rng(seed).integers(0, count, (draws, count))
    ratios = cost[rows].mean(axis=1) / gain[rows].mean(axis=1)
    low, high = np.quantile(ratios, [(1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0])
    return float(cost.mean() / gain.mean()), float(low), float(high)


def first_divergence(arm: Array, baseline: Array) -> int | None:
    """Return the first month in which any outcome of any pair differs, to the last bit; None when none does.

    Parameters
    ----------
    arm, baseline : array (replications, months, outcomes)
    """
    differs = np.any(arm != baseline, axis=(0, 2))
    return int(np.argmax(differs)) if differs.any() else None
