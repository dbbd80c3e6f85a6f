"""Power by formula, against the textbook and against itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovopsim.analysis.power_formula import (
    Circumstances,
    effect_by_formula,
    power_by_formula,
    size_by_formula,
    standard_error,
)

PLAIN = Circumstances(level=100.0, spread=50.0)


def test_sixteen_squared_deviations_over_squared_effect() -> None:
    # the textbook rule: 2 (z₀.₉₇₅ + z₀.₈)² = 15.7 variances over the squared effect in each arm
    size = size_by_formula(0.5, PLAIN, clustered=False, effect=0.10, alpha=0.05, power=0.80)
    assert size == pytest.approx(2.0 * 2.0 * (1.959964 + 0.841621) ** 2 * 25.0, abs=3)


def test_power_and_least_effect_are_inverse() -> None:
    for clustered, met in ((False, PLAIN), (True, replace(PLAIN, icc=0.1, firms_in_cluster=20.0))):
        least = effect_by_formula(400, 0.4, met, clustered, alpha=0.05, power=0.9)
        assert power_by_formula(400, 0.4, met, clustered, least, alpha=0.05) == pytest.approx(0.9, abs=1e-4)


def test_without_an_effect_power_is_the_level_of_the_test() -> None:
    assert power_by_formula(300, 0.5, PLAIN, clustered=False, effect=0.0, alpha=0.05) == pytest.approx(0.05)


def test_clusters_cost_the_design_effect() -> None:
    clustered = replace(PLAIN, icc=0.2, firms_in_cluster=11.0)
    ratio = standard_error(1100, 0.5, clustered) / standard_error(1100, 0.5, PLAIN)
    assert ratio**2 == pytest.approx(1.0 + (11.0 - 1.0) * 0.2)


def test_a_baseline_saves_what_it_explains() -> None:
    ratio = standard_error(100, 0.5, replace(PLAIN, r_squared=0.36)) / standard_error(100, 0.5, PLAIN)
    assert ratio**2 == pytest.approx(0.64)


def test_half_the_take_up_needs_four_times_the_firms() -> None:
    whole, half = (
        size_by_formula(0.5, replace(PLAIN, take_up=share), clustered=False, effect=0.1, alpha=0.05, power=0.8)
        for share in (1.0, 0.5)
    )
    assert whole is not None
    assert half == pytest.approx(4 * whole, rel=0.01)


def test_lost_firms_are_replaced_one_by_one() -> None:
    whole, lossy = (
        size_by_formula(0.5, replace(PLAIN, attrition=share), clustered=False, effect=0.1, alpha=0.05, power=0.8)
        for share in (0.0, 0.2)
    )
    assert whole is not None
    assert lossy == pytest.approx(whole / 0.8, abs=2)


def test_what_rivals_lose_makes_an_effect_look_larger() -> None:
    losing = replace(PLAIN, spillover=-0.03)
    plain = effect_by_formula(400, 0.5, PLAIN, clustered=False, alpha=0.05, power=0.8)
    assert effect_by_formula(400, 0.5, losing, clustered=False, alpha=0.05, power=0.8) == pytest.approx(plain - 0.03)
    assert power_by_formula(400, 0.5, losing, clustered=False, effect=0.07, alpha=0.05) == pytest.approx(
        power_by_formula(400, 0.5, PLAIN, clustered=False, effect=0.10, alpha=0.05)
    )


def test_an_effect_that_spillovers_undo_is_never_found() -> None:
    undone = replace(PLAIN, spillover=0.10)
    assert size_by_formula(0.5, undone, clustered=False, effect=0.10, alpha=0.05, power=0.8) is None
