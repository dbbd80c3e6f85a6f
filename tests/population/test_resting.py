"""A firm at rest sells its orders at the mark-up; what is known of workers and equipment tells talent and return."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ovopsim import Scenario
from ovopsim.fields import FIRM
from ovopsim.forms import cheapest_equipment, labour_needed, log_relative, marginal_cost
from ovopsim.packing import pack_parameters, read_costs
from ovopsim.population.demand import invert, orders_now
from ovopsim.population.resting import LOG_REACH, hurdle_of, rest_all
from ovopsim.population.surveyed import labour_at_rest
from ovopsim.population.synthetic import draw_population
from ovopsim.simulation import parameter_values
from ovopsim.state import World

pytestmark = pytest.mark.usefixtures("warm_core")

Array = NDArray[np.float64]
COUNT = 60
VALUES = parameter_values(Scenario())
ROW = pack_parameters(VALUES)
COSTS = read_costs(ROW)
UNKNOWN = np.full(COUNT, np.nan)
ORDERS = np.exp(np.linspace(np.log(1.5e6), np.log(150e6), COUNT))


@pytest.fixture
def world() -> World:
    return draw_population(VALUES, ROW, np.array([20.0, 20.0, 20.0]), np.uint64(3))


def assert_at_rest(firms: Array) -> None:
    for slot in range(COUNT):
        pieces = firms[FIRM.expected_orders, slot]
        tools = log_relative(COSTS, firms[FIRM.equipment, slot])
        labour = labour_needed(COSTS, pieces, firms[FIRM.log_scale, slot], tools)
        cost = marginal_cost(COSTS, firms[FIRM.material_cost, slot], firms[FIRM.wage, slot], labour, pieces)
        assert firms[FIRM.price, slot] == pytest.approx(COSTS.markup * cost, rel=1e-6)
        assert pieces * firms[FIRM.price, slot] == pytest.approx(ORDERS[slot])
        hired = max(0.0, labour - firms[FIRM.owner_labour, slot])
        assert firms[FIRM.workers, slot] == pytest.approx(hired, rel=1e-6)


def test_nothing_known_gives_the_cheapest_equipment_and_the_workers_it_takes(world: World) -> None:
    before = world.firms[FIRM.log_ability].copy()
    rest_all(world, VALUES, ROW, ORDERS, UNKNOWN, UNKNOWN)
    firms = world.firms
    assert_at_rest(firms)
    np.testing.assert_array_equal(firms[FIRM.log_ability], before)
    for slot in range(COUNT):
        cheapest = cheapest_equipment(
            COSTS,
            firms[FIRM.expected_orders, slot],
            firms[FIRM.log_scale, slot],
            firms[FIRM.wage, slot],
            firms[FIRM.hurdle_rate, slot],
        )
        assert firms[FIRM.equipment, slot] == pytest.approx(cheapest, rel=1e-6)
    np.testing.assert_allclose(labour_at_rest(firms[:, :COUNT], VALUES), firms[FIRM.workers, :COUNT])


def test_known_equipment_is_kept_and_known_workers_tell_talent(world: World) -> None:
    rest_all(world, VALUES, ROW, ORDERS, UNKNOWN, UNKNOWN)
    workers = world.firms[FIRM.workers, :COUNT] * np.where(np.arange(COUNT) % 2 == 0, 1.4, 0.7)
    equipment = 0.6 * world.firms[FIRM.equipment, :COUNT]
    before = world.firms[FIRM.log_ability, :COUNT].copy()
    rest_all(world, VALUES, ROW, ORDERS, equipment, workers)
    firms = world.firms[:, :COUNT]
    assert_at_rest(firms)
    np.testing.assert_array_equal(firms[FIRM.equipment], equipment)
    assert np.abs(firms[FIRM.log_ability]).max() <= LOG_REACH
    told = (workers >= firms[FIRM.owner_labour]) & (np.abs(firms[FIRM.log_ability]) < LOG_REACH)
    assert told.sum() > COUNT / 3
    np.testing.assert_allclose(firms[FIRM.workers, told], workers[told], rtol=1e-5)
    # with little help the owner may have time to spare: talent rises when the work is too much, and is else as it was
    little = workers < firms[FIRM.owner_labour]
    assert np.all(firms[FIRM.log_ability, little] >= before[little] - 1e-9)
    assert np.any(firms[FIRM.log_ability, little] == before[little])


def test_the_return_asked_is_told_by_the_equipment_wanted(world: World) -> None:
    rest_all(world, VALUES, ROW, ORDERS, UNKNOWN, UNKNOWN)
    firms = world.firms[:, :COUNT]
    told = hurdle_of(
        firms[FIRM.equipment], firms[FIRM.expected_orders], firms[FIRM.log_scale], firms[FIRM.wage], VALUES
    )
    np.testing.assert_allclose(told, firms[FIRM.hurdle_rate], rtol=1e-6)


def test_after_inversion_the_market_s_own_equation_gives_the_orders(world: World) -> None:
    rest_all(world, VALUES, ROW, ORDERS, UNKNOWN, UNKNOWN)
    world.firms[FIRM.participates : FIRM.participates + 4, :COUNT] = 1.0
    log_appeal = invert(world, VALUES, ROW, ORDERS, [str(slot) for slot in range(COUNT)])
    world.firms[FIRM.appeal_mean, :COUNT] = log_appeal
    world.firms[FIRM.appeal_state, :COUNT] = 0.0
    np.testing.assert_allclose(orders_now(world, ROW, COUNT), ORDERS, rtol=1e-9)
    np.testing.assert_allclose(
        world.firms[FIRM.trailing_orders : FIRM.trailing_orders + 4, :COUNT].sum(axis=0), ORDERS, rtol=1e-9
    )
