"""What an evaluator of a field trial has: the firms of one replication that the survey found, by arm and group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.analysis.regressions import covariates
from ovopsim.errors import InputError, did_you_mean
from ovopsim.fields import Reals
from ovopsim.policy.trials import CONTROL
from ovopsim.study.trial_runs import BEFORE

ALL: Final = "all"
THIRDS: Final = ("low", "middle", "high")
LOWEST, MIDDLE, HIGHEST = range(len(THIRDS))
FIRM_GROUPS: Final = (
    ALL,
    *(f"ability_{third}" for third in THIRDS),
    *(f"sales_{third}" for third in THIRDS),
    "subsistence",
    "not_subsistence",
)
# of an outcome whose baseline the survey did not ask for, that of sales stands for the firm's size
SIZE: Final = f"sales{BEFORE}"
# workers are full-time equivalents: an owner with less help than this works alone
HALF_TIME: Final = 0.5
BASE_COLUMNS: Final = ("replication", "firm_id", "cluster", "arm", "accepted", "sentra", "log_ability")
BASELINES: Final = (f"workers{BEFORE}", SIZE, f"profit{BEFORE}")


@dataclass(frozen=True)
class EvaluationPlan:
    """What an evaluator estimates, fixed before the data are seen.

    Attributes
    ----------
    trial : str
        Name of the trial, for the tables.
    outcomes : tuple of str
    months : tuple of int
        Follow-ups, months after the first delivery.
    clustered : bool
        Whether clusters were randomised: errors are then robust to correlation within them.
    groups : bool
        Whether effects are estimated within groups of firms too.
    quantiles : tuple of float
        Whose differences between arms are estimated.
    """

    trial: str
    outcomes: tuple[str, ...]
    months: tuple[int, ...]
    clustered: bool = False
    groups: bool = True
    quantiles: tuple[float, ...] = (0.25, 0.5, 0.75)

    def __post_init__(self) -> None:
        for quantile in self.quantiles:
            if not 0.0 < quantile < 1.0:
                raise InputError(f"quantiles: {quantile} does not lie between 0 and 1; give shares such as 0.5.")
        for key in ("outcomes", "months"):
            if not getattr(self, key):
                raise InputError(f"{key}: empty; a trial needs at least one of its {key}.")


@dataclass(frozen=True)
class Sample:
    """Firms of one arm and of the controls that were found and whose outcome is known; arrays (firms,).

    Attributes
    ----------
    outcome, treated, accepted : array
        Of `treated` and `accepted`: 0 or 1.
    others : array (firms, columns)
        Baseline and strata, as regressors.
    clusters : array or None
        Numbers of clusters; None in an individual design.
    """

    outcome: Reals
    treated: Reals
    accepted: Reals
    others: Reals
    clusters: Reals | None

    @property
    def control_mean(self) -> float:
        """Mean outcome of the controls."""
        return float(self.outcome[self.treated == 0.0].mean())

    @property
    def enough(self) -> bool:
        """Whether either arm has the two firms without which there is no spread to judge by."""
        firms = self.treated.sum()
        return bool(min(firms, len(self.treated) - firms) >= 2.0)


def check_frame(frame: pd.DataFrame, plan: EvaluationPlan) -> None:
    """Refuse a firm frame that lacks what the plan asks for.

    Raises
    ------
    InputError
        It names the column, and the nearest there is.
    """
    needed = [*BASE_COLUMNS, *BASELINES]
    for month in plan.months:
        needed += [f"found_{month}", f"alive_{month}", f"alive_{month}_without"]
        needed += [f"{outcome}_{month}{run}" for outcome in plan.outcomes for run in ("", "_without")]
    for column in needed:
        if column not in frame.columns:
            near = did_you_mean(column, map(str, frame.columns))
            raise InputError(f"{plan.trial}: the firm frame has no column '{column}'{near}")
    for column in BASELINES:
        if frame[column].isna().any():
            raise InputError(f"{plan.trial}: '{column}' is missing for some firms; eligible firms have a baseline.")
    if CONTROL not in set(frame["arm"]) or frame["arm"].nunique() < 2:
        raise InputError(f"{plan.trial}: arm: a trial has firms in '{CONTROL}' and in at least one arm with a name.")


def replications(frames: pd.DataFrame | Iterable[pd.DataFrame], plan: EvaluationPlan) -> Iterator[pd.DataFrame]:
    """Yield the frame of each replication, checked, from one frame of several or several of one."""
    for frame in [frames] if isinstance(frames, pd.DataFrame) else frames:
        check_frame(frame, plan)
        for _, firms in frame.groupby("replication", sort=True):
            yield firms.reset_index(drop=True)


def treated_arms(firms: pd.DataFrame) -> list[str]:
    """Return the arms beside the controls, in the order of their names."""
    return sorted({str(arm) for arm in firms["arm"]} - {CONTROL})


def firm_groups(firms: pd.DataFrame, wanted: bool = True) -> Mapping[str, np.ndarray]:
    """Return a mask (firms,) for each group: all, thirds by ability and by sales, and subsistence firms.

    Groups are cut at the baseline, over all arms.
    """
    masks = {ALL: np.ones(len(firms), dtype=bool)}
    if not wanted:
        return masks
    for name, column in (("ability", "log_ability"), ("sales", SIZE)):
        place = third_of(firms[column].to_numpy(float))
        masks |= {f"{name}_{third}": place == number for number, third in enumerate(THIRDS)}
    workers, profit = (firms[f"{name}{BEFORE}"].to_numpy(float) for name in ("workers", "profit"))
    masks["subsistence"] = subsistence(workers, profit)
    masks["not_subsistence"] = ~masks["subsistence"]
    return masks


def third_of(values: Reals) -> NDArray[np.intp]:
    """Return the number of the third of `THIRDS` that each firm is in (firms,); one on the border is in the outer one.

    Where so many are alike that the borders are one value, all that have it are in the lowest.
    """
    low, high = np.quantile(values, [1.0 / 3.0, 2.0 / 3.0])
    return np.where(values <= low, LOWEST, np.where(values >= high, HIGHEST, MIDDLE))


def works_alone(workers: Reals) -> NDArray[np.bool_]:
    """Return whether an owner has less help than half a worker (firms,)."""
    return np.asarray(workers < HALF_TIME)


def subsistence(workers: Reals, profit: Reals) -> NDArray[np.bool_]:
    """Return which firms live from hand to mouth (firms,): without workers, and with a profit below the median."""
    return np.asarray(works_alone(workers) & (profit < np.median(profit)))


def baseline_of(firms: pd.DataFrame, outcome: str) -> Reals:
    """Return the baseline value of an outcome (firms,); that of sales where the frame does not hold it."""
    own = f"{outcome}{BEFORE}"
    return firms[own if own in firms.columns else SIZE].to_numpy(float)


def sample_of(firms: pd.DataFrame, arm: str, outcome: str, month: int, clustered: bool) -> Sample:
    """Return what an evaluator sees of an arm and the controls: the firms found at a follow-up.

    Closed firms that were found count with the zero they earn; skills of closed firms are unknown.
    """
    known = firms["arm"].isin([CONTROL, arm]) & firms[f"found_{month}"].astype(bool)
    known &= firms[f"{outcome}_{month}"].notna()
    seen = firms[known]
    treated = (seen["arm"] == arm).to_numpy().astype(float)
    return Sample(
        outcome=seen[f"{outcome}_{month}"].to_numpy(float),
        treated=treated,
        accepted=seen["accepted"].to_numpy(float),
        others=covariates([baseline_of(seen, outcome)], treated, seen["sentra"].to_numpy()),
        clusters=seen["cluster"].to_numpy() if clustered else None,
    )
