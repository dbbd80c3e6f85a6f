"""What is to be run, checked before anything runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.canonical import canonical_json
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation.checks import check_numbers, check_scenario, kept_months
from ovopsim.study.drawn import Draws, checked_posterior, resampled, with_draw
from ovopsim.study.identity import Content, content_of, model_digest

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
    draws : tuple of mapping of str to float
        Values of what nobody knows, by path, for each world; empty = those that the model ships with in all.
    """

    scenarios: Mapping[str, Scenario]
    contents: Mapping[str, Content]
    baseline: str
    replications: int
    seed: int
    n_jobs: int | None
    keep_months: tuple[int, ...]
    draws: tuple[Mapping[str, float], ...] = ()

    @property
    def digest(self) -> str:
        """What, besides a scenario and a world, a result depends on: the model, and the draws of its worlds."""
        if not self.draws:
            return model_digest()
        content = canonical_json([dict(sorted(draw.items())) for draw in self.draws])
        return hashlib.sha256(f"{model_digest()} {content}".encode()).hexdigest()

    def at(self, name: str, replication: int) -> Scenario:
        """Return a scenario as it is run in one world."""
        scenario = self.scenarios[name]
        return with_draw(scenario, self.draws[replication]) if self.draws else scenario


def planned(  # noqa: PLR0913, PLR0917 - what an analyst may choose is an argument
    scenarios: Mapping[str, Scenario],
    baseline: str | None = None,
    replications: int = 64,
    seed: int = 1,
    n_jobs: int | None = None,
    keep_months: Iterable[int] | None = None,
    least: int = 2,
    posterior: Draws | None = None,
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
    posterior : DataFrame or path, optional
        Draws of a calibration (`study.drawn.checked_posterior`), of which each world has another one; what a scenario
        sets itself stands. None = the values that the model ships with.

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
    draws = () if posterior is None else _draws(posterior, scenarios, int(replications), int(seed))
    return Plan(scenarios, contents, first, int(replications), int(seed), n_jobs, kept, draws)  # NumPy's numbers too


def _draws(
    posterior: Draws, scenarios: Mapping[str, Scenario], replications: int, seed: int
) -> tuple[Mapping[str, float], ...]:
    found = resampled(checked_posterior(posterior, scenarios.values()), replications, seed)
    return tuple({str(path): float(value) for path, value in row.items()} for row in found.to_dict("records"))


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
