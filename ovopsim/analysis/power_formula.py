"""Sample size, power and minimum detectable effect of a trial by formula.

For the standard error of an effect by design, share treated, clustering and partial take-up: Duflo, Glennerster and
Kremer (2007), "Using Randomization in Development Economics Research: A Toolkit", section 4 (CEPR Discussion Paper
6059; NBER Technical Working Paper 333). For what a baseline saves in an ANCOVA, the share 1 − R² of the variance:
McKenzie (2012), "Beyond baseline and follow-up: The case for more T in experiments", Journal of Development Economics
99(2), 210–221. Their degrees of freedom, clusters less two, are right where half of many clusters of one size are
treated and the regression has no strata. So variance and degrees of freedom are those of the plan itself (`planned`),
and the test is Student's t, non-central under the effect.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy.special import nctdtr, stdtrit

from ovopsim.errors import InputError
from ovopsim.fields import Reals

LARGEST_SAMPLE: Final = 10_000_000
# in standard deviations of what baseline and strata do not explain
LARGEST_SHIFT: Final = 1_000.0


@dataclass(frozen=True)
class Circumstances:
    """What a trial meets: numbers that the formulas need.

    Attributes
    ----------
    level, spread : float
        Mean and standard deviation of the outcome without the trial, over firms.
    r_squared : float
        Share of the outcome's variance that baseline and strata explain (0 for a difference of means).
    icc : float
        Correlation within clusters of what they do not explain; 0 in an individual design.
    firms_in_cluster : float
        Mean number of firms in a cluster; 1 in an individual design.
    take_up : float
        Share of the firms offered that take part.
    attrition : float
        Share of the firms lost to the survey.
    spillover : float
        Effect of the trial on the controls, as a share of `level`; below zero where rivals lose.
    """

    level: float
    spread: float
    r_squared: float = 0.0
    icc: float = 0.0
    firms_in_cluster: float = 1.0
    take_up: float = 1.0
    attrition: float = 0.0
    spillover: float = 0.0


class Precision(NamedTuple):
    """How precise the estimate of being offered is, by the plan of a pilot; one value for each way the lot may fall.

    Attributes
    ----------
    variance : array (plans,)
        Of the estimate, over that of what baseline and strata do not explain.
    freedom : array (plans,)
        Degrees of freedom of its t-statistic; NaN where a plan cannot be estimated, and so finds nothing.
    """

    variance: Reals
    freedom: Reals


def offered_effect(effect: float, met: Circumstances) -> float:
    """Return what the estimate of being offered tends to, when those who take part gain `effect` · level.

    Take-up dilutes the effect; what the controls gain is taken off it, what they lose is added.
    """
    return (effect * met.take_up - met.spillover) * met.level


def left_over(met: Circumstances) -> float:
    """Return the standard deviation that baseline and strata leave unexplained."""
    return met.spread * math.sqrt(1.0 - met.r_squared)


def power_by_formula(precision: Precision, met: Circumstances, effect: float, alpha: float) -> float:
    """Return the chance that a two-sided test finds an effect, a share of the level, on those who take part."""
    return _power(precision, abs(offered_effect(effect, met)) / left_over(met), alpha)


def _power(precision: Precision, shift: float, alpha: float) -> float:
    known = ~np.isnan(precision.freedom)
    freedom, away = precision.freedom[known], shift / np.sqrt(precision.variance[known])
    bound = stdtrit(freedom, 1.0 - alpha / 2.0)
    # chances below the least number come back as none
    missed, wrong_way = (np.nan_to_num(nctdtr(freedom, away, end)) for end in (bound, -bound))
    found = 1.0 - missed + wrong_way
    return float(np.sum(found)) / len(precision.freedom)


def effect_by_formula(precision: Precision, met: Circumstances, alpha: float, power: float) -> float:
    """Return the minimum detectable effect on those who take part, as a share of the level; NaN where none is.

    Where rivals lose, the estimate looks larger than the effect, and a smaller one is detected.
    """
    low, high = 0.0, 0.01
    while _power(precision, high, alpha) < power:
        low, high = high, 2.0 * high
        if high > LARGEST_SHIFT:
            return math.nan
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (low, middle) if _power(precision, middle, alpha) >= power else (middle, high)
    return max((high * left_over(met) / met.level + met.spillover) / met.take_up, 0.0)


def size_by_formula(
    precision_of: Callable[[float], Precision], met: Circumstances, effect: float, alpha: float, power: float
) -> int | None:
    """Return the least number of firms to enrol for that power; None where no sample is large enough.

    Whole clusters where clusters are randomised.

    Parameters
    ----------
    precision_of : callable
        Firms enrolled -> Precision.
    """
    step = met.firms_in_cluster
    low, high = 1, 4

    def enough(units: int) -> bool:
        return power_by_formula(precision_of(units * step), met, effect, alpha) >= power

    while not enough(high):
        low, high = high, 2 * high
        if high * step > LARGEST_SAMPLE:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return math.ceil(high * step)


def check_shares(alpha: float, power: float) -> None:
    """Refuse a level of significance or a power that no test has.

    Raises
    ------
    InputError
        It names the key and its range.
    """
    if not 0.0 < alpha < 0.5:
        raise InputError(f"alpha: {alpha} is no level of significance; give a share above 0 and below 0.5, as 0.05.")
    if not 0.5 <= power < 1.0:
        raise InputError(f"power: {power} is not to be aimed at; give a share from 0.5 to below 1, as 0.80.")
