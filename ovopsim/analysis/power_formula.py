"""Sample size, power and minimum detectable effect of a trial by formula.

For the standard error of an effect by design, share treated, clustering and partial take-up: Duflo, Glennerster and
Kremer (2007), "Using Randomization in Development Economics Research: A Toolkit", section 4 (CEPR Discussion Paper
6059; NBER Technical Working Paper 333). For what a baseline saves in an ANCOVA, the share 1 − R² of the variance:
McKenzie (2012), "Beyond baseline and follow-up: The case for more T in experiments", Journal of Development Economics
99(2), 210–221.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.special import stdtr, stdtrit

from ovopsim.errors import InputError

LARGEST_SAMPLE: Final = 10_000_000


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


def standard_error(size: float, share_treated: float, met: Circumstances) -> float:
    """Return the standard error of the effect of being offered.

    √(1 / (P (1 − P) J)) · √(ρ + (1 − ρ) / n) · σ √(1 − R²), of J clusters with n firms found in each; with ρ = 0 and
    n = 1 that of an individual design.

    Parameters
    ----------
    size : float
        Firms enrolled, both arms together.
    share_treated : float
        P, of clusters where clusters are randomised.
    """
    clusters = size / met.firms_in_cluster
    found = met.firms_in_cluster * (1.0 - met.attrition)
    within = met.icc + (1.0 - met.icc) / found
    left = met.spread**2 * (1.0 - met.r_squared)
    return math.sqrt(left * within / (share_treated * (1.0 - share_treated) * clusters))


def freedom(size: float, met: Circumstances, clustered: bool) -> float:
    """Return degrees of freedom: clusters less two (Duflo and others), or firms found less two."""
    units = size / met.firms_in_cluster if clustered else size * (1.0 - met.attrition)
    return max(units - 2.0, 1.0)


def offered_effect(effect: float, met: Circumstances) -> float:
    """Return what the estimate of being offered tends to, when those who take part gain `effect` · level.

    Take-up dilutes the effect; what the controls gain is taken off it, what they lose is added.
    """
    return (effect * met.take_up - met.spillover) * met.level


def power_by_formula(
    size: float, share_treated: float, met: Circumstances, clustered: bool, effect: float, alpha: float
) -> float:
    """Return the chance that a two-sided test finds an effect, a share of the level, on those who take part."""
    error, df = standard_error(size, share_treated, met), freedom(size, met, clustered)
    bound = float(stdtrit(df, 1.0 - alpha / 2.0))
    shift = abs(offered_effect(effect, met)) / error
    return float(stdtr(df, shift - bound) + stdtr(df, -shift - bound))


def effect_by_formula(
    size: float, share_treated: float, met: Circumstances, clustered: bool, alpha: float, power: float
) -> float:
    """Return the minimum detectable effect on those who take part, as a share of the level.

    (t₁₋κ + tα/₂) standard errors, over take-up; where rivals lose, the estimate looks larger than the effect, and a
    smaller one is detected.
    """
    error, df = standard_error(size, share_treated, met), freedom(size, met, clustered)
    needed = float(stdtrit(df, power) + stdtrit(df, 1.0 - alpha / 2.0)) * error / met.level
    return max((needed + met.spillover) / met.take_up, 0.0)


def size_by_formula(
    share_treated: float, met: Circumstances, clustered: bool, effect: float, alpha: float, power: float
) -> int | None:
    """Return the least number of firms to enrol for that power; None where no sample is large enough.

    Whole clusters where clusters are randomised.
    """
    step = met.firms_in_cluster if clustered else 1.0
    low, high = 1, 4

    def enough(units: int) -> bool:
        return power_by_formula(units * step, share_treated, met, clustered, effect, alpha) >= power

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
