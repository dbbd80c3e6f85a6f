"""Which target told of which number: what moves with what over the prior, and whose spread a target takes away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.fields import Reals
from ovopsim.study.weighted import effective_number, moments, spread_error

FEWEST_EFFECTIVE: Final = 30.0  # draws without a target, below which nothing is said of what it takes away
FALSE: Final = 0.05  # of the correlations that are called clear: this share is chance


def rank_correlations(inputs: Reals, outputs: Reals) -> Reals:
    """Return Spearman's rank correlation (inputs, outputs) of all columns with all; 0 where one does not vary."""
    from scipy.stats import rankdata

    ranks = [rankdata(each, axis=0) - (len(each) + 1) / 2.0 for each in (inputs, outputs)]
    lengths = [np.sqrt((each**2).sum(axis=0)) for each in ranks]
    scale = np.outer(*lengths)
    found: Reals = np.divide(ranks[0].T @ ranks[1], scale, out=np.zeros_like(scale), where=scale > 0.0)
    return found


def clear(correlations: Reals, points: int) -> np.ndarray[Any, Any]:
    """Return which rank correlations are beyond chance, of all that were looked at together.

    By Benjamini and Hochberg (1995, JRSS B 57(1)): of those that are called clear 5 % are chance, on average. With each
    tested alone, 5 % of *all* would be called clear where nothing moves with anything.

    Parameters
    ----------
    points : int
        Over which the correlations were taken.
    """
    from scipy.special import ndtr

    chance = 2.0 * ndtr(-np.abs(correlations.ravel()) * np.sqrt(max(points - 1, 1)))
    ordered = np.sort(chance)
    passed = np.flatnonzero(ordered <= FALSE * np.arange(1, len(ordered) + 1) / len(ordered))
    level = ordered[passed[-1]] if len(passed) else -1.0
    found: np.ndarray[Any, Any] = (chance <= level).reshape(correlations.shape)
    return found


def variance_drops(found: Reals, weights: Reals, without: Mapping[str, Reals]) -> dict[str, Reals]:
    """Return by target which share of each unknown's variance it takes away from what the other targets leave.

    Parameters
    ----------
    without : mapping of str to array (draws,)
        Weights when the target is left out.
    """
    variance = moments(found, weights)[1] ** 2
    drops = {}
    for name, others in without.items():
        left = moments(found, others)[1] ** 2
        known = effective_number(others) >= FEWEST_EFFECTIVE
        drops[name] = 1.0 - variance / np.where((left > 0.0) & known, left, np.nan)
    return drops


def variance_alone(found: Reals, prior_sd: Reals, alone: Mapping[str, Reals]) -> dict[str, tuple[Reals, Reals]]:
    """Return by target which share of each unknown's prior variance it takes away when it is the only one, and errors.

    What a target alone rules out is little beside what all rule out, so that of the evaluations many stand for what it
    leaves: this is known where `variance_drops` is not, since those without a strong target are few.

    Parameters
    ----------
    alone : mapping of str to array (draws,)
        Weights when no other target counts.
    """
    taken = {}
    for name, weights in alone.items():
        known = effective_number(weights) >= FEWEST_EFFECTIVE
        ratio = np.where(known, moments(found, weights)[1] / prior_sd, np.nan)
        taken[name] = 1.0 - ratio**2, 2.0 * ratio * spread_error(found, weights) / prior_sd
    return taken


def informs(
    paths: Sequence[str],
    correlations: Mapping[str, Reals],
    points: int,
    drops: Mapping[str, Reals],
    alone: Mapping[str, tuple[Reals, Reals]],
) -> pd.DataFrame:
    """Return which target tells of which unknown, in long form.

    Parameters
    ----------
    correlations : mapping of str to array (unknowns,)
        By target.
    points : int
        Over which they were taken.
    drops : mapping of str to array (unknowns,)
        By target that was fitted.
    alone : mapping of str to pair of array (unknowns,)
        By target that was fitted: share and its standard error.
    """
    beyond = clear(np.array(list(correlations.values())), points)
    nothing = np.full(len(paths), np.nan)
    tables = []
    for place, (name, found) in enumerate(correlations.items()):
        share, error = alone.get(name, (nothing, nothing))
        columns = {
            "target": name,
            "parameter": list(paths),
            "rank_correlation": found,
            "clear": beyond[place],
            "variance_drop": drops.get(name, nothing),
            "variance_alone": share,
            "variance_alone_error": error,
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)
