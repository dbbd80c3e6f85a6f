"""Rule 9: some owners close, some people start a firm."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import compiled
from ovopsim.draws import CANDIDATE_ENTRY, CANDIDATE_STATE, NEW_NEIGHBOUR, normal, uniform
from ovopsim.forms import (
    cheapest_equipment,
    labour_needed,
    logistic,
    marginal_cost,
    output_possible,
    productivity,
    quality_factor,
)
from ovopsim.ledger import BROUGHT_IN, CLEARED, ENTRY, FLOW, book, enter, firm_pays, firm_receives
from ovopsim.state import CITY, FIRM, N_CHANNELS, N_PEERS, N_SENTRAS, SENTRA, Reals


class EntryAndExit(NamedTuple):
    """Parameters of entry and exit (`entry_and_exit.yaml`)."""

    background: float
    quit_rate: float
    quit_scale: float
    outside_income: float
    distress_rate: float
    entry_rate: float
    entry_response: float
    appeal_gap: float
    appeal_mean_sd: float
    start_cash: float
    start_cash_sd: float
    newcomer_share: float
    newcomer_access: float


class Owners(NamedTuple):
    """What people bring when they start a firm (`population.yaml`); vectors of skills, channels or techniques."""

    ability_sd: float
    hurdle_rate: float
    hurdle_sd: float
    hurdle_ability: float
    aversion_sd: float
    owner_labour: float
    skill_mean: Reals
    skill_sd: Reals
    access_mean: Reals
    access_sd: Reals
    channel_share: Reals
    technique_share: Reals
    member_share: float
    licensed_share: float
    account_share: float


@compiled
def closing_hazard(parameters, income, unmet_need):
    """Monthly hazard: background + quitting when the firm pays less than work elsewhere + distress.

    quitting = q · logistic((ln outside income − ln income) / scale); distress = d · share of need unmet.
    """
    gap = (math.log(parameters.outside_income) - math.log(max(income, 1.0))) / parameters.quit_scale
    return parameters.background + parameters.quit_rate * logistic(gap) + parameters.distress_rate * unmet_need


@compiled
def entry_chance(entry_rate, firms_at_start, candidates, profit_ratio, response):
    """Chance of each of K candidates: min(1, e₀ n₀ (π̄/π̄₀)^ξ / K)."""
    if profit_ratio <= 0.0:
        return 0.0
    return min(1.0, entry_rate * firms_at_start * math.exp(response * math.log(profit_ratio)) / candidates)


@compiled
def close_and_enter(world, ledger, parameters, owners, costs, least_access, hazards, candidates, key):
    """Close firms, admit entrants, and let people find new acquaintances.

    `hazards` is an array (slots,) of uniforms; `candidates` the number K of people who consider starting each month.
    """
    firms = world.firms
    city = world.city
    city[CITY.exits] = 0.0
    city[CITY.entries] = 0.0
    total = 0.0
    count = 0.0
    for slot in range(int(city[CITY.used_slots])):
        if firms[FIRM.active, slot] == 1.0:
            hazard = closing_hazard(parameters, firms[FIRM.smoothed_profit, slot], firms[FIRM.unmet_need, slot])
            total += firms[FIRM.smoothed_profit, slot]
            count += 1.0
            if hazards[slot] < hazard:
                close(world, ledger, costs, slot)
                city[CITY.exits] += 1.0
    city[CITY.mean_profit] = total / max(count, 1.0)
    start = city[CITY.start_profit]
    ratio = city[CITY.mean_profit] / start if start > 0.0 else 1.0
    chance = entry_chance(parameters.entry_rate, city[CITY.initial_count], candidates, ratio, parameters.entry_response)
    month = int(city[CITY.month])
    slot = 0
    for candidate in range(candidates):
        if uniform(key, CANDIDATE_ENTRY, candidate, month, 0) < chance:
            while slot < firms.shape[1] and firms[FIRM.active, slot] == 1.0:
                slot += 1
            if slot == firms.shape[1]:
                city[CITY.entries_refused] += 1.0
            else:
                start_firm(world, ledger, parameters, owners, costs, least_access, candidate, candidates, slot, key)
                city[CITY.entries] += 1.0
                city[CITY.used_slots] = max(city[CITY.used_slots], slot + 1.0)
    if city[CITY.calendar_month] == 0.0:
        renew_ring(world, key, month)
        renew_neighbours(world, key, month)


@compiled
def close(world, ledger, costs, slot):
    """Sell what can be sold, pay debts as far as it goes, leave the rest to the household; the slot is free."""
    firms = world.firms
    value = costs.resale_value * firms[FIRM.equipment, slot]
    enter(ledger, ENTRY.equipment_cleared, firms[FIRM.equipment, slot] - value)
    firm_receives(firms, ledger, slot, FLOW.resale, value)
    firm_receives(firms, ledger, slot, FLOW.contract_payments, firms[FIRM.receivable, slot])
    owed = firms[FIRM.payable, slot]
    enter(ledger, ENTRY.payables_forgiven, owed - firm_pays(firms, ledger, slot, FLOW.payables, owed))
    debt = firms[FIRM.bank_debt, slot]
    left = debt - firm_pays(firms, ledger, slot, FLOW.bank_principal, debt)
    claim = firms[FIRM.guaranteed, slot] * left
    book(ledger, FLOW.guarantee_claims, claim)
    world.city[CITY.guarantee_loss] += claim
    enter(ledger, ENTRY.bank_written_off, left)
    sentra = int(firms[FIRM.sentra, slot])
    lent = firms[FIRM.coop_debt, slot]
    repaid = firm_pays(firms, ledger, slot, FLOW.coop_principal, lent)
    world.sentras[SENTRA.fund, sentra] += repaid
    world.sentras[SENTRA.lent, sentra] = max(0.0, world.sentras[SENTRA.lent, sentra] - lent)
    world.sentras[SENTRA.losses, sentra] += lent - repaid
    enter(ledger, ENTRY.coop_written_off, lent - repaid)
    ledger.goods[CLEARED] += firms[FIRM.inventory, slot]
    enter(ledger, ENTRY.cleared_stock, firms[FIRM.inventory, slot] * firms[FIRM.material_cost, slot])
    firm_pays(firms, ledger, slot, FLOW.liquidation, firms[FIRM.cash, slot])
    world.city[CITY.employed] -= firms[FIRM.workers, slot]
    vacate(firms, slot)


@compiled
def vacate(firms, slot):
    """Empty a slot; the identity and the month's results stay to be observed."""
    for row in range(firms.shape[0]):
        keep = (
            row == FIRM.firm_id
            or row == FIRM.sales
            or row == FIRM.sold
            or row == FIRM.export_sales
            or row == FIRM.value_added
            or row == FIRM.profit
            or row == FIRM.output
            or row == FIRM.wages_paid
        )
        if not keep:
            firms[row, slot] = 0.0
    firms[FIRM.met_slot, slot] = -1.0
    firms[FIRM.met_id, slot] = -1.0


@compiled
def new_firm_id(n_slots, candidates, month, candidate):
    """Permanent identity of an entrant: n_slots + K · z(month) + k, z(m) = 2m for m ≥ 0 and −2m − 1 before."""
    place = 2 * month if month >= 0 else -2 * month - 1
    return n_slots + candidates * place + candidate


@compiled
def start_firm(world, ledger, parameters, owners, costs, least_access, candidate, candidates, slot, key):
    """Candidate k of this month opens in a free slot."""
    firms = world.firms
    month = int(world.city[CITY.month])
    for row in range(firms.shape[0]):
        firms[row, slot] = 0.0
    world.served[:2, :, slot] = 0.0
    world.served[2, :, slot] = -1.0e6
    firms[FIRM.firm_id, slot] = new_firm_id(firms.shape[1], candidates, month, candidate)
    sentra = place_of(world.sentras, uniform(key, CANDIDATE_ENTRY, candidate, month, 1))
    firms[FIRM.sentra, slot] = sentra
    bring(firms, owners, costs, key, CANDIDATE_STATE, candidate, month, slot)
    shrink_to_newcomer(firms, parameters, slot)
    spread = normal(key, CANDIDATE_STATE, candidate, month, 40)
    firms[FIRM.appeal_mean, slot] = (
        world.sentras[SENTRA.appeal_centre, sentra] - parameters.appeal_gap + parameters.appeal_mean_sd * spread
    )
    firms[FIRM.appeal_state, slot] = costs.appeal_sd * normal(key, CANDIDATE_STATE, candidate, month, 41)
    for channel in range(N_CHANNELS):
        firms[FIRM.market_access + channel, slot] = (
            max(least_access[channel], logistic(firms[FIRM.access_logit + channel, slot]))
            if firms[FIRM.participates + channel, slot] == 1.0
            else 0.0
        )
    equip(firms, ledger, parameters, costs, world.city, slot, normal(key, CANDIDATE_STATE, candidate, month, 42))
    firms[FIRM.active, slot] = 1.0
    find_neighbours(world, key, month, slot)


@compiled
def place_of(sentras, draw):
    """Sentra of an entrant, in proportion to the first firms."""
    total = 0.0
    for sentra in range(N_SENTRAS):
        total += sentras[SENTRA.initial_firms, sentra]
    reach = 0.0
    for sentra in range(N_SENTRAS):
        reach += sentras[SENTRA.initial_firms, sentra] / total
        if draw < reach:
            return sentra
    return N_SENTRAS - 1


@compiled
def choice(shares, draw):
    """Place in a list of shares that a uniform falls on."""
    reach = 0.0
    for place in range(len(shares)):
        reach += shares[place]
        if draw < reach:
            return place
    return len(shares) - 1


@compiled
def bring(firms, owners, costs, key, process, entity, month, slot):
    """Draw what an owner brings: talent, attitude to return and debt, skills, access, technique, institutions."""
    talent = normal(key, process, entity, month, 0)
    firms[FIRM.ability, slot] = math.exp(owners.ability_sd * talent - 0.5 * owners.ability_sd * owners.ability_sd)
    patience = owners.hurdle_ability * talent + math.sqrt(1.0 - owners.hurdle_ability * owners.hurdle_ability) * normal(
        key, process, entity, month, 1
    )
    firms[FIRM.hurdle_rate, slot] = owners.hurdle_rate * math.exp(owners.hurdle_sd * patience)
    firms[FIRM.debt_aversion, slot] = owners.aversion_sd * normal(key, process, entity, month, 2)
    firms[FIRM.owner_labour, slot] = owners.owner_labour
    firms[FIRM.technique, slot] = choice(owners.technique_share, uniform(key, process, entity, month, 3))
    for skill in range(4):
        row = FIRM.technology if skill == 3 else FIRM.craft + 3 * skill
        value = owners.skill_mean[skill] + owners.skill_sd[skill] * normal(key, process, entity, month, 4 + skill)
        value = min(0.98, max(0.02, value))
        origin = max(0.0, value - costs.practice_pull[skill] * (1.0 - value))
        firms[row, slot] = (costs.practice_pull[skill] + origin) / (1.0 + costs.practice_pull[skill])
        firms[row + 2, slot] = origin
        firms[row + 1, slot] = costs.base_weight[skill] * firms[row, slot] + (1.0 - costs.base_weight[skill]) * origin
    for channel in range(N_CHANNELS):
        value = owners.access_mean[channel] + owners.access_sd[channel] * normal(
            key, process, entity, month, 8 + channel
        )
        origin = value - costs.access_pull[channel]
        firms[FIRM.access_logit + channel, slot] = value
        firms[FIRM.access_origin + channel, slot] = origin
        firms[FIRM.access_base + channel, slot] = costs.access_weight * value + (1.0 - costs.access_weight) * origin
        share = owners.channel_share[channel]
        firms[FIRM.participates + channel, slot] = (
            1.0 if uniform(key, process, entity, month, 12 + channel) < share else 0.0
        )
    firms[FIRM.member, slot] = 1.0 if uniform(key, process, entity, month, 16) < owners.member_share else 0.0
    firms[FIRM.licensed, slot] = 1.0 if uniform(key, process, entity, month, 17) < owners.licensed_share else 0.0
    firms[FIRM.business_account, slot] = 1.0 if uniform(key, process, entity, month, 18) < owners.account_share else 0.0
    firms[FIRM.met_slot, slot] = -1.0
    firms[FIRM.met_id, slot] = -1.0
    firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS, slot] = -1.0


@compiled
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
        if channel > 1:
            firms[FIRM.participates + channel, slot] = 0.0
    firms[FIRM.member, slot] = 0.0


@compiled
def equip(firms, ledger, parameters, costs, city, slot, luck):
    """Start-up money from the household: equipment for what the owner alone can make cheaply, and some cash."""
    level = productivity(
        costs,
        firms[FIRM.ability, slot],
        firms[FIRM.craft, slot],
        firms[FIRM.management, slot],
        firms[FIRM.technology, slot],
    )
    scale = level * costs.output_scale[int(firms[FIRM.technique, slot])]
    quality = quality_factor(costs, firms[FIRM.craft, slot])
    firms[FIRM.wage, slot] = costs.wage * city[CITY.wage_level] * quality
    firms[FIRM.material_cost, slot] = costs.materials_per_piece[int(firms[FIRM.technique, slot])] * quality
    guess = output_possible(costs, scale, costs.reference_equipment, firms[FIRM.owner_labour, slot])
    equipment = cheapest_equipment(costs, guess, scale, firms[FIRM.wage, slot], firms[FIRM.hurdle_rate, slot])
    expected = output_possible(costs, scale, equipment, firms[FIRM.owner_labour, slot])
    labour = labour_needed(costs, expected, scale, equipment)
    cost = marginal_cost(costs, firms[FIRM.material_cost, slot], firms[FIRM.wage, slot], labour, expected)
    firms[FIRM.productivity, slot] = level
    firms[FIRM.equipment, slot] = equipment
    enter(ledger, ENTRY.start_equipment, equipment)
    firms[FIRM.expected_orders, slot] = expected
    firms[FIRM.orders, slot] = expected
    firms[FIRM.season, slot] = 1.0
    firms[FIRM.unit_cost, slot] = cost
    firms[FIRM.price, slot] = costs.markup * cost
    firms[FIRM.log_price, slot] = math.log(firms[FIRM.price, slot])
    firms[FIRM.smoothed_profit, slot] = (firms[FIRM.price, slot] - firms[FIRM.material_cost, slot]) * expected
    sd = parameters.start_cash_sd
    firm_receives(firms, ledger, slot, FLOW.start_equity, parameters.start_cash * math.exp(sd * luck - 0.5 * sd * sd))
    ledger.goods[BROUGHT_IN] += firms[FIRM.inventory, slot]


@compiled
def renew_ring(world, key, month):
    """Each January, place every active firm on its sentra's ring at a point that depends on its id alone.

    A search goes to the next firm on the ring (consistent hashing): a closure elsewhere changes nobody's choice but
    theirs who would have chosen the closed firm.
    """
    firms = world.firms
    used = int(world.city[CITY.used_slots])
    points = np_points(firms, used, key, month)
    order = points.argsort()
    count = 0
    for place in range(used):
        slot = order[place]
        if firms[FIRM.active, slot] == 1.0:
            world.ring[0, count] = points[slot]
            world.ring[1, count] = slot
            count += 1
    world.city[CITY.ring_length] = count


@compiled
def np_points(firms, used, key, month):
    """Place of each slot's firm on the rings: sentra + uniform of its id."""
    points = firms[FIRM.sentra, :used].copy()
    for slot in range(used):
        points[slot] += uniform(key, NEW_NEIGHBOUR, int(firms[FIRM.firm_id, slot]), month, 0)
    return points


@compiled
def acquaintance(world, key, month, slot, number):
    """Slot of the next active firm on the ring from this firm's own point, or −1 when it is alone."""
    firms = world.firms
    length = int(world.city[CITY.ring_length])
    own = firms[FIRM.sentra, slot]
    point = own + uniform(key, NEW_NEIGHBOUR, int(firms[FIRM.firm_id, slot]), month, 1 + number)
    low = 0
    high = length
    while low < high:
        middle = (low + high) // 2
        if world.ring[0, middle] < point:
            low = middle + 1
        else:
            high = middle
    for step in range(length):
        place = (low + step) % length
        other = int(world.ring[1, place])
        same_place = firms[FIRM.sentra, other] == own and firms[FIRM.active, other] == 1.0
        if same_place and other != slot and int(world.ring[0, place]) == int(own):
            return other
    return -1


@compiled
def find_neighbours(world, key, month, slot):
    """An entrant gets to know firms of its sentra."""
    for number in range(N_PEERS):
        meet_neighbour(world, key, month, slot, number)


@compiled
def meet_neighbour(world, key, month, slot, number):
    """Fill one place among a firm's acquaintances."""
    other = acquaintance(world, key, month, slot, number)
    world.firms[FIRM.peer_slot + number, slot] = other
    world.firms[FIRM.peer_id + number, slot] = world.firms[FIRM.firm_id, other] if other >= 0 else -1.0


@compiled
def renew_neighbours(world, key, month):
    """In January a firm whose neighbour has closed finds another."""
    firms = world.firms
    for slot in range(int(world.city[CITY.used_slots])):
        if firms[FIRM.active, slot] == 1.0:
            for number in range(N_PEERS):
                other = int(firms[FIRM.peer_slot + number, slot])
                gone = other < 0 or firms[FIRM.active, other] == 0.0
                if gone or firms[FIRM.firm_id, other] != firms[FIRM.peer_id + number, slot]:
                    meet_neighbour(world, key, month, slot, number)
