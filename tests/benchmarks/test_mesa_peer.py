"""The Mesa peer lives the life of the compiled loop with the package's draws, and a plausible one with Mesa's own."""

from __future__ import annotations

import math

import mesa
import numpy as np
import pytest

from ovopsim.fields import CITY
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy import Scenario, default_programme
from ovopsim.simulation import MonthZero, month_zero, prepare
from tests.benchmarks.mesa_peer import BatikFirm, Economy, seconds_per_month
from tests.reference.comparison import differences, outcome_differences
from tests.small import MONTHS, small

TOLERANCE = 1e-9
# what goes with a firm in business; sums that may be anything are left out
POSITIVE = ("sales_idr", "value_added_idr", "materials_idr", "output_value_idr", "output_per_worker", "jobs")

pytestmark = pytest.mark.usefixtures("warm_core")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return small(programme=default_programme())


@pytest.fixture(scope="module")
def start(warm_core: None, scenario: Scenario) -> MonthZero:  # noqa: ARG001 - compiles first
    return month_zero(scenario, 3, 0)


def test_with_the_packages_draws_the_peer_lives_the_life_of_the_compiled_loop(
    scenario: Scenario, start: MonthZero
) -> None:
    run, economy = prepare(scenario, start), Economy(scenario, start, "keyed")
    moved = 0.0
    for step in range(MONTHS):
        # the compiled loop goes on from its own state: nothing is carried over from the peer
        run.go(run.first if step == 0 else run.work, step, 1, run.results)
        economy.step()
        outcomes = run.results.monthly[0, 0]
        found = outcome_differences(outcomes, economy.outcomes, TOLERANCE)
        found += differences(run.work, economy.world, TOLERANCE)
        assert not found, f"month {step}: {found[:5]}"
        moved += sum(economy.outcomes[name] for name in ("entries", "exits"))
    assert moved > 0.0
    assert run.work.city[CITY.month] == MONTHS
    assert economy.outcomes["reached"] > 0.0
    assert economy.outcomes["spent_idr"] > 0.0


def test_whole_runs_are_equal_too(scenario: Scenario, start: MonthZero) -> None:
    run, economy = prepare(scenario, start), Economy(scenario, start, "keyed")
    run.go()
    lived = []
    for _ in range(MONTHS):
        economy.step()
        lived.append([economy.outcomes[name] for name in OUTCOMES])
    np.testing.assert_allclose(lived, run.results.monthly[0, :MONTHS], rtol=TOLERANCE, atol=1e-6)
    assert not differences(run.work, economy.world, TOLERANCE)


def test_the_oracle_can_fail(scenario: Scenario, start: MonthZero) -> None:
    run, economy = prepare(scenario, start), Economy(scenario, start, "keyed")
    run.go(run.first, 0, 1, run.results)
    economy.parameters.learning.fade = [fade * (1.0 + 1e-6) for fade in economy.parameters.learning.fade]
    economy.step()
    assert any("craft" in text for text in differences(run.work, economy.world, TOLERANCE))


@pytest.mark.parametrize("draws", ["keyed", "mesa"])
def test_firms_are_agents_with_plain_attributes(scenario: Scenario, start: MonthZero, draws: str) -> None:
    economy = Economy(scenario, start, draws)
    for _ in range(MONTHS):
        economy.step()
    assert isinstance(economy, mesa.Model)
    assert set(economy.agents) == set(economy.world.firms)
    for firm in economy.agents:
        assert isinstance(firm, BatikFirm)
        assert {type(firm.cash), type(firm.workers), type(firm.price), type(firm.craft.value)} == {float}
        assert {type(presence.market_access) for presence in firm.presence} == {float}


def test_with_mesas_own_draws_the_peer_stays_plausible(scenario: Scenario, start: MonthZero) -> None:
    run = prepare(scenario, start)
    run.go()
    usual = dict(zip(OUTCOMES, run.results.monthly[0, :MONTHS].mean(axis=0).tolist(), strict=True))
    lives = []
    for seed in (1, 2):
        economy = Economy(scenario, start, "mesa", seed)
        life = []
        for _ in range(MONTHS):
            economy.step()
            assert all(math.isfinite(value) for value in economy.outcomes.values())
            life.append(economy.outcomes)
        lives.append(life)
        assert 0.5 * start.firms < economy.outcomes["firms"] < 2.0 * start.firms
        for name in POSITIVE:
            mean = sum(outcomes[name] for outcomes in life) / MONTHS
            assert 0.5 * usual[name] < mean < 2.0 * usual[name], name
    assert lives[0] != lives[1]  # another seed, another life


@pytest.mark.parametrize("draws", ["keyed", "mesa"])
def test_time_is_told_by_month_and_firm(draws: str) -> None:
    seconds, firms = seconds_per_month(30, 2, draws)
    assert seconds > 0.0
    assert 15.0 < firms < 60.0


def test_unknown_draws_are_refused(scenario: Scenario, start: MonthZero) -> None:
    with pytest.raises(KeyError, match="dice"):
        Economy(scenario, start, "dice")
