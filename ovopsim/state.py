"""The state of the simulated city: one matrix for each entity, made, copied and checked."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import (
    FIRM,
    N_CHANNELS,
    N_PEERS,
    N_SENTRAS,
    AgencyRows,
    ChannelRows,
    CityRows,
    Field,
    FirmRows,
    Reals,
    SentraRows,
    fields_of,
    row_count,
)


class World(NamedTuple):
    """Everything that a month reads and writes.

    Attributes
    ----------
    firms : array (fields, slots)
    channels : array (fields, 4)
    sentras : array (fields, 3)
    city : array (fields,)
    agency : array (fields, levers)
    served : array (slots, levers, 5)
        Programme record of each firm, side by side, for firms are looked up in the order of a list: offers, deliveries,
        dose of the last, month last served, month in which it last declined.
    lists : array (3, levers, slots)
        The agency's list of firms for this budget year, best first: slot, and identity of the firm listed. From place
        `AgencyRows.in_order` on the order is still to be made, by the third row; elsewhere that row means nothing.
    ring : array (3, slots)
        Where new acquaintances are found, in order: place on a ring (sentra + uniform), slot and identity of the firm.
    """

    firms: Reals
    channels: Reals
    sentras: Reals
    city: Reals
    agency: Reals
    served: Reals
    lists: Reals
    ring: Reals


OFFERS, DELIVERIES, LAST_DOSE, LAST_SERVED, LAST_DECLINED = range(5)

N_SERVED: Final = 5

LISTED_SLOT, LISTED_FIRM, LISTED_BY = range(3)

N_LISTED: Final = 3

NEVER: Final = -1_000_000.0

GROUPS: Final = ("capital", "skill", "technology", "access")


def rows_in_group(group: str) -> list[int]:
    """Return the rows of the firm matrix that belong to an attribute group."""
    return [
        row + step for field, row in fields_of(FirmRows).values() if field.group == group for step in range(field.rows)
    ]


def empty_world(n_slots: int, n_levers: int) -> World:
    """Return a state without firms, for `n_slots` firm slots and `n_levers` levers."""
    world = World(
        np.zeros((row_count(FirmRows), n_slots)),
        np.zeros((row_count(ChannelRows), N_CHANNELS)),
        np.zeros((row_count(SentraRows), N_SENTRAS)),
        np.zeros(row_count(CityRows)),
        np.zeros((row_count(AgencyRows), n_levers)),
        no_record(n_levers, n_slots),
        np.zeros((N_LISTED, n_levers, n_slots)),
        np.zeros((3, n_slots)),
    )
    for row, rows in (
        (FIRM.firm_id, 1),
        (FIRM.met_slot, 2),
        (FIRM.peer_slot, N_PEERS),
        (FIRM.peer_id, N_PEERS),
    ):
        world.firms[row : row + rows] = -1.0
    return world


def no_record(n_levers: int, n_slots: int) -> Reals:
    """Return the programme record of firms that have never been asked."""
    record = np.zeros((n_slots, n_levers, N_SERVED))
    record[:, :, LAST_SERVED:] = NEVER
    return record


def copy_world(world: World) -> World:
    """Return an independent copy of a state."""
    return World(*(array.copy() for array in world))


def with_levers(world: World, n_levers: int) -> World:
    """Return a state in which no lever has been used yet and `n_levers` levers exist.

    Firms, markets and places are those of `world`, not copies: whoever writes to them copies them first.
    """
    n_slots = world.firms.shape[1]
    return world._replace(
        agency=np.zeros((row_count(AgencyRows), n_levers)),
        served=no_record(n_levers, n_slots),
        lists=np.zeros((N_LISTED, n_levers, n_slots)),
    )


def problems(world: World) -> list[str]:
    """Return what is wrong with a state, in words: values not finite, not whole or out of range (empty = nothing)."""
    found: list[str] = []
    active = world.firms[FIRM.active] == 1.0
    tables = ((FirmRows, world.firms[:, active]), (ChannelRows, world.channels), (SentraRows, world.sentras))
    for table, matrix in (*tables, (CityRows, world.city[:, None]), (AgencyRows, world.agency)):
        for name, (field, row) in fields_of(table).items():
            found.extend(_problems_of(f"{table.__name__}.{name}", field, matrix[row : row + field.rows]))
    return found


def _problems_of(name: str, field: Field, values: NDArray[Any]) -> list[str]:
    if not values.size:
        return []
    if not np.all(np.isfinite(values)):
        return [f"{name} is not finite"]
    if values.min() < field.low or values.max() > field.high:
        return [f"{name} lies in {values.min()} to {values.max()}, not {field.low} to {field.high}"]
    if field.unit in ("flag", "code", "id", "slot") and np.any(values != np.round(values)):
        return [f"{name} is not whole"]
    return []
