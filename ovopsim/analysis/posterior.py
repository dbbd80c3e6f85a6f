"""From weighted evaluations to what was learned: draws, their spread against the prior, what they give for targets.

All functions take and give tables; what is random in them follows from a seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.changes import BAND_ENDS
from ovopsim.analysis.effects import t_quantile
from ovopsim.analysis.history_matching import systematic
from ovopsim.analysis.tolerances import Target
from ovopsim.fields import Reals
from ovopsim.study.evaluations import Evaluation
from ovopsim.study.unknowns import Unknown
from ovopsim.study.weighted import effective_number, moments, quantiles, share_below, spread_error

ASSUMPTION_DRIVEN: Final = 0.9  # posterior sd over prior sd; what is not clearly below rests on its prior


@dataclass(frozen=True)
class PosteriorTables:
    """What a calibration found, as tables.

    Attributes
    ----------
    draws : DataFrame
        ``draw`` (name), ``weight`` (adding up to 1) and a column for each unknown; the heaviest first.
    simulated : DataFrame
        ``draw`` and what the model gave at it: a column for each target, means over replications.
    targets : DataFrame
        ``name, low, high, value, fitted, noise_floor``, then the simulated mean over the posterior with its 90 % band,
        the share of the posterior inside the tolerated range (``inside``), and the same share of the prior
        (``inside_prior``).
    identifiability : DataFrame
        ``parameter, shipped, shipped_at`` (share of the posterior below it), ``prior_mean, prior_sd, mean, sd, low,
        high`` (90 %), ``ratio`` (posterior sd over prior sd), ``ratio_error`` (its standard error), ``ratio_low,
        ratio_high`` (95 %), ``assumption_driven`` (that interval does not lie below 0.9). Of the `draws`: whoever
        computes from them finds the same.
    informs : DataFrame
        ``target, parameter, rank_correlation`` (Spearman's, over the prior), ``clear`` (beyond chance: of
        those that are called so 5 % are not), ``variance_drop`` (share of the parameter's variance that the target
        takes away from what all others leave) and ``variance_alone`` with its standard error (share of the prior's
        variance that the target takes away by itself). The last three are NaN where too few evaluations stand for what
        is left, as they often do without a strong target, and for targets that are held out.
    waves : DataFrame
        ``wave, points, failed, not_implausible`` (share of the prior that the wave's emulator leaves).
    record : dict
        What was asked, and how sure it is: ``effective_draws``, ``bandwidth``, seeds, versions.
    """

    draws: pd.DataFrame
    simulated: pd.DataFrame
    targets: pd.DataFrame
    identifiability: pd.DataFrame
    informs: pd.DataFrame
    waves: pd.DataFrame
    record: dict[str, Any]

    @property
    def paths(self) -> list[str]:
        """Paths of what was calibrated."""
        return [str(name) for name in self.draws.columns[2:]]


def thinned(weights: Reals, count: int, chance: np.random.Generator) -> tuple[np.ndarray[Any, Any], Reals]:
    """Return places and weights of at most `count` draws that stand for all.

    Heavy draws keep their weight, the others are drawn in proportion to theirs and get one weight, so that means do not
    move on average (Fearnhead and Clifford 2003, JRSS B 65(4)).
    """
    present = np.flatnonzero(weights > 0.0)
    values = weights[present] / weights[present].sum()
    if len(present) <= count:
        return present, values
    # the weight c for which the sum of min(w / c, 1) is the number that is wanted
    ordered = np.sort(values)[::-1]
    rest = 1.0 - np.cumsum(ordered)
    heavy = 0
    while heavy < count - 1 and ordered[heavy] * (count - heavy) > (rest[heavy] + ordered[heavy]):
        heavy += 1
    level = (1.0 - ordered[:heavy].sum()) / (count - heavy)
    keeps = values > level
    light = np.flatnonzero(~keeps)
    drawn = light[systematic(values[light], count - int(keeps.sum()), chance)]
    places = np.concatenate([np.flatnonzero(keeps), drawn])
    found = np.where(keeps[places], values[places], level)
    order = np.argsort(-found, kind="stable")
    return present[places[order]], found[order] / found.sum()


def identifiability(unknowns: Sequence[Unknown], found: Reals, weights: Reals) -> pd.DataFrame:
    """Return how much narrower each unknown became.

    Parameters
    ----------
    found : array (draws, unknowns)
        Values of weighted draws.
    """
    known = np.array([np.nan if each.shipped is None else each.shipped for each in unknowns])
    mean, deviation = moments(found, weights)
    prior_mean, prior_sd = np.array([each.prior.mean_and_sd() for each in unknowns]).T
    ratio = deviation / prior_sd
    error = spread_error(found, weights) / prior_sd
    half = error * t_quantile(int(effective_number(weights)))
    ends = np.array([quantiles(column, weights, BAND_ENDS) for column in found.T])
    return pd.DataFrame(
        {
            "parameter": [each.path for each in unknowns],
            "shipped": known,
            "shipped_at": share_below(found, weights, known),
            "prior_mean": prior_mean,
            "prior_sd": prior_sd,
            "mean": mean,
            "sd": deviation,
            "low": ends[:, 0],
            "high": ends[:, 1],
            "ratio": ratio,
            "ratio_error": error,
            "ratio_low": ratio - half,
            "ratio_high": ratio + half,
            # said of all that is not clearly narrower: a number nobody learned of lies below by chance often enough
            "assumption_driven": ~(ratio + half < ASSUMPTION_DRIVEN),
        }
    )


def medoid(shares: Reals, weights: Reals) -> int:
    """Return the draw with the least weighted distance to all others, each unknown measured by its prior."""
    away = np.sqrt(((shares[:, None, :] - shares[None, :, :]) ** 2).sum(axis=2))
    return int(np.argmin(away @ weights))


def central_draw(
    targets: Mapping[str, Target], evaluation: Evaluation, paths: Sequence[str], found: Reals, weights: Reals
) -> dict[str, Any]:
    """Return what is known of the draw that defaults use: the values that the model ships with.

    Parameters
    ----------
    evaluation : Evaluation
        At these values.
    found : array (draws, unknowns)
        Values of weighted draws, in the order of `paths`; the evaluation may have been stored in another one.

    Returns
    -------
    dict
        ``values``, ``simulated``, ``outside`` (fitted targets whose mean is not in the tolerated range), ``distance``
        (root mean square over unknowns of the distance from the posterior's mean, in posterior standard deviations: 1
        for a draw of the posterior, on average) and ``at_the_edge`` (unknowns of which it lies outside the middle 90 %
        of the posterior: one in ten of all, for a draw of the posterior).
    """
    values = {path: vars(evaluation)["values"][path] for path in paths}
    here = np.array(list(values.values()))
    mean, deviation = moments(found, weights)
    away = (here - mean) / np.where(deviation > 0.0, deviation, np.inf)
    below, (low, high) = share_below(found, weights, here), BAND_ENDS
    simulated = dict(zip(targets, evaluation.means(tuple(targets)).tolist(), strict=True))
    outside = [name for name, target in targets.items() if target.fitted and not target.holds(simulated[name])]
    return {
        "values": values,
        "simulated": simulated,
        "outside": outside,
        "distance": float(np.sqrt((away**2).mean())),
        "at_the_edge": [path for path, share in zip(paths, below, strict=True) if not low <= share <= high],
    }


def target_table(
    targets: Mapping[str, Target], floors: Mapping[str, float], prior: Reals, found: Reals, weights: Reals
) -> pd.DataFrame:
    """Return what the posterior gives for each target.

    Parameters
    ----------
    prior : array (points, targets)
        What the model gave over the prior.
    found : array (draws, targets)
        What it gave at weighted draws.
    """
    rows = []
    for place, (name, target) in enumerate(targets.items()):
        middle, low, high = quantiles(found[:, place], weights, (0.5, *BAND_ENDS))
        inside = target.distance(found[:, place]) == 0.0
        rows.append(
            {
                "name": name,
                "low": np.nan if target.low is None else target.low,
                "high": np.nan if target.high is None else target.high,
                "value": np.nan if target.value is None else target.value,
                "fitted": target.fitted,
                "noise_floor": floors[name],
                "simulated": float(weights @ found[:, place] / weights.sum()),
                "simulated_median": middle,
                "simulated_low": low,
                "simulated_high": high,
                "inside": float(weights @ inside / weights.sum()),
                "inside_prior": float((target.distance(prior[:, place]) == 0.0).mean()),
            }
        )
    return pd.DataFrame(rows)
