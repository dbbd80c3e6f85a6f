"""Runs single rules of the package on a case, as plain Python, and whole months compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ovopsim.fields import Reals
from ovopsim.holding import nothing_held
from ovopsim.ledger import open_books
from ovopsim.month import draw_month, lists_of
from ovopsim.outcomes.monthly import OUTCOMES, observe
from ovopsim.packing import TABLES, pack_parameters
from ovopsim.population.synthetic import everything_at_work
from ovopsim.rules.accounts import settle
from ovopsim.rules.agency import serve
from ovopsim.rules.entry_and_exit import close_and_enter
from ovopsim.rules.environment import change_environment, change_outside
from ovopsim.rules.finance import borrow_and_invest
from ovopsim.rules.learning import learn
from ovopsim.rules.market import draw_buyers
from ovopsim.rules.market.sales import sell
from ovopsim.rules.planning import plan
from ovopsim.rules.production import produce
from ovopsim.running import empty_results, run_many
from tests.reference.worlds import Case


def table(case: Case, submodel: str) -> Any:
    """Return one submodel's parameters as its rule takes them."""
    kind = TABLES[submodel]
    values = (case.values[f"{submodel}.{field}"] for field in kind._fields)  # type: ignore[attr-defined]
    return kind(*(tuple(np.asarray(value).tolist()) if np.ndim(value) else float(value) for value in values))


def lists(case: Case) -> Any:
    """Return the scratch space for putting firms in order."""
    return lists_of(case.scratch)


def begin(case: Case) -> None:
    """Open the month's books and draw its random numbers."""
    open_books(case.state, case.ledger)
    draw_month(case.state, case.scratch, 1.0, case.key)


def environment(case: Case) -> None:
    state, costs = case.state, table(case, "technology_and_cost")
    own = table(case, "environment")
    change_environment(state.channels, state.sentras, state.city, own, case.calendar, 0, case.key)
    change_outside(state.channels, state.city, costs.demand_elasticity)


def agency(case: Case) -> None:
    serve(
        case.state,
        case.ledger,
        table(case, "agency"),
        table(case, "technology_and_cost"),
        case.levers,
        case.assignments,
        lists(case),
        table(case, "learning").least_access,
        table(case, "accounts").tax_rate,
        case.key,
    )


def planning(case: Case) -> None:
    state, costs = case.state, table(case, "technology_and_cost")
    plan(state.firms, state.channels, state.sentras, state.city, table(case, "planning"), costs, case.scratch.wish)


def finance(case: Case) -> None:
    state, own, scratch = case.state, table(case, "finance"), case.scratch
    hazards, level = scratch.uniforms[5:7], case.calendar.price_level[0]
    borrow_and_invest(state.firms, state.sentras, state.city, case.ledger, own, hazards, scratch.wish, level)


def production(case: Case) -> None:
    state, costs = case.state, table(case, "technology_and_cost")
    own, scratch = table(case, "production"), case.scratch
    produce(state.firms, state.city, case.ledger, own, costs, scratch.shocks[0], scratch.wish)


def market(case: Case) -> None:
    state, scratch, own = case.state, case.scratch, table(case, "market")
    draw_buyers(
        state.firms,
        state.channels,
        state.sentras,
        state.city,
        case.ledger,
        own,
        table(case, "technology_and_cost"),
        scratch.attractions,
        scratch.shocks[1],
        case.key,
    )
    sell(
        state.firms, state.channels, state.city, case.ledger, own, scratch.attractions, scratch.offers, scratch.per_pull
    )


def accounts(case: Case) -> None:
    state, own, costs = case.state, table(case, "accounts"), table(case, "technology_and_cost")
    level = case.calendar.price_level[0]
    settle(
        state.firms,
        state.sentras,
        state.city,
        case.ledger,
        own,
        costs,
        case.scratch.shocks[2],
        case.scratch.wish,
        level,
    )


def learning(case: Case) -> None:
    state, scratch, own = case.state, case.scratch, table(case, "learning")
    memory = scratch.heard, scratch.people, scratch.shown, scratch.told
    learn(state.firms, state.sentras, state.city, case.ledger, own, *memory, scratch.uniforms)


def entry_and_exit(case: Case) -> None:
    close_and_enter(
        case.state,
        case.ledger,
        table(case, "entry_and_exit"),
        table(case, "population"),
        table(case, "technology_and_cost"),
        table(case, "learning").least_access,
        case.scratch.uniforms[4],
        case.candidates,
        lists(case),
        case.key,
    )


RULES: dict[str, Callable[[Case], None]] = {
    rule.__name__: rule
    for rule in (
        environment,
        agency,
        planning,
        finance,
        production,
        market,
        accounts,
        learning,
        entry_and_exit,
    )
}


def outcomes(case: Case) -> Reals:
    """Observe a case's state."""
    out = np.zeros(len(OUTCOMES))
    observe(case.state, table(case, "technology_and_cost"), table(case, "observation").none_below, out)
    return out


def compiled_month(case: Case, row: int = 0) -> Reals:
    """Run one compiled month of a case, in place, by the calendar's row; return its outcomes."""
    room = empty_results(1, 0, case.levers.table.shape[1], case.state.firms.shape[1])
    run_many(
        case.state,
        case.state,
        case.ledger,
        case.scratch,
        pack_parameters(case.values)[None],
        case.levers.table[None],
        case.levers.effects[None],
        case.assignments.orders[None],
        case.assignments.firms[None],
        nothing_held(),
        case.calendar,
        row,
        everything_at_work(),
        case.candidates,
        np.array([case.key], dtype=np.uint64),
        1,
        np.zeros(0, dtype=np.int64),
        room,
    )
    found: Reals = room.monthly[0, 0]
    return found
