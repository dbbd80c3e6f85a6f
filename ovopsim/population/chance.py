"""Draws of what the first owners are like, one for each firm and question, keyed like all draws (docs/odd.md)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.compiling import door
from ovopsim.draws import INITIAL_POPULATION, normal, uniform

Array = NDArray[np.float64]

# Where a draw stands in time: the drawn cluster and the firms of a survey never share one.
DRAWN: Final = 0
SURVEYED: Final = 1


@door
def _fill_luck(out: Array, key: Any, time: int, index: int) -> None:
    for firm in range(out.shape[0]):
        out[firm] = normal(key, INITIAL_POPULATION, firm, time, index)


@door
def _fill_chance(out: Array, key: Any, time: int, index: int) -> None:
    for firm in range(out.shape[0]):
        out[firm] = uniform(key, INITIAL_POPULATION, firm, time, index)


def luck_of(key: Any, count: int, time: int, index: int) -> Array:
    """Return one standard normal for each of `count` firms."""
    values = np.empty(count)
    _fill_luck(values, key, time, index)
    return values


def chance_of(key: Any, count: int, time: int, index: int) -> Array:
    """Return one uniform in (0, 1) for each of `count` firms."""
    values = np.empty(count)
    _fill_chance(values, key, time, index)
    return values
