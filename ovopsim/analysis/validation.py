"""Every target, simulated beside published: patterns of the cluster without a programme, and findings of field trials.

A trial is inside when all its targets are. The spread of a mean over worlds is the noise of the table itself: where it
is above a quarter of the tolerated width the table says that it needs more worlds, and no fit means anything below it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.baseline import baseline_table, spread_of
from ovopsim.analysis.effects import t_quantile
from ovopsim.analysis.trial_measures import measured
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.trials import Target, Trial, builtin_trials
from ovopsim.simulation import MonthZero, month_zero, population_key
from ovopsim.study.drawn import resampled
from ovopsim.study.fitting import trial_with
from ovopsim.study.trial_runs import TrialWorld, run_trial, scenario_of
from ovopsim.study.unknowns import with_values
from ovopsim.study.worlds import over_worlds

WORLDS: Final = 8
POSTERIOR_WORLDS: Final = 64  # one for each draw
BASELINE_WORLDS: Final = 32
NOISE_OF_WIDTH: Final = 0.25  # largest standard error of a target, over the tolerated width

COLUMNS: Final = (
    *("trial", "name", "about", "kind", "emergent", "fitted", "simulated", "simulated_low", "simulated_high"),
    *("world_low", "world_high", "published", "low", "high", "inside", "noise", "evidence"),
)


def validation_table(
    worlds: int = WORLDS,
    baseline_worlds: int = BASELINE_WORLDS,
    seed: int = 1,
    n_jobs: int | None = None,
    tick: Callable[[], None] = lambda: None,
    trials: Mapping[str, Trial] | None = None,
    draws: pd.DataFrame | None = None,
) -> list[dict[str, Any]]:
    """Return one row for each target.

    Parameters
    ----------
    worlds, baseline_worlds : int
        Replications of trials, and of the cluster without a programme.
    seed : int
    n_jobs : int, optional
        Threads; None = all cores.
    tick : callable
        Called after each world.
    trials : mapping of str to Trial, optional
        None = the published ones.
    draws : DataFrame, optional
        Checked draws of a posterior (`study.drawn.checked_posterior`): each world has one of them, by their weights.
        None = the values that the model ships with in all.

    Returns
    -------
    list of dict
        With the keys of `COLUMNS`; `noise` is the standard error over the tolerated width (NaN for an open range).
    """
    bases = [with_values(Scenario(), values) for values in values_of_worlds(draws, baseline_worlds, seed)]
    patterns = baseline_table(baseline_worlds, seed, n_jobs, tick, bases)
    known = builtin_trials() if trials is None else trials
    rows = [_of_pattern(row) for row in patterns]
    every = trial_worlds(known, worlds, seed, n_jobs, tick, values_of_worlds(draws, worlds, seed))
    for name, trial in known.items():
        rows += [target_row(name, trial, target, every[name]) for target in trial.targets]
    return rows


def values_of_worlds(draws: pd.DataFrame | None, worlds: int, seed: int) -> list[dict[str, float]]:
    """Return by world the values of a posterior's draw; none without a posterior."""
    if draws is None:
        return [{}] * worlds
    records = resampled(draws, worlds, seed).to_dict("records")
    return [{str(path): float(value) for path, value in record.items()} for record in records]


def trial_worlds(
    trials: Mapping[str, Trial],
    worlds: int,
    seed: int = 1,
    n_jobs: int | None = None,
    tick: Callable[[], None] = lambda: None,
    values: Sequence[Mapping[str, float]] | None = None,
) -> dict[str, list[TrialWorld]]:
    """Run trials in the same worlds; in each with its own values of what nobody knows, where these are given."""

    def work(replication: int) -> dict[str, TrialWorld]:
        here = {} if values is None else values[replication]
        changed = {name: trial_with(trial, here) if here else trial for name, trial in trials.items()}
        found = in_one_world(changed, seed, replication)
        tick()
        return found

    every = over_worlds(work, worlds, n_jobs)
    return {name: [each[name] for each in every] for name in trials}


def in_one_world(trials: Mapping[str, Trial], seed: int, replication: int) -> dict[str, TrialWorld]:
    """Run trials in one world; one month-0 state serves all that start alike."""
    starts: dict[Any, MonthZero] = {}
    found = {}
    for name, trial in trials.items():
        scenario = scenario_of(trial)
        key = population_key(scenario)
        if key not in starts:
            starts[key] = month_zero(scenario, seed, replication)
        found[name] = run_trial(trial, starts[key], replication)
    return found


def target_row(name: str, trial: Trial, target: Target, worlds: Sequence[TrialWorld]) -> dict[str, Any]:
    """Return the row of one target of a trial."""
    value, error = measured(target, worlds)
    alone = np.array([measured(target, [world])[0] for world in worlds])
    half = t_quantile(len(worlds)) * error if len(worlds) > 1 else math.nan
    return {
        "trial": name,
        "name": target.name,
        "about": target.about,
        "kind": "trial",
        "emergent": True,
        "fitted": not trial.held_out,
        "simulated": value,
        "simulated_low": value - half,
        "simulated_high": value + half,
        "published": target.published,
        "low": target.low,
        "high": target.high,
        "inside": is_inside(value, target.low, target.high),
        "noise": _noise(error, target.low, target.high),
        "evidence": list(target.evidence),
    } | spread_of(alone)


def _of_pattern(row: Mapping[str, Any]) -> dict[str, Any]:
    half = (row["simulated_high"] - row["simulated_low"]) / 2.0
    return {
        "trial": None,
        **{key: row[key] for key in ("name", "about")},
        "kind": "baseline",
        "emergent": row["emergent"],
        "fitted": True,
        **{key: row[key] for key in ("simulated", "simulated_low", "simulated_high", "published", "low", "high")},
        **{key: row[key] for key in ("world_low", "world_high")},
        "inside": row["inside"],
        "noise": _noise(half / 2.0, row["low"], row["high"]),
        "evidence": list(row["evidence"]),
    }


def is_inside(value: float, low: float | None, high: float | None) -> bool:
    """Whether a mean lies in a tolerated range, open where a bound is missing."""
    return (low is None or value >= low) and (high is None or value <= high)


def _noise(error: float, low: float | None, high: float | None) -> float:
    return math.nan if low is None or high is None else error / (high - low)


def trial_verdicts(rows: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Return whether each trial is inside: all its targets are."""
    found: dict[str, bool] = {}
    for row in rows:
        if row["trial"] is not None:
            found[row["trial"]] = found.get(row["trial"], True) and bool(row["inside"])
    return found


def counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return how many are inside, and of how many: patterns, trials, trials held out, targets."""
    verdicts = trial_verdicts(rows)
    held_out = {row["trial"] for row in rows if row["trial"] is not None and not row["fitted"]}
    patterns = [row["inside"] for row in rows if row["kind"] == "baseline"]
    return {
        "patterns": (sum(patterns), len(patterns)),
        "trials": (sum(verdicts.values()), len(verdicts)),
        "held_out": (sum(verdicts[name] for name in held_out), len(held_out)),
        "targets": (sum(bool(row["inside"]) for row in rows), len(rows)),
    }


def validation_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows as a table."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def noisy(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return targets whose noise is above a quarter of the tolerated width."""
    return [
        f"{row['trial'] or 'baseline'}: {row['name']}"
        for row in rows
        if not np.isnan(row["noise"]) and row["noise"] > NOISE_OF_WIDTH
    ]
