"""Draws from priors."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.errors import InputError
from ovopsim.parameters.loading import locate, values
from ovopsim.parameters.records import Record
from ovopsim.parameters.variation import quantile, sample, uncertain_leaves

UNCERTAIN = st.sampled_from(uncertain_leaves())
SHARE = st.floats(0.0, 1.0)


def record(value: Any, prior: list[Any], bounds: tuple[float, float] = (-100.0, 100.0)) -> Record:
    return Record(about="Made up.", unit="one", value=value, range=bounds, prior=prior, grade="assumption")


def test_a_uniform_prior_is_linear_from_end_to_end() -> None:
    uniform = record(2.0, ["uniform", 1.0, 3.0])
    assert [quantile(uniform, None, u) for u in (0.0, 0.25, 1.0)] == [1.0, 1.5, 3.0]


@pytest.mark.parametrize("value", [2.0, -2.0])
def test_a_relative_prior_is_a_factor_and_rises_for_negative_values_too(value: float) -> None:
    relative = record(value, ["relative", 0.5, 1.5])
    assert [quantile(relative, None, u) for u in (0.0, 0.5, 1.0)] == sorted([0.5 * value, value, 1.5 * value])


@pytest.mark.parametrize("value", [2.0, 0.0, -2.0])
def test_a_shift_is_added_to_the_value(value: float) -> None:
    shift = record(value, ["shift", -0.5, 1.5])
    assert [quantile(shift, None, u) for u in (0.0, 0.5, 1.0)] == [value - 0.5, value + 0.5, value + 1.5]


def test_a_relative_prior_is_taken_of_the_member() -> None:
    shares = {"tulis": 1.0, "cap": 2.0, "printing": 4.0}
    assert quantile(record(shares, ["relative", 0.5, 1.5]), "printing", 0.0) == 2.0


def test_a_log_normal_prior_has_its_median_and_quantiles() -> None:
    wide = record(3.0, ["lognormal", 2.0, 0.5], (0.0, 1e9))
    assert quantile(wide, None, 0.5) == pytest.approx(2.0)
    assert quantile(wide, None, 0.9) == pytest.approx(2.0 * math.exp(0.5 * NormalDist().inv_cdf(0.9)))


def test_a_log_normal_prior_is_cut_off_at_the_hard_range() -> None:
    narrow = record(2.0, ["lognormal", 2.0, 0.5], (1.5, 4.0))
    assert quantile(narrow, None, 0.0) == pytest.approx(1.5)
    assert quantile(narrow, None, 1.0) == pytest.approx(4.0)
    below, above = (NormalDist().cdf(math.log(end / 2.0) / 0.5) for end in (1.5, 4.0))
    middle = NormalDist().cdf(math.log(quantile(narrow, None, 0.25) / 2.0) / 0.5)
    assert (middle - below) / (above - below) == pytest.approx(0.25)


def test_a_log_normal_prior_stays_finite_at_its_ends() -> None:
    wide = record(3.0, ["lognormal", 2.0, 0.5], (0.0, 1e300))
    assert quantile(wide, None, 0.0) == 0.0
    assert quantile(wide, None, 1.0) == 1e300


@given(UNCERTAIN, SHARE, SHARE)
def test_quantiles_rise_and_stay_in_the_range(leaf: str, u: float, other: float) -> None:
    found, member = locate(leaf)
    low, high = sorted((u, other))
    first, second = quantile(found, member, low), quantile(found, member, high)
    # the last digit may differ where both ends are nearly equal
    assert first <= second or first == pytest.approx(second, rel=1e-12)
    assert found.range[0] <= first <= found.range[1]


def test_no_prior_and_no_share_are_errors() -> None:
    with pytest.raises(InputError, match="no prior"):
        quantile(Record(about="Made up.", unit="one", value=1, range=(0, 2), grade="assumption"), None, 0.5)
    with pytest.raises(InputError, match="0 to 1"):
        quantile(record(2.0, ["uniform", 1.0, 3.0]), None, 1.5)


def test_a_sample_is_reproducible_nested_and_differs_between_seeds() -> None:
    assert sample(7, 3) == sample(7, 5)[:3]
    assert sample(7, 1) != sample(8, 1)
    assert sample(7, 0) == []


def test_every_draw_is_ready_for_values() -> None:
    for draw in sample(3, 4):
        assert set(draw) == set(uncertain_leaves())
        drawn = values(draw)
        for leaf, value in draw.items():
            parent, member = locate(leaf)
            if member is None:
                assert drawn[leaf] == value
            else:
                array = np.asarray(drawn[leaf.rpartition(".")[0]])
                assert array[parent.members.index(member)] == value
