"""What else differs between an arm and the baseline: a difference that is not the programme's alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ovopsim.labels import label, name_of
from ovopsim.parameters.loading import resolved_changes
from ovopsim.policy.canonical import canonical_json
from ovopsim.policy.scenario import Scenario


def other_differences(arm: Scenario, baseline: Scenario) -> str:
    """Return in which keys of their files two scenarios differ beside what the agency does; empty = in none.

    A lever's record counts where both use the lever: one that only the arm uses is part of its programme.

    Examples
    --------
    >>> other_differences(Scenario(shocks=["pandemic"]), Scenario())
    'shocks (pandemic)'
    """
    differing = {
        "shocks": _unlike(_shocks(arm), _shocks(baseline)),
        "parameters": _unlike(resolved_changes(arm.parameters), resolved_changes(baseline.parameters)),
        "levers": _unlike(_levers(arm, baseline), _levers(baseline, arm)),
        "size_law": _unlike({arm.size_law: 1}, {baseline.size_law: 1}),
    }
    return ", ".join(f"{key} ({', '.join(names)})" for key, names in differing.items() if names)


def differing_arms(summary: pd.DataFrame) -> dict[str, str]:
    """Return the arms of `summary_table` that differ from the baseline in more than the programme, and in what."""
    return {row["arm"]: row["differs_in"] for row in summary.to_dict("records") if row["differs_in"]}


def difference_lines(summary: pd.DataFrame, language: str = "en") -> list[str]:
    """Return a warning for each arm whose difference is not the programme's alone."""
    return [
        label("text.differs_too", language, arm=name_of("arm", arm, language), what=what)
        for arm, what in differing_arms(summary).items()
    ]


def _unlike(mine: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name for name in dict.fromkeys((*mine, *other)) if mine.get(name) != other.get(name)]


def _shocks(scenario: Scenario) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for shock in scenario.shocks:
        found.setdefault(shock.name, []).append((shock.first_month, shock.strength))
    return {name: sorted(each) for name, each in found.items()}


def _used(scenario: Scenario) -> Iterable[str]:
    shares = {} if scenario.programme is None else scenario.programme.shares
    return {name for name, share in shares.items() if share > 0.0} | {each.lever for each in scenario.assignments}


def _levers(scenario: Scenario, other: Scenario) -> dict[str, str]:
    both = set(_used(scenario)) & set(_used(other))
    return {name: canonical_json(lever) for name, lever in scenario.all_levers.items() if name in both}
