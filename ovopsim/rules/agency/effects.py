"""What one delivery does: book the money, count it, move the states that the lever's effects name."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation, merged
from ovopsim.draws import MATCHING, RESPONSE, normal, uniform
from ovopsim.elementary import exponential
from ovopsim.fields import AGENCY, CITY, FIRM, NATIONAL
from ovopsim.forms import begin_channel, logistic, raised
from ovopsim.ledger import ENTRY, FLOW, book, enter, firm_pays, firm_receives
from ovopsim.rules.agency.partners import lend_from_bank, offer_contract
from ovopsim.rules.agency.places import full_cost
from ovopsim.rules.agency.tables import (
    BOOST,
    COACH,
    CONTRACT,
    GRANT_CASH,
    GRANT_EQUIPMENT,
    LEND,
    LEVER,
    MEET,
    PROBABILITY,
    RAISE,
    RAISE_ACCESS,
    SET,
    SHIFT,
    SIZE,
    START,
    TARGET,
    VERB,
)
from ovopsim.state import DELIVERIES, LAST_DOSE, LAST_SERVED


@merged
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
    note_service(world, slot, cost)
    firm_pays(firms, ledger, slot, FLOW.co_payments, table[LEVER.co_payment, lever])
    firms[FIRM.days_away, slot] += table[LEVER.owner_days, lever]
    number = int(world.served[slot, lever, DELIVERIES])
    world.served[slot, lever, DELIVERIES] += 1.0
    world.served[slot, lever, LAST_DOSE] = dose
    world.served[slot, lever, LAST_SERVED] = world.city[CITY.month]
    if table[LEVER.delay, lever] == 0.0:
        apply_effects(world, ledger, parameters, levers, lever, slot, dose, number, floor, key)


@merged
def note_service(world, slot, cost):
    """Note that a firm was served, and whether it is the first time."""
    if world.firms[FIRM.times_served, slot] == 0.0:
        world.city[CITY.reached] += 1.0
    world.firms[FIRM.times_served, slot] += 1.0
    world.firms[FIRM.received_idr, slot] += cost


@equation
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
                due = world.served[slot, lever, LAST_SERVED] + delay == month
                if due and world.firms[FIRM.active, slot] == 1.0:
                    number = int(world.served[slot, lever, DELIVERIES]) - 1
                    dose = world.served[slot, lever, LAST_DOSE]
                    apply_effects(world, ledger, parameters, levers, lever, slot, dose, number, floor, key)


@equation
def response(key, identity, lever, number, sd):
    """How much one firm makes of one delivery: log-normal with mean one."""
    return exponential(sd * normal(key, RESPONSE, identity, number, lever) - 0.5 * sd * sd)


@equation
def teaches(levers, lever):
    """Whether a lever has an effect of which one firm makes more than another; for the others no draw is needed."""
    for row in range(int(levers.table[LEVER.first_effect, lever]), int(levers.table[LEVER.last_effect, lever])):
        verb = int(levers.effects[row, VERB])
        if verb in (RAISE, RAISE_ACCESS):
            return True
    return False


@merged
def apply_effects(world, ledger, parameters, levers, lever, slot, dose, number, floor, key):
    """Move the states that the lever's effects name."""
    identity = int(world.firms[FIRM.firm_id, slot])
    strength = dose
    if teaches(levers, lever):
        strength *= response(key, identity, lever, number, parameters.response_sd)
    for row in range(int(levers.table[LEVER.first_effect, lever]), int(levers.table[LEVER.last_effect, lever])):
        chance = levers.effects[row, PROBABILITY]
        place = row - int(levers.table[LEVER.first_effect, lever])
        if chance >= 1.0 or uniform(key, MATCHING, identity, number, 64 * lever + place) < chance * min(1.0, dose):
            apply_effect(world, ledger, parameters, levers.effects, row, slot, dose, strength, floor)


@merged
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
        begin_channel(firms, target, floor[target], slot)
    else:
        change_state(world, ledger, parameters, effects, row, slot, dose, floor)


@merged
def change_state(world, ledger, parameters, effects, row, slot, dose, floor):
    """Effects that are the same for every firm: rights, goods, meetings, help with credit, contracts."""
    firms = world.firms
    verb = int(effects[row, VERB])
    target = int(effects[row, TARGET])
    size = effects[row, SIZE]
    if verb == SET:
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
        lend_from_bank(firms, ledger, parameters, size * dose, slot)
    elif verb == CONTRACT:
        offer_contract(firms, parameters, size * dose, floor[NATIONAL], slot)
