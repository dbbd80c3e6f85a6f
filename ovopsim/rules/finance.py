"""Rule 4: working capital and investment: own cash first, supplier credit, the cooperative, then the bank."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.fields import CITY, FIRM, N_SENTRAS, SENTRA
from ovopsim.forms import logistic
from ovopsim.ledger import FLOW, firm_pays, firm_receives


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
def application_chance(parameters, bookkeeping, need, excess_return, aversion, shift):
    """Chance of asking the bank this month; rises with need over monthly sales and with the return beyond interest."""
    return parameters.application_rate * logistic(
        parameters.application_intercept
        + parameters.application_bookkeeping * bookkeeping
        + parameters.application_need * need
        + parameters.application_return * excess_return
        - aversion
        + shift
    )


@equation
def approval_chance(parameters, bookkeeping, licensed, years, collateral, arrears, guarantee, shift):
    """The bank's approval: logit in records, licence, age, collateral over loan, arrears and public guarantee."""
    return logistic(
        parameters.approval_intercept
        + parameters.approval_bookkeeping * bookkeeping
        + parameters.approval_licence * licensed
        + parameters.approval_age * math.log(1.0 + years)
        + parameters.approval_collateral * math.log(collateral)
        - parameters.approval_arrears * arrears
        + parameters.approval_guarantee * guarantee
        + shift
    )


@compiled
def borrow_and_invest(firms, sentras, city, ledger, parameters, hazards, price_level):
    """Fill each firm's gap in working capital and equipment from the sources it can reach.

    `hazards` is an array (2, slots): uniforms of applying and of the bank's answer; `price_level` (1 in 2016) turns
    the nominal ceiling of a loan into rupiah of 2016.
    """
    used = int(city[CITY.used_slots])
    lend_through_cooperatives(firms, sentras, ledger, parameters, used)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            ask_bank(
                firms,
                ledger,
                parameters,
                parameters.bank_ceiling / price_level,
                slot,
                hazards[0, slot],
                hazards[1, slot],
            )
            invest(firms, ledger, parameters, slot)


@equation
def shortage(firms, parameters, slot):
    """Cash missing for wanted output."""
    need = cash_cost(
        firms[FIRM.material_cost, slot],
        firms[FIRM.wanted_output, slot],
        parameters.supplier_share,
        firms[FIRM.wage, slot],
        firms[FIRM.workers, slot],
    )
    return max(0.0, need - firms[FIRM.cash, slot])


@equation
def cooperative_request(firms, parameters, slot):
    """What a member in good standing asks of its cooperative: the shortage, up to the limit."""
    if firms[FIRM.member, slot] == 0.0 or firms[FIRM.arrears, slot] > 0.0:
        return 0.0
    return max(0.0, min(shortage(firms, parameters, slot), parameters.coop_limit - firms[FIRM.coop_debt, slot]))


@compiled
def lend_through_cooperatives(firms, sentras, ledger, parameters, used):
    """Each cooperative lends what its fund allows, pro rata to its members' requests."""
    for sentra in range(N_SENTRAS):
        asked = 0.0
        for slot in range(used):
            if firms[FIRM.active, slot] == 1.0 and firms[FIRM.sentra, slot] == sentra:
                asked += cooperative_request(firms, parameters, slot)
        if asked > 0.0:
            room = parameters.coop_lendable * sentras[SENTRA.governance, sentra] * sentras[SENTRA.fund, sentra]
            share = min(1.0, room / asked)
            for slot in range(used):
                if firms[FIRM.active, slot] == 1.0 and firms[FIRM.sentra, slot] == sentra:
                    loan = share * cooperative_request(firms, parameters, slot)
                    if loan > 0.0:
                        sentras[SENTRA.fund, sentra] -= loan
                        sentras[SENTRA.lent, sentra] += loan
                        firms[FIRM.coop_debt, slot] += loan
                        firms[FIRM.coop_instalment, slot] = firms[FIRM.coop_debt, slot] / parameters.coop_months
                        firm_receives(firms, ledger, slot, FLOW.coop_loans, loan)


@equation
def ask_bank(firms, ledger, parameters, ceiling, slot, wish, answer):
    """One firm may apply for a loan; the bank answers; the money enters cash."""
    if wish >= parameters.application_rate:  # no chance is higher, so most firms need no sum
        return
    if firms[FIRM.bank_debt, slot] > 0.0 or firms[FIRM.exclusion_months, slot] > 0.0:
        return
    gap = max(0.0, firms[FIRM.wanted_equipment, slot] - firms[FIRM.equipment, slot])
    month_cost = firms[FIRM.unit_cost, slot] * firms[FIRM.expected_orders, slot]
    amount = min(ceiling, shortage(firms, parameters, slot) + gap)
    if amount < parameters.bank_floor or month_cost <= 0.0:
        return
    aversion = firms[FIRM.debt_aversion, slot]
    rate = max(0.0, parameters.bank_rate - firms[FIRM.rate_cut, slot])
    excess_return = firms[FIRM.hurdle_rate, slot] - rate / 12.0
    chance = application_chance(
        parameters,
        firms[FIRM.bookkeeping, slot],
        amount / (amount + month_cost),
        excess_return,
        aversion,
        firms[FIRM.application_shift, slot],
    )
    if wish >= chance:
        return
    collateral = (firms[FIRM.equipment, slot] + firms[FIRM.cash, slot] + month_cost) / amount
    approved = approval_chance(
        parameters,
        firms[FIRM.bookkeeping, slot],
        firms[FIRM.licensed, slot],
        firms[FIRM.age, slot] / 12.0,
        collateral,
        firms[FIRM.arrears, slot],
        firms[FIRM.guarantee_offer, slot],
        firms[FIRM.approval_shift, slot],
    )
    if answer < approved:
        firms[FIRM.bank_debt, slot] = amount
        firms[FIRM.bank_rate, slot] = rate
        firms[FIRM.subsidised_rate, slot] = parameters.bank_rate - rate
        firms[FIRM.bank_instalment, slot] = amount / parameters.bank_months
        firms[FIRM.guaranteed, slot] = firms[FIRM.guarantee_offer, slot]
        firm_receives(firms, ledger, slot, FLOW.bank_loans, amount)


@equation
def invest(firms, ledger, parameters, slot):
    """Buy equipment towards what is cheapest, from cash that production and a floor do not need."""
    gap = firms[FIRM.wanted_equipment, slot] - firms[FIRM.equipment, slot]
    if gap <= 0.0:
        return
    need = cash_cost(
        firms[FIRM.material_cost, slot],
        max(firms[FIRM.wanted_output, slot], firms[FIRM.expected_orders, slot]),
        parameters.supplier_share,
        firms[FIRM.wage, slot],
        firms[FIRM.workers, slot],
    )
    free = firms[FIRM.cash, slot] - (1.0 + parameters.cash_floor_months) * need
    if free > 0.0:
        paid = firm_pays(
            firms,
            ledger,
            slot,
            FLOW.equipment,
            min(parameters.investment_speed * gap, parameters.investment_share * free),
        )
        firms[FIRM.equipment, slot] += paid
