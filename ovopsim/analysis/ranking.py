"""Which mix is best, how sure that is, and whether the ranking holds in other draws of what nobody knows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit
from scipy.stats import rankdata

from ovopsim.analysis.changes import BAND_ENDS
from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.analysis.repeats import Rows, worth
from ovopsim.fields import Reals


def share_interval(share: float, count: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share that was found in `count` draws (Wilson 1927).

    It is an interval also where the share is 0 or 1.

    Examples
    --------
    >>> [round(end, 3) for end in share_interval(0.0, 64)]
    [0.0, 0.057]
    """
    z2 = float(ndtri(0.5 + CONFIDENCE / 2.0)) ** 2
    middle = (share + z2 / (2.0 * count)) / (1.0 + z2 / count)
    half = math.sqrt(z2 * (share * (1.0 - share) / count + z2 / (4.0 * count**2))) / (1.0 + z2 / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def best_rows(effects: Mapping[str, Reals], level: float, counted: float | None = None) -> list[dict[str, Any]]:
    """Return for each arm in how many draws it is best, and what choosing it costs where it is not.

    Parameters
    ----------
    effects : mapping of arm to array (draws, worlds)
        Of the arms in the race, the same draws and worlds in all; higher is better.
    level : float
        The baseline's mean, which regrets are over.
    counted : float, optional
        How many different draws these are worth (`analysis.repeats`); None = all.

    Returns
    -------
    list of dict
        ``arm, best`` (share of draws in which its mean over worlds is highest; arms that tie share a draw), ``low,
        high`` (Wilson's 95 % interval over draws: chance within a draw is not in it, and of arms that do not differ
        some are best by luck), ``clearly`` (share of draws in which it beats the next one beyond
        chance, by the 95 % interval over pairs of worlds), ``regret`` (mean over draws of what the best one of the
        draw brings more, over `level`), ``worst_regret`` (that of its worst draw). With few worlds the best one is in
        part lucky, which makes regrets larger than they are.
    """
    values = np.array(list(effects.values()))
    means = values.mean(axis=2)
    top = means == means.max(axis=0)
    shares = (top / top.sum(axis=0)).mean(axis=1)
    clearly = _clearly(values)
    regret = (means.max(axis=0) - means) / (abs(level) if level != 0.0 else math.nan)
    rows = []
    for place, arm in enumerate(effects):
        low, high = share_interval(float(shares[place]), counted or means.shape[1])
        rows.append(
            {
                "arm": arm,
                "best": float(shares[place]),
                "low": low,
                "high": high,
                "clearly": float(clearly[place]),
                "regret": float(regret[place].mean()),
                "worst_regret": float(regret[place].max()),
            }
        )
    return rows


def _clearly(values: Reals) -> Reals:
    """Return for each arm the share of draws in which it leads the second beyond chance.

    The second is the one by the draw's means: a third whose difference is noisier may still be close.

    Parameters
    ----------
    values : array (arms, draws, worlds)
    """
    arms, draws, worlds = values.shape
    if arms < 2:
        return np.full(arms, math.nan)
    order = np.argsort(values.mean(axis=2), axis=0)
    place = np.arange(draws)
    lead = values[order[-1], place] - values[order[-2], place]
    half = float(stdtrit(worlds - 1, 0.5 + CONFIDENCE / 2.0)) * lead.std(axis=1, ddof=1) / math.sqrt(worlds)
    clear = lead.mean(axis=1) > half
    leads: Reals = np.bincount(order[-1][clear], minlength=arms) / draws
    return leads


def beats_rows(effects: Mapping[str, Reals], counted: float | None = None) -> list[dict[str, Any]]:
    """Return for each pair of arms in how many draws the first has the higher mean over worlds (a tie is half a draw).

    Parameters and interval as for `best_rows`; ``arm, other, beats, low, high``.
    """
    means = {arm: values.mean(axis=1) for arm, values in effects.items()}
    rows = []
    for arm, one in means.items():
        for other, two in means.items():
            if arm != other:
                share = float(((one > two) + 0.5 * (one == two)).mean())
                low, high = share_interval(share, counted or len(one))
                rows.append({"arm": arm, "other": other, "beats": share, "low": low, "high": high})
    return rows


def kendall(one: Reals, other: Reals) -> float:
    """Return Kendall's tau-b of two rankings (1 = the same, −1 = turned round); NaN where one ties all.

    Examples
    --------
    >>> kendall(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0]))
    0.3333333333333333
    """
    above = np.triu_indices(len(one), 1)
    first, second = (np.sign(each[:, None] - each[None, :])[above] for each in (one, other))
    scale = math.sqrt(float((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale > 0.0 else math.nan


def spearman(one: Reals, other: Reals) -> float:
    """Return Spearman's correlation of two rankings; NaN where one ties all.

    Examples
    --------
    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0]))
    0.5
    """
    first, second = (rankdata(each) - (len(each) + 1) / 2.0 for each in (one, other))
    scale = math.sqrt(float((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / scale if scale > 0.0 else math.nan


def ranking_row(effects: Mapping[str, Reals]) -> dict[str, Any]:
    """Return how the rankings of single draws agree with the ranking of the means over all draws.

    Parameters as for `best_rows`.

    Returns
    -------
    dict
        ``kendall, spearman`` (means over draws), ``kendall_low, kendall_high`` (what holds 90 % of the draws),
        ``same_best`` (share of draws whose best is the best of the means), ``kendall_halves`` (agreement within a draw
        between its first and its second half of worlds: what chance alone leaves of the agreement of half the worlds),
        ``order`` (arms by their means, the best first).
    """
    values = np.array(list(effects.values()))
    means = values.mean(axis=2)
    overall = means.mean(axis=1)
    half = values.shape[2] // 2
    first, second = values[:, :, :half].mean(axis=2), values[:, :, half : 2 * half].mean(axis=2)
    taus = np.array([kendall(draw, overall) for draw in means.T])
    names = list(effects)
    return {
        "kendall": _mean(taus),
        **dict(zip(("kendall_low", "kendall_high"), _ends(taus), strict=True)),
        "spearman": _mean(np.array([spearman(draw, overall) for draw in means.T])),
        "same_best": float((means.argmax(axis=0) == overall.argmax()).mean()),
        "kendall_halves": _mean(np.array([kendall(one, two) for one, two in zip(first.T, second.T, strict=True)])),
        "order": " > ".join(names[place] for place in np.argsort(-overall, kind="stable")),
    }


def _mean(values: Reals) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def _ends(values: Reals) -> list[float]:
    known = values[np.isfinite(values)]
    return [float(end) for end in np.quantile(known, BAND_ENDS)] if len(known) else [math.nan, math.nan]


def tables(
    values: Mapping[tuple[str, str], Reals],
    levels: Mapping[str, float],
    baseline: str,
    rows: Rows | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables ``best``, ``beats`` and ``ranking`` by outcome; the baseline is in the race, with no effect.

    Parameters
    ----------
    values : mapping of (arm, outcome) to array (draws, shocks, worlds)
        Effects; shocks are averaged over.
    levels : mapping of outcome to float
    rows : array (draws,), optional
        Number of the posterior's row that each draw has; None = all have their own.
    """
    made: dict[str, list[dict[str, Any]]] = {"best": [], "beats": [], "ranking": []}
    for outcome in dict.fromkeys(outcome for _, outcome in values):
        race = {arm: each.mean(axis=1) for (arm, name), each in values.items() if name == outcome}
        # of one race the draws are worth as much as they are of the arm that depends most on their rows
        counted = min(worth(each.mean(axis=1), rows) for each in race.values())
        race = {baseline: np.zeros_like(next(iter(race.values())))} | race
        key = {"outcome": outcome}
        made["best"] += [key | row for row in best_rows(race, levels[outcome], counted)]
        made["beats"] += [key | row for row in beats_rows(race, counted)]
        made["ranking"].append(key | ranking_row(race))
    return {name: pd.DataFrame(each) for name, each in made.items()}
