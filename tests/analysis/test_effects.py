"""Closed forms of intervals, prices and precision."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.analysis.effects import (
    Effect,
    first_divergence,
    mean_effect,
    paired_effect,
    ratio,
    replications_needed,
    t_quantile,
)

T_OF_TWO = 4.302652729749464  # Student's t, two degrees of freedom, 97.5 %: a printed table has 4.303


def test_the_quantile_is_that_of_printed_tables() -> None:
    assert t_quantile(3) == pytest.approx(T_OF_TWO, rel=1e-9)
    assert t_quantile(31) == pytest.approx(2.042, abs=5e-4)


def test_a_paired_effect_has_the_textbook_interval() -> None:
    effect = paired_effect(np.array([11.0, 22.0, 33.0]), np.array([10.0, 20.0, 30.0]))
    half = T_OF_TWO * 1.0 / math.sqrt(3.0)
    assert (effect.mean, effect.spread) == (2.0, 1.0)
    assert effect.low == pytest.approx(2.0 - half)
    assert effect.high == pytest.approx(2.0 + half)


def test_pairing_takes_out_what_worlds_have_in_common() -> None:
    worlds = np.array([100.0, 900.0, 5000.0])
    effect = paired_effect(worlds + 1.0, worlds)
    assert (effect.low, effect.mean, effect.high) == (1.0, 1.0, 1.0)


def test_one_value_has_no_interval() -> None:
    effect = mean_effect(np.array([3.0]))
    assert effect.mean == 3.0
    assert math.isnan(effect.low)
    assert math.isnan(effect.high)
    assert effect.clear == 0


@pytest.mark.parametrize(
    ("low", "high", "clear"), [(0.1, 2.0, 1), (-2.0, -0.1, -1), (-0.1, 0.1, 0), (0.0, 1.0, 0), (-1.0, 0.0, 0)]
)
def test_an_effect_is_clear_when_its_interval_excludes_zero(low: float, high: float, clear: int) -> None:
    assert Effect((low + high) / 2.0, low, high, 1.0).clear == clear


@given(st.floats(1e-3, 1e3), st.floats(0.5, 1e3))
def test_the_pairs_needed_are_the_least_that_suffice(spread: float, level: float) -> None:
    needed = replications_needed(spread, level, precision=0.1)
    assert needed is not None
    assert half_width(spread, needed) <= 0.1 * level
    assert needed == 2 or half_width(spread, needed - 1) > 0.1 * level


def half_width(spread: float, pairs: int) -> float:
    return t_quantile(pairs) * spread / math.sqrt(pairs)


def test_no_precision_is_a_share_of_nothing() -> None:
    assert replications_needed(1.0, 0.0) is None
    assert replications_needed(math.nan, 1.0) is None
    assert replications_needed(0.0, 5.0) == 2


def test_a_price_is_mean_cost_over_mean_gain() -> None:
    price = ratio(np.full(5, 600.0), np.full(5, 3.0))
    assert (price.mean, price.low, price.high, price.why) == (200.0, 200.0, 200.0, "")


@pytest.mark.parametrize(
    ("gain", "why"),
    [([1.0, -1.0, 2.0], "no_clear_gain"), ([-1.0, -1.1, -0.9], "clear_fall"), ([5.0, 5.1, 4.9], "")],
)
def test_there_is_no_price_of_a_gain_that_is_not_clear(gain: list[float], why: str) -> None:
    price = ratio(np.full(3, 10.0), np.array(gain))
    assert price.why == why
    assert math.isnan(price.mean) == bool(why)
    assert math.isnan(price.low) == bool(why)


def test_there_is_no_price_where_nothing_is_paid() -> None:
    assert ratio(np.array([-5.0, -6.0, -5.5]), np.array([5.0, 5.1, 4.9])).why == "no_extra_cost"
    assert ratio(np.zeros(3), np.zeros(3)).why == "no_difference"


def test_a_price_has_the_same_interval_every_time() -> None:
    chance = np.random.default_rng(3)
    cost, gain = chance.normal(100.0, 10.0, 20), chance.normal(5.0, 1.0, 20)
    assert ratio(cost, gain) == ratio(cost, gain)
    assert ratio(cost, gain, seed=1) != ratio(cost, gain, seed=2)


def test_the_bootstrap_interval_holds_the_true_price_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(200):
        gain = chance.normal(5.0, 1.5, 40)
        price = ratio(chance.normal(100.0, 20.0, 40) + 4.0 * gain, gain)
        held += price.low <= 120.0 / 5.0 <= price.high
    assert 0.88 <= held / 200 <= 0.99


def test_drawn_pairs_without_gain_count_as_an_infinite_price() -> None:
    gain = np.array([40.0, 40.0, 40.0, 40.0, -10.0])
    price = ratio(np.full(5, 100.0), gain)
    assert price.why == ""
    assert price.high < math.inf  # drawing the last pair five times is too rare to reach the interval's end
    assert ratio(np.full(2, 100.0), np.array([1.0, 1.0])).high == 100.0


def test_the_first_month_that_differs_is_found_to_the_last_bit() -> None:
    baseline = np.ones((2, 10, 3))
    arm = baseline.copy()
    assert first_divergence(arm, baseline) is None
    arm[1, 6, 2] = np.nextafter(1.0, 2.0)
    arm[0, 8, 0] = 5.0
    assert first_divergence(arm, baseline) == 6
