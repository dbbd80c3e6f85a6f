"""What a field trial finds, in the terms of a published finding, from worlds seen with and without it.

An evaluator compares an arm with its controls. Here every firm is also known without the trial, so that the difference
of the two differences is the same quantity without the luck of who was drawn: what was published is simulated,
spillovers on the controls included, and the noise of a small sample is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ovopsim.analysis.trial_samples import HIGHEST, LOWEST, subsistence, third_of, works_alone
from ovopsim.fields import Reals
from ovopsim.policy.trials import CONTROL, Target, Trial
from ovopsim.study.trial_runs import TrialWorld
from ovopsim.study.trial_targets import SHARES_OF_THE_ARM, grant_of
from ovopsim.study.weighted import mean_over_worlds

Flags = NDArray[np.bool_]


def measure(target: Target, world: TrialWorld) -> tuple[float, float]:
    """Return numerator and denominator of what a target measures in one world; a mean over worlds is their ratio."""
    if target.outcome in SHARES_OF_THE_ARM:
        mine = in_group(target.group, world) & (world.arm == world.trial.arm_of(target))
        return float(100.0 * _done(target, world)[mine].sum()), float(mine.sum())
    top, base = _change(target, world, target.months)
    if target.over is not None:
        other, _ = _change(target.model_copy(update={"arm": target.over}), world, target.months)
        top -= other
    if target.unit == "percent":
        return 100.0 * top, base
    if target.unit == "points":
        return (top if target.outcome == "practices" else 100.0 * top), 1.0
    if target.unit == "of_grant":
        return 100.0 * top, grant_of(world.trial, world.trial.arm_of(target))
    return top, _change(target, world, target.kept_from)[0]


def _done(target: Target, world: TrialWorld) -> Reals:
    """Return for each firm whether it did what a share counts; of `adopted` the mean over the target's months."""
    if target.outcome == "take_up":
        return world.accepted.astype(float)
    steps = [world.seen["adoptions", month] > world.before["adoptions"] for month in target.months]
    return np.asarray(np.mean(steps, axis=0))


def _change(target: Target, world: TrialWorld, months: Sequence[int]) -> tuple[float, float]:
    """Return the mean change that the trial makes, and the mean without it, over the months of a target."""
    changes = [_change_in(target, world, month) for month in months]
    return float(np.mean([change for change, _ in changes])), float(np.mean([base for _, base in changes]))


def _change_in(target: Target, world: TrialWorld, month: int) -> tuple[float, float]:
    arm = world.trial.arm_of(target)
    if target.who == "cluster":
        with_it, without = world.whole[arm if arm in world.whole else "all"][target.outcome, month]
        return with_it - without, without
    seen, unseen = world.seen[target.outcome, month], world.unseen[target.outcome, month]
    mine = in_group(target.group, world)
    if arm in world.wholes:  # all firms live in the arm's own world
        return _compared(target.statistic, world.wholes[arm][target.outcome, month][mine], unseen[mine])
    controls = mine & (world.arm == CONTROL)
    if target.who == "rivals":
        rivals = mine & ~world.offered
        return _compared(target.statistic, seen[rivals], unseen[rivals])
    treated = mine & (world.arm == arm)
    if target.who == "accepted":
        treated &= world.accepted
    change, base = _compared(target.statistic, seen[treated], unseen[treated])
    if controls.any():
        change -= _compared(target.statistic, seen[controls], unseen[controls])[0]
    return change, base


def _compared(statistic: str, seen: Reals, unseen: Reals) -> tuple[float, float]:
    """Return the change of the mean or median, and what it was; owners who have closed are not asked what they know."""
    known = ~(np.isnan(seen) | np.isnan(unseen))
    middle = np.median if statistic == "median" else np.mean
    if not known.any():
        return 0.0, 0.0
    return float(middle(seen[known]) - middle(unseen[known])), float(middle(unseen[known]))


def in_group(group: str, world: TrialWorld) -> Flags:
    """Return which firms belong to a group, by the baseline survey."""
    before = world.before
    everyone = np.ones(len(world.slots), dtype=bool)
    if group == "all":
        return everyone
    if group == "ablest":
        return np.asarray(third_of(before["log_ability"]) == HIGHEST)
    if group == "least_skilled":
        return np.asarray(third_of(before["practices"]) == LOWEST)
    if group == "without_workers":
        return works_alone(before["workers"])
    return subsistence(before["workers"], before["profit"])


def measured(target: Target, worlds: Sequence[TrialWorld]) -> tuple[float, float]:
    """Return a target's simulated value over worlds, and its standard error (of a ratio of means; delta method)."""
    return mean_over_worlds([measure(target, world) for world in worlds])


def summary_of(trial: Trial, worlds: Sequence[TrialWorld]) -> dict[str, tuple[float, float]]:
    """Return value and standard error of every target of a trial."""
    return {target.name: measured(target, worlds) for target in trial.targets}
