"""What may be varied in an analysis, and between which ends: the priors, for tools that draw by themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ovopsim.errors import InputError
from ovopsim.parameters.variation import quantile, uncertain_leaves
from ovopsim.policy.quantities import LEVERS, located
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.settings import changed_by, full_path

Ends = tuple[float, float]
Paths = Iterable[str] | Mapping[str, Ends]

TAIL: Final = 0.005  # of a log-normal prior, which has no end of its own, left out on each side


def ends_of(paths: Paths | None, base: Scenario, where: str) -> dict[str, Ends]:
    """Return the lowest and the highest value of each path, by the path as it was given.

    Parameters
    ----------
    paths : iterable of str, or mapping of str to pair of float
        Paths of numbers with a prior, or any paths with their ends; None = all uncertain parameters.
    base : Scenario
        What they change.
    where : str
        What the error message begins with.

    Raises
    ------
    InputError
        When there is no such path, it has no prior and no ends, or the base cannot take them.
    """
    if isinstance(paths, str):
        raise InputError(f"{where}: is {paths!r}; give a list: ['{paths}'].")
    chosen = uncertain_leaves() if paths is None else paths
    given: Mapping[str, Any] = chosen if isinstance(chosen, Mapping) else {}
    found: dict[str, Ends] = {}
    taken: dict[str, str] = {}
    for path in chosen:
        full = full_path(path, base)
        if full in taken:
            raise InputError(f"{where}: '{path}' is varied twice; give each path once.")
        taken[full] = path
        found[path] = _given_ends(path, given[path], where) if path in given else prior_ends(full, where)
    if not found:
        raise InputError(f"{where}: nothing is varied; give at least one path.")
    return found


def prior_ends(path: str, where: str) -> Ends:
    """Return the ends of a number's prior; of a log-normal one, those that hold 99 % of it, within the hard range.

    Raises
    ------
    InputError
        When it has no prior.
    """
    if not path.startswith(("parameters.", LEVERS)):
        raise InputError(f"{where}: '{path}' has no prior; give its ends: {{'{path}': (low, high)}}.")
    record, member = located(path)
    if record.prior is None:
        raise InputError(f"{where}: '{path}' has no prior; give its ends: {{'{path}': (low, high)}}.")
    tail = TAIL if record.prior[0] == "lognormal" else 0.0
    return quantile(record, member, tail), quantile(record, member, 1.0 - tail)


def _given_ends(path: str, given: Any, where: str) -> Ends:
    try:
        low, high = (float(end) for end in given)
    except (TypeError, ValueError):
        raise InputError(f"{where}: '{path}' is {given!r}; give its ends: (low, high).") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"{where}: '{path}' goes from {low:g} to {high:g}; give the lower end first.")
    return low, high


def check_ends(ends: Mapping[str, Ends], base: Scenario) -> None:
    """Refuse ends that the base cannot take, before anything is run.

    Raises
    ------
    InputError
        It names the path and what would be right.
    """
    for side in (0, 1):
        changed_by(base, {path: pair[side] for path, pair in ends.items()})
