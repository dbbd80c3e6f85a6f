"""How many firms a real evaluation needs: power by formula and by pilots drawn from simulated trials, side by side.

It plans a pilot: whether one would be found to work, were the effect as large as supposed; not whether it would work.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from ovopsim.analysis.effects import mean_effect
from ovopsim.analysis.exact_effects import binomial_interval
from ovopsim.analysis.pilot_designs import PilotDesign, World, measured, seen_of, worlds
from ovopsim.analysis.pilots import pilots
from ovopsim.analysis.planned import planned
from ovopsim.analysis.power_formula import (
    Circumstances,
    check_shares,
    effect_by_formula,
    power_by_formula,
    size_by_formula,
)
from ovopsim.errors import InputError
from ovopsim.fields import Reals

SIZES: Final = (100, 200, 400, 800, 1600)
POWER_COLUMNS: Final = (
    *("size", "clusters", "effect", "power_formula", "power_simulated", "power_low", "power_high", "differs"),
    *("false_positives", "mde_formula", "mde_simulated", "needed_formula", "needed_simulated"),
)


def circumstances(
    frames: pd.DataFrame | Iterable[pd.DataFrame], design: PilotDesign, outcome: str, month: int | Sequence[int]
) -> Circumstances:
    """Return what the pilot would meet, measured in the simulated trials, what the design says instead of it."""
    return measured(worlds(frames, design, outcome, month), design)


def power_table(  # noqa: PLR0913 - a design, a question and its two conventional levels
    frames: pd.DataFrame | Iterable[pd.DataFrame],
    design: PilotDesign,
    outcome: str,
    month: int | Sequence[int],
    effect: float | None = 0.10,
    *,
    alpha: float = 0.05,
    power: float = 0.80,
    sizes: Sequence[int] = SIZES,
) -> pd.DataFrame:
    """Return power and minimum detectable effect of a pilot, a row for each size, by formula and by simulation.

    Parameters
    ----------
    frames : DataFrame or iterable of DataFrame
        Firm frames of replications of the simulated trial.
    design : PilotDesign
    outcome : str
    month : int
        Follow-up that decides; of several, the mean of the outcome over them does.
    effect : float or None
        What those who take part gain, as a share of the mean outcome without the trial: it is laid over the outcomes
        of the simulated firms without the trial, assigned anew. None: the effect that the simulated trial has, by
        intention to treat, with its own arms and take-up.
    alpha : float
        Level of the two-sided test.
    power : float
        Wanted.
    sizes : sequence of int
        Firms enrolled, both arms together. Beyond the firms of a simulated trial, they are drawn more than once.

    Returns
    -------
    DataFrame
        ``size, clusters`` (randomised units), ``effect`` (share of the mean), ``power_formula, power_simulated`` (share
        of pilots whose effect is significant), ``power_low, power_high`` (its 95 % interval), ``differs`` (whether the
        formula lies outside that), ``false_positives`` (share of pilots whose effect is significant when those who take
        part gain nothing: above `alpha` where rivals lose), ``mde_formula, mde_simulated`` (least effect found with the
        wanted power, share of the mean), ``needed_formula, needed_simulated`` (firms needed for the wanted power; the
        latter between the sizes given, NaN when none is enough; at most the first size when that is).

    Raises
    ------
    InputError
        When something given is not possible, or statsmodels is not installed.
    """
    check_shares(alpha, power)
    if effect is not None and not 0.0 < effect <= 100.0:
        raise InputError(f"effect: {effect} is no share of the mean to look for; give one above 0, as 0.10.")
    found = worlds(frames, design, outcome, month)
    met = measured(found, design)
    supposed, formula_met = (effect, met) if effect is not None else _as_simulated(found, design, met)
    rows = [
        _row(found, design, (met, formula_met), size, (effect, supposed), (alpha, power))
        for size in _checked(sizes, design, met)
    ]
    table = pd.DataFrame(rows)
    needed = size_by_formula(
        lambda size: planned(found, design, met, size, effect is None), formula_met, supposed, alpha, power
    )
    table["needed_formula"] = math.nan if needed is None else float(needed)
    table["needed_simulated"] = needed_between(table["size"], table["power_simulated"], power)
    return table[list(POWER_COLUMNS)]


def _as_simulated(found: list[World], design: PilotDesign, met: Circumstances) -> tuple[float, Circumstances]:
    """Return the effect of being offered that the trial has, and circumstances in which take-up is part of it."""
    effects = []
    for offered in (1.0, 0.0):
        changes = [world.change[seen_of(world, design) & (world.treated == offered)].mean() for world in found]
        effects.append(float(np.mean(changes)) / met.level)
    return effects[0], replace(met, take_up=1.0, spillover=effects[1])


def _checked(sizes: Sequence[int], design: PilotDesign, met: Circumstances) -> list[int]:
    if not len(sizes):
        raise InputError("sizes: empty; give numbers of firms, as 100 200 400.")
    for size in sizes:
        units = round(size / met.firms_in_cluster)
        offered = round(design.share_treated * units)
        if min(offered, units - offered) < 2:
            what = "clusters" if design.clustered else "firms"
            raise InputError(f"sizes: {size} firms leave fewer than two {what} in an arm; give more.")
    return sorted({int(size) for size in sizes})


def _row(
    found: list[World],
    design: PilotDesign,
    met: tuple[Circumstances, Circumstances],
    size: int,
    effect: tuple[float | None, float],
    levels: tuple[float, float],
) -> dict[str, float | bool]:
    """Return one size; of `met` and `effect` the first is for the simulation, the second for the formula."""
    alpha, power = levels
    tested = pilots(found, design, met[0], size, effect[0])
    # as simulated, the effect is measured in units of itself
    unit = 1.0 if effect[0] is not None else abs(effect[1])
    hits = tested.significant(1.0 if effect[0] is None else effect[0], alpha)
    low, high = _interval(hits, len(found), as_simulated=effect[0] is None)
    precision = planned(found, design, met[0], size, as_simulated=effect[0] is None)
    formula = power_by_formula(precision, met[1], effect[1], alpha)
    return {
        "size": size,
        "clusters": round(size / met[0].firms_in_cluster),
        "effect": effect[1],
        "power_formula": formula,
        "power_simulated": float(hits.mean()),
        "power_low": low,
        "power_high": high,
        "differs": not low <= formula <= high,
        "false_positives": float(tested.significant(0.0, alpha).mean()),
        "mde_formula": effect_by_formula(precision, met[1], alpha, power),
        "mde_simulated": tested.least_effect(alpha, power) * unit,
    }


def _interval(hits: Reals, count: int, as_simulated: bool) -> tuple[float, float]:
    """Return the interval of a share of pilots.

    Firms assigned anew make pilots independent: the binomial law. With the arms of the simulated trials, those of one
    replication share its luck, so the interval is also as wide as that of the mean over replications.
    """
    low, high = binomial_interval(int(hits.sum()), len(hits))
    if as_simulated and count > 1:
        shares = np.array([hits[start::count].mean() for start in range(min(count, len(hits)))])
        over = mean_effect(shares)
        low, high = max(min(low, over.low), 0.0), min(max(high, over.high), 1.0)
    return low, high


def needed_between(sizes: Iterable[float], shares: Iterable[float], power: float) -> float:
    """Return the size at which power is first reached, straight between the sizes tried; NaN when it is not.

    Examples
    --------
    >>> needed_between([100, 200], [0.6, 1.0], 0.8)
    150.0
    """
    before: tuple[float, float] | None = None
    for size, share in zip(sizes, shares, strict=True):
        if share >= power:
            if before is None:
                return float(size)
            return float(math.ceil(before[0] + (size - before[0]) * (power - before[1]) / (share - before[1])))
        before = (float(size), float(share))
    return math.nan
