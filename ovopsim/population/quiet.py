"""Months without a programme, with some rules at rest: what burn-in and settling are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import row_count
from ovopsim.holding import nothing_held
from ovopsim.ledger import Ledger, empty_ledger
from ovopsim.month import Scratch, Switches, empty_scratch
from ovopsim.rules.agency.tables import Assignments, LeverRows, Levers
from ovopsim.rules.environment import Calendar
from ovopsim.running import Results, empty_results, run_many
from ovopsim.state import World

Array = NDArray[np.float64]


def no_levers(n_slots: int) -> tuple[Levers, Assignments]:
    """Return the programme that does nothing."""
    table = np.zeros((row_count(LeverRows), 1))
    return Levers(table, np.zeros((0, 4))), Assignments(np.zeros((0, 4)), np.zeros((0, n_slots)))


def everything_at_work() -> Switches:
    """Return switches with every rule at work."""
    return Switches(np.ones(4))


def at_rest() -> Switches:
    """Return switches with entry and exit, learning, shocks to firms and the agency at rest."""
    return Switches(np.zeros(4))


@dataclass(frozen=True)
class QuietMonths:
    """A world that lives on without a programme.

    Attributes
    ----------
    world : World
        Changed in place.
    row : array (parameters,)
        Parameters packed for the rules.
    calendar : Calendar
    key : uint64
        Key of the replication.
    switches : Switches
    candidates : int
        People who consider starting a firm each month.
    most : int
        Most months run at a time.
    """

    world: World
    row: Array
    calendar: Calendar
    key: np.uint64
    switches: Switches
    candidates: int
    most: int
    memory: tuple[Ledger, Scratch, Results] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        n_slots = self.world.firms.shape[1]
        memory = (empty_ledger(n_slots), empty_scratch(n_slots), empty_results(self.most, 0, 1, n_slots))
        object.__setattr__(self, "memory", memory)

    def run(self, first: int, months: int) -> Results:
        """Run months from a row of the calendar on; the next call writes over what is returned."""
        ledger, scratch, results = self.memory
        levers, assignments = no_levers(self.world.firms.shape[1])
        run_many(
            self.world,
            self.world,
            ledger,
            scratch,
            self.row[None],
            levers.table[None],
            levers.effects[None],
            assignments.orders[None],
            assignments.firms[None],
            nothing_held(),
            self.calendar,
            first,
            self.switches,
            self.candidates,
            np.array([self.key], dtype=np.uint64),
            months,
            np.zeros(0, dtype=np.int64),
            results,
        )
        return results
