"""Statistics of weighted draws: closed forms, and errors that are as large as they say."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.study.weighted import effective_number, moments, quantiles, share_below, spread_error


def test_equal_weights_give_plain_moments_and_quantiles() -> None:
    values = np.random.default_rng(1).normal(size=(50, 2))
    mean, deviation = moments(values, np.full(50, 3.0))
    assert mean == pytest.approx(values.mean(axis=0))
    assert deviation == pytest.approx(values.std(axis=0, ddof=1))
    assert quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), [0.5]) == pytest.approx([2.0])
    assert effective_number(np.full(50, 3.0)) == pytest.approx(50.0)


def test_a_weight_counts_as_often_as_it_says() -> None:
    mean, _ = moments(np.array([[0.0], [4.0]]), np.array([3.0, 1.0]))
    assert mean == pytest.approx([1.0])
    below = share_below(np.array([[0.0, 0.0], [4.0, 4.0]]), np.array([3.0, 1.0]), np.array([4.0, np.nan]))
    assert below == pytest.approx([0.875, np.nan], nan_ok=True)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_error_of_a_spread_is_how_far_it_strays(spread: float) -> None:
    chance = np.random.default_rng(2)
    found = {}
    for kind in ("uniform", "normal"):
        draws = [getattr(chance, kind)(size=200) for _ in range(500)]
        weights = [np.exp(spread * chance.normal(size=200)) for _ in range(500)]
        spreads = [moments(*pair)[1] for pair in zip(draws, weights, strict=True)]
        errors = [spread_error(*pair) for pair in zip(draws, weights, strict=True)]
        assert np.mean(errors) == pytest.approx(np.std(spreads), rel=0.15)
        found[kind] = np.mean(errors) / np.mean(spreads)
    assert found["uniform"] < 0.75 * found["normal"]
