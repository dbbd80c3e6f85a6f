"""Rule 2: the agency releases this month's money and serves those it can reach; trials deliver by assignment.

A lever is data: a column of the lever table says to whom, at what cost and under which conditions; a row of the
effect table says which state it moves and by how much.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np

from ovopsim.compiling import compiled
from ovopsim.draws import ACCEPTANCE, ACCEPTANCE_TASTE, AGENCY_VIEW, GROUP, MATCHING, RESPONSE, normal, uniform
from ovopsim.forms import constraint_gains, logistic, raised
from ovopsim.ledger import ENTRY, FLOW, book, enter, firm_pays, firm_receives
from ovopsim.state import (
    AGENCY,
    CITY,
    DELIVERIES,
    FIRM,
    LAST_SERVED,
    N_PEERS,
    N_SENTRAS,
    NATIONAL,
    OFFERS,
    SENTRA,
    AgencyRows,
    Field,
    Reals,
    fields_of,
    rows_of,
)


class AgencyParameters(NamedTuple):
    """Parameters of the agency (`agency.yaml`)."""

    overhead: float
    absorption: Reals
    view_noise: float
    knowledge_fade: float
    served_again: float
    amenity_upkeep: float
    governance_fade: float
    response_sd: float
    contract_discount: float
    quality_standard: float
    working_days: float
    loan_months: float


class LeverRows(NamedTuple):
    """Row of each lever property; a column for each lever."""

    ceiling: Annotated[int, Field("budget of a year", "IDR/year")]
    start: Annotated[int, Field("first month", "months")]
    end: Annotated[int, Field("month after the last", "months")]
    multi_year: Annotated[int, Field("unspent money is kept over the year's end", "flag")]
    targeting: Annotated[int, Field("key by which firms are ranked", "code")]
    to: Annotated[int, Field("0 firms, 1 sentra, 2 cooperative", "code")]
    unit_cost: Annotated[int, Field("cost of one unit", "IDR")]
    batch: Annotated[int, Field("units that are delivered together", "units")]
    capacity: Annotated[int, Field("most units in a month", "units/month")]
    owner_days: Annotated[int, Field("working days of the owner", "days")]
    co_payment: Annotated[int, Field("paid by the firm", "IDR")]
    through_cooperative: Annotated[int, Field("only members are reached", "flag")]
    requires_licence: Annotated[int, Field("1 = must be licensed, -1 = must not, 0 = either", "code")]
    requires_member: Annotated[int, Field("as above", "code")]
    requires_certificate: Annotated[int, Field("as above", "code")]
    requires_account: Annotated[int, Field("as above", "code")]
    minimum_age: Annotated[int, Field("months in business", "months")]
    not_served_within: Annotated[int, Field("months since the last delivery", "months")]
    accept_intercept: Annotated[int, Field("acceptance: intercept", "logit")]
    accept_taste: Annotated[int, Field("acceptance: spread of taste over firms", "logit")]
    accept_value: Annotated[int, Field("acceptance: money received over monthly profit", "logit")]
    accept_days: Annotated[int, Field("acceptance: days over working days of a month", "logit")]
    accept_payment: Annotated[int, Field("acceptance: payment and yearly tax over monthly profit", "logit")]
    delay: Annotated[int, Field("months from delivery to effect", "months")]
    first_effect: Annotated[int, Field("first row of the effect table", "code")]
    last_effect: Annotated[int, Field("row after the last", "code")]
    money_value: Annotated[int, Field("money or goods that a unit hands to the firm", "IDR")]
    tax_follows: Annotated[int, Field("accepting makes the firm liable to tax", "flag")]
    constraint: Annotated[int, Field("binding constraint that the lever addresses", "code")]


LEVER = rows_of(LeverRows)
TO_FIRMS, TO_SENTRA, TO_COOPERATIVE = range(3)
TARGETING = ("random", "smallest_first", "ablest_first", "members_first", "most_constrained", "well_connected")
RANDOM, SMALLEST, ABLEST, MEMBERS, CONSTRAINED, CONNECTED = range(6)

# what an effect does; the target is a row of the firm or sentra matrix, or a channel
VERBS = (
    "raise",
    "raise_access",
    "start",
    "set",
    "grant_cash",
    "grant_equipment",
    "shift",
    "meet",
    "coach",
    "contract",
    "fund",
    "governance",
    "amenity",
    "boost",
    "lend",
)
(
    RAISE,
    RAISE_ACCESS,
    START,
    SET,
    GRANT_CASH,
    GRANT_EQUIPMENT,
    SHIFT,
    MEET,
    COACH,
    CONTRACT,
    FUND,
    GOVERNANCE,
    AMENITY,
    BOOST,
    LEND,
) = range(15)
VERB, TARGET, SIZE, PROBABILITY = range(4)
GROUP_SIZE = 10


class Levers(NamedTuple):
    """What the agency may do in one run.

    Attributes
    ----------
    table : array (lever properties, levers)
    effects : array (effects, 4)
        Verb, target, size, probability.
    """

    table: Reals
    effects: Reals


class Assignments(NamedTuple):
    """Deliveries that a trial orders, past the budget and the agency's list.

    Attributes
    ----------
    orders : array (assignments, 4)
        Lever, month, dose, sentra (-1 = the firms marked in `firms`).
    firms : array (assignments, slots)
        Identity of each assigned firm in the slot that it has from the start; -1 for the others.
    """

    orders: Reals
    firms: Reals


@compiled
def serve(world, ledger, parameters, costs, levers, assignments, scores, market_access_floor, tax_rate, key):
    """One month of the agency: release, deliver, let lapse; then what trials ordered.

    `scores` is an array (slots,) of scratch space.
    """
    fade_places(world, parameters)
    end_meetings(world)
    city = world.city
    month = int(city[CITY.month])
    calendar_month = int(city[CITY.calendar_month])
    for lever in range(levers.table.shape[1]):
        clear_month(world.agency, lever)
        active = levers.table[LEVER.start, lever] <= month < levers.table[LEVER.end, lever]
        if active and levers.table[LEVER.ceiling, lever] > 0.0:
            if month == int(levers.table[LEVER.start, lever]) or calendar_month == 0:
                rank_firms(world, parameters, costs, levers, lever, scores, key)
            release(world.agency, ledger, levers.table, lever, parameters.absorption[calendar_month])
            deliver_programme(world, ledger, parameters, levers, lever, market_access_floor, tax_rate, key)
            last = month + 1 == int(levers.table[LEVER.end, lever])
            if last or (calendar_month == 11 and levers.table[LEVER.multi_year, lever] == 0.0):
                lapse(world.agency, ledger, lever)
    for number in range(assignments.orders.shape[0]):
        if int(assignments.orders[number, 1]) == month:
            deliver_assignment(
                world, ledger, parameters, levers, assignments, number, market_access_floor, tax_rate, key
            )
    apply_delayed(world, ledger, parameters, levers, market_access_floor, month, key)


@compiled
def fade_places(world, parameters):
    """Places fall back to what they were without upkeep; so do a cooperative's management and the agency's knowledge."""
    for sentra in range(N_SENTRAS):
        world.sentras[SENTRA.amenity, sentra] += parameters.amenity_upkeep * (
            1.0 - world.sentras[SENTRA.amenity, sentra]
        )
        gap = world.sentras[SENTRA.governance, sentra] - world.sentras[SENTRA.governance_base, sentra]
        world.sentras[SENTRA.governance, sentra] -= parameters.governance_fade * gap
    world.city[CITY.knowledge] *= 1.0 - parameters.knowledge_fade


@compiled
def end_meetings(world):
    """Last month's meetings and coaching are over."""
    firms = world.firms
    for slot in range(int(world.city[CITY.used_slots])):
        firms[FIRM.meets, slot] = 0.0
        firms[FIRM.coached, slot] = 0.0
        firms[FIRM.met_slot, slot] = -1.0
        firms[FIRM.met_id, slot] = -1.0


@compiled
def clear_month(agency, lever):
    """A new month's counts."""
    agency[AGENCY.released, lever] = 0.0
    agency[AGENCY.spent, lever] = 0.0
    agency[AGENCY.lapsed, lever] = 0.0
    agency[AGENCY.delivered, lever] = 0.0
    agency[AGENCY.asked, lever] = 0.0


@compiled
def release(agency, ledger, table, lever, share):
    """The treasury releases this month's share of the lever's ceiling."""
    amount = table[LEVER.ceiling, lever] * share
    agency[AGENCY.accrual, lever] += amount
    agency[AGENCY.released, lever] = amount
    book(ledger, FLOW.release, amount)


@compiled
def lapse(agency, ledger, lever):
    """What is left at the end of the budget year goes back."""
    amount = agency[AGENCY.accrual, lever]
    agency[AGENCY.lapsed, lever] += amount
    agency[AGENCY.accrual, lever] = 0.0
    book(ledger, FLOW.lapse, amount)


@compiled
def full_cost(table, lever, overhead):
    """Public money that one unit takes: unit cost / (1 − overhead)."""
    return table[LEVER.unit_cost, lever] / (1.0 - overhead)


@compiled
def rank_firms(world, parameters, costs, levers, lever, scores, key):
    """List firms for the budget year: score + noise · SD, plus ψ · times served · SD; best first.

    The list depends on the year and not on the budget: recipients of a small budget are among those of a larger one.
    """
    firms = world.firms
    used = int(world.city[CITY.used_slots])
    targeting = int(levers.table[LEVER.targeting, lever])
    constraint = int(levers.table[LEVER.constraint, lever])
    spread = raw_scores(world, costs, scores, used, targeting, constraint)
    listeners = world.city[CITY.knowledge] / max(1.0, world.city[CITY.initial_count])
    noise = parameters.view_noise / (1.0 + listeners) if targeting != RANDOM else 1.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 0.0:
            scores[slot] = math.inf
        else:
            served = 0.0
            for other in range(world.served.shape[1]):
                served += world.served[DELIVERIES, other, slot]
            view = normal(key, AGENCY_VIEW, int(firms[FIRM.firm_id, slot]), int(world.city[CITY.year]), lever)
            scores[slot] = -(scores[slot] + spread * (noise * view + parameters.served_again * served))
    order = scores[:used].argsort()
    count = 0
    for place in range(used):
        slot = order[place]
        if firms[FIRM.active, slot] == 1.0:
            world.lists[lever, count] = slot
            count += 1
    world.agency[AGENCY.listed, lever] = count
    world.agency[AGENCY.position, lever] = 0.0


@compiled
def raw_scores(world, costs, scores, used, targeting, constraint):
    """Write each firm's score by the targeting key; return the scores' standard deviation (1 when they are equal)."""
    firms = world.firms
    for slot in range(used):
        scores[slot] = 0.0
    if targeting == CONNECTED:
        for slot in range(used):
            if firms[FIRM.active, slot] == 1.0:
                for number in range(N_PEERS):
                    other = int(firms[FIRM.peer_slot + number, slot])
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
    return math.sqrt(variance) if variance > 1e-18 else 1.0


@compiled
def score_of(world, costs, slot, targeting, constraint, links):
    """Score of one firm under a targeting key."""
    firms = world.firms
    if targeting == SMALLEST:
        return -math.log(1.0 + firms[FIRM.yearly_sales, slot])
    if targeting == ABLEST:
        return math.log(firms[FIRM.ability, slot])
    if targeting == MEMBERS:
        return firms[FIRM.member, slot]
    if targeting == CONSTRAINED:
        return constraint_gains(firms, world.sentras, world.city, costs, slot)[constraint]
    if targeting == CONNECTED:
        return links + firms[FIRM.member, slot]
    return 0.0


@compiled
def deliver_programme(world, ledger, parameters, levers, lever, floor, tax_rate, key):
    """Deliver whole batches while released money and capacity last."""
    to = int(levers.table[LEVER.to, lever])
    if to == TO_SENTRA:
        build(world, ledger, parameters, levers, lever)
    elif to == TO_COOPERATIVE:
        serve_cooperatives(world, ledger, parameters, levers, lever)
    else:
        serve_firms(world, ledger, parameters, levers, lever, floor, tax_rate, key)


@compiled
def serve_firms(world, ledger, parameters, levers, lever, floor, tax_rate, key):
    """Go down the year's list; each batch is a course, a fair or a round of grants. Past its end it starts again."""
    if world.agency[AGENCY.position, lever] >= world.agency[AGENCY.listed, lever]:
        world.agency[AGENCY.position, lever] = 0.0
    cost = full_cost(levers.table, lever, parameters.overhead)
    batch = int(levers.table[LEVER.batch, lever])
    batch_slots = np.empty(batch, dtype=np.int64)
    done = 0
    agency = world.agency
    while (
        agency[AGENCY.accrual, lever] >= batch * cost
        and done + batch <= levers.table[LEVER.capacity, lever]
        and agency[AGENCY.position, lever] < agency[AGENCY.listed, lever]
    ):
        taken = 0
        place = int(agency[AGENCY.position, lever])
        while taken < batch and place < int(agency[AGENCY.listed, lever]):
            slot = int(world.lists[lever, place])
            if takes_offer(world, levers, lever, slot, tax_rate, parameters, key):
                deliver(world, ledger, parameters, levers, lever, slot, 1.0, floor, key)
                agency[AGENCY.accrual, lever] = max(0.0, agency[AGENCY.accrual, lever] - cost)
                batch_slots[taken] = slot
                taken += 1
            place += 1
        introduce(world, lever, batch_slots[:taken], key)
        agency[AGENCY.position, lever] = place
        done += taken


@compiled
def eligible(world, levers, lever, slot):
    """Whether a firm meets the lever's conditions."""
    firms = world.firms
    table = levers.table
    if firms[FIRM.active, slot] == 0.0 or firms[FIRM.age, slot] < table[LEVER.minimum_age, lever]:
        return False
    since = world.city[CITY.month] - world.served[LAST_SERVED, lever, slot]
    if since < table[LEVER.not_served_within, lever]:
        return False
    if table[LEVER.through_cooperative, lever] == 1.0 and firms[FIRM.member, slot] == 0.0:
        return False
    if table[LEVER.co_payment, lever] > firms[FIRM.cash, slot]:
        return False
    return (
        fits(table[LEVER.requires_licence, lever], firms[FIRM.licensed, slot])
        and fits(table[LEVER.requires_member, lever], firms[FIRM.member, slot])
        and fits(table[LEVER.requires_certificate, lever], firms[FIRM.certified, slot])
        and fits(table[LEVER.requires_account, lever], firms[FIRM.business_account, slot])
    )


@compiled
def fits(wanted, flag):
    """1 = must have, −1 = must not have, 0 = either."""
    return wanted == 0.0 or (wanted > 0.0 and flag == 1.0) or (wanted < 0.0 and flag == 0.0)


@compiled
def acceptance_chance(table, lever, taste, profit, yearly_tax, working_days):
    """Logit of taste, what is handed over, the owner's days, and payment with expected tax."""
    income = max(profit, 1.0)
    burden = table[LEVER.co_payment, lever] + table[LEVER.tax_follows, lever] * yearly_tax
    return logistic(
        table[LEVER.accept_intercept, lever]
        + table[LEVER.accept_taste, lever] * taste
        + table[LEVER.accept_value, lever] * table[LEVER.money_value, lever] / income
        - table[LEVER.accept_days, lever] * table[LEVER.owner_days, lever] / working_days
        - table[LEVER.accept_payment, lever] * burden / income
    )


@compiled
def takes_offer(world, levers, lever, slot, tax_rate, parameters, key):
    """Make an offer to an eligible firm; return whether it accepts."""
    if not eligible(world, levers, lever, slot):
        return False
    firms = world.firms
    identity = int(firms[FIRM.firm_id, slot])
    number = int(world.served[OFFERS, lever, slot])
    world.served[OFFERS, lever, slot] += 1.0
    world.agency[AGENCY.asked, lever] += 1.0
    chance = acceptance_chance(
        levers.table,
        lever,
        normal(key, ACCEPTANCE_TASTE, identity, 0, lever),
        firms[FIRM.smoothed_profit, slot],
        tax_rate * firms[FIRM.yearly_sales, slot],
        parameters.working_days,
    )
    return uniform(key, ACCEPTANCE, identity, number, lever) < chance


@compiled
def deliver(world, ledger, parameters, levers, lever, slot, dose, floor, key):
    """Serve one firm: book the money, count the delivery, and apply the effects now unless they come later."""
    firms = world.firms
    table = levers.table
    cost = dose * full_cost(table, lever, parameters.overhead)
    grant = dose * cash_part(levers, lever)
    firm_receives(firms, ledger, slot, FLOW.cash_grants, grant)
    book(ledger, FLOW.delivery, cost - grant)
    world.agency[AGENCY.spent, lever] += cost
    world.agency[AGENCY.delivered, lever] += 1.0
    world.agency[AGENCY.total_delivered, lever] += 1.0
    firms[FIRM.received_idr, slot] += cost
    firm_pays(firms, ledger, slot, FLOW.co_payments, table[LEVER.co_payment, lever])
    firms[FIRM.days_away, slot] += table[LEVER.owner_days, lever]
    number = int(world.served[DELIVERIES, lever, slot])
    world.served[DELIVERIES, lever, slot] += 1.0
    world.served[LAST_SERVED, lever, slot] = world.city[CITY.month]
    if table[LEVER.delay, lever] == 0.0:
        apply_effects(world, ledger, parameters, levers, lever, slot, dose, number, floor, key)


@compiled
def cash_part(levers, lever):
    """Money that a unit hands to the firm in cash."""
    total = 0.0
    for row in range(int(levers.table[LEVER.first_effect, lever]), int(levers.table[LEVER.last_effect, lever])):
        if int(levers.effects[row, VERB]) == GRANT_CASH:
            total += levers.effects[row, SIZE]
    return total


@compiled
def apply_delayed(world, ledger, parameters, levers, floor, month, key):
    """Effects that come some months after delivery."""
    for lever in range(levers.table.shape[1]):
        delay = levers.table[LEVER.delay, lever]
        if delay > 0.0:
            for slot in range(int(world.city[CITY.used_slots])):
                due = world.served[LAST_SERVED, lever, slot] + delay == month
                if due and world.firms[FIRM.active, slot] == 1.0:
                    number = int(world.served[DELIVERIES, lever, slot]) - 1
                    apply_effects(world, ledger, parameters, levers, lever, slot, 1.0, number, floor, key)


@compiled
def response(key, identity, lever, number, sd):
    """How much one firm makes of one delivery: log-normal with mean one."""
    return math.exp(sd * normal(key, RESPONSE, identity, number, lever) - 0.5 * sd * sd)


@compiled
def apply_effects(world, ledger, parameters, levers, lever, slot, dose, number, floor, key):
    """Move the states that the lever's effects name."""
    identity = int(world.firms[FIRM.firm_id, slot])
    strength = dose * response(key, identity, lever, number, parameters.response_sd)
    for row in range(int(levers.table[LEVER.first_effect, lever]), int(levers.table[LEVER.last_effect, lever])):
        chance = levers.effects[row, PROBABILITY]
        place = row - int(levers.table[LEVER.first_effect, lever])
        if chance >= 1.0 or uniform(key, MATCHING, identity, number, 64 * lever + place) < chance * min(1.0, dose):
            apply_effect(world, ledger, parameters, levers.effects, row, slot, dose, strength, floor)


@compiled
def apply_effect(world, ledger, parameters, effects, row, slot, dose, strength, floor):
    """One effect on one firm."""
    firms = world.firms
    verb = int(effects[row, VERB])
    target = int(effects[row, TARGET])
    size = effects[row, SIZE]
    if verb == RAISE:
        firms[target, slot] = raised(firms[target, slot], min(1.0, size * strength))
    elif verb == RAISE_ACCESS:
        if firms[FIRM.participates + target, slot] == 1.0:
            logit = firms[FIRM.access_logit + target, slot] + size * strength
            firms[FIRM.access_logit + target, slot] = logit
            firms[FIRM.market_access + target, slot] = max(floor[target], logistic(logit))
    elif verb == START:
        start_channel(firms, target, floor[target], slot)
    elif verb == SET:
        firms[target, slot] = 1.0
    elif verb == GRANT_EQUIPMENT:
        firms[FIRM.equipment, slot] += size * dose
        enter(ledger, ENTRY.grants_in_kind, size * dose)
    elif verb == SHIFT:
        firms[target, slot] += size * dose
    elif verb == MEET:
        firms[FIRM.meets, slot] += size * dose
        world.city[CITY.knowledge] += size * dose
    elif verb == COACH:
        firms[FIRM.coached, slot] = 1.0
    elif verb == BOOST:
        firms[target, slot] = max(firms[target, slot], min(1.0, size * dose))
    elif verb == LEND:
        firms[FIRM.bank_debt, slot] += size * dose
        firms[FIRM.bank_instalment, slot] = firms[FIRM.bank_debt, slot] / parameters.loan_months
        firm_receives(firms, ledger, slot, FLOW.bank_loans, size * dose)
    elif verb == CONTRACT:
        offer_contract(firms, parameters, size * dose, floor[NATIONAL], slot)


@compiled
def start_channel(firms, channel, floor, slot):
    """Begin to sell in a channel, known to few of its buyers."""
    if firms[FIRM.participates + channel, slot] == 0.0:
        start = math.log(floor / (1.0 - floor))
        firms[FIRM.participates + channel, slot] = 1.0
        firms[FIRM.months_without_sale + channel, slot] = 0.0
        firms[FIRM.access_logit + channel, slot] = start
        firms[FIRM.access_base + channel, slot] = start
        firms[FIRM.market_access + channel, slot] = floor


@compiled
def offer_contract(firms, parameters, share, floor, slot):
    """A large buyer offers a lot; refused under the quality standard or when its price does not cover marginal cost."""
    price = (1.0 - parameters.contract_discount) * firms[FIRM.price, slot]
    good = firms[FIRM.certified, slot] == 1.0 or firms[FIRM.craft, slot] >= parameters.quality_standard
    if good and price >= firms[FIRM.unit_cost, slot] and firms[FIRM.contract_lot, slot] == 0.0:
        firms[FIRM.contract_lot, slot] = share * firms[FIRM.expected_orders, slot]
        firms[FIRM.contract_price, slot] = price
        firms[FIRM.contract_short, slot] = 0.0
        start_channel(firms, NATIONAL, floor, slot)


@compiled
def introduce(world, lever, slots, key):
    """Those of one batch who meet are each introduced to the other whose draw, keyed by the two ids, is least."""
    firms = world.firms
    month = int(world.city[CITY.month])
    for slot in slots:
        if firms[FIRM.meets, slot] > 0.0:
            best = 2.0
            for other in slots:
                draw = uniform(key, GROUP, int(firms[FIRM.firm_id, slot]), month, int(firms[FIRM.firm_id, other]))
                if other != slot and draw < best:
                    best = draw
                    firms[FIRM.met_slot, slot] = other
                    firms[FIRM.met_id, slot] = firms[FIRM.firm_id, other]


@compiled
def build(world, ledger, parameters, levers, lever):
    """Spend what is released on places: amenity_s += gain · rupiah / n_s, in proportion to the sentras' first firms.

    Only the named sentras (Kauman and Laweyan) are places for visitors.
    """
    money = world.agency[AGENCY.accrual, lever]
    total = world.sentras[SENTRA.initial_firms, 0] + world.sentras[SENTRA.initial_firms, 1]
    for sentra in range(2):
        share = world.sentras[SENTRA.initial_firms, sentra] / max(total, 1.0)
        improve_place(world, parameters, levers, lever, sentra, share * money)
    spend(world, ledger, lever, money, FLOW.delivery, money / full_cost(levers.table, lever, parameters.overhead))


@compiled
def improve_place(world, parameters, levers, lever, sentra, money):
    """Raise one sentra's amenity by what the money buys."""
    row = int(levers.table[LEVER.first_effect, lever])
    useful = money * (1.0 - parameters.overhead)
    world.sentras[SENTRA.amenity, sentra] += (
        levers.effects[row, SIZE] * useful / max(1.0, world.sentras[SENTRA.initial_firms, sentra])
    )


@compiled
def spend(world, ledger, lever, money, flow, units):
    """Book public money that leaves the agency's account."""
    book(ledger, flow, money)
    world.agency[AGENCY.accrual, lever] = max(0.0, world.agency[AGENCY.accrual, lever] - money)
    world.agency[AGENCY.spent, lever] += money
    world.agency[AGENCY.delivered, lever] += units
    world.agency[AGENCY.total_delivered, lever] += units


@compiled
def serve_cooperatives(world, ledger, parameters, levers, lever):
    """Units go in turn to the cooperative served least so far."""
    cost = full_cost(levers.table, lever, parameters.overhead)
    done = 0.0
    while world.agency[AGENCY.accrual, lever] >= cost and done + 1.0 <= levers.table[LEVER.capacity, lever]:
        best = 0
        units = world.agency[AGENCY.cooperative_units : AGENCY.cooperative_units + N_SENTRAS]
        for sentra in range(1, N_SENTRAS):
            if units[sentra, lever] < units[best, lever]:
                best = sentra
        serve_cooperative(world, ledger, parameters, levers, lever, best, 1.0)
        world.agency[AGENCY.accrual, lever] = max(0.0, world.agency[AGENCY.accrual, lever] - cost)
        done += 1.0


@compiled
def serve_cooperative(world, ledger, parameters, levers, lever, sentra, dose):
    """One unit for one cooperative: training for its board, or money for its fund."""
    cost = dose * full_cost(levers.table, lever, parameters.overhead)
    granted = 0.0
    for row in range(int(levers.table[LEVER.first_effect, lever]), int(levers.table[LEVER.last_effect, lever])):
        verb = int(levers.effects[row, VERB])
        if verb == FUND:
            amount = levers.effects[row, SIZE] * dose
            granted += amount
            world.sentras[SENTRA.fund, sentra] += amount
            world.sentras[SENTRA.fund_target, sentra] += amount
            book(ledger, FLOW.fund_grants, amount)
        elif verb == GOVERNANCE:
            gain = min(1.0, levers.effects[row, SIZE] * dose)
            world.sentras[SENTRA.governance, sentra] = raised(world.sentras[SENTRA.governance, sentra], gain)
    book(ledger, FLOW.delivery, cost - granted)
    world.agency[AGENCY.spent, lever] += cost
    world.agency[AGENCY.delivered, lever] += 1.0
    world.agency[AGENCY.total_delivered, lever] += 1.0
    world.agency[AGENCY.cooperative_units + sentra, lever] += 1.0


@compiled
def deliver_assignment(world, ledger, parameters, levers, assignments, number, floor, tax_rate, key):
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
        assign_firms(world, ledger, parameters, levers, assignments, number, floor, tax_rate, key)
    money = world.agency[AGENCY.spent, lever] - spent
    world.agency[AGENCY.released, lever] += money
    book(ledger, FLOW.release, money)


@compiled
def assign_firms(world, ledger, parameters, levers, assignments, number, floor, tax_rate, key):
    """Offer the lever to each assigned firm that is still in business; those who meet, meet in tens by firm id."""
    lever = int(assignments.orders[number, 0])
    sentra = int(assignments.orders[number, 3])
    firms = world.firms
    used = int(world.city[CITY.used_slots])
    served = np.empty(used, dtype=np.int64)
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
            count += 1
    served = in_order_of_id(firms, served[:count])
    for first in range(0, count, GROUP_SIZE):
        introduce(world, lever, served[first : min(first + GROUP_SIZE, count)], key)


@compiled
def in_order_of_id(firms, slots):
    """Slots sorted by their firms' ids, so that who meets whom does not depend on slots."""
    ids = np.empty(slots.shape[0])
    for place in range(slots.shape[0]):
        ids[place] = firms[FIRM.firm_id, slots[place]]
    return slots[ids.argsort()]


AGENCY_FIELDS = {name: row for name, (_, row) in fields_of(AgencyRows).items()}
