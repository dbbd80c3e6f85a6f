"""Small clusters for tests, and their months one at a time: compiled, or as plain Python that a test can look into.

A cluster here is drawn as the shipped one is, but has only a few dozen firms and may have lived for a few months
instead of decades; whatever law holds of the model holds of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ovopsim.month
from ovopsim.draws import key_of
from ovopsim.fields import CITY, FIRM, SENTRA, Reals
from ovopsim.holding import Held, Path, empty_path, nothing_held
from ovopsim.ledger import Ledger, empty_ledger
from ovopsim.month import Scratch, Switches, empty_scratch
from ovopsim.outcomes.monthly import OUTCOMES, observe
from ovopsim.packing import pack_parameters, read_costs, read_observation
from ovopsim.policy import Scenario
from ovopsim.policy.arrays import programme_arrays
from ovopsim.population.month_zero import BURN_IN
from ovopsim.population.synthetic import FIRST_GUESS, candidates_of, draw_population, everything_at_work
from ovopsim.rules.agency.tables import Assignments, Levers
from ovopsim.running import empty_results, run_many
from ovopsim.simulation import MonthZero, calendar_of, parameter_values, trial
from ovopsim.state import World, copy_world, with_levers


def cluster(
    counts: Sequence[int] = (6, 14, 10),
    parameters: Mapping[str, float] | None = None,
    seed: int = 1,
    months_lived: int = 0,
) -> MonthZero:
    """Return a drawn cluster with so many firms in each sentra, on the eve of month 0.

    Raises
    ------
    InputError
        When the parameters admit no such cluster.
    """
    scenario = Scenario(months=1, parameters=dict(parameters or {}))
    values = parameter_values(scenario)
    row = pack_parameters(values)
    key = key_of(seed, 0)
    world = draw_population(values, row, np.array(counts, dtype=float), key)
    world.sentras[SENTRA.entry_rate] = FIRST_GUESS * float(values["entry_and_exit.candidate_rate"])
    start = MonthZero(world, values, row, key, int(sum(counts)))
    if months_lived:
        world.city[CITY.month] = -months_lived
        run = Run(scenario, start)
        run.first_row = BURN_IN - months_lived
        for moment in run.months(months_lived):
            world = moment.world
        world = copy_world(with_levers(world, 1))
    world.city[CITY.month] = 0.0
    world.city[CITY.start_profit] = max(0.0, world.city[CITY.mean_profit])
    return MonthZero(world, values, row, key, int((world.firms[FIRM.active] == 1.0).sum()))


def with_values(start: MonthZero, **changes: Any) -> MonthZero:
    """Return a cluster on the eve of other times: the same firms under other parameters (``submodel__field``)."""
    values = start.values | {name.replace("__", "."): value for name, value in changes.items()}
    return MonthZero(copy_world(start.world), values, pack_parameters(values), start.key, start.firms)


@dataclass(frozen=True)
class Moment:
    """The end of a month; its arrays are the run's own and change with the next one."""

    step: int
    world: World
    ledger: Ledger
    scratch: Scratch
    outcomes: Reals


class Run:
    """One run, month by month.

    Attributes
    ----------
    plain : bool
        Whether the month runs as plain Python, so that rules can be watched or replaced.
    """

    def __init__(
        self,
        scenario: Scenario,
        start: MonthZero,
        *,
        plain: bool = False,
        held: Held | None = None,
        record: int = 0,
        switches: Switches | None = None,
    ) -> None:
        self.plain = plain
        self.start = start
        self.levers: Levers = programme_arrays(scenario)
        self.assignments: Assignments = trial(scenario, start)
        self.world = copy_world(with_levers(start.world, self.levers.table.shape[1]))
        n_slots = self.world.firms.shape[1]
        self.ledger = empty_ledger(n_slots)
        self.scratch = empty_scratch(n_slots)
        self.held = held or nothing_held()
        self.path: Path = empty_path(record, n_slots)
        self.calendar = calendar_of(scenario, start.values)
        self.first_row = BURN_IN
        self.switches = switches or everything_at_work()
        self.candidates = candidates_of(
            float(self.world.city[CITY.initial_count]), float(start.values["entry_and_exit.candidate_rate"])
        )
        self.step = 0
        self._room = empty_results(1, 0, self.levers.table.shape[1], n_slots)._replace(path=self.path)

    def months(self, count: int) -> Iterator[Moment]:
        """Run `count` more months and stop after each."""
        for _ in range(count):
            outcomes = self._plain_month() if self.plain else self._compiled_month()
            self.step += 1
            yield Moment(self.step - 1, self.world, self.ledger, self.scratch, outcomes)

    def all(self, count: int) -> World:
        """Run `count` more months and return the state after them."""
        for _ in self.months(count):
            pass
        return self.world

    def _compiled_month(self) -> Reals:
        run_many(
            self.world,
            self.world,
            self.ledger,
            self.scratch,
            self.start.row[None],
            self.levers.table[None],
            self.levers.effects[None],
            self.assignments.orders[None],
            self.assignments.firms[None],
            self.held,
            self.calendar,
            self.first_row + self.step,
            self.switches,
            self.candidates,
            np.array([self.start.key], dtype=np.uint64),
            1,
            np.zeros(0, dtype=np.int64),
            self._room,
        )
        found: Reals = self._room.monthly[0, 0].copy()
        return found

    def _plain_month(self) -> Reals:

        with plain_readers():
            ovopsim.month.month(
                self.world,
                self.ledger,
                self.scratch,
                self.start.row,
                self.levers,
                self.assignments,
                self.held,
                self.path,
                self.calendar,
                self.first_row + self.step,
                self.switches,
                self.candidates,
                self.start.key,
            )

        return observed(self.world, self.start.row)


def observed(world: World, row: Reals) -> Reals:
    """Return what the compiled loop sees of a state."""
    out = np.zeros(len(OUTCOMES))
    observe(world, plain(read_costs)(row), plain(read_observation)(row).none_below, out)
    return out


def plain(function: Any) -> Any:
    """Return the Python function behind a compiled one."""
    return getattr(function, "py_func", function)


@contextlib.contextmanager
def plain_readers() -> Iterator[None]:
    """Read parameters in plain Python: compiling twelve small readers takes longer than a small cluster's month."""
    month = ovopsim.month
    names = [name for name in vars(month) if name.startswith("read_")]
    before = {name: getattr(month, name) for name in names}
    try:
        for name in names:
            setattr(month, name, plain(before[name]))
        yield
    finally:
        for name, reader in before.items():
            setattr(month, name, reader)


def same_bits(one: World, other: World) -> bool:
    """Whether two states agree to the last bit."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


def firms_by_id(world: World) -> dict[int, NDArray[np.float64]]:
    """Return the column of each firm in business by its identity."""
    active = np.flatnonzero(world.firms[FIRM.active] == 1.0)
    return {int(world.firms[FIRM.firm_id, slot]): world.firms[:, slot] for slot in active}


__all__ = ["Moment", "Run", "cluster", "firms_by_id", "observed", "plain", "same_bits", "with_values"]
