"""Many scenarios in one compiled call: each is what it would be alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ovopsim.fields import CITY
from ovopsim.policy import Scenario
from ovopsim.simulation import kept_tables, month_zero, run_batch, run_scenario, units_delivered
from tests.small import small, small_scenarios, spending

pytestmark = pytest.mark.usefixtures("warm_core")

OWN_LEVER = {
    "school": {
        "role": 7,
        "about": "Owners learn dyeing from a master.",
        "to": "firms",
        "unit_cost": 1_000_000,
        "capacity": 10,
        "effects": [{"raise": "craft", "by": 0.1}],
        "first_link": {"state": "craft", "direction": 1},
        "aims_at": {"outcome": "sales_idr", "direction": 1},
    }
}


def mixed() -> list[Scenario]:
    """Return scenarios of different shapes: other levers, shocks, lengths, assignments."""
    return [
        *small_scenarios().values(),
        small("School", levers=OWN_LEVER, programme=spending({"school": 1.0})),
        small("Shock", shocks=[{"name": "cotton", "start": 6}]),
        small("Short", months=12),
    ]


def test_each_run_equals_the_run_alone_bit_for_bit() -> None:
    scenarios = mixed()
    start = month_zero(scenarios[0], 1, 0)
    batch = run_batch(scenarios, start, [11, 23])
    for scenario, found in zip(scenarios, batch, strict=True):
        kept = [step for step in (11, 23) if step < scenario.months]
        alone = run_scenario(scenario, start, kept)
        assert found.problem == ""
        np.testing.assert_array_equal(found.monthly, alone.monthly)
        np.testing.assert_array_equal(found.delivered, units_delivered(alone.levers))
        for step, table in kept_tables(alone, kept).items():
            np.testing.assert_array_equal(found.tables[step], table)


def test_order_and_company_change_nothing() -> None:
    scenarios = mixed()
    start = month_zero(scenarios[0], 1, 0)
    whole = run_batch(scenarios, start)
    backwards = run_batch(scenarios[::-1], start)[::-1]
    pairs = [run_batch([scenario], start)[0] for scenario in scenarios]
    for one, other, alone in zip(whole, backwards, pairs, strict=True):
        np.testing.assert_array_equal(one.monthly, other.monthly)
        np.testing.assert_array_equal(one.monthly, alone.monthly)


def test_what_is_wrong_with_one_stops_no_other() -> None:
    start = month_zero(small(), 1, 0)
    nobody = small("Nobody", assignments=[{"lever": "exhibition", "firms": {"ids": [99_999]}, "month": 1}])
    wrong, right = run_batch([nobody, small()], start)
    assert "99999" in wrong.problem
    assert wrong.monthly.size == 0
    assert right.problem == ""
    assert np.isfinite(right.monthly).all()


def test_a_table_of_firms_that_is_full_is_a_problem() -> None:
    start = month_zero(small(), 1, 0)
    used = int(start.world.city[CITY.used_slots])
    world = start.world._replace(firms=start.world.firms[:, :used].copy(), ring=start.world.ring[:, :used].copy())
    (found,) = run_batch([small()], replace(start, world=world))
    assert found.problem.startswith(f"Nothing: the table of {used} firms is full")
