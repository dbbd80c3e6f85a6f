"""Functional forms against independent statements of what they stand for."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import minimize_scalar

from ovopsim import forms
from ovopsim.fields import CITY, CONSTRAINTS, FIRM, SENTRA
from ovopsim.parameters import values
from ovopsim.parameters.derived import demand_elasticity, derive
from tests.equations import city_of, got, parameters_of, put

COSTS = parameters_of("technology_and_cost")
VALUES = derive(dict(values()))

outputs = st.floats(0.5, 5_000.0)
wages = st.floats(3e5, 2e6)
equipments = st.floats(1e5, 1e9)
shares = st.floats(0.0, 1.0)


@given(value=st.floats(-30.0, 30.0))
def test_logistic_is_the_inverse_of_logit_and_symmetric(value: float) -> None:
    assert forms.logistic(value) == pytest.approx(0.5 * (1.0 + math.tanh(0.5 * value)), rel=1e-12)
    assert forms.logistic(value) + forms.logistic(-value) == pytest.approx(1.0)
    if abs(value) < 15.0:
        assert forms.logit(forms.logistic(value)) == pytest.approx(value, abs=1e-9)


@given(output=outputs, equipment=equipments, scale=st.floats(-2.0, 5.0))
def test_output_is_the_production_function_and_labour_needed_its_inverse(
    output: float, equipment: float, scale: float
) -> None:
    alpha, beta = COSTS.equipment_elasticity, COSTS.labour_elasticity
    relative = equipment / math.exp(COSTS.log_reference_equipment)
    labour = forms.labour_needed(COSTS, output, scale, forms.log_relative(COSTS, equipment))
    assert math.exp(scale) * relative**alpha * labour**beta == pytest.approx(output, rel=1e-12)
    assert forms.output_possible(COSTS, scale, math.log(relative), labour) == pytest.approx(output, rel=1e-12)


def test_nothing_is_made_without_labour_and_nothing_needs_none() -> None:
    assert forms.output_possible(COSTS, 1.0, 0.0, 0.0) == 0.0
    assert forms.labour_needed(COSTS, 0.0, 1.0, 0.0) == 0.0


def test_a_firm_that_lost_everything_counts_as_owning_one_rupiah() -> None:
    assert forms.log_relative(COSTS, 0.0) == forms.log_relative(COSTS, 1.0) == -COSTS.log_reference_equipment
    assert forms.log_relative(COSTS, math.exp(COSTS.log_reference_equipment)) == pytest.approx(0.0, abs=1e-12)


@given(craft=shares, management=shares, technology=shares, talent=st.floats(-1.0, 1.0))
def test_productivity_is_one_for_the_reference_owner_and_log_linear(
    craft: float, management: float, technology: float, talent: float
) -> None:
    references = (COSTS.craft_reference, COSTS.management_reference, COSTS.technology_reference)
    assert forms.log_productivity(COSTS, 0.0, *references) == 0.0
    effects = np.array([COSTS.craft_effect, COSTS.management_effect, COSTS.technology_effect])
    steps = np.array([craft, management, technology]) - np.array(references)
    found = forms.log_productivity(COSTS, talent, craft, management, technology)
    assert found == pytest.approx(talent + float(effects @ steps), abs=1e-12)


def test_log_scale_adds_the_techniques_scale() -> None:
    world = city_of()
    put(world, 0, technique=2.0, log_ability=0.3)
    alone = forms.log_productivity(COSTS, 0.3, *got(world, 0, "craft", "management", "technology"))
    assert forms.log_scale_of(world.firms, COSTS, 0) == pytest.approx(alone + COSTS.log_output_scale[2])


@given(output=outputs, equipment=equipments, wage=wages, materials=st.floats(1e4, 1e6))
def test_marginal_cost_is_the_slope_of_cost(output: float, equipment: float, wage: float, materials: float) -> None:
    scale, log_equipment = COSTS.log_output_scale[1], forms.log_relative(COSTS, equipment)

    def cost(pieces: float) -> float:
        return materials * pieces + wage * forms.labour_needed(COSTS, pieces, scale, log_equipment)

    step = 1e-5 * output
    slope = (cost(output + step) - cost(output - step)) / (2.0 * step)
    labour = forms.labour_needed(COSTS, output, scale, log_equipment)
    assert forms.marginal_cost(COSTS, materials, wage, labour, output) == pytest.approx(slope, rel=1e-6)


@given(output=outputs, wage=wages, hurdle=st.floats(0.001, 0.2))
def test_cheapest_equipment_is_where_cost_is_least(output: float, wage: float, hurdle: float) -> None:
    scale = COSTS.log_output_scale[1]

    def cost(log_equipment: float) -> float:
        labour = forms.labour_needed(COSTS, output, scale, log_equipment - COSTS.log_reference_equipment)
        return math.log((hurdle + COSTS.depreciation) * math.exp(log_equipment) + wage * labour)

    best = minimize_scalar(cost, bracket=(5.0, 15.0), tol=1e-12)
    found = forms.cheapest_equipment(COSTS, output, scale, wage, hurdle)
    assert math.log(found) == pytest.approx(best.x, abs=1e-4)
    assert cost(math.log(found)) <= best.fun + 1e-12


def test_the_reference_firm_sells_at_the_reference_price() -> None:
    """At reference labour, tools and skills: price = mark-up · marginal cost, shares as assumed, equipment cheapest."""
    labour = VALUES["technology_and_cost.reference_labour"]
    for technique, price in enumerate(COSTS.reference_price):
        output = forms.output_possible(COSTS, COSTS.log_output_scale[technique], 0.0, labour)
        cost = forms.marginal_cost(COSTS, COSTS.materials_per_piece[technique], COSTS.wage, labour, output)
        assert COSTS.markup * cost == pytest.approx(price, rel=1e-12)
        assert COSTS.wage * labour / (price * output) == pytest.approx(VALUES["technology_and_cost.labour_share"])
        hurdle = VALUES["population.hurdle_rate"]
        cheapest = forms.cheapest_equipment(COSTS, output, COSTS.log_output_scale[technique], COSTS.wage, hurdle)
        assert math.log(cheapest) == pytest.approx(COSTS.log_reference_equipment)


@given(materials=st.floats(0.2, 0.7), labour=st.floats(0.05, 0.2), beta=st.floats(0.7, 0.95))
def test_the_demand_elasticity_follows_from_cost_shares(materials: float, labour: float, beta: float) -> None:
    elasticity = demand_elasticity(materials, labour, beta)
    assert (elasticity - 1.0) / elasticity == pytest.approx(materials + labour / beta)
    assert elasticity > 1.0


def test_quality_costs_and_the_price_of_materials() -> None:
    assert forms.quality_factor(COSTS, COSTS.craft_reference) == 1.0
    assert forms.quality_factor(COSTS, COSTS.craft_reference + 0.1) == pytest.approx(math.exp(0.1 * COSTS.quality_cost))
    plain = COSTS.materials_per_piece[0]
    assert forms.material_cost(COSTS, 0, 1.0, 0.0, 0.0, 1.0) == plain
    assert forms.material_cost(COSTS, 0, 1.0, 0.0, 0.8, 1.0) == pytest.approx(plain * (1.0 - 0.8 * COSTS.bulk_discount))
    assert forms.material_cost(COSTS, 0, 1.0, 0.5, 0.0, 1.0) == pytest.approx(plain * (1.0 - 0.5 * COSTS.waste_saved))
    assert forms.material_cost(COSTS, 0, 1.3, 0.0, 0.0, 1.4) == pytest.approx(1.3 * 1.4 * plain)


@given(value=shares, gain=shares, again=shares)
def test_a_raise_closes_a_share_of_what_is_missing(value: float, gain: float, again: float) -> None:
    once = forms.raised(value, gain)
    assert 0.0 <= value <= once <= 1.0
    assert 1.0 - once == pytest.approx((1.0 - value) * (1.0 - gain), abs=1e-12)
    assert forms.raised(once, again) == pytest.approx(forms.raised(forms.raised(value, again), gain), abs=1e-12)


def test_a_firm_is_known_by_slot_and_identity() -> None:
    world = city_of()
    put(world, 0, peer_slot=2.0, peer_id=2.0)
    assert forms.known_firm(world.firms, FIRM.peer_slot, FIRM.peer_id, 0) == 2
    put(world, 2, firm_id=77.0)
    assert forms.known_firm(world.firms, FIRM.peer_slot, FIRM.peer_id, 0) == -1, "a new tenant"
    put(world, 2, firm_id=2.0, active=0.0)
    assert forms.known_firm(world.firms, FIRM.peer_slot, FIRM.peer_id, 0) == -1, "closed"
    put(world, 0, peer_slot=-1.0)
    assert forms.known_firm(world.firms, FIRM.peer_slot, FIRM.peer_id, 0) == -1, "nobody"


def test_a_channel_begins_with_the_least_access_and_only_once() -> None:
    world = city_of()
    row = FIRM.participates + 3
    world.firms[row, 0] = 0.0
    world.firms[FIRM.months_without_sale + 3, 0] = 9.0
    forms.begin_channel(world.firms, 3, 0.05, 0)
    assert world.firms[row, 0] == 1.0
    assert world.firms[FIRM.months_without_sale + 3, 0] == 0.0
    assert world.firms[FIRM.market_access + 3, 0] == 0.05
    for part in (FIRM.access_logit, FIRM.access_base):
        assert forms.logistic(world.firms[part + 3, 0]) == pytest.approx(0.05)
    before = world.firms.copy()
    forms.begin_channel(world.firms, 3, 0.4, 0)
    assert np.array_equal(world.firms, before)


def gains_of(**changes: float) -> dict[str, float]:
    """Return the five gains of one firm under changed circumstances."""
    world = city_of()
    room = changes.pop("room", 1.0)
    governance = changes.pop("governance", 0.5)
    put(world, 0, **changes)
    world.city[CITY.hiring_room] = room
    world.sentras[SENTRA.governance] = governance
    found = forms.constraint_gains(world.firms, world.sentras, world.city, COSTS, 0)
    return dict(zip(CONSTRAINTS, (float(gain) for gain in found), strict=True))


def test_each_limit_binds_by_its_own_circumstance() -> None:
    base = gains_of()
    elasticity, share = COSTS.demand_elasticity - 1.0, 0.8  # materials over marginal cost of the made-up firm
    per_material = elasticity * share
    per_labour = (elasticity - per_material) / COSTS.labour_elasticity
    assert base["marketing"] == pytest.approx(COSTS.relief)
    assert base["capital"] == 0.0
    finer = COSTS.relief * 0.5
    worth = per_labour * COSTS.craft_effect + elasticity * COSTS.craft_margin
    assert base["human_resources"] == pytest.approx(finer * worth)
    better = COSTS.technology_effect * 0.65 + COSTS.equipment_elasticity
    assert base["technology"] == pytest.approx(per_labour * COSTS.relief * better)
    assert base["partnership"] == pytest.approx(per_material * COSTS.bulk_discount)
    # orders do not help a firm that cannot fill those it has, has no cash or finds no hands
    assert gains_of(fill=0.4)["marketing"] == pytest.approx(0.4 * base["marketing"])
    assert gains_of(cash_short=0.3)["marketing"] == pytest.approx(0.7 * base["marketing"])
    assert gains_of(room=0.2)["marketing"] == pytest.approx(0.2 * base["marketing"])
    # cash and equipment
    assert gains_of(cash_short=0.3)["capital"] == pytest.approx(0.3)
    doubled = per_labour * COSTS.equipment_elasticity * math.log(2.0)
    assert gains_of(wanted_equipment=60e6)["capital"] == pytest.approx(doubled)
    assert gains_of(wanted_equipment=15e6)["capital"] == 0.0
    # hands, tools, partners
    assert gains_of(room=0.2, fill=0.4)["human_resources"] == pytest.approx(0.8 * 0.6 + base["human_resources"])
    assert gains_of(craft=1.0)["human_resources"] == pytest.approx(0.0, abs=1e-12)
    assert gains_of(technology=1.0)["technology"] == pytest.approx(
        per_labour * COSTS.relief * COSTS.equipment_elasticity
    )
    half = per_material * COSTS.bulk_discount * 0.5
    assert gains_of(member=1.0)["partnership"] == pytest.approx(half)
    assert gains_of(wanted_output=75.0)["partnership"] == pytest.approx(base["partnership"] + 0.25)
    assert gains_of(wanted_output=75.0, output=150.0)["partnership"] == pytest.approx(base["partnership"] + 0.5)


def test_materials_are_at_most_the_whole_cost() -> None:
    assert gains_of(unit_cost=50_000.0)["technology"] == pytest.approx(0.0, abs=1e-12)
