"""A month of the reference, in order (model.md §3)."""

from __future__ import annotations

from tests.reference.accounts import settle
from tests.reference.agency import serve
from tests.reference.entry_and_exit import close_and_enter
from tests.reference.environment import change_environment
from tests.reference.finance import borrow_and_invest
from tests.reference.learning import learn
from tests.reference.market import draw_buyers, sell
from tests.reference.observation import observe
from tests.reference.parameters import Parameters
from tests.reference.planning import plan
from tests.reference.production import produce
from tests.reference.world import MonthAhead, World


def run_month(world: World, parameters: Parameters, ahead: MonthAhead) -> dict[str, float]:
    """Run one month and return its outcomes."""
    world.open_month()
    change_environment(world, parameters, ahead)
    serve(world, parameters)
    plan(world, parameters)
    borrow_and_invest(world, parameters, ahead.price_level)
    produce(world, parameters)
    draw_buyers(world, parameters)
    sell(world, parameters)
    settle(world, parameters, ahead.price_level)
    learn(world, parameters)
    close_and_enter(world, parameters)
    outcomes = observe(world, parameters)
    world.city.month += 1
    return outcomes
