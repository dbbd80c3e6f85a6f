"""`validate`: the model held against published figures and field trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ovopsim.analysis.validation import (
    BASELINE_WORLDS,
    POSTERIOR_WORLDS,
    WORLDS,
    counts,
    validation_frame,
    validation_table,
)
from ovopsim.errors import InputError
from ovopsim.plots.validation import validation_figure
from ovopsim.report.printed import PAGE, Printed
from ovopsim.report.validating import target_name, validation_page, value_in_range
from ovopsim.study.drawn import Draws, checked_posterior
from ovopsim.study.plan import check_numbers
from ovopsim.study.progress import watched

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType


@dataclass(frozen=True)
class Validation(Printed):
    """Every target, simulated beside published.

    Attributes
    ----------
    rows : list of dict
        One for each target: ``trial`` (None for a pattern of the cluster without a programme), ``name, about, kind,
        emergent, fitted, simulated, simulated_low, simulated_high`` (95 % interval of the mean), ``published, low,
        high, inside, noise, evidence``, and ``world_low, world_high``: between these lie 90 % of single worlds (with a
        posterior, each of another draw).
    draws : int
        Draws of a posterior that the worlds of trials had; 0 = none.
    """

    rows: list[dict[str, Any]]
    draws: int = 0

    @property
    def table(self) -> pd.DataFrame:
        """The rows as a table."""
        return validation_frame(self.rows)

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """How many are inside, and of how many: patterns, trials, trials held out, those of them unseen, targets."""
        return counts(self.rows)

    def plot(self, language: str = "en") -> Figure:
        """Return the picture: where each simulated value lies in its tolerated range."""
        return validation_figure(
            self.rows, lambda row: target_name(row, language), lambda row: value_in_range(row, language), language
        )

    def save_figure(self, path: str | Path, language: str = "en") -> None:
        """Write the picture.

        Raises
        ------
        InputError
            When the file's ending is that of no picture.
        """
        file = Path(path)
        if file.suffix.lower() not in (".png", ".svg", ".pdf"):
            raise InputError(f"{path}: a picture is a .png, .svg or .pdf file.")
        file.parent.mkdir(parents=True, exist_ok=True)
        self.plot(language).savefig(file, dpi=150)

    def _page(self) -> RenderableType:
        return validation_page(self.rows, width=PAGE, draws=self.draws)


def validate(
    worlds: int | None = None,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
    language: str = "en",
    posterior: Draws | None = None,
) -> Validation:
    """Hold the model against every published figure and field trial it knows.

    Parameters
    ----------
    worlds : int, optional
        Replications of each trial; None = 8, and 64 with a posterior. The cluster without a programme has 32, and as
        many as the trials with a posterior.
    seed : int
    n_jobs : int, optional
        Threads; None = all cores.
    progress : bool
        Whether a bar is shown.
    language : str
        Of the bar.
    posterior : DataFrame or path, optional
        Draws of a calibration, of which each world has another one, so that the rows say what the whole posterior
        predicts; "shipped" = the one that comes with the package. None = the values that the model ships with.

    Raises
    ------
    InputError
        When a number cannot be.
    """
    draws = None if posterior is None else checked_posterior(posterior, ())
    if worlds is None:
        worlds = WORLDS if draws is None else POSTERIOR_WORLDS
    check_numbers(worlds, seed, n_jobs)
    patterns = BASELINE_WORLDS if draws is None else max(worlds, BASELINE_WORLDS)
    with watched(worlds + patterns, not progress, language) as tick:
        rows = validation_table(worlds, patterns, seed, n_jobs, tick, None, draws)
    return Validation(rows, 0 if draws is None else worlds)
