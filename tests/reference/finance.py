"""Rule 4: working capital and investment: own cash first, supplier credit, the cooperative, then the bank."""

from __future__ import annotations

import math

from tests.reference.entities import Firm
from tests.reference.forms import logistic
from tests.reference.parameters import Parameters, Submodel
from tests.reference.world import Books, World


def borrow_and_invest(world: World, parameters: Parameters, price_level: float) -> None:
    """Fill each firm's gap in working capital and equipment from the sources it can reach.

    Floor and ceiling of a bank loan are nominal: `price_level` (1 in 2016) turns them into rupiah of 2016.
    """
    own = parameters.finance
    lend_through_cooperatives(world, own)
    for firm in world.firms:
        ask_bank(firm, own, price_level, world.books)
        invest(firm, own, world.books)


def cash_cost(firm: Firm, own: Submodel, output: float) -> float:
    """Cash that a month's production needs: (1 − supplier share) · m q + w · workers."""
    return (1.0 - own.supplier_share) * firm.material_cost * output + firm.wage * firm.workers


def shortage(firm: Firm, own: Submodel) -> float:
    """Cash missing for wanted output."""
    return max(0.0, cash_cost(firm, own, firm.wanted_output) - firm.cash)


def free_cash(firm: Firm, own: Submodel) -> float:
    """Cash that production and the owner's floor do not need."""
    need = cash_cost(firm, own, max(firm.wanted_output, firm.expected_orders))
    return firm.cash - (1.0 + own.cash_floor_months) * need


def lend_through_cooperatives(world: World, own: Submodel) -> None:
    """Members in good standing ask, up to a limit, for what own cash does not pay; the fund is shared out pro rata."""
    requests_by_sentra: list[list[tuple[Firm, float]]] = [[] for _ in world.sentras]
    for firm in world.firms:
        if firm.member and firm.arrears == 0.0 and firm.exclusion_months == 0.0:
            unpaid = max(0.0, firm.wanted_equipment - firm.equipment) - max(0.0, free_cash(firm, own))
            wish = min(shortage(firm, own) + max(0.0, unpaid), own.coop_limit - firm.coop_debt)
            if wish > 0.0:
                requests_by_sentra[firm.sentra].append((firm, wish))
    for sentra, requests in zip(world.sentras, requests_by_sentra, strict=True):
        cooperative = sentra.cooperative
        asked = sum([wish for _, wish in requests])
        if not requests:
            continue
        share = min(1.0, own.coop_lendable * cooperative.governance * cooperative.fund / asked)
        for firm, wish in requests:
            loan = share * wish
            if loan > 0.0:
                cooperative.fund -= loan
                cooperative.lent += loan
                firm.coop_debt += loan
                firm.coop_instalment = firm.coop_debt / own.coop_months
                world.books.receive(firm, "coop_loans", loan)


def ask_bank(firm: Firm, own: Submodel, price_level: float, books: Books) -> None:
    """A firm without bank debt may apply for what its working capital and equipment lack; the bank answers.

    Asking rises with records, with need over need and monthly cost, and with the return beyond interest; it falls in
    aversion. The answer is a logit of records, licence, age, collateral over loan, arrears and public guarantee.
    """
    if firm.bank_debt > 0.0 or firm.exclusion_months > 0.0:
        return
    gap = max(0.0, firm.wanted_equipment - firm.equipment)
    amount = min(own.bank_ceiling / price_level, shortage(firm, own) + gap)
    month_cost = firm.unit_cost * firm.expected_orders
    if amount <= 0.0 or amount < own.bank_floor / price_level or month_cost <= 0.0:
        return
    rate = max(0.0, own.bank_rate - firm.rate_cut)
    readiness = (
        own.application_intercept
        + own.application_bookkeeping * firm.bookkeeping.value
        + own.application_need * amount / (amount + month_cost)
        + own.application_return * (firm.hurdle_rate - rate / 12.0)
        - firm.debt_aversion
        + firm.application_shift
    )
    if firm.luck.application >= own.application_rate * logistic(readiness):
        return
    collateral = (firm.equipment + firm.cash + month_cost) / amount
    standing = (
        own.approval_intercept
        + own.approval_bookkeeping * firm.bookkeeping.value
        + own.approval_licence * firm.licensed
        + own.approval_age * math.log(1.0 + firm.age / 12.0)
        + own.approval_collateral * math.log(collateral)
        - own.approval_arrears * firm.arrears
        + own.approval_guarantee * firm.guarantee_offer
        + firm.approval_shift
    )
    if firm.luck.approval < logistic(standing):
        firm.bank_debt = amount
        firm.bank_rate = rate
        firm.subsidised_rate = own.bank_rate - rate
        firm.bank_instalment = amount / own.bank_months
        firm.guaranteed = firm.guarantee_offer
        books.receive(firm, "bank_loans", amount)


def invest(firm: Firm, own: Submodel, books: Books) -> None:
    """Close part of the gap to wanted equipment with a share of the cash beyond the month's need and a floor."""
    gap = firm.wanted_equipment - firm.equipment
    if gap > 0.0 and firm.cash > 0.0:
        free = free_cash(firm, own)
        if free > 0.0:
            wish = min(own.investment_speed * gap, own.investment_share * free)
            firm.equipment += books.pay(firm, "equipment", wish)
