"""What is to be run, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.scenario import Scenario


@dataclass(frozen=True)
class Plan:
    """Scenarios that can be run in the same worlds.

    Attributes
    ----------
    scenarios : mapping of name to Scenario
    baseline : str
        Name of the scenario that the others are compared with.
    replications, seed : int
    n_jobs : int or None
        Threads; None = all cores.
    keep_months : tuple of int
        Months at whose end the tables of firms are kept.
    """

    scenarios: Mapping[str, Scenario]
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
        When the scenarios cannot be compared, or a number cannot be; it says what would be right.
    """
    if not scenarios:
        raise InputError("compare: give at least one scenario.")
    check_numbers(replications, seed, n_jobs, least)
    first = next(iter(scenarios)) if baseline is None else baseline
    if first not in scenarios:
        near = did_you_mean(first, scenarios)
        raise InputError(f"compare: baseline: '{first}' is none of the scenarios ({', '.join(scenarios)}){near}")
    for key in ("start", "months"):
        values = {name: getattr(scenario, key) for name, scenario in scenarios.items()}
        if len(set(values.values())) > 1:
            shown = ", ".join(f"'{name}' {value}" for name, value in values.items())
            raise InputError(f"compare: {key} differs: {shown}. Give all scenarios the same.")
    return Plan(scenarios, first, replications, seed, n_jobs, _kept(keep_months, scenarios[first].months))


def _kept(keep_months: Iterable[int] | None, months: int) -> tuple[int, ...]:
    chosen = [months - 1] if keep_months is None else sorted(set(keep_months))
    outside = [month for month in chosen if not 0 <= month < months]
    if outside:
        raise InputError(f"keep_months: {outside[0]} is no month of a run; they go from 0 to {months - 1}.")
    return tuple(chosen)


def check_numbers(replications: int, seed: int, n_jobs: int | None, least: int = 1) -> None:
    """Refuse numbers of runs, seeds and threads that cannot be.

    Raises
    ------
    InputError
        It names the number and what would be right.
    """
    if replications < least:
        why = "; an interval needs at least 2" if least == 2 else f"; give at least {least}"
        raise InputError(f"replications: is {replications}{why}.")
    if seed < 0:
        raise InputError(f"seed: is {seed}; give 0 or more.")
    if n_jobs is not None and n_jobs < 1:
        raise InputError(f"n_jobs: is {n_jobs}; give 1 or more, or leave it out for all cores.")
