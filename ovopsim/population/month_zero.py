"""The one way to a month-0 state, whether the population is drawn or surveyed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError
from ovopsim.fields import CITY
from ovopsim.policy.scenario import Population
from ovopsim.population.notes import Note, margin_notes, origin_notes
from ovopsim.population.slots import without_gaps
from ovopsim.population.survey import read_survey
from ovopsim.population.surveyed import resampled, surveyed_world
from ovopsim.population.synthetic import BURN_IN, burn_in, draw_population
from ovopsim.rules.environment import Calendar
from ovopsim.state import World

Array = NDArray[np.float64]


def sentra_counts(values: dict[str, Any], firms: int | None = None) -> Array:
    """Return the number of firms of each sentra, scaled to a wanted total (None = as published)."""
    counts = np.asarray(values["population.sentra_firms"], dtype=float)
    if firms is None:
        published: Array = np.round(counts)
        return published
    exact = counts * firms / counts.sum()
    scaled: Array = np.floor(exact)
    for place in np.argsort(scaled - exact)[: int(firms - scaled.sum())]:
        scaled[place] += 1.0
    return scaled


def month_zero_world(
    population: Population, values: dict[str, Any], row: Array, calendar: Calendar, key: np.uint64
) -> tuple[World, tuple[Note, ...]]:
    """Return the state before month 0, and notes on what was imputed, set or missed.

    Parameters
    ----------
    population : Population
    values : dict
        Parameter values by ``submodel.field``.
    row : array (parameters,)
        The same, packed for the rules.
    calendar : Calendar
        Burn-in months and at least one more.
    key : uint64
        Key of the replication.

    Raises
    ------
    InputError
        When a survey is not sound, or sales and channels do not go together.
    """
    survey = None if population.survey is None else read_survey(population.survey)
    counts = sentra_counts(values, population.firms if survey is None else None)
    world = draw_population(values, row, counts, key)
    burn_in(world, values, row, calendar, key)
    notes = [*margin_notes(world, values, counts), *origin_notes(world)]
    if survey is not None:
        wanted = survey.count if population.firms is None else population.firms
        chosen = resampled(survey, wanted, key)
        try:
            world, notes = surveyed_world(chosen, world, values, calendar, BURN_IN, key)
        except InputError as error:
            raise InputError(f"{population.survey}: {str(error).removeprefix('population: ')}") from None
        if wanted != survey.count:
            notes.insert(0, Note("note_resampled", all=wanted, rows=survey.count))
    world.city[CITY.month] = 0.0
    return without_gaps(world), tuple(notes)


__all__ = ["BURN_IN", "month_zero_world", "sentra_counts"]
