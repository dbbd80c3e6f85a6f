"""Accounts on arrays over firms; only a default, which is rare, is left to the package's rule for one firm."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from ovopsim.fields import CITY, N_SENTRAS
from ovopsim.ledger import ENTRY, FLOW, SPOILED
from ovopsim.rules.accounts.debts import default
from tests.benchmarks.numpy_peer.views import dot


def settle(peer: Any, shocks: Any, price_level: float) -> None:
    """Debts, taxes and the household; then the month's result."""
    city, firms, own = peer.world.city, peer.firms, peer.parameters["accounts"]
    city[CITY.defaults] = city[CITY.interest_subsidy] = city[CITY.guarantee_loss] = 0.0
    collect_and_pay(peer)
    firms.interest_due[:] = 0.0
    short = np.zeros(firms.cash.shape, dtype=bool)
    serve_bank(peer, short)
    serve_cooperatives(peer, short)
    firms.arrears += 1.0
    firms.arrears *= short
    world = peer.world
    for slot in np.flatnonzero(firms.arrears >= own.default_months):
        default(world.firms, world.sentras, city, peer.ledger, own, peer.costs, slot)
    provide(peer, shocks)
    wear(peer)
    take_result(peer)
    classify(peer, price_level)
    pay_dividends(peer)


def pay(peer: Any, flow: int, amount: Any) -> Any:
    """Take an amount from every firm's cash, never below zero; book and return it."""
    paid = np.minimum(amount, peer.firms.cash)
    peer.firms.cash -= paid
    peer.book(flow, paid)
    return paid


def pay_some(peer: Any, slots: Any, flow: int, amount: Any) -> Any:
    """Take an amount from some firms' cash, never below zero; book and return it."""
    cash = peer.firms.cash[slots]
    paid = np.minimum(amount, cash)
    peer.firms.cash[slots] = cash - paid
    peer.ledger.flows[flow] += paid.sum()
    return paid


def collect_and_pay(peer: Any) -> None:
    """Buyers pay part of what they owe; suppliers, the tax office and the cooperative are paid."""
    firms, own = peer.firms, peer.parameters["accounts"]
    due = firms.receivable / own.collection_months
    firms.receivable -= due
    firms.cash += due
    peer.book(FLOW.contract_payments, due)
    firms.payable -= pay(peer, FLOW.payables, firms.payable)
    firms.tax_paid[:] = pay(peer, FLOW.tax, own.tax_rate * firms.sales * firms.licensed)
    members = np.flatnonzero((firms.member == 1.0) & (firms.active == 1.0))
    dues = pay_some(peer, members, FLOW.dues, own.dues)
    peer.sentras.fund += np.bincount(peer.sentra[members], dues, N_SENTRAS)


def serve_bank(peer: Any, short: Any) -> None:
    """Pay interest and instalment; interest that is not paid is added to the debt."""
    everyone = peer.firms
    slots = np.flatnonzero(everyone.bank_debt > 0.0)
    firms = peer.some(slots)
    debt = firms.bank_debt
    interest = debt * firms.bank_rate / 12.0
    subsidy = (debt * firms.subsidised_rate / 12.0).sum()
    peer.ledger.flows[FLOW.interest_subsidy] += subsidy
    peer.world.city[CITY.interest_subsidy] += subsidy
    everyone.interest_due[slots] += interest
    unpaid = interest - pay_some(peer, slots, FLOW.bank_interest, interest)
    peer.ledger.entries[ENTRY.bank_accrued] += unpaid.sum()
    instalment = firms.bank_instalment
    instalment = np.where(debt - instalment < 0.5, debt, instalment)
    repaid = pay_some(peer, slots, FLOW.bank_principal, instalment)
    everyone.bank_debt[slots] = np.maximum(0.0, debt + unpaid - repaid)
    short[slots] = repaid < instalment


def serve_cooperatives(peer: Any, short: Any) -> None:
    """Pay the cooperatives; weak governance lets a part of the instalments slip."""
    everyone, sentras, own = peer.firms, peer.sentras, peer.parameters["accounts"]
    slots = np.flatnonzero(everyone.coop_debt > 0.0)
    sentra = peer.sentra[slots]
    debt = everyone.coop_debt[slots]
    interest = debt * own.coop_rate / 12.0
    everyone.interest_due[slots] += interest
    paid = pay_some(peer, slots, FLOW.coop_interest, interest)
    unpaid = interest - paid
    peer.ledger.entries[ENTRY.coop_accrued] += unpaid.sum()
    asked = 1.0 - own.coop_patience * (1.0 - sentras.governance)
    instalment = asked[sentra] * everyone.coop_instalment[slots]
    instalment = np.where(debt - instalment < 0.5, debt, instalment)
    repaid = pay_some(peer, slots, FLOW.coop_principal, instalment)
    everyone.coop_debt[slots] = np.maximum(0.0, debt + unpaid - repaid)
    sentras.fund += np.bincount(sentra, paid + repaid, N_SENTRAS)
    sentras.lent[:] = np.maximum(0.0, sentras.lent + np.bincount(sentra, unpaid - repaid, N_SENTRAS))
    short[slots] |= repaid < instalment


def provide(peer: Any, shocks: Any) -> None:
    """Households draw; where cash does not cover the need the owner sells equipment at a loss."""
    firms, own, costs = peer.firms, peer.parameters["accounts"], peer.costs
    need = own.household_need * np.maximum(0.0, 1.0 + own.need_sd * shocks)
    slots = np.flatnonzero(own.draw_limit * firms.cash < need)
    if slots.size:
        sell_equipment(peer, slots, need[slots] - own.draw_limit * firms.cash[slots], costs.resale_value)
    firms.unmet_need[:] = np.where(need > 0.0, np.maximum(0.0, 1.0 - own.draw_limit * firms.cash / need), 0.0)
    taken = np.minimum(own.draw_limit * firms.cash, need)
    excess = firms.cash - taken - own.buffer_months * own.household_need
    apart = expit(
        own.separation_intercept
        + own.separation_bookkeeping * firms.bookkeeping
        + own.separation_account * firms.business_account
        + firms.separation_shift
    )
    taken += np.maximum(0.0, own.leak * (1.0 - apart) * excess)
    pay(peer, FLOW.drawings, taken)


def sell_equipment(peer: Any, slots: Any, missing: Any, resale_value: float) -> None:
    """Some owners sell equipment at a loss to live."""
    firms = peer.firms
    sold = np.minimum(missing / resale_value, peer.parameters["accounts"].resale_limit * firms.equipment[slots])
    firms.equipment[slots] -= sold
    firms.cash[slots] += resale_value * sold
    total = firms.active[slots] @ sold
    peer.ledger.entries[ENTRY.resale_loss] += (1.0 - resale_value) * total
    peer.ledger.flows[FLOW.resale] += resale_value * total


def wear(peer: Any) -> None:
    """Equipment wears out, stock spoils."""
    firms = peer.firms
    worn = peer.costs.depreciation * firms.equipment
    spoiled = peer.parameters["accounts"].spoilage * firms.inventory
    firms.equipment -= worn
    firms.inventory -= spoiled
    peer.enter(ENTRY.depreciation, worn)
    peer.enter(ENTRY.spoilage, spoiled * firms.material_cost)
    peer.ledger.goods[SPOILED] += dot(firms.active, spoiled)


def take_result(peer: Any) -> None:
    """Value added and profit of the month; smoothed profit."""
    firms = peer.firms
    firms.value_added[:] = firms.sales - firms.material_cost * firms.sold
    firms.profit[:] = firms.value_added - firms.wages_paid - firms.interest_due - firms.tax_paid
    plain = firms.profit / firms.season
    firms.smoothed_profit += peer.parameters["accounts"].profit_memory * (plain - firms.smoothed_profit)


def classify(peer: Any, price_level: float) -> None:
    """Put every firm in its size class by the sales of the last twelve months; count moves."""
    firms, city, own = peer.firms, peer.world.city, peer.parameters["accounts"]
    history = firms.sales_history[int(city[CITY.month]) % 12]
    firms.yearly_sales += firms.sales - history
    np.maximum(firms.yearly_sales, 0.0, out=firms.yearly_sales)
    history[:] = firms.sales
    after = (firms.yearly_sales > own.small_from / price_level).astype(float)
    after += firms.yearly_sales > own.medium_from / price_level
    moves = (after - firms.size_class) * (firms.age > 12.0)
    city[CITY.graduations] = dot(firms.active, moves)
    firms.size_class[:] = after


def pay_dividends(peer: Any) -> None:
    """What a fund has above its target is paid out to members."""
    sentras = peer.sentras
    surplus = np.maximum(0.0, sentras.fund + sentras.lent - sentras.fund_target)
    paid = np.minimum(peer.parameters["accounts"].dividend_speed * surplus, sentras.fund)
    paid[surplus <= 0.0] = 0.0
    sentras.fund -= paid
    peer.ledger.flows[FLOW.dividends] += paid.sum()
