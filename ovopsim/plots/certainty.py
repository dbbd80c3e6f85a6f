"""How sure? Effects over draws, where their variance comes from, and in how many draws each programme is best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ovopsim.analysis.changes import BAND
from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.analysis.posterior import ASSUMPTION_DRIVEN
from ovopsim.analysis.variance import SOURCES
from ovopsim.labels import label, listing, number, percent
from ovopsim.plots.drawing import (
    BLACK,
    BLUE,
    ORANGE,
    PALE,
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

    from ovopsim.analysis.certainty_tables import CertaintyTables

COLOURS: Final = dict(zip(SOURCES, (PALE, BLUE, ORANGE), strict=True))
ENDS: Final = ("relative", "relative_draw_low", "relative_draw_high")
WRITTEN: Final = 12.0  # per cent of the variance from which its share is written into the bar


def certainty(found: CertaintyTables, outcome: str, language: str = "en") -> Figure:
    """Return the figure of one outcome, a row for each arm, the baseline last."""
    effects = _of(found.effects, outcome)
    arms = [*effects.index, found.baseline]
    figure, axes = new_figure(11.5, 2.2 + 0.46 * len(arms), 1, 3, sharey=True, width_ratios=(1.1, 1.0, 0.8))
    left, middle, right = axes[0]
    _effects(left, effects, arms, language)
    _split(middle, _of(found.variance, outcome), arms, language)
    _best(right, _of(found.best, outcome), arms, language)
    for axis, name in zip(axes[0], ("effect", "split", "best"), strict=True):
        axis.set_title(label(f"sure.{name}_panel", language), loc="left", fontsize=TEXT_SIZE + 0.5)
    names = [wrapped(arm_name(arm, language), 26) for arm in arms]
    left.set_yticks(_places(arms), names, fontsize=TEXT_SIZE)
    left.set_ylim(-0.6, len(arms) - 0.2)
    title(figure, label("sure.figure_title", language, outcome=label(f"outcome.{outcome}", language).lower()))
    figure.legend(
        handles=middle.containers,
        labels=[label(f"sure.{source}", language) for source in SOURCES],
        loc="outside lower left",
        ncols=len(SOURCES),
        frameon=False,
        fontsize=SMALL_SIZE,
    )
    note(figure, _words(found, language))
    return figure


def _words(found: CertaintyTables, language: str) -> str:
    text = label(
        "sure.figure_note",
        language,
        share=percent(BAND, language, 0),
        draws=found.run["draws_used"],
        confidence=percent(CONFIDENCE, language, 0),
        baseline=arm_name(found.baseline, language),
    )
    driven = [str(role) for role in found.roles.loc[found.roles["assumption_driven"], "role"]]
    if not driven:
        return text
    roles = listing(driven, language)
    return f"{text} {label('sure.figure_roles', language, roles=roles, driven=number(ASSUMPTION_DRIVEN, language, 1))}"


def _of(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    return table[table["outcome"] == outcome].set_index("arm")


def _places(arms: list[str]) -> list[int]:
    return list(range(len(arms)))[::-1]


def _effects(axis: Axes, effects: pd.DataFrame, arms: list[str], language: str) -> None:
    zero_line(axis)
    for place, arm in zip(_places(arms), arms, strict=True):
        if arm not in effects.index:  # the baseline against itself
            continue
        row = 100.0 * effects.loc[arm, list(ENDS)].to_numpy(dtype=float)
        ends = (float(row[0]), float(row[1]), float(row[2]))
        # few draws that hardly differ leave nothing of the range, and the mean may be chance all the same
        filled = (ends[1] > 0.0 or ends[2] < 0.0) and bool(effects["clear"][arm])
        interval_mark(axis, place, ends, filled, BLUE)
        axis.annotate(
            number(ends[0], language, 1, signed=True),
            (ends[0], place),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL_SIZE,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    axis.margins(x=0.1)
    percent_axis(axis.xaxis, language)


def _split(axis: Axes, split: pd.DataFrame, arms: list[str], language: str) -> None:
    places = [place for place, arm in zip(_places(arms), arms, strict=True) if arm in split.index]
    from_left = pd.Series(0.0, index=split.index)
    for source in SOURCES:
        shares = 100.0 * split[source].fillna(0.0)
        axis.barh(places, shares, left=from_left, color=COLOURS[source], height=0.62)
        for place, start, share in zip(places, from_left, shares, strict=True):
            if share >= WRITTEN:
                ink = BLACK if source == "chance" else "white"
                middle = start + share / 2.0
                axis.text(
                    middle, place, number(share, language), ha="center", va="center", color=ink, fontsize=SMALL_SIZE
                )
        from_left = from_left + shares
    axis.set_xlim(0.0, 100.0)
    percent_axis(axis.xaxis, language)


def _best(axis: Axes, best: pd.DataFrame, arms: list[str], language: str) -> None:
    for place, arm in zip(_places(arms), arms, strict=True):
        row = 100.0 * best.loc[arm, ["best", "low", "high"]].to_numpy(dtype=float)
        interval_mark(axis, place, (float(row[0]), float(row[1]), float(row[2])), True, BLACK)
        axis.annotate(
            number(float(row[0]), language),
            (row[0], place),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL_SIZE,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    axis.set_xlim(left=min(0.0, axis.get_xlim()[0]))
    percent_axis(axis.xaxis, language)
