"""Differences between arms of the quantiles of an outcome: what the middle firm gains, whatever the few largest do."""

from __future__ import annotations

from collections.abc import Sequence
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


def quantile_effects(sample: Sample, quantiles: Sequence[float], seed: int = 0) -> Reals:
    """Return the difference of each quantile between arm and controls: estimate, ends of the interval, error.

    The interval is that of a bootstrap within arms, of whole clusters where clusters were randomised.

    Returns
    -------
    array (quantiles, 4)
    """
    stream = np.random.default_rng(seed)
    arms = [sample.treated == 1.0, sample.treated == 0.0]
    middle = [np.quantile(sample.outcome[arm], quantiles) for arm in arms]
    drawn = [_drawn(sample, arm, quantiles, stream) for arm in arms]
    differences = drawn[0] - drawn[1]
    low, high = np.quantile(differences, [0.5 - CONFIDENCE / 2.0, 0.5 + CONFIDENCE / 2.0], axis=0)
    return np.column_stack([middle[0] - middle[1], low, high, differences.std(axis=0, ddof=1)])


def _drawn(sample: Sample, arm: np.ndarray, quantiles: Sequence[float], stream: np.random.Generator) -> Reals:
    """Return the quantiles of each bootstrap draw of an arm (draws, quantiles)."""
    values = sample.outcome[arm]
    if sample.clusters is None:
        rows = stream.integers(0, len(values), (BOOTSTRAP_DRAWS, len(values)))
        return np.asarray(np.quantile(values[rows], quantiles, axis=1)).T
    numbers = sample.clusters[arm]
    members = [values[numbers == number] for number in np.unique(numbers)]
    picks = stream.integers(0, len(members), (BOOTSTRAP_DRAWS, len(members)))
    return np.array([np.quantile(np.concatenate([members[pick] for pick in row]), quantiles) for row in picks])
