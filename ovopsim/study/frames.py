"""Runs as tidy tables: `runs`, `monthly` and `firms`, joined by `run_id`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ovopsim.simulation import firms_frame, monthly_frame
from ovopsim.study.identity import run_id
from ovopsim.study.worlds import ArmRuns


@dataclass(frozen=True)
class RunTables:
    """Single runs as tables.

    Attributes
    ----------
    runs : DataFrame
        ``run_id, scenario, scenario_digest, seed, replication, start, months, model_digest``; a run that stands under
        two names has a row for each.
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
        rows.extend(_run_row(name, arm, seed, number, ids[number], digest) for number in range(len(ids)))
        if not known.intersection(ids):
            monthly.append(monthly_frame(arm.scenario, arm.monthly, arm.agency, "run_id", ids))
            firms.append(firms_frame(arm.scenario, arm.tables, "run_id", ids))
        known.update(ids)
    return RunTables(pd.DataFrame(rows), stacked(monthly), stacked(firms))


def stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of runs as one; a lever that only some scenarios have was not delivered in the others."""
    frame = pd.concat(frames, ignore_index=True)
    return frame.fillna(dict.fromkeys([name for name in frame.columns if name.startswith("delivered_")], 0.0))


def _run_row(name: str, arm: ArmRuns, seed: int, replication: int, identity: str, digest: str) -> dict[str, Any]:
    return {
        "run_id": identity,
        "scenario": name,
        "scenario_digest": arm.content.digest,
        "seed": seed,
        "replication": replication,
        "start": arm.scenario.start,
        "months": arm.scenario.months,
        "model_digest": digest,
    }
