"""What a firm needs money for, and what it can pay itself."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.fields import FIRM
from ovopsim.forms import cash_cost
from ovopsim.ledger import FLOW, book, hand_over


class Finance(NamedTuple):
    """Parameters of finance (`finance.yaml`)."""

    supplier_share: float
    investment_speed: float
    cash_floor_months: float
    coop_limit: float
    coop_months: float
    coop_lendable: float
    bank_rate: float
    bank_months: float
    bank_ceiling: float
    bank_floor: float
    application_rate: float
    application_intercept: float
    application_bookkeeping: float
    application_need: float
    application_return: float
    approval_intercept: float
    approval_bookkeeping: float
    approval_licence: float
    approval_age: float
    approval_collateral: float
    approval_arrears: float
    approval_guarantee: float
    investment_share: float


@equation
def cash_need(firms, parameters, output, slot):
    """Cash that an output needs of one firm this month, present workers included."""
    return cash_cost(
        firms[FIRM.material_cost, slot],
        output,
        parameters.supplier_share,
        firms[FIRM.wage, slot],
        firms[FIRM.workers, slot],
    )


@equation
def shortage(firms, parameters, slot):
    """Cash missing for wanted output."""
    return max(0.0, cash_need(firms, parameters, firms[FIRM.wanted_output, slot], slot) - firms[FIRM.cash, slot])


@equation
def free_cash(firms, parameters, slot):
    """Cash that production and the owner's floor do not need; below zero when they need more."""
    output = max(firms[FIRM.wanted_output, slot], firms[FIRM.expected_orders, slot])
    return firms[FIRM.cash, slot] - (1.0 + parameters.cash_floor_months) * cash_need(firms, parameters, output, slot)


@equation
def investment(firms, parameters, slot):
    """What one owner would spend on equipment: part of the way to what is cheapest, from part of the free cash."""
    gap = max(0.0, firms[FIRM.wanted_equipment, slot] - firms[FIRM.equipment, slot])
    free = max(0.0, free_cash(firms, parameters, slot))
    return min(parameters.investment_speed * gap, parameters.investment_share * free)


@compiled
def invest_all(firms, ledger, parameters, wish, used):
    """Buy equipment. `wish` is an array (slots,) of scratch space: the wishes are plain sums, for all firms at once."""
    for slot in range(used):
        wish[slot] = investment(firms, parameters, slot)
    bought = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            paid = hand_over(firms, ledger, slot, wish[slot])
            firms[FIRM.equipment, slot] += paid
            bought += paid
    book(ledger, FLOW.equipment, bought)
