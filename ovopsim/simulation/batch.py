"""Many scenarios from one month-0 state, in one call of the compiled loop for all that have the same shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError
from ovopsim.fields import CITY, Reals
from ovopsim.holding import nothing_held
from ovopsim.ledger import empty_ledger
from ovopsim.month import empty_scratch
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy.arrays import programme_arrays
from ovopsim.policy.scenario import Scenario
from ovopsim.population.month_zero import BURN_IN
from ovopsim.population.synthetic import candidates_of, everything_at_work
from ovopsim.rules.agency.tables import Assignments, Levers
from ovopsim.rules.environment import Calendar
from ovopsim.running import empty_results, run_many
from ovopsim.simulation.frames import tables_in_business
from ovopsim.simulation.runs import full_table_error, trial
from ovopsim.simulation.start import MonthZero, calendar_of
from ovopsim.state import copy_world, with_levers


@dataclass(frozen=True)
class BatchRun:
    """One run of a batch.

    Attributes
    ----------
    monthly : array (months, outcomes)
    delivered : array (months, levers)
        Units delivered.
    tables : dict of int to array (fields, firms in business)
        By kept month.
    problem : str
        Why it is not sound; empty when it is.
    """

    monthly: Reals
    delivered: Reals
    tables: dict[int, Reals]
    problem: str = ""


@dataclass(frozen=True)
class _Arm:
    number: int
    scenario: Scenario
    levers: Levers
    assignments: Assignments
    calendar: Calendar

    def shape(self) -> tuple[object, ...]:
        arrays = (self.levers.table, self.levers.effects, self.assignments.orders)
        return (*(array.shape for array in arrays), self.scenario.months, id(self.calendar))


def run_batch(scenarios: Sequence[Scenario], start: MonthZero, keep_months: Sequence[int] = ()) -> list[BatchRun]:
    """Run scenarios that share a month-0 state, which is left as it is; each result equals that of `run_scenario`.

    Parameters
    ----------
    scenarios : sequence of Scenario
        All with the `population_key` of `start`.
    keep_months : sequence of int
        Months at whose end the firms in business are kept.

    Returns
    -------
    list of BatchRun
        In the order of the scenarios. What is wrong with one is said in it and stops no other.
    """
    found: dict[int, BatchRun] = {}
    groups: dict[tuple[object, ...], list[_Arm]] = {}
    for number, scenario in enumerate(scenarios):
        try:
            levers, assignments = programme_arrays(scenario), trial(scenario, start)
        except InputError as error:
            found[number] = failed(str(error))
            continue
        arm = _Arm(number, scenario, levers, assignments, calendar_of(scenario, start.values))
        groups.setdefault(arm.shape(), []).append(arm)
    chosen = np.array(sorted(set(keep_months)), dtype=np.int64)
    for arms in groups.values():
        found |= _run_group(arms, start, chosen)
    return [found[number] for number in range(len(scenarios))]


def failed(problem: str) -> BatchRun:
    """Return the result of a run that left none."""
    return BatchRun(np.zeros((0, len(OUTCOMES))), np.zeros((0, 0)), {}, problem)


def _run_group(arms: list[_Arm], start: MonthZero, chosen: NDArray[np.int64]) -> dict[int, BatchRun]:
    months, n_slots = arms[0].scenario.months, start.world.firms.shape[1]
    first = with_levers(start.world, arms[0].levers.table.shape[1])
    kept = chosen[chosen < months]
    results = empty_results(months, len(kept), first.agency.shape[1], n_slots, len(arms), tables=False)
    run_many(
        first,
        copy_world(first),
        empty_ledger(n_slots),
        empty_scratch(n_slots),
        np.repeat(start.row[None], len(arms), axis=0),
        np.stack([arm.levers.table for arm in arms]),
        np.stack([arm.levers.effects for arm in arms]),
        np.stack([arm.assignments.orders for arm in arms]),
        np.stack([arm.assignments.firms for arm in arms]),
        nothing_held(),
        arms[0].calendar,
        BURN_IN,
        everything_at_work(),
        candidates_of(float(first.city[CITY.initial_count]), start.values["entry_and_exit.candidate_rate"]),
        np.full(len(arms), start.key, dtype=np.uint64),
        months,
        kept,
        results,
    )
    return {
        arm.number: BatchRun(
            results.monthly[place],
            results.delivered[place],
            tables_in_business(kept, results.snapshots[place]),
            _problem(arm.scenario, results.monthly[place], results.refused[place], n_slots),
        )
        for place, arm in enumerate(arms)
    }


def _problem(scenario: Scenario, monthly: Reals, refused: float, n_slots: int) -> str:
    if refused > 0:
        return full_table_error(scenario, n_slots)
    if not np.isfinite(monthly).all():
        return f"{scenario.name}: an outcome is not a finite number; a parameter is far from where the model holds."
    return ""
