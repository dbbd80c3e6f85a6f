"""What a pilot is planned as, and what it would meet: measured in the replications of a simulated trial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from ovopsim.analysis.power_formula import Circumstances
from ovopsim.analysis.regressions import covariates
from ovopsim.analysis.trial_samples import EvaluationPlan, baseline_of, replications, treated_arms
from ovopsim.errors import InputError, did_you_mean
from ovopsim.fields import Reals
from ovopsim.policy.trials import CONTROL
from ovopsim.study.randomising import neighbours_of

SHARES: Final = ("take_up", "attrition", "icc", "r_squared")


@dataclass(frozen=True)
class PilotDesign:
    """How a pilot is to be run; what is None is taken as the simulated trials have it.

    Attributes
    ----------
    clustered : bool
        Whether clusters (groups, sentras) are randomised instead of firms.
    share_treated : float
        Share of firms, or of clusters, that is offered.
    saturation : float
        Share of the firms of such a cluster that is; the others there are controls.
    arm : str, optional
        Arm of the simulated trials; needed where they have several.
    adjusted : bool
        Whether the evaluator runs an ANCOVA with baseline and strata, or compares means.
    firms_in_cluster : int, optional
        Firms enrolled of each cluster; None: all.
    take_up, attrition, spillover : float, optional
        As in `Circumstances`.
    icc, r_squared : float, optional
        As in `Circumstances`, for the formula; the simulation has those of the simulated firms.
    same_amount : bool
        Whether all that take part gain the same amount, as the formula has it, or each in proportion to what it has.
    draws : int
        Pilots simulated of each size.
    seed : int
    """

    clustered: bool = False
    share_treated: float = 0.5
    saturation: float = 1.0
    arm: str | None = None
    adjusted: bool = True
    firms_in_cluster: int | None = None
    take_up: float | None = None
    attrition: float | None = None
    icc: float | None = None
    r_squared: float | None = None
    spillover: float | None = None
    same_amount: bool = False
    draws: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.share_treated < 1.0:
            raise InputError(f"share_treated: {self.share_treated} leaves an arm empty; give a share between 0 and 1.")
        if not 0.0 < self.saturation <= 1.0:
            raise InputError(f"saturation: {self.saturation} leaves nobody to offer to; give a share up to 1.")
        if self.saturation < 1.0 and not self.clustered:
            raise InputError("saturation: without clusters there are no neighbours to leave out; give clustered=True.")
        for key in SHARES:
            value = getattr(self, key)
            if value is not None and not 0.0 <= value < 1.0 and not (key == "take_up" and value == 1.0):
                raise InputError(f"{key}: {value} is no share; give one from 0 to below 1.")
        if self.take_up == 0.0:
            raise InputError("take_up: 0 means that nobody takes part, and there is no effect; give a share above 0.")
        if self.draws < 2:
            raise InputError(f"draws: {self.draws} pilots say nothing about power; give 2 or more.")
        if self.firms_in_cluster is not None and self.firms_in_cluster < 1:
            raise InputError(f"firms_in_cluster: {self.firms_in_cluster}; give 1 or more.")


@dataclass(frozen=True)
class World:
    """One replication of the simulated trial: arrays (firms,), and the firms of each unit that is randomised.

    Attributes
    ----------
    without, change : array
        Outcome without the trial, and what the trial adds to it.
    found, treated, accepted : array
        0 or 1.
    numbers : array
        Of clusters.
    units : list of arrays
        Positions of the firms of each cluster; of each firm in an individual design.
    """

    without: Reals
    change: Reals
    baseline: Reals
    strata: Reals
    found: Reals
    treated: Reals
    accepted: Reals
    numbers: np.ndarray
    units: list[np.ndarray]


def worlds(
    frames: pd.DataFrame | Iterable[pd.DataFrame], design: PilotDesign, outcome: str, month: int | Sequence[int]
) -> list[World]:
    """Return the arrays of each replication; firms of other arms, and without the outcome in either run, left out.

    Of several follow-ups the outcome is their mean, of the firms found at all of them.

    Raises
    ------
    InputError
        When a frame lacks a column, the arm is not said or not there, or there are no clusters to randomise.
    """
    months = tuple(int(each) for each in np.atleast_1d(month))
    plan = EvaluationPlan(trial="power", outcomes=(outcome,), months=months, clustered=design.clustered)
    found = [_world(firms, design, outcome, months) for firms in replications(frames, plan)]
    if not found:
        raise InputError("power: no firm frame was given; simulate at least one replication of the trial.")
    return found


def _world(firms: pd.DataFrame, design: PilotDesign, outcome: str, months: Sequence[int]) -> World:
    arm = _arm(firms, design)
    # unknown at one follow-up is unknown
    with_trial = firms[[f"{outcome}_{month}" for month in months]].mean(axis=1, skipna=False)
    without = firms[[f"{outcome}_{month}_without" for month in months]].mean(axis=1, skipna=False)
    found = firms[[f"found_{month}" for month in months]].all(axis=1)
    # neighbours whom the trial leaves out are enrolled with their groups
    kept = firms[firms["arm"].isin([arm, CONTROL, neighbours_of(arm)]) & with_trial.notna() & without.notna()]
    # positions, not labels: one firm after the other
    units = [np.asarray(unit) for unit in kept.reset_index(drop=True).groupby("cluster", sort=True).indices.values()]
    if design.clustered and len(units) == len(kept):
        raise InputError("clustered: each firm of the simulated trial is its own cluster; simulate a clustered trial.")
    base = without[kept.index].to_numpy(float)
    return World(
        without=base,
        change=with_trial[kept.index].to_numpy(float) - base,
        baseline=baseline_of(kept, outcome),
        strata=np.unique(kept["sentra"].to_numpy(), return_inverse=True)[1].astype(float),
        found=found[kept.index].to_numpy().astype(float),
        treated=(kept["arm"] == arm).to_numpy().astype(float),
        accepted=kept["accepted"].to_numpy(float),
        numbers=kept["cluster"].to_numpy(),
        units=units if design.clustered else [np.array([firm]) for firm in range(len(kept))],
    )


def _arm(firms: pd.DataFrame, design: PilotDesign) -> str:
    arms = treated_arms(firms)
    if design.arm is None and len(arms) > 1:
        raise InputError(f"arm: the simulated trial has {', '.join(arms)}; say which one the pilot tests.")
    arm = arms[0] if design.arm is None else design.arm
    if arm not in arms:
        raise InputError(f"arm: '{arm}' is none of {', '.join(arms)}{did_you_mean(arm, arms)}")
    return arm


def measured(found: list[World], design: PilotDesign) -> Circumstances:
    """Return what a pilot would meet: means over the replications, what the design says instead of them."""
    rows = [_measured(world, design) for world in found]
    names = list(Circumstances.__dataclass_fields__)
    met = Circumstances(**{name: float(np.mean([getattr(row, name) for row in rows])) for name in names})
    if not met.level > 0.0:
        raise InputError(f"power: the mean outcome without the trial is {met.level:g}; a share of it is no effect.")
    # in an individual design there is nothing to be correlated within
    shares = [name for name in SHARES if name != "icc" or design.clustered]
    said = {name: getattr(design, name) for name in (*shares, "spillover") if getattr(design, name) is not None}
    return replace(met, **said)


def seen_of(world: World, design: PilotDesign) -> np.ndarray:
    """Return whom the survey may find (firms,); where the design says how many it loses, they are anyone."""
    return np.asarray((world.found == 1.0) | (design.attrition is not None))


def _measured(world: World, design: PilotDesign) -> Circumstances:
    seen = seen_of(world, design)
    outcome, treated = world.without[seen], world.treated[seen]
    level, spread = float(outcome.mean()), float(outcome.std(ddof=1))
    left, parameters = outcome - level, 1
    if design.adjusted:
        sharper = covariates([world.baseline[seen]], treated, world.strata[seen])
        others = np.column_stack([np.ones(len(left)), sharper])
        left = left - others @ np.linalg.lstsq(others, left, rcond=None)[0]
        parameters = others.shape[1]
    variance = float(left @ left) / max(len(left) - parameters, 1)
    size = len(world.without) / len(world.units)
    return Circumstances(
        level=level,
        spread=spread,
        r_squared=max(1.0 - variance / spread**2, 0.0) if spread > 0.0 else 0.0,
        icc=intracluster_correlation(left, world.numbers[seen]) if design.clustered else 0.0,
        firms_in_cluster=min(size, design.firms_in_cluster or size),
        take_up=float(world.accepted[world.treated == 1.0].mean()),
        attrition=1.0 - float(world.found.mean()),
        spillover=float(world.change[seen][treated == 0.0].mean()) / level if level != 0.0 else 0.0,
    )


def intracluster_correlation(values: Reals, clusters: np.ndarray) -> float:
    """Return the correlation within clusters (numbers, one for each value) by analysis of variance, at least 0."""
    places = np.unique(clusters, return_inverse=True)[1]
    sizes = np.bincount(places).astype(float)
    means = np.bincount(places, values) / sizes
    n, groups = float(len(values)), len(sizes)
    if n <= groups or groups < 2:
        return 0.0
    between = float(sizes @ (means - values.mean()) ** 2) / (groups - 1)
    within = float(((values - means[places]) ** 2).sum()) / (n - groups)
    typical = (n - float(sizes @ sizes) / n) / (groups - 1)
    total = between + (typical - 1.0) * within
    return max((between - within) / total, 0.0) if total > 0.0 else 0.0
