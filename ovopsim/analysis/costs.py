"""What it costs: public cost of each arm, discounted, and what one job and one rupiah of value added cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ovopsim.analysis.appraisal import MONTHS_OF_YEAR, discounted
from ovopsim.analysis.changes import last_year
from ovopsim.analysis.comparability import other_differences
from ovopsim.analysis.delivery import UNDER_SPENT, take_up
from ovopsim.analysis.effects import Effect, Ratio, mean_effect, ratio
from ovopsim.analysis.groups import gini
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.study.worlds import ArmRuns


def summary_table(
    arms: Mapping[str, ArmRuns], baseline: str, levers: pd.DataFrame, groups: pd.DataFrame, rate: float
) -> pd.DataFrame:
    """Return one row for each arm: money, reach, extra jobs, and what they cost.

    Parameters
    ----------
    levers : DataFrame
        Of `delivery_table`.
    groups : DataFrame
        Of `groups_table`.
    rate : float
        Yearly discount rate.

    Returns
    -------
    DataFrame
        ``arm``; ``differs_in``: in what it differs from the baseline beside the programme (`other_differences`), for
        then there is no price. Its own money, rupiah of 2016: ``budget_idr, spent_idr, spent_share, under_spent,
        lapsed_idr``. Firms: ``offers, take_up``, ``reached`` (firms served at least once), ``gini_received`` (of the
        money spent on each firm, over all firms in business at the end).

        Against the baseline, with ``_low`` and ``_high``: ``extra_jobs`` (mean over the last twelve months),
        ``job_years`` (over the run), ``extra_value_added_idr`` and ``public_cost_idr`` (over the run, discounted;
        what leaves the agency, interest subsidies and guarantee losses), of which ``city_cost_idr`` and
        ``national_cost_idr``. ``funds_left_idr``: what cooperatives have more at the end, lent out or not; it is not
        taken off the cost. ``jobs_served``: extra jobs in the firms that were served, displacement left out;
        ``jobs_displaced``: jobs that all other firms lose, so that extra = served − displaced. ``cost_per_job`` and
        ``cost_per_value_added`` with intervals, and ``_why`` where there is none.
    """
    return pd.DataFrame(
        [
            {"arm": name, "differs_in": other_differences(arm.scenario, arms[baseline].scenario)}
            | _money(levers[levers["arm"] == name])
            | _reach(arm)
            | _against(arm, arms[baseline], rate)
            | _displacement(groups[(groups["arm"] == name) & (groups["outcome"] == "jobs")])
            for name, arm in arms.items()
        ]
    )


def _money(levers: pd.DataFrame) -> dict[str, Any]:
    budget, spent = float(levers["budget_idr"].sum()), float(levers["spent_idr"].sum())
    return {
        "budget_idr": budget,
        "spent_idr": spent,
        "spent_share": spent / budget if budget > 0.0 else math.nan,
        "under_spent": spent < UNDER_SPENT * budget,
        "lapsed_idr": float(levers["lapsed_idr"].sum()),
        "offers": float(levers["offers"].sum()),
        "take_up": take_up(levers),
    }


def _reach(arm: ArmRuns) -> dict[str, Any]:
    unequal = np.array([gini(firms.received) for firms in arm.firms])
    known = unequal[np.isfinite(unequal)]
    return {
        "reached": float(arm.monthly[:, -1, OUTCOME.reached].mean()),
        "gini_received": float(known.mean()) if len(known) else math.nan,
    }


def _against(arm: ArmRuns, base: ArmRuns, rate: float) -> dict[str, Any]:
    difference = arm.monthly - base.monthly
    city = discounted(difference[:, :, OUTCOME.spent_idr], rate)
    state = [OUTCOME.interest_subsidy_idr, OUTCOME.guarantee_loss_idr]
    national = discounted(difference[:, :, state].sum(axis=2), rate)
    jobs = last_year(arm.monthly)[:, OUTCOME.jobs] - last_year(base.monthly)[:, OUTCOME.jobs]
    added = discounted(difference[:, :, OUTCOME.value_added_idr], rate)
    found: dict[str, Any] = {}
    for name, values in (
        ("extra_jobs", jobs),
        ("job_years", difference[:, :, OUTCOME.jobs].sum(axis=1) / MONTHS_OF_YEAR),
        ("extra_value_added_idr", added),
        ("public_cost_idr", city + national),
        ("city_cost_idr", city),
        ("national_cost_idr", national),
        ("funds_left_idr", arm.funds - base.funds),
    ):
        found |= _with_ends(name, mean_effect(values))
    alike = not other_differences(arm.scenario, base.scenario)
    for name, gain in (("cost_per_job", jobs), ("cost_per_value_added", added)):
        # a price would charge the programme for a pandemic, or credit it with the lack of one
        price = ratio(city + national, gain) if alike else Ratio(math.nan, math.nan, math.nan, "differs")
        found |= _with_ends(name, price) | {f"{name}_why": price.why}
    return found


def _with_ends(name: str, found: Effect | Ratio) -> dict[str, float]:
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}


def _displacement(groups: pd.DataFrame) -> dict[str, float]:
    means = groups.set_index(["group", "member"])["mean"]
    if ("reach", "served") not in means.index:
        return {"jobs_served": math.nan, "jobs_displaced": math.nan}
    return {
        "jobs_served": float(means["reach", "served"]),
        "jobs_displaced": -float(means["reach", "not_served"]),
    }
