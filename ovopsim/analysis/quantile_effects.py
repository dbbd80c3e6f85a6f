"""Differences between arms of the quantiles of an outcome: what the middle firm gains, whatever the few largest do."""

from __future__ import annotations

from typing import Final

import numpy as np

from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.analysis.trial_samples import Sample
from ovopsim.fields import Reals

BOOTSTRAP_DRAWS: Final = 300


def quantile_name(quantile: float) -> str:
    """Return the name of an estimator.

    Examples
    --------
    >>> quantile_name(0.5)
    'quantile_50'
    """
    return f"quantile_{100.0 * quantile:g}"


def quantile_effect(sample: Sample, quantile: float, seed: int = 0) -> tuple[float, float, float, float]:
    """Return the difference of a quantile between arm and controls, the ends of its interval, and its error.

    The interval is that of a bootstrap within arms, of whole clusters where clusters were randomised.
    """
    stream = np.random.default_rng(seed)
    arms = [sample.treated == 1.0, sample.treated == 0.0]
    middle = [float(np.quantile(sample.outcome[arm], quantile)) for arm in arms]
    drawn = [_drawn(sample, arm, quantile, stream) for arm in arms]
    differences = drawn[0] - drawn[1]
    low, high = np.quantile(differences, [0.5 - CONFIDENCE / 2.0, 0.5 + CONFIDENCE / 2.0])
    return middle[0] - middle[1], float(low), float(high), float(differences.std(ddof=1))


def _drawn(sample: Sample, arm: np.ndarray, quantile: float, stream: np.random.Generator) -> Reals:
    """Return the quantile of each bootstrap draw of an arm (draws,)."""
    values = sample.outcome[arm]
    if sample.clusters is None:
        rows = stream.integers(0, len(values), (BOOTSTRAP_DRAWS, len(values)))
        return np.asarray(np.quantile(values[rows], quantile, axis=1))
    numbers = sample.clusters[arm]
    members = [values[numbers == number] for number in np.unique(numbers)]
    picks = stream.integers(0, len(members), (BOOTSTRAP_DRAWS, len(members)))
    return np.array([np.quantile(np.concatenate([members[pick] for pick in row]), quantile) for row in picks])
