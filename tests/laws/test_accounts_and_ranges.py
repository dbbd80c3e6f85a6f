"""Money, goods, ranges, empty slots, observation: laws that hold in every month of any small cluster."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from tests.laws.checks import accounts as checks
from tests.strategies import Case, cases

pytestmark = pytest.mark.usefixtures("warm_core")

EVERY_MONTH = [
    checks.money_balances,
    checks.results_tie_with_flows,
    checks.wages_are_paid_once,
    checks.state_is_sound,
    checks.makers_limit_hiring,
    checks.closed_slots_hold_nothing,
    checks.empty_slots_are_not_read,
    checks.observing_changes_nothing,
    checks.agency_keeps_its_budget,
]


@pytest.mark.parametrize("check", EVERY_MONTH, ids=lambda check: check.__name__)
@given(case=cases())
def test_every_month(check: Callable[..., None], case: Case) -> None:
    check(case.start, case.scenario)
