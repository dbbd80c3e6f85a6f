"""What a firm needs money for, and what it can pay itself."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import equation
from ovopsim.fields import FIRM
from ovopsim.ledger import FLOW, firm_pays


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
def cash_cost(materials, wanted, supplier_share, wage, workers):
    """Cash that a month's production needs: (1 − supplier share) · m q + w · workers."""
    return (1.0 - supplier_share) * materials * wanted + wage * workers


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
def invest(firms, ledger, parameters, slot):
    """Buy equipment towards what is cheapest, from cash that production and a floor do not need."""
    gap = firms[FIRM.wanted_equipment, slot] - firms[FIRM.equipment, slot]
    if gap <= 0.0:
        return
    free = free_cash(firms, parameters, slot)
    if free > 0.0:
        wish = min(parameters.investment_speed * gap, parameters.investment_share * free)
        firms[FIRM.equipment, slot] += firm_pays(firms, ledger, slot, FLOW.equipment, wish)
