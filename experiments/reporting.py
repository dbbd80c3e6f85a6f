"""What the experiments share: their arguments, tables, intervals in words, and intervals in figures."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ovopsim.plots.drawing import (
    BLACK,
    ORANGE,
    SMALL_SIZE,
    TEXT_SIZE,
    interval_mark,
    new_figure,
    note,
    title,
    zero_line,
)

HOLLOW = "Dot: mean over worlds. Bar: 95 % interval. Hollow: the interval includes zero."
QUICK = (
    "QUICK TRY, NOT FOR READING: few worlds, few firms, two years. It shows that the experiment runs, and no result."
)


def parser(text: str | None, name: str) -> argparse.ArgumentParser:
    """Return the arguments that every experiment has."""
    made = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--out", type=Path, default=Path("results") / name, help="folder for tables and figures")
    made.add_argument("--quick", action="store_true", help="few worlds, few firms, two years: to see that it runs")
    made.add_argument("--replications", type=int, default=64, help="worlds (pairs)")
    return made


def size(options: argparse.Namespace, **whole: Any) -> dict[str, Any]:
    """Return keys of a scenario: those given, or those of a quick run; make the folder."""
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.quick:
        return whole
    options.replications = 4
    return {"months": 24, "population": {"synthetic": "surakarta", "firms": 40}}


def store_of(options: argparse.Namespace, kind: str = "") -> Path:
    """Return the folder of a sweep's runs: quick runs, and each kind of design, have one of their own.

    Runs of other firms or budgets under the same settings would otherwise be averaged with those that were asked for.
    """
    names = ["store", *([kind] if kind else []), *(["quick"] if options.quick else [])]
    folder: Path = options.out / "_".join(names)
    return folder


def keep(table: pd.DataFrame, folder: Path, name: str) -> None:
    """Write a table as CSV."""
    table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")


def markdown(frame: pd.DataFrame) -> str:
    """Return a table in Markdown."""
    head = f"| {' | '.join(frame.columns)} |\n| {' | '.join('---' for _ in frame.columns)} |\n"
    return head + "\n".join(f"| {' | '.join(map(str, row))} |" for row in frame.itertuples(index=False))


def in_words(ends: Iterable[float], unit: str = "%", scale: float = 1.0, digits: int = 1) -> str:
    """Return a mean with its interval; where the interval includes zero it says that nothing is clear.

    Examples
    --------
    >>> in_words([0.05, 0.02, 0.08], scale=100)
    '+5.0 % (+2.0 to +8.0)'
    """
    middle, low, high = (scale * value for value in ends)
    clear = low > 0.0 or high < 0.0
    number = f"{middle:+,.{digits}f} {unit} ({low:+,.{digits}f} to {high:+,.{digits}f})"
    return number if clear else f"no clear change: {number}"


def relative(row: Mapping[str, Any]) -> list[float]:
    """Return a relative effect and its ends, in per cent."""
    return [100.0 * row[name] for name in ("relative", "relative_low", "relative_high")]


def interval_panels(
    panels: Mapping[str, Sequence[Sequence[float]]], names: Sequence[str], heading: str, under: str
) -> Any:
    """Return a figure with a panel for each of several quantities, and in it a row for each name: mean and interval.

    Parameters
    ----------
    panels : mapping of str to sequence
        Name of the quantity, with its unit -> (mean, low, high) of each name.
    under : str
        What stands under the figure.
    """
    figure, axes = new_figure(3.0 * len(panels) + 2.4, 1.7 + 0.42 * len(names), 1, len(panels), sharey=True)
    for axis, (quantity, rows) in zip(axes[0], panels.items(), strict=True):
        zero_line(axis)
        for place, (middle, low, high) in enumerate(reversed(rows)):
            if math.isnan(middle):
                continue
            interval_mark(axis, place, (middle, low, high), low > 0.0 or high < 0.0, BLACK)
            axis.annotate(
                f"{middle:+.1f}",
                (middle, place),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=SMALL_SIZE,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )
        axis.set_xlabel(quantity, fontsize=TEXT_SIZE)
        axis.margins(x=0.15)
    axes[0][0].set_yticks(range(len(names)), list(reversed(names)), fontsize=TEXT_SIZE)
    axes[0][0].set_ylim(-0.6, len(names) - 0.3)
    title(figure, heading)
    note(figure, under)
    return figure


def mark_quick(figure: Any) -> None:
    """Write across a figure of a quick run that it is no result: figures are passed on without what was printed."""
    look = {"ha": "center", "va": "center", "rotation": 12, "color": ORANGE, "alpha": 0.35, "fontweight": "bold"}
    figure.text(0.5, 0.5, "QUICK TRY – NOT FOR READING", fontsize=3.2 * figure.get_figwidth(), **look)


def save(figure: Any, folder: Path, name: str) -> None:
    """Write a figure as PNG."""
    figure.savefig(folder / f"{name}.png", dpi=130)
