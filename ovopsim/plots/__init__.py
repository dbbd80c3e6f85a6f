"""One file for each question a reader asks: tables in, figure out.

Every figure is drawn without `matplotlib.pyplot`, so that drawing needs no screen and leaves no state behind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ovopsim.analysis.comparability import difference_lines
from ovopsim.plots.constraints import constraints
from ovopsim.plots.drawing import note
from ovopsim.plots.effects import effects
from ovopsim.plots.growth import growth
from ovopsim.plots.who_gains import who_gains

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ovopsim.analysis.comparison_tables import ComparisonTables

_FIGURES: Final[dict[str, Callable[[ComparisonTables, str], Figure]]] = {
    "growth": lambda found, language: growth(found.paths, found.effects, found.baseline, "sales_idr", language),
    "jobs": lambda found, language: growth(found.paths, found.effects, found.baseline, "jobs", language),
    "effects": lambda found, language: effects(found.effects, found.baseline, language),
    "constraints": lambda found, language: constraints(found.paths, found.effects, found.baseline, language),
    "who_gains": lambda found, language: who_gains(found.groups, found.baseline, language),
}


def _warned(question: str, found: ComparisonTables, language: str) -> Figure:
    """Return a figure, under which stands which arms differ from the baseline in more than the programme."""
    figure = _FIGURES[question](found, language)
    warning = " ".join(difference_lines(found.summary, language))
    if warning:
        note(figure, warning)
    return figure


# question -> its figure
FIGURES: Final[dict[str, Callable[[ComparisonTables, str], Figure]]] = {
    question: partial(_warned, question) for question in _FIGURES
}
# what one scenario alone can show
ALONE: Final = ("growth", "jobs", "constraints")
DOTS_PER_INCH: Final = 130


def save_figures(found: ComparisonTables, folder: Path, language: str = "en") -> list[Path]:
    """Write the figures of a comparison as PNG files; return their paths."""
    written = []
    for question, draw in FIGURES.items():
        if len(found.arms) > 1 or question in ALONE:
            path = folder / f"{question}.png"
            draw(found, language).savefig(path, dpi=DOTS_PER_INCH)
            written.append(path)
    return written


__all__ = ["ALONE", "FIGURES", "constraints", "effects", "growth", "save_figures", "who_gains"]
