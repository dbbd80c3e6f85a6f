"""Books every flow of money with its two ends, so that a leaked rupiah shows.

A flow has a name, a payer and a payee. Cash flows move money between accounts; the entries of the second table are
not cash (grants in kind, depreciation, write-offs …). `firm_receives` and `firm_pays` are the only ways to change a
firm's cash: they book the flow and the firm's own line. (Where every firm pays, they are taken apart: `hand_over`
within a loop over firms, `book` for its sum.) The balances of firms, cooperatives and the agency are read
before the first rule, and so are debts, claims, equipment and stock: a write past the ledger is found by `imbalance`.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, Final, NamedTuple

import numpy as np

from ovopsim.compiling import compiled, equation
from ovopsim.fields import AGENCY, CITY, FIRM, SENTRA, Reals
from ovopsim.state import World

ACCOUNTS: Final = (
    "firms",
    "buyers",
    "workers",
    "households",
    "suppliers",
    "vendors",
    "banks",
    "cooperatives",
    "agency",
    "city_treasury",
    "national_treasury",
)

# name -> (payer, payee); the place in the table is the flow's number
FLOWS: Final[dict[str, tuple[str, str]]] = {
    "sales": ("buyers", "firms"),
    "contract_payments": ("buyers", "firms"),
    "materials": ("firms", "suppliers"),
    "payables": ("firms", "suppliers"),
    "wages": ("firms", "workers"),
    "drawings": ("firms", "households"),
    "start_equity": ("households", "firms"),
    "liquidation": ("firms", "households"),
    "resale": ("vendors", "firms"),
    "equipment": ("firms", "vendors"),
    "channel_entry": ("firms", "vendors"),
    "adoption": ("firms", "vendors"),
    "co_payments": ("firms", "vendors"),
    "bank_loans": ("banks", "firms"),
    "bank_principal": ("firms", "banks"),
    "bank_interest": ("firms", "banks"),
    "seizure_proceeds": ("vendors", "banks"),
    "interest_subsidy": ("national_treasury", "banks"),
    "guarantee_claims": ("national_treasury", "banks"),
    "coop_loans": ("cooperatives", "firms"),
    "coop_principal": ("firms", "cooperatives"),
    "coop_interest": ("firms", "cooperatives"),
    "dues": ("firms", "cooperatives"),
    "dividends": ("cooperatives", "households"),
    "tax": ("firms", "national_treasury"),
    "release": ("city_treasury", "agency"),
    "delivery": ("agency", "vendors"),
    "cash_grants": ("agency", "firms"),
    "fund_grants": ("agency", "cooperatives"),
    "lapse": ("agency", "city_treasury"),
}

# not cash: name -> (where it is taken from, where it is added)
NON_CASH: Final[dict[str, tuple[str, str]]] = {
    "grants_in_kind": ("vendors", "firms"),
    "depreciation": ("firms", "firms"),
    "equipment_seized": ("firms", "banks"),
    "resale_loss": ("firms", "firms"),
    "spoilage": ("firms", "firms"),
    "cleared_stock": ("firms", "firms"),
    "contract_sales": ("buyers", "firms"),
    "supplier_credit": ("suppliers", "firms"),
    "payables_forgiven": ("suppliers", "firms"),
    "bank_accrued": ("firms", "banks"),
    "coop_accrued": ("firms", "cooperatives"),
    "bank_written_off": ("banks", "firms"),
    "coop_written_off": ("cooperatives", "firms"),
    "start_equipment": ("households", "firms"),
    "equipment_cleared": ("firms", "households"),
}

# what is owned or owed and is not cash: name -> (what adds to it, what takes from it), in names of the tables above
STOCKS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "bank_debt": (("bank_loans", "bank_accrued"), ("bank_principal", "bank_written_off")),
    "coop_debt": (("coop_loans", "coop_accrued"), ("coop_principal", "coop_written_off")),
    "lent": (("coop_loans", "coop_accrued"), ("coop_principal", "coop_written_off")),
    "payable": (("supplier_credit",), ("payables", "payables_forgiven")),
    "receivable": (("contract_sales",), ("contract_payments",)),
    "equipment": (
        ("equipment", "grants_in_kind", "start_equipment"),
        ("depreciation", "equipment_seized", "resale", "resale_loss", "equipment_cleared"),
    ),
}

FLOW: Any = namedtuple("FLOW", FLOWS)(*range(len(FLOWS)))  # noqa: PYI024 - its names come from the table
ENTRY: Any = namedtuple("ENTRY", NON_CASH)(*range(len(NON_CASH)))  # noqa: PYI024 - as above


class Ledger(NamedTuple):
    """One month's books.

    Attributes
    ----------
    flows : array (flows,)
        IDR moved under each name this month.
    entries : array (entries,)
        Amounts that are not cash (IDR; stock in pieces).
    booked : array (slots,)
        Net cash booked to each firm slot this month.
    opening : array (slots,)
        Cash of each slot before the first rule.
    balances : array (9,)
        Opening balance of firms, cooperatives and agency, then of each of `STOCKS`.
    goods : array (6,)
        Pieces this month: opening stock, brought in, output, sold, spoiled, cleared.
    """

    flows: Reals
    entries: Reals
    booked: Reals
    opening: Reals
    balances: Reals
    goods: Reals


OPENING_STOCK, BROUGHT_IN, MADE, SOLD, SPOILED, CLEARED = range(6)
(
    FIRMS_BALANCE,
    COOPERATIVES_BALANCE,
    AGENCY_BALANCE,
    BANK_DEBT,
    COOP_DEBT,
    LENT,
    PAYABLE,
    RECEIVABLE,
    EQUIPMENT,
) = range(9)


def empty_ledger(n_slots: int) -> Ledger:
    """Return books for `n_slots` firm slots."""
    return Ledger(
        np.zeros(len(FLOWS)),
        np.zeros(len(NON_CASH)),
        np.zeros(n_slots),
        np.zeros(n_slots),
        np.zeros(3 + len(STOCKS)),
        np.zeros(6),
    )


@compiled
def open_books(world, ledger):
    """Clear the month's books and read the opening balances, before any rule has run."""
    ledger.flows[:] = 0.0
    ledger.entries[:] = 0.0
    ledger.goods[:] = 0.0
    used = int(world.city[CITY.used_slots])  # slots never used hold nothing
    balances = ledger.balances
    # sums in single numbers: one kept in an array would be written for every firm
    cash = stock = bank_debt = coop_debt = payable = receivable = equipment = 0.0
    for slot in range(used):
        ledger.booked[slot] = 0.0
        ledger.opening[slot] = world.firms[FIRM.cash, slot]
        cash += world.firms[FIRM.cash, slot]
        stock += world.firms[FIRM.inventory, slot]
        bank_debt += world.firms[FIRM.bank_debt, slot]
        coop_debt += world.firms[FIRM.coop_debt, slot]
        payable += world.firms[FIRM.payable, slot]
        receivable += world.firms[FIRM.receivable, slot]
        equipment += world.firms[FIRM.equipment, slot]
    ledger.goods[OPENING_STOCK] = stock
    balances[FIRMS_BALANCE] = cash
    balances[BANK_DEBT] = bank_debt
    balances[COOP_DEBT] = coop_debt
    balances[PAYABLE] = payable
    balances[RECEIVABLE] = receivable
    balances[EQUIPMENT] = equipment
    balances[COOPERATIVES_BALANCE] = world.sentras[SENTRA.fund].sum()
    balances[AGENCY_BALANCE] = world.agency[AGENCY.accrual].sum()
    balances[LENT] = world.sentras[SENTRA.lent].sum()


@equation
def book(ledger, flow, amount):
    """Book a flow between two accounts other than a firm's."""
    ledger.flows[flow] += amount


@equation
def enter(ledger, entry, amount):
    """Book an amount that is not cash."""
    ledger.entries[entry] += amount


@equation
def take_in(firms, ledger, slot, amount):
    """Add to a firm's cash on its own line; the caller books the sum of a loop, which is quicker than one by one."""
    firms[FIRM.cash, slot] += amount
    ledger.booked[slot] += amount


@equation
def hand_over(firms, ledger, slot, amount):
    """Take from a firm's cash, never below zero, on its own line; return what was taken. The caller books the sum.

    Callers pass at most what the firm has; the guard absorbs the last bit of rounding so that cash stays ≥ 0.
    """
    amount = min(amount, firms[FIRM.cash, slot])
    firms[FIRM.cash, slot] -= amount
    ledger.booked[slot] -= amount
    return amount


@equation
def firm_receives(firms, ledger, slot, flow, amount):
    """Add to a firm's cash and book it."""
    take_in(firms, ledger, slot, amount)
    book(ledger, flow, amount)


@equation
def firm_pays(firms, ledger, slot, flow, amount):
    """Take from a firm's cash, never below zero, and book what was taken; return it."""
    paid = hand_over(firms, ledger, slot, amount)
    book(ledger, flow, paid)
    return paid


def account_change(ledger: Ledger, account: str) -> float:
    """Return the net cash booked to an account this month."""
    change = 0.0
    for amount, (payer, payee) in zip(ledger.flows, FLOWS.values(), strict=True):
        change += float(amount) * ((payee == account) - (payer == account))
    return change


def amount_of(ledger: Ledger, name: str) -> float:
    """Return what was booked this month under a name of `FLOWS` or `NON_CASH`."""
    if name in FLOWS:
        return float(ledger.flows[list(FLOWS).index(name)])
    return float(ledger.entries[list(NON_CASH).index(name)])


def imbalance(world: World, ledger: Ledger) -> dict[str, float]:
    """Return closing − opening − booked, relative to the largest amount involved; zero but for rounding.

    Keys: ``firms`` (largest over slots), ``firms_total``, ``cooperatives``, ``agency``, each of `STOCKS`, ``goods``.
    """
    firms = world.firms
    amounts = np.array([ledger.opening, firms[FIRM.cash], firms[FIRM.sales], firms[FIRM.wages_paid]])
    scale = np.maximum(1.0, np.abs(amounts).max(axis=0))
    by_firm = np.abs(firms[FIRM.cash] - ledger.opening - ledger.booked) / scale
    found = {"firms": float(by_firm.max())}
    closing = (firms[FIRM.cash], world.sentras[SENTRA.fund], world.agency[AGENCY.accrual])
    for name, place, held in zip(("firms", "cooperatives", "agency"), range(3), closing, strict=True):
        booked = [
            float(amount) * ((payee == name) - (payer == name))
            for amount, (payer, payee) in zip(ledger.flows, FLOWS.values(), strict=True)
        ]
        found["firms_total" if name == "firms" else name] = _gap(float(ledger.balances[place]), booked, held)
    for place, (name, (adding, taking)) in enumerate(STOCKS.items(), start=3):
        held = world.sentras[SENTRA.lent] if name == "lent" else firms[getattr(FIRM, name)]
        booked = [amount_of(ledger, flow) for flow in adding] + [-amount_of(ledger, flow) for flow in taking]
        found[name] = _gap(float(ledger.balances[place]), booked, held)
    signs = (0.0, 1.0, 1.0, -1.0, -1.0, -1.0)
    pieces = [float(sign * amount) for sign, amount in zip(signs, ledger.goods, strict=True)]
    found["goods"] = _gap(float(ledger.goods[OPENING_STOCK]), pieces, firms[FIRM.inventory])
    return found


def _gap(opening: float, booked: list[float], closing: Reals) -> float:
    size = max(1.0, abs(opening), float(np.abs(closing).sum()), *(abs(amount) for amount in booked))
    return abs(float(closing.sum()) - opening - sum(booked)) / size
