"""The validation table for the terminal: every target simulated beside published, and the counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from ovopsim.analysis.validation import SEEN, counts, noisy
from ovopsim.labels import NOTHING, label, name_of_target, number
from ovopsim.report.columns import ROOMY, Column, table_of

COUNTED = {
    "patterns": "text.count_patterns",
    "trials": "text.count_trials",
    "held_out": "text.count_held_out",
    "unseen": "text.count_unseen",
    "targets": "text.count_targets",
}
WIDEST_NAME = 52
NARROW_NAME = 34


def target_name(row: Mapping[str, Any], language: str) -> str:
    """Return what a target is called."""
    return name_of_target(row["name"] if row["trial"] is None else f"{row['trial']}.{row['name']}", language)


def figure_of(value: float | None, language: str) -> str:
    """Return a figure with as many digits as it needs."""
    if value is None or math.isnan(value):
        return NOTHING
    return number(value, language, 3 if abs(value) < 1.0 else 2 if abs(value) < 10.0 else 1)


def span_of(row: Mapping[str, Any], language: str) -> str:
    """Return the tolerated range in words."""
    low, high = row["low"], row["high"]
    if high is None:
        return label("text.at_least", language, low=figure_of(low, language))
    if low is None:
        return label("text.at_most", language, high=figure_of(high, language))
    return f"{figure_of(low, language)} … {figure_of(high, language)}"


def value_in_range(row: Mapping[str, Any], language: str) -> str:
    """Return what is simulated and what is tolerated, in figures."""
    return f"{figure_of(row['simulated'], language)}  ({span_of(row, language)})"


def validation_page(
    rows: Sequence[Mapping[str, Any]], language: str = "en", width: int = 100, draws: int = 0
) -> RenderableType:
    """Return the table of all targets, those outside first in words below it.

    Parameters
    ----------
    rows : sequence of mapping
        Of `ovopsim.analysis.validation.validation_table`.
    draws : int
        Draws of a posterior that the worlds had; 0 = none.
    """
    names = Column(label("text.target", language), tuple(target_name(row, language) for row in rows))
    columns = [
        Column(label("text.simulated", language), tuple(figure_of(row["simulated"], language) for row in rows), 0),
        Column(label("text.tolerated", language), tuple(span_of(row, language) for row in rows), 1),
        Column(label("text.inside", language), tuple(_answer(row["inside"], language) for row in rows), 2),
        Column(label("text.published", language), tuple(figure_of(row["published"], language) for row in rows), 3),
        Column(label("text.most_worlds", language), tuple(_most(row, language) for row in rows), 4),
        Column(label("text.fit", language), tuple(_fit(row, language) for row in rows), 5),
    ]
    widest = WIDEST_NAME if width >= ROOMY else NARROW_NAME
    lines = [label(COUNTED[name], language, inside=inside, all=every) for name, (inside, every) in counts(rows).items()]
    outside = [target_name(row, language) for row in rows if not row["inside"]]
    if outside:
        lines.append(label("text.targets_outside", language, targets="; ".join(outside)))
    unknown = [target_name(row, language) for row in noisy(rows)]
    if unknown and len(unknown) == len(rows):
        lines.append(label("text.targets_all_noisy", language))
    elif unknown:
        lines.append(label("text.targets_noisy", language, targets="; ".join(unknown)))
    title = label("text.validation_title", language)
    if draws:
        title = label("text.validation_of_draws", language, draws=number(draws, language))
    return Group(
        Text(title, style="bold"),
        Text(),
        table_of(names, columns, width, widest=widest),
        Text(),
        *(Text(line) for line in lines),
    )


def _most(row: Mapping[str, Any], language: str) -> str:
    return f"{figure_of(row['world_low'], language)} … {figure_of(row['world_high'], language)}"


def _answer(inside: bool, language: str) -> str:
    return label("text.yes" if inside else "text.no", language)


def _fit(row: Mapping[str, Any], language: str) -> str:
    if row["kind"] == "baseline" and not row["emergent"]:
        return label("text.input", language)
    if row["fitted"]:
        return label("text.may_be_fitted", language)
    return label("text.seen" if row["trial"] in SEEN else "text.held_out", language)
