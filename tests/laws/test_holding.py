"""Holding parts of the state at another run's path."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from ovopsim.fields import FIRM
from ovopsim.policy import Scenario
from ovopsim.simulation import month_zero, run_scenario
from ovopsim.state import GROUPS, rows_in_group
from tests.laws.checks import holding as checks
from tests.strategies import LEVERS, Case, with_money
from tests.worlds import Run, cluster

pytestmark = pytest.mark.usefixtures("warm_core")

EVERYTHING = Scenario(
    months=18, programme={"budget": 2e9, "shares": dict.fromkeys(LEVERS, 1.0 / len(LEVERS)), "months": 18}
)


@given(case=with_money(months=10))
def test_everything_held_leaves_exactly_no_effect(case: Case) -> None:
    checks.everything_held_is_no_effect(case.start, case.scenario)


@given(case=with_money(months=10))
def test_nothing_held_is_the_plain_run_bit_for_bit(case: Case) -> None:
    checks.nothing_held_is_the_plain_run(case.start, case.scenario)


@pytest.mark.parametrize("group", GROUPS)
@given(case=with_money(months=10))
def test_a_group_held_shows_the_other_runs_values(case: Case, group: str) -> None:
    checks.a_group_held_is_replaced(case.start, case.scenario, group)


@given(case=with_money(months=10))
def test_the_market_held_shows_the_other_runs_rivals(case: Case) -> None:
    checks.the_market_held_is_replaced(case.start, case.scenario)


@pytest.mark.parametrize("group", GROUPS)
def test_a_programme_that_moves_the_group_is_changed_by_holding_it(group: str) -> None:
    """The group differs between the arms before it is held, and results differ once it is."""
    start = cluster((6, 14, 10), seed=4, months_lived=12)
    control, _ = checks.untreated(start, EVERYTHING)
    free = Run(EVERYTHING, start, record=18)
    free.all(18)
    rows = rows_in_group(group)
    assert not np.array_equal(free.path.firms[:, rows], control.path.firms[:, rows])
    held = Run(EVERYTHING, start, held=checks.group_held(control.path, group))
    assert not np.array_equal(held.all(18).firms[FIRM.sales], free.world.firms[FIRM.sales])


def test_the_groups_share_no_row() -> None:
    rows = [row for group in GROUPS for row in rows_in_group(group)]
    assert len(rows) == len(set(rows))


def test_a_whole_run_records_the_path_that_steps_record() -> None:
    start = month_zero(Scenario(), 1, 0)
    whole = run_scenario(EVERYTHING, start, record=True)
    steps = Run(EVERYTHING, start, record=18)
    steps.all(18)
    for one, other in zip(whole.path, steps.path, strict=True):
        assert one.tobytes() == other.tobytes()
    held = run_scenario(
        EVERYTHING, start, held=checks.everything_held(run_scenario(Scenario(months=18), start, record=True).path)
    )
    bare = run_scenario(Scenario(months=18), start)
    assert np.array_equal(held.closing.firms, bare.closing.firms)
