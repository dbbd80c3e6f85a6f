"""What carries an effect? Its parts as bars that each begin where the one above ends, down to the whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.analysis.explained import PARTS, WHOLE
from ovopsim.labels import label, number, percent
from ovopsim.plots.drawing import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    SMALL_SIZE,
    TEXT_SIZE,
    arm_name,
    new_figure,
    note,
    percent_axis,
    title,
    zero_line,
)
from ovopsim.plots.effects import OUTCOMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THICK: Final = 0.56  # of a bar, in rows
LEAST: Final = 0.5  # per cent that an axis reaches at least to either side, so that what is tiny looks tiny


def explanation(table: pd.DataFrame, scenario: str, baseline: str, language: str = "en", warning: str = "") -> Figure:
    """Return the parts of the change of each outcome in the last year, in per cent, with intervals.

    Parameters
    ----------
    table : DataFrame
        `analysis.explained.explanation_table`.
    warning : str
        What stands under the figure besides.
    """
    figure, axes = new_figure(2.6 * len(OUTCOMES) + 1.6, 4.6, 1, len(OUTCOMES), sharey=True)
    for axis, outcome in zip(axes[0], OUTCOMES, strict=True):
        _bars(axis, table[table["outcome"] == outcome].set_index("part").loc[list(PARTS)], language)
        axis.set_title(label(f"outcome.{outcome}", language), loc="left", fontsize=TEXT_SIZE + 0.5)
        axis.margins(x=0.22)
        left, right = axis.get_xlim()
        if right - left < 2.0 * LEAST:
            axis.set_xlim(min(left, -LEAST), max(right, LEAST))
        percent_axis(axis.xaxis, language)
    names = [label(f"part.{part}", language) for part in PARTS]
    axes[0][0].set_yticks(range(len(PARTS)), names, fontsize=TEXT_SIZE)
    axes[0][0].get_yticklabels()[-1].set_fontweight("bold")
    axes[0][0].set_ylim(len(PARTS) - 0.4, -0.6)
    ends = {"scenario": arm_name(scenario, language), "baseline": arm_name(baseline, language)}
    title(figure, label("text.explanation_title", language, **ends))
    if warning:
        note(figure, warning)
    note(figure, label("text.explanation_note", language, confidence=percent(CONFIDENCE, language, 0)))
    return figure


def _bars(axis: Axes, rows: pd.DataFrame, language: str) -> None:
    zero_line(axis)
    axis.axhline(len(PARTS) - 1.5, color=GREY, lw=0.8)
    begin = 0.0
    for place, row in enumerate(rows.to_dict("records")):
        values = (100.0 * row[name] for name in ("relative", "relative_low", "relative_high"))
        size, low, high = (value if math.isfinite(value) else 0.0 for value in values)
        if PARTS[place] == WHOLE:
            begin = 0.0
        _bar(axis, place, begin, (size, low, high), _colour(PARTS[place], size), clear=row["clear"] != 0)
        _value(axis, (max(begin, begin + high), place), row, language)
        begin += size
        if place < len(PARTS) - 1:  # where the next one begins
            axis.plot([begin, begin], [place, place + 1], color=GREY, lw=0.7, zorder=1)


def _colour(part: str, size: float) -> str:
    if part == WHOLE:
        return BLACK
    return BLUE if size >= 0.0 else ORANGE


def _bar(axis: Axes, place: int, begin: float, ends: tuple[float, float, float], colour: str, *, clear: bool) -> None:
    size, low, high = ends
    axis.barh(place, size, THICK, begin, color=colour if clear else "white", edgecolor=colour, lw=1.2, zorder=2)
    axis.plot([begin + low, begin + high], [place, place], color=GREY, lw=1.4, zorder=3)


def _value(axis: Axes, place: tuple[float, int], row: dict[Any, Any], language: str) -> None:
    axis.annotate(
        number(100.0 * row["relative"], language, 1, signed=True),
        place,
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL_SIZE,
        fontweight="bold" if PARTS[place[1]] == WHOLE else "normal",
        color="black" if row["clear"] else "0.4",
    )
