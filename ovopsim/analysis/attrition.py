"""Firms that a survey loses: how many in each arm, whether arms differ, and what that may do to an effect."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ovopsim.analysis.regressions import regression
from ovopsim.analysis.trial_samples import EvaluationPlan, replications, treated_arms
from ovopsim.fields import Reals
from ovopsim.policy.trials import CONTROL


def attrition_table(frames: pd.DataFrame | Iterable[pd.DataFrame], plan: EvaluationPlan) -> pd.DataFrame:
    """Return the share of firms lost to the survey, a row for each replication, arm and follow-up.

    Returns
    -------
    DataFrame
        ``replication, trial, arm, month, n`` (firms assigned), ``lost`` (share of them), ``closed`` (share of them that
        are no longer in business), and for arms beside the controls ``difference`` of the share lost to the controls',
        ``low, high`` (95 %) and ``p_value`` of the test that there is none.
    """
    return pd.DataFrame(
        {"replication": firms["replication"].iloc[0], "trial": plan.trial, "arm": arm, "month": month}
        | _lost(firms, arm, month, plan.clustered)
        for firms in replications(frames, plan)
        for arm in [CONTROL, *treated_arms(firms)]
        for month in plan.months
    )


def _lost(firms: pd.DataFrame, arm: str, month: int, clustered: bool) -> dict[str, float]:
    mine = (firms["arm"] == arm).to_numpy()
    lost = 1.0 - firms[f"found_{month}"].to_numpy(float)
    closed = 1.0 - firms.loc[mine, f"alive_{month}"].to_numpy(float)
    row = {"n": float(mine.sum()), "lost": float(lost[mine].mean()), "closed": float(closed.mean())}
    if arm == CONTROL:
        return row | dict.fromkeys(("difference", "low", "high", "p_value"), math.nan)
    both = mine | (firms["arm"] == CONTROL).to_numpy()
    clusters = firms["cluster"].to_numpy()[both] if clustered else None
    fit = regression(lost[both], mine[both].astype(float), np.empty((int(both.sum()), 0)), clusters)
    low, high = fit.interval()
    return row | {"difference": fit.estimate, "low": low, "high": high, "p_value": fit.p_value}


def lee_bounds(firms: pd.DataFrame, arm: str, outcome: str, month: int) -> tuple[float, float]:
    """Return the least and the largest effect on firms that would be found in either arm.

    Lee (2009), Review of Economic Studies 76(3), 1071–1102: the arm of which more is known is trimmed, from above or
    from below, by the share by which it is known more often. The bounds hold when the offer moves every firm's chance
    to be found in one direction.
    """
    known = (firms[f"found_{month}"].astype(bool) & firms[f"{outcome}_{month}"].notna()).to_numpy()
    arms = [(firms["arm"] == name).to_numpy() for name in (arm, CONTROL)]
    shares = [float(known[mask].mean()) for mask in arms]
    values = [np.sort(firms[f"{outcome}_{month}"].to_numpy(float)[mask & known]) for mask in arms]
    fuller = 0 if shares[0] >= shares[1] else 1
    trim = round(len(values[fuller]) * (1.0 - shares[1 - fuller] / shares[fuller]))
    trim = min(trim, len(values[fuller]) - 1)
    without_top, without_bottom = _trimmed(values[fuller], trim)
    other = float(values[1 - fuller].mean())
    if fuller == 0:
        return without_top - other, without_bottom - other
    return other - without_bottom, other - without_top


def _trimmed(values: Reals, count: int) -> tuple[float, float]:
    """Return the mean of sorted values without the `count` largest, and without the `count` smallest."""
    return float(values[: len(values) - count].mean()), float(values[count:].mean())
