"""Rule 2: the agency releases this month's money and serves those it can reach; trials deliver by assignment.

A lever is data: a column of the lever table says to whom, at what cost and under which conditions; a row of the
effect table says which state it moves and by how much.
"""

from __future__ import annotations

from ovopsim.compiling import compiled, equation, merged
from ovopsim.fields import AGENCY, CITY, FIRM
from ovopsim.ledger import FLOW, book
from ovopsim.rules.agency.effects import apply_delayed, deliver
from ovopsim.rules.agency.listing import put_in_order
from ovopsim.rules.agency.offers import takes_offer
from ovopsim.rules.agency.partners import introduce
from ovopsim.rules.agency.places import build, fade_places, full_cost, serve_cooperatives
from ovopsim.rules.agency.ranking import form_views, rank_firms, start_list_again
from ovopsim.rules.agency.tables import LEVER, TO_COOPERATIVE, TO_FIRMS, TO_SENTRA
from ovopsim.rules.agency.trials import deliver_assignment
from ovopsim.state import LAST_DECLINED, LISTED_FIRM, LISTED_SLOT


@compiled
def serve(world, ledger, parameters, costs, levers, assignments, lists, floor, tax_rate, key):
    """One month of the agency: release, deliver, let lapse; then what trials ordered.

    `lists` is scratch space. `floor` is the least access to each channel.
    """
    fade_places(world, parameters)
    end_meetings(world)
    city = world.city
    month = int(city[CITY.month])
    calendar_month = int(city[CITY.calendar_month])
    seen = -1
    for lever in range(levers.table.shape[1]):
        # all lists before the first delivery: what one lever's money does today must not reorder another's list
        begins = month == int(levers.table[LEVER.start, lever]) or calendar_month == 0
        if begins and has_money(levers.table, lever, month) and levers.table[LEVER.to, lever] == TO_FIRMS:
            if lever // 4 != seen:
                seen = lever // 4
                form_views(world, seen, lists, key)
            rank_firms(world, parameters, costs, levers, lever, lists)
    for lever in range(levers.table.shape[1]):
        clear_month(world.agency, lever)
        if has_money(levers.table, lever, month):
            release(world.agency, ledger, levers.table, lever, parameters.absorption[calendar_month])
            deliver_programme(world, ledger, parameters, levers, lever, floor, tax_rate, lists, key)
            last = month + 1 == int(levers.table[LEVER.end, lever])
            if last or (calendar_month == 11 and levers.table[LEVER.multi_year, lever] == 0.0):
                lapse(world.agency, ledger, lever)
    for number in range(assignments.orders.shape[0]):
        if int(assignments.orders[number, 1]) == month:
            deliver_assignment(world, ledger, parameters, levers, assignments, number, floor, tax_rate, lists, key)
    apply_delayed(world, ledger, parameters, levers, floor, month, key)


@equation
def has_money(table, lever, month):
    """Whether a programme pays for the lever this month."""
    return table[LEVER.start, lever] <= month < table[LEVER.end, lever] and table[LEVER.ceiling, lever] > 0.0


@compiled
def end_meetings(world):
    """Last month's meetings and coaching are over."""
    firms = world.firms
    for slot in range(int(world.city[CITY.used_slots])):
        firms[FIRM.meets, slot] = 0.0
        firms[FIRM.coached, slot] = 0.0
        firms[FIRM.met_slot, slot] = -1.0
        firms[FIRM.met_id, slot] = -1.0


@merged
def clear_month(agency, lever):
    """A new month's counts."""
    agency[AGENCY.released, lever] = 0.0
    agency[AGENCY.spent, lever] = 0.0
    agency[AGENCY.lapsed, lever] = 0.0
    agency[AGENCY.delivered, lever] = 0.0
    agency[AGENCY.asked, lever] = 0.0


@merged
def release(agency, ledger, table, lever, share):
    """The treasury releases this month's share of the lever's ceiling."""
    amount = table[LEVER.ceiling, lever] * share
    agency[AGENCY.accrual, lever] += amount
    agency[AGENCY.released, lever] = amount
    book(ledger, FLOW.release, amount)


@merged
def lapse(agency, ledger, lever):
    """What is left at the end of the budget year goes back."""
    amount = agency[AGENCY.accrual, lever]
    agency[AGENCY.lapsed, lever] += amount
    agency[AGENCY.accrual, lever] = 0.0
    book(ledger, FLOW.lapse, amount)


@merged
def deliver_programme(world, ledger, parameters, levers, lever, floor, tax_rate, lists, key):
    """Deliver whole batches while released money and capacity last."""
    to = int(levers.table[LEVER.to, lever])
    if to == TO_SENTRA:
        build(world, ledger, parameters, levers, lever)
    elif to == TO_COOPERATIVE:
        serve_cooperatives(world, ledger, parameters, levers, lever)
    else:
        serve_firms(world, ledger, parameters, levers, lever, floor, tax_rate, lists, key)


@merged
def serve_firms(world, ledger, parameters, levers, lever, floor, tax_rate, lists, key):
    """Go down the year's list; each batch is a course, a fair or a round of grants. Past its end it starts again.

    An owner who declined is not asked again for some months.
    """
    agency = world.agency
    if agency[AGENCY.position, lever] >= agency[AGENCY.listed, lever]:
        start_list_again(world, levers, lever, parameters.ask_again)
    cost = full_cost(levers.table, lever, parameters.overhead)
    size = int(levers.table[LEVER.batch, lever])
    batch = lists.slots
    listed = int(agency[AGENCY.listed, lever])
    place = int(agency[AGENCY.position, lever])
    done = 0
    while (
        agency[AGENCY.accrual, lever] >= size * cost
        and done + size <= levers.table[LEVER.capacity, lever]
        and place < listed
    ):
        taken = 0
        while taken < size and place < listed:
            if place >= agency[AGENCY.in_order, lever]:
                put_in_order(world, lever, lists, listed)
            slot = int(world.lists[LISTED_SLOT, lever, place])
            same = world.firms[FIRM.firm_id, slot] == world.lists[LISTED_FIRM, lever, place]
            rested = world.city[CITY.month] - world.served[slot, lever, LAST_DECLINED] >= parameters.ask_again
            if same and rested and takes_offer(world, levers, lever, slot, tax_rate, parameters, key):
                deliver(world, ledger, parameters, levers, lever, slot, 1.0, floor, key)
                agency[AGENCY.accrual, lever] = max(0.0, agency[AGENCY.accrual, lever] - cost)
                batch[taken] = slot
                taken += 1
            place += 1
        introduce(world, levers, lever, batch[:taken], lists.scores, key)
        done += taken
    agency[AGENCY.position, lever] = place
