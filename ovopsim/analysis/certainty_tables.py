"""How sure a comparison is, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from ovopsim.analysis.effects import PRECISION
from ovopsim.analysis.repeats import Rows
from ovopsim.analysis.variance import SOURCES
from ovopsim.analysis.variance_tables import tables
from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.study.documents import plain
from ovopsim.study.documents import rows as plain_rows

TABLES: Final = ("effects", "variance", "adequacy", "best", "beats", "ranking", "roles", "parameters")


@dataclass(frozen=True)
class CertaintyTables:
    """What `how_sure` found: tidy tables, a row for each arm and outcome unless said otherwise.

    Effects are changes of the mean over the last twelve months against the baseline, in pairs of one world, one draw
    and one shock. Relative columns, standard deviations and regrets are over the baseline's mean of all runs.

    Attributes
    ----------
    effects : DataFrame
        Mean over draws, shocks and worlds, its 95 % interval, what holds 90 % of the draws, their own chance taken off
        (`analysis.variance_tables`).
    variance : DataFrame
        Shares of ``chance``, ``parameters`` and ``shocks``, which add up to 1; ``below_zero`` names those whose
        estimate was below zero and is shown as zero.
    adequacy : DataFrame
        Whether enough worlds and draws were run, and how many a precision needs.
    best : DataFrame
        In how many draws each arm, the baseline too, is best, with interval, and its regret (`analysis.ranking`).
    beats : DataFrame
        For each pair of arms and outcome, in how many draws the first is better.
    ranking : DataFrame
        A row for each outcome: how the draws' rankings agree with that of the means.
    roles : DataFrame
        A row for each role: how far evidence narrowed what it hinges on, and its grade (`analysis.grades`).
    parameters : DataFrame
        A row for each role, lever and parameter behind `roles`.
    draws : DataFrame
        A row for each draw, a column for each path.
    run : dict
        What was run; ``draws_used`` is less than ``draws`` where a draw was left out because one of its runs failed.
    rows : array (draws,) or None
        Number of the posterior's row that each draw has, some of which may be one; None where all have their own.
    cells : mapping of (arm, outcome) to array (draws, shocks, worlds)
        The effects themselves.
    levels : mapping of outcome to float
        The baseline's means of all runs.
    """

    effects: pd.DataFrame
    variance: pd.DataFrame
    adequacy: pd.DataFrame
    best: pd.DataFrame
    beats: pd.DataFrame
    ranking: pd.DataFrame
    roles: pd.DataFrame
    parameters: pd.DataFrame
    draws: pd.DataFrame
    run: dict[str, Any]
    rows: Rows | None
    cells: Mapping[tuple[str, str], Reals]
    levels: Mapping[str, float]

    @property
    def baseline(self) -> str:
        """Name of the scenario that the others are compared with."""
        return str(self.run["baseline"])

    def needed(self, precision: float = PRECISION) -> pd.DataFrame:
        """Return how many worlds and draws a precision needs, as `adequacy` does for ±1 %.

        Parameters
        ----------
        precision : float
            Half-width of the mean's 95 % interval, over the baseline's mean.

        Raises
        ------
        InputError
            When it is not above 0.
        """
        if not precision > 0.0:
            raise InputError(f"needed: precision is {precision!r}; give a share above 0, such as 0.01.")
        return tables(self.cells, self.levels, precision, self.rows)["adequacy"]

    def to_frame(self) -> pd.DataFrame:
        """Return effects, split and chance of being best beside each other."""
        keys = ["arm", "outcome"]
        split = self.variance[[*keys, *SOURCES]]
        best = self.best[[*keys, "best"]].rename(columns={"best": "probability_best"})
        return self.effects.merge(split, on=keys).merge(best, on=keys)

    def to_dict(self) -> dict[str, Any]:
        """Return all tables as plain rows, with what was run."""
        return {"run": plain(self.run)} | {name: plain_rows(getattr(self, name)) for name in TABLES}
