"""Numbers are put in order whatever their spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.ordering import FULLEST_BIN, order_into

NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


def ordered(values: np.ndarray) -> np.ndarray:
    order = np.zeros(len(values), dtype=np.int64)
    order_into(order, values, np.zeros(len(values), dtype=np.int64))
    return order


@given(st.lists(NUMBERS, max_size=60))
def test_places_lead_from_the_least_to_the_greatest(numbers: list[float]) -> None:
    values = np.array(numbers, dtype=np.float64)
    order = ordered(values)
    assert sorted(order.tolist()) == list(range(len(values)))
    assert np.all(np.diff(values[order]) >= 0.0)


@pytest.mark.parametrize("spread", ["normal", "log-normal", "two heaps", "equal"])
def test_uneven_spreads_come_out_as_from_a_general_sort(spread: str) -> None:
    generator = np.random.default_rng(1)
    size = 50 * FULLEST_BIN
    values = {
        "normal": generator.normal(size=size),
        "log-normal": np.exp(4.0 * generator.normal(size=size)),
        "two heaps": np.concatenate([generator.random(size), 1e9 + generator.random(size)]),
        "equal": np.ones(size),
    }[spread]
    assert np.array_equal(values[ordered(values)], np.sort(values))
