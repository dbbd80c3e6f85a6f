"""Deliveries that a field trial orders: chosen firms in a chosen month, past the budget and the list."""

from __future__ import annotations

from ovopsim.compiling import compiled
from ovopsim.fields import AGENCY, CITY, FIRM
from ovopsim.ledger import FLOW, book
from ovopsim.ordering import order_into
from ovopsim.rules.agency.effects import deliver
from ovopsim.rules.agency.offers import takes_offer
from ovopsim.rules.agency.partners import introduce
from ovopsim.rules.agency.places import full_cost, improve_place, serve_cooperative, spend
from ovopsim.rules.agency.tables import LEVER, TO_COOPERATIVE, TO_SENTRA


@compiled
def deliver_assignment(world, ledger, parameters, levers, assignments, number, floor, tax_rate, lists, key):
    """Deliver what a trial ordered this month; its money is released on top of the programme's."""
    lever = int(assignments.orders[number, 0])
    dose = assignments.orders[number, 2]
    sentra = int(assignments.orders[number, 3])
    spent = world.agency[AGENCY.spent, lever]
    to = int(levers.table[LEVER.to, lever])
    if to == TO_SENTRA:
        money = dose * full_cost(levers.table, lever, parameters.overhead)
        improve_place(world, parameters, levers, lever, max(sentra, 0), money)
        world.agency[AGENCY.accrual, lever] += money
        spend(world, ledger, lever, money, FLOW.delivery, dose)
    elif to == TO_COOPERATIVE:
        serve_cooperative(world, ledger, parameters, levers, lever, max(sentra, 0), dose)
    else:
        assign_firms(world, ledger, parameters, levers, assignments, number, floor, tax_rate, lists, key)
    money = world.agency[AGENCY.spent, lever] - spent
    world.agency[AGENCY.released, lever] += money
    book(ledger, FLOW.release, money)


@compiled
def assign_firms(world, ledger, parameters, levers, assignments, number, floor, tax_rate, lists, key):
    """Offer the lever to each assigned firm that is still in business; those who meet do so in batches, by firm id.

    `lists` is scratch space.
    """
    lever = int(assignments.orders[number, 0])
    sentra = int(assignments.orders[number, 3])
    firms = world.firms
    used = int(world.city[CITY.used_slots])
    ids, order, served, bins = lists.scores, lists.order, lists.slots, lists.bins
    count = 0
    for slot in range(used):
        identity = firms[FIRM.firm_id, slot]
        marked = assignments.firms[number, slot] == identity
        if sentra >= 0:
            marked = firms[FIRM.sentra, slot] == sentra
        if marked and takes_offer(world, levers, lever, slot, tax_rate, parameters, key):
            dose = assignments.orders[number, 2]
            deliver(world, ledger, parameters, levers, lever, slot, dose, floor, key)
            served[count] = slot
            ids[count] = identity
            count += 1
    order_into(order[:count], ids[:count], bins[:count])  # who meets whom must not depend on slots
    for place in range(count):
        order[place] = served[order[place]]
    batch = int(levers.table[LEVER.batch, lever])
    for first in range(0, count, batch):
        introduce(world, levers, lever, order[first : min(first + batch, count)], ids, key)
