"""`simulate`: one scenario, one or many replications, from inputs to tidy results.

The month-0 state depends on population, parameters and replication alone; every scenario that shares these starts
from a copy of it (`MonthZero`), so that paired arms differ only in what the agency does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.draws import TRIAL_ASSIGNMENT, key_of, uniform
from ovopsim.errors import InputError
from ovopsim.fields import CHANNELS, CITY, FIRM, N_CHANNELS, FirmRows, fields_of
from ovopsim.holding import Held, Path, nothing_held
from ovopsim.ledger import empty_ledger
from ovopsim.month import empty_scratch
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.packing import pack_parameters
from ovopsim.parameters import price_levels, values
from ovopsim.parameters.derived import derive
from ovopsim.policy.arrays import assignment_arrays, programme_arrays
from ovopsim.policy.calendar import build_calendar, month_index
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.shocks import shock_paths
from ovopsim.population.month_zero import BURN_IN, month_zero_world
from ovopsim.population.synthetic import candidates_of, everything_at_work
from ovopsim.rules.agency.tables import AGENCY_FIELDS, Assignments, Levers
from ovopsim.rules.environment import Calendar
from ovopsim.running import Results, empty_results, run_many
from ovopsim.state import World, copy_world, with_levers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MonthZero:
    """A cluster on the eve of month 0, and all that a run of it needs besides a programme.

    Attributes
    ----------
    world : World
        State before month 0; runs copy it.
    values : dict
        Parameter values by ``submodel.field``, derived ones included.
    row : array (parameters,)
        The same, packed for the rules.
    key : uint64
        Key of the replication's draws.
    firms : int
        Firms in business.
    """

    world: World
    values: dict[str, Any]
    row: Array
    key: np.uint64
    firms: int
    notes: tuple[str, ...] = ()


def population_key(scenario: Scenario) -> tuple[Any, ...]:
    """Return what a scenario's month-0 state depends on, besides seed and replication."""
    return (
        scenario.population.model_dump_json(),
        scenario.start,
        scenario.size_law,
        tuple(sorted(scenario.parameters.items())),
    )


def parameter_values(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's parameter values with the derived ones; `size_law` chooses the size classes."""
    found = dict(values(scenario.parameters))
    if scenario.size_law == "pp_2021":
        found["accounts.small_from"] = found["accounts.small_from_pp_2021"]
        found["accounts.medium_from"] = found["accounts.medium_from_pp_2021"]
    return derive(found)


_calendars: dict[Any, Calendar] = {}
CALENDARS_KEPT = 64


def calendar_of(scenario: Scenario, parameters: dict[str, Any]) -> Calendar:
    """Return the seasons, shocks and prices of a scenario's months, burn-in included.

    The last calendars are kept: a comparison asks for the same one in every run. They are read, never written.
    """
    seasonal = [np.asarray(parameters[name]).tobytes() for name in SEASONAL]
    key = (scenario.start, scenario.months, scenario.shocks, *seasonal)
    if key not in _calendars:
        if len(_calendars) >= CALENDARS_KEPT:
            _calendars.clear()
        _calendars[key] = _build(scenario, parameters)
    return _calendars[key]


SEASONAL = (
    "environment.lebaran_uplift",
    "environment.year_end_uplift",
    "environment.lebaran_days_before",
    "environment.lebaran_days_after",
    "planning.cover",
)


def _build(scenario: Scenario, parameters: dict[str, Any]) -> Calendar:
    return build_calendar(
        parameters,
        scenario.start,
        BURN_IN,
        scenario.months,
        price_levels(scenario.start, scenario.months),
        shock_paths(scenario.shocks, scenario.months),
    )


def month_zero(scenario: Scenario, seed: int, replication: int) -> MonthZero:
    """Return the month-0 state of a scenario's population, parameters and replication.

    Examples
    --------
    >>> month_zero(Scenario(), seed=1, replication=0).firms > 100
    True
    """
    parameters = parameter_values(scenario)
    row = pack_parameters(parameters)
    key = key_of(seed, replication)
    quiet = scenario.model_copy(update={"months": 1, "shocks": ()})  # what comes later must not touch month 0
    world, notes = month_zero_world(scenario.population, parameters, row, calendar_of(quiet, parameters), key)
    return MonthZero(world, parameters, row, key, int((world.firms[FIRM.active] == 1.0).sum()), notes)


@dataclass(frozen=True)
class RunArrays:
    """Raw results of one run (see `month.Results`, without the axis over runs)."""

    monthly: Array
    levers: Array
    channels: Array
    sentras: Array
    flows: Array
    snapshots: Array
    chosen: NDArray[np.int64]
    closing: World
    path: Path


def trial_draws(scenario: Scenario, start: MonthZero) -> Array:
    """Return the uniforms by which assignments choose firms (assignments, slots); infinite for an empty slot."""
    firms = start.world.firms
    draws = np.full((len(scenario.assignments), firms.shape[1]), np.inf)
    for slot in np.flatnonzero(firms[FIRM.active] == 1.0):
        for number in range(len(draws)):
            draws[number, slot] = uniform(start.key, TRIAL_ASSIGNMENT, int(firms[FIRM.firm_id, slot]), 0, number)
    return draws


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to go: its arrays, and room for its results.

    Attributes
    ----------
    scenario : Scenario
    start : MonthZero
    first, work : World
        The state from which the run is forked, and its working memory.
    results : Results
    chosen : array of int
        Months at whose end the firm table is kept.
    """

    scenario: Scenario
    start: MonthZero
    first: World
    work: World
    levers: Levers
    assignments: Assignments
    held: Held
    calendar: Calendar
    chosen: NDArray[np.int64]
    results: Results

    def go(self, first: World | None = None, step: int = 0, months: int | None = None) -> None:
        """Run `months` months from `step` on; all of them from month 0 when nothing is said."""
        n_slots = self.work.firms.shape[1]
        values = self.start.values
        run_many(
            self.first if first is None else first,
            self.work,
            empty_ledger(n_slots),
            empty_scratch(n_slots),
            self.start.row[None],
            self.levers.table[None],
            self.levers.effects[None],
            self.assignments.orders[None],
            self.assignments.firms[None],
            self.held,
            self.calendar,
            BURN_IN + step,
            everything_at_work(),
            candidates_of(float(self.work.city[CITY.initial_count]), values["entry_and_exit.entry_rate"]),
            np.array([self.start.key], dtype=np.uint64),
            self.scenario.months if months is None else months,
            self.chosen,
            self.results,
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
        levers,
        assignment_arrays(scenario, start.world.firms[FIRM.firm_id], trial_draws(scenario, start)),
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
) -> RunArrays:
    """Run one scenario from a month-0 state, which is left as it is; arguments as for `prepare`.

    Raises
    ------
    InputError
        When the table of firms is full, or an assignment names a firm that does not exist.
    """
    run = prepare(scenario, start, keep_months, held, record)
    run.go()
    check_room(scenario, run.work)
    results = run.results
    return RunArrays(*(array[0] for array in results[:-1]), run.chosen, run.work, results.path)


def check_room(scenario: Scenario, world: World) -> None:
    """Raise when an entrant found no free row in the table of firms."""
    if world.city[CITY.entries_refused] > 0:
        raise InputError(
            f"{scenario.name}: the table of {world.firms.shape[1]} firms is full; entry is far above exit. "
            "Lower entry_and_exit.entry_rate or entry_and_exit.entry_response."
        )


def dates_of(start: str, months: int) -> pd.DatetimeIndex:
    """Return the first day of each month of a run."""
    index = month_index(start)
    return pd.date_range(f"{index // 12:04d}-{index % 12 + 1:02d}-01", periods=months, freq="MS")


def monthly_frame(scenario: Scenario, run: RunArrays) -> pd.DataFrame:
    """Return the monthly outcomes of one run, one row a month: ``step``, ``month``, outcomes, units delivered."""
    frame = pd.DataFrame(run.monthly, columns=list(OUTCOMES))
    delivered = {
        f"delivered_{name}": run.levers[:, AGENCY_FIELDS["delivered"], place]
        for place, name in enumerate(scenario.all_levers)
    }
    frame = pd.concat([frame, pd.DataFrame(delivered)], axis=1)
    frame.insert(0, "month", dates_of(scenario.start, scenario.months))
    frame.insert(0, "step", np.arange(scenario.months))
    return frame


def firm_columns() -> dict[str, int]:
    """Return name -> row for every column of the firm table; a field by channel has one column for each."""
    columns: dict[str, int] = {}
    for name, (field, row) in fields_of(FirmRows).items():
        if field.rows == N_CHANNELS and not name.startswith("peer_"):
            columns |= {f"{name}_{channel}": row + place for place, channel in enumerate(CHANNELS)}
        elif field.rows == 1:
            columns[name] = row
    return columns


def firms_frame(run: RunArrays) -> pd.DataFrame:
    """Return the kept firm tables, one row for each firm in business and kept month (``step``)."""
    columns = firm_columns()
    parts = []
    for place, step in enumerate(run.chosen):
        table = run.snapshots[place]
        active = table[FIRM.active] == 1.0
        part = pd.DataFrame({name: table[row, active] for name, row in columns.items() if name != "active"})
        part.insert(0, "step", int(step))
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["step", *columns])


@dataclass(frozen=True)
class Simulation:
    """Results of `simulate`.

    Attributes
    ----------
    scenario : Scenario
    monthly : DataFrame
        One row for each replication and month.
    firms : DataFrame
        One row for each replication, kept month and firm; empty unless months were kept.
    seed : int
    """

    scenario: Scenario
    monthly: pd.DataFrame
    firms: pd.DataFrame
    seed: int

    def to_frame(self) -> pd.DataFrame:
        """Return the monthly outcomes."""
        return self.monthly


def simulate(
    scenario: Scenario | None = None,
    *,
    replications: int = 1,
    seed: int = 1,
    keep_months: Iterable[int] = (),
) -> Simulation:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario, optional
        None = the shipped cluster without a programme.
    replications : int
        Independent worlds; replication r of one seed is the same world for every scenario.
    seed : int
    keep_months : iterable of int
        Months (steps) at whose end the firm table is kept.

    Returns
    -------
    Simulation

    Examples
    --------
    >>> len(simulate(Scenario(months=3), replications=2).to_frame())
    6
    """
    scenario = scenario or Scenario()
    if replications < 1:
        raise InputError(f"replications is {replications}; it must be at least 1.")
    kept = [step for step in keep_months if 0 <= step < scenario.months]
    monthly, firms = [], []
    for replication in range(replications):
        run = run_scenario(scenario, month_zero(scenario, seed, replication), kept)
        for frames, frame in ((monthly, monthly_frame(scenario, run)), (firms, firms_frame(run))):
            frame.insert(0, "replication", replication)
            frames.append(frame)
    return Simulation(scenario, pd.concat(monthly, ignore_index=True), pd.concat(firms, ignore_index=True), seed)


def renamed(scenario: Scenario, name: str) -> Scenario:
    """Return a scenario under another name."""
    return scenario.model_copy(update={"name": name})


__all__ = ["MonthZero", "RunArrays", "Simulation", "month_zero", "replace", "run_scenario", "simulate"]
