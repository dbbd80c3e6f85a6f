"""Exact effects of a trial: the same firms with and without it; and how often evaluators' intervals hold them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from ovopsim.analysis.effects import CONFIDENCE, mean_effect
from ovopsim.analysis.quantile_effects import BOOTSTRAP_DRAWS, quantile_name
from ovopsim.analysis.trial_samples import ALL, EvaluationPlan, firm_groups, replications, treated_arms
from ovopsim.fields import Reals
from ovopsim.policy.trials import CONTROL

EXACT_ESTIMATORS: Final = ("exact", "exact_survivors", "exact_accepted")
# what each estimator estimates; a quantile_… estimates exact_quantile_…
ESTIMAND: Final = {"difference": "exact", "ancova": "exact", "treatment_on_treated": "exact_accepted"}
CELL: Final = ("trial", "arm", "outcome", "month", "group")
Row = dict[str, Any]


def exact_effects(frames: pd.DataFrame | Iterable[pd.DataFrame], plan: EvaluationPlan) -> pd.DataFrame:
    """Return exact effects alone, which need no regression; columns as those of `evaluate`."""
    rows = []
    for firms in replications(frames, plan):
        head = {"replication": firms["replication"].iloc[0], "trial": plan.trial}
        rows += [head | row for row in exact_effects_of(firms, plan)]
    return pd.DataFrame(rows)


def exact_effects_of(firms: pd.DataFrame, plan: EvaluationPlan) -> Iterator[Row]:
    """Yield the exact effects of one replication, on each arm and on the controls.

    ``exact`` is the mean over all firms of the arm, found or not, of the outcome with the trial less without; a closed
    firm has zero. Of skills, which a closed firm does not have, it is the mean over firms that have them in both runs.
    """
    for name, mask in firm_groups(firms, plan.groups).items():
        for arm in [*treated_arms(firms), CONTROL]:
            members = firms[mask & (firms["arm"] == arm).to_numpy()]
            if members.empty:
                continue
            for outcome in plan.outcomes:
                for month in plan.months:
                    place = {"arm": arm, "outcome": outcome, "month": month, "group": name}
                    yield from (place | row for row in _effects(members, place, plan))


def _effects(members: pd.DataFrame, place: Row, plan: EvaluationPlan) -> Iterator[Row]:
    month = place["month"]
    with_trial = members[f"{place['outcome']}_{month}"].to_numpy(float)
    without = members[f"{place['outcome']}_{month}_without"].to_numpy(float)
    known = ~np.isnan(with_trial) & ~np.isnan(without)
    alive = members[f"alive_{month}"].to_numpy(bool) & members[f"alive_{month}_without"].to_numpy(bool)
    parts = {"exact": known, "exact_survivors": known & alive}
    if place["arm"] != CONTROL:
        parts["exact_accepted"] = known & members["accepted"].to_numpy(bool)
    numbers = members["cluster"].to_numpy()
    for name, part in parts.items():
        if part.any():
            level = float(without[part].mean())
            row = _row(name, float((with_trial - without)[part].mean()), level)
            yield row | {"n": int(part.sum()), "clusters": len(np.unique(numbers[part]))}
    if place["group"] == ALL and place["arm"] != CONTROL and known.any():
        for quantile in plan.quantiles:
            level = float(np.quantile(without[known], quantile))
            row = _row(
                f"exact_{quantile_name(quantile)}", float(np.quantile(with_trial[known], quantile)) - level, level
            )
            yield row | {"n": int(known.sum()), "clusters": len(np.unique(numbers[known]))}


def _row(estimator: str, estimate: float, level: float) -> Row:
    unknown = dict.fromkeys(("low", "high", "se"), math.nan)
    return {
        "estimator": estimator,
        "estimate": estimate,
        "control_mean": level,
        "percent": relative(estimate, level),
        "note": "",
    } | unknown


def relative(estimate: float, level: float) -> float:
    """Return an effect in per cent of a level; NaN where the level is not positive."""
    return 100.0 * estimate / level if level > 0.0 else math.nan


def over_replications(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each row of `evaluate` over replications, with the interval of that mean.

    Returns
    -------
    DataFrame
        The columns of `evaluate` with ``replications`` for ``replication``: ``estimate, low, high, se`` are of the mean
        over replications (unknown, NaN, of one), ``n, clusters`` means, ``percent`` the mean estimate over the mean of
        ``control_mean``.
    """
    rows = []
    for key, cell in table.groupby([*CELL, "estimator"], sort=False):
        values = cell["estimate"].dropna().to_numpy(float)
        if not len(values):
            continue
        effect = mean_effect(values)
        level = float(cell["control_mean"].mean())
        rows.append(
            dict(zip([*CELL, "estimator"], key, strict=True))
            | {"estimate": effect.mean, "low": effect.low, "high": effect.high}
            | {"se": effect.spread / math.sqrt(len(values)), "n": float(cell["n"].mean())}
            | {"clusters": float(cell["clusters"].mean()), "control_mean": level}
            | {"percent": relative(effect.mean, level)}
            | {"note": ", ".join(sorted(set(cell["note"]) - {""})), "replications": len(values)}
        )
    return pd.DataFrame(rows)


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Return how often the evaluator's interval holds the exact effect, and by how much the estimate is off.

    Parameters
    ----------
    table : DataFrame
        Of `evaluate`, over many replications.

    Returns
    -------
    DataFrame
        ``trial, arm, outcome, month, group, estimator, replications, coverage`` (share of replications), ``low, high``
        (its 95 % interval by the binomial law: Clopper and Pearson 1934, Biometrika 26(4), 404–413), ``nominal``,
        ``bias`` (mean of estimate less exact effect), ``bias_low, bias_high`` and ``bias_percent`` (of the mean exact
        effect; NaN where that is zero).
    """
    key = [*CELL, "replication"]
    rows = []
    for name in dict.fromkeys(table["estimator"]):
        truth = f"exact_{name}" if name.startswith("quantile_") else ESTIMAND.get(name)
        if truth is None:
            continue
        exact = table.loc[table["estimator"] == truth, [*key, "estimate"]]
        pairs = table[(table["estimator"] == name) & table["low"].notna()].merge(exact, on=key, suffixes=("", "_exact"))
        for cell, found in pairs.groupby(list(CELL), sort=False):
            rows.append(dict(zip(CELL, cell, strict=True)) | {"estimator": name} | _covered(found))
    return pd.DataFrame(rows)


def _covered(pairs: pd.DataFrame) -> Row:
    exact = pairs["estimate_exact"].to_numpy(float)
    inside = int(((pairs["low"] <= exact) & (exact <= pairs["high"])).sum())
    low, high = binomial_interval(inside, len(pairs))
    bias = mean_effect(pairs["estimate"].to_numpy(float) - exact)
    whole = float(exact.mean())
    return {
        "replications": len(pairs),
        "coverage": inside / len(pairs),
        "low": low,
        "high": high,
        "nominal": CONFIDENCE,
        "bias": bias.mean,
        "bias_low": bias.low,
        "bias_high": bias.high,
        "bias_percent": 100.0 * bias.mean / abs(whole) if whole != 0.0 else math.nan,
    }


def binomial_interval(hits: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact interval of a share.

    Examples
    --------
    >>> low, high = binomial_interval(0, 20)
    >>> low, round(high, 3)
    (0.0, 0.168)
    """
    tail = 0.5 - confidence / 2.0
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1.0 - tail)) if hits < trials else 1.0
    return low, high


def fade_out(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Return what is left of the effect of the first follow-up at each later one.

    Parameters
    ----------
    table : DataFrame
        Of `evaluate` or `exact_effects`, over several replications.

    Returns
    -------
    DataFrame
        ``trial, arm, outcome, group, estimator, month, first_month, kept`` (mean effect over that of the first
        follow-up), ``low, high`` (95 % bootstrap interval over replications), ``replications``. Where the effect of the
        first follow-up is not clear, there is nothing to fade, and all three are NaN.
    """
    cell = ["trial", "arm", "outcome", "group", "estimator"]
    rows = []
    whole = table[~table["estimator"].str.startswith("bias_")]
    for key, effects in whole.groupby(cell, sort=False):
        months = effects.pivot_table("estimate", "replication", "month").dropna()
        for month in months.columns[1:]:
            kept, low, high = _kept(months[month].to_numpy(float), months.iloc[:, 0].to_numpy(float), seed)
            head = dict(zip(cell, key, strict=True)) | {"month": month, "first_month": months.columns[0]}
            rows.append(head | {"kept": kept, "low": low, "high": high, "replications": len(months)})
    return pd.DataFrame(rows)


def _kept(late: Reals, early: Reals, seed: int) -> tuple[float, float, float]:
    if len(early) < 2 or not mean_effect(early).clear:
        return math.nan, math.nan, math.nan
    rows = np.random.default_rng(seed).integers(0, len(early), (BOOTSTRAP_DRAWS, len(early)))
    drawn = early[rows].mean(axis=1)
    shares = late[rows].mean(axis=1)[drawn != 0.0] / drawn[drawn != 0.0]
    low, high = np.quantile(shares, [0.5 - CONFIDENCE / 2.0, 0.5 + CONFIDENCE / 2.0])
    return float(late.mean() / early.mean()), float(low), float(high)
