"""The one way to a month-0 state, whether the population is drawn or surveyed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError
from ovopsim.fields import CITY
from ovopsim.policy.scenario import Population
from ovopsim.population.synthetic import BURN_IN, burn_in, draw_population
from ovopsim.rules.environment import Calendar
from ovopsim.state import World

Array = NDArray[np.float64]


def sentra_counts(population: Population, values: dict[str, Any]) -> Array:
    """Return the number of firms of each sentra, scaled to the wanted total."""
    counts = np.asarray(values["population.sentra_firms"], dtype=float)
    if population.firms is None:
        return np.round(counts)
    exact = counts * population.firms / counts.sum()
    scaled = np.floor(exact)
    for place in np.argsort(scaled - exact)[: int(population.firms - scaled.sum())]:
        scaled[place] += 1.0
    return scaled


def month_zero_world(
    population: Population, values: dict[str, Any], row: Array, calendar: Calendar, key: np.uint64
) -> tuple[World, tuple[str, ...]]:
    """Return the state before month 0, and notes on what was imputed.

    Parameters
    ----------
    values, row
        Parameter values, and the same packed for the rules.
    calendar : Calendar
        Burn-in months and at least one more.
    """
    if population.survey is not None:
        raise InputError("population.survey: a survey cannot be read yet; use 'surakarta'.")
    world = draw_population(values, row, sentra_counts(population, values), key)
    burn_in(world, values, row, calendar, key)
    world.city[CITY.month] = 0.0
    return world, ()


__all__ = ["BURN_IN", "month_zero_world", "sentra_counts"]
