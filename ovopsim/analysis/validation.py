"""Every target, simulated beside published: patterns of the cluster without a programme, and findings of field trials.

A trial is inside when all its targets are. The spread of a mean over worlds is the noise of the table itself: where it
is above a quarter of the tolerated width, or nobody knows it, the table says that it needs more worlds, and no fit
means anything below it. A range with one bound has no width: there the interval of the mean must leave the bound out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.baseline import baseline_table, spread_of
from ovopsim.analysis.effects import t_quantile
from ovopsim.analysis.tolerances import is_inside
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
# held out of every fit, but looked at before the trial, or a rule of the model, was changed (docs/validation.md):
# counted, and counted apart
SEEN: Final = ("V2", "V6", "V12")

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
        With the keys of `COLUMNS`; `noise` is the standard error over the tolerated width: None for an open range,
        which has none, and NaN with one world, which does not say.
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
    return {
        "trial": None,
        **{key: row[key] for key in ("name", "about")},
        "kind": "baseline",
        "emergent": row["emergent"],
        "fitted": True,
        **{key: row[key] for key in ("simulated", "simulated_low", "simulated_high", "published", "low", "high")},
        **{key: row[key] for key in ("world_low", "world_high")},
        "inside": row["inside"],
        "noise": _noise(row["standard_error"], row["low"], row["high"]),
        "evidence": list(row["evidence"]),
    }


def _noise(error: float, low: float | None, high: float | None) -> float | None:
    return None if low is None or high is None else error / (high - low)


def trial_verdicts(rows: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Return whether each trial is inside: all its targets are."""
    found: dict[str, bool] = {}
    for row in rows:
        if row["trial"] is not None:
            found[row["trial"]] = found.get(row["trial"], True) and bool(row["inside"])
    return found


def counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return how many are inside, and of how many: patterns, trials, trials held out, targets.

    ``unseen`` are those held out of which nothing was changed after a look at their results.
    """
    verdicts = trial_verdicts(rows)
    held_out = {row["trial"] for row in rows if row["trial"] is not None and not row["fitted"]}
    unseen = held_out - set(SEEN)
    patterns = [row["inside"] for row in rows if row["kind"] == "baseline"]
    return {
        "patterns": (sum(patterns), len(patterns)),
        "trials": (sum(verdicts.values()), len(verdicts)),
        "held_out": (sum(verdicts[name] for name in held_out), len(held_out)),
        "unseen": (sum(verdicts[name] for name in unseen), len(unseen)),
        "targets": (sum(bool(row["inside"]) for row in rows), len(rows)),
    }


def validation_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows as a table."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def noisy(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows that too few worlds were run for to judge.

    Those whose noise is above a quarter of the tolerated width or unknown, as with one world; and of those with one
    bound, which have no width, those whose 95 % interval has the bound in it or is unknown.
    """
    return [row for row in rows if _is_noisy(row)]


def _is_noisy(row: Mapping[str, Any]) -> bool:
    if row["noise"] is not None:
        return not row["noise"] <= NOISE_OF_WIDTH
    bound = row["high"] if row["low"] is None else row["low"]
    return bound is not None and not (row["simulated_low"] > bound or row["simulated_high"] < bound)
