"""A city twice as large is two cities: markets scaled with firms keep what a firm sees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from ovopsim.fields import CHANNEL, CITY, FIRM, N_PEERS, SENTRA
from ovopsim.ledger import imbalance
from ovopsim.month import Switches
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario
from ovopsim.simulation import MonthZero, month_zero, run_scenario
from ovopsim.state import World, empty_world
from tests.strategies import Case, cases
from tests.worlds import Run, with_values

pytestmark = pytest.mark.usefixtures("warm_core")

# no entry, no exit, no learning, no shocks to firms: nothing that an identity draws
STILL = Switches(np.zeros(4))


def doubled(world: World) -> World:
    """Return a city with two of every firm, twice the buyers, makers and cooperative money."""
    count = world.firms.shape[1]
    twin = empty_world(2 * count, world.agency.shape[1])
    twin.firms[:] = np.hstack([world.firms, world.firms])
    twin.firms[FIRM.firm_id, count:] = np.where(world.firms[FIRM.firm_id] >= 0.0, world.firms[FIRM.firm_id] + 1e6, -1.0)
    twin.firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS] = -1.0
    twin.channels[:] = world.channels
    for row in ("spending_base", "outside_base", "attraction"):
        twin.channels[getattr(CHANNEL, row)] *= 2.0
    twin.sentras[:] = world.sentras
    for row in ("initial_firms", "fund", "fund_target", "lent", "losses"):
        twin.sentras[getattr(SENTRA, row)] *= 2.0
    twin.city[:] = world.city
    for row in ("makers", "employed", "initial_count"):
        twin.city[getattr(CITY, row)] *= 2.0
    twin.city[CITY.used_slots] = 2.0 * count
    return twin


@given(case=cases(months=24))
def test_two_of_every_firm_in_a_market_twice_as_large_live_as_one(case: Case) -> None:
    start = with_values(case.start, finance__application_rate=0.0, market__contract_end=0.0)
    start.world.firms[FIRM.contract_lot] = 0.0
    large = MonthZero(doubled(start.world), start.values, start.row, start.key, 2 * start.firms)
    bare = case.scenario.model_copy(update={"programme": None, "assignments": ()})
    one, two = Run(bare, start, switches=STILL), Run(bare, large, switches=STILL)
    for here, there in zip(one.months(24), two.months(24), strict=True):
        count = here.world.firms.shape[1]
        rows = [row for row in range(FIRM.peer_slot) if row != FIRM.firm_id]
        for half in (there.world.firms[:, :count], there.world.firms[:, count:]):
            scale = 1e-9 * np.maximum(1.0, np.abs(here.world.firms[rows]).max(axis=1, keepdims=True))
            assert np.all(np.abs(half[rows] - here.world.firms[rows]) <= scale), f"month {here.step}"
        sums = [OUTCOME.firms, OUTCOME.sales_idr, OUTCOME.jobs, OUTCOME.profit_idr]
        assert there.outcomes[sums] == pytest.approx(2.0 * here.outcomes[sums], rel=1e-9, abs=1e-3)
        assert there.outcomes[OUTCOME.market_share_local] == pytest.approx(here.outcomes[OUTCOME.market_share_local])
        assert max(imbalance(there.world, there.ledger).values()) <= 1e-9


PER_FIRM = ("sales_idr", "value_added_idr", "jobs", "exports_idr", "micro", "loans", "members", "exits", "entries")


def means_of(firms: int, replication: int) -> np.ndarray:
    """Return outcomes for one first firm, averaged over eight years of a world of so many firms."""
    scenario = Scenario(population={"synthetic": "surakarta", "firms": firms}, months=96)
    start = month_zero(scenario, 11, replication)
    monthly = run_scenario(scenario, start).monthly.mean(axis=0)
    shares = [monthly[place] for place in range(OUTCOME.market_share_local, OUTCOME.market_share_export + 1)]
    per_firm = [monthly[getattr(OUTCOME, name)] / firms for name in PER_FIRM]
    return np.array([monthly[OUTCOME.firms] / firms, *per_firm, *shares])


def test_a_drawn_cluster_twice_as_large_has_the_same_averages() -> None:
    worlds = 12
    small = np.array([means_of(150, replication) for replication in range(worlds)])
    large = np.array([means_of(300, replication) for replication in range(worlds)])
    noise = np.sqrt(small.var(axis=0, ddof=1) / worlds + large.var(axis=0, ddof=1) / worlds)
    gap = np.abs(large.mean(axis=0) - small.mean(axis=0))
    level = np.abs(small.mean(axis=0))
    # four standard errors; a market that did not grow with its firms would halve what each sells
    assert np.all(gap <= 4.0 * noise + 0.01 * level), dict(zip(("firms", *PER_FIRM), gap / level, strict=False))
    assert np.all(noise[:4] < 0.1 * level[:4])
