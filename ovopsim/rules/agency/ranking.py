"""Whom the agency would serve first: one list of firms for each lever and budget year."""

from __future__ import annotations

import math

from ovopsim.compiling import compiled
from ovopsim.draws import AGENCY_VIEW, fill_four_normals
from ovopsim.elementary import logarithm
from ovopsim.fields import AGENCY, CITY, FIRM, N_PEERS
from ovopsim.forms import constraint_gains, known_firm
from ovopsim.rules.agency.listing import write_list
from ovopsim.rules.agency.tables import ABLEST, CONNECTED, CONSTRAINED, LEVER, MEMBERS, RANDOM, SMALLEST
from ovopsim.state import LAST_DECLINED, LAST_SERVED, LISTED_FIRM, LISTED_SLOT


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
    write_list(world, lever, lists, count)


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
