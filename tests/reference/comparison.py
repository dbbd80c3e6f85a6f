"""Says in words where the reference and a state of the package differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ovopsim.fields import CITY, FIRM, AgencyRows, FirmRows, fields_of
from ovopsim.ledger import CLEARED, FLOWS, MADE, NON_CASH, SOLD, SPOILED, Ledger
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.state import DELIVERIES, LAST_DECLINED, LAST_DOSE, LAST_SERVED, OFFERS
from ovopsim.state import World as Matrices
from tests.reference.conversion import (
    AGENCY_NUMBERS,
    CHANNEL_NUMBERS,
    CITY_NUMBERS,
    CITY_WHOLE,
    COOPERATIVE_NUMBERS,
    SENTRA_NUMBERS,
    column_of,
)
from tests.reference.entities import Record
from tests.reference.world import World

Array = np.ndarray[Any, np.dtype[np.float64]]

# the reference has no slots; its `closed` firms have left the state
WITHOUT_COUNTERPART = ("peer_slot", "met_slot")
RECORD_ROWS = {
    "offers": OFFERS,
    "deliveries": DELIVERIES,
    "last_dose": LAST_DOSE,
    "last_served": LAST_SERVED,
    "last_declined": LAST_DECLINED,
}


class Differences:
    """Collects what differs by more than a relative tolerance.

    An amount may be what is left after larger ones cancelled (cash after wages), so it is judged by the size that its
    field usually has, too.
    """

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.found: list[str] = []

    def compare(self, names: Callable[[int], str], package: Any, reference: Any, usual: float | None = None) -> None:
        """Compare two lists of values of one field; `names(place)` is what to call each."""
        one, other = np.asarray(package, dtype=float), np.asarray(reference, dtype=float)
        if one.size == 0:
            return
        floor = max(float(np.abs(one).mean()), 1e-3) if usual is None else usual
        size = np.maximum(np.maximum(np.abs(one), np.abs(other)), floor)
        for place in np.flatnonzero(~(np.abs(one - other) <= self.tolerance * size)):
            self.found.append(f"{names(int(place))} is {one[place]!r}, in the reference {other[place]!r}")

    def table(self, label: str, rows: Mapping[str, int], matrix: Array, things: Sequence[Any]) -> None:
        """Compare the single numbers of a few things with the columns of a matrix."""
        for name, row in rows.items():
            values = [getattr(thing, name) for thing in things]
            self.compare(lambda place, name=name: f"{label} {place}: {name}", matrix[row], values)


def differences(matrices: Matrices, world: World, tolerance: float) -> list[str]:
    """Return where a state of the package and the reference differ."""
    found = Differences(tolerance)
    compare_firms(found, matrices, world)
    found.table("channel", CHANNEL_NUMBERS, matrices.channels, world.channels)
    found.table("sentra", SENTRA_NUMBERS, matrices.sentras, world.sentras)
    found.table("cooperative", COOPERATIVE_NUMBERS, matrices.sentras, [sentra.cooperative for sentra in world.sentras])
    for name in (*CITY_NUMBERS, *CITY_WHOLE):
        value = matrices.city[getattr(CITY, name)]
        found.compare(lambda _, name=name: f"city: {name}", [value], [getattr(world.city, name)], 0.01)
    compare_ring(found, matrices, world)
    compare_agency(found, matrices, world)
    return found.found


def compare_firms(found: Differences, matrices: Matrices, world: World) -> None:
    """Compare firm by firm, found by identity."""
    slots = slots_of(matrices)
    firms = sorted(world.firms, key=lambda firm: firm.firm_id)
    identities = [firm.firm_id for firm in firms]
    if sorted(slots) != identities:
        found.found.append(f"in business are {sorted(set(slots) ^ set(identities))} only on one side")
        return
    package = matrices.firms[:, [slots[identity] for identity in identities]]
    reference = np.array([column_of(firm) for firm in firms]).reshape(len(firms), -1).T
    for name, (field, first) in fields_of(FirmRows).items():
        if name in WITHOUT_COUNTERPART:
            continue
        for row in range(first, first + field.rows):
            label = name if field.rows == 1 else f"{name}[{row - first}]"
            found.compare(lambda place, label=label: f"firm {identities[place]}: {label}", package[row], reference[row])


def slots_of(matrices: Matrices) -> dict[int, int]:
    """Return identity -> slot of the firms in business."""
    active = np.flatnonzero(matrices.firms[FIRM.active] == 1.0)
    return {int(matrices.firms[FIRM.firm_id, slot]): int(slot) for slot in active}


def compare_ring(found: Differences, matrices: Matrices, world: World) -> None:
    """Compare the rings of acquaintances."""
    length = int(matrices.city[CITY.ring_length])
    identities = [firm.firm_id for points in world.ring for _, firm in points]
    if identities != matrices.ring[2, :length].tolist():
        found.found.append("the rings of acquaintances differ")


def compare_agency(found: Differences, matrices: Matrices, world: World) -> None:
    """Compare each lever's books, list and records of firms."""
    found.table("lever", AGENCY_NUMBERS, matrices.agency, world.levers)
    slots = slots_of(matrices)
    units = fields_of(AgencyRows)["cooperative_units"][1]
    for lever in world.levers:
        column = matrices.agency[:, lever.number]
        label = f"lever {lever.number}"
        found.compare(
            lambda place, label=label: f"{label}: units of cooperative {place}",
            column[units : units + 3],
            lever.cooperative_units,
        )
        listed = matrices.lists[1, lever.number, : int(column[fields_of(AgencyRows)["listed"][1]])]
        if [firm.firm_id for firm in lever.listed] != listed.tolist():
            found.found.append(f"{label}: the lists of firms differ")
        if lever.position != column[fields_of(AgencyRows)["position"][1]]:
            found.found.append(f"{label}: the places on the list differ")
        for name, row in RECORD_ROWS.items():
            records = [firm.records.get(lever.number, Record()) for firm in world.firms]
            served = [matrices.served[slots.get(firm.firm_id, 0), lever.number, row] for firm in world.firms]
            found.compare(
                lambda place, name=name, label=label: f"{label}, firm {world.firms[place].firm_id}: {name}",
                served,
                [getattr(record, name) for record in records],
            )


def book_differences(ledger: Ledger, world: World, tolerance: float) -> list[str]:
    """Return where the month's books differ."""
    found = Differences(tolerance)
    books = world.books
    for kept, names, package in ((books.flows, FLOWS, ledger.flows), (books.entries, NON_CASH, ledger.entries)):
        found.found.extend(f"no name in the ledger: {name}" for name in set(kept) - set(names))
        for name, value in zip(names, package, strict=True):
            found.compare(lambda _, name=name: f"booked under {name}", [value], [kept.get(name, 0.0)], 1.0)
    for name, place in {"made": MADE, "sold": SOLD, "spoiled": SPOILED, "cleared": CLEARED}.items():
        found.compare(lambda _, name=name: f"pieces {name}", [ledger.goods[place]], [books.goods.get(name, 0.0)], 1.0)
    return found.found


def outcome_differences(package: Array, reference: Mapping[str, float], tolerance: float) -> list[str]:
    """Return where a month's outcomes differ."""
    found = Differences(tolerance)
    if set(reference) != set(OUTCOMES):
        found.found.append(f"outcomes only on one side: {sorted(set(reference) ^ set(OUTCOMES))}")
    for name, value in zip(OUTCOMES, package, strict=True):
        found.compare(lambda _, name=name: f"outcome {name}", [value], [reference.get(name, np.nan)], 1e-2)
    return found.found
