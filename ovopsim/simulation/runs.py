"""One run: a scenario as arrays, forked from a month-0 state, and what the compiled loop leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovopsim.draws import TRIAL_ASSIGNMENT, uniform
from ovopsim.errors import InputError
from ovopsim.fields import CITY, FIRM, Reals
from ovopsim.holding import Held, Path, nothing_held
from ovopsim.ledger import Ledger, empty_ledger
from ovopsim.month import Scratch, empty_scratch
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy.arrays import assignment_arrays, programme_arrays
from ovopsim.policy.scenario import Scenario
from ovopsim.population.month_zero import BURN_IN
from ovopsim.population.synthetic import candidates_of, everything_at_work
from ovopsim.rules.agency.tables import Assignments, Levers
from ovopsim.rules.environment import Calendar
from ovopsim.running import Results, empty_results, run_many
from ovopsim.simulation.hook import Cluster, Hook
from ovopsim.simulation.start import MonthZero, calendar_of
from ovopsim.state import World, copy_world, with_levers


@dataclass(frozen=True)
class RunArrays:
    """Raw results of one run (see `running.Results`, without the axis over runs)."""

    monthly: Reals
    levers: Reals
    channels: Reals
    sentras: Reals
    flows: Reals
    snapshots: Reals
    chosen: NDArray[np.int64]
    closing: World
    path: Path


def trial_draws(scenario: Scenario, start: MonthZero) -> Reals:
    """Return the uniforms by which assignments draw firms (assignments, slots); infinite for an empty slot."""
    firms = start.world.firms
    draws = np.full((len(scenario.assignments), firms.shape[1]), np.inf)
    active = np.flatnonzero(firms[FIRM.active] == 1.0)
    draws[:, active] = 0.0
    shares = [number for number, each in enumerate(scenario.assignments) if each.firms.share is not None]
    for slot in active:
        for number in shares:
            draws[number, slot] = uniform(start.key, TRIAL_ASSIGNMENT, int(firms[FIRM.firm_id, slot]), 0, number)
    return draws


def trial_places(scenario: Scenario, start: MonthZero) -> Reals:
    """Return the uniforms that decide which sentra each assignment goes to when it names none (assignments,)."""
    return np.array([uniform(start.key, TRIAL_ASSIGNMENT, -1, 0, n) for n in range(len(scenario.assignments))])


def trial(scenario: Scenario, start: MonthZero) -> Assignments:
    """Return what the scenario's assignments order, its draws keyed by the firms' identities."""
    ids = start.world.firms[FIRM.firm_id]
    return assignment_arrays(scenario, ids, trial_draws(scenario, start), trial_places(scenario, start))


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to go: its arrays, and room for its results.

    Attributes
    ----------
    scenario : Scenario
    start : MonthZero
    first, work : World
        The state from which the run is forked, and its working memory.
    ledger, scratch : Ledger, Scratch
        More working memory; nothing in it is read before it is written.
    results : Results
    chosen : array of int
        Months at whose end the firm table is kept.
    """

    scenario: Scenario
    start: MonthZero
    first: World
    work: World
    ledger: Ledger
    scratch: Scratch
    levers: Levers
    assignments: Assignments
    held: Held
    calendar: Calendar
    chosen: NDArray[np.int64]
    results: Results

    def go(
        self,
        first: World | None = None,
        step: int = 0,
        months: int | None = None,
        results: Results | None = None,
        chosen: NDArray[np.int64] | None = None,
    ) -> None:
        """Run `months` months from `step` on; all of them from month 0 when nothing is said.

        Results go to the first rows of `results`, those of the run when none are given. Firm tables are kept at the
        end of `chosen` months, counted from `step`; when nothing is said, of those of the run that are in this part.
        """
        months = self.scenario.months if months is None else months
        if chosen is None:
            chosen = self.chosen[(self.chosen >= step) & (self.chosen < step + months)] - step
        values = self.start.values
        run_many(
            self.first if first is None else first,
            self.work,
            self.ledger,
            self.scratch,
            self.start.row[None],
            self.levers.table[None],
            self.levers.effects[None],
            self.assignments.orders[None],
            self.assignments.firms[None],
            self.held,
            self.calendar,
            BURN_IN + step,
            everything_at_work(),
            candidates_of(float(self.work.city[CITY.initial_count]), values["entry_and_exit.candidate_rate"]),
            np.array([self.start.key], dtype=np.uint64),
            months,
            chosen,
            self.results if results is None else results,
        )


def prepare(
    scenario: Scenario,
    start: MonthZero,
    keep_months: Sequence[int] = (),
    held: Held | None = None,
    record: bool = False,
) -> Prepared:
    """Return a scenario as arrays, forked from a month-0 state, which is left as it is.

    Parameters
    ----------
    keep_months : sequence of int
        Months at whose end the whole firm table is kept.
    held : Held, optional
        Attributes replaced by another run's path.
    record : bool
        Whether the whole state is kept month by month, for another run to hold.

    Raises
    ------
    InputError
        When an assignment names a firm that does not exist.
    """
    levers = programme_arrays(scenario)
    n_levers, n_slots = levers.table.shape[1], start.world.firms.shape[1]
    first = with_levers(start.world, n_levers)
    chosen = np.array(sorted(set(keep_months)), dtype=np.int64)
    return Prepared(
        scenario,
        start,
        first,
        copy_world(first),
        empty_ledger(n_slots),
        empty_scratch(n_slots),
        levers,
        trial(scenario, start),
        held or nothing_held(),
        calendar_of(scenario, start.values),
        chosen,
        empty_results(scenario.months, len(chosen), n_levers, n_slots, recorded=scenario.months if record else 0),
    )


def run_scenario(
    scenario: Scenario,
    start: MonthZero,
    keep_months: Sequence[int] = (),
    held: Held | None = None,
    record: bool = False,
    hook: Hook | None = None,
) -> RunArrays:
    """Run one scenario from a month-0 state, which is left as it is; arguments as for `prepare`.

    `hook` is a lever in Python, called before each month (see `simulation.hook`).

    Raises
    ------
    InputError
        When the table of firms is full, or an assignment names a firm that does not exist.
    """
    run = prepare(scenario, start, keep_months, held, record)
    if hook is None:
        run.go()
    else:
        go_with(run, hook)
    check_room(scenario, run.work)
    results = run.results
    return RunArrays(
        results.monthly[0],
        results.levers[0],
        results.channels[0],
        results.sentras[0],
        results.flows[0],
        results.snapshots[0],
        run.chosen,
        run.work,
        results.path,
    )


def go_with(run: Prepared, hook: Hook) -> None:
    """Run month by month, calling a lever in Python before each; the month's spending and flows contain its own."""
    results = run.results
    none_kept = np.empty(0, dtype=np.int64)  # what a month leaves goes to its place below
    for step in range(run.scenario.months):
        cluster = Cluster(step, copy_world(run.first) if step == 0 else run.work, run.start.row)
        hook(cluster)
        month = results._replace(
            **{
                name: getattr(results, name)[:, step : step + 1]
                for name in ("monthly", "delivered", "levers", "channels", "sentras", "flows")
            },
            snapshots=results.snapshots[:, :0],
        )
        run.go(cluster.world, step, 1, month, none_kept)
        results.monthly[0, step, OUTCOME.spent_idr] += cluster.spent_idr
        results.flows[0, step] += cluster.books.flows
        kept = np.flatnonzero(run.chosen == step)
        if len(kept):
            results.snapshots[0, kept[0]] = run.work.firms


def check_room(scenario: Scenario, world: World) -> None:
    """Raise when an entrant found no free row in the table of firms."""
    if world.city[CITY.entries_refused] > 0:
        raise InputError(full_table_error(scenario, world.firms.shape[1]))


def full_table_error(scenario: Scenario, n_slots: int) -> str:
    """Return what is said when the table of firms is full."""
    return (
        f"{scenario.name}: the table of {n_slots} firms is full; entry is far above exit. "
        "Lower entry_and_exit.entry_response or the trends."
    )
