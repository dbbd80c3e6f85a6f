"""A field trial for the terminal: what its evaluator would find beside what is so, and how large a pilot must be."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from ovopsim.labels import NOTHING, label, number
from ovopsim.report.columns import Column, table_of


def trial_page(
    effects: pd.DataFrame, estimator: str, title: str, language: str = "en", width: int = 100
) -> RenderableType:
    """Return the effect of each arm on each outcome, in per cent: estimated, exact, and on the controls.

    Parameters
    ----------
    effects : DataFrame
        Of `ovopsim.trials.TrialResult.effects`.
    estimator : str
        By which the trial is to be judged.
    """
    shown = {estimator: "text.as_evaluated", "exact": "text.as_it_is"}
    whole = effects[effects["group"] == "all"]
    keys = whole[whole["arm"] != "control"].drop_duplicates(["arm", "outcome", "month"])
    names: list[str] = []
    cells: dict[str, list[str]] = {key: [] for key in (*shown, "control")}
    for arm, outcome, month in keys[["arm", "outcome", "month"]].itertuples(index=False):
        names.append(f"{arm}: {label(f'trial_outcome.{outcome}', language)}, {number(month, language)}")
        at = whole[(whole["outcome"] == outcome) & (whole["month"] == month)]
        for key in shown:
            cells[key].append(_percent(at[(at["arm"] == arm) & (at["estimator"] == key)], language))
        cells["control"].append(_percent(at[(at["arm"] == "control") & (at["estimator"] == "exact")], language))
    columns = [Column(label(text, language), tuple(cells[key])) for key, text in shown.items()]
    columns.append(Column(label("text.on_controls", language), tuple(cells["control"]), 1))
    first = Column(label("text.arm_outcome_month", language), tuple(names))
    return Group(
        Text(title, style="bold"),
        Text(),
        table_of(first, columns, width, widest=44),
        Text(),
        Text(label("text.trial_note", language, estimator=label(f"estimator.{estimator}", language))),
    )


def trial_title(trial: str, firms: int, runs: int, language: str) -> str:
    """Return the heading of a trial's page."""
    words = {"firms": number(firms, language), "runs": number(runs, language)}
    return label("text.trial_title", language, trial=trial, **words)


def power_page(table: pd.DataFrame, language: str = "en", width: int = 100) -> RenderableType:
    """Return the table of sizes of a pilot, for each arm.

    Parameters
    ----------
    table : DataFrame
        Of `ovopsim.trials.TrialResult.power`.
    """
    sizes = [number(size, language) for size in table["size"]]
    heading = label("power_column.size", language)
    if len(set(table["arm"])) > 1:
        heading = f"{label('trial_column.arm', language)}: {heading}"
        sizes = [f"{arm}: {size}" for arm, size in zip(table["arm"], sizes, strict=True)]
    names = Column(heading, tuple(sizes))
    columns = [
        Column(label(f"power_column.{name}", language), tuple(_figure(value, language) for value in table[name]), need)
        for need, name in enumerate(("power_formula", "power_simulated", "mde_formula", "needed_formula"))
    ]
    return Group(table_of(names, columns, width), Text(), Text(label("text.power_note", language)))


def _percent(cell: pd.DataFrame, language: str) -> str:
    """Return an effect in per cent, and under it the ends of its interval."""
    if cell.empty or math.isnan(float(cell["percent"].iloc[0])):
        return NOTHING
    row = cell.iloc[0]
    shown = number(float(row["percent"]), language, 1)
    if math.isnan(float(row["low"])):
        return shown
    ends = (number(100.0 * float(row[end]) / float(row["control_mean"]), language, 1) for end in ("low", "high"))
    return f"{shown}\n{' … '.join(ends)}"


def _figure(value: Any, language: str) -> str:
    found = float(value)
    return NOTHING if math.isnan(found) else number(found, language, 2 if found < 10.0 else 0)
