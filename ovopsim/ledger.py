"""Books every flow of money with its two ends, so that a leaked rupiah shows.

A flow has a name, a payer and a payee. Cash flows move money between accounts; the entries of the second table are
not cash (grants in kind, depreciation, write-offs …). `firm_receives` and `firm_pays` are the only ways to change a
firm's cash: they book the flow and the firm's own line. The balances of firms, cooperatives and the agency are read
before the first rule, so a write past the ledger is found by `imbalance`.
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
    "fees": ("firms", "city_treasury"),
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
    balances : array (3,)
        Opening balance of firms, cooperatives and agency.
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
FIRMS_BALANCE, COOPERATIVES_BALANCE, AGENCY_BALANCE = range(3)


def empty_ledger(n_slots: int) -> Ledger:
    """Return books for `n_slots` firm slots."""
    return Ledger(
        np.zeros(len(FLOWS)), np.zeros(len(NON_CASH)), np.zeros(n_slots), np.zeros(n_slots), np.zeros(3), np.zeros(6)
    )


@compiled
def open_books(world, ledger):
    """Clear the month's books and read the opening balances, before any rule has run."""
    ledger.flows[:] = 0.0
    ledger.entries[:] = 0.0
    ledger.goods[:] = 0.0
    used = int(world.city[CITY.used_slots])  # slots never used hold nothing
    total = 0.0
    stock = 0.0
    for slot in range(used):
        ledger.booked[slot] = 0.0
        ledger.opening[slot] = world.firms[FIRM.cash, slot]
        total += world.firms[FIRM.cash, slot]
        stock += world.firms[FIRM.inventory, slot]
    ledger.balances[FIRMS_BALANCE] = total
    ledger.balances[COOPERATIVES_BALANCE] = world.sentras[SENTRA.fund].sum()
    ledger.balances[AGENCY_BALANCE] = world.agency[AGENCY.accrual].sum()
    ledger.goods[OPENING_STOCK] = stock


@equation
def book(ledger, flow, amount):
    """Book a flow between two accounts other than a firm's."""
    ledger.flows[flow] += amount


@equation
def enter(ledger, entry, amount):
    """Book an amount that is not cash."""
    ledger.entries[entry] += amount


@equation
def firm_receives(firms, ledger, slot, flow, amount):
    """Add to a firm's cash and book it."""
    firms[FIRM.cash, slot] += amount
    ledger.booked[slot] += amount
    ledger.flows[flow] += amount


@equation
def firm_pays(firms, ledger, slot, flow, amount):
    """Take from a firm's cash, never below zero, and book what was taken.

    Callers pass at most what the firm has; the guard absorbs the last bit of rounding so that cash stays ≥ 0.
    """
    amount = min(amount, firms[FIRM.cash, slot])
    firms[FIRM.cash, slot] -= amount
    ledger.booked[slot] -= amount
    ledger.flows[flow] += amount
    return amount


def account_change(ledger: Ledger, account: str) -> float:
    """Return the net cash booked to an account this month."""
    change = 0.0
    for amount, (payer, payee) in zip(ledger.flows, FLOWS.values(), strict=True):
        change += float(amount) * ((payee == account) - (payer == account))
    return change


def imbalance(world: World, ledger: Ledger) -> dict[str, float]:
    """Return closing − opening − booked, relative to the largest amount involved; zero but for rounding.

    Keys: ``firms`` (largest over slots), ``firms_total``, ``cooperatives``, ``agency``, ``goods``.
    """
    firms = world.firms
    scale = np.maximum(1.0, np.maximum(np.abs(ledger.opening), np.abs(firms[FIRM.cash])))
    by_firm = np.abs(firms[FIRM.cash] - ledger.opening - ledger.booked) / scale
    closing = (firms[FIRM.cash].sum(), world.sentras[SENTRA.fund].sum(), world.agency[AGENCY.accrual].sum())
    found = {"firms": float(by_firm.max())}
    for name, account, opening, end in zip(
        ("firms_total", "cooperatives", "agency"),
        ("firms", "cooperatives", "agency"),
        ledger.balances,
        closing,
        strict=True,
    ):
        size = max(1.0, abs(opening), abs(end), float(np.abs(ledger.flows).max()))
        found[name] = float(abs(end - opening - account_change(ledger, account)) / size)
    goods = ledger.goods
    stock = firms[FIRM.inventory].sum()
    gap = stock - (
        goods[OPENING_STOCK] + goods[BROUGHT_IN] + goods[MADE] - goods[SOLD] - goods[SPOILED] - goods[CLEARED]
    )
    found["goods"] = float(abs(gap) / max(1.0, goods[OPENING_STOCK]))
    return found
