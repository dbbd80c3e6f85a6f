"""Putting numbers in order without allocating: what the agency's lists and the rings of neighbours need.

Every lever ranks every firm once a year, and a general sort took a sixth of a firm-month. Scores and points spread
evenly enough for a distribution sort: as many bins as numbers, then a few exchanges between neighbours.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba.extending import register_jitable

from ovopsim.compiling import WITH_COUNTS, compiled


class Lists(NamedTuple):
    """Scratch space for putting firms in order.

    Attributes
    ----------
    scores : array (slots,)
    order, slots, bins, ids : arrays (slots,) of int64
        `ids` are firms' identities by slot.
    views : array (4, slots)
    """

    scores: Any
    order: Any
    slots: Any
    bins: Any
    ids: Any
    views: Any


FULLEST_BIN = 64  # numbers that lie this unevenly go to the general sort


@register_jitable(error_model="numpy", **WITH_COUNTS)
def sort_in_general(order: Any, values: Any) -> None:
    """Write to `order` the places of `values` from the least to the greatest, however they are spread."""
    found = values.argsort()
    for place in range(order.shape[0]):
        order[place] = found[place]


@compiled
def order_into(order, values, bins):
    """Write to `order` the places of `values` from the least to the greatest.

    All three are arrays (count,); `bins`, of whole numbers like `order`, is scratch space.
    """
    count = values.shape[0]
    if count == 0:
        return
    low = high = values[0]
    for place in range(count):
        low = min(low, values[place])
        high = max(high, values[place])
        bins[place] = 0
    scale = (count - 1) / (high - low) if high > low else 0.0
    fullest = 0
    for place in range(count):
        number = int((values[place] - low) * scale)
        bins[number] += 1
        fullest = max(fullest, bins[number])
    if fullest > FULLEST_BIN:
        sort_in_general(order, values)
        return
    start = 0
    for number in range(count):
        size = bins[number]
        bins[number] = start
        start += size
    for place in range(count):
        number = int((values[place] - low) * scale)
        order[bins[number]] = place
        bins[number] += 1
    exchange_neighbours(order, values)


@compiled
def exchange_neighbours(order, values):
    """Insertion sort of an order that is almost right."""
    for place in range(1, order.shape[0]):
        mover = order[place]
        spot = place
        while spot > 0 and values[order[spot - 1]] > values[mover]:
            order[spot] = order[spot - 1]
            spot -= 1
        order[spot] = mover
