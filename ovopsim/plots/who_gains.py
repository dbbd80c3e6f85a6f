"""Who gains and who loses? Change in sales by group of firms, a column for each programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.analysis.groups import GROUPS
from ovopsim.labels import label, percent
from ovopsim.plots.drawing import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    SMALL_SIZE,
    TEXT_SIZE,
    YELLOW,
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

KINDS: Final = tuple(dict.fromkeys(kind for kind, _ in GROUPS))
COLOUR_OF: Final = dict(zip(KINDS, (GREY, YELLOW, ORANGE, BLUE, GREEN, PINK), strict=True))


def who_gains(groups: pd.DataFrame, baseline: str, language: str = "en") -> Figure:
    """Return the change in sales of each group of firms in the last year, in per cent, with intervals."""
    mine = groups[(groups["outcome"] == "sales_idr") & (groups["arm"] != baseline)]
    arms = list(dict.fromkeys(mine["arm"]))
    places = _places()
    columns = max(1, len(arms))
    figure, axes = new_figure(2.6 + max(5.0, 1.45 * columns), 7.2, 1, columns, sharey=True, sharex=True)
    for axis, arm in zip(axes[0], arms, strict=False):
        zero_line(axis)
        axis.hlines(list(places.values()), -1e6, 1e6, color="0.93", lw=0.8, zorder=0)
        axis.tick_params(axis="y", length=0)
        for row in mine[mine["arm"] == arm].to_dict("records"):
            ends = (100.0 * row["relative"], 100.0 * row["relative_low"], 100.0 * row["relative_high"])
            place = places[row["group"], row["member"]]
            interval_mark(axis, place, ends, row["clear"] != 0, COLOUR_OF[row["group"]])
        axis.set_title(wrapped(arm_name(arm, language), 17 if columns > 2 else 60), loc="left", fontsize=TEXT_SIZE)
        percent_axis(axis.xaxis, language)
    _name_rows(axes[0][0], places, language)
    limits = _limits(mine)
    axes[0][0].set_xlim(*limits)
    cut = [_arrows(axis, mine[mine["arm"] == arm], places, limits) for axis, arm in zip(axes[0], arms, strict=False)]
    sure = percent(CONFIDENCE, language, 0)
    title(
        figure, label("text.who_gains_title" if arms else "text.nothing_to_compare", language).format(confidence=sure)
    )
    notes = ["text.who_gains_note", "text.hollow_note", *(["text.arrow_note"] if any(cut) else [])]
    note(figure, " ".join(label(key, language) for key in notes))
    return figure


def _arrows(axis: Axes, rows: pd.DataFrame, places: dict[tuple[str, str], float], limits: tuple[float, float]) -> bool:
    """Draw an arrow where an interval goes on beyond the axis; return whether there is one."""
    found = False
    for row in rows.to_dict("records"):
        beyond = (100.0 * row["relative_low"] < limits[0], 100.0 * row["relative_high"] > limits[1])
        for end, marker, out in zip(limits, "<>", beyond, strict=True):
            if out:
                place = places[row["group"], row["member"]]
                axis.plot(end, place, marker, color=COLOUR_OF[row["group"]], ms=5.5, clip_on=False, zorder=5)
                found = True
    return found


def _places() -> dict[tuple[str, str], float]:
    """Return the height of each group, from the top down, with room for a heading over each kind."""
    places = {}
    height = 0.0
    for kind in KINDS:
        height -= 1.3  # the heading
        for key in GROUPS:
            if key[0] == kind:
                height -= 1.0
                places[key] = height
    return places


def _name_rows(axis: Axes, places: dict[tuple[str, str], float], language: str) -> None:
    heights, names = [], []
    for kind in KINDS:
        first = next(place for key, place in places.items() if key[0] == kind)
        heights.append(first + 1.0)
        names.append(label(f"group.{kind}", language))
        for (group, member), place in places.items():
            if group == kind:
                heights.append(place)
                names.append(label(f"member.{member}", language))
    axis.set_yticks(heights, names, fontsize=SMALL_SIZE)
    headings = {label(f"group.{kind}", language) for kind in KINDS}
    for text in axis.get_yticklabels():
        if text.get_text() in headings:
            text.set_fontweight("bold")
    axis.set_ylim(min(heights) - 0.7, max(heights) + 0.7)


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Return an axis that shows all means and most intervals: one group of few firms must not flatten the others."""
    means = 100.0 * rows["relative"].dropna()
    ends = 100.0 * pd.concat([rows["relative_low"], rows["relative_high"]]).dropna()
    if means.empty:
        return -1.0, 1.0
    few = rows["arm"].nunique() < 3
    low, high = np.quantile(ends, [0.0, 1.0] if few else [0.04, 0.96]) if len(ends) else (0.0, 0.0)
    low, high = min(low, means.min(), 0.0), max(high, means.max(), 0.0)
    room = 0.08 * max(high - low, 0.5)
    return low - room, high + room
