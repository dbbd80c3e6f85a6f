"""Targets: distance from a tolerated range, and what its width amounts to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovopsim.analysis.baseline import baseline_targets
from ovopsim.analysis.tolerances import Target, targets_of
from ovopsim.errors import InputError

NOTHING = np.zeros(0)


def test_distance_is_zero_inside_and_grows_outside() -> None:
    values = np.array([-1.0, 0.0, 0.5, 1.0, 3.0])
    assert Target(0.0, 1.0).distance(values).tolist() == [1.0, 0.0, 0.0, 0.0, 2.0]
    assert Target(0.0, None).distance(values).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert Target(None, 0.5).distance(values).tolist() == [0.0, 0.0, 0.0, 0.5, 2.5]
    assert (Target(0.0, 1.0).holds(1.0), Target(0.0, 1.0).holds(1.1)) == (True, False)


def test_spread_is_that_of_a_uniform_distribution_over_the_range() -> None:
    chance = np.random.default_rng(1).uniform(2.0, 5.0, 100_000)
    assert Target(2.0, 5.0).spread(NOTHING) == pytest.approx(chance.std(), rel=0.01)
    # as far beyond the published value as the bound lies before it: the same range
    assert Target(2.0, None, 3.5).spread(NOTHING) == pytest.approx(Target(2.0, 5.0).spread(NOTHING))
    assert Target(2.0, None).spread(np.random.default_rng(1).normal(0.0, 4.0, 100_000)) == pytest.approx(1.0, rel=0.02)
    assert Target(2.0, None).spread(np.zeros(10)) > 0.0


def test_targets_come_in_three_forms_and_baseline_patterns_are_such() -> None:
    found = targets_of({"a": (0, 1), "b": (0, None, 0.5, False), "c": {"low": 1, "about": "x"}, "d": Target(None, 2)})
    assert found == {"a": Target(0, 1), "b": Target(0, None, 0.5, False), "c": Target(1, None), "d": Target(None, 2)}
    patterns = targets_of(baseline_targets())
    assert patterns["materials_share"] == Target(0.5, 0.68, 0.591)
    assert all(target.fitted for target in patterns.values())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give at least one"),
        ({"a": 1.0}, "'a' is 1.0; give"),
        ({"a": "ab"}, "'a' is 'ab'; give"),
        ({"a": (1.0, 0.0)}, "low below high"),
        ({"a": (None, None)}, "give low or high"),
        ({"a": (0.0, math.nan)}, "finite numbers"),
        ({"a": ("0", 1.0)}, "finite numbers"),
        ({"a": (0.0, 1.0, 0.5, False)}, "all are held out"),
    ],
)
def test_what_is_no_target_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        targets_of(given)
