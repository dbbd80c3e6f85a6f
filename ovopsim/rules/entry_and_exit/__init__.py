"""Rule 9: some owners close, some people start a firm."""

from __future__ import annotations

from typing import Final

from ovopsim.compiling import compiled
from ovopsim.draws import CANDIDATE_ENTRY, uniform
from ovopsim.fields import CITY, FIRM
from ovopsim.rules.entry_and_exit.closing import close, closing_hazard, highest_hazard, vacate
from ovopsim.rules.entry_and_exit.neighbours import find_neighbours, parts_of, renew_neighbours, renew_ring
from ovopsim.rules.entry_and_exit.starting import clear, entrants_a_month, entry_chance, start_firm

TOGETHER: Final = 64  # entrants whose slots are cleared at a time: what is cleared is still near when they start


@compiled
def close_and_enter(world, ledger, parameters, owners, costs, least_access, hazards, candidates, lists, key):
    """Close firms, admit entrants, and let people find new acquaintances.

    `hazards` is an array (slots,) of uniforms; `candidates` the number K of people who consider starting each month;
    `lists` is scratch space. A slot is free from the month after a
    closure on, so that the closed firm's last month can still be observed.
    """
    city = world.city
    month = int(city[CITY.month])
    closed = close_firms(world, ledger, parameters, costs, hazards, lists)
    vacate(world.firms, lists.slots[:closed])
    city[CITY.exits] = closed
    opened = choose_entrants(world, parameters, candidates, lists, key, month)
    for first in range(0, opened, TOGETHER):
        end = min(first + TOGETHER, opened)
        clear(world, lists.slots[first:end])
        for place in range(first, end):
            candidate, slot = lists.order[place], lists.slots[place]
            start_firm(
                world, ledger, parameters, owners, costs, least_access, candidate, candidates, slot, lists.views, key
            )
            city[CITY.used_slots] = max(city[CITY.used_slots], slot + 1)
    find_neighbours(world, parts_of(world), key, month, lists.slots[:opened], lists)
    city[CITY.entries] = opened
    if city[CITY.calendar_month] == 0.0:
        renew_ring(world, lists, key, month)
        renew_neighbours(world, lists, key, month)


@compiled
def close_firms(world, ledger, parameters, costs, hazards, lists):
    """Settle what those leave who close; return how many, with their slots in `lists.slots`.

    `lists.scores` tells which slots were taken.
    """
    firms, city, taken = world.firms, world.city, lists.scores
    total = 0.0
    count = 0.0
    closed = 0
    for slot in range(int(city[CITY.used_slots])):
        taken[slot] = firms[FIRM.active, slot]
        if firms[FIRM.active, slot] == 1.0:
            income, unmet_need = firms[FIRM.smoothed_profit, slot], firms[FIRM.unmet_need, slot]
            total += income
            count += 1.0
            # no hazard is higher than the first sum, so most firms need no logarithm
            at_risk = hazards[slot] < highest_hazard(parameters, unmet_need)
            if at_risk and hazards[slot] < closing_hazard(parameters, income, unmet_need, city[CITY.wage_level]):
                close(world, ledger, costs, slot)
                lists.slots[closed] = slot
                closed += 1
    city[CITY.mean_profit] = total / max(count, 1.0)
    return closed


@compiled
def choose_entrants(world, parameters, candidates, lists, key, month):
    """Return how many start, with the candidates in `lists.order` and their slots, free so far, in `lists.slots`."""
    city, taken = world.city, lists.scores
    used, n_slots = int(city[CITY.used_slots]), world.firms.shape[1]
    start = city[CITY.start_profit]
    ratio = city[CITY.mean_profit] / start if start > 0.0 else 1.0
    chance = entry_chance(entrants_a_month(world.sentras), candidates, ratio, parameters.entry_response)
    opened = 0
    slot = 0
    for candidate in range(candidates):
        if uniform(key, CANDIDATE_ENTRY, candidate, month, 0) < chance:
            while slot < used and taken[slot] == 1.0:
                slot += 1
            if slot == n_slots:
                city[CITY.entries_refused] += 1.0
            else:
                lists.slots[opened] = slot
                lists.order[opened] = candidate
                opened += 1
                slot += 1
    return opened
