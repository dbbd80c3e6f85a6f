"""Tables for the terminal."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich.table import Table

from ovopsim.labels import label
from ovopsim.parameters.money import format_idr

COLUMNS = ("sales_idr", "value_added_idr", "profit_idr", "jobs")


def percent(value: float, language: str = "en", digits: int = 1) -> str:
    """Return a share as a signed percentage in the language's notation."""
    text = f"{100.0 * value:+.{digits}f} %"
    return text.replace(".", ",") if language == "id" else text


def _change(row: Any, language: str) -> str:
    if not math.isfinite(row["relative"]):
        return "–"
    low, high = percent(row["relative_low"], language), percent(row["relative_high"], language)
    return f"{percent(row['relative'], language)}\n[dim]{low} … {high}[/dim]"


def comparison_table(effects: pd.DataFrame, summary: pd.DataFrame, baseline: str, language: str = "en") -> Table:
    """Return effects on sales, value added, profit and jobs, what was spent, and the cost of a job."""
    table = Table(title=label("table_title", language).format(baseline=label(baseline, language)))
    for key in ("arm", *COLUMNS, "spent_of_budget", "take_up", "extra_jobs", "cost_per_job"):
        table.add_column(label(key, language), justify="left" if key == "arm" else "right")
    for row in summary.to_dict("records"):
        mine = effects[effects["arm"] == row["arm"]].set_index("outcome")
        cells = [_change(mine.loc[outcome], language) for outcome in COLUMNS]
        spent = "–"
        if row["budget_idr"] > 0:
            spent = f"{format_idr(row['spent_idr'], language)}\n{100 * row['spent_share']:.0f} %{' !' if row['under_spent'] else ''}"
        take_up = f"{100 * row['take_up']:.0f} %" if math.isfinite(row["take_up"]) else "–"
        if row["budget_idr"] == 0:
            cost, jobs = "–", "–"
        else:
            jobs = f"{row['extra_jobs']:+.1f}"
            cost = (
                format_idr(row["cost_per_job"], language)
                if math.isfinite(row["cost_per_job"])
                else label("no_clear_gain", language)
            )
        if row["arm"] == baseline:
            cells = ["–"] * len(COLUMNS)
        table.add_row(label(str(row["arm"]), language), *cells, spent, take_up, jobs, cost)
    if bool(summary["under_spent"].any()):
        table.caption = label("under_spent_note", language)
    return table


def baseline_rich(rows: list[dict[str, Any]], language: str = "en") -> Table:
    """Return the baseline table: simulated beside published."""
    table = Table()
    for key in ("pattern", "simulated", "tolerated", "inside", "emergent"):
        table.add_column(label(key, language), justify="left" if key == "pattern" else "right")
    for row in rows:
        low = "" if row["low"] is None else f"{row['low']:g}"
        high = "" if row["high"] is None else f"{row['high']:g}"
        table.add_row(
            row["about"],
            f"{row['simulated']:.3g}",
            f"{low} … {high}",
            label("yes" if row["inside"] else "no", language),
            label("yes" if row["emergent"] else "no", language),
        )
    return table
