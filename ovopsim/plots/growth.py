"""Does the cluster grow, and does a programme change that? Paths with bands, a panel for each programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ovopsim.analysis.changes import BAND, smoothing
from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.labels import label, percent
from ovopsim.plots.drawing import (
    BLUE,
    GREY,
    PALE,
    TEXT_SIZE,
    arm_name,
    month_axis,
    new_figure,
    title,
    value_axis,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS_FOR = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}
MOST_COLUMNS = 4


def growth(
    paths: pd.DataFrame, effects: pd.DataFrame, baseline: str, outcome: str = "sales_idr", language: str = "en"
) -> Figure:
    """Return the paths of one outcome, smoothed over twelve months: each programme beside the baseline.

    The grey band holds 90 % of the baseline's runs: what chance does. The coloured band is the 95 % interval of the
    programme's change, over pairs: how well that is known.
    """
    mine = paths[paths["outcome"] == outcome]
    base = mine[mine["arm"] == baseline]
    arms = [arm for arm in dict.fromkeys(mine["arm"]) if arm != baseline]
    panels = max(1, len(arms))
    columns = COLUMNS_FOR.get(panels, MOST_COLUMNS)
    rows = -(-panels // columns)
    width = max(8.0, 3.3 * columns + 1.0)
    figure, axes = new_figure(width, 4.4 if rows == 1 else 2.7 * rows + 1.2, rows, columns, sharex=True, sharey=True)
    values = mine[["smooth_low", "smooth_high"]].abs().max()
    for place, axis in enumerate(axes.ravel()):
        if place >= panels:
            axis.set_visible(False)
            continue
        _band(axis, base, base["smooth_low"], base["smooth_high"], base["smooth"], (GREY, PALE))
        if arms:
            _programme(axis, mine[mine["arm"] == arms[place]], base)
            axis.set_title(wrapped(_panel_title(arms[place], effects, outcome, language), 38), loc="left", fontsize=10)
        value_axis(axis, outcome, values, language, name=place % columns == 0)
        month_axis(axis, len(base))
        axis.tick_params(labelbottom=place + columns >= panels)
    _legend(figure, arm_name(baseline, language), bool(arms), language)
    title(figure, _title(outcome, bool(arms), smoothing(len(base)), language))
    return figure


def _band(axis: Axes, frame: pd.DataFrame, low: Any, high: Any, middle: Any, colours: tuple[str, str]) -> None:
    axis.fill_between(frame["month"], low, high, color=colours[1], alpha=0.7, lw=0)
    axis.plot(frame["month"], middle, color=colours[0], lw=1.8)


def _programme(axis: Axes, arm: pd.DataFrame, base: pd.DataFrame) -> None:
    level = base["smooth"].to_numpy()
    low, high = level + arm["change_low"].to_numpy(), level + arm["change_high"].to_numpy()
    axis.fill_between(arm["month"], low, high, color=BLUE, alpha=0.3, lw=0)
    axis.plot(arm["month"], arm["smooth"], color=BLUE, lw=1.8)


def _panel_title(arm: str, effects: pd.DataFrame, outcome: str, language: str) -> str:
    row = effects[(effects["arm"] == arm) & (effects["outcome"] == outcome)].iloc[0]
    name = arm_name(arm, language)
    if row["clear"] == 0:
        return label("text.growth_panel_unclear", language, arm=name)
    return label("text.growth_panel", language, arm=name, change=percent(row["relative"], language, signed=True))


def _title(outcome: str, compared: bool, window: int, language: str) -> str:
    key = "text.growth_title" if compared else "text.growth_title_alone"
    span = label("text.twelve_months" if window > 1 else "text.month_by_month", language)
    return label(key, language, outcome=label(f"outcome.{outcome}", language), span=span)


def _legend(figure: Figure, baseline: str, compared: bool, language: str) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [(Patch(color=PALE), Line2D([], [], color=GREY, lw=1.8))]
    names = [label("text.growth_band_worlds", language, arm=baseline, share=percent(BAND, language, 0))]
    if compared:
        handles.append((Patch(color=BLUE, alpha=0.3), Line2D([], [], color=BLUE, lw=1.8)))
        names.append(label("text.growth_band_change", language, confidence=percent(CONFIDENCE, language, 0)))
    figure.legend(handles, names, loc="outside lower left", ncols=1, frameon=False, fontsize=TEXT_SIZE)
