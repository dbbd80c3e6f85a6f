"""A firm may ask the bank (KUR); the bank answers."""

from __future__ import annotations

from ovopsim.compiling import equation
from ovopsim.elementary import logarithm
from ovopsim.fields import FIRM
from ovopsim.forms import agree_terms, borrower_rate, logistic
from ovopsim.ledger import FLOW, firm_receives
from ovopsim.rules.finance.needs import shortage


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
        + parameters.approval_age * logarithm(1.0 + years)
        + parameters.approval_collateral * logarithm(collateral)
        - parameters.approval_arrears * arrears
        + parameters.approval_guarantee * guarantee
        + shift
    )


@equation
def ask_bank(firms, ledger, parameters, price_level, slot, wish, answer):
    """One firm may apply for a loan; the bank answers; the money enters cash."""
    if wish >= parameters.application_rate:  # no chance is higher, so most firms need no sum
        return
    if firms[FIRM.bank_debt, slot] > 0.0 or firms[FIRM.exclusion_months, slot] > 0.0:
        return
    gap = max(0.0, firms[FIRM.wanted_equipment, slot] - firms[FIRM.equipment, slot])
    month_cost = firms[FIRM.unit_cost, slot] * firms[FIRM.expected_orders, slot]
    amount = min(parameters.bank_ceiling / price_level, shortage(firms, parameters, slot) + gap)
    if amount < parameters.bank_floor / price_level or amount <= 0.0 or month_cost <= 0.0:
        return
    aversion = firms[FIRM.debt_aversion, slot]
    rate = borrower_rate(parameters.bank_rate, firms[FIRM.rate_cut, slot])
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
        agree_terms(firms, parameters.bank_rate, slot)
        firms[FIRM.bank_instalment, slot] = amount / parameters.bank_months
        firm_receives(firms, ledger, slot, FLOW.bank_loans, amount)
