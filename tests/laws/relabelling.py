"""Give every firm another slot: the city must not notice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import AGENCY, CITY, FIRM, N_PEERS, FirmRows, Reals, fields_of
from ovopsim.rules.agency.tables import Assignments
from ovopsim.state import World, copy_world
from tests.worlds import Run

SLOT_ROWS = (FIRM.met_slot, *range(FIRM.peer_slot, FIRM.peer_slot + N_PEERS))
WHOLE = ("flag", "code", "id", "months", "count")


def moved(values: Reals, place: NDArray[np.int64]) -> Reals:
    """Return an array over slots (last axis) in which slot s has moved to `place[s]`."""
    found = np.empty_like(values)
    found[..., place] = values
    return found


def renamed(slots: Reals, place: NDArray[np.int64]) -> Reals:
    """Return slot numbers after the move; −1 stays."""
    found: Reals = np.where(slots >= 0.0, place[slots.astype(int)], slots)
    return found


def relabelled(world: World, place: NDArray[np.int64]) -> World:
    """Return a state in which the firm of slot s sits in slot `place[s]`, and everybody knows."""
    new = copy_world(world)
    firms = moved(world.firms, place)
    for row in SLOT_ROWS:
        firms[row] = renamed(firms[row], place)
    new.firms[:] = firms
    new.served[place] = world.served
    for lever in range(world.lists.shape[1]):
        listed = int(world.agency[AGENCY.listed, lever])
        new.lists[0, lever, :listed] = renamed(world.lists[0, lever, :listed], place)
    length = int(world.city[CITY.ring_length])
    new.ring[1, :length] = renamed(world.ring[1, :length], place)
    new.city[CITY.used_slots] = 1 + place[: int(world.city[CITY.used_slots])].max()
    return new


def relabel(run: Run, place: NDArray[np.int64]) -> None:
    """Move the firms of a run, and the marks of its trials, to other slots."""
    run.world = relabelled(run.world, place)
    run.assignments = Assignments(run.assignments.orders, moved(run.assignments.firms, place))


def assert_same_firms(one: World, other: World, why: str) -> None:
    """Raise unless two states hold the same firms: whole numbers equal, amounts to 1e-9, wherever they sit."""
    columns = []
    for world in (one, other):
        active = np.flatnonzero(world.firms[FIRM.active] == 1.0)
        order = active[np.argsort(world.firms[FIRM.firm_id, active])]
        columns.append(world.firms[:, order])
    here, there = columns
    assert np.array_equal(here[FIRM.firm_id], there[FIRM.firm_id]), f"{why}: other firms are in business"
    for name, (field, first) in fields_of(FirmRows).items():
        rows = [row for row in range(first, first + field.rows) if row not in SLOT_ROWS]
        if field.unit in WHOLE:
            assert np.array_equal(here[rows], there[rows]), f"{why}: {name} differs"
        else:
            scale = 1e-9 * np.abs(here[rows]).max(initial=1.0)
            assert np.allclose(here[rows], there[rows], rtol=1e-9, atol=scale), f"{why}: {name} differs"
    for part in ("channels", "sentras", "agency"):
        assert np.allclose(getattr(one, part), getattr(other, part), rtol=1e-9, atol=1e-6), f"{why}: {part} differ"
