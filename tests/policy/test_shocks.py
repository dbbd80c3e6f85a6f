"""What may happen from outside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.errors import InputError
from ovopsim.parameters.loading import values
from ovopsim.parameters.records import Record
from ovopsim.policy.shocks import Path, Shock, ShockChoice, builtin_shocks, shock_paths

NAMES = st.sampled_from(list(builtin_shocks()))
MONTHS = 60


def number(value: Any, bounds: tuple[float, float]) -> Record:
    return Record(about="Made up.", unit="one", value=value, range=bounds, grade="assumption")


def path(change: float, months: float, half_life: float) -> Path:
    return Path(
        change=number(change, (-0.99, 9.0)), months=number(months, (1, 99)), half_life=number(half_life, (0.1, 99))
    )


def test_nothing_happens_without_shocks() -> None:
    assert {name: factors.shape for name, factors in shock_paths([], 7).items()} == {
        "spending": (7, 4),
        "outside_price": (7,),
        "material_price": (7,),
    }
    assert all(np.all(factors == 1.0) for factors in shock_paths([], 7).values())


def test_a_path_falls_at_once_stays_and_halves_what_is_left_of_its_log() -> None:
    factors = path(-0.75, 2, 3).factors(np.arange(-2.0, 8.0), 1.0)
    assert factors[:2].tolist() == [1.0, 1.0]
    assert factors[2:4].tolist() == pytest.approx([0.25, 0.25])
    assert factors[6] == pytest.approx(0.5)  # three months after the worst, half of ln 0.25 is left
    assert factors[9] == pytest.approx(0.25**0.25)


def test_a_rise_comes_back_down() -> None:
    factors = path(0.4, 1, 1).factors(np.arange(0.0, 3.0), 1.0)
    assert factors.tolist() == pytest.approx([1.4, 1.4**0.5, 1.4**0.25])


@given(NAMES, st.integers(0, MONTHS), st.floats(0.0, 3.0))
def test_before_its_start_a_shock_changes_nothing_and_later_all_stays_positive(
    name: str, start: int, strength: float
) -> None:
    for factors in shock_paths([ShockChoice(name=name, start=start, strength=strength)], MONTHS).values():
        assert np.all(factors[:start] == 1.0)
        assert np.all((factors > 0.0) & np.isfinite(factors))


@given(NAMES)
def test_a_shock_without_strength_is_none(name: str) -> None:
    for factors in shock_paths([ShockChoice(name=name, strength=0.0)], MONTHS).values():
        assert np.all(factors == 1.0)


@given(st.lists(st.tuples(NAMES, st.integers(0, 30)), min_size=2, max_size=4))
def test_shocks_multiply_and_their_order_changes_no_bit(given_shocks: list[tuple[str, int]]) -> None:
    choices = [ShockChoice(name=name, start=start) for name, start in given_shocks]
    forward, backward = shock_paths(choices, MONTHS), shock_paths(choices[::-1], MONTHS)
    for name, factors in forward.items():
        assert np.array_equal(factors, backward[name])
        product = np.prod([shock_paths([choice], MONTHS)[name] for choice in choices], axis=0)
        assert np.allclose(factors, product)


def test_the_pandemic_takes_half_to_four_fifths_and_is_nearly_over_after_two_years() -> None:
    mix = np.asarray(values()["market.channel_mix"])
    spending = shock_paths([ShockChoice(name="pandemic", start=0)], 25)["spending"] @ (mix / mix.sum())
    assert 0.2 <= spending.min() <= 0.5
    assert spending[24] >= 0.9
    assert builtin_shocks()["pandemic"].outside_price is None


def test_cheap_prints_press_outside_prices_and_dear_cotton_raises_materials() -> None:
    prints = shock_paths([ShockChoice(name="cheap_print", start=3)], MONTHS)
    assert prints["outside_price"].min() < 1.0
    assert np.all(prints["material_price"] == 1.0)
    cotton = shock_paths([ShockChoice(name="cotton", start=3)], MONTHS)
    assert cotton["material_price"].max() == pytest.approx(1.4)
    assert cotton["outside_price"].max() > 1.0
    assert np.all(cotton["spending"] == 1.0)


def test_a_name_is_enough_and_the_record_says_when() -> None:
    choice = ShockChoice.model_validate("pandemic")
    assert choice == ShockChoice(name="pandemic")
    assert choice.first_month == builtin_shocks()["pandemic"].start.value_of()
    assert ShockChoice(name="pandemic", start=0).first_month == 0


@pytest.mark.parametrize(
    ("given_keys", "message"),
    [
        ({"name": "pandemik"}, "'pandemik' is no shock; did you mean 'pandemic'?"),
        ({"name": "pandemic", "begin": 3}, "'begin' is no key"),
        ({"name": "pandemic", "start": -1}, "start is -1"),
        ({"name": "pandemic", "strength": -1}, "strength is -1"),
    ],
)
def test_a_wrong_choice_is_named(given_keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        ShockChoice(**given_keys)
    assert message in str(caught.value)


def test_a_shock_has_channels_where_it_should() -> None:
    start = number(0, (0, 10))
    with pytest.raises(InputError, match="one number for each of local, tourist, national, export"):
        Shock(about="Made up.", start=start, spending=path(-0.5, 1, 1))
    with pytest.raises(InputError, match="above -1"):
        Path(change=number(-0.5, (-1, 0)), months=number(1, (1, 9)), half_life=number(1, (1, 9)))
