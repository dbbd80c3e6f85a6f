"""Runs arms in the same worlds: every scenario in every replication, each world built once for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ovopsim.fields import SENTRA, Reals
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation import MonthZero, kept_tables, month_zero, population_key, run_scenario
from ovopsim.study.firms import FirmHistory, history, months_needed
from ovopsim.study.identity import Content, check_unchanged
from ovopsim.study.plan import Plan

Found = TypeVar("Found")


@dataclass(frozen=True)
class ArmRuns:
    """All replications of one arm.

    Attributes
    ----------
    scenario : Scenario
    content : Content
        What identifies the scenario.
    monthly : array (replications, months, outcomes)
    agency : array (replications, months, agency fields, levers)
    funds : array (replications,)
        Money of the cooperatives at the end, lent out or not, rupiah.
    firms : list of FirmHistory
    notes : tuple of str
        What a reader should know of the firms at the start, in the first world.
    tables : list of dict
        For each replication the firm table (fields, firms in business) by kept month.
    """

    scenario: Scenario
    content: Content
    monthly: Reals
    agency: Reals
    funds: Reals
    firms: list[FirmHistory]
    notes: tuple[str, ...]
    tables: list[dict[int, Reals]]


@dataclass(frozen=True)
class _Run:
    monthly: Reals
    agency: Reals
    funds: float
    firms: FirmHistory
    notes: tuple[str, ...]
    tables: dict[int, Reals]


def first_change(scenario: Scenario) -> int:
    """Return the month in which the agency begins to act in a scenario; 0 when it never does."""
    programme = scenario.programme
    months = [assignment.month for assignment in scenario.assignments]
    if programme is not None and programme.budget > 0.0:
        months.append(programme.start)
    return min(months, default=0)


def run_arms(plan: Plan, tick: Callable[[], None] = lambda: None) -> dict[str, ArmRuns]:
    """Run every scenario in every world; worlds are spread over threads, and no result depends on how.

    Parameters
    ----------
    tick : callable
        Called after each world.

    Raises
    ------
    InputError
        When a survey is not sound, or is changed while the worlds run.
    """
    starts = {first_change(scenario) for scenario in plan.scenarios.values()}

    def world(replication: int) -> dict[str, _Run]:
        zero: dict[Any, MonthZero] = {}
        found = {}
        for name in plan.scenarios:
            scenario = plan.at(name, replication)
            key = population_key(scenario)
            if key not in zero:
                zero[key] = month_zero(scenario, plan.seed, replication)
            check_unchanged(plan.scenarios[name], plan.contents[name])
            found[name] = _one(scenario, zero[key], starts, plan.keep_months)
        tick()
        return found

    worlds = over_worlds(world, plan.replications, plan.n_jobs)
    return {
        name: _gathered(scenario, plan.contents[name], [each[name] for each in worlds])
        for name, scenario in plan.scenarios.items()
    }


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on Windows and macOS
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def over_worlds(work: Callable[[int], Found], replications: int, n_jobs: int | None = None) -> list[Found]:
    """Return what a function gives for each replication, in their order; threads share the work.

    The compiled month does not hold Python's lock, so that threads run beside each other.
    """
    pool = ThreadPoolExecutor(n_jobs or cores())
    try:
        return list(pool.map(work, range(replications)))
    finally:
        # after an interrupt, what has not begun is dropped, or the user would wait for all of it
        pool.shutdown(cancel_futures=True)


def _one(scenario: Scenario, zero: MonthZero, starts: set[int], kept: tuple[int, ...]) -> _Run:
    needed = months_needed(scenario.months, starts)
    run = run_scenario(scenario, zero, sorted(needed | set(kept)))
    funds = run.sentras[-1, [SENTRA.fund, SENTRA.lent]].sum()
    return _Run(run.monthly, run.levers, float(funds), history(zero, run, starts), zero.notes, kept_tables(run, kept))


def _gathered(scenario: Scenario, content: Content, runs: list[_Run]) -> ArmRuns:
    return ArmRuns(
        scenario,
        content,
        np.array([run.monthly for run in runs]),
        np.array([run.agency for run in runs]),
        np.array([run.funds for run in runs]),
        [run.firms for run in runs],
        runs[0].notes,
        [run.tables for run in runs],
    )
