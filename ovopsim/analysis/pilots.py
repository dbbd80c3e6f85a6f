"""Pilots drawn from simulated trials: subsamples of firms, assigned, surveyed and estimated as an evaluator would."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import stdtrit

from ovopsim.analysis.estimators import contrast
from ovopsim.analysis.pilot_designs import PilotDesign, World
from ovopsim.analysis.power_formula import Circumstances
from ovopsim.analysis.regressions import covariates
from ovopsim.analysis.trial_samples import Sample
from ovopsim.fields import Reals

LARGEST_EFFECT: Final = 1000.0


@dataclass(frozen=True)
class Pilots:
    """What simulated pilots of one size found, at any effect; arrays (pilots,).

    An outcome is linear in the effect, so an estimate is too, and its variance is a quadratic.
    """

    estimate: Reals
    slope: Reals
    variance: tuple[Reals, Reals, Reals]
    freedom: Reals

    def significant(self, effect: float, alpha: float) -> Reals:
        """Return whether each pilot finds an effect at a two-sided test: 0 or 1."""
        start, first, second = self.variance
        variance = np.maximum(start + first * effect + second * effect**2, 0.0)
        bound = stdtrit(self.freedom, 1.0 - alpha / 2.0)
        estimate = self.estimate + self.slope * effect
        return np.asarray(estimate**2 > bound**2 * variance, dtype=float)

    def least_effect(self, alpha: float, power: float) -> float:
        """Return the least effect that the wanted share of pilots finds; NaN when none is large enough."""
        low, high = 0.0, 0.01
        while self.significant(high, alpha).mean() < power:
            low, high = high, 2.0 * high
            if high > LARGEST_EFFECT:
                return math.nan
        for _ in range(40):
            middle = (low + high) / 2.0
            low, high = (low, middle) if self.significant(middle, alpha).mean() >= power else (middle, high)
            if high < low:
                break
        return high


def pilots(found: list[World], design: PilotDesign, met: Circumstances, size: int, effect: float | None) -> Pilots:
    """Return what pilots of a size find; one after the other takes its firms from the next replication.

    Parameters
    ----------
    effect : float or None
        None: arms, take-up and effects as simulated. A number: firms are assigned anew, and gain by it.
    """
    stream = np.random.default_rng([design.seed, size])
    unit = 1.0 if effect is None else effect
    rows = []
    for draw in range(design.draws):
        sample, gain = drawn(found[draw % len(found)], design, met, size, stream, as_simulated=effect is None)
        fits = [
            contrast(replace(sample, outcome=sample.outcome + step * unit * gain), design.adjusted) for step in range(3)
        ]
        start, middle, end = (fit.se**2 for fit in fits)
        curve = (end - 2.0 * middle + start) / (2.0 * unit**2)
        slope = (fits[1].estimate - fits[0].estimate) / unit
        rows.append((fits[0].estimate, slope, start, (middle - start) / unit - curve * unit, curve, fits[0].freedom))
    estimate, slope, start, first, second, df = np.array(rows).T
    return Pilots(estimate, slope, (start, first, second), df)


def drawn(
    world: World, design: PilotDesign, met: Circumstances, size: float, stream: np.random.Generator, as_simulated: bool
) -> tuple[Sample, Reals]:
    """Return the firms that the survey of a pilot finds, without the effect, and what each gains of one unit of it."""
    firms, treated, clusters = _enrolled(world, design, met, size, stream, as_simulated)
    base = world.without[firms]
    if as_simulated:
        change = world.change[firms]
        accepted, gain, base = world.accepted[firms], change * treated, base + change * (1.0 - treated)
    else:
        accepted = treated * (stream.random(len(firms)) < met.take_up)
        amount = np.full(len(firms), met.level) if design.same_amount else base
        gain, base = accepted * amount, base + met.spillover * (1.0 - treated) * amount
    lost = stream.random(len(firms)) < met.attrition
    seen = world.found[firms] == 1.0 if design.attrition is None else ~lost
    others = covariates([world.baseline[firms][seen]], treated[seen], world.strata[firms][seen])
    numbers = clusters[seen] if design.clustered else None
    return Sample(base[seen], treated[seen], accepted[seen], others, numbers), gain[seen]


def _enrolled(
    world: World, design: PilotDesign, met: Circumstances, size: float, stream: np.random.Generator, as_simulated: bool
) -> tuple[np.ndarray, Reals, Reals]:
    """Return firms enrolled (positions), whether each is offered, and its cluster, numbered anew.

    As simulated, a cluster counts as offered when any firm of it was: where its others were left out on purpose
    (saturation below 1), they are controls here too.
    """
    units = round(size / met.firms_in_cluster)
    offered = round(design.share_treated * units)
    if as_simulated:
        mine = np.array([world.treated[unit].any() for unit in world.units])
        pools = [np.flatnonzero(mine), np.flatnonzero(~mine)]
        picks = np.concatenate(
            [_picked(pool, count, stream) for pool, count in zip(pools, (offered, units - offered), strict=True)]
        )
    else:
        picks = _picked(np.arange(len(world.units)), units, stream)
    members = [world.units[pick] for pick in picks]
    if design.firms_in_cluster is not None and design.clustered:
        members = [stream.permutation(unit)[: design.firms_in_cluster] for unit in members]
    sizes = [len(unit) for unit in members]
    firms = np.concatenate(members)
    if as_simulated:
        treated = world.treated[firms]
    else:
        shares = np.where(np.arange(len(picks)) < offered, design.saturation, 0.0)
        treated = np.concatenate([_some(count, share, stream) for count, share in zip(sizes, shares, strict=True)])
    return firms, treated, np.repeat(np.arange(len(picks), dtype=float), sizes)


def _some(count: int, share: float, stream: np.random.Generator) -> Reals:
    """Return whether each of so many firms is among a share of them: 0 or 1."""
    chosen = (np.arange(count) < round(share * count)).astype(float)
    return stream.permutation(chosen) if 0.0 < share < 1.0 else chosen


def _picked(pool: np.ndarray, count: int, stream: np.random.Generator) -> np.ndarray:
    """Return so many of a pool in random order: no one twice as long as there are enough."""
    return np.asarray(stream.choice(pool, count, replace=count > len(pool)))
