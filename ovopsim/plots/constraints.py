"""What holds firms back most, and does a programme change that? Shares of firms by binding constraint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ovopsim.fields import CONSTRAINTS
from ovopsim.labels import label, number
from ovopsim.plots.drawing import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    SMALL_SIZE,
    TEXT_SIZE,
    YELLOW,
    apart,
    arm_name,
    month_axis,
    new_figure,
    note,
    percent_axis,
    title,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES: Final = (*CONSTRAINTS, "none")
FEWEST_ROWS: Final = 4  # for which there is room, so that one programme is not one tall row
LEAST: Final = 0.05  # points that one decimal shows
COLOURS: Final = (ORANGE, BLUE, GREEN, PINK, YELLOW, GREY)


def constraints(paths: pd.DataFrame, effects: pd.DataFrame, baseline: str, language: str = "en") -> Figure:
    """Return shares of firms by what holds them back most: the baseline's over time, and what programmes change."""
    arms = [arm for arm in dict.fromkeys(paths["arm"]) if arm != baseline]
    widths = [1.0, 1.25] if arms else [1.0]
    height = max(4.2, 1.9 + 0.42 * len(arms))
    figure, axes = new_figure(
        13.5 if arms else 8.0, height, 1, len(widths), gridspec_kw={"width_ratios": widths, "wspace": 0.08}
    )
    _over_time(axes[0][0], paths[paths["arm"] == baseline], language)
    if arms:
        _changes(axes[0][1], effects, arms, language)
        axes[0][1].set_title(wrapped(label("text.constraints_change", language), 60), loc="left", fontsize=TEXT_SIZE)
    key = "text.constraints_title" if arms else "text.constraints_title_alone"
    title(figure, label(key, language, arm=arm_name(baseline, language)))
    note(figure, label("text.constraints_note", language))
    return figure


def _over_time(axis: Axes, base: pd.DataFrame, language: str) -> None:
    from matplotlib.collections import LineCollection

    ends = []
    for name, colour in zip(NAMES, COLOURS, strict=True):
        mine = base[base["outcome"] == f"share_constraint_{name}"]
        axis.plot(mine["month"], 100.0 * mine["smooth"], color=colour, lw=2.2)
        ends.append(100.0 * float(mine["smooth"].iloc[-1]))
    months = base["month"].unique()
    top = max(5.0, 1.12 * float(np.nanmax([*ends, 100.0 * base.loc[_is_share(base), "smooth"].max()])))
    axis.set_ylim(0.0, top)
    axis.set_xlim(base.loc[base["smooth"].notna(), "month"].min(), months[-1])
    beside = axis.get_yaxis_transform()
    places = apart(ends, 0.06 * top, 0.02 * top)
    for name, colour, end, place in zip(NAMES, COLOURS, ends, places, strict=True):
        # led from the end of its line, because a name may have to give way to another
        lead = LineCollection([[(1.0, end), (1.03, place)]], transform=beside, colors=[colour], clip_on=False)
        axis.add_collection(lead, autolim=False)
        text = wrapped(label(f"outcome.constraint_{name}", language), 30)
        axis.text(
            1.04, place, text, transform=beside, va="center", fontsize=SMALL_SIZE, color=colour, fontweight="bold"
        )
    axis.set_ylabel(label("text.share_of_firms", language), fontsize=TEXT_SIZE)
    percent_axis(axis.yaxis, language)
    month_axis(axis, len(months))


def _points(change: float, clear: bool, language: str) -> str:
    if clear and abs(change) < LEAST:
        return f"<{number(LEAST, language, 2)}"
    return number(change, language, 1, signed=True)


def _is_share(frame: pd.DataFrame) -> pd.Series[bool]:
    return frame["outcome"].str.startswith("share_constraint_")


def _changes(axis: Axes, effects: pd.DataFrame, arms: list[str], language: str) -> None:
    columns = [f"share_constraint_{name}" for name in NAMES]
    wide = effects.pivot_table(index="arm", columns="outcome", values=["mean", "clear"]).loc[arms]
    points = 100.0 * wide["mean"][columns].to_numpy()
    clear = wide["clear"][columns].to_numpy() != 0
    most = max(0.5, float(np.abs(points).max()))
    axis.imshow(points, cmap="PuOr", vmin=-most, vmax=most, aspect="auto")
    for row, column in np.ndindex(points.shape):
        strong = abs(points[row, column]) > 0.6 * most
        axis.text(
            column,
            row,
            _points(float(points[row, column]), bool(clear[row, column]), language),
            ha="center",
            va="center",
            fontsize=SMALL_SIZE,
            fontweight="bold" if clear[row, column] else "normal",
            color="white" if strong else "black",
        )
    names: list[Any] = [wrapped(label(f"outcome.constraint_{name}", language), 12) for name in NAMES]
    axis.set_xticks(range(len(NAMES)), names, fontsize=SMALL_SIZE)
    axis.set_yticks(range(len(arms)), [wrapped(arm_name(arm, language), 24) for arm in arms], fontsize=SMALL_SIZE)
    # under the title, so that they stand at the rows however few these are
    axis.xaxis.tick_top()
    axis.set_ylim(max(len(arms), FEWEST_ROWS) - 0.5, -0.5)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
