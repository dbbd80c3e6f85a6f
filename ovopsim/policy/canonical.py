"""One text for all ways of writing the same scenario, so that equal runs have equal ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ovopsim.errors import InputError
from ovopsim.parameters.loading import resolved_changes
from ovopsim.parameters.records import Record
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.scenario import Population, Scenario


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys, no spaces, and one way to write each number (1.0 is 1).

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": (0.5, None)})
    '{"a":[0.5,null],"b":1}'
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return _plain(value.value)  # what is said about a number does not change a run
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields if name != "about"}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def file_digest(path: str | Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None


def population_content(population: Population) -> Any:
    """Return what a population is made of: a survey's content, not its path."""
    if population.survey is None:
        return population
    return {"survey_sha256": file_digest(population.survey), "firms": population.firms}


def levers_delivered(scenario: Scenario) -> set[str]:
    """Return the levers that a scenario pays for, or that its assignments order."""
    shares = {} if scenario.programme is None else scenario.programme.shares
    return {name for name, share in shares.items() if share != 0.0} | {each.lever for each in scenario.assignments}


def canonical(scenario: Scenario) -> str:
    """Return a scenario as canonical JSON.

    Defaults are filled in and the name is left out. A survey is represented by its content, shocks are sorted and have
    their months, parameters are single numbers that differ from the shipped ones. A shipped lever that nobody delivers
    may be changed at will, and a share of nothing left out: no run can tell.
    """
    content = {name: getattr(scenario, name) for name in Scenario.model_fields if name != "name"}
    content["population"] = population_content(scenario.population)
    shocks = [(shock.name, shock.first_month, shock.strength) for shock in scenario.shocks]
    content["shocks"] = sorted(shocks)
    delivered = levers_delivered(scenario)
    content["levers"] = {
        name: lever  # a new one stands even if unused: it moves the draws of those after it
        for name, lever in scenario.levers.items()
        if name in delivered or name not in builtin_levers()
    }
    if scenario.programme is not None:
        shares = {name: share for name, share in scenario.programme.shares.items() if share != 0.0}
        content["programme"] = scenario.programme.model_copy(update={"shares": shares})
    content["parameters"] = resolved_changes(scenario.parameters)
    return canonical_json(content)


def scenario_digest(scenario: Scenario) -> str:
    """Return the SHA-256 of a scenario's canonical JSON."""
    return hashlib.sha256(canonical(scenario).encode()).hexdigest()
