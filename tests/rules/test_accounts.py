"""Rule 7: debts, the household, wear and the month's result."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim.fields import CITY, FIRM, SENTRA
from ovopsim.forms import logistic
from ovopsim.ledger import SPOILED, amount_of, imbalance
from ovopsim.rules.accounts import debts, household, result, settle
from tests.equations import city_of, got, opened, parameters_of, put

PARAMETERS = parameters_of("accounts")
COSTS = parameters_of("technology_and_cost")


def balanced(world, ledger) -> bool:  # type: ignore[no-untyped-def]
    return max(imbalance(world, ledger).values()) < 1e-12


def test_buyers_pay_part_and_suppliers_tax_and_cooperative_are_paid() -> None:
    world = city_of()
    put(world, 0, receivable=12e6, payable=3e6, sales=10e6, licensed=1.0, member=1.0)
    put(world, 1, receivable=0.0, payable=25e6, sales=10e6)
    ledger = opened(world)
    debts.collect_and_pay(world.firms, ledger, PARAMETERS, 2)
    debts.pay_debts(world.firms, world.sentras, world.city, ledger, PARAMETERS, COSTS, 2)
    due = 12e6 / PARAMETERS.collection_months
    tax = PARAMETERS.tax_rate * 10e6
    assert got(world, 0, "receivable", "payable", "tax_paid") == pytest.approx([12e6 - due, 0.0, tax])
    assert got(world, 0, "cash") == pytest.approx(20e6 + due - 3e6 - tax - PARAMETERS.dues)
    assert world.sentras[SENTRA.fund, 0] == pytest.approx(9e6 + PARAMETERS.dues)
    assert got(world, 1, "cash", "payable", "tax_paid") == pytest.approx([0.0, 5e6, 0.0])
    assert balanced(world, ledger)


def test_a_bank_loan_is_paid_off_in_its_months_with_interest_on_what_is_left() -> None:
    """N equal instalments of a loan P at rate r: interest in all P · r/12 · (n + 1)/2."""
    world = city_of()
    months, principal, rate = 24, 12e6, 0.06
    put(world, 0, bank_debt=principal, bank_rate=rate, bank_instalment=principal / months, subsidised_rate=0.03)
    interest = subsidy = 0.0
    for _ in range(months):
        assert got(world, 0, "bank_debt") > 1.0
        ledger = opened(world)
        assert not debts.serve_bank(world.firms, world.city, ledger, 0)
        interest += amount_of(ledger, "bank_interest")
        subsidy += amount_of(ledger, "interest_subsidy")
        assert balanced(world, ledger)
    assert got(world, 0, "bank_debt") == pytest.approx(0.0, abs=1e-6)
    assert interest == pytest.approx(principal * rate / 12.0 * (months + 1) / 2.0)
    assert got(world, 0, "interest_due") == pytest.approx(interest)
    assert subsidy == pytest.approx(0.5 * interest)
    assert world.city[CITY.interest_subsidy] == pytest.approx(subsidy)


def test_interest_that_is_not_paid_is_added_to_the_debt() -> None:
    world = city_of()
    put(world, 0, bank_debt=12e6, bank_rate=0.12, bank_instalment=5e5, cash=3e4)
    ledger = opened(world)
    assert debts.serve_bank(world.firms, world.city, ledger, 0)
    assert got(world, 0, "bank_debt", "cash") == pytest.approx([12e6 + 9e4, 0.0])
    assert amount_of(ledger, "bank_accrued") == pytest.approx(9e4)
    assert balanced(world, ledger)


def test_without_a_loan_nothing_is_due() -> None:
    world = city_of()
    ledger = opened(world)
    assert not debts.serve_bank(world.firms, world.city, ledger, 0)
    assert not debts.serve_cooperative(world.firms, world.sentras, ledger, PARAMETERS, 0)
    assert not ledger.flows.any()


def test_the_last_instalment_is_what_is_left() -> None:
    world = city_of()
    put(world, 0, bank_debt=1e5, bank_rate=0.06, bank_instalment=5e5, coop_debt=1e5, coop_instalment=5e5)
    world.sentras[SENTRA.lent, 0] = 1e5
    world.sentras[SENTRA.governance] = 1.0
    ledger = opened(world)
    assert not debts.serve_bank(world.firms, world.city, ledger, 0)
    assert not debts.serve_cooperative(world.firms, world.sentras, ledger, PARAMETERS, 0)
    assert got(world, 0, "bank_debt", "coop_debt") == [0.0, 0.0]
    assert amount_of(ledger, "bank_principal") == amount_of(ledger, "coop_principal") == 1e5
    assert balanced(world, ledger)


@pytest.mark.parametrize("governance", [0.0, 0.4, 1.0])
def test_weak_governance_lets_instalments_slip(governance: float) -> None:
    world = city_of()
    world.sentras[SENTRA.governance] = governance
    put(world, 0, coop_debt=2e6, coop_instalment=1e5)
    world.sentras[SENTRA.lent, 0] = 2e6
    ledger = opened(world)
    assert not debts.serve_cooperative(world.firms, world.sentras, ledger, PARAMETERS, 0)
    repaid = 1e5 * (1.0 - PARAMETERS.coop_patience * (1.0 - governance))
    interest = 2e6 * PARAMETERS.coop_rate / 12.0
    assert got(world, 0, "coop_debt") == pytest.approx(2e6 - repaid)
    assert world.sentras[SENTRA.lent, 0] == pytest.approx(2e6 - repaid)
    assert world.sentras[SENTRA.fund, 0] == pytest.approx(9e6 + interest + repaid)
    assert balanced(world, ledger)


def test_a_member_without_cash_owes_its_cooperative_more() -> None:
    world = city_of()
    put(world, 0, coop_debt=2e6, coop_instalment=1e5, cash=0.0)
    world.sentras[SENTRA.lent, 0] = 2e6
    ledger = opened(world)
    assert debts.serve_cooperative(world.firms, world.sentras, ledger, PARAMETERS, 0)
    owed = 2e6 * (1.0 + PARAMETERS.coop_rate / 12.0)
    assert got(world, 0, "coop_debt") == pytest.approx(owed)
    assert world.sentras[SENTRA.lent, 0] == pytest.approx(owed)
    assert balanced(world, ledger)


@pytest.mark.parametrize(("equipment", "guaranteed"), [(30e6, 0.0), (30e6, 0.7), (100e6, 0.7)])
def test_a_default_writes_off_seizes_and_claims(equipment: float, guaranteed: float) -> None:
    world = city_of()
    put(world, 0, bank_debt=20e6, bank_instalment=1e6, guaranteed=guaranteed, equipment=equipment, arrears=6.0)
    put(world, 0, coop_debt=1e6, coop_instalment=1e5)
    world.sentras[SENTRA.lent, 0] = 1e6
    ledger = opened(world)
    debts.default(world.firms, world.sentras, world.city, ledger, PARAMETERS, COSTS, 0)
    seized = min(PARAMETERS.seized_share * equipment, 20e6 / COSTS.resale_value)
    proceeds = COSTS.resale_value * seized
    assert got(world, 0, "equipment") == pytest.approx(equipment - seized)
    assert got(world, 0, "bank_debt", "bank_instalment", "arrears", "guaranteed") == [0.0] * 4
    assert got(world, 0, "coop_debt", "coop_instalment") == [0.0, 0.0]
    assert got(world, 0, "exclusion_months") == PARAMETERS.exclusion_months
    assert amount_of(ledger, "seizure_proceeds") == pytest.approx(proceeds)
    claim = guaranteed * max(0.0, 20e6 - proceeds)
    assert amount_of(ledger, "guarantee_claims") == pytest.approx(claim)
    assert world.city[CITY.guarantee_loss] == pytest.approx(claim)
    assert world.city[CITY.defaults] == 1.0
    assert world.sentras[SENTRA.losses, 0] == 1e6
    assert balanced(world, ledger)


def test_a_default_at_the_cooperative_alone_is_no_default_at_the_bank_but_excludes() -> None:
    world = city_of()
    put(world, 0, coop_debt=1e6, coop_instalment=1e5, arrears=6.0)
    world.sentras[SENTRA.lent, 0] = 1e6
    ledger = opened(world)
    debts.default(world.firms, world.sentras, world.city, ledger, PARAMETERS, COSTS, 0)
    assert got(world, 0, "exclusion_months", "equipment") == [PARAMETERS.exclusion_months, 30e6]
    assert world.city[CITY.defaults] == 0.0
    assert balanced(world, ledger)


def test_a_fund_above_its_target_pays_dividends_and_one_below_does_not() -> None:
    world = city_of()
    world.sentras[SENTRA.fund] = (12e6, 5e6, 1e5)
    world.sentras[SENTRA.lent] = (1e6, 3e6, 99e6)
    ledger = opened(world)
    debts.settle_cooperatives(world.sentras, ledger, PARAMETERS)
    first = PARAMETERS.dividend_speed * 4e6
    third = min(PARAMETERS.dividend_speed * (99e6 + 1e5 - 9e6), 1e5)
    assert world.sentras[SENTRA.fund] == pytest.approx([12e6 - first, 5e6, 1e5 - third])
    assert amount_of(ledger, "dividends") == pytest.approx(first + third)


def test_separation_is_a_logit() -> None:
    found = household.separation(PARAMETERS, 0.4, 1.0, 0.3)
    logit = PARAMETERS.separation_intercept + 0.4 * PARAMETERS.separation_bookkeeping
    assert found == pytest.approx(logistic(logit + PARAMETERS.separation_account + 0.3))
    assert household.separation(PARAMETERS, 0.0, 0.0, 0.0) < found


@given(cash=st.floats(0.0, 1e8), need=st.floats(0.0, 1e8), limit=st.floats(0.0, 1.0), leak=st.floats(0.0, 1.0))
def test_the_household_never_takes_more_than_there_is(cash: float, need: float, limit: float, leak: float) -> None:
    taken = household.drawings(cash, need, limit)
    assert 0.0 <= taken <= min(need, limit * cash)
    assert taken + household.leakage(cash - taken, leak, 0.0) <= cash * (1.0 + 1e-12)
    assert household.leakage(100.0, 0.4, 0.25) == pytest.approx(30.0)
    assert household.leakage(100.0, 0.4, 1.0) == 0.0


def provided(shock: float = 0.0, **changes: float):  # type: ignore[no-untyped-def]
    """Let firm 0's household live; return the city and its books."""
    world = city_of()
    put(world, 0, **changes)
    ledger = opened(world)
    household.provide(world.firms, ledger, PARAMETERS, COSTS, np.full(5, shock), np.zeros(5), 1)
    assert balanced(world, ledger)
    return world, ledger


def test_a_household_takes_its_need_and_part_of_what_exceeds_the_buffer() -> None:
    need = PARAMETERS.household_need * (1.0 + PARAMETERS.need_sd * 0.5)
    buffer = PARAMETERS.buffer_months * PARAMETERS.household_need
    world, ledger = provided(0.5, cash=need + buffer + 10e6)
    apart = household.separation(PARAMETERS, 0.3, 0.0, 0.0)
    leak = PARAMETERS.leak * (1.0 - apart) * 10e6
    assert amount_of(ledger, "drawings") == pytest.approx(need + leak)
    assert got(world, 0, "unmet_need", "equipment") == [0.0, 30e6]
    _, ledger = provided(0.5, cash=need + buffer + 10e6, expected_orders=1e5)
    assert amount_of(ledger, "drawings") == pytest.approx(need + leak), "whatever the firm's own costs are"


def test_an_owner_short_of_cash_sells_equipment_at_a_loss() -> None:
    cash = 0.1 * PARAMETERS.household_need
    world, ledger = provided(cash=cash)
    missing = PARAMETERS.household_need - PARAMETERS.draw_limit * cash
    sold = min(missing / COSTS.resale_value, PARAMETERS.resale_limit * 30e6)
    assert got(world, 0, "equipment") == pytest.approx(30e6 - sold)
    assert amount_of(ledger, "resale") == pytest.approx(COSTS.resale_value * sold)
    assert amount_of(ledger, "resale_loss") == pytest.approx((1.0 - COSTS.resale_value) * sold)
    now = cash + COSTS.resale_value * sold
    unmet = max(0.0, 1.0 - PARAMETERS.draw_limit * now / PARAMETERS.household_need)
    assert got(world, 0, "unmet_need") == pytest.approx(unmet)
    assert amount_of(ledger, "drawings") == pytest.approx(min(PARAMETERS.draw_limit * now, PARAMETERS.household_need))


def test_a_household_without_need_leaves_what_is_below_the_buffer() -> None:
    world, ledger = provided(-1.0 / PARAMETERS.need_sd, cash=1e5)
    assert amount_of(ledger, "drawings") == 0.0
    assert got(world, 0, "unmet_need", "cash") == [0.0, 1e5]
    _, ledger = provided(-2.0 / PARAMETERS.need_sd, cash=1e5)
    assert amount_of(ledger, "drawings") == 0.0, "a need is never below nothing"


def test_equipment_wears_out_and_stock_spoils() -> None:
    world = city_of()
    ledger = opened(world)
    result.wear_all(world.firms, ledger, PARAMETERS, COSTS, 1)
    assert got(world, 0, "equipment") == pytest.approx(30e6 * (1.0 - COSTS.depreciation))
    assert got(world, 0, "inventory") == pytest.approx(50.0 * (1.0 - PARAMETERS.spoilage))
    assert ledger.goods[SPOILED] == pytest.approx(50.0 * PARAMETERS.spoilage)
    assert amount_of(ledger, "spoilage") == pytest.approx(50.0 * PARAMETERS.spoilage * 80_000.0)
    assert balanced(world, ledger)


def test_value_added_and_profit_of_the_month() -> None:
    world = city_of()
    put(world, 0, sales=12e6, sold=90.0, wages_paid=1.6e6, interest_due=1e5, tax_paid=6e4, season=1.25)
    result.take_result(world.firms, PARAMETERS, 0)
    added = 12e6 - 90.0 * 80_000.0
    profit = added - 1.6e6 - 1e5 - 6e4
    assert got(world, 0, "value_added", "profit") == pytest.approx([added, profit])
    smooth = 2e6 + PARAMETERS.profit_memory * (profit / 1.25 - 2e6)
    assert got(world, 0, "smoothed_profit") == pytest.approx(smooth)


@pytest.mark.parametrize(
    ("sales", "size"), [(0.0, 0.0), (300e6, 0.0), (300e6 + 1, 1.0), (2500e6, 1.0), (2500e6 + 1, 2.0)]
)
def test_size_classes_begin_above_their_thresholds(sales: float, size: float) -> None:
    assert result.size_class(sales, 300e6, 2500e6) == size


def moves(world, price_level: float = 1.0) -> float:  # type: ignore[no-untyped-def]
    return float(result.classify_all(world.firms, world.city, PARAMETERS, price_level, 3))


def test_a_years_sales_are_those_of_the_last_twelve_months() -> None:
    world = city_of()
    sales = np.random.default_rng(0).uniform(0.0, 9e6, 40)
    for month, amount in enumerate(sales):
        world.city[CITY.month] = month - 15
        put(world, 0, sales=amount)
        moves(world)
        last = sales[max(0, month - 11) : month + 1].sum()
        assert got(world, 0, "yearly_sales") == pytest.approx(last)


def test_moves_between_classes_count_after_a_first_year_and_thresholds_follow_prices() -> None:
    world = city_of()
    put(world, 0, sales=400e6, age=13.0)
    put(world, 1, sales=400e6, age=12.0)
    put(world, 2, sales=0.0, age=13.0)
    assert moves(world) == 1.0
    assert got(world, 0, "size_class") == got(world, 1, "size_class") == 1.0
    world.city[CITY.month] = 12.0
    put(world, 0, sales=0.0)
    assert moves(world) == -1.0, "up and down again"
    world = city_of()
    put(world, 2, sales=400e6, age=13.0)
    assert moves(world, 0.7) == 0.0
    assert got(world, 2, "size_class") == 0.0, "2016's threshold is higher in today's rupiah"


def test_six_missed_months_are_a_default_and_a_paid_month_wipes_the_slate() -> None:
    world = city_of()
    for slot in range(3):
        put(world, slot, sales=0.0, sold=0.0, equipment=30e6, payable=0.0)
    put(world, 0, bank_debt=50e6, bank_rate=0.06, bank_instalment=9e6)
    put(world, 1, bank_debt=1e6, bank_rate=0.06, bank_instalment=1e5, arrears=3.0)
    defaults = []
    for month in range(int(PARAMETERS.default_months)):
        put(world, 0, cash=0.0)
        put(world, 1, cash=9e6)
        world.city[CITY.month] = month
        ledger = opened(world)
        settle(world.firms, world.sentras, world.city, ledger, PARAMETERS, COSTS, np.zeros(5), np.zeros(5), 1.0)
        defaults.append(world.city[CITY.defaults])
        assert balanced(world, ledger)
        assert got(world, 1, "arrears") == 0.0
    assert defaults == [0.0] * (int(PARAMETERS.default_months) - 1) + [1.0]
    assert got(world, 0, "bank_debt") == 0.0


def test_the_rule_starts_its_counts_anew_and_skips_empty_slots() -> None:
    world = city_of()
    for name in ("graduations", "defaults", "interest_subsidy", "guarantee_loss"):
        world.city[getattr(CITY, name)] = 9.0
    put(world, 1, active=0.0, interest_due=4.0)
    put(world, 0, interest_due=4.0, coop_debt=1e6, coop_instalment=1e9, cash=0.0, equipment=0.0)
    world.sentras[SENTRA.lent, 0] = 1e6
    ledger = opened(world)
    settle(world.firms, world.sentras, world.city, ledger, PARAMETERS, COSTS, np.zeros(5), np.zeros(5), 1.0)
    counts = [
        world.city[getattr(CITY, name)] for name in ("graduations", "defaults", "interest_subsidy", "guarantee_loss")
    ]
    assert counts == [0.0] * 4
    assert got(world, 0, "interest_due") == pytest.approx(1e6 * PARAMETERS.coop_rate / 12.0)
    assert got(world, 0, "arrears") == 1.0, "missed at the cooperative only"
    assert got(world, 1, "interest_due", "equipment") == [4.0, 30e6]
    assert world.firms[FIRM.cash].min() >= 0.0


def test_who_pays_part_of_the_interest_owes_the_rest_at_bank_and_cooperative() -> None:
    world = city_of()
    interest = 2e6 * PARAMETERS.coop_rate / 12.0
    put(world, 0, coop_debt=2e6, coop_instalment=1e5, cash=0.25 * interest)
    put(world, 1, bank_debt=12e6, bank_rate=0.12, bank_instalment=5e5, cash=3e4)
    world.sentras[SENTRA.lent, 0] = 2e6
    ledger = opened(world)
    assert debts.serve_cooperative(world.firms, world.sentras, ledger, PARAMETERS, 0)
    assert debts.serve_bank(world.firms, world.city, ledger, 1)
    assert got(world, 0, "coop_debt") == world.sentras[SENTRA.lent, 0] == pytest.approx(2e6 + 0.75 * interest)
    assert amount_of(ledger, "coop_interest") == pytest.approx(0.25 * interest)
    assert world.sentras[SENTRA.fund, 0] == pytest.approx(9e6 + 0.25 * interest)
    assert got(world, 1, "bank_debt") == pytest.approx(12e6 + 9e4)
    assert balanced(world, ledger)


@pytest.mark.parametrize(("left", "due"), [(0.25, 10.25), (0.5, 10.0), (0.75, 10.0)])
def test_less_than_half_a_rupiah_is_not_left_owing(left: float, due: float) -> None:
    assert debts.instalment_due(10.0, 10.0 + left) == due


def test_the_smallest_debt_can_be_defaulted_on() -> None:
    world = city_of()
    put(world, 0, bank_debt=0.5)
    debts.default(world.firms, world.sentras, world.city, opened(world), PARAMETERS, COSTS, 0)
    assert world.city[CITY.defaults] == 1.0


def test_the_smallest_excess_leaks_to_the_household() -> None:
    buffer = PARAMETERS.buffer_months * PARAMETERS.household_need
    _, ledger = provided(-1.0 / PARAMETERS.need_sd, cash=buffer + 0.5)
    apart = household.separation(PARAMETERS, 0.3, 0.0, 0.0)
    assert amount_of(ledger, "drawings") == pytest.approx(PARAMETERS.leak * (1.0 - apart) * 0.5)


def test_the_smallest_need_can_be_unmet() -> None:
    world, _ = provided((0.5 / PARAMETERS.household_need - 1.0) / PARAMETERS.need_sd, cash=0.0, equipment=0.0)
    assert got(world, 0, "unmet_need") == 1.0
    _, ledger = provided((0.5 / PARAMETERS.household_need - 1.0) / PARAMETERS.need_sd, cash=0.0)
    assert amount_of(ledger, "resale") == pytest.approx(0.5)
