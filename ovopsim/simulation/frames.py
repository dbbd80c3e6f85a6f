"""Runs as tidy tables: one row for each month, or for each firm and kept month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ovopsim.fields import AGENCY_FIELDS, CHANNELS, FIRM, N_CHANNELS, FirmRows, fields_of
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy.calendar import month_index
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation.runs import RunArrays


def dates_of(start: str, months: int) -> pd.DatetimeIndex:
    """Return the first day of each month of a run."""
    index = month_index(start)
    return pd.date_range(f"{index // 12:04d}-{index % 12 + 1:02d}-01", periods=months, freq="MS")


def monthly_frame(scenario: Scenario, run: RunArrays) -> pd.DataFrame:
    """Return the monthly outcomes of one run, one row a month: ``step``, ``month``, outcomes, units delivered."""
    frame = pd.DataFrame(run.monthly, columns=list(OUTCOMES))
    delivered = {
        f"delivered_{name}": run.levers[:, AGENCY_FIELDS["delivered"], place]
        for place, name in enumerate(scenario.all_levers)
    }
    frame = pd.concat([frame, pd.DataFrame(delivered)], axis=1)
    frame.insert(0, "month", dates_of(scenario.start, scenario.months))
    frame.insert(0, "step", np.arange(scenario.months))
    return frame


def firm_columns() -> dict[str, int]:
    """Return name -> row for every column of the firm table; a field by channel has one column for each."""
    columns: dict[str, int] = {}
    for name, (field, row) in fields_of(FirmRows).items():
        if field.rows == N_CHANNELS and not name.startswith("peer_"):
            columns |= {f"{name}_{channel}": row + place for place, channel in enumerate(CHANNELS)}
        elif field.rows == 1:
            columns[name] = row
    return columns


def firms_frame(run: RunArrays) -> pd.DataFrame:
    """Return the kept firm tables, one row for each firm in business and kept month (``step``)."""
    columns = firm_columns()
    parts = []
    for place, step in enumerate(run.chosen):
        table = run.snapshots[place]
        active = table[FIRM.active] == 1.0
        part = pd.DataFrame({name: table[row, active] for name, row in columns.items() if name != "active"})
        part.insert(0, "step", int(step))
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["step", *columns])
