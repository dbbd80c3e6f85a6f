"""Firms take the first slots of their table at month 0: closures of burn-in leave gaps, and every rule walks over them.

No draw, rule or order depends on a slot's number, so this moves results by rounding only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ovopsim.fields import CITY, FIRM, N_PEERS, Reals
from ovopsim.state import World, copy_world, empty_world

SLOTS_OF_OTHERS: Final = (FIRM.met_slot, *range(FIRM.peer_slot, FIRM.peer_slot + N_PEERS))


def without_gaps(world: World) -> World:
    """Return the same state with the firms in business in the first slots, in their order, and nothing in the others.

    Programme records are those of the firms; the agency's lists must be empty.
    """
    kept = np.flatnonzero(world.firms[FIRM.active] == 1.0)
    n_levers, n_slots = world.agency.shape[1], world.firms.shape[1]
    fresh = empty_world(n_slots, n_levers)
    place = np.full(n_slots, n_slots - 1.0)  # a closed firm: any slot, where its identity will not be found
    place[kept] = np.arange(len(kept))
    firms, served, ring = fresh.firms, fresh.served, fresh.ring
    firms[:, : len(kept)] = world.firms[:, kept]
    for row in SLOTS_OF_OTHERS:
        firms[row, : len(kept)] = _moved(firms[row, : len(kept)], place)
    served[: len(kept)] = world.served[kept]
    length = int(world.city[CITY.ring_length])
    ring[:, :length] = world.ring[:, :length]
    ring[1, :length] = _moved(ring[1, :length], place)
    moved = copy_world(world)._replace(firms=firms, served=served, lists=fresh.lists, ring=ring)
    moved.city[CITY.used_slots] = len(kept)
    return moved


def _moved(slots: Reals, place: Reals) -> Reals:
    """Return where the firms in these slots went; below 0 stays."""
    return np.where(slots >= 0.0, place[np.maximum(slots, 0.0).astype(np.int64)], slots)
