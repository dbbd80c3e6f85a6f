"""What became of the money: budget, spent, lapsed, units delivered and offers taken, by lever and by role."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from ovopsim.fields import AGENCY_FIELDS, Reals
from ovopsim.policy.effects import value_of
from ovopsim.policy.levers import Lever
from ovopsim.simulation import parameter_values
from ovopsim.study.worlds import ArmRuns

UNDER_SPENT: Final = 0.8  # a role that spends less is marked
MONEY: Final = ("budget_idr", "spent_idr", "lapsed_idr", "spent_share")


def delivery_table(arms: Mapping[str, ArmRuns]) -> pd.DataFrame:
    """Return what became of each lever's money, means over replications, one row for each arm and lever in use.

    ``arm, role, lever, to``; ``budget_idr`` (released by the treasury within the run), ``spent_idr`` (overhead
    included), ``lapsed_idr``, ``spent_share``; ``offers`` made to firms and ``delivered`` units; ``take_up``: share of
    offers that firms accepted, NaN for what is not offered (places, cooperatives); ``limit``: what kept the rest of
    the money (`limit_of`), empty where at least 80 % was spent.
    """
    rows = []
    for name, arm in arms.items():
        overhead = float(parameter_values(arm.scenario)["agency.overhead"])
        for place, (lever, record) in enumerate(arm.scenario.all_levers.items()):
            row = _lever_row(arm.agency[:, :, :, place], record, overhead)
            if row["budget_idr"] > 0.0:
                rows.append({"arm": name, "role": record.role, "lever": lever, "to": record.to} | row)
    return pd.DataFrame(rows, columns=["arm", "role", "lever", "to", *MONEY, "offers", "delivered", "take_up", "limit"])


def _lever_row(agency: Reals, lever: Lever, overhead: float) -> dict[str, Any]:
    def total(field: str) -> float:
        return float(agency[:, :, AGENCY_FIELDS[field]].sum(axis=1).mean())

    budget, spent, offers = total("released"), total("spent"), total("asked")
    share = spent / budget if budget > 0.0 else math.nan
    return {
        "budget_idr": budget,
        "spent_idr": spent,
        "lapsed_idr": total("lapsed"),
        "spent_share": share,
        "offers": offers,
        "delivered": total("delivered"),
        "take_up": total("delivered") / offers if offers > 0.0 else math.nan,
        "limit": limit_of(agency, lever, overhead) if share < UNDER_SPENT else "",
    }


def limit_of(agency: Reals, lever: Lever, overhead: float) -> str:
    """Return what most often kept a lever's money from being spent, over all months of all replications.

    ``capacity``: as many units as a month allows were delivered, and money for more was left; ``takers``: money and
    room were left, and no firm that is eligible and willing; ``batch``: what was left never reached for a whole batch.

    Parameters
    ----------
    agency : array (replications, months, agency fields)
    lever : Lever
    overhead : float
        Share of public money that delivering takes.
    """
    batch = max(1.0, value_of(lever.batch))
    left = agency[:, :, AGENCY_FIELDS["accrual"]] + agency[:, :, AGENCY_FIELDS["lapsed"]]
    rich = left >= batch * value_of(lever.unit_cost) / (1.0 - overhead)
    capacity = math.inf if lever.capacity is None else value_of(lever.capacity)
    full = rich & (agency[:, :, AGENCY_FIELDS["delivered"]] + batch > capacity)
    if not rich.any():
        return "batch"
    return "capacity" if 2 * full.sum() > rich.sum() else "takers"


def roles_table(levers: pd.DataFrame) -> pd.DataFrame:
    """Return a delivery table summed over the levers of each role.

    ``arm, role, budget_idr, spent_idr, lapsed_idr, spent_share, under_spent, take_up, limit``; the limit is that of
    the lever with most money left.
    """
    rows = []
    for (arm, role), mine in levers.groupby(["arm", "role"], sort=False):
        budget, spent = float(mine["budget_idr"].sum()), float(mine["spent_idr"].sum())
        worst = int((mine["budget_idr"] - mine["spent_idr"]).to_numpy().argmax())
        under = spent < UNDER_SPENT * budget
        rows.append(
            {
                "arm": arm,
                "role": role,
                "budget_idr": budget,
                "spent_idr": spent,
                "lapsed_idr": float(mine["lapsed_idr"].sum()),
                "spent_share": spent / budget,
                "under_spent": under,
                "take_up": take_up(mine),
                "limit": str(mine["limit"].iloc[worst]) if under else "",
            }
        )
    return pd.DataFrame(rows, columns=["arm", "role", *MONEY, "under_spent", "take_up", "limit"])


def take_up(levers: pd.DataFrame) -> float:
    """Return the share of offers that were accepted, over levers that are offered; NaN when none is.

    Agencies offer until money or room is gone, so that this is what firms make of the offer, not what capacity allows.
    """
    offered = levers[levers["offers"] > 0.0]
    offers = float(offered["offers"].sum())
    return float(offered["delivered"].sum()) / offers if offers > 0.0 else math.nan
