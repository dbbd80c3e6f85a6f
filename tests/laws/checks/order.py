"""Named checks of order: steps or one call, threads, runs beside each other, slots relabelled."""

from __future__ import annotations

import numpy as np

from ovopsim.policy import Scenario
from ovopsim.simulation import MonthZero
from tests.laws.relabelling import assert_same_firms, relabel
from tests.worlds import Run


def slots_do_not_matter(start: MonthZero, scenario: Scenario, *, plain: bool = False, seed: int = 0) -> None:
    """Relabelling slots with their ids permutes the results to 1e-9; discrete choices are equal."""
    one, other = Run(scenario, start, plain=plain), Run(scenario, start, plain=plain)
    place = np.random.default_rng(seed).permutation(start.world.firms.shape[1])
    relabel(other, place)
    for here, there in zip(one.months(scenario.months), other.months(scenario.months), strict=True):
        assert_same_firms(here.world, there.world, f"month {here.step}")
        assert np.allclose(here.outcomes, there.outcomes, rtol=1e-9, atol=1e-6), f"month {here.step}: outcomes differ"
        assert np.allclose(here.ledger.flows, there.ledger.flows, rtol=1e-9, atol=1e-3), f"month {here.step}: flows"
