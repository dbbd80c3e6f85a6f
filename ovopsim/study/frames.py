"""Runs as tidy tables: `runs`, `monthly` and `firms`, joined by `run_id`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ovopsim.fields import (
    AGENCY_FIELDS,
    CHANNELS,
    N_CHANNELS,
    SENTRAS,
    SIZE_CLASSES,
    TECHNIQUES,
    FirmRows,
    Reals,
    fields_of,
)
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy.canonical import scenario_digest
from ovopsim.simulation import dates_of
from ovopsim.study.identity import run_id
from ovopsim.study.worlds import ArmRuns

# What the table of firms holds. The state has more: what habits rest on, neighbours, plans within the month.
COLUMNS_OF_FIRMS = (
    *("firm_id", "sentra", "technique", "size_class", "age", "log_ability"),
    *("equipment", "cash", "receivable", "payable", "bank_debt", "coop_debt", "arrears", "inventory", "workers"),
    *("craft", "management", "bookkeeping", "technology", "market_access", "participates"),
    *("member", "licensed", "certified", "business_account", "contract_lot"),
    *("price", "unit_cost", "expected_orders", "output", "sold"),
    *(
        "sales",
        "export_sales",
        "value_added",
        "profit",
        "yearly_sales",
        "smoothed_profit",
        "received_idr",
        "times_served",
    ),
)
CODES = {"sentra": SENTRAS, "technique": TECHNIQUES, "size_class": SIZE_CLASSES}
NAMES_OF_CODES = {name: pd.Index(names) for name, names in CODES.items()}
# a firm's numbers with seven digits: enough for a rupiah in ten million, at half the room
KINDS = {"flag": np.bool_, "id": np.int64, "months": np.int32}


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
        ids = [run_id(arm.scenario, seed, number, digest) for number in range(len(arm.monthly))]
        rows.extend(_run_row(name, arm, seed, number, ids[number], digest) for number in range(len(ids)))
        if not known.intersection(ids):
            monthly.append(_monthly(arm, ids))
            firms.append(_firms(arm, ids))
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
        "scenario_digest": scenario_digest(arm.scenario),
        "seed": seed,
        "replication": replication,
        "start": arm.scenario.start,
        "months": arm.scenario.months,
        "model_digest": digest,
    }


def _monthly(arm: ArmRuns, ids: list[str]) -> pd.DataFrame:
    runs, months, _ = arm.monthly.shape
    content: dict[str, Any] = {
        "run_id": np.repeat(ids, months),
        "step": np.tile(np.arange(months, dtype=np.int32), runs),
        "month": np.tile(dates_of(arm.scenario.start, months).to_numpy(), runs),
    }
    content |= {name: arm.monthly[:, :, place].ravel() for place, name in enumerate(OUTCOMES)}
    delivered = arm.agency[:, :, AGENCY_FIELDS["delivered"]]
    content |= {
        f"delivered_{name}": delivered[:, :, place].ravel() for place, name in enumerate(arm.scenario.all_levers)
    }
    return pd.DataFrame(content)


def _firms(arm: ArmRuns, ids: list[str]) -> pd.DataFrame:
    months = dates_of(arm.scenario.start, arm.scenario.months)
    parts = [(number, step, table) for number, run in enumerate(arm.tables) for step, table in run.items()]
    counts = [table.shape[1] for _, _, table in parts]
    steps = np.repeat(np.array([step for _, step, _ in parts], dtype=np.int32), counts)
    content: dict[str, Any] = {
        "run_id": np.repeat(np.array(ids, dtype=object)[[number for number, _, _ in parts]], counts),
        "step": steps,
        "month": months[steps],
    }
    every = np.concatenate([table for _, _, table in parts], axis=1) if parts else np.zeros((_last_row(), 0))
    return pd.DataFrame(content | _columns(every))


def _last_row() -> int:
    return sum(field.rows for field, _ in fields_of(FirmRows).values())


def _columns(table: Reals) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    rows = fields_of(FirmRows)
    for name in COLUMNS_OF_FIRMS:
        field, row = rows[name]
        kind = KINDS.get(field.unit, np.float32)
        suffix = "_idr" if field.unit.startswith("IDR") and not name.endswith("_idr") else ""
        if name in NAMES_OF_CODES:
            columns[name] = pd.Categorical.from_codes(table[row].astype(np.int8), categories=NAMES_OF_CODES[name])
        elif field.rows == N_CHANNELS:
            columns |= {f"{name}_{each}": table[row + place].astype(kind) for place, each in enumerate(CHANNELS)}
        else:
            columns[f"{name}{suffix}"] = table[row].astype(kind)
    return columns
