"""What all figures share: colours, axes without clutter, and how numbers, money and months stand on an axis."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ovopsim.labels import label, name_of, number
from ovopsim.parameters.money import common_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, told apart with any colour vision
BLACK, ORANGE, BLUE, GREEN, PINK, YELLOW, SKY = (
    "#000000",
    "#D55E00",
    "#0072B2",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)
GREY: Final = "#7F7F7F"
PALE: Final = "#D9D9D9"
TITLE_SIZE: Final = 12
TEXT_SIZE: Final = 9.5
SMALL_SIZE: Final = 8.5
LONG_RUN: Final = 18  # months from which an axis shows years


def new_figure(width: float, height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Return a figure and its axes (rows, columns), frames on the left and below only."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    for axis in axes.ravel():
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=SMALL_SIZE)
    return figure, axes


def title(figure: Figure, text: str) -> None:
    """Put a title over a figure, from the left edge, in as many lines as its width asks for."""
    characters = int(figure.get_figwidth() * 9.5)
    figure.suptitle(textwrap.fill(text, characters), x=0.01, ha="left", fontsize=TITLE_SIZE, fontweight="bold")


def note(figure: Figure, text: str) -> None:
    """Put a note under a figure, over the notes that are already there."""
    wide = textwrap.fill(text.replace("$", r"\$"), int(figure.get_figwidth() * 15))
    if figure.legends:  # a legend stands there, which would be written over
        figure.legends[0].set_title(wide)
        figure.legends[0].get_title().set_fontsize(SMALL_SIZE)
        figure.legends[0].set_alignment("left")
        return
    lines = [wide, figure.get_supxlabel()]
    text = "\n".join(line for line in lines if line)
    figure.supxlabel(text, x=0.01, ha="left", fontsize=SMALL_SIZE, color="#404040")


def arm_name(arm: str, language: str) -> str:
    """Return the name of an arm as Matplotlib shows it, dollar signs included."""
    return name_of("arm", arm, language).replace("$", r"\$")


def wrapped(text: str, width: int) -> str:
    """Return a text in lines of at most `width` characters; a longer word stays whole."""
    return textwrap.fill(text, width, break_long_words=False)


def value_axis(axis: Axes, outcome: str, values: Iterable[float], language: str, name: bool = True) -> None:
    """Write a vertical axis in one unit for all its ticks, with as many decimals as its steps need.

    Parameters
    ----------
    values : iterable of float
        What the axis shows, from which the unit follows.
    name : bool
        Whether the axis is named.
    """
    from matplotlib.ticker import MaxNLocator

    scale, text = 1.0, label(f"outcome.{outcome}", language)
    if outcome.endswith("_idr"):
        scale, unit = common_unit(values, language)
        text = label("text.amount_a_month", language, outcome=text, unit=unit)
    axis.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.yaxis.set_major_formatter(lambda value, _: number(value / scale, language, _digits(axis, scale)))
    if name:
        axis.set_ylabel(text, fontsize=TEXT_SIZE)


def _digits(axis: Axes, scale: float) -> int:
    ticks = axis.get_yticks() / scale
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    return int(max(0, np.ceil(-np.log10(step) - 1e-9)))


def percent_axis(axis: Any, language: str) -> None:
    """Write an axis (`axes.xaxis` or `axes.yaxis`) in plain numbers of the language."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda value, _: number(value, language, 0 if value == round(value) else 1))


def month_axis(axis: Axes, months: int) -> None:
    """Write a horizontal axis of months: years in a long run, months by number in a short one."""
    from matplotlib.dates import DateFormatter, MonthLocator, YearLocator

    if months > LONG_RUN:
        axis.xaxis.set_major_locator(YearLocator(max(1, round(months / 12 / 5))))
        axis.xaxis.set_major_formatter(DateFormatter("%Y"))
    else:
        axis.xaxis.set_major_locator(MonthLocator(interval=max(1, -(-months // 3))))
        axis.xaxis.set_major_formatter(DateFormatter("%Y-%m"))


def apart(places: Sequence[float], least: float, floor: float = -math.inf) -> list[float]:
    """Return places moved as little as may be so that neighbours stand at least `least` apart, order kept.

    None ends below `floor`.

    Examples
    --------
    >>> apart([1.0, 1.0, 5.0], 1.0)
    [0.5, 1.5, 5.0]
    """
    order = np.argsort(places, kind="stable")
    wanted = np.asarray(places, dtype=float)[order] - least * np.arange(len(places))
    # pool neighbours that would overlap at their common mean
    blocks: list[list[float]] = []
    for each in wanted:
        blocks.append([each, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            earlier = blocks[-1]
            earlier[0] = (earlier[0] * earlier[1] + mean * count) / (earlier[1] + count)
            earlier[1] += count
    pooled = np.concatenate([np.full(int(count), mean) for mean, count in blocks]) if blocks else np.zeros(0)
    found = np.empty(len(places))
    found[order] = np.maximum(pooled, floor) + least * np.arange(len(places))
    return found.tolist()


def interval_mark(axis: Axes, place: float, ends: tuple[float, float, float], clear: bool, colour: str) -> None:
    """Draw a mean with its interval; hollow where the interval includes zero."""
    middle, low, high = ends
    axis.plot([low, high], [place, place], color=colour, lw=2.6, solid_capstyle="butt", alpha=0.8 if clear else 0.45)
    axis.plot(middle, place, "o", color=colour, ms=4.8, mfc=colour if clear else "white", mew=1.2)


def zero_line(axis: Axes) -> None:
    """Draw the line of no change."""
    axis.axvline(0.0, color=GREY, lw=1, zorder=0)
