"""Month 0 without gaps between firms is the same month 0."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim import Scenario
from ovopsim.fields import CITY, FIRM, N_PEERS
from ovopsim.population.slots import without_gaps
from ovopsim.simulation import month_zero, run_scenario
from ovopsim.simulation.start import MonthZero
from ovopsim.state import World, copy_world, problems

SMALL = Scenario(population={"synthetic": "surakarta", "firms": 80}, months=30)

pytestmark = pytest.mark.usefixtures("warm_core")


def spread_out(world: World) -> World:
    """Return the state with a gap before every second firm."""
    count = int(world.city[CITY.used_slots])
    place = np.arange(count) + np.arange(count) // 2
    wide = copy_world(world)
    wide.firms[:] = 0.0
    wide.firms[FIRM.firm_id] = -1.0
    wide.firms[:, place] = world.firms[:, :count]
    for row in (FIRM.met_slot, *range(FIRM.peer_slot, FIRM.peer_slot + N_PEERS)):
        known = wide.firms[row, place] >= 0.0
        wide.firms[row, place[known]] = place[np.minimum(wide.firms[row, place[known]], count - 1).astype(int)]
    length = int(world.city[CITY.ring_length])
    wide.ring[1, :length] = place[np.minimum(world.ring[1, :length], count - 1).astype(int)]
    wide.city[CITY.used_slots] = place[-1] + 1
    return wide


def test_month_zero_has_no_gaps() -> None:
    world = month_zero(SMALL, 1, 0).world
    active = world.firms[FIRM.active] == 1.0
    assert active[: active.sum()].all()
    assert world.city[CITY.used_slots] == active.sum()
    assert problems(world) == []


def test_a_life_with_gaps_is_the_same_life() -> None:
    start = month_zero(SMALL, 1, 0)
    wide = MonthZero(spread_out(start.world), start.values, start.row, start.key, start.firms)
    with_gaps, without = run_scenario(SMALL, wide), run_scenario(SMALL, start)
    np.testing.assert_allclose(with_gaps.monthly, without.monthly, rtol=1e-9)


def test_closing_the_gaps_gives_the_state_back() -> None:
    world = month_zero(SMALL, 1, 0).world
    again = without_gaps(spread_out(world))
    known = world.firms[FIRM.active] == 1.0
    assert np.array_equal(again.firms[: FIRM.peer_slot, known], world.firms[: FIRM.peer_slot, known])
    assert again.city[CITY.used_slots] == world.city[CITY.used_slots]
