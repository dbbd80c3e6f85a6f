"""Each rule of the package against the plain-Python reference, on random states, to 1e-12."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reference import (
    accounts,
    agency,
    entry_and_exit,
    environment,
    finance,
    learning,
    market,
    planning,
    production,
)
from tests.reference.comparison import book_differences, differences
from tests.reference.conversion import month_ahead
from tests.reference.package import RULES, begin
from tests.reference.parameters import Parameters
from tests.reference.world import MonthAhead, World
from tests.reference.worlds import Case, random_case

SEEDS = range(24)
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
