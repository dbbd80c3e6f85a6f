"""What is to be run, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.canonical import canonical_json
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation.checks import check_numbers, check_scenario, kept_months
from ovopsim.study.identity import Content, content_of

__all__ = ["Plan", "check_numbers", "planned"]


@dataclass(frozen=True)
class Plan:
    """Scenarios that can be run in the same worlds.

    Attributes
    ----------
    scenarios : mapping of name to Scenario
    contents : mapping of name to Content
        What identifies them, as their files were when this was planned.
    baseline : str
        Name of the scenario that the others are compared with.
    replications, seed : int
    n_jobs : int or None
        Threads; None = all cores.
    keep_months : tuple of int
        Months at whose end the tables of firms are kept.
    """

    scenarios: Mapping[str, Scenario]
    contents: Mapping[str, Content]
    baseline: str
    replications: int
    seed: int
    n_jobs: int | None
    keep_months: tuple[int, ...]


def planned(
    scenarios: Mapping[str, Scenario],
    baseline: str | None = None,
    replications: int = 64,
    seed: int = 1,
    n_jobs: int | None = None,
    keep_months: Iterable[int] | None = None,
    least: int = 2,
) -> Plan:
    """Return the plan of a comparison.

    Parameters
    ----------
    baseline : str, optional
        None = the first.
    keep_months : iterable of int, optional
        None = the last.
    least : int
        Fewest replications that will do.

    Raises
    ------
    InputError
        When the scenarios cannot be compared, a number cannot be, or a survey cannot be read; it says what would be
        right.
    """
    _check_names(scenarios)
    check_numbers(replications, seed, n_jobs, least)
    first = next(iter(scenarios)) if baseline is None else baseline
    if not isinstance(first, str) or first not in scenarios:
        near = did_you_mean(first, scenarios)
        raise InputError(f"compare: baseline: '{first}' is none of the scenarios ({', '.join(scenarios)}){near}")
    for key in ("start", "months"):
        values = {name: getattr(scenario, key) for name, scenario in scenarios.items()}
        if len(set(values.values())) > 1:
            shown = ", ".join(f"'{name}' {value}" for name, value in values.items())
            raise InputError(f"compare: {key} differs: {shown}. Give all scenarios the same.")
    months = scenarios[first].months
    kept = kept_months([months - 1] if keep_months is None else keep_months, months)
    contents = {name: content_of(scenario) for name, scenario in scenarios.items()}
    _check_populations(scenarios, contents)
    return Plan(scenarios, contents, first, int(replications), int(seed), n_jobs, kept)  # numbers of NumPy's too


def _check_populations(scenarios: Mapping[str, Scenario], contents: Mapping[str, Content]) -> None:
    if len({canonical_json(content.configuration["population"]) for content in contents.values()}) > 1:
        shown = ", ".join(f"'{name}' {_population(scenario)}" for name, scenario in scenarios.items())
        raise InputError(f"compare: population differs: {shown}. Give all scenarios the same.")


def _population(scenario: Scenario) -> str:
    given = scenario.population
    source = given.synthetic or given.survey
    return f"{source}" if given.firms is None else f"{source} ({given.firms} firms)"


def _check_names(scenarios: Mapping[str, Scenario]) -> None:
    if not isinstance(scenarios, Mapping):
        raise InputError(
            f"compare: scenarios is a {type(scenarios).__name__}, not a dictionary; give each scenario a name: "
            "{'Nothing': nothing, 'Fairs': fairs}."
        )
    if not scenarios:
        raise InputError("compare: give at least one scenario.")
    for name, scenario in scenarios.items():
        if not isinstance(name, str):
            raise InputError(f"compare: {name!r} is no name of a scenario; give a text in quotation marks.")
        check_scenario(scenario, f"compare: '{name}'")
