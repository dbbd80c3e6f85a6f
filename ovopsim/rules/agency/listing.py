"""The agency's list of a budget year, best first; a long one is put in order as far as money reaches."""

from __future__ import annotations

from typing import Final

from ovopsim.compiling import compiled, equation
from ovopsim.fields import AGENCY, FIRM
from ovopsim.ordering import order_into
from ovopsim.state import LISTED_BY, LISTED_FIRM, LISTED_SLOT

WHOLE: Final = 4096  # lists up to this length are put in order at once
BEST: Final = 16  # of longer ones first the best in so many, which is farther than most budgets reach
STEPS: Final = 1000  # in which scores are counted to find those


@compiled
def write_list(world, lever, lists, count):
    """Write down the year's list from `lists.scores[:count]` and `lists.slots[:count]`, the least score first."""
    world.agency[AGENCY.listed, lever] = count
    world.agency[AGENCY.position, lever] = 0.0
    if count > WHOLE:
        list_best_first(world, lever, lists, count)
    else:
        list_in_order(world, lever, lists, count)


@compiled
def list_in_order(world, lever, lists, count):
    """Write down a list that is all in order."""
    order, slots = lists.order[:count], lists.slots
    order_into(order, lists.scores[:count], lists.bins[:count])
    for place in range(count):
        slot = slots[order[place]]
        world.lists[LISTED_SLOT, lever, place] = slot
        world.lists[LISTED_FIRM, lever, place] = world.firms[FIRM.firm_id, slot]
    world.agency[AGENCY.in_order, lever] = count


@compiled
def list_best_first(world, lever, lists, count):
    """Write down a long list with the best in order, as far as money will reach; the others follow as they come."""
    scores, slots = lists.scores, lists.slots
    low, scale, last = steps_of_best(scores[:count], lists.bins[:count])
    best = 0
    for place in range(count):
        best += 1 if step_of(scores[place], low, scale) <= last else 0
    ahead, behind = 0, best
    for place in range(count):
        is_best = step_of(scores[place], low, scale) <= last
        spot = ahead if is_best else behind
        world.lists[LISTED_SLOT, lever, spot] = slots[place]
        world.lists[LISTED_FIRM, lever, spot] = world.firms[FIRM.firm_id, slots[place]]
        world.lists[LISTED_BY, lever, spot] = scores[place]
        ahead += 1 if is_best else 0
        behind += 0 if is_best else 1
    world.agency[AGENCY.in_order, lever] = 0.0
    put_in_order(world, lever, lists, best)


@equation
def step_of(score, low, scale):
    """Number of the step of equal width in which a score lies; one that is not a number is in the first or the last."""
    return min(STEPS + 1, max(0, int((score - low) * scale)))


@compiled
def steps_of_best(scores, bins):
    """Return the least score, steps for each unit of score, and the last of the steps that hold the best one in `BEST`.

    Found by counting; `bins` is scratch space.
    """
    low = high = scores[0]
    for place in range(scores.shape[0]):
        low, high = min(low, scores[place]), max(high, scores[place])
    scale = STEPS / (high - low) if high > low else 0.0
    for step in range(STEPS + 2):  # rounding may put the highest one step farther
        bins[step] = 0
    for place in range(scores.shape[0]):
        bins[step_of(scores[place], low, scale)] += 1
    last, found = 0, bins[0]
    while found * BEST < scores.shape[0]:
        last += 1
        found += bins[last]
    return low, scale, last


@compiled
def put_in_order(world, lever, lists, end):
    """Put the list in order up to place `end`, from where it is in order; `lists` is scratch space.

    By what firms are ordered stays where it was: it is not needed again.
    """
    first = int(world.agency[AGENCY.in_order, lever])
    count = end - first
    order = lists.order[:count]
    order_into(order, world.lists[LISTED_BY, lever, first:end], lists.bins[:count])
    for row in (LISTED_SLOT, LISTED_FIRM):
        unordered = world.lists[row, lever]
        for place in range(count):
            lists.scores[place] = unordered[first + order[place]]
        for place in range(count):
            unordered[first + place] = lists.scores[place]
    world.agency[AGENCY.in_order, lever] = end
