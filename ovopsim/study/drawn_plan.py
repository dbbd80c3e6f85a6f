"""Scenarios under draws of what nobody knows, with each shock and without: as a sweep, which is stored and resumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.policy import Scenario, ShockChoice, builtin_shocks
from ovopsim.study.drawn import with_draw
from ovopsim.study.identity import content_of, model_digest, run_id
from ovopsim.study.sweep_plan import SweepPlan
from ovopsim.study.tasks import Point

NO_SHOCK: Final = "none"


@dataclass(frozen=True)
class DrawnPlan:
    """A sweep over arms, shocks and draws.

    Attributes
    ----------
    sweep : SweepPlan
    cells : dict of (str, str, int) to int
        Number of the point of each arm, shock and draw.
    arms, shocks : tuple of str
    draws : DataFrame
        A row for each draw, a column for each path.
    """

    sweep: SweepPlan
    cells: dict[tuple[str, str, int], int]
    arms: tuple[str, ...]
    shocks: tuple[str, ...]
    draws: pd.DataFrame

    def values(self, results: pd.DataFrame, outcome: str) -> Reals:
        """Return an outcome as an array (arms, draws, shocks, worlds); NaN where a run has failed.

        Parameters
        ----------
        results : DataFrame
            A row for each run: ``run_id`` and the outcome.
        """
        found = results.drop_duplicates("run_id").set_index("run_id")[outcome].to_dict()
        worlds = self.sweep.replications
        shape = (len(self.arms), len(self.draws), len(self.shocks), worlds)
        cells = [
            found.get(self.sweep.ids[self.cells[arm, shock, draw], world], np.nan)
            for arm in self.arms
            for draw in range(len(self.draws))
            for shock in self.shocks
            for world in range(worlds)
        ]
        return np.array(cells, dtype=float).reshape(shape)


def drawn_plan(
    scenarios: Mapping[str, Scenario],
    draws: pd.DataFrame,
    replications: int,
    seed: int,
    shocks: bool = True,
    name: str = "How sure",
) -> DrawnPlan:
    """Return what is to be run: every scenario under every draw, with each shipped shock and without, in each world.

    A shock that a scenario has itself happens as it says, and is not added to any.

    Parameters
    ----------
    scenarios : mapping of name to Scenario
        The first is the baseline.
    draws : DataFrame
        A row for each draw, a column for each path.

    Raises
    ------
    InputError
        When a scenario cannot take a draw; it names both.
    """
    own = {shock.name for scenario in scenarios.values() for shock in scenario.shocks}
    levels = (NO_SHOCK, *(name for name in builtin_shocks() if shocks and name not in own))
    rows = [{str(path): value for path, value in row.items()} for row in draws.to_dict("records")]
    points: list[Point] = []
    settings: list[dict[str, Any]] = []
    cells: dict[tuple[str, str, int], int] = {}
    for arm, scenario in scenarios.items():
        for draw, values in enumerate(rows):
            try:
                drawn = with_draw(scenario, values)
            except InputError as error:
                raise InputError(f"how_sure: draw {draw + 1} in '{arm}': {error}") from None
            for level in levels:
                number = cells[arm, level, draw] = len(points)
                shocked = with_shock(drawn, level, f"{arm}, draw {draw + 1}, shock {level}")
                points.append(Point(number, shocked, content_of(shocked)))
                settings.append({"arm": arm, "shock": level, "draw": draw + 1} | values)
    base = content_of(next(iter(scenarios.values())))
    sweep = _sweep(points, settings, base, replications, seed, name)
    return DrawnPlan(sweep, cells, tuple(scenarios), levels, draws)


def _sweep(
    points: list[Point], settings: list[dict[str, Any]], base: Any, replications: int, seed: int, name: str
) -> SweepPlan:
    digest = model_digest()
    ids = {
        (point.number, world): run_id(point.content, seed, world, digest)
        for point in points
        for world in range(replications)
    }
    askers: dict[str, list[tuple[int, int]]] = {}
    for key, identity in ids.items():
        askers.setdefault(identity, []).append(key)
    contents = [point.content for point in points]
    return SweepPlan(name, points, settings, contents, ids, askers, replications, seed, (), digest, base)


def with_shock(scenario: Scenario, shock: str, name: str) -> Scenario:
    """Return a scenario of another name in which a shock happens too; in one that ends before its month, halfway.

    Examples
    --------
    >>> [shock.first_month for shock in with_shock(Scenario(months=12), "pandemic", "Short").shocks]
    [6]
    """
    if shock == NO_SHOCK:
        return scenario.changed(name=name)
    usual = ShockChoice(name=shock)
    start = None if usual.first_month < scenario.months else scenario.months // 2
    return scenario.changed(name=name, shocks=(*scenario.shocks, usual.changed(start=start)))
