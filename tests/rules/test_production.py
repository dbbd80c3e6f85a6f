"""Rule 5: cost and price of the month, wages first, then what labour, equipment and cash allow."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim import forms
from ovopsim.fields import CITY, FIRM
from ovopsim.ledger import amount_of, imbalance
from ovopsim.rules import production as rule
from tests.equations import city_of, got, opened, parameters_of, put

PARAMETERS = parameters_of("production", output_sd=0.2)
COSTS = parameters_of("technology_and_cost")


@given(price=st.floats(1e3, 1e6), target=st.floats(1e3, 1e6), speed=st.floats(0.01, 1.0), floor=st.floats(1e3, 1e6))
def test_a_price_moves_towards_its_target_and_never_below_the_floor(
    price: float, target: float, speed: float, floor: float
) -> None:
    moved = rule.moved_price(price, target, speed, floor)
    assert moved >= floor
    if moved > floor:
        assert target - moved == pytest.approx((1.0 - speed) * (target - price), abs=1e-6)


@given(sd=st.floats(0.0, 1.0))
def test_the_factor_on_output_has_mean_one(sd: float) -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    factors = np.exp([rule.log_output_factor(sd, node) for node in nodes])
    assert float(weights @ factors) / math.sqrt(2.0 * math.pi) == pytest.approx(1.0, rel=1e-9)


@given(cash=st.floats(0.0, 1e9), cost=st.floats(0.0, 1e9))
def test_what_can_be_paid_costs_no_more_than_cash(cash: float, cost: float) -> None:
    share = rule.payable_share(cash, cost)
    assert 0.0 <= share <= 1.0
    assert share * cost == pytest.approx(min(cash, cost))


def produced(shock: float = 0.0, parameters=PARAMETERS, **changes: float):  # type: ignore[no-untyped-def]
    """Let firm 0 of a city produce; return the city and its books."""
    world = city_of()
    put(world, 0, **changes)
    ledger = opened(world)
    shocks = np.full(5, shock)
    rule.produce(world.firms, world.city, ledger, parameters, COSTS, shocks, np.zeros(len(shocks)))
    return world, ledger


def possible_output(shock: float = 0.0, labour: float = 3.0) -> float:
    relative = forms.log_relative(COSTS, 30e6)
    scale = COSTS.log_output_scale[1] + 0.2 * shock - 0.02
    return float(forms.output_possible(COSTS, scale, relative, labour))


def test_output_is_what_is_wanted_when_it_can_be_made() -> None:
    world, ledger = produced(wanted_output=60.0)
    assert got(world, 0, "output", "inventory", "cash_short") == [60.0, 110.0, 0.0]
    materials = 80_000.0 * 60.0
    assert got(world, 0, "payable") == pytest.approx(PARAMETERS.supplier_share * materials)
    assert got(world, 0, "cash") == pytest.approx(20e6 - 1.6e6 - (1.0 - PARAMETERS.supplier_share) * materials)
    assert got(world, 0, "wages_paid") == pytest.approx(1.6e6)
    assert max(imbalance(world, ledger).values()) < 1e-12
    assert amount_of(ledger, "wages") == pytest.approx(3 * 1.6e6)


@pytest.mark.parametrize("shock", [-1.5, 0.0, 2.0])
def test_output_is_limited_by_hands_tools_and_luck(shock: float) -> None:
    world, _ = produced(shock, wanted_output=1e6, cash=1e12)
    assert got(world, 0, "output") == pytest.approx(possible_output(shock))
    assert got(world, 0, "cash_short") == 0.0


def test_days_given_to_a_programme_are_not_worked_and_then_forgotten() -> None:
    world, _ = produced(wanted_output=1e6, cash=1e12, days_away=10.0)
    at_work = 1.0 - 10.0 / PARAMETERS.working_days
    assert got(world, 0, "output") == pytest.approx(possible_output(labour=2.0 + at_work))
    assert got(world, 0, "days_away") == 0.0
    world, _ = produced(wanted_output=1e6, cash=1e12, days_away=99.0, workers=0.0)
    assert got(world, 0, "output") == 0.0


@pytest.mark.parametrize("share", [0.0, 0.25, 0.999])
def test_cash_cuts_hands_and_cloth_alike_and_the_loss_is_noted(share: float) -> None:
    feasible = min(90.0, possible_output())
    materials = 80_000.0 * feasible
    cost = 1.6e6 + (1.0 - PARAMETERS.supplier_share) * materials
    world, ledger = produced(wanted_output=90.0, cash=share * cost)
    assert got(world, 0, "output") == pytest.approx(share * feasible)
    assert got(world, 0, "workers") == pytest.approx(share * 2.0)
    assert got(world, 0, "wages_paid") == pytest.approx(share * 1.6e6)
    assert got(world, 0, "payable") == pytest.approx(share * PARAMETERS.supplier_share * materials)
    assert got(world, 0, "cash") == pytest.approx(0.0, abs=1e-6)
    assert got(world, 0, "cash_short") == pytest.approx(1.0 - share)
    assert world.city[CITY.employed] == pytest.approx(4.0 + share * 2.0)
    assert amount_of(ledger, "wages") == pytest.approx(share * 1.6e6 + 3.2e6)
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_cash_for_all_cuts_nothing() -> None:
    feasible = min(90.0, possible_output())
    cost = 1.6e6 + (1.0 - PARAMETERS.supplier_share) * 80_000.0 * feasible
    world, _ = produced(wanted_output=90.0, cash=cost)
    assert got(world, 0, "output", "workers") == pytest.approx([feasible, 2.0])
    assert got(world, 0, "cash_short") == 0.0


def test_idle_hands_are_paid_too() -> None:
    world, ledger = produced(wanted_output=0.0)
    assert got(world, 0, "output", "workers", "wages_paid") == [0.0, 2.0, 1.6e6]
    assert amount_of(ledger, "wages") == pytest.approx(3 * 1.6e6)


def test_cost_and_price_are_those_of_expected_orders() -> None:
    world, _ = produced()
    labour = forms.labour_needed(COSTS, 100.0, COSTS.log_output_scale[1], forms.log_relative(COSTS, 30e6))
    cost = forms.marginal_cost(COSTS, 80_000.0, 800_000.0, labour, 100.0)
    assert got(world, 0, "unit_cost") == pytest.approx(cost)
    price = max(cost, 140_000.0 + PARAMETERS.price_speed * (COSTS.markup * cost - 140_000.0))
    assert got(world, 0, "price") == pytest.approx(price)
    assert got(world, 0, "log_price") == pytest.approx(math.log(price))


def test_a_price_below_marginal_cost_jumps_to_it() -> None:
    world, _ = produced(price=1_000.0, material_cost=200_000.0)
    assert got(world, 0, "price") == got(world, 0, "unit_cost") > 200_000.0


def test_a_slot_without_a_firm_makes_nothing() -> None:
    world, ledger = produced(active=0.0)
    assert got(world, 0, "output", "price") == [100.0, 140_000.0]
    assert amount_of(ledger, "wages") == pytest.approx(2 * 1.6e6)
    assert world.firms[FIRM.output, 3] == 0.0


def test_when_the_last_workers_leave_nobody_is_employed() -> None:
    world = city_of(1)
    put(world, 0, cash=0.0)
    rule.produce(world.firms, world.city, opened(world), PARAMETERS, COSTS, np.zeros(3), np.zeros(3))
    assert got(world, 0, "workers") == world.city[CITY.employed] == 0.0
