"""What the model is fitted to: patterns of the cluster without a programme, and findings of field trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ovopsim.analysis.baseline import baseline_targets, one_world
from ovopsim.analysis.tolerances import Target
from ovopsim.analysis.trial_measures import measure
from ovopsim.analysis.validation import in_one_world
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.trials import Trial, builtin_trials
from ovopsim.study.evaluations import Summary
from ovopsim.study.fitting import levers_of, trial_with
from ovopsim.study.unknowns import lever_records, uncertain_paths, with_values

PATTERN_WORLDS: Final = 3  # of 200 firms for each of a trial, whose 2,000 firms are less noisy
FITTED_PARTS: Final = ("effects", "acceptance.intercept", "acceptance.value")  # numbers of levers that trials tell of


def trials_to_fit() -> dict[str, Trial]:
    """Return the published trials that are not held out."""
    return {name: trial for name, trial in builtin_trials().items() if not trial.held_out}


def all_targets() -> dict[str, Target]:
    """Return every target that may be fitted: patterns by name, findings of trials as `V4.profit`."""
    found = {
        name: Target(record["low"], record["high"], record["published"]) for name, record in baseline_targets().items()
    }
    for name, trial in trials_to_fit().items():
        for target in trial.targets:
            found[f"{name}.{target.name}"] = Target(target.low, target.high, target.published)
    return found


def fitted_paths() -> tuple[str, ...]:
    """Return what is fitted: parameters marked `uncertain`, and what trials tell of the levers that they deliver.

    Of such a lever these are the sizes and chances of its effects and how readily owners accept it.
    """
    levers = {name for trial in trials_to_fit().values() for name in levers_of(trial)}
    places = tuple(f"levers.{name}.{part}" for name in sorted(levers) for part in FITTED_PARTS)
    told = [path for path, record in lever_records().items() if record.prior is not None and path.startswith(places)]
    return tuple(dict.fromkeys((*uncertain_paths(), *told)))


def patterns_and_trials(
    values: Mapping[str, float], replication: int, seed: int = 1, firms: int | None = None
) -> dict[str, Summary]:
    """Return what all targets measure in one world, under other values of what nobody knows.

    Parameters
    ----------
    values : mapping of str to float
        By path.
    replication : int
        World of the trials; the patterns are means over `PATTERN_WORLDS` worlds of their own.
    seed : int
    firms : int, optional
        Of each trial's cluster; None = as many as the trial says.

    Returns
    -------
    dict of str to float or pair of float
        By the names of `all_targets`; of a finding of a trial numerator and denominator, as `validate` takes them.
    """
    base = with_values(Scenario(), values)
    worlds = range(PATTERN_WORLDS * replication, PATTERN_WORLDS * (replication + 1))
    patterns = [one_world(world, seed, base) for world in worlds]
    found: dict[str, Summary] = {name: float(np.mean([each[name] for each in patterns])) for name in patterns[0]}
    trials = {name: trial_with(trial, values) for name, trial in trials_to_fit().items()}
    if firms is not None:
        trials = {name: trial.changed(firms=firms) for name, trial in trials.items()}
    for name, world in in_one_world(trials, seed, replication).items():
        for target in world.trial.targets:
            found[f"{name}.{target.name}"] = measure(target, world)
    return found
