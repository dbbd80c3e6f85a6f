"""Every target beside what was published: where the simulated value lies in the tolerated range."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ovopsim.labels import label
from ovopsim.plots.drawing import BLUE, GREY, ORANGE, PALE, SMALL_SIZE, new_figure, note, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FARTHEST: Final = 1.6  # half widths from the middle at which what lies outside is drawn, however far it is
OPEN: Final = 0.6  # where a value stands that only one bound judges
BESIDE: Final = 1.75  # where figures stand, in half widths


def place_of(value: float, low: float | None, high: float | None) -> float:
    """Return where a value lies: −1 and 1 are the ends of the tolerated range.

    Examples
    --------
    >>> place_of(5.0, 0.0, 10.0), place_of(99.0, 0.0, 10.0), place_of(3.0, 0.0, None)
    (0.0, 1.6, -0.4)
    """
    if low is not None and high is not None:
        found = (2.0 * value - low - high) / (high - low)
    elif low is not None:
        found = -1.0 + OPEN if value >= low else -1.0 - OPEN / 2.0
    else:
        found = 1.0 - OPEN if high is not None and value <= high else 1.0 + OPEN / 2.0
    return max(-FARTHEST, min(FARTHEST, found))


def validation_figure(
    rows: Sequence[Mapping[str, Any]],
    names: Callable[[Mapping[str, Any]], str],
    figures: Callable[[Mapping[str, Any]], str],
    language: str = "en",
) -> Figure:
    """Return a line for each target: its tolerated range, what was published, what is simulated, and the figures.

    A range with one bound has no width: the value stands on the right side of its bound, with its figure beside it.

    Parameters
    ----------
    rows : sequence of mapping
        Of `ovopsim.analysis.validation.validation_table`.
    names : callable
        What each is called.
    figures : callable
        What stands beside it.
    """
    ordered = list(reversed(rows))
    figure, axes = new_figure(11.5, 1.2 + 0.2 * len(ordered))
    axis = axes[0, 0]
    for line, row in enumerate(ordered):
        ends = row["low"], row["high"]
        shown = -1.0 if row["low"] is not None else -FARTHEST, 1.0 if row["high"] is not None else FARTHEST
        axis.plot(shown, [line, line], color=PALE, lw=7, solid_capstyle="butt", zorder=1)
        if row["published"] is not None:
            axis.plot(place_of(row["published"], *ends), line, "|", color=GREY, ms=9, mew=2, zorder=2)
        colour = BLUE if row["inside"] else ORANGE
        filled = colour if row["fitted"] else "white"
        if None not in ends:
            spread = [place_of(row[end], *ends) for end in ("simulated_low", "simulated_high")]
            axis.plot(spread, [line, line], color=colour, lw=1.2, zorder=2)
        axis.text(BESIDE, line, figures(row), va="center", fontsize=SMALL_SIZE, color=GREY)
        axis.plot(place_of(row["simulated"], *ends), line, "o", color=colour, ms=5.5, mfc=filled, mew=1.5, zorder=3)
    axis.set_yticks(range(len(ordered)), [names(row) for row in ordered], fontsize=SMALL_SIZE)
    for tick, row in zip(axis.get_yticklabels(), ordered, strict=True):
        tick.set_color("black" if row["inside"] else ORANGE)
    axis.set_xlim(-FARTHEST - 0.1, FARTHEST + 0.1)
    axis.set_xticks([-1.0, 1.0], [label("text.lowest", language), label("text.highest", language)], fontsize=SMALL_SIZE)
    axis.set_ylim(-0.8, len(ordered) - 0.2)
    title(figure, label("text.validation_figure", language))
    note(figure, label("text.validation_note", language))
    return figure
