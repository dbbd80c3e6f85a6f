"""Rule 4: what firms ask for, who lends, and what is invested."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim.fields import CITY, FIRM, SENTRA
from ovopsim.forms import cash_cost, logistic
from ovopsim.ledger import amount_of, imbalance
from ovopsim.rules.finance import bank, borrow_and_invest, cooperative, needs
from tests.equations import city_of, got, opened, parameters_of, put

PARAMETERS = parameters_of("finance")


@given(
    materials=st.floats(0.0, 1e6), wanted=st.floats(0.0, 1e3), share=st.floats(0.0, 0.9), workers=st.floats(0.0, 9.0)
)
def test_production_needs_wages_and_the_cash_part_of_materials(
    materials: float, wanted: float, share: float, workers: float
) -> None:
    need = cash_cost(materials, wanted, share, 8e5, workers)
    assert need == pytest.approx(materials * wanted - share * materials * wanted + 8e5 * workers)


def test_shortage_is_what_cash_does_not_cover() -> None:
    world = city_of()
    need = (1.0 - PARAMETERS.supplier_share) * 80_000.0 * 100.0 + 1.6e6
    put(world, 0, cash=1e6)
    assert needs.shortage(world.firms, PARAMETERS, 0) == pytest.approx(need - 1e6)
    assert needs.shortage(world.firms, PARAMETERS, 1) == 0.0


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({}, True),
        ({"member": 0.0}, False),
        ({"arrears": 1.0}, False),
        ({"exclusion_months": 1.0}, False),
        ({"cash": 1e9}, False),
        ({"coop_debt": 1e9}, False),
    ],
)
def test_only_members_in_good_standing_who_are_short_ask_the_cooperative(changes: dict[str, float], asks: bool) -> None:
    world = city_of()
    put(world, 0, **({"member": 1.0, "cash": 0.0} | changes))
    request = cooperative.cooperative_request(world.firms, PARAMETERS, 0)
    assert (request > 0.0) == asks
    assert request <= PARAMETERS.coop_limit


def test_the_limit_counts_what_is_owed_already() -> None:
    world = city_of()
    put(world, 0, member=1.0, cash=0.0, coop_debt=PARAMETERS.coop_limit - 1_000.0, material_cost=1e6)
    assert cooperative.cooperative_request(world.firms, PARAMETERS, 0) == pytest.approx(1_000.0)


def lent(fund: float, requests: dict[int, float]):  # type: ignore[no-untyped-def]
    """Let cooperatives lend to members with given shortages; return the city and its books."""
    world = city_of(4)
    put(world, 3, sentra=1.0, member=1.0)
    for slot, short in requests.items():
        need = (1.0 - PARAMETERS.supplier_share) * 80_000.0 * 100.0 + 1.6e6
        put(world, slot, member=1.0, cash=need - short)
    world.sentras[SENTRA.fund] = fund
    ledger = opened(world)
    scratch = np.zeros(world.firms.shape[1])
    cooperative.lend_through_cooperatives(world.firms, world.sentras, ledger, PARAMETERS, scratch, 4)
    return world, ledger


def test_a_small_fund_is_lent_pro_rata() -> None:
    world, ledger = lent(2e6, {0: 1e6, 1: 3e6})
    room = PARAMETERS.coop_lendable * 0.5 * 2e6
    assert got(world, 0, "coop_debt") == pytest.approx(room / 4.0)
    assert got(world, 1, "coop_debt") == pytest.approx(3.0 * room / 4.0)
    assert world.sentras[SENTRA.fund, 0] == pytest.approx(2e6 - room)
    assert world.sentras[SENTRA.lent, 0] == pytest.approx(room)
    assert world.sentras[SENTRA.fund, 1] == 2e6
    assert amount_of(ledger, "coop_loans") == pytest.approx(room)
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_a_large_fund_gives_what_is_asked_and_instalments_pay_it_back() -> None:
    world, _ = lent(1e9, {0: 1e6, 1: 3e6})
    assert got(world, 0, "coop_debt") == pytest.approx(1e6)
    assert got(world, 0, "coop_instalment") == pytest.approx(1e6 / PARAMETERS.coop_months)
    assert got(world, 2, "coop_debt") == 0.0


def test_the_chance_to_apply_is_the_logit_times_its_rate() -> None:
    found = bank.application_chance(PARAMETERS, 0.4, 0.3, 0.02, 0.5, 1.5)
    logit = (
        PARAMETERS.application_intercept
        + 0.4 * PARAMETERS.application_bookkeeping
        + 0.3 * PARAMETERS.application_need
        + 0.02 * PARAMETERS.application_return
        - 0.5
        + 1.5
    )
    assert found == pytest.approx(PARAMETERS.application_rate * logistic(logit))
    assert found < PARAMETERS.application_rate


def test_the_banks_approval_is_a_logit_of_what_it_sees() -> None:
    found = bank.approval_chance(PARAMETERS, 0.4, 1.0, 3.0, 2.0, 1.0, 0.7, 0.2)
    logit = (
        PARAMETERS.approval_intercept
        + 0.4 * PARAMETERS.approval_bookkeeping
        + PARAMETERS.approval_licence
        + PARAMETERS.approval_age * math.log(4.0)
        + PARAMETERS.approval_collateral * math.log(2.0)
        - PARAMETERS.approval_arrears
        + 0.7 * PARAMETERS.approval_guarantee
        + 0.2
    )
    assert found == pytest.approx(logistic(logit))


def asked(
    price_level: float = 1.0,
    wish: float = 0.0,
    answer: float = 0.0,
    rates: dict[str, float] | None = None,
    **changes: float,
):  # type: ignore[no-untyped-def]
    """Let a firm that is short of 8 million ask the bank; return the city and its books."""
    world = city_of()
    put(world, 0, **({"cash": 0.0, "wanted_equipment": 32e6} | changes))
    ledger = opened(world)
    bank.ask_bank(world.firms, ledger, PARAMETERS._replace(**(rates or {})), price_level, 0, wish, answer)
    return world, ledger


NEED = (1.0 - PARAMETERS.supplier_share) * 8e6 + 1.6e6 + 2e6


def test_a_loan_is_the_shortage_and_the_gap_in_equipment() -> None:
    world, ledger = asked(rate_cut=0.02, guarantee_offer=0.6)
    assert got(world, 0, "bank_debt", "cash") == pytest.approx([NEED, NEED])
    assert got(world, 0, "bank_instalment") == pytest.approx(NEED / PARAMETERS.bank_months)
    assert got(world, 0, "bank_rate") == pytest.approx(PARAMETERS.bank_rate - 0.02)
    assert got(world, 0, "subsidised_rate") == pytest.approx(0.02)
    assert got(world, 0, "guaranteed") == 0.6
    assert amount_of(ledger, "bank_loans") == pytest.approx(NEED)
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_the_ceiling_limits_a_loan() -> None:
    world, _ = asked(price_level=2.0, rates={"bank_ceiling": 6e6})
    assert got(world, 0, "bank_debt") == 3e6, "the ceiling is nominal"


def test_the_state_pays_no_more_than_the_whole_interest() -> None:
    world, _ = asked(rate_cut=0.5)
    assert got(world, 0, "bank_rate") == 0.0
    assert got(world, 0, "subsidised_rate") == pytest.approx(PARAMETERS.bank_rate)
    world, _ = asked(rate_cut=0.5, rates={"bank_rate": -0.02})
    assert got(world, 0, "bank_rate", "subsidised_rate") == [0.0, 0.0], "real interest below zero needs no subsidy"


@pytest.mark.parametrize(
    "changes",
    [
        {"wish": PARAMETERS.application_rate},
        {"wish": 0.999 * PARAMETERS.application_rate, "debt_aversion": 50.0},
        {"answer": 1.0 - 1e-12},
        {"bank_debt": 1.0},
        {"exclusion_months": 1.0},
        {"cash": 1e9, "wanted_equipment": 0.0},
        {"rates": {"bank_floor": NEED + 1.0}},
        {"rates": {"bank_floor": 0.0}, "cash": 1e9, "wanted_equipment": 0.0},
        {"expected_orders": 0.0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_no_loan_is_made(changes: dict[str, float]) -> None:
    world, ledger = asked(**changes)  # type: ignore[arg-type]
    assert amount_of(ledger, "bank_loans") == 0.0
    assert got(world, 0, "bank_debt") == changes.get("bank_debt", 0.0)


def test_who_applies_depends_on_aversion_and_who_is_approved_on_records() -> None:
    """The draw falls between the chances of two firms that differ in one thing."""
    month_cost = 1e7
    chances = [
        bank.application_chance(
            PARAMETERS, 0.3, NEED / (NEED + month_cost), 0.03 - PARAMETERS.bank_rate / 12.0, dislike, 0.0
        )
        for dislike in (0.0, 2.0)
    ]
    between = 0.5 * sum(chances)
    assert got(asked(wish=between)[0], 0, "bank_debt") > 0.0
    assert got(asked(wish=between, debt_aversion=2.0)[0], 0, "bank_debt") == 0.0
    collateral = (30e6 + month_cost) / NEED
    answers = [bank.approval_chance(PARAMETERS, books, 0.0, 2.0, collateral, 0.0, 0.0, 0.0) for books in (0.3, 0.9)]
    assert got(asked(answer=0.5 * sum(answers), bookkeeping=0.9)[0], 0, "bank_debt") > 0.0
    assert got(asked(answer=0.5 * sum(answers))[0], 0, "bank_debt") == 0.0


def test_investment_goes_towards_what_is_cheapest_from_free_cash() -> None:
    world = city_of()
    put(world, 0, cash=1e9, wanted_equipment=50e6)
    put(world, 1, wanted_equipment=50e6)
    put(world, 2, cash=1e9, wanted_equipment=10e6)
    ledger = opened(world)
    needs.invest_all(world.firms, ledger, PARAMETERS, np.zeros(5), 3)
    assert got(world, 0, "equipment") == pytest.approx(30e6 + PARAMETERS.investment_speed * 20e6)
    need = (1.0 - PARAMETERS.supplier_share) * 8e6 + 1.6e6
    free = 20e6 - (1.0 + PARAMETERS.cash_floor_months) * need
    spent = min(PARAMETERS.investment_speed * 20e6, PARAMETERS.investment_share * free)
    assert got(world, 1, "equipment", "cash") == pytest.approx([30e6 + spent, 20e6 - spent])
    assert got(world, 2, "equipment", "cash") == [30e6, 1e9]
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_nothing_is_invested_from_cash_that_production_needs() -> None:
    world = city_of()
    put(world, 0, cash=7e6, wanted_equipment=50e6, expected_orders=200.0)
    put(world, 1, cash=7e6, wanted_equipment=50e6)
    ledger = opened(world)
    needs.invest_all(world.firms, ledger, PARAMETERS._replace(cash_floor_months=0.0), np.zeros(5), 2)
    assert got(world, 0, "equipment") == 30e6, "the larger of wanted output and expected orders"
    assert amount_of(ledger, "equipment") == pytest.approx(max(0.0, got(world, 1, "equipment") - 30e6))


def test_the_rule_asks_cooperative_then_bank_then_invests_and_skips_empty_slots() -> None:
    world = city_of()
    put(world, 0, member=1.0, cash=0.0)
    put(world, 1, cash=0.0)
    put(world, 2, active=0.0, cash=0.0)
    ledger = opened(world)
    hazards = np.zeros((2, 5))
    borrow_and_invest(world.firms, world.sentras, world.city, ledger, PARAMETERS, hazards, np.zeros(5), 2.0)
    assert got(world, 0, "coop_debt") > 0.0
    rest = NEED - 2e6 - got(world, 0, "coop_debt")
    assert PARAMETERS.bank_floor / 2.0 < rest < PARAMETERS.bank_ceiling / 2.0
    assert got(world, 0, "bank_debt") == pytest.approx(rest)
    assert got(world, 1, "bank_debt") == pytest.approx(min(NEED - 2e6, PARAMETERS.bank_ceiling / 2.0))
    assert got(world, 2, "bank_debt") == 0.0
    assert world.city[CITY.used_slots] == 3.0
    assert max(imbalance(world, ledger).values()) < 1e-12
    assert world.firms[FIRM.cash].min() >= 0.0


def test_what_is_asked_of_the_cooperative_to_the_rupiah() -> None:
    """Shortage of working capital, and what free cash leaves unpaid of the equipment that is wanted."""
    need = (1.0 - PARAMETERS.supplier_share) * 8e6 + 1.6e6
    floor = (1.0 + PARAMETERS.cash_floor_months) * need
    for cash, gap, wanted in (
        (need - 5e5, 0.0, 5e5),
        (need - 5e5, 0.5, 5e5 + 0.5),
        (floor + 2e5, 6e5, 4e5),
        (floor + 2e5, 0.0, 0.0),
        (floor - 1e5, 3e5, 3e5),
    ):
        world = city_of()
        put(world, 0, member=1.0, cash=cash, wanted_equipment=30e6 + gap)
        assert cooperative.cooperative_request(world.firms, PARAMETERS, 0) == pytest.approx(wanted, abs=1e-6)


def test_the_smallest_fund_is_lent_pro_rata_as_well() -> None:
    world, _ = lent(1.0, {0: 0.25, 1: 0.5})
    room = PARAMETERS.coop_lendable * 0.5
    assert got(world, 0, "coop_debt") == pytest.approx(room / 3.0)
    assert got(world, 1, "coop_debt") == pytest.approx(2.0 * room / 3.0)
    assert got(world, 2, "coop_debt") == got(world, 3, "coop_debt") == 0.0


def test_the_draws_fall_just_below_and_above_the_chances() -> None:
    """Interest and age count by the month and by the year."""
    month_cost = 1e7
    extra = 0.03 - PARAMETERS.bank_rate / 12.0
    chance = bank.application_chance(PARAMETERS, 0.3, NEED / (NEED + month_cost), extra, 0.0, 0.0)
    approved = bank.approval_chance(PARAMETERS, 0.3, 0.0, 2.0, (30e6 + month_cost) / NEED, 0.0, 0.0, 0.0)
    for factor, lends in ((1.0 - 1e-9, True), (1.0 + 1e-9, False)):
        assert (got(asked(wish=chance * factor)[0], 0, "bank_debt") > 0.0) == lends
        assert (got(asked(answer=approved * factor)[0], 0, "bank_debt") > 0.0) == lends


def test_the_smallest_gap_is_closed_and_the_smallest_free_cash_is_used() -> None:
    need = (1.0 - PARAMETERS.supplier_share) * 8e6 + 1.6e6
    floor = (1.0 + PARAMETERS.cash_floor_months) * need
    for cash, gap in ((1e9, 0.5), (floor + 0.5, 9e6)):
        world = city_of()
        put(world, 0, cash=cash, wanted_equipment=30e6 + gap)
        ledger = opened(world)
        needs.invest_all(world.firms, ledger, PARAMETERS, np.zeros(5), 1)
        wish = min(PARAMETERS.investment_speed * gap, PARAMETERS.investment_share * (cash - floor))
        assert amount_of(ledger, "equipment") == pytest.approx(wish, rel=1e-6)
