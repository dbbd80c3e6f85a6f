"""Runs as tidy tables: one row for each run and month, or for each run, kept month and firm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.fields import (
    AGENCY_FIELDS,
    CHANNELS,
    FIRM,
    N_CHANNELS,
    SENTRAS,
    SIZE_CLASSES,
    TECHNIQUES,
    FirmRows,
    Reals,
    fields_of,
    row_count,
)
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy.calendar import month_index
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation.runs import RunArrays

# What the table of firms holds. The state has more: what habits rest on, neighbours, plans within the month.
COLUMNS_OF_FIRMS = (
    *("firm_id", "sentra", "technique", "size_class", "age", "log_ability"),
    *("equipment", "cash", "receivable", "payable", "bank_debt", "coop_debt", "arrears", "inventory", "workers"),
    *("craft", "management", "bookkeeping", "technology", "market_access", "participates"),
    *("member", "licensed", "certified", "business_account", "contract_lot"),
    *("price", "unit_cost", "expected_orders", "output", "sold"),
    *("sales", "export_sales", "value_added", "profit", "yearly_sales", "smoothed_profit"),
    *("received_idr", "times_served"),
)
# What Mesa's collector and `batch_run` say of each firm, under its name in the state and in its units.
RECORDED: Final = (
    *("firm_id", "sentra", "technique", "size_class", "age"),
    *("equipment", "cash", "bank_debt", "coop_debt", "inventory", "workers"),
    *("craft", "management", "bookkeeping", "technology"),
    *(f"market_access_{channel}" for channel in CHANNELS),
    *("price", "output", "sold", "sales", "export_sales", "value_added", "profit"),
    *("member", "licensed", "certified", "received_idr"),
)
CODES = {"sentra": SENTRAS, "technique": TECHNIQUES, "size_class": SIZE_CLASSES}
NAMES_OF_CODES = {name: pd.Index(names) for name, names in CODES.items()}
# a firm's numbers with seven digits: enough for a rupiah in ten million, at half the room
KINDS = {"flag": np.bool_, "id": np.int64, "months": np.int32}


def dates_of(start: str, months: int) -> pd.DatetimeIndex:
    """Return the first day of each month of a run."""
    index = month_index(start)
    return pd.date_range(f"{index // 12:04d}-{index % 12 + 1:02d}-01", periods=months, freq="MS")


def units_delivered(agency: Reals) -> Reals:
    """Return units delivered (…, months, levers) from the agency's fields (…, months, agency fields, levers)."""
    return agency[..., AGENCY_FIELDS["delivered"], :]


def monthly_columns(scenario: Scenario, monthly: Reals, delivered: Reals) -> dict[str, NDArray[np.float64]]:
    """Return monthly outcomes and units delivered by lever (``delivered_<lever>``) as columns, run after run.

    Parameters
    ----------
    monthly : array (runs, months, outcomes)
    delivered : array (runs, months, levers)
    """
    columns = {name: monthly[:, :, place].ravel() for place, name in enumerate(OUTCOMES)}
    return columns | {
        f"delivered_{name}": delivered[:, :, place].ravel() for place, name in enumerate(scenario.all_levers)
    }


def monthly_frame(
    scenario: Scenario, monthly: Reals, delivered: Reals, key: str, names: Sequence[str] | range
) -> pd.DataFrame:
    """Return the monthly table of some runs: the runs' key, ``step``, ``month`` and `monthly_columns`.

    Parameters
    ----------
    monthly, delivered : array
        As for `monthly_columns`.
    key : str
        Column that tells the runs apart.
    names : sequence
        What it says of each run.
    """
    runs, months, _ = monthly.shape
    content: dict[str, Any] = {
        key: pd.Index(names).repeat(months),
        "step": np.tile(np.arange(months, dtype=np.int32), runs),
        "month": np.tile(dates_of(scenario.start, months).to_numpy(), runs),
    }
    # without a copy: pandas would else gather a sweep's hundreds of megabytes in one block
    return pd.DataFrame(content | monthly_columns(scenario, monthly, delivered), copy=False)


def kept_tables(run: RunArrays, steps: Iterable[int]) -> dict[int, Reals]:
    """Return the table (fields, firms in business) at the end of each of some months that were kept."""
    every = tables_in_business(run.chosen, run.snapshots)
    return {step: every[step] for step in steps}


def tables_in_business(chosen: NDArray[np.int64], snapshots: Reals) -> dict[int, Reals]:
    """Return kept tables (kept months, fields, slots) by month, with the firms in business only."""
    return {step: table[:, table[FIRM.active] == 1.0] for step, table in zip(chosen.tolist(), snapshots, strict=True)}


def firms_frame(
    scenario: Scenario, tables: Sequence[Mapping[int, Reals]], key: str, names: Sequence[str] | range
) -> pd.DataFrame:
    """Return the firm table of some runs: the runs' key, ``step``, ``month`` and the state of each firm in business.

    Parameters
    ----------
    tables : sequence of mapping
        For each run its `kept_tables`.
    key, names
        As for `monthly_frame`.
    """
    months = dates_of(scenario.start, scenario.months)
    parts = [(number, step, table) for number, run in enumerate(tables) for step, table in run.items()]
    counts = [table.shape[1] for _, _, table in parts]
    steps = np.repeat(np.array([step for _, step, _ in parts], dtype=np.int32), counts)
    content: dict[str, Any] = {
        key: pd.Index(names).take([number for number, _, _ in parts]).repeat(counts),
        "step": steps,
        "month": months[steps],
    }
    none = np.zeros((row_count(FirmRows), 0))
    return pd.DataFrame(content | _columns(np.concatenate([none, *(table for _, _, table in parts)], axis=1)))


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


def firm_columns() -> dict[str, int]:
    """Return name -> row for every field of a firm, by its name in the state; one by channel has a name for each."""
    columns: dict[str, int] = {}
    for name, (field, row) in fields_of(FirmRows).items():
        if field.rows == N_CHANNELS and not name.startswith("peer_"):
            columns |= {f"{name}_{channel}": row + place for place, channel in enumerate(CHANNELS)}
        elif field.rows == 1:
            columns[name] = row
    return columns
