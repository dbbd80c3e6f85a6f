"""Each rule of the package against the plain-Python reference, on random states, to 1e-12."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ovopsim.fields import FIRM
from ovopsim.forms import constraint_gains
from ovopsim.state import copy_world
from tests.reference import (
    accounts,
    agency,
    entry_and_exit,
    environment,
    finance,
    forms,
    learning,
    market,
    observation,
    planning,
    production,
)
from tests.reference.comparison import book_differences, differences, outcome_differences, slots_of
from tests.reference.conversion import firm_from, month_ahead
from tests.reference.package import RULES, begin, outcomes, table
from tests.reference.parameters import Parameters
from tests.reference.world import MonthAhead, World
from tests.reference.worlds import USED, Case, random_case

SEEDS = range(32)
TOLERANCE = 1e-12


def whole_market(world: World, parameters: Parameters, _ahead: MonthAhead) -> None:
    market.draw_buyers(world, parameters)
    market.sell(world, parameters)


REFERENCE: dict[str, Callable[[World, Parameters, MonthAhead], object]] = {
    "environment": environment.change_environment,
    "agency": lambda world, parameters, _: agency.serve(world, parameters),
    "planning": lambda world, parameters, _: planning.plan(world, parameters),
    "finance": lambda world, parameters, ahead: finance.borrow_and_invest(world, parameters, ahead.price_level),
    "production": lambda world, parameters, _: production.produce(world, parameters),
    "market": whole_market,
    "accounts": lambda world, parameters, ahead: accounts.settle(world, parameters, ahead.price_level),
    "learning": lambda world, parameters, _: learning.learn(world, parameters),
    "entry_and_exit": lambda world, parameters, _: entry_and_exit.close_and_enter(world, parameters),
}


def after_rule(rule: str, case: Case, change: Callable[[Parameters], None] | None = None) -> list[str]:
    """Return the differences after one rule has run on both sides from one state."""
    world, parameters = case.reference()
    if change is not None:
        change(parameters)
    begin(case)
    world.open_month()
    RULES[rule](case)
    REFERENCE[rule](world, parameters, month_ahead(case.calendar, 0))
    return differences(case.state, world, TOLERANCE) + book_differences(case.ledger, world, TOLERANCE)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_does_what_the_reference_does(rule):
    for seed in SEEDS:
        found = after_rule(rule, random_case(seed))
        assert not found, f"seed {seed}: {found[:5]}"


def test_observation_sees_what_the_reference_sees():
    for seed in SEEDS:
        case = random_case(seed)
        world, parameters = case.reference()
        closed = np.flatnonzero(case.state.firms[FIRM.active] == 0.0)[:USED]
        world.closed = [firm_from(case.state.firms[:, slot].tolist()) for slot in closed]
        before = copy_world(case.state)
        found = outcome_differences(outcomes(case), observation.observe(world, parameters), TOLERANCE)
        assert not found, f"seed {seed}: {found[:5]}"
        assert all(np.array_equal(one, other) for one, other in zip(before, case.state, strict=True))


def test_the_gains_from_relaxing_each_limit_are_those_of_the_reference():
    for seed in SEEDS:
        case = random_case(seed)
        world, parameters = case.reference()
        state, costs = case.state, table(case, "technology_and_cost")
        for firm in world.firms:
            slot = slots_of(state)[firm.firm_id]
            gains = constraint_gains(state.firms, state.sentras, state.city, costs, slot)
            technology, sentra = parameters.technology_and_cost, world.sentras[firm.sentra]
            expected = forms.constraint_gains(technology, firm, sentra, world.city)
            assert gains == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE)
