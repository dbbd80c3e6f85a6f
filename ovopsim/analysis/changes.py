"""What changed: outcomes of the last year against the baseline, and paths over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.effects import mean_effect, relative_effect, replications_needed, t_quantile
from ovopsim.fields import CONSTRAINTS, Reals, fields_of
from ovopsim.outcomes.monthly import OUTCOME, OUTCOMES, OutcomeRows
from ovopsim.simulation import dates_of
from ovopsim.study.worlds import ArmRuns

YEAR: Final = 12
BAND: Final = 0.9
BAND_ENDS: Final = (0.5 - BAND / 2.0, 0.5 + BAND / 2.0)
HEADLINES: Final = ("sales_idr", "value_added_idr", "profit_idr", "jobs", "exports_idr", "firms", "output_per_worker")
SHARES: Final = tuple(f"share_constraint_{name}" for name in (*CONSTRAINTS, "none"))
SERIES: Final = (*OUTCOMES, *SHARES)


def units() -> dict[str, str]:
    """Return series -> unit."""
    outcomes = {name: field.unit for name, (field, _) in fields_of(OutcomeRows).items()}
    return outcomes | dict.fromkeys(SHARES, "share of firms")


def with_shares(monthly: Reals) -> Reals:
    """Return outcomes (replications, months, outcomes) with the shares of firms by binding constraint after them."""
    firms = monthly[:, :, OUTCOME.firms, None]
    first = OUTCOME.constraint_marketing
    counts = monthly[:, :, first : first + len(SHARES)]
    shares = np.divide(counts, firms, out=np.zeros_like(counts), where=firms > 0.0)
    return np.concatenate([monthly, shares], axis=2)


def last_year(monthly: Reals) -> Reals:
    """Return each replication's mean over the last twelve months (replications, series)."""
    mean: Reals = monthly[:, -YEAR:].mean(axis=1)
    return mean


def in_rows(arm: Reals, baseline: Reals) -> dict[str, Any]:
    """Return the paired effect of two arrays (replications,) as columns.

    Relative ones are over the baseline's mean, NaN where that is zero; their interval is that of a ratio of means, and
    it is clear where that of the effect is (`analysis.effects.relative_effect`).
    """
    effect = mean_effect(arm - baseline)
    relative, relative_low, relative_high = relative_effect(arm - baseline, baseline)
    return {
        "mean": effect.mean,
        "low": effect.low,
        "high": effect.high,
        "relative": relative,
        "relative_low": relative_low,
        "relative_high": relative_high,
        "clear": effect.clear,
        "baseline_mean": float(baseline.mean()),
    }


def effects_table(arms: Mapping[str, ArmRuns], baseline: str) -> pd.DataFrame:
    """Return the change of each outcome's mean over the last twelve months, one row for each arm and outcome.

    ``arm, outcome, unit, mean, low, high, relative, relative_low, relative_high, clear, baseline_mean,
    replications_needed`` (pairs for an interval of ±1 % of the baseline's mean).
    """
    base = last_year(with_shares(arms[baseline].monthly))
    unit = units()
    rows = []
    for name, arm in arms.items():
        mine = last_year(with_shares(arm.monthly))
        for place, outcome in enumerate(SERIES):
            spread = mean_effect(mine[:, place] - base[:, place]).spread
            needed = replications_needed(spread, float(base[:, place].mean()))
            row = {"arm": name, "outcome": outcome, "unit": unit[outcome]}
            rows.append(row | in_rows(mine[:, place], base[:, place]) | {"replications_needed": needed})
    return pd.DataFrame(rows).astype({"replications_needed": "Int64"})


def levels_table(arms: Mapping[str, ArmRuns]) -> pd.DataFrame:
    """Return levels of the first and of the last year, one row for each arm, outcome and year.

    ``arm, outcome, unit, year`` (``first`` or ``last``), ``mean, low, high``: mean a month over replications, and the
    band that holds 90 % of them.
    """
    unit = units()
    rows = []
    for name, arm in arms.items():
        for year, months in (("first", slice(None, YEAR)), ("last", slice(-YEAR, None))):
            means = arm.monthly[:, months].mean(axis=1)
            low, high = np.quantile(means, BAND_ENDS, axis=0)
            for place, outcome in enumerate(OUTCOMES):
                row = {"arm": name, "outcome": outcome, "unit": unit[outcome], "year": year}
                rows.append(row | {"mean": means[:, place].mean(), "low": low[place], "high": high[place]})
    return pd.DataFrame(rows)


def smoothing(months: int) -> int:
    """Return over how many months paths are smoothed: twelve, so that no season shows; one in a run under two years."""
    return YEAR if months >= 2 * YEAR else 1


def trailing(monthly: Reals, window: int) -> Reals:
    """Return means of the last `window` months up to each month; NaN before there are so many."""
    sums = np.cumsum(monthly, axis=1)
    smooth = np.full_like(monthly, np.nan)
    smooth[:, window - 1] = sums[:, window - 1]
    smooth[:, window:] = sums[:, window:] - sums[:, :-window]
    return smooth / window


def _half_width(differences: Reals) -> Reals:
    pairs = len(differences)
    if pairs < 2:
        return np.full(differences.shape[1:], np.nan)
    half: Reals = t_quantile(pairs) * differences.std(axis=0, ddof=1) / np.sqrt(pairs)
    return half


def paths_table(arms: Mapping[str, ArmRuns], baseline: str) -> pd.DataFrame:
    """Return every month's level and change, one row for each arm, month and series.

    ``arm, step, month, outcome``; ``mean, low, high`` of the month: mean and the band that holds 90 % of runs;
    ``smooth, smooth_low, smooth_high``: the same for means of twelve months (see `smoothing`); ``change, change_low,
    change_high``: paired change of these against the baseline, with its 95 % interval.
    """
    window = smoothing(arms[baseline].monthly.shape[1])
    base = trailing(with_shares(arms[baseline].monthly), window)
    parts = []
    for name, arm in arms.items():
        monthly = with_shares(arm.monthly)
        smooth = trailing(monthly, window)
        months = monthly.shape[1]
        change = smooth - base
        half = _half_width(change)
        content: dict[str, Any] = {
            "arm": name,
            "step": np.repeat(np.arange(months), len(SERIES)),
            "month": np.repeat(dates_of(arm.scenario.start, months).to_numpy(), len(SERIES)),
            "outcome": np.tile(np.array(SERIES, dtype=object), months),
        }
        for prefix, values in (("", monthly), ("smooth_", smooth)):
            low, high = np.quantile(values, BAND_ENDS, axis=0)
            means = values.mean(axis=0)
            content |= {prefix.rstrip("_") or "mean": means.ravel()}
            content |= {f"{prefix}low": low.ravel(), f"{prefix}high": high.ravel()}
        means = change.mean(axis=0)
        content |= {"change": means.ravel()}
        content |= {"change_low": (means - half).ravel(), "change_high": (means + half).ravel()}
        parts.append(pd.DataFrame(content))
    return pd.concat(parts, ignore_index=True)
