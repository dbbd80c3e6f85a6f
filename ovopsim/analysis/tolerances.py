"""Targets of a calibration: a tolerated range for a simulated mean, and how far outside it a simulation lies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ovopsim.errors import InputError
from ovopsim.fields import Reals

# what a target without width or value is softened by: this share of its spread over the prior
OPEN_SHARE: Final = 0.25
KEYS: Final = ("low", "high", "value", "fitted")


@dataclass(frozen=True)
class Target:
    """One thing that the simulation should give.

    Attributes
    ----------
    low, high : float or None
        Tolerated range of the mean over replications; None = open to that side.
    value : float or None
        As published.
    fitted : bool
        Whether parameters are fitted to it; one that is held out is only shown.
    """

    low: float | None
    high: float | None
    value: float | None = None
    fitted: bool = True

    def distance(self, simulated: Reals) -> Reals:
        """Return how far outside the tolerated range values lie; 0 inside."""
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return np.maximum(np.maximum(low - simulated, simulated - high), 0.0)

    def holds(self, simulated: float) -> bool:
        """Whether a mean lies in the tolerated range."""
        return is_inside(simulated, self.low, self.high)

    def spread(self, over_prior: Reals) -> float:
        """Return the standard deviation that the tolerance amounts to.

        That of a uniform distribution over the range. A range that is open to one side is taken to reach as far beyond
        the published value as its bound lies before it; without value, a share of the spread over the prior stands in.
        """
        if self.low is not None and self.high is not None:
            return (self.high - self.low) / math.sqrt(12.0)
        bound = self.high if self.low is None else self.low
        if self.value is not None and bound is not None and self.value != bound:
            return abs(self.value - bound) / math.sqrt(3.0)
        low, high = np.nanquantile(over_prior, [0.25, 0.75])
        return OPEN_SHARE * float(high - low) / 1.349 or 1e-9  # quartiles: a few runs may lie far away


def is_inside(value: float, low: float | None, high: float | None) -> bool:
    """Whether a mean lies in a tolerated range, open where a bound is missing; one that is unknown (NaN) does not."""
    return not math.isnan(value) and (low is None or value >= low) and (high is None or value <= high)


def targets_of(given: Mapping[str, Any]) -> dict[str, Target]:
    """Return targets by name, from what somebody gave.

    Parameters
    ----------
    given : mapping
        Name -> `Target`, ``(low, high[, value[, fitted]])``, or a mapping with these keys, of which others are left
        aside; ``published`` may stand for ``value``.

    Raises
    ------
    InputError
        It names the target and what would be right.
    """
    if not isinstance(given, Mapping) or not given:
        raise InputError("targets: give at least one, as name: (low, high).")
    found = {str(name): _target(str(name), each) for name, each in given.items()}
    if not any(target.fitted for target in found.values()):
        raise InputError("targets: all are held out; at least one must be fitted.")
    return found


def _target(name: str, given: Any) -> Target:
    if isinstance(given, Target):
        found = given
    elif isinstance(given, Mapping):
        published: dict[str, Any] = {"low": None, "high": None, "value": given.get("published")}
        found = Target(**published | {key: given[key] for key in KEYS if key in given})
    elif isinstance(given, Sequence) and not isinstance(given, str) and 2 <= len(given) <= len(KEYS):
        found = Target(*given)
    else:
        raise InputError(f"targets: '{name}' is {given!r}; give (low, high), with None for an open side.")
    ends = [end for end in (found.low, found.high) if end is not None]
    numbers = [*ends, *([] if found.value is None else [found.value])]
    if any(isinstance(each, bool) or not isinstance(each, int | float) or not math.isfinite(each) for each in numbers):
        raise InputError(f"targets: '{name}': low, high and value must be finite numbers or None.")
    if not ends or (len(ends) == 2 and ends[0] >= ends[1]):
        raise InputError(f"targets: '{name}': give low or high, and low below high.")
    return found
