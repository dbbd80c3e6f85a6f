"""A long list of the agency is put in order in two parts, and is then the list that it would have been in one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovopsim.compiling import door
from ovopsim.fields import AGENCY, CITY, FIRM
from ovopsim.month import empty_scratch, lists_of
from ovopsim.policy.scenario import Scenario
from ovopsim.rules import agency
from ovopsim.rules.agency import listing
from ovopsim.state import LISTED_FIRM, LISTED_SLOT, World, empty_world
from tests.worlds import Run, cluster


def candidates(scores: list[float]) -> tuple[World, object]:
    """Return a world with a firm in every second slot, and what is to be put in order."""
    world = empty_world(2 * len(scores), 1)
    slots = 2 * np.arange(len(scores))
    world.firms[FIRM.firm_id] = 100.0 + np.arange(2 * len(scores))
    world.city[CITY.used_slots] = 2 * len(scores)
    lists = lists_of(empty_scratch(2 * len(scores)))
    lists.scores[: len(scores)] = scores
    lists.slots[: len(scores)] = slots
    return world, lists


def listed(world: World, end: int) -> list[list[float]]:
    found: list[list[float]] = world.lists[LISTED_SLOT : LISTED_FIRM + 1, 0, :end].tolist()
    return found


@settings(max_examples=60)
@given(
    scores=st.lists(st.floats(-5.0, 5.0) | st.sampled_from([0.0, 1.0]), min_size=40, max_size=90),
    steps=st.integers(1, 30),
    best=st.integers(1, 16),
)
def test_both_parts_together_are_the_whole_list(scores: list[float], steps: int, best: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "STEPS", steps)
        patch.setattr(listing, "BEST", best)
        world, lists = candidates(scores)
        whole, spare = candidates(scores)
        listing.list_in_order(whole, 0, spare, len(scores))
        listing.list_best_first(world, 0, lists, len(scores))
        front = int(world.agency[AGENCY.in_order, 0])
        assert front * best >= len(scores), "too few are in order"
        assert listed(world, front) == listed(whole, front)
        world.firms[FIRM.firm_id] += 1000.0  # who moves in later is not on the list
        listing.put_in_order(world, 0, lists, len(scores))
    assert world.agency[AGENCY.in_order, 0] == len(scores)
    assert listed(world, len(scores)) == listed(whole, len(scores))


@door
def _list(world, lists, count, long):  # type: ignore[no-untyped-def]
    if long:
        listing.list_best_first(world, 0, lists, count)
        listing.put_in_order(world, 0, lists, count)
    else:
        listing.list_in_order(world, 0, lists, count)


@pytest.mark.parametrize("spread", ["normal", "equal", "one far off"])
def test_so_it_is_compiled_and_at_full_length(spread: str) -> None:
    count = 2 * listing.WHOLE
    scores = np.random.default_rng(3).normal(size=count)
    scores = {"normal": scores, "equal": np.ones(count), "one far off": np.append(scores[1:], -1e9)}[spread]
    (world, lists), (whole, spare) = candidates(list(scores)), candidates(list(scores))
    _list(world, lists, count, True)
    _list(whole, spare, count, False)
    assert listed(world, count) == listed(whole, count)


PLENTY = {
    "levers": {"equipment_grant": {"capacity": 40, "requires": {"minimum_age": 0}, "acceptance": {"intercept": 100.0}}},
    "programme": {"budget": 1e10, "shares": {"equipment_grant": 1.0}},
}


def test_who_is_served_does_not_depend_on_how_a_list_is_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """With money for all, the agency comes to the part of the list that was left unordered."""
    scenario, start = Scenario(months=4, **PLENTY), cluster((8, 20, 22))  # type: ignore[arg-type]
    whole = Run(scenario, start, plain=True)
    whole.all(4)
    ends: list[int] = []
    real = listing.put_in_order
    monkeypatch.setattr(agency, "put_in_order", lambda *given: (ends.append(given[-1]), real(*given)))
    for name, value in (("WHOLE", 10), ("BEST", 16), ("STEPS", 20)):
        monkeypatch.setattr(listing, name, value)
    parts = Run(scenario, start, plain=True)
    parts.all(4)
    assert ends == [50], "the rest is put in order once, when money reaches it"
    for name in ("firms", "served", "sentras", "city"):
        assert np.array_equal(getattr(parts.world, name), getattr(whole.world, name)), name
