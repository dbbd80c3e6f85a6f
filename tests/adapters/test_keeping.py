"""What was made last is kept, once for all threads, within its room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ovopsim.adapters.keeping import Kept, bytes_of
from ovopsim.simulation import month_zero
from tests.small import small


def kept(most_bytes: int = 100) -> tuple[Kept[str], list[str]]:
    return Kept(len, most_bytes), []


def test_a_value_is_made_once_and_then_kept() -> None:
    values, made = kept()
    assert [values.get("a", lambda: made.append("a") or "A") for _ in range(3)] == ["A"] * 3
    assert made == ["a"]


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    values, made = kept(most_bytes=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        values.get(key, lambda key=key: made.append(key) or key)
    assert made == ["a", "b", "c", "b"]
    assert len(values) == 2


def test_a_value_larger_than_all_the_room_is_given_and_kept_alone() -> None:
    values, _ = kept(most_bytes=2)
    values.get("a", lambda: "a")
    assert values.get("b", lambda: "much") == "much"
    assert len(values) == 1


def test_threads_that_ask_at_once_share_one_value() -> None:
    values, made = kept()
    together = Barrier(4)

    def ask(_: int) -> str:
        together.wait()
        return values.get("a", lambda: made.append("a") or "A")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == ["A"] * 4
    assert made == ["a"]


def test_after_a_failure_it_is_tried_again() -> None:
    values, _ = kept()

    def fail() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        values.get("a", fail)
    assert values.get("a", lambda: "A") == "A"


@pytest.mark.usefixtures("warm_core")
def test_a_state_takes_what_its_arrays_take() -> None:
    start = month_zero(small(), 1, 0)
    assert bytes_of(start) > start.world.firms.nbytes > 10_000
