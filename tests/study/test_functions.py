"""What a function is: all that decides what it gives is part of it, and what cannot be told apart is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from ovopsim.errors import InputError
from ovopsim.policy import Scenario
from ovopsim.study import functions
from ovopsim.study.functions import identity_of


def scaled(scale: Any, value: float = 1.0) -> Any:
    return scale * value


def made(scale: Any) -> Callable[[float], Any]:
    def inner(value: float) -> Any:
        return inner(0.0) if value < 0.0 else scaled(scale, value)

    return inner


class Model:
    def __init__(self, scale: Any) -> None:
        self.scale = scale

    def __call__(self, value: float) -> Any:
        return self.scale * value

    def method(self, value: float) -> Any:
        return self.scale * value


def local(scale: Any) -> Any:
    class Local(Model):
        pass

    return Local(scale)


KINDS: dict[str, Callable[[Any], Any]] = {
    "positional": lambda scale: partial(scaled, scale),
    "named": lambda scale: partial(scaled, value=scale),
    "closure": made,
    "function in a closure": lambda scale: made(made(scale)),
    "object": Model,
    "object of a local class": local,
    "method": lambda scale: Model(scale).method,
    "default": lambda scale: lambda value, size=scale: value * size,
    "nested partial": lambda scale: partial(partial(scaled, scale), value=2.0),
}
PAIRS = [
    (1.0, 2.0),
    ("a", "b"),
    (np.arange(3.0), np.arange(3.0) + 1e-9),
    ([1, [2, 3]], [1, [2, 4]]),
    (["ab", "c"], ["a", "bc"]),
    ({"a": 1.0}, {"a": 2.0}),
    (Scenario(months=12), Scenario(months=24)),
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_function_was_given_is_part_of_it(kind: str) -> None:
    for one, other in PAIRS:
        assert identity_of(KINDS[kind](one)) == identity_of(KINDS[kind](one))
        assert identity_of(KINDS[kind](one)) != identity_of(KINDS[kind](other))


def test_functions_of_one_name_in_one_file_are_told_apart() -> None:
    twice, thrice = lambda value: 2.0 * value, lambda value: 3.0 * value
    assert identity_of(twice) != identity_of(thrice)
    typed_in: list[Any] = []
    for text in ("a + b", "a - b", "a + b"):
        names: dict[str, Any] = {}
        exec(f"def model(a, b):\n    return {text}", names)  # noqa: S102 - as somebody types it in
        typed_in.append(names["model"])
    assert identity_of(typed_in[0]) == identity_of(typed_in[2]) != identity_of(typed_in[1])


def test_sets_and_mappings_have_no_order() -> None:
    assert identity_of(made({"a": 1, "b": 2})) == identity_of(made({"b": 2, "a": 1}))
    assert identity_of(made({"a", "b"})) == identity_of(made({"b", "a"})) != identity_of(made({"a"}))


def test_other_files_count_where_they_are_named() -> None:
    assert identity_of(scaled) != identity_of(scaled, [functions])


def test_what_cannot_be_told_apart_is_refused() -> None:
    with pytest.raises(InputError, match="simulate: holds a lock"):
        identity_of(made(threading.Lock()))
