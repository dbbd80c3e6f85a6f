"""Runs of a sweep as tidy tables; the table of runs has a column for each path that the sweep varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy import Scenario
from ovopsim.simulation import firms_frame, monthly_frame
from ovopsim.study.frames import RunTables, run_row, stacked
from ovopsim.study.identity import Content
from ovopsim.study.tasks import Done, Point


@dataclass(frozen=True)
class Ran:
    """A run and what it is.

    Attributes
    ----------
    identity : str
    scenario : Scenario
    content : Content
    settings : mapping of str to value
        What the design's point sets.
    base : Content
        Of the scenario that the design changes.
    replication : int
    done : Done or None
        What the run left; None for one that the store has already.
    reason : str
        Why it failed; empty when it did not.
    """

    identity: str
    scenario: Scenario
    content: Content
    settings: Mapping[str, Any]
    base: Content
    replication: int
    done: Done | None
    reason: str


def sweep_tables(runs: Sequence[Ran], seed: int, digest: str) -> RunTables:
    """Return the tables of some runs.

    A run that failed, or is stored already, has a row in `runs` only; one that several points ask for, a row for each.
    """
    rows = [
        run_row(
            run.identity,
            run.scenario,
            run.content,
            (run.scenario.name, seed, run.replication, digest),
            run.reason,
            run.base,
        )
        for run in runs
    ]
    settings = typed([run.settings for run in runs])
    sound: dict[tuple[Any, ...], list[tuple[Ran, Done]]] = {}
    for run in {run.identity: run for run in runs}.values():
        if run.done is not None and not run.reason:
            shape = (run.scenario.start, run.scenario.months, tuple(run.scenario.all_levers))
            sound.setdefault(shape, []).append((run, run.done))
    monthly, firms = [], []
    for group in sound.values():
        scenario, ids = group[0][0].scenario, [run.identity for run, _ in group]
        outcomes = np.array([done.monthly for _, done in group])
        delivered = np.array([done.delivered for _, done in group])
        monthly.append(monthly_frame(scenario, outcomes, delivered, "run_id", ids))
        firms.append(firms_frame(scenario, [done.tables for _, done in group], "run_id", ids))
    if not sound:
        nothing = empty_tables([Point(0, runs[0].scenario, runs[0].content)], [{}])
        monthly, firms = [nothing.monthly], [nothing.firms]
    return RunTables(pd.concat([pd.DataFrame(rows), settings], axis=1), stacked(monthly), stacked(firms))


def empty_tables(points: Sequence[Point], settings: Sequence[Mapping[str, Any]]) -> RunTables:
    """Return tables without rows, with all columns that the points' runs will need."""
    first = points[0].scenario
    content = Content("{}")
    runs = pd.DataFrame([run_row("", first, content, ("", 0, 0, ""))])
    runs = pd.concat([runs, typed(settings).head(1)], axis=1).head(0)
    levers: dict[tuple[str, ...], Scenario] = {tuple(point.scenario.all_levers): point.scenario for point in points}
    monthly = [
        monthly_frame(scenario, np.zeros((0, 1, len(OUTCOMES))), np.zeros((0, 1, len(names))), "run_id", [])
        for names, scenario in levers.items()
    ]
    firms = firms_frame(first, [], "run_id", [])
    for frame in (*monthly, firms):
        frame["run_id"] = frame["run_id"].astype("string")
    return RunTables(runs, stacked(monthly), firms)


def typed(settings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return settings as columns: numbers where all are numbers, else text; empty where a point leaves one alone.

    Examples
    --------
    >>> typed([{"a": 1, "b": "x"}, {"a": 2.5, "b": 3}, {"b": "y"}]).dtypes.astype(str).tolist()
    ['float64', 'string']
    """
    columns: dict[str, Any] = {}
    # start and months are columns of every run
    for path in dict.fromkeys(path for each in settings for path in each if path not in ("start", "months")):
        values = [each.get(path) for each in settings]
        numbers = all(isinstance(value, int | float) for value in values if value is not None)
        columns[path] = (
            np.array([np.nan if value is None else float(value) for value in values])
            if numbers
            else pd.array([None if value is None else str(value) for value in values], dtype="string")
        )
    return pd.DataFrame(columns, index=range(len(settings)))
