"""Power by formula, against the textbook, Student's t itself, and itself."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ovopsim.analysis.power_formula import (
    Circumstances,
    Precision,
    effect_by_formula,
    power_by_formula,
    size_by_formula,
)

PLAIN = Circumstances(level=100.0, spread=50.0)


def precision(size: float, share: float = 0.5, found: float = 1.0) -> Precision:
    """Of a difference of means between firms, as Duflo and others have it."""
    firms = size * found
    return Precision(np.array([1.0 / (share * (1.0 - share) * firms)]), np.array([max(firms - 2.0, 1.0)]))


def size_needed(met: Circumstances, found: float = 1.0, effect: float = 0.1) -> int | None:
    return size_by_formula(lambda size: precision(size, found=found), met, effect=effect, alpha=0.05, power=0.8)


def test_sixteen_squared_deviations_over_squared_effect() -> None:
    # the textbook rule: 2 (z₀.₉₇₅ + z₀.₈)² = 15.7 variances over the squared effect in each arm
    assert size_needed(PLAIN) == pytest.approx(2.0 * 2.0 * (1.959964 + 0.841621) ** 2 * 25.0, abs=3)


def test_power_and_least_effect_are_inverse() -> None:
    for plan in (precision(400, 0.4), Precision(np.array([0.2, 0.3]), np.array([1.5, 6.0]))):
        least = effect_by_formula(plan, PLAIN, alpha=0.05, power=0.9)
        assert power_by_formula(plan, PLAIN, least, alpha=0.05) == pytest.approx(0.9, abs=1e-6)


def test_without_an_effect_power_is_the_level_of_the_test() -> None:
    assert power_by_formula(precision(300), PLAIN, effect=0.0, alpha=0.05) == pytest.approx(0.05)


@pytest.mark.parametrize("freedom", [1.5, 4.6, 30.0])
def test_power_is_that_of_a_mean_over_its_own_error(freedom: float) -> None:
    stream = np.random.default_rng(0)
    error = 0.5 * np.sqrt(stream.chisquare(freedom, 200_000) / freedom)
    estimate = stream.normal(0.4, 0.5, 200_000)
    bound = effect_bound(freedom)
    plan = Precision(np.array([0.25]), np.array([freedom]))
    # the estimate's standard deviation is that of `plan`, in units of what is not explained
    met = Circumstances(level=1.0, spread=1.0)
    simulated = float((np.abs(estimate) > bound * error).mean())
    assert power_by_formula(plan, met, 0.4, alpha=0.05) == pytest.approx(simulated, abs=0.005)


def effect_bound(freedom: float) -> float:
    """Return Student's t at 97.5 %, by drawing it."""
    stream = np.random.default_rng(1)
    drawn = stream.normal(size=2_000_000) / np.sqrt(stream.chisquare(freedom, 2_000_000) / freedom)
    return float(np.quantile(np.abs(drawn), 0.95))


def test_a_plan_that_cannot_be_estimated_finds_nothing() -> None:
    both = Precision(np.array([0.001, math.nan]), np.array([100.0, math.nan]))
    assert power_by_formula(both, PLAIN, 1.0, alpha=0.05) == pytest.approx(0.5)
    assert math.isnan(effect_by_formula(both, PLAIN, alpha=0.05, power=0.8))
    # so far from nothing that the chance to miss is below the least number
    assert power_by_formula(Precision(np.array([0.0004]), np.array([5.0])), PLAIN, 0.5, alpha=0.05) == 1.0


def test_a_baseline_saves_what_it_explains() -> None:
    least = [effect_by_formula(precision(100), replace(PLAIN, r_squared=share), 0.05, 0.8) for share in (0.36, 0.0)]
    assert least[0] / least[1] == pytest.approx(0.8)


def test_half_the_take_up_needs_four_times_the_firms() -> None:
    whole, half = (size_needed(replace(PLAIN, take_up=share)) for share in (1.0, 0.5))
    assert whole is not None
    assert half == pytest.approx(4 * whole, rel=0.01)


def test_lost_firms_are_replaced_one_by_one() -> None:
    whole, lossy = size_needed(PLAIN), size_needed(PLAIN, found=0.8)
    assert whole is not None
    assert lossy == pytest.approx(whole / 0.8, abs=2)


def test_what_rivals_lose_makes_an_effect_look_larger() -> None:
    losing, plan = replace(PLAIN, spillover=-0.03), precision(400)
    plain = effect_by_formula(plan, PLAIN, alpha=0.05, power=0.8)
    assert effect_by_formula(plan, losing, alpha=0.05, power=0.8) == pytest.approx(plain - 0.03)
    assert power_by_formula(plan, losing, effect=0.07, alpha=0.05) == pytest.approx(
        power_by_formula(plan, PLAIN, effect=0.10, alpha=0.05)
    )


def test_an_effect_that_spillovers_undo_is_never_found() -> None:
    assert size_needed(replace(PLAIN, spillover=0.10)) is None
