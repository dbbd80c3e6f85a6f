"""The books: every flow has two ends, every stock its flows, and what is written past them shows."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import numpy as np
import pytest

import ovopsim
from ovopsim.fields import AGENCY, CITY, FIRM, SENTRA, FirmRows, SentraRows, fields_of
from ovopsim.ledger import (
    ACCOUNTS,
    ENTRY,
    FLOW,
    FLOWS,
    NON_CASH,
    STOCKS,
    Ledger,
    account_change,
    amount_of,
    book,
    empty_ledger,
    enter,
    firm_pays,
    firm_receives,
    imbalance,
    open_books,
)
from ovopsim.policy import Scenario
from ovopsim.state import World, empty_world
from tests.strategies import LEVERS
from tests.worlds import Run, cluster

RULES = sorted((Path(ovopsim.__file__).parent / "rules").rglob("*.py"))


def books() -> tuple[World, Ledger]:
    """Return a city of three slots with money, debts and goods in it, and its opened books."""
    world = empty_world(3, 2)
    world.city[CITY.used_slots] = 3.0
    world.firms[FIRM.active, :2] = 1.0
    for name in ("cash", "inventory", *STOCKS):
        if name != "lent":
            world.firms[getattr(FIRM, name), :2] = (100.0, 1_000.0)
    world.sentras[SENTRA.fund] = 500.0
    world.sentras[SENTRA.lent] = 1_100.0 / 3.0
    world.agency[AGENCY.accrual] = 50.0
    ledger = empty_ledger(3)
    open_books(world, ledger)
    return world, ledger


def test_every_flow_and_entry_has_two_ends_among_the_accounts() -> None:
    for name, (payer, payee) in (FLOWS | NON_CASH).items():
        assert {payer, payee} <= set(ACCOUNTS), name
    assert all(payer != payee for payer, payee in FLOWS.values())
    assert not set(FLOWS) & set(NON_CASH)


def test_numbers_of_flows_are_their_places() -> None:
    assert [getattr(FLOW, name) for name in FLOWS] == list(range(len(FLOWS)))
    assert [getattr(ENTRY, name) for name in NON_CASH] == list(range(len(NON_CASH)))


def test_stocks_are_states_moved_by_known_flows() -> None:
    for name, (adding, taking) in STOCKS.items():
        assert name in fields_of(FirmRows) or name in fields_of(SentraRows)
        assert set(adding) | set(taking) <= set(FLOWS) | set(NON_CASH), name


def names_booked() -> set[str]:
    """Return the names of flows and entries that some rule books."""
    found = set()
    for path in RULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in {"FLOW", "ENTRY"}:
                found.add(node.attr)
    return found


def test_every_flow_is_booked_by_some_rule() -> None:
    assert names_booked() == set(FLOWS) | set(NON_CASH)


def test_no_rule_touches_cash_but_through_the_books() -> None:
    """A firm's cash is assigned in the ledger only; rules read it."""
    writes = []
    for path in RULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AugAssign) else targets
            writes += [f"{path.name}:{node.lineno}" for target in targets if "FIRM.cash," in ast.unparse(target)]
    assert writes == []


def test_balanced_books_balance() -> None:
    world, ledger = books()
    firm_receives(world.firms, ledger, 0, FLOW.sales, 30.0)
    assert firm_pays(world.firms, ledger, 1, FLOW.wages, 40.0) == 40.0
    world.sentras[SENTRA.fund, 1] -= 5.0
    book(ledger, FLOW.dividends, 5.0)
    world.firms[FIRM.bank_debt, 1] -= 100.0
    enter(ledger, ENTRY.bank_written_off, 100.0)
    assert max(imbalance(world, ledger).values()) < 1e-12
    assert ledger.booked.tolist() == [30.0, -40.0, 0.0]
    assert account_change(ledger, "firms") == pytest.approx(-10.0)
    assert account_change(ledger, "workers") == 40.0
    assert account_change(ledger, "households") == 5.0


def test_a_firm_pays_no_more_than_it_has() -> None:
    world, ledger = books()
    assert firm_pays(world.firms, ledger, 0, FLOW.wages, 250.0) == 100.0
    assert world.firms[FIRM.cash, 0] == 0.0
    assert amount_of(ledger, "wages") == 100.0


@pytest.mark.parametrize("stock", ["cash", "inventory", *STOCKS])
def test_a_write_past_the_books_shows(stock: str) -> None:
    world, ledger = books()
    if stock == "lent":
        world.sentras[SENTRA.lent, 2] += 1e-3
    else:
        world.firms[getattr(FIRM, stock), 1] += 1e-3
    wrong = {name for name, gap in imbalance(world, ledger).items() if gap > 1e-9}
    assert wrong == {"cash": {"firms", "firms_total"}, "inventory": {"goods"}}.get(stock, {stock})


@pytest.mark.parametrize(
    ("table", "row", "account"), [("sentras", SENTRA.fund, "cooperatives"), ("agency", AGENCY.accrual, "agency")]
)
def test_money_that_appears_in_a_fund_or_at_the_agency_shows(table: str, row: int, account: str) -> None:
    world, ledger = books()
    getattr(world, table)[row, 0] += 1e-3
    assert {name for name, gap in imbalance(world, ledger).items() if gap > 1e-9} == {account}


def test_a_flow_booked_without_the_money_shows() -> None:
    world, ledger = books()
    book(ledger, FLOW.sales, 1.0)
    assert imbalance(world, ledger)["firms_total"] > 1e-9


def test_new_books_forget_the_month_before() -> None:
    world, ledger = books()
    firm_receives(world.firms, ledger, 0, FLOW.sales, 30.0)
    enter(ledger, ENTRY.depreciation, 3.0)
    ledger.goods[2] = 7.0
    open_books(world, ledger)
    assert not ledger.flows.any()
    assert not ledger.entries.any()
    assert not ledger.booked.any()
    assert ledger.opening.tolist() == [130.0, 1_000.0, 0.0]
    assert ledger.goods.tolist() == [1_100.0, 0.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.usefixtures("warm_core")
def test_every_flow_occurs_in_cities_like_those_of_the_laws() -> None:
    """The laws would be idle for a flow that never runs: troubled cities under every lever book all of them."""
    booked = np.zeros(len(FLOWS)), np.zeros(len(NON_CASH))
    troubled = {
        "finance.application_rate": 0.9,
        "finance.application_intercept": 4.0,
        "finance.approval_intercept": 6.0,
        "accounts.household_need": 3_000_000.0,
        "accounts.draw_limit": 1.0,
        "accounts.leak": 0.6,
        "population.member_share": 0.9,
        "accounts.buffer_months": 0.2,
    }
    owing = {"accounts.resale_value": 0.05, "finance.supplier_share": 0.9, "entry_and_exit.background": 0.1}
    scenario = Scenario(
        months=60,
        programme={"budget": 2e9, "shares": dict.fromkeys(LEVERS, 1.0 / len(LEVERS)), "months": 48},
        levers={"exhibition": {"co_payment": 500_000}},
        shocks=[{"name": "pandemic", "start": 12, "strength": 3.0}],
    )
    for seed, parameters in itertools.product(range(3), (troubled, owing)):
        for moment in Run(scenario, cluster((10, 20, 20), parameters, seed)).months(60):
            booked[0][:] += moment.ledger.flows
            booked[1][:] += moment.ledger.entries
    idle = [name for name, total in zip(FLOWS, booked[0], strict=True) if total == 0.0]
    idle += [name for name, total in zip(NON_CASH, booked[1], strict=True) if total == 0.0]
    assert idle == []
