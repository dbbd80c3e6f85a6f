"""The effects of a field trial as its evaluator estimates them, beside the exact ones.

The evaluator sees the firms that the survey found and what the survey asks: difference of means, ANCOVA with the
baseline of the outcome and strata (both by intention to treat), treatment on the treated, differences of quantiles, and
bounds for attrition. The exact effect is that of the same firms in the paired run without the trial.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.attrition import lee_bounds
from ovopsim.analysis.exact_effects import exact_effects_of, relative
from ovopsim.analysis.quantile_effects import quantile_effects, quantile_name
from ovopsim.analysis.regressions import Fit, instrumented, regression
from ovopsim.analysis.trial_samples import (
    ALL,
    EvaluationPlan,
    Sample,
    firm_groups,
    replications,
    sample_of,
    treated_arms,
)

COLUMNS: Final = (
    *("replication", "trial", "arm", "outcome", "month", "estimator", "group", "estimate", "low", "high", "se"),
    *("n", "clusters", "control_mean", "percent", "note"),
)
ESTIMATORS: Final = ("difference", "ancova", "treatment_on_treated", "lee_lower", "lee_upper")
# estimators of the effect of being offered that a spillover on the controls puts off
NAIVE: Final = ("difference", "ancova")
Row = dict[str, Any]


def evaluate(frames: pd.DataFrame | Iterable[pd.DataFrame], plan: EvaluationPlan) -> pd.DataFrame:
    """Return estimated and exact effects, a row for each replication, arm, outcome, month, estimator and group.

    Parameters
    ----------
    frames : DataFrame or iterable of DataFrame
        Firm frames of one or several replications.
    plan : EvaluationPlan

    Returns
    -------
    DataFrame
        ``replication, trial, arm, outcome, month, estimator, group, estimate, low, high`` (95 %), ``se, n`` (firms),
        ``clusters, control_mean`` (of the controls found; of an exact effect, of the same firms without the trial),
        ``percent`` (estimate over control mean; NaN where that is not positive) and ``note`` (``few_clusters``,
        ``weak_first_stage`` or empty).

        Estimators: ``difference, ancova`` (intention to treat), ``treatment_on_treated`` (two-stage least squares),
        ``quantile_50`` and so on, ``lee_lower, lee_upper``; ``exact`` (over all firms of the arm, closed ones with
        zero), ``exact_survivors`` (in business in both runs), ``exact_accepted`` (firms that took part),
        ``exact_quantile_50``; with arm ``control``, ``exact`` is the effect on the controls; ``bias_difference,
        bias_ancova``: the estimate less the exact effect, whose interval is that of the estimate. An exact effect has
        no error: these firms' effect in this world is known.

    Raises
    ------
    InputError
        When a frame lacks a column or an arm, or statsmodels is not installed.
    """
    rows = [row for firms in replications(frames, plan) for row in _of_replication(firms, plan)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def contrast(sample: Sample, adjusted: bool = True) -> Fit:
    """Return the effect of being offered: ANCOVA when `adjusted`, a difference of means otherwise."""
    others = sample.others if adjusted else sample.others[:, :0]
    return regression(sample.outcome, sample.treated, others, sample.clusters)


def treatment_on_treated(sample: Sample) -> Fit:
    """Return the effect of taking part, with the offer as instrument, baseline and strata."""
    return instrumented(sample.outcome, sample.accepted, sample.treated, sample.others, sample.clusters)


def _of_replication(firms: pd.DataFrame, plan: EvaluationPlan) -> Iterator[Row]:
    head = {"replication": firms["replication"].iloc[0], "trial": plan.trial}
    exact = [head | row for row in exact_effects_of(firms, plan)]
    keys = ("arm", "outcome", "month", "group")
    effects = {tuple(row[key] for key in keys): row["estimate"] for row in exact if row["estimator"] == "exact"}
    for name, mask in firm_groups(firms, plan.groups).items():
        members = firms[mask]
        for arm in treated_arms(firms):
            for outcome in plan.outcomes:
                for month in plan.months:
                    place = {"arm": arm, "outcome": outcome, "month": month, "group": name}
                    effect = effects.get((arm, outcome, month, name), math.nan)
                    yield from (head | place | row for row in _estimates(members, place, effect, plan))
    yield from exact


def _estimates(members: pd.DataFrame, place: Row, exact: float, plan: EvaluationPlan) -> Iterator[Row]:
    sample = sample_of(members, place["arm"], place["outcome"], place["month"], plan.clustered)
    if not sample.enough:
        return
    for name in NAIVE:
        fit = contrast(sample, adjusted=name == "ancova")
        yield _row(name, fit, sample)
        yield _row(f"bias_{name}", fit, sample, less=exact)
    if sample.accepted.any():
        yield _row("treatment_on_treated", treatment_on_treated(sample), sample)
    if place["group"] == ALL:
        yield from _distribution(members, place, sample, plan)


def _distribution(members: pd.DataFrame, place: Row, sample: Sample, plan: EvaluationPlan) -> Iterator[Row]:
    base = {"n": len(sample.outcome), "clusters": _clusters(sample), "note": "", "control_mean": sample.control_mean}
    found = quantile_effects(sample, plan.quantiles) if plan.quantiles else ()
    for quantile, (estimate, low, high, se) in zip(plan.quantiles, found, strict=True):
        level = float(np.quantile(sample.outcome[sample.treated == 0.0], quantile))
        measures = {"estimate": estimate, "low": low, "high": high, "se": se, "control_mean": level}
        yield base | measures | {"estimator": quantile_name(quantile), "percent": relative(estimate, level)}
    for name, bound in zip(("lee_lower", "lee_upper"), lee_bounds(members, **_key(place)), strict=True):
        measures = {"estimate": bound, "low": math.nan, "high": math.nan, "se": math.nan}
        yield base | measures | {"estimator": name, "percent": relative(bound, sample.control_mean)}


def _key(place: Row) -> Row:
    return {key: place[key] for key in ("arm", "outcome", "month")}


def _clusters(sample: Sample) -> int:
    return len(sample.outcome) if sample.clusters is None else len(np.unique(sample.clusters))


def _row(estimator: str, fit: Fit, sample: Sample, less: float = 0.0) -> Row:
    low, high = fit.interval()
    estimate = fit.estimate - less
    return {
        "estimator": estimator,
        "estimate": estimate,
        "low": low - less,
        "high": high - less,
        "se": fit.se,
        "n": fit.n,
        "clusters": fit.clusters,
        "control_mean": sample.control_mean,
        "percent": relative(estimate, sample.control_mean),
        "note": fit.note,
    }
