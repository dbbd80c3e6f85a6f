"""Shapley values: games whose answer is known, and the axioms that single them out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.analysis.shapley import coalitions, shapley_values

PLAYERS = ("a", "b", "c", "d")
worths = st.floats(-1e6, 1e6)
SETS = coalitions(PLAYERS)
games = st.lists(worths, min_size=16, max_size=16).map(lambda worth: dict(zip(SETS, worth, strict=True)))


def of(game: Mapping[frozenset[str], float]) -> dict[str, float]:
    return {player: float(value) for player, value in shapley_values(game).items()}


def test_all_sets_are_there_once_from_nobody_to_all() -> None:
    assert len(set(SETS)) == len(SETS) == 16
    assert (SETS[0], SETS[-1]) == (frozenset(), frozenset(PLAYERS))


@given(st.lists(worths, min_size=4, max_size=4), worths)
def test_in_an_additive_game_everyone_has_what_he_adds(adds: list[float], nobody: float) -> None:
    own = dict(zip(PLAYERS, adds, strict=True))
    found = of({each: nobody + sum(own[name] for name in each) for each in SETS})
    assert found == pytest.approx(own, rel=1e-9, abs=1e-6)


def test_a_surplus_of_two_is_shared_by_halves_and_of_all_by_quarters() -> None:
    pair = {each: 10.0 if {"a", "b"} <= each else 0.0 for each in SETS}
    assert of(pair) == pytest.approx({"a": 5.0, "b": 5.0, "c": 0.0, "d": 0.0})
    everyone = {each: 8.0 if len(each) == 4 else 0.0 for each in SETS}
    assert of(everyone) == pytest.approx(dict.fromkeys(PLAYERS, 2.0))


def test_the_airport_game_has_its_known_answer() -> None:
    """A runway costs what the largest plane needs; each stretch is shared by those who use it."""
    needs = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 6.0}
    found = of({each: max((needs[name] for name in each), default=0.0) for each in SETS})
    assert found == pytest.approx({"a": 1 / 4, "b": 1 / 4 + 1 / 3, "c": 13 / 12, "d": 13 / 12 + 3.0})


@given(games)
def test_values_add_up_to_what_all_add_to_nobody(game: dict[frozenset[str], float]) -> None:
    gained = game[frozenset(PLAYERS)] - game[frozenset()]
    assert sum(of(game).values()) == pytest.approx(gained, rel=1e-9, abs=1e-7)


@given(games, games)
def test_values_of_a_sum_of_games_are_sums(
    one: dict[frozenset[str], float], other: dict[frozenset[str], float]
) -> None:
    both = of({each: one[each] + other[each] for each in SETS})
    mine, yours = of(one), of(other)
    assert both == pytest.approx({name: mine[name] + yours[name] for name in PLAYERS}, rel=1e-9, abs=1e-6)


@given(games)
def test_games_side_by_side_are_each_its_own(game: dict[frozenset[str], float]) -> None:
    beside = shapley_values({each: np.array([[worth, 0.0], [-worth, 2.0 * worth]]) for each, worth in game.items()})
    for name, value in of(game).items():
        expected = np.array([[value, 0.0], [-value, 2.0 * value]])
        np.testing.assert_allclose(beside[name], expected, rtol=1e-9, atol=1e-6)


def test_a_set_without_a_worth_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        shapley_values({each: 1.0 for each in SETS if len(each) != 2})
