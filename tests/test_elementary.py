"""Exponential and logarithm: against the C library, at the ends of their ranges, compiled as in plain Python."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim.compiling import compiled_from_source
from ovopsim.elementary import exponential, logarithm

ULP = 2.0**-52
compiled_exponential = compiled_from_source(
    "each", "def each(value):\n    return exponential(value)\n", {"exponential": exponential}
)
compiled_logarithm = compiled_from_source(
    "each", "def each(value):\n    return logarithm(value)\n", {"logarithm": logarithm}
)


@given(st.floats(-700.0, 700.0))
def test_the_exponential_is_within_two_units_in_the_last_place(value: float) -> None:
    assert exponential(value) == pytest.approx(math.exp(value), rel=2.0 * ULP)
    assert compiled_exponential(value) == exponential(value)


@given(st.floats(1e-300, 1e300) | st.floats(0.5, 2.0))
def test_the_logarithm_is_within_two_units_in_the_last_place(value: float) -> None:
    assert logarithm(value) == pytest.approx(math.log(value), rel=2.0 * ULP, abs=0.0)
    assert compiled_logarithm(value) == logarithm(value)


def test_every_term_of_the_two_series_counts() -> None:
    """Where a series is longest, at the ends of the range on which it is used, and between."""
    for value in np.linspace(-0.3465, 0.3465, 401):
        assert exponential(value) == pytest.approx(math.exp(value), rel=2.0 * ULP, abs=0.0)
    for value in np.linspace(math.sqrt(0.5), math.sqrt(2.0), 401):
        assert logarithm(value) == pytest.approx(math.log(value), rel=2.0 * ULP, abs=0.0)


@pytest.mark.parametrize("each", [exponential, compiled_exponential])
def test_what_is_no_number_stays_none_and_nothing_overflows(each) -> None:  # type: ignore[no-untyped-def]
    assert math.isnan(each(math.nan))
    assert each(1e9) == pytest.approx(math.exp(700.0), rel=1e-15)
    assert each(-math.inf) == pytest.approx(math.exp(-700.0), rel=1e-15)
    assert each(0.0) == 1.0


@pytest.mark.parametrize("each", [logarithm, compiled_logarithm])
def test_only_numbers_above_zero_have_a_logarithm(each) -> None:  # type: ignore[no-untyped-def]
    assert each(1.0) == 0.0
    assert all(math.isnan(each(value)) for value in (0.0, -1.0, math.nan))


def test_values_are_found_for_whole_arrays_at_once_as_one_by_one() -> None:
    """A loop worked off four or eight numbers at a time gives the same bits."""
    source = "def fill(out, values):\n    for n in range(values.shape[0]):\n        out[n] = each(values[n])\n"
    for each, low, high in ((exponential, -30.0, 30.0), (logarithm, 0.01, 1e9)):
        values = np.linspace(low, high, 1003)
        out = np.zeros_like(values)
        compiled_from_source("fill", source, {"each": each})(out, values)
        assert out.tolist() == [float(each(value)) for value in values]
