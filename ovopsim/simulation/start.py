"""The eve of month 0: a cluster, its parameters and its key, which every scenario that shares them is forked from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ovopsim.draws import key_of
from ovopsim.fields import FIRM, Reals
from ovopsim.packing import pack_parameters
from ovopsim.parameters import price_levels, values
from ovopsim.parameters.derived import derive
from ovopsim.policy.calendar import build_calendar
from ovopsim.policy.canonical import canonical_json, population_content
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.shocks import shock_paths
from ovopsim.population.month_zero import BURN_IN, month_zero_world
from ovopsim.rules.environment import Calendar
from ovopsim.state import World


@dataclass(frozen=True)
class MonthZero:
    """A cluster on the eve of month 0, and all that a run of it needs besides a programme.

    Attributes
    ----------
    world : World
        State before month 0; runs copy it.
    values : dict
        Parameter values by ``submodel.field``, derived ones included.
    row : array (parameters,)
        The same, packed for the rules.
    key : uint64
        Key of the replication's draws.
    firms : int
        Firms in business.
    notes : tuple of str
        What a reader should know of these firms, as sentences (`population.notes.Note`, each in both languages): what
        a survey left out and was drawn, what did not fit, and where a synthetic cluster is far from its margins.
    """

    world: World
    values: dict[str, Any]
    row: Reals
    key: np.uint64
    firms: int
    notes: tuple[str, ...] = ()


def population_key(scenario: Scenario) -> tuple[Any, ...]:
    """Return what a scenario's month-0 state depends on, besides seed and replication."""
    return (
        canonical_json(population_content(scenario.population)),
        scenario.start,
        scenario.size_law,
        tuple(sorted(scenario.parameters.items())),
    )


def parameter_values(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's parameter values with the derived ones; `size_law` chooses the size classes."""
    found = dict(values(scenario.parameters))
    if scenario.size_law == "pp_2021":
        found["accounts.small_from"] = found["accounts.small_from_pp_2021"]
        found["accounts.medium_from"] = found["accounts.medium_from_pp_2021"]
    return derive(found)


SEASONAL = (
    "environment.lebaran_uplift",
    "environment.year_end_uplift",
    "environment.lebaran_days_before",
    "environment.lebaran_days_after",
    "planning.cover",
)

_calendars: dict[Any, Calendar] = {}

CALENDARS_KEPT = 64


def calendar_of(scenario: Scenario, parameters: dict[str, Any]) -> Calendar:
    """Return the seasons, shocks and prices of a scenario's months, burn-in included.

    The last calendars are kept: a comparison asks for the same one in every run. They are read, never written.
    """
    seasonal = [np.asarray(parameters[name]).tobytes() for name in SEASONAL]
    key = (scenario.start, scenario.months, scenario.shocks, *seasonal)
    calendar = _calendars.get(key)
    if calendar is None:  # threads may build the same one twice, never miss one
        calendar = _build(scenario, parameters)
        if len(_calendars) >= CALENDARS_KEPT:
            _calendars.clear()
        _calendars[key] = calendar
    return calendar


def _build(scenario: Scenario, parameters: dict[str, Any]) -> Calendar:
    return build_calendar(
        parameters,
        scenario.start,
        BURN_IN,
        scenario.months,
        price_levels(scenario.start, scenario.months),
        shock_paths(scenario.shocks, scenario.months),
    )


def month_zero(scenario: Scenario, seed: int, replication: int) -> MonthZero:
    """Return the month-0 state of a scenario's population, parameters and replication.

    Examples
    --------
    >>> month_zero(Scenario(), seed=1, replication=0).firms > 100
    True
    """
    parameters = parameter_values(scenario)
    row = pack_parameters(parameters)
    key = key_of(seed, replication)
    quiet = scenario.model_copy(update={"months": 1, "shocks": ()})  # what comes later must not touch month 0
    world, notes = month_zero_world(scenario.population, parameters, row, calendar_of(quiet, parameters), key)
    return MonthZero(world, parameters, row, key, int((world.firms[FIRM.active] == 1.0).sum()), notes)
