"""What did the calibration learn? How much narrower each unknown became, and which target told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.posterior import ASSUMPTION_DRIVEN
from ovopsim.labels import label, name_of_target, number
from ovopsim.plots.drawing import BLUE, GREY, SMALL_SIZE, new_figure, note, title, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST: Final = 30  # unknowns that are shown: those that the targets say most of
WIDEST_NAME: Final = 30
FEW: Final = 20  # targets whose names have room for two lines
ONE_LINE: Final = 200


def identified(table: pd.DataFrame, informs: pd.DataFrame, language: str = "en") -> Figure:
    """Return posterior over prior standard deviation of each unknown, and beside it what each target tells of it.

    Parameters
    ----------
    table, informs : DataFrame
        Of `analysis.posterior.PosteriorTables`.
    """
    shown = table.sort_values("ratio", kind="stable").head(MOST)
    targets = list(dict.fromkeys(informs["target"]))
    height = (2.6 if len(targets) <= FEW else 4.6) + 0.24 * len(shown)
    figure, axes = new_figure(6.5 + 0.34 * len(targets), height, 1, 2, sharey=True)
    _ratios(axes[0][0], shown, language)
    _correlations(figure, axes[0][1], shown, informs, targets, language)
    axes[0][0].set_yticks(range(len(shown)), list(shown["parameter"]), fontsize=SMALL_SIZE)
    axes[0][0].set_ylim(len(shown) - 0.5, -0.5)
    title(figure, label("text.calibration_title", language))
    words = {"shown": number(len(shown), language), "all": number(len(table), language)}
    if len(shown) < len(table):
        note(figure, label("text.calibration_most", language, **words))
    note(figure, label("text.calibration_note", language, share=number(ASSUMPTION_DRIVEN, language, 1)))
    return figure


def _ratios(axis: Axes, shown: pd.DataFrame, language: str) -> None:
    places = np.arange(len(shown))
    colours = [GREY if rests else BLUE for rests in shown["assumption_driven"]]
    half = (shown["ratio_high"] - shown["ratio"]).where(np.isfinite(shown["ratio_high"]), 0.0)
    axis.barh(places, shown["ratio"], xerr=half, color=colours, height=0.7, ecolor="0.3")
    axis.axvline(ASSUMPTION_DRIVEN, color="0.3", lw=1, ls=":")
    axis.set_xlim(0.0, max(1.15, float((shown["ratio"] + half).max())))
    axis.set_xlabel(label("text.posterior_over_prior", language), fontsize=SMALL_SIZE)
    axis.xaxis.set_major_formatter(lambda value, _: number(value, language, 1))


def _correlations(
    figure: Figure, axis: Axes, shown: pd.DataFrame, informs: pd.DataFrame, targets: list[str], language: str
) -> None:
    clear = informs.assign(shown=informs["rank_correlation"].where(informs["clear"], 0.0))
    cells = clear.pivot_table(index="parameter", columns="target", values="shown", sort=False)
    image = axis.imshow(
        cells.loc[list(shown["parameter"]), targets].to_numpy(), cmap="PuOr_r", vmin=-1.0, vmax=1.0, aspect="auto"
    )
    widest = WIDEST_NAME if len(targets) <= FEW else ONE_LINE
    names = [wrapped(name_of_target(name, language), widest) for name in targets]
    axis.set_xticks(range(len(targets)), names, rotation=90, fontsize=SMALL_SIZE - 1)
    bar = figure.colorbar(image, ax=axis, shrink=0.6, label=label("text.rank_correlation", language))
    bar.ax.yaxis.set_major_formatter(lambda value, _: number(value, language, 1))
