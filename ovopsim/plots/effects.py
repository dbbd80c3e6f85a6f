"""What does each programme change, and how sure is that? Effects with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.labels import label, number, percent
from ovopsim.plots.drawing import (
    BLUE,
    SMALL_SIZE,
    TEXT_SIZE,
    arm_name,
    interval_mark,
    new_figure,
    note,
    percent_axis,
    title,
    wrapped,
    zero_line,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OUTCOMES = ("sales_idr", "value_added_idr", "profit_idr", "jobs")


def effects(table: pd.DataFrame, baseline: str, language: str = "en", outcomes: tuple[str, ...] = OUTCOMES) -> Figure:
    """Return the change of each programme against the baseline in the last year, in per cent, with intervals."""
    arms = [arm for arm in dict.fromkeys(table["arm"]) if arm != baseline]
    figure, axes = new_figure(2.5 * len(outcomes) + 2.2, 1.7 + 0.46 * max(2, len(arms)), 1, len(outcomes), sharey=True)
    for axis, outcome in zip(axes[0], outcomes, strict=True):
        rows = table[table["outcome"] == outcome].set_index("arm").loc[arms[::-1]]
        zero_line(axis)
        _marks(axis, rows, language)
        axis.set_title(label(f"outcome.{outcome}", language), loc="left", fontsize=TEXT_SIZE + 0.5)
        axis.margins(x=0.15)
        percent_axis(axis.xaxis, language)
    names = [wrapped(arm_name(arm, language), 26) for arm in reversed(arms)]
    axes[0][0].set_yticks(range(len(arms)), names, fontsize=TEXT_SIZE)
    axes[0][0].set_ylim(-0.6, max(1, len(arms)) - 0.2)
    text = label("text.effects_title", language, baseline=arm_name(baseline, language), confidence=_sure(language))
    title(figure, text if arms else label("text.nothing_to_compare", language))
    note(figure, label("text.hollow_note", language))
    return figure


def _sure(language: str) -> str:
    return percent(CONFIDENCE, language, 0)


def _marks(axis: Axes, rows: pd.DataFrame, language: str) -> None:
    for place, row in enumerate(rows.to_dict("records")):
        middle, low, high = (100.0 * row[name] for name in ("relative", "relative_low", "relative_high"))
        clear = row["clear"] != 0
        interval_mark(axis, place, (middle, low, high), clear, BLUE)
        axis.annotate(
            number(middle, language, 1, signed=True),
            (middle, place),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL_SIZE,
            color="black" if clear else "0.4",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
