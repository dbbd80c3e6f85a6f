"""From weighted evaluations to what was learned: draws, spread against the prior, which target told what.

All functions take and give tables; what is random in them follows from a seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.history_matching import systematic
from ovopsim.analysis.tolerances import Target
from ovopsim.fields import Reals
from ovopsim.study.evaluations import Evaluation

FEWEST_EFFECTIVE: Final = 30.0  # draws without a target, below which nothing is said of what it takes away
ASSUMPTION_DRIVEN: Final = 0.9  # posterior sd over prior sd above which a number rests on its prior
BAND: Final = (0.05, 0.95)
Z95: Final = 1.959964


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
        high`` (90 %), ``ratio`` (posterior sd over prior sd), ``ratio_error`` (its standard error),
        ``assumption_driven`` (ratio above 0.9).
    informs : DataFrame
        ``target, parameter, rank_correlation`` (Spearman's, over the prior), ``clear`` (beyond chance, 95 %), and
        ``variance_drop``: the share of the parameter's variance that the target takes away from what all others leave;
        NaN where too few evaluations stand for the posterior without it, and for targets that are held out.
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


def effective_number(weights: Reals) -> float:
    """Return how many draws of equal weight say as much (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def moments(values: Reals, weights: Reals) -> tuple[Reals, Reals]:
    """Return weighted mean and standard deviation of each column, the latter corrected for few draws."""
    share = weights / weights.sum()
    mean = share @ values
    lost = 1.0 - float((share**2).sum())
    variance = share @ (values - mean) ** 2 / max(lost, 1e-12)
    return mean, np.sqrt(variance)


def quantiles(values: Reals, weights: Reals, wanted: Sequence[float]) -> Reals:
    """Return weighted quantiles of one column."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - 0.5 * weights[order]
    found: Reals = np.interp(np.array(wanted) * weights.sum(), reached, values[order])
    return found


def identifiability(
    paths: Sequence[str], shipped: Sequence[float | None], prior: Reals, found: Reals, weights: Reals
) -> pd.DataFrame:
    """Return how much narrower each unknown became.

    Parameters
    ----------
    prior : array (points, unknowns)
        Values over the prior.
    found : array (draws, unknowns)
        Values of weighted draws.
    """
    count = effective_number(weights)
    known = np.array([np.nan if each is None else each for each in shipped])
    mean, deviation = moments(found, weights)
    spread = prior.std(axis=0, ddof=1)
    ratio = deviation / np.where(spread > 0.0, spread, np.nan)
    ends = np.array([quantiles(column, weights, BAND) for column in found.T])
    return pd.DataFrame(
        {
            "parameter": list(paths),
            "shipped": known,
            # which share of the posterior lies below
            "shipped_at": np.where(
                np.isnan(known), np.nan, weights @ (found < known) + 0.5 * (weights @ (found == known))
            )
            / weights.sum(),
            "prior_mean": prior.mean(axis=0),
            "prior_sd": spread,
            "mean": mean,
            "sd": deviation,
            "low": ends[:, 0],
            "high": ends[:, 1],
            "ratio": ratio,
            # of a standard deviation that is estimated from so many draws
            "ratio_error": ratio / np.sqrt(2.0 * max(count - 1.0, 1.0)),
            "assumption_driven": ratio > ASSUMPTION_DRIVEN,
        }
    )


def rank_correlations(inputs: Reals, outputs: Reals) -> Reals:
    """Return Spearman's rank correlation (inputs, outputs) of all columns with all; 0 where one does not vary."""
    from scipy.stats import rankdata

    ranks = [rankdata(each, axis=0) - (len(each) + 1) / 2.0 for each in (inputs, outputs)]
    lengths = [np.sqrt((each**2).sum(axis=0)) for each in ranks]
    scale = np.outer(*lengths)
    found: Reals = np.divide(ranks[0].T @ ranks[1], scale, out=np.zeros_like(scale), where=scale > 0.0)
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


def informs(paths: Sequence[str], correlations: Mapping[str, Reals], points: int, drops: Mapping[str, Reals]) -> Any:
    """Return which target tells of which unknown, in long form.

    Parameters
    ----------
    correlations : mapping of str to array (unknowns,)
        By target.
    points : int
        Over which they were taken.
    drops : mapping of str to array (unknowns,)
        By target that was fitted.
    """
    beyond = Z95 / np.sqrt(max(points - 1, 1))
    nothing = np.full(len(paths), np.nan)
    tables = [
        pd.DataFrame(
            {
                "target": name,
                "parameter": list(paths),
                "rank_correlation": found,
                "clear": np.abs(found) > beyond,
                "variance_drop": drops.get(name, nothing),
            }
        )
        for name, found in correlations.items()
    ]
    return pd.concat(tables, ignore_index=True)


def medoid(shares: Reals, weights: Reals) -> int:
    """Return the draw with the least weighted distance to all others, each unknown measured by its prior."""
    away = np.sqrt(((shares[:, None, :] - shares[None, :, :]) ** 2).sum(axis=2))
    return int(np.argmin(away @ weights))


def central_draw(
    targets: Mapping[str, Target], evaluation: Evaluation, values: Reals, weights: Reals
) -> dict[str, Any]:
    """Return what is known of the draw that defaults use: the values that the model ships with.

    Parameters
    ----------
    evaluation : Evaluation
        At these values.
    values : array (draws, unknowns)
        Of weighted draws, in the evaluation's order of paths.

    Returns
    -------
    dict
        ``values``, ``simulated``, ``outside`` (fitted targets whose mean is not in the tolerated range), ``distance``
        (root mean square over unknowns of the distance from the posterior's mean, in posterior standard deviations) and
        ``farther`` (share of the posterior that lies farther away: near 0 for a draw at the edge).
    """
    mean, deviation = moments(values, weights)
    scale = np.where(deviation > 0.0, deviation, np.inf)
    here = np.array([*evaluation.values.values()])  # noqa: PD011 - a dict
    away = np.sqrt((((np.vstack([here, values]) - mean) / scale) ** 2).mean(axis=1))
    simulated = dict(zip(targets, evaluation.means(tuple(targets)).tolist(), strict=True))
    outside = [name for name, target in targets.items() if target.fitted and not target.holds(simulated[name])]
    return {
        "values": dict(evaluation.values),
        "simulated": simulated,
        "outside": outside,
        "distance": float(away[0]),
        "farther": float(weights @ (away[1:] > away[0]) / weights.sum()),
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
        middle, low, high = quantiles(found[:, place], weights, (0.5, *BAND))
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
