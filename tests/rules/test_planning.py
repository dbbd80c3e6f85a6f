"""Rule 3: expectations, wanted output, and hiring that makers limit."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim import forms
from ovopsim.fields import CHANNEL, CITY, FIRM, SENTRA
from ovopsim.rules import planning as rule
from tests.equations import city_of, got, parameters_of, put

PARAMETERS = parameters_of("planning")
COSTS = parameters_of("technology_and_cost")


@given(expected=st.floats(0.1, 1e4), seen=st.floats(0.0, 1e4), speed=st.floats(0.01, 1.0), months=st.integers(1, 40))
def test_expectations_close_their_error_geometrically(expected: float, seen: float, speed: float, months: int) -> None:
    value = expected
    for _ in range(months):
        value = rule.adapted(value, seen, speed)
    assert value - seen == pytest.approx((expected - seen) * (1.0 - speed) ** months, abs=1e-7 * (expected + seen))


@given(orders=st.floats(0.0, 1e3), cover=st.floats(1.0, 4.0), season=st.floats(0.5, 2.0), lot=st.floats(0.0, 100.0))
def test_output_wanted_brings_stock_to_cover(orders: float, cover: float, season: float, lot: float) -> None:
    wanted = rule.wanted_output(orders, cover, season, lot, 30.0)
    assert wanted >= 0.0
    if wanted > 0.0:
        assert wanted + 30.0 == pytest.approx(cover * orders * season + lot)
    else:
        assert cover * orders * season + lot <= 30.0


def test_a_firms_season_is_that_of_its_channels_by_orders() -> None:
    world = city_of()
    seasons = (1.0, 2.0, 3.0, 4.0)
    world.firms[FIRM.trailing_orders : FIRM.trailing_orders + 4, 0] = (1.0, 0.0, 3.0, 0.0)
    assert rule.season_of_firm(world.firms, seasons, 0) == pytest.approx(2.5)
    world.firms[FIRM.trailing_orders : FIRM.trailing_orders + 4, 0] = 0.0
    assert rule.season_of_firm(world.firms, seasons, 0) == 1.0


@given(needed=st.floats(0.0, 50.0), workers=st.floats(0.0, 20.0), free=st.floats(0.0, 1.0))
def test_workers_change_no_faster_than_they_can(needed: float, workers: float, free: float) -> None:
    wish = rule.wished_change(needed, workers, 1.0, free, 0.5, 0.2)
    assert -0.2 * workers - 1e-12 <= wish <= 0.5 * free * (1.0 + workers) + 1e-12
    if abs(wish) not in (pytest.approx(0.2 * workers), pytest.approx(0.5 * free * (1.0 + workers))):
        assert 1.0 + workers + wish == pytest.approx(needed)


def planned(world, parameters=PARAMETERS):  # type: ignore[no-untyped-def]
    """Run the rule on a city and return it."""
    wish = np.zeros(world.firms.shape[1])
    rule.plan(world.firms, world.channels, world.sentras, world.city, parameters, COSTS, wish)
    return world


def test_one_firms_plan_from_its_orders() -> None:
    world = city_of()
    world.channels[CHANNEL.season] = 1.2
    world.channels[CHANNEL.season_ahead] = 1.5
    world.city[CITY.wage_level] = 1.1
    world.city[CITY.material_price] = 1.3
    put(world, 0, orders=150.0, season=1.25, contract_lot=7.0, member=1.0, bookkeeping=0.6)
    planned(world)
    expected = 100.0 + PARAMETERS.adaptation * (150.0 / 1.25 - 100.0)
    assert got(world, 0, "expected_orders") == pytest.approx(expected)
    assert got(world, 0, "season") == pytest.approx(1.2)
    assert got(world, 0, "wanted_output") == pytest.approx(PARAMETERS.cover * expected * 1.5 + 7.0 - 50.0)
    quality = forms.quality_factor(COSTS, 0.5)
    assert got(world, 0, "wage") == pytest.approx(1.1 * COSTS.wage * quality)
    materials = COSTS.materials_per_piece[1] * (1.0 - COSTS.bulk_discount * 0.5) * (1.0 - 0.6 * COSTS.waste_saved)
    assert got(world, 0, "material_cost") == pytest.approx(materials * quality * 1.3)
    scale = forms.log_scale_of(world.firms, COSTS, 0)
    assert got(world, 0, "log_scale") == pytest.approx(scale)
    wanted = forms.cheapest_equipment(COSTS, expected, scale, got(world, 0, "wage"), 0.03)
    assert got(world, 0, "wanted_equipment") == pytest.approx(wanted)


def test_expected_orders_never_vanish() -> None:
    world = city_of()
    for _ in range(200):
        put(world, 0, orders=0.0)
        planned(world)
    assert got(world, 0, "expected_orders") == PARAMETERS.least_orders


def test_who_wants_fewer_workers_lets_them_go_and_who_wants_more_hires() -> None:
    world = city_of()
    put(world, 0, orders=0.0, inventory=1e6)  # nothing to make
    put(world, 1, orders=400.0)
    planned(world)
    assert got(world, 0, "workers") == pytest.approx(2.0 * (1.0 - PARAMETERS.firing_speed))
    free_share = 1.0 - 6.0 / 30.0
    assert got(world, 1, "workers") == pytest.approx(2.0 + PARAMETERS.hiring_speed * free_share * 3.0)
    assert world.city[CITY.employed] == pytest.approx(world.firms[FIRM.workers, :3].sum())
    assert world.city[CITY.hiring_room] == 1.0


def test_hires_are_rationed_pro_rata_when_makers_are_few() -> None:
    world = city_of()
    world.city[CITY.makers] = 6.5
    for slot, orders in enumerate((300.0, 600.0, 5_000.0)):
        put(world, slot, orders=orders)
    alone = city_of()
    alone.city[CITY.makers] = 6.5
    speedy = PARAMETERS._replace(hiring_speed=2.0)
    before = world.firms[FIRM.workers].copy()
    planned(world, speedy)
    hired = (world.firms[FIRM.workers] - before)[:3]
    wished = np.array([rule.wished_change(99.0, 2.0, 1.0, 0.5 / 6.5, 2.0, 0.1)] * 3)
    room = 0.5 / wished.sum()
    assert room < 1.0 or wished.sum() <= 0.5
    assert world.city[CITY.employed] <= 6.5 + 1e-12
    assert hired == pytest.approx(wished * min(1.0, room))
    assert world.city[CITY.hiring_room] == pytest.approx(min(1.0, room))


def test_when_more_are_employed_than_there_are_makers_nobody_is_hired() -> None:
    world = city_of()
    world.city[CITY.makers] = 4.0
    put(world, 1, orders=5_000.0)
    planned(world)
    assert got(world, 1, "workers") == 2.0
    assert world.city[CITY.hiring_room] == 1.0, "the wish is nil already: there is nothing to ration"


def test_a_slot_without_a_firm_plans_nothing() -> None:
    world = city_of()
    put(world, 1, active=0.0)
    before = world.firms[:, 1].copy()
    planned(world)
    assert np.array_equal(world.firms[:, 1], before)
    assert world.city[CITY.employed] == pytest.approx(got(world, 0, "workers") + got(world, 2, "workers"))


def test_the_members_discount_follows_governance() -> None:
    prices = []
    for governance in (0.0, 0.5, 1.0):
        world = city_of()
        put(world, 0, member=1.0)
        world.sentras[SENTRA.governance] = governance
        planned(world)
        prices.append(got(world, 0, "material_cost"))
    assert prices[0] == got(world, 1, "material_cost")
    assert prices[1] == pytest.approx(prices[0] * (1.0 - 0.5 * COSTS.bulk_discount))
    assert prices[2] == pytest.approx(prices[0] * (1.0 - COSTS.bulk_discount))


def test_the_smallest_orders_have_their_season() -> None:
    world = city_of()
    world.firms[FIRM.trailing_orders : FIRM.trailing_orders + 4, 0] = (0.1, 0.0, 0.3, 0.0)
    assert rule.season_of_firm(world.firms, (1.0, 2.0, 3.0, 4.0), 0) == pytest.approx(2.5)


@pytest.mark.parametrize("makers", [0.0, 0.5])
def test_where_hardly_anybody_makes_batik_hardly_anybody_is_hired(makers: float) -> None:
    world = city_of(1)
    world.city[CITY.makers] = makers
    world.city[CITY.employed] = 0.0
    put(world, 0, orders=5_000.0, workers=0.0)
    planned(world, PARAMETERS._replace(hiring_speed=0.5))
    free_share = 1.0 if makers > 0.0 else 0.0
    assert got(world, 0, "workers") == pytest.approx(0.5 * free_share)
    assert world.city[CITY.hiring_room] == 1.0


def test_all_who_are_free_are_shared_out_by_what_firms_wish() -> None:
    """Empty slots and firms that let workers go wish for nobody; a wish for part of a worker counts as such."""
    world = city_of(4)
    world.city[CITY.makers] = 9.0
    world.city[CITY.employed] = 8.0
    put(world, 0, orders=0.0, inventory=1e6)
    put(world, 1, orders=9_000.0)
    put(world, 2, orders=9_000.0, workers=0.0, owner_labour=0.25)
    put(world, 3, active=0.0)
    planned(world, PARAMETERS._replace(hiring_speed=9.0 / 3.25 * 1.25))
    hired = world.firms[FIRM.workers, :4] - np.array([2.0, 2.0, 0.0, 2.0])
    room = 1.0 / 1.25
    assert world.city[CITY.hiring_room] == pytest.approx(room, rel=1e-9)
    assert hired[1:3] == pytest.approx([3.0 / 3.25, 0.25 / 3.25], rel=1e-9)
    assert hired[[0, 3]] == pytest.approx([-2.0 * PARAMETERS.firing_speed, 0.0])
