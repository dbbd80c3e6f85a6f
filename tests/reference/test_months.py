"""Whole compiled months against the reference: one from any state to 1e-12, and two lives of the shipped cluster."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ovopsim.fields import CITY
from ovopsim.ledger import empty_ledger
from ovopsim.month import empty_scratch
from ovopsim.policy import Programme, Scenario, builtin_levers
from ovopsim.population.month_zero import BURN_IN
from ovopsim.population.synthetic import candidates_of
from ovopsim.simulation import MonthZero, month_zero, prepare
from ovopsim.state import copy_world
from tests.reference.comparison import book_differences, differences, outcome_differences
from tests.reference.conversion import month_ahead
from tests.reference.month import run_month
from tests.reference.package import compiled_month
from tests.reference.worlds import Case, random_case

RANDOM_STATES = range(1000, 1060)
pytestmark = pytest.mark.usefixtures("warm_core")


@dataclass
class Life:
    """How a life of the cluster went: months lived, and what happened in them."""

    months: int = 0
    entries: float = 0.0
    exits: float = 0.0
    reached: float = 0.0
    sales: list[float] = field(default_factory=list)


def differences_of_month(case: Case, row: int, world, parameters, tolerance: float) -> tuple[list[str], dict]:
    """Run one month on both sides; return what differs, and the outcomes."""
    outcomes = compiled_month(case, row)
    expected = run_month(world, parameters, month_ahead(case.calendar, row))
    found = differences(case.state, world, tolerance)
    found += book_differences(case.ledger, world, tolerance)
    return found + outcome_differences(outcomes, expected, tolerance), expected


def test_a_month_from_any_state_is_the_month_of_the_reference():
    for seed in RANDOM_STATES:
        case = random_case(seed)
        world, parameters = case.reference()
        for row in range(2):
            # what one month leaves is the next one's start: rounding has had two months to add up
            found, _ = differences_of_month(case, row, world, parameters, (1e-12, 1e-10)[row])
            assert not found, f"seed {seed}, month {row}: {found[:5]}"


def life_of(scenario: Scenario, start: MonthZero, tolerance: float) -> Life:
    """Live a scenario month by month on both sides; fail at the first difference."""
    run = prepare(scenario, start)
    n_slots = run.first.firms.shape[1]
    firms = float(run.first.city[CITY.initial_count])
    case = Case(
        start.values,
        copy_world(run.first),
        run.levers,
        run.assignments,
        run.calendar,
        candidates_of(firms, start.values["entry_and_exit.candidate_rate"]),
        start.key,
        empty_ledger(n_slots),
        empty_scratch(n_slots),
    )
    world, parameters = case.reference()
    life = Life()
    for step in range(scenario.months):
        found, outcomes = differences_of_month(case, BURN_IN + step, world, parameters, tolerance)
        assert not found, f"month {step}: {found[:5]}"
        life.months += 1
        life.entries += outcomes["entries"]
        life.exits += outcomes["exits"]
        life.reached = max(life.reached, outcomes["reached"])
        life.sales.append(outcomes["sales_idr"])
    return life


def everything() -> dict[str, object]:
    """Return a programme with money for every lever, and trials beside it."""
    names = list(builtin_levers())
    programme = Programme(budget=4e9, shares=dict.fromkeys(names, 1.0 / len(names)), targeting="most_constrained")
    trials = [
        {"lever": name, "firms": {"share": 0.2}, "month": 3 + place, "dose": 1.0 + 0.5 * (place % 2)}
        for place, name in enumerate(names)
    ]
    return {"programme": programme, "assignments": trials}


@pytest.fixture(scope="module")
def start() -> MonthZero:
    return month_zero(Scenario(), seed=7, replication=0)


def test_two_years_with_every_lever_are_those_of_the_reference(start):
    life = life_of(Scenario(months=24, **everything()), start, 1e-10)
    assert life.entries > 0.0
    assert life.exits > 0.0
    assert life.reached > 100.0


def test_five_years_with_a_pandemic_are_those_of_the_reference(start):
    # every flag, count and identity is compared each month: a choice that fell differently would show at once
    shares = {"exhibition": 0.3, "credit_facilitation": 0.3, "cooperative_capital": 0.2, "forum_group_discussion": 0.2}
    programme = Programme(budget=1e9, shares=shares, start=6, months=40, targeting="smallest_first", multi_year=True)
    life = life_of(Scenario(months=60, programme=programme, shocks=["pandemic"]), start, 1e-8)
    assert life.months == 60
    assert min(life.sales) < 0.6 * life.sales[0]
