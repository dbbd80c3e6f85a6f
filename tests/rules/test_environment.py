"""Rule 1 against closed forms: AR(1), factors with mean one, trends, visitors, the outside's pull."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim.draws import CHANNEL_SPENDING, OUTSIDE_PRICE, normal
from ovopsim.fields import CHANNEL, CITY, SENTRA
from ovopsim.rules import environment as rule
from ovopsim.rules.environment import Calendar
from tests.equations import city_of, parameters_of

PARAMETERS = parameters_of("environment")
KEY = np.uint64(4)


@given(persistence=st.floats(0.0, 0.999), sd=st.floats(0.0, 1.0), state=st.floats(-2.0, 2.0))
def test_the_states_spread_over_time_is_sd(persistence: float, sd: float, state: float) -> None:
    """X' = ρx + bn keeps the variance sd² exactly when ρ²·sd² + b² = sd²."""
    pull = rule.next_state(state, persistence, sd, 0.0)
    assert pull == pytest.approx(persistence * state)
    push = rule.next_state(0.0, persistence, sd, 1.0)
    assert (persistence * sd) ** 2 + push**2 == pytest.approx(sd**2, abs=1e-12)


def test_the_variance_of_a_long_path_is_that_of_the_law() -> None:
    shocks = np.random.default_rng(1).standard_normal(200_000)
    state, path = 0.0, []
    for shock in shocks:
        state = rule.next_state(state, 0.8, 0.3, shock)
        path.append(state)
    assert np.std(path) == pytest.approx(0.3, rel=0.02)
    assert np.corrcoef(path[:-1], path[1:])[0, 1] == pytest.approx(0.8, abs=0.01)


@given(sd=st.floats(0.0, 0.8))
def test_factors_have_mean_one(sd: float) -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    factors = np.array([rule.mean_one(sd * node, sd) for node in nodes])
    assert float(weights @ factors) / math.sqrt(2.0 * math.pi) == pytest.approx(1.0, rel=1e-9)


@given(rate=st.floats(-0.2, 0.2), month=st.integers(-700, 600))
def test_trends_begin_at_the_start_and_compound_over_years(rate: float, month: int) -> None:
    if month <= 0:
        assert rule.trend(rate, month) == 1.0
    else:
        assert rule.trend(rate, month) == pytest.approx(math.exp(month / 12.0 * math.log1p(rate)))


def test_visitors_respond_to_the_mean_amenity_of_places() -> None:
    world = city_of()
    world.sentras[SENTRA.initial_firms] = (10.0, 30.0, 60.0)
    assert rule.visitors(world.sentras, 0.7) == 1.0
    world.sentras[SENTRA.amenity] = (1.5, 1.2, 1.0)
    assert rule.visitors(world.sentras, 0.7) == pytest.approx(1.0 + 0.7 * (0.1 * 0.5 + 0.3 * 0.2))
    world.sentras[SENTRA.initial_firms] = 0.0
    assert rule.visitors(world.sentras, 0.7) == 1.0


def calendar(rows: int = 2) -> Calendar:
    """Return a calendar with different numbers everywhere."""
    numbers = np.random.default_rng(0).uniform(0.5, 1.5, (3, rows, 4))
    singles = np.random.default_rng(1).uniform(0.5, 1.5, (3, rows))
    return Calendar(*numbers, *singles, np.array([3.0, 4.0]), np.array([2018.0, 2019.0]))


def changed_city(month: int, **changes: float):  # type: ignore[no-untyped-def]
    """Return a city after the rule, its parameters and calendar."""
    world = city_of()
    world.city[CITY.month] = month
    world.city[CITY.outside_price_state] = 0.05
    world.channels[CHANNEL.spending_state] = (0.1, -0.1, 0.2, 0.0)
    world.channels[CHANNEL.spending_base] = (1e8, 2e8, 3e8, 4e8)
    world.sentras[SENTRA.amenity, 0] = 1.4
    parameters = PARAMETERS._replace(**({"outside_price_sd": 0.1} | changes))
    days = calendar()
    rule.change_environment(world.channels, world.sentras, world.city, parameters, days, 1, KEY)
    return world, parameters, days


def test_spending_is_the_product_of_its_factors() -> None:
    world, parameters, days = changed_city(30)
    for channel in range(4):
        sd = parameters.spending_sd[channel]
        persistence = parameters.spending_persistence[channel]
        shock = normal(KEY, CHANNEL_SPENDING, channel, 30, 0)
        state = persistence * (0.1, -0.1, 0.2, 0.0)[channel] + sd * math.sqrt(1.0 - persistence**2) * shock
        assert world.channels[CHANNEL.spending_state, channel] == pytest.approx(state)
        wanted = (channel + 1) * 1e8 * (1.0 + parameters.g_spending) ** 2.5
        wanted *= days.season[1, channel] * math.exp(state - 0.5 * sd**2) * days.spending_shock[1, channel]
        if channel == 1:  # only visitors go where a place is made nicer
            wanted *= 1.0 + parameters.visitor_response * 0.4
        assert world.channels[CHANNEL.spending, channel] == pytest.approx(wanted)
    assert np.array_equal(world.channels[CHANNEL.season], days.season[1])
    assert np.array_equal(world.channels[CHANNEL.season_ahead], days.season_ahead[1])


def test_prices_wages_and_the_date_follow_the_calendar() -> None:
    world, parameters, days = changed_city(24)
    shock = normal(KEY, OUTSIDE_PRICE, 0, 24, 0)
    state = parameters.outside_price_persistence * 0.05
    state += 0.1 * math.sqrt(1.0 - parameters.outside_price_persistence**2) * shock
    assert world.city[CITY.outside_price_state] == pytest.approx(state)
    wanted = math.exp(state) * (1.0 + parameters.g_outside_price) ** 2 * days.outside_price_shock[1]
    before = city_of().city[CITY.outside_price]
    assert world.city[CITY.outside_price] == pytest.approx(before + parameters.price_speed * (wanted - before))
    assert world.city[CITY.material_price] == days.material_price_shock[1]
    assert world.city[CITY.wage_level] == pytest.approx((1.0 + parameters.g_real_wage) ** 2)
    assert (world.city[CITY.calendar_month], world.city[CITY.year]) == (4.0, 2019.0)


def test_without_spread_the_outside_price_has_no_passing_part() -> None:
    world, parameters, _ = changed_city(-5, outside_price_sd=0.0)
    assert world.city[CITY.outside_price_state] == pytest.approx(parameters.outside_price_persistence * 0.05)


@given(price=st.floats(0.5, 2.0), elasticity=st.floats(1.1, 12.0))
def test_dearer_rivals_elsewhere_leave_more_to_the_cluster(price: float, elasticity: float) -> None:
    world = city_of()
    world.city[CITY.outside_price] = price
    rule.change_outside(world.channels, world.city, elasticity)
    assert world.channels[CHANNEL.outside] == pytest.approx(50.0 * price ** (1.0 - elasticity))
