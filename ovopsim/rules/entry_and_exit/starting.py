"""How a firm starts: who the owner is, what is brought, what is learned already."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation, merged
from ovopsim.draws import CANDIDATE_ENTRY, CANDIDATE_STATE, four_uniforms, inverse_normal, uniform
from ovopsim.elementary import exponential, logarithm
from ovopsim.fields import CITY, EXPORT, FIRM, N_CHANNELS, N_SENTRAS, NATIONAL, SENTRA
from ovopsim.forms import (
    cheapest_equipment,
    labour_needed,
    log_relative,
    log_scale_of,
    logistic,
    marginal_cost,
    material_cost,
    output_possible,
    quality_factor,
)
from ovopsim.ledger import BROUGHT_IN, ENTRY, FLOW, enter, firm_receives
from ovopsim.rules.entry_and_exit.owners import TRAITS, bring
from ovopsim.state import LAST_SERVED, NEVER


@equation
def entrants_a_month(sentras):
    """Σ_s e_s n_s: entrants a month at the start's profit, e_s of the first firms n_s of each sentra."""
    total = 0.0
    for sentra in range(N_SENTRAS):
        total += sentras[SENTRA.entry_rate, sentra] * sentras[SENTRA.initial_firms, sentra]
    return total


@equation
def entry_chance(entrants, candidates, profit_ratio, response):
    """Chance of each of K candidates: min(1, entrants · (π̄/π̄₀)^ξ / K)."""
    if profit_ratio <= 0.0:
        return 0.0
    return min(1.0, entrants * exponential(response * logarithm(profit_ratio)) / candidates)


@equation
def new_firm_id(n_slots, candidates, month, candidate):
    """Permanent identity of an entrant: n_slots + K · z(month) + k, z(m) = 2m for m ≥ 0 and −2m − 1 before."""
    place = 2 * month if month >= 0 else -2 * month - 1
    return n_slots + candidates * place + candidate


@compiled
def clear(world, slots):
    """Leave nothing of earlier tenants in slots that are about to be taken; field by field, as in `vacate`."""
    for row in range(world.firms.shape[0]):
        for slot in slots:
            world.firms[row, slot] = 0.0
    for slot in slots:
        for lever in range(world.served.shape[1]):
            for column in range(world.served.shape[2]):
                world.served[slot, lever, column] = 0.0 if column < LAST_SERVED else NEVER


@merged
def start_firm(world, ledger, parameters, owners, costs, least_access, candidate, candidates, slot, luck, key):
    """Candidate k of this month opens in a cleared slot.

    `luck` is an array (4, 6) of scratch space: the candidate's traits, see `owners.bring`; the last three are appeal,
    its passing part, and cash. Whom the owner gets to know comes after: `neighbours.find_neighbours`.
    """
    firms = world.firms
    month = int(world.city[CITY.month])
    firms[FIRM.firm_id, slot] = new_firm_id(firms.shape[1], candidates, month, candidate)
    sentra = place_of(world.sentras, uniform(key, CANDIDATE_ENTRY, candidate, month, 1))
    firms[FIRM.sentra, slot] = sentra
    for group in range(TRAITS // 4):
        luck[0, group], luck[1, group], luck[2, group], luck[3, group] = four_uniforms(
            key, CANDIDATE_STATE, candidate, month, group
        )
    bring(firms, owners, costs, luck, slot)
    shrink_to_newcomer(firms, parameters, slot)
    spread = inverse_normal(luck[0, 5])
    firms[FIRM.appeal_mean, slot] = (
        world.sentras[SENTRA.appeal_centre, sentra] - parameters.appeal_gap + parameters.appeal_mean_sd * spread
    )
    firms[FIRM.appeal_state, slot] = costs.appeal_sd * inverse_normal(luck[1, 5])
    for channel in range(N_CHANNELS):
        firms[FIRM.market_access + channel, slot] = (
            max(least_access[channel], logistic(firms[FIRM.access_logit + channel, slot]))
            if firms[FIRM.participates + channel, slot] == 1.0
            else 0.0
        )
    equip(firms, ledger, parameters, costs, world.city, slot, inverse_normal(luck[2, 5]))
    firms[FIRM.active, slot] = 1.0


@merged
def place_of(sentras, draw):
    """Sentra of an entrant, in proportion to the entrants that each has."""
    total = entrants_a_month(sentras)
    reach = 0.0
    for sentra in range(N_SENTRAS):
        reach += sentras[SENTRA.entry_rate, sentra] * sentras[SENTRA.initial_firms, sentra] / total
        if draw < reach:
            return sentra
    return N_SENTRAS - 1


@merged
def shrink_to_newcomer(firms, parameters, slot):
    """A newcomer has learned only part of what practice will teach, and fewer buyers know it."""
    for skill in range(4):
        row = FIRM.technology if skill == 3 else FIRM.craft + 3 * skill
        origin = firms[row + 2, slot]
        for step in range(2):
            firms[row + step, slot] = origin + parameters.newcomer_share * (firms[row + step, slot] - origin)
    for channel in range(N_CHANNELS):
        firms[FIRM.access_logit + channel, slot] -= parameters.newcomer_access
        firms[FIRM.access_base + channel, slot] -= parameters.newcomer_access
        if channel in (NATIONAL, EXPORT):
            firms[FIRM.participates + channel, slot] = 0.0
    firms[FIRM.member, slot] = 0.0


@merged
def equip(firms, ledger, parameters, costs, city, slot, luck):
    """Start-up money from the household: equipment for what the owner alone can make cheaply, and some cash."""
    log_scale = log_scale_of(firms, costs, slot)
    quality = quality_factor(costs, firms[FIRM.craft, slot])
    firms[FIRM.wage, slot] = costs.wage * city[CITY.wage_level] * quality
    firms[FIRM.material_cost, slot] = material_cost(
        costs, int(firms[FIRM.technique, slot]), quality, firms[FIRM.bookkeeping, slot], 0.0, city[CITY.material_price]
    )
    guess = output_possible(costs, log_scale, 0.0, firms[FIRM.owner_labour, slot])
    equipment = cheapest_equipment(costs, guess, log_scale, firms[FIRM.wage, slot], firms[FIRM.hurdle_rate, slot])
    log_equipment = log_relative(costs, equipment)
    expected = output_possible(costs, log_scale, log_equipment, firms[FIRM.owner_labour, slot])
    labour = labour_needed(costs, expected, log_scale, log_equipment)
    cost = marginal_cost(costs, firms[FIRM.material_cost, slot], firms[FIRM.wage, slot], labour, expected)
    firms[FIRM.log_scale, slot] = log_scale
    firms[FIRM.equipment, slot] = equipment
    enter(ledger, ENTRY.start_equipment, equipment)
    firms[FIRM.expected_orders, slot] = expected
    firms[FIRM.orders, slot] = expected
    firms[FIRM.season, slot] = 1.0
    firms[FIRM.unit_cost, slot] = cost
    firms[FIRM.price, slot] = costs.markup * cost
    firms[FIRM.log_price, slot] = logarithm(firms[FIRM.price, slot])
    firms[FIRM.smoothed_profit, slot] = (firms[FIRM.price, slot] - firms[FIRM.material_cost, slot]) * expected
    sd = parameters.start_cash_sd
    firm_receives(
        firms, ledger, slot, FLOW.start_equity, parameters.start_cash * exponential(sd * luck - 0.5 * sd * sd)
    )
    ledger.goods[BROUGHT_IN] += firms[FIRM.inventory, slot]
