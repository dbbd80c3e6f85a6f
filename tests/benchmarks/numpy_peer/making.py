"""Planning, finance and production on arrays over firms."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from ovopsim.fields import CITY, N_SENTRAS
from ovopsim.ledger import ENTRY, FLOW, MADE
from tests.benchmarks.numpy_peer.forms import (
    cheapest_equipment,
    labour_needed,
    log_relative,
    log_scale_of,
    marginal_cost,
    material_cost,
    output_possible,
    quality_factor,
)
from tests.benchmarks.numpy_peer.views import dot, over_channels


def plan(peer: Any) -> None:
    """Form expectations, wanted output and equipment; then hire and let go."""
    firms, city, own, costs = peer.firms, peer.world.city, peer.parameters["planning"], peer.costs
    makers = city[CITY.makers]
    free = max(0.0, makers - city[CITY.employed])
    free_share = free / makers if makers > 0.0 else 0.0
    form_expectations(peer)
    foresee_costs(peer)
    firms.wanted_equipment[:] = cheapest_equipment(
        costs, firms.expected_orders, firms.log_scale, firms.wage, firms.hurdle_rate
    )
    log_equipment = log_relative(costs, firms.equipment)
    needed = labour_needed(costs, firms.wanted_output, firms.log_scale, log_equipment)
    change = needed - firms.owner_labour - firms.workers
    most = own.hiring_speed * free_share * (firms.owner_labour + firms.workers)
    wish = np.where(change > 0.0, np.minimum(change, most), np.maximum(change, -own.firing_speed * firms.workers))
    hires = dot(firms.active, np.maximum(0.0, wish))
    room = 1.0 if hires <= free else free / hires
    city[CITY.hiring_room] = room
    firms.workers += np.where(wish > 0.0, wish * room, wish)
    city[CITY.employed] = dot(firms.active, firms.workers)


def form_expectations(peer: Any) -> None:
    """Update expected orders, and what each firm wants to make for them."""
    firms, own = peer.firms, peer.parameters["planning"]
    seen = firms.orders / firms.season
    firms.expected_orders += own.adaptation * (seen - firms.expected_orders)
    np.maximum(firms.expected_orders, own.least_orders, out=firms.expected_orders)
    trailing = firms.trailing_orders
    weight = trailing.sum(axis=0)
    sells = weight > 0.0
    ahead = np.where(sells, over_channels(peer.channels.season_ahead, trailing) / weight, 1.0)
    firms.season[:] = np.where(sells, over_channels(peer.channels.season, trailing) / weight, 1.0)
    wanted = own.cover * firms.expected_orders * ahead + firms.contract_lot - firms.inventory
    firms.wanted_output[:] = np.maximum(0.0, wanted)


def foresee_costs(peer: Any) -> None:
    """What labour yields and costs, and what materials cost."""
    firms, city, costs = peer.firms, peer.world.city, peer.costs
    quality = quality_factor(costs, firms.craft)
    purchase = firms.member * peer.sentras.governance[peer.sentra]
    firms.log_scale[:] = log_scale_of(costs, firms, peer.technique)
    firms.wage[:] = costs.wage * city[CITY.wage_level] * quality
    firms.material_cost[:] = material_cost(
        costs, peer.technique, quality, firms.bookkeeping, purchase, city[CITY.material_price]
    )


def borrow_and_invest(peer: Any, wish: Any, answer: Any, price_level: float) -> None:
    """Own cash first, then the cooperative, then the bank; then equipment."""
    firms, own = peer.firms, peer.parameters["finance"]
    base = (1.0 - own.supplier_share) * firms.material_cost
    wages = firms.wage * firms.workers
    short = base * firms.wanted_output + wages  # cash that wanted output needs
    most = (1.0 + own.cash_floor_months) * (base * np.maximum(firms.wanted_output, firms.expected_orders) + wages)
    gap = np.maximum(0.0, firms.wanted_equipment - firms.equipment)
    lend_through_cooperatives(peer, short, most, gap)
    ask_bank(peer, short, gap, (wish, answer), price_level)
    free = firms.cash - most
    paid = np.where(
        (gap > 0.0) & (free > 0.0), np.minimum(own.investment_speed * gap, own.investment_share * free), 0.0
    )
    paid = np.minimum(paid, firms.cash)
    firms.cash -= paid
    firms.equipment += paid
    peer.book(FLOW.equipment, paid)


def lend_through_cooperatives(peer: Any, need: Any, most: Any, gap: Any) -> None:
    """Each cooperative lends what its fund allows, pro rata to its members' requests."""
    firms, sentras, own = peer.firms, peer.sentras, peer.parameters["finance"]
    good = (firms.member == 1.0) & (firms.arrears == 0.0) & (firms.exclusion_months == 0.0) & (firms.active == 1.0)
    unpaid = np.maximum(0.0, gap - np.maximum(0.0, firms.cash - most))
    wish = np.maximum(0.0, need - firms.cash) + unpaid
    requests = np.where(good, np.maximum(0.0, np.minimum(wish, own.coop_limit - firms.coop_debt)), 0.0)
    asked = np.bincount(peer.sentra, requests, N_SENTRAS)
    room = own.coop_lendable * sentras.governance * sentras.fund
    share = np.where(asked > 0.0, np.minimum(1.0, room / asked), 0.0)
    loans = share[peer.sentra] * requests
    lent = np.bincount(peer.sentra, loans, N_SENTRAS)
    sentras.fund -= lent
    sentras.lent += lent
    firms.coop_debt += loans
    np.copyto(firms.coop_instalment, firms.coop_debt / own.coop_months, where=loans > 0.0)
    firms.cash += loans
    peer.book(FLOW.coop_loans, loans)


def ask_bank(peer: Any, need: Any, gap: Any, draws: tuple[Any, Any], price_level: float) -> None:
    """Some firms may apply for a loan; the bank answers. Most draws are above the highest chance."""
    everyone, own = peer.firms, peer.parameters["finance"]
    asks = (draws[0] < own.application_rate) & (everyone.active == 1.0)
    slots = np.flatnonzero(asks & (everyone.bank_debt <= 0.0) & (everyone.exclusion_months <= 0.0))
    firms = peer.some(slots)
    month_cost = firms.unit_cost * firms.expected_orders
    amount = np.minimum(own.bank_ceiling / price_level, np.maximum(0.0, need[slots] - firms.cash) + gap[slots])
    rate = np.maximum(0.0, own.bank_rate - firms.rate_cut)
    chance = own.application_rate * expit(
        own.application_intercept
        + own.application_bookkeeping * firms.bookkeeping
        + own.application_need * (amount / (amount + month_cost))
        + own.application_return * (firms.hurdle_rate - rate / 12.0)
        - firms.debt_aversion
        + firms.application_shift
    )
    approved = expit(
        own.approval_intercept
        + own.approval_bookkeeping * firms.bookkeeping
        + own.approval_licence * firms.licensed
        + own.approval_age * np.log(1.0 + firms.age / 12.0)
        + own.approval_collateral * np.log((firms.equipment + firms.cash + month_cost) / amount)
        - own.approval_arrears * firms.arrears
        + own.approval_guarantee * firms.guarantee_offer
        + firms.approval_shift
    )
    sound = (amount >= own.bank_floor / price_level) & (amount > 0.0) & (month_cost > 0.0)
    granted = sound & (draws[0][slots] < chance) & (draws[1][slots] < approved)
    slots, amount, rate = slots[granted], amount[granted], rate[granted]
    everyone.bank_debt[slots] = amount
    everyone.bank_rate[slots] = rate
    everyone.subsidised_rate[slots] = max(0.0, own.bank_rate) - rate
    everyone.bank_instalment[slots] = amount / own.bank_months
    everyone.guaranteed[slots] = everyone.guarantee_offer[slots]
    everyone.cash[slots] += amount
    peer.ledger.flows[FLOW.bank_loans] += amount.sum()


def produce(peer: Any, shocks: Any) -> None:
    """Pay wages, buy materials, make cloth. Workers who cannot be paid leave."""
    firms, city, own, costs = peer.firms, peer.world.city, peer.parameters["production"], peer.costs
    log_equipment = log_relative(costs, firms.equipment)
    set_cost_and_price(peer, log_equipment)
    at_work = np.maximum(0.0, 1.0 - firms.days_away / own.working_days)
    labour = at_work * firms.owner_labour + firms.workers
    log_scale = firms.log_scale + (own.output_sd * shocks - 0.5 * own.output_sd * own.output_sd)
    feasible = np.minimum(firms.wanted_output, output_possible(costs, log_scale, log_equipment, labour))
    firms.days_away[:] = 0.0
    cost = (1.0 - own.supplier_share) * firms.material_cost * feasible + firms.wage * firms.workers
    share = np.where(cost <= firms.cash, 1.0, firms.cash / np.where(cost > 0.0, cost, 1.0))
    firms.cash_short[:] = 1.0 - share
    city[CITY.employed] = max(0.0, city[CITY.employed] - dot(firms.active, (1.0 - share) * firms.workers))
    firms.workers *= share
    paid = np.minimum(firms.wage * firms.workers, firms.cash)
    firms.cash -= paid
    firms.wages_paid[:] = paid
    peer.book(FLOW.wages, paid)
    output = share * feasible
    materials = firms.material_cost * output
    paid = np.minimum((1.0 - own.supplier_share) * materials, firms.cash)
    firms.cash -= paid
    firms.payable += own.supplier_share * materials
    firms.output[:] = output
    firms.inventory += output
    peer.book(FLOW.materials, paid)
    peer.enter(ENTRY.supplier_credit, own.supplier_share * materials)
    peer.ledger.goods[MADE] += dot(firms.active, output)


def set_cost_and_price(peer: Any, log_equipment: Any) -> None:
    """Marginal cost at expected orders; the list price moves towards the mark-up over it."""
    firms, own, costs = peer.firms, peer.parameters["production"], peer.costs
    labour = labour_needed(costs, firms.expected_orders, firms.log_scale, log_equipment)
    cost = marginal_cost(costs, firms.material_cost, firms.wage, labour, firms.expected_orders)
    firms.unit_cost[:] = cost
    firms.price += own.price_speed * (costs.markup * cost - firms.price)
    np.maximum(firms.price, cost, out=firms.price)
    firms.log_price[:] = np.log(firms.price)
