"""Runs as tidy tables: `runs`, `monthly` and `firms`, joined by `run_id`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.fields import Reals
from ovopsim.policy import Scenario
from ovopsim.policy.calendar import month_index
from ovopsim.simulation import firms_frame, monthly_frame, parameter_values, units_delivered
from ovopsim.study.identity import Content, run_id
from ovopsim.study.worlds import ArmRuns

ABSORPTION: Final = "agency.absorption"


@dataclass(frozen=True)
class RunTables:
    """Single runs as tables.

    Attributes
    ----------
    runs : DataFrame
        ``run_id, scenario, scenario_digest, base_digest, seed, replication, start, months, budget_idr, model_digest,
        status, reason``; a run that stands under two names has a row for each. ``budget_idr`` is `released_idr`.
        ``status`` is ``done`` or ``failed``, with the reason. A sweep adds a column for each path that it varies, and
        says which scenario its design changes (``base_digest``; empty for a scenario of its own).
    monthly : DataFrame
        ``run_id, step, month``, the monthly outcomes, and units delivered by lever; each run once.
    firms : DataFrame
        ``run_id, step, month, firm_id`` and the state of each firm in business at the end of chosen months.
    """

    runs: pd.DataFrame
    monthly: pd.DataFrame
    firms: pd.DataFrame


def run_tables(arms: Mapping[str, ArmRuns], seed: int, digest: str) -> RunTables:
    """Return the tables of all runs of some arms.

    Parameters
    ----------
    digest : str
        Of the model.
    """
    rows: list[dict[str, Any]] = []
    monthly, firms = [], []
    known: set[str] = set()
    for name, arm in arms.items():
        ids = [run_id(arm.content, seed, number, digest) for number in range(len(arm.monthly))]
        rows.extend(
            run_row(ids[number], arm.scenario, arm.content, (name, seed, number, digest)) for number in range(len(ids))
        )
        if not known.intersection(ids):
            monthly.append(monthly_frame(arm.scenario, arm.monthly, units_delivered(arm.agency), "run_id", ids))
            firms.append(firms_frame(arm.scenario, arm.tables, "run_id", ids))
        known.update(ids)
    return RunTables(pd.DataFrame(rows), stacked(monthly), stacked(firms))


def stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of runs as one; a lever that only some scenarios have was not delivered in the others."""
    if len(frames) == 1:  # most often all runs of a part are alike, and one copy less is much of their writing
        return frames[0]
    frame = pd.concat(frames, ignore_index=True)
    return frame.fillna(dict.fromkeys([name for name in frame.columns if name.startswith("delivered_")], 0.0))


def run_row(
    identity: str,
    scenario: Scenario,
    content: Content,
    of: tuple[str, int, int, str],
    reason: str = "",
    base: Content | None = None,
) -> dict[str, Any]:
    """Return what the table of runs says of one.

    Parameters
    ----------
    of : tuple
        Name, seed, replication, digest of the model.
    reason : str
        Why it failed; empty when it did not.
    base : Content, optional
        Of the scenario that a design changes; None = it is no design's.
    """
    name, seed, replication, digest = of
    return {
        "run_id": identity,
        "scenario": name,
        "scenario_digest": content.digest,
        "base_digest": "" if base is None else base.digest,
        "seed": seed,
        "replication": replication,
        "start": scenario.start,
        "months": scenario.months,
        "budget_idr": released_idr(scenario),
        "model_digest": digest,
        "status": "failed" if reason else "done",
        "reason": reason,
    }


def released_idr(scenario: Scenario) -> float:
    """Return what the treasury releases to a scenario's programme within the run, rupiah of 2016.

    NaN where there is no programme, and where trials stand beside it: what they spend is in no budget, and the runs do
    not say whose money was spent.
    """
    programme = scenario.programme
    if programme is None or programme.budget <= 0.0 or scenario.assignments:
        return float("nan")
    changed = any(path.startswith(ABSORPTION) for path in scenario.parameters)
    shares = parameter_values(scenario)[ABSORPTION] if changed else _usual_absorption()
    first = month_index(scenario.start)
    months = np.arange(first + programme.start, first + min(programme.start + programme.months, scenario.months))
    return float(programme.budget * shares[months % 12].sum())


@cache
def _usual_absorption() -> Reals:
    """Return the share of a year's budget that is released in each month: the same in nearly all runs of a sweep."""
    shares: Reals = np.asarray(parameter_values(Scenario())[ABSORPTION])
    return shares
