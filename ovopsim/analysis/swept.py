"""A stored sweep as tables: one row for each run, means with intervals for each point, paired effects."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ovopsim.analysis.appraisal import PUBLIC_COST, discount_factors, discount_rate
from ovopsim.analysis.changes import YEAR
from ovopsim.analysis.effects import mean_effect
from ovopsim.errors import InputError, did_you_mean
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.study import parts

# what a run is, not what its design set
FIXED: Final = (
    *("run_id", "scenario", "scenario_digest", "base_digest", "seed", "replication", "start", "months"),
    *("model_digest", "status", "reason"),
)
# what runs share that can be compared: the same world, and a design that changes the same scenario
SHARED: Final = ("base_digest", "seed", "replication")
# columns of every run that a design may set too
OWN_COLUMNS: Final = ("start", "months")


def by_run(path: Path, runs: pd.DataFrame, outcomes: Iterable[str] = OUTCOMES) -> pd.DataFrame:
    """Return one row for each row of the table of runs, with settings and outcomes; failed runs are left out.

    Parameters
    ----------
    path : Path
        Of the store.
    runs : DataFrame
        Its table of runs.
    outcomes : iterable of str

    Returns
    -------
    DataFrame
        The columns of `runs`; the mean of each outcome over the last twelve months; ``public_cost_idr``: what the
        programme cost over the whole run, rupiah of 2016, discounted as `compare` does: spent, interest subsidies and
        guarantee losses.

    Raises
    ------
    InputError
        When there is no such outcome.
    """
    names = [outcomes] if isinstance(outcomes, str) else list(dict.fromkeys(outcomes))
    for name in names:
        if name not in OUTCOMES:
            raise InputError(f"outcomes: '{name}' is none{did_you_mean(name, OUTCOMES)}")
    months = runs.drop_duplicates("run_id").set_index("run_id")["months"]
    wanted = ["run_id", "step", *dict.fromkeys([*names, *PUBLIC_COST])]
    found = []
    for part in parts.parts(path, "monthly"):  # one after the other: a store may be larger than memory
        frame = pd.read_parquet(part, columns=wanted)
        if frame.empty:  # of runs that failed, or that stand in an earlier part
            continue
        last = frame[frame["step"] >= frame["run_id"].map(months) - YEAR]
        means = last.groupby("run_id", sort=False)[names].mean()
        cost = frame[list(PUBLIC_COST)].sum(axis=1) * discount_factors(frame["step"], discount_rate())
        means["public_cost_idr"] = cost.groupby(frame["run_id"], sort=False).sum()
        found.append(means)
    if not found:
        return runs.head(0).assign(**dict.fromkeys([*names, "public_cost_idr"], 0.0))
    return runs[runs["status"] == "done"].merge(pd.concat(found), left_on="run_id", right_index=True)


def settings_of(runs: pd.DataFrame) -> list[str]:
    """Return the columns that designs varied."""
    own = [name for name in OWN_COLUMNS if name in runs and len(runs[name].unique()) > 1]
    return own + [name for name in runs.columns if name not in FIXED]


def summary(results: pd.DataFrame, settings: list[str], outcomes: Iterable[str]) -> pd.DataFrame:
    """Return mean, 95 % interval and Monte Carlo standard error of each outcome for each point.

    Parameters
    ----------
    results : DataFrame
        Of `by_run`.
    settings : list of str
        What tells points apart, besides their names.

    Returns
    -------
    DataFrame
        ``scenario``, ``base_digest`` (of the scenario that the design changes), the settings, ``outcome, mean, low,
        high, standard_error, replications``. While a sweep is under way points may differ in replications.
    """
    return _with_intervals(
        results, ["scenario", "base_digest", *settings], outcomes, {"standard_error": lambda sd, n: sd / math.sqrt(n)}
    )


def differences(
    results: pd.DataFrame, settings: list[str], against: Mapping[str, Any], outcomes: Iterable[str]
) -> pd.DataFrame:
    """Return each run less its partner: the run of the same world that differs in some settings only.

    Parameters
    ----------
    results : DataFrame
        Of `by_run`, or of this function: differences of differences say whether one setting changes the effect of
        another.
    settings : list of str
    against : mapping of str to value
        Settings of the partner, such as ``{"roles.5": 0}`` (None = not set); all other settings, seed and world are
        those of the run itself.

    Returns
    -------
    DataFrame
        `results` with differences in the columns of outcomes, and beside each ``… of partner``: the partner's value.
        Runs without a partner are left out.

    Raises
    ------
    InputError
        When a path is not varied, or no point has these settings.
    """
    for path in against:
        if path not in settings:
            raise InputError(f"effects: '{path}' is not varied in this store{did_you_mean(path, settings)}")
    names = list(outcomes)
    shared = [*SHARED, *(path for path in settings if path not in against)]
    chosen = pd.Series(True, index=results.index)
    for path, value in against.items():
        chosen &= results[path].isna() if value is None else results[path] == value
    partners = results[chosen].drop_duplicates(shared)[[*shared, *names]]
    if partners.empty:
        raise InputError(f"effects: no run of this store has {dict(against)}.")
    old = [f"{name} of partner" for name in names]
    both = results.drop(columns=old, errors="ignore").merge(partners, on=shared, suffixes=("", " of partner"))
    for name, partner in zip(names, old, strict=True):
        both[name] -= both[partner]
    return both


def paired(
    results: pd.DataFrame, settings: list[str], against: Mapping[str, Any], outcomes: Iterable[str]
) -> pd.DataFrame:
    """Return the paired effect of each point against the one that differs from it in some settings only.

    Parameters are those of `differences`.

    Returns
    -------
    DataFrame
        ``scenario, base_digest``, the settings, ``outcome, mean, low, high, relative, relative_low, relative_high,
        replications, clear`` (1 or −1 where the interval lies above or below zero).
        Points without such a partner are left out.

    Raises
    ------
    InputError
        When a path is not varied, or no point has these settings.
    """
    names = list(outcomes)
    both = differences(results, settings, against, names)
    keys = ["scenario", "base_digest", *settings]
    levels = both.groupby(keys, dropna=False, sort=False)[[f"{name} of partner" for name in names]].mean()
    found = _with_intervals(both, keys, names, {})
    level = levels.melt(ignore_index=False, var_name="outcome", value_name="level").reset_index()
    level["outcome"] = level["outcome"].str.removesuffix(" of partner")
    found = found.merge(level, on=[*keys, "outcome"])
    for name in ("mean", "low", "high"):
        found[f"relative_{name}".removesuffix("_mean")] = found[name] / found["level"].where(found["level"] != 0.0)
    return found.drop(columns="level").assign(
        clear=(found["low"] > 0.0).astype(int) - (found["high"] < 0.0).astype(int)
    )


def _with_intervals(
    results: pd.DataFrame, keys: list[str], outcomes: Iterable[str], more: Mapping[str, Any]
) -> pd.DataFrame:
    rows = []
    for key, group in results.sort_values([*keys[1:], keys[0]]).groupby(keys, dropna=False, sort=False):
        names = key if isinstance(key, tuple) else (key,)
        for outcome in outcomes:
            effect = mean_effect(group[outcome].to_numpy(dtype=float))
            rows.append(
                dict(zip(keys, names, strict=True))
                | {"outcome": outcome, "mean": effect.mean, "low": effect.low, "high": effect.high}
                | {name: make(effect.spread, len(group)) for name, make in more.items()}
                | {"replications": len(group)}
            )
    return pd.DataFrame(rows)
