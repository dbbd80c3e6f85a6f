"""Putting numbers in order without allocating: what the agency's lists and the rings of neighbours need.

Every lever ranks every firm once a year, and a general sort took a sixth of a firm-month. Scores and points spread
evenly enough for a distribution sort: as many bins as numbers, then a few exchanges between neighbours.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ovopsim.compiling import compiled


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


@compiled
def sort_in_general(order, values, spare):
    """Write to `order` the places of `values` from the least to the greatest, however they are spread: a merge sort."""
    count = values.shape[0]
    for place in range(count):
        order[place] = place
    width = 1
    while width < count:
        for first in range(0, count, 2 * width):
            merge(order, values, spare, first, min(first + width, count), min(first + 2 * width, count))
        for place in range(count):
            order[place] = spare[place]
        width *= 2


@compiled
def merge(order, values, spare, first, middle, last):
    """Write to `spare[first:last]` in order what two neighbouring runs of `order` hold in order."""
    left, right = first, middle
    for place in range(first, last):
        if right == last or (left < middle and values[order[left]] <= values[order[right]]):
            spare[place] = order[left]
            left += 1
        else:
            spare[place] = order[right]
            right += 1


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
        sort_in_general(order, values, bins)
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
