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
    ratio_interval,
    relative_effect,
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


def share_of_intervals_that_hold(pairs: int, times: int = 2000) -> tuple[float, float]:
    """Return how often intervals of made-up ratios hold the true one: of means that move together, and of a price."""
    chance = np.random.default_rng(7)
    held, priced = 0, 0
    for _ in range(times):
        level = chance.normal(100.0, 30.0, pairs)
        low, high = relative_effect(0.5 * level + chance.normal(0.0, 2.0, pairs), level)[1:]
        held += low <= 0.5 <= high
        gain = chance.normal(5.0, 1.5, pairs)
        price = ratio(chance.normal(100.0, 20.0, pairs) + 4.0 * gain, gain)
        priced += price.low <= 120.0 / 5.0 <= price.high
    return held / times, priced / times


@pytest.mark.parametrize("pairs", [8, 16])
def test_intervals_of_ratios_hold_the_true_one_as_often_as_they_say(pairs: int) -> None:
    held, priced = share_of_intervals_that_hold(pairs)
    assert held == pytest.approx(0.95, abs=0.015)
    assert priced == pytest.approx(0.95, abs=0.015)


def test_an_effect_in_proportion_to_the_level_has_no_spread_and_a_constant_one_has() -> None:
    level = np.array([20.0, 40.0, 60.0, 50.0])
    assert relative_effect(0.1 * level, level) == pytest.approx((0.1, 0.1, 0.1))
    middle, low, high = relative_effect(np.full(4, 3.0), level)
    assert middle == pytest.approx(3.0 / 42.5)
    assert low < middle < high


def test_a_loss_that_shrinks_is_a_gain() -> None:
    level = np.array([-10.0, -12.0, -8.0, -10.0])
    middle, low, high = relative_effect(np.array([2.0, 2.5, 1.5, 2.2]), level)
    assert middle == pytest.approx(0.205)
    assert 0.0 < low < middle < high


def test_a_relative_effect_is_clear_where_the_effect_is() -> None:
    chance = np.random.default_rng(5)
    clear = set()
    for _ in range(300):
        level = chance.normal(100.0, 30.0, 6)
        difference = chance.normal(4.0, 4.0, 6)
        low, high = relative_effect(difference, level)[1:]
        mine = int(low > 0.0) - int(high < 0.0)
        assert mine == mean_effect(difference).clear
        clear.add(mine)
    assert clear >= {0, 1}


def test_of_a_level_that_may_be_zero_the_interval_is_that_of_the_effect_and_of_zero_there_is_none() -> None:
    difference = np.array([1.0, 2.0, 3.0])
    effect = mean_effect(difference)
    assert relative_effect(difference, np.array([0.0, 0.0, 3.0])) == (effect.mean, effect.low, effect.high)
    assert ratio_interval(difference, np.array([0.0, 0.0, 3.0])) is None
    assert all(math.isnan(end) for end in relative_effect(difference, np.zeros(3)))


def test_the_first_month_that_differs_is_found_to_the_last_bit() -> None:
    baseline = np.ones((2, 10, 3))
    arm = baseline.copy()
    assert first_divergence(arm, baseline) is None
    arm[1, 6, 2] = np.nextafter(1.0, 2.0)
    arm[0, 8, 0] = 5.0
    assert first_divergence(arm, baseline) == 6
