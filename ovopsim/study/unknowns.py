"""What nobody knows, as a cube: a share of each prior becomes a value, and values become a scenario.

A path is that of a parameter (`planning.cover`) or of a quantity of a lever (`levers.exhibition.effects.0.by`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ovopsim.errors import InputError, did_you_mean
from ovopsim.fields import Reals
from ovopsim.parameters.loading import leaf_paths
from ovopsim.parameters.records import Record
from ovopsim.parameters.variation import uncertain_leaves
from ovopsim.policy.quantities import LEVERS, quantities, shipped_quantities, with_quantity
from ovopsim.policy.scenario import Scenario
from ovopsim.study.drawn import Spread, Uncertain, located

Chosen = str | Iterable[str] | Mapping[str, Sequence[float] | None]


@dataclass(frozen=True)
class Evenly(Spread):
    """Between two ends, all values alike."""

    low: float
    high: float

    def at(self, share: float) -> float:
        """Return the value below which a share of the prior lies."""
        return (1.0 - share) * self.low + share * self.high


@dataclass(frozen=True)
class Unknown:
    """One number that is to be found out.

    Attributes
    ----------
    path : str
    shipped : float or None
        Its value in the model; None for a number that is not the model's.
    prior : Evenly or Uncertain
    """

    path: str
    shipped: float | None
    prior: Evenly | Uncertain

    def at(self, share: float) -> float:
        """Return the value below which a share of the prior lies."""
        return self.prior.at(share)

    def told(self) -> list[Any]:
        """Return the prior as plain values, to be kept beside what was found under it."""
        if isinstance(self.prior, Evenly):
            return ["uniform", self.prior.low, self.prior.high]
        return [*(self.prior.record.prior or ()), self.shipped]


@cache
def lever_records() -> Mapping[str, Record]:
    """Return the record of each number of a shipped lever that has one, by path."""
    every = {path: number for numbers in shipped_quantities().values() for path, number in numbers.items()}
    return {path: number for path, number in every.items() if isinstance(number, Record)}


def uncertain_paths() -> tuple[str, ...]:
    """Return the paths of all parameters, and of all quantities of levers, that are marked `uncertain`."""
    return (*uncertain_leaves(), *(path for path, record in lever_records().items() if record.uncertain))


def unknowns_of(chosen: Chosen | None = None) -> tuple[Unknown, ...]:
    """Return what is to be found out.

    Parameters
    ----------
    chosen : str, iterable of str, or mapping
        None or ``"uncertain"`` = all that is marked so; paths with a prior; or path -> ``(low, high)``, between which a
        value is spread evenly (None = its prior). A path with ends may be that of a model of somebody's own.

    Raises
    ------
    InputError
        When there is no such path, or it has no prior.
    """
    if chosen is None or (isinstance(chosen, str) and chosen == "uncertain"):
        chosen = uncertain_paths()
    if isinstance(chosen, str):
        chosen = (chosen,)
    given = dict(chosen) if isinstance(chosen, Mapping) else dict.fromkeys(chosen)
    if not given:
        raise InputError("parameters: give at least one path.")
    return tuple(_unknown(str(path).removeprefix("parameters."), ends) for path, ends in given.items())


def _unknown(path: str, ends: Sequence[float] | None) -> Unknown:
    if ends is not None:
        low_high = _checked_ends(path, ends)
        known = path in leaf_paths() or path in lever_records()
        return Unknown(path, _shipped(path) if known else None, Evenly(*low_high))
    prior = located(path, (), "parameters")
    if prior.record.prior is None:
        raise InputError(f"parameters: '{path}' has no prior; give [low, high]{did_you_mean(path, uncertain_paths())}")
    return Unknown(path, prior.record.value_of(prior.member), prior)


def _shipped(path: str) -> float:
    found = located(path, (), "parameters")
    return found.record.value_of(found.member)


def _checked_ends(path: str, ends: Any) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in ends)
    except (TypeError, ValueError):
        raise InputError(f"parameters: '{path}' is {ends!r}; give [low, high].") from None
    if not np.isfinite([low, high]).all() or low >= high:
        raise InputError(f"parameters: '{path}' is {ends!r}; give [low, high], the lower first.")
    return low, high


def values_at(unknowns: Sequence[Unknown], shares: Reals) -> list[dict[str, float]]:
    """Return the values of each row of shares (points, unknowns), by path."""
    return [{each.path: each.at(float(share)) for each, share in zip(unknowns, row, strict=True)} for row in shares]


def with_values(base: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return a scenario in which parameters and quantities of levers have other values.

    Raises
    ------
    InputError
        When a path does not exist, or a value cannot be.

    Examples
    --------
    >>> found = with_values(Scenario(), {"planning.cover": 2.0, "levers.exhibition.unit_cost": 1e6})
    >>> found.parameters, found.levers["exhibition"].unit_cost
    ({'planning.cover': 2.0}, 1000000.0)
    """
    parameters = {path: value for path, value in values.items() if not path.startswith(LEVERS)}
    levers = dict(base.levers)
    for path, value in values.items():
        if path.startswith(LEVERS):
            name = path.split(".")[1]
            if name not in base.all_levers:
                raise InputError(f"'{path}': there is no such lever{did_you_mean(name, base.all_levers)}")
            lever = levers.get(name, base.all_levers[name])
            if path not in quantities(name, lever):
                raise InputError(f"'{path}' is no number of the lever{did_you_mean(path, quantities(name, lever))}")
            levers[name] = with_quantity(lever, path, value)
    return base.changed(parameters=base.parameters | parameters, levers=levers)
