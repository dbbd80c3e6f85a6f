"""Rule 9: some owners close, some people start a firm; a ring for each sentra decides who gets to know whom."""

from __future__ import annotations

import math

from tests.reference.entities import N_NEIGHBOURS, Firm
from tests.reference.forms import logistic
from tests.reference.parameters import Parameters, Submodel
from tests.reference.starting import start_firm
from tests.reference.world import World


def close_and_enter(world: World, parameters: Parameters) -> None:
    """Firms close by a hazard; each candidate of the month starts a firm by a chance that rises with profit.

    The chance is min(1, Σ_s e_s n_s · max(0, π̄/π̄₀)^ξ / K), with e_s the entry rate and n_s the first firms of a sentra,
    π̄ the mean smoothed profit of the firms in business before anyone closes, and π̄₀ its value at month 0 (ratio 1 in
    burn-in).
    """
    own, city = parameters.entry_and_exit, world.city
    profits = [firm.smoothed_profit for firm in world.firms]
    city.mean_profit = sum(profits) / max(len(profits), 1)
    world.closed = [firm for firm in world.firms if firm.luck.closing < closing_hazard(firm, own, city.wage_level)]
    for firm in world.closed:
        close(firm, world, parameters)
    world.firms = [firm for firm in world.firms if firm.active]
    city.exits = float(len(world.closed))
    city.entries = 0.0
    chance = entry_chance(world, own)
    for candidate in range(world.candidates):
        if world.draws.uniform("candidate_entry", candidate, city.month, 0) < chance:
            firm = start_firm(world, parameters, candidate)
            get_to_know(firm, range(N_NEIGHBOURS), world)
            world.firms.append(firm)
            city.entries += 1.0
    if city.calendar_month == 0:
        renew_acquaintances(world)


def closing_hazard(firm: Firm, own: Submodel, wage_level: float) -> float:
    """Background + quitting when work elsewhere pays more + distress by the share of the household's need unmet."""
    gap = math.log(own.outside_income * wage_level / max(firm.smoothed_profit, 1.0)) / own.quit_scale
    return own.background + own.quit_rate * logistic(gap) + own.distress_rate * firm.unmet_need


def close(firm: Firm, world: World, parameters: Parameters) -> None:
    """Sell what can be sold, pay debts as far as it goes, leave the rest to the household."""
    books, cooperative = world.books, world.sentras[firm.sentra].cooperative
    value = parameters.accounts.resale_value * firm.equipment
    books.entries["equipment_cleared"] += firm.equipment - value
    books.receive(firm, "resale", value)
    books.receive(firm, "contract_payments", firm.receivable)
    books.entries["payables_forgiven"] += firm.payable - books.pay(firm, "payables", firm.payable)
    lost = firm.bank_debt - books.pay(firm, "bank_principal", firm.bank_debt)
    books.flows["guarantee_claims"] += firm.guaranteed * lost
    world.city.guarantee_loss += firm.guaranteed * lost
    books.entries["bank_written_off"] += lost
    world.city.defaults += 1.0 if lost > 0.0 else 0.0
    repaid = books.pay(firm, "coop_principal", firm.coop_debt)
    cooperative.fund += repaid
    cooperative.lent = max(0.0, cooperative.lent - firm.coop_debt)
    cooperative.losses += firm.coop_debt - repaid
    books.entries["coop_written_off"] += firm.coop_debt - repaid
    books.goods["cleared"] += firm.inventory
    books.entries["cleared_stock"] += firm.inventory * firm.material_cost
    books.pay(firm, "liquidation", firm.cash)
    world.city.employed -= firm.workers
    world.sentras[firm.sentra].closed += 1.0
    firm.active = False


def entry_chance(world: World, own: Submodel) -> float:
    """Chance of each candidate of a month."""
    city = world.city
    ratio = city.mean_profit / city.start_profit if city.start_profit > 0.0 else 1.0
    entrants = sum(sentra.entry_rate * sentra.initial_firms for sentra in world.sentras)
    return min(1.0, entrants * max(0.0, ratio) ** own.entry_response / world.candidates)


def renew_acquaintances(world: World) -> None:
    """Each January every firm takes a point on its sentra's ring, and replaces neighbours who have closed."""
    world.ring = [[], [], []]
    for firm in world.firms:
        point = world.draws.uniform("new_neighbour", firm.firm_id, world.city.month, 0)
        world.ring[firm.sentra].append((point, firm))
    for points in world.ring:
        points.sort(key=lambda place: place[0])
    for firm in world.firms:
        lost = [number for number, neighbour in enumerate(firm.neighbours) if neighbour is None or not neighbour.active]
        get_to_know(firm, lost, world)


def get_to_know(firm: Firm, numbers: range | list[int], world: World) -> None:
    """Fill places among a firm's acquaintances: from a point of its own each, the next firm on the ring in business."""
    points = world.ring[firm.sentra]
    for number in numbers:
        start = world.draws.uniform("new_neighbour", firm.firm_id, world.city.month, 1 + number)
        ahead = [other for point, other in points if point >= start]
        behind = [other for point, other in points if point < start]
        firm.neighbours[number] = next((other for other in ahead + behind if other.active and other is not firm), None)
