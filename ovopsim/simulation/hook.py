"""Levers written in Python: code that is called before every month and may serve firms in its own way.

Most levers are records and need no code. One that chooses firms or sizes in a way no record can say is a function of
a `Cluster`: it looks at the firms and calls `deliver` with the same effects that a record has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError, did_you_mean
from ovopsim.fields import CITY, FIRM, FirmRows, fields_of
from ovopsim.ledger import FLOW, Ledger, book, empty_ledger, firm_receives
from ovopsim.packing import read_agency, read_learning
from ovopsim.parameters.checking import checked
from ovopsim.policy.arrays import effect_row
from ovopsim.policy.effects import Effect
from ovopsim.rules.agency.effects import apply_effect, note_service
from ovopsim.rules.agency.tables import AMENITY, FUND, GOVERNANCE, GRANT_CASH, SIZE, VERB
from ovopsim.state import World

Hook = Callable[["Cluster"], None]


class Cluster:
    """The cluster on the eve of a month, as a lever in Python sees it.

    Attributes
    ----------
    step : int
        Month that comes next, 0 = first.
    world : World
        The whole state; what is written here is written past the books.
    spent_idr : float
        Public money that the lever has spent this month.
    books : Ledger
        What the lever has booked this month: the treasury releases what is spent, and all of it is delivered, in cash
        to firms or to those who serve them. The run's flows of the month contain it.
    """

    def __init__(self, step: int, world: World, row: NDArray[np.float64]) -> None:
        self.step = step
        self.world = world
        self.spent_idr = 0.0
        self.books: Ledger = empty_ledger(world.firms.shape[1])
        self._row = row

    def firms(self, name: str) -> NDArray[np.float64]:
        """Return one attribute of every firm in business, as a copy, in the order of `ids`.

        Raises
        ------
        InputError
            When firms have no such attribute.
        """
        rows = fields_of(FirmRows)
        if name not in rows:
            raise InputError(f"lever in Python: firms have no attribute '{name}'{did_you_mean(name, rows)}")
        field, row = rows[name]
        values = self.world.firms[row : row + field.rows, self._slots()]
        return values[0] if field.rows == 1 else values

    @property
    def ids(self) -> NDArray[np.int64]:
        """Identities of the firms in business."""
        found: NDArray[np.int64] = self.world.firms[FIRM.firm_id, self._slots()].astype(np.int64)
        return found

    def deliver(
        self, ids: Iterable[int], effects: Sequence[Mapping[str, Any]], cost_idr: float = 0.0, dose: float = 1.0
    ) -> None:
        """Serve firms: the effects of a record (`{"raise": "craft", "by": 0.2}`), for certain and without spread.

        Parameters
        ----------
        ids : iterable of int
            Firms; one that is no longer in business is passed over.
        effects : sequence of mapping
            As in a lever's record; only those on firms.
        cost_idr : float
            Public money for each firm served, cash that it is granted included, rupiah of 2016.
        dose : float
            Size over that of the record.

        Raises
        ------
        InputError
            When an effect is none, or not one on firms, or more cash is granted than the firm costs.
        """
        rows = np.array([self._effect(effect, place) for place, effect in enumerate(effects)]).reshape(-1, 4)
        granted = dose * float(rows[rows[:, VERB] == GRANT_CASH, SIZE].sum())
        if cost_idr < granted:
            raise InputError(
                f"lever in Python: cost_idr is {cost_idr:.0f}, less than the cash that each firm is granted; give at "
                f"least {granted:.0f}."
            )
        learning = read_learning.py_func(self._row)
        agency = read_agency.py_func(self._row)
        slots = dict(zip(self.ids.tolist(), self._slots().tolist(), strict=True))
        for slot in (slots[identity] for identity in ids if identity in slots):
            book(self.books, FLOW.release, cost_idr)
            book(self.books, FLOW.delivery, cost_idr - granted)
            firm_receives(self.world.firms, self.books, slot, FLOW.cash_grants, granted)
            for row in range(len(rows)):
                apply_effect(self.world, self.books, agency, rows, row, slot, dose, dose, learning.least_access)
            note_service(self.world, slot, cost_idr)
            self.spent_idr += cost_idr

    def _slots(self) -> NDArray[np.intp]:
        used = int(self.world.city[CITY.used_slots])
        return np.flatnonzero(self.world.firms[FIRM.active, :used] == 1.0)

    def _effect(self, given: Mapping[str, Any], place: int) -> tuple[float, float, float, float]:
        row = effect_row(checked(Effect, dict(given), f"lever in Python: effects[{place}]"))
        if int(row[0]) in (AMENITY, FUND, GOVERNANCE):
            raise InputError(f"lever in Python: effects[{place}]: {dict(given)} is not an effect on firms.")
        return row
