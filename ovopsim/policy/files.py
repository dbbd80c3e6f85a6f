"""Scenarios from several files, each under its own name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ovopsim.errors import InputError
from ovopsim.policy.scenario import Scenario, load_scenario


def load_scenarios(files: Iterable[str | Path]) -> dict[str, Scenario]:
    """Return the scenarios of some YAML files by name, in the order of the files.

    Raises
    ------
    InputError
        When a file is wrong, or two scenarios have one name: none of them may be lost in silence.
    """
    found: dict[str, Scenario] = {}
    origin: dict[str, str | Path] = {}
    for path in files:
        scenario = load_scenario(path)
        name = scenario.name
        if name in found:
            raise InputError(
                f"{path}: name: '{name}' is also the name of {origin[name]}. "
                "Give each file once, and each scenario its own name."
            )
        found[name], origin[name] = scenario, path
    return found
