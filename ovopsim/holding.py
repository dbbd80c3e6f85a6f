"""Holding: parts of the state are replaced by their path in another run, so that what they pass on is taken out.

A path is recorded in one run and replayed in another, at the same point of each month: after the agency, and for
the sums over rivals after buyers were drawn. The object that holds nothing is the default; holding everything leaves
a programme without any effect (docs/odd.md).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ovopsim.compiling import compiled, copy_matrix, copy_vector
from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS, CityRows, FirmRows, Reals, SentraRows, row_count


class Path(NamedTuple):
    """The state of one run month by month; no months = no path.

    Attributes
    ----------
    firms : array (months, firm fields, slots)
    sentras : array (months, sentra fields, 3)
    city : array (months, city values)
    channels : array (months, 2, 4)
        Pull of the outside and of the cluster.
    """

    firms: Reals
    sentras: Reals
    city: Reals
    channels: Reals


class Held(NamedTuple):
    """What is held, and the path that replaces it.

    Attributes
    ----------
    rows : array (firm fields,)
        1 for each row of the firm matrix that is held.
    places : array (1,)
        1 when sentras, cooperatives and the city are held.
    market : array (1,)
        1 when the market's sums over firms are held.
    path : Path
    """

    rows: Reals
    places: Reals
    market: Reals
    path: Path


def empty_path(months: int, n_slots: int) -> Path:
    """Return room for a path of so many months."""
    return Path(
        np.zeros((months, row_count(FirmRows), n_slots)),
        np.zeros((months, row_count(SentraRows), 3)),
        np.zeros((months, row_count(CityRows))),
        np.zeros((months, 2, N_CHANNELS)),
    )


def nothing_held() -> Held:
    """Return the object that holds nothing."""
    return Held(np.zeros(row_count(FirmRows)), np.zeros(1), np.zeros(1), empty_path(0, 1))


def everything_held(path: Path) -> Held:
    """Return the object that holds the whole state at a path."""
    return Held(np.ones(row_count(FirmRows)), np.ones(1), np.ones(1), path)


@compiled
def hold_state(world, held, record):
    """Replace what is held by what it was in the run that is replayed, then note the state for others to replay.

    A firm keeps its slot in both runs or is found by its identity; one that is not in business there is left alone.
    """
    month = int(world.city[CITY.month])
    if 0 <= month < held.path.firms.shape[0]:
        if held.places[0] == 1.0:
            copy_matrix(world.sentras, held.path.sentras[month])
            used, ring = world.city[CITY.used_slots], world.city[CITY.ring_length]
            copy_vector(world.city, held.path.city[month])
            world.city[CITY.used_slots], world.city[CITY.ring_length] = used, ring  # of this run's own tables
        hold_firms(world, held.rows, held.path.firms[month])
    if 0 <= month < record.firms.shape[0]:
        copy_matrix(record.firms[month], world.firms)
        copy_matrix(record.sentras[month], world.sentras)
        copy_vector(record.city[month], world.city)


@compiled
def hold_firms(world, rows, path):
    """Replace the held rows of every firm that both runs have."""
    for slot in range(int(world.city[CITY.used_slots])):
        if world.firms[FIRM.active, slot] == 1.0:
            other = same_firm(path, world.firms[FIRM.firm_id, slot], slot)
            if other >= 0:
                for field in range(rows.shape[0]):
                    if rows[field] == 1.0:
                        world.firms[field, slot] = path[field, other]


@compiled
def same_firm(path, identity, slot):
    """Column of a firm in the replayed run (usually its own slot), or −1 when it is not in business there."""
    if path[FIRM.firm_id, slot] == identity and path[FIRM.active, slot] == 1.0:
        return slot
    for other in range(path.shape[1]):
        if path[FIRM.firm_id, other] == identity and path[FIRM.active, other] == 1.0:
            return other
    return -1


@compiled
def hold_market(world, held, record):
    """Replace the sums over rivals by those of the run that is replayed, then note them."""
    month = int(world.city[CITY.month])
    for channel in range(N_CHANNELS):
        if held.market[0] == 1.0 and 0 <= month < held.path.channels.shape[0]:
            world.channels[CHANNEL.outside, channel] = held.path.channels[month, 0, channel]
            world.channels[CHANNEL.attraction, channel] = held.path.channels[month, 1, channel]
        if 0 <= month < record.channels.shape[0]:
            record.channels[month, 0, channel] = world.channels[CHANNEL.outside, channel]
            record.channels[month, 1, channel] = world.channels[CHANNEL.attraction, channel]
