"""Money of other years and currencies, and how an amount is written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.errors import InputError
from ovopsim.parameters.money import (
    common_unit,
    deflate,
    exchange_rate,
    format_idr,
    price_index,
    price_levels,
    usd_to_idr,
)

YEARS = st.sampled_from(sorted(price_index().values))


def test_the_base_year_needs_no_deflating() -> None:
    assert deflate(1_000_000, 2016) == 1_000_000


def test_older_rupiah_bought_more() -> None:
    assert deflate(1_000_000, 2010) == pytest.approx(1_370_000, rel=0.01)
    assert deflate(1_000_000, 2021) < 1_000_000


@given(YEARS, YEARS)
def test_deflating_there_and_back_changes_nothing(year: int, other: int) -> None:
    assert deflate(deflate(100.0, year, other), other, year) == pytest.approx(100.0)


def test_the_series_have_every_year_of_the_evidence_and_mark_what_is_not_from_their_source() -> None:
    for series in (price_index(), exchange_rate()):
        assert sorted(series.values) == list(range(2000, 2026))
        assert set(series.assumed) < set(series.values)
        assert "memory" in series.note


def test_prices_rose_every_year() -> None:
    prices = [price_index().values[year] for year in range(2000, 2026)]
    assert prices == sorted(prices)
    assert price_index().at(2016) == 100.0


def test_dollars_become_rupiah_of_their_own_year() -> None:
    assert usd_to_idr(2, 2021) == pytest.approx(28_616.28)


def test_a_year_outside_the_series_is_an_error() -> None:
    with pytest.raises(InputError, match=r"year 1999: .* runs from 2000 to 2025"):
        deflate(1, 1999)
    with pytest.raises(InputError, match="runs from 2000 to 2025"):
        usd_to_idr(1, 2030)


def test_price_levels_step_with_the_year_and_stay_beyond_the_ends() -> None:
    assert price_levels("2015-12", 3).tolist() == pytest.approx([0.9659, 1.0, 1.0])
    assert price_levels("1990-01", 2).tolist() == [0.3214, 0.3214]
    assert price_levels("2026-01", 600).tolist() == [1.2867] * 600


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (1_200_000_000, "Rp 1,2 miliar", "Rp 1.2 billion"),
        (850_000_000, "Rp 850 juta", "Rp 850 million"),
        (12_000, "Rp 12 ribu", "Rp 12 thousand"),
        (-1_234_567_890, "-Rp 1,2 miliar", "-Rp 1.2 billion"),
        (1_500_000_000_000, "Rp 1,5 triliun", "Rp 1.5 trillion"),
        (2_500_000_000_000_000, "Rp 2500 triliun", "Rp 2500 trillion"),
        (999_960, "Rp 1 juta", "Rp 1 million"),
        (99_960, "Rp 100 ribu", "Rp 100 thousand"),
        (123_400_000, "Rp 123 juta", "Rp 123 million"),
        (999, "Rp 999", "Rp 999"),
        (0, "Rp 0", "Rp 0"),
        (-0.2, "Rp 0", "Rp 0"),
    ],
)
def test_amounts_are_written_as_people_read_them(value: float, indonesian: str, english: str) -> None:
    assert format_idr(value, "id") == indonesian
    assert format_idr(value, "en") == english


@given(st.floats(-1e15, 1e15))
def test_what_is_written_is_the_amount_to_within_rounding(value: float) -> None:
    words = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
    sign, _, rest = format_idr(value).rpartition("Rp ")
    digits, _, word = rest.partition(" ")
    read = float(digits) * words.get(word, 1.0) * (-1.0 if sign else 1.0)
    assert math.isclose(read, value, rel_tol=0.05, abs_tol=0.51)


def test_other_languages_and_infinite_amounts_are_errors() -> None:
    with pytest.raises(InputError, match="language 'fr' is none of en, id"):
        format_idr(1, "fr")
    with pytest.raises(ValueError, match="no amount"):
        format_idr(math.nan)


def test_amounts_of_a_column_have_the_unit_of_the_largest() -> None:
    assert common_unit([850_000_000.0, -4_600_000_000.0], "id") == (1e9, "Rp miliar")
    assert common_unit([999_960.0], "en") == (1e6, "Rp million")
    assert common_unit([12.0, math.nan, math.inf]) == (1.0, "Rp")
    assert common_unit([]) == (1.0, "Rp")
    with pytest.raises(InputError, match="language 'fr' is none of en, id"):
        common_unit([1.0], "fr")


@given(st.floats(0.0, 1e15))
def test_one_unit_and_one_amount_agree(value: float) -> None:
    scale, unit = common_unit([value])
    assert format_idr(value).startswith("Rp ")
    assert format_idr(value).endswith(unit.removeprefix("Rp").strip())
    assert value / scale < 1000.0 or scale == 1e12
