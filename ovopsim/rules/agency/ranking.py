"""Whom the agency would serve first: one list of firms for each lever and budget year."""

from __future__ import annotations

import math
from typing import Final

from ovopsim.compiling import compiled, equation
from ovopsim.draws import AGENCY_VIEW, fill_four_normals
from ovopsim.elementary import logarithm
from ovopsim.fields import AGENCY, CITY, FIRM, N_PEERS
from ovopsim.forms import constraint_gains, known_firm
from ovopsim.ordering import order_into
from ovopsim.rules.agency.tables import ABLEST, CONNECTED, CONSTRAINED, LEVER, MEMBERS, RANDOM, SMALLEST
from ovopsim.state import LAST_DECLINED, LAST_SERVED, LISTED_BY, LISTED_FIRM, LISTED_SLOT

WHOLE: Final = 4096  # lists up to this length are put in order at once
BEST: Final = 16  # of longer ones first the best in so many, which is farther than most budgets reach
STEPS: Final = 1000  # in which scores are counted to find those


@compiled
def form_views(world, group, lists, key):
    """Draw the errors in the agency's view of each firm for four levers at once: lever n is lane n % 4 of group n // 4.

    Written to `lists.views`.
    """
    used, year = int(world.city[CITY.used_slots]), int(world.city[CITY.year])
    for slot in range(used):
        lists.ids[slot] = int(world.firms[FIRM.firm_id, slot])
    fill_four_normals(lists.views, key, AGENCY_VIEW, lists.ids, year, lists.scores, lists.order, used, group)


@compiled
def rank_firms(world, parameters, costs, levers, lever, lists):
    """List firms for the budget year: score + noise · SD, plus ψ · times served · SD; best first.

    The list depends on the year and not on the budget: recipients of a small budget are among those of a larger one.
    `lists` is scratch space, with the views that `form_views` left.
    """
    scores, slots = lists.scores, lists.slots
    views = lists.views[lever % 4]
    firms = world.firms
    used = int(world.city[CITY.used_slots])
    targeting = int(levers.table[LEVER.targeting, lever])
    constraint = int(levers.table[LEVER.constraint, lever])
    spread = raw_scores(world, costs, scores, used, targeting, constraint)
    listeners = world.city[CITY.knowledge] / max(1.0, world.city[CITY.initial_count])
    noise = parameters.view_noise / (1.0 + listeners) if targeting != RANDOM else 1.0
    count = 0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            push = noise * views[slot] + parameters.served_again * firms[FIRM.times_served, slot]
            scores[count] = -(scores[slot] + spread * push)
            slots[count] = slot
            count += 1
    world.agency[AGENCY.listed, lever] = count
    world.agency[AGENCY.position, lever] = 0.0
    if count > WHOLE:
        list_best_first(world, lever, lists, count)
    else:
        list_in_order(world, lever, lists, count)


@compiled
def list_in_order(world, lever, lists, count):
    """Write down the year's list from `lists.scores[:count]` and `lists.slots[:count]`, the least score first."""
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


@compiled
def raw_scores(world, costs, scores, used, targeting, constraint):
    """Write each firm's score by the targeting key; return the scores' standard deviation (1 when they are equal)."""
    firms = world.firms
    for slot in range(used):
        scores[slot] = 0.0
    if targeting == RANDOM:
        return 1.0
    if targeting == CONNECTED:
        for slot in range(used):
            if firms[FIRM.active, slot] == 1.0:
                for number in range(N_PEERS):
                    row = FIRM.peer_slot + number
                    other = known_firm(firms, row, row + N_PEERS, slot)
                    if other >= 0:
                        scores[other] += 1.0
    total = 0.0
    squares = 0.0
    count = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            scores[slot] = score_of(world, costs, slot, targeting, constraint, scores[slot])
            total += scores[slot]
            squares += scores[slot] * scores[slot]
            count += 1.0
    variance = squares / max(count, 1.0) - (total / max(count, 1.0)) ** 2
    return math.sqrt(variance) if variance > 0.0 else 1.0


@compiled
def score_of(world, costs, slot, targeting, constraint, links):
    """Score of one firm under a targeting key."""
    firms = world.firms
    if targeting == SMALLEST:
        return -logarithm(1.0 + firms[FIRM.yearly_sales, slot])
    if targeting == ABLEST:
        return firms[FIRM.log_ability, slot]
    if targeting == MEMBERS:
        return firms[FIRM.member, slot]
    if targeting == CONSTRAINED:
        return constraint_gains(firms, world.sentras, world.city, costs, slot)[constraint]
    if targeting == CONNECTED:
        return links + firms[FIRM.member, slot]
    return 0.0


@compiled
def start_list_again(world, levers, lever, ask_again):
    """Go back to the top of the year's list, without those who can not be served before the year ends."""
    listed = int(world.agency[AGENCY.listed, lever])
    january = world.city[CITY.month] + 12.0 - world.city[CITY.calendar_month]
    kept = 0
    for place in range(listed):
        slot = int(world.lists[LISTED_SLOT, lever, place])
        after_service = world.served[slot, lever, LAST_SERVED] + levers.table[LEVER.not_served_within, lever]
        after_refusal = world.served[slot, lever, LAST_DECLINED] + ask_again
        same = world.firms[FIRM.firm_id, slot] == world.lists[LISTED_FIRM, lever, place]
        there = same and world.firms[FIRM.active, slot] == 1.0
        if there and max(after_service, after_refusal) < january:
            world.lists[LISTED_SLOT, lever, kept] = slot
            world.lists[LISTED_FIRM, lever, kept] = world.lists[LISTED_FIRM, lever, place]
            kept += 1
    world.agency[AGENCY.listed, lever] = world.agency[AGENCY.in_order, lever] = kept
    world.agency[AGENCY.position, lever] = 0.0
