"""What targets of a field trial may ask for: what is measured of firms and of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ovopsim.errors import InputError
from ovopsim.policy.levers import merged
from ovopsim.policy.trials import Target, Trial

# What is counted of the cluster too, by the monthly outcome that it is.
OF_THE_CLUSTER: Final = {
    "jobs": "jobs",
    "workers": "jobs",
    "sales": "sales_idr",
    "value_added": "value_added_idr",
    "profit": "profit_idr",
}

# Shares of the firms that were offered something, not effects on them: what each needs to be known of a firm.
SHARES_OF_THE_ARM: Final = {"take_up": None, "adopted": "adoptions"}


def asked_of_firms(trial: Trial) -> list[str]:
    """Return the outcomes that are recorded of each firm, by name in order."""
    needed = {SHARES_OF_THE_ARM.get(target.outcome, target.outcome) for target in trial.targets}
    return sorted({*trial.outcomes, *(str(name) for name in needed if name is not None)} - {"jobs"})


def check_targets(trial: Trial) -> None:
    """Refuse targets that ask for what is not measured.

    Raises
    ------
    InputError
        It names target and key, and what would be right.
    """
    problems = [f"targets: {target.name}: {problem}" for target in trial.targets for problem in _wrong(trial, target)]
    if problems:
        raise InputError(f"{trial.name}: {' '.join(problems)}")


def _wrong(trial: Trial, target: Target) -> Iterator[str]:
    """Yield what a target says that its trial cannot answer."""
    arm = trial.arms[trial.arm_of(target)]
    if target.outcome in SHARES_OF_THE_ARM:
        if arm.whole:
            yield f"{target.outcome}: the arm is offered nothing that it could take up."
        if target.unit not in ("percent", "points"):
            yield f"unit: {target.outcome} is a share; '{target.unit}' is for what firms earn. Give 'points'."
        return
    if target.who == "cluster":
        if target.outcome not in OF_THE_CLUSTER:
            yield f"outcome: {target.outcome} is not counted of the cluster; that are {', '.join(OF_THE_CLUSTER)}."
        if target.group != "all" or target.statistic != "mean":
            yield "who: of the cluster there is one number, no 'group' and no 'statistic' over firms."
    elif target.outcome == "jobs":
        yield "outcome: jobs are those of the cluster; give 'who: cluster', or 'outcome: workers'."
    if arm.whole and target.who in ("accepted", "rivals"):
        yield f"who: all firms live in the world of such an arm, so that none is '{target.who}'; leave it out."
    if target.unit == "of_grant" and not grant_of(trial, trial.arm_of(target)) > 0.0:
        yield "unit: the arm hands over no grant to be a percentage of; give 'percent'."


def grant_of(trial: Trial, arm: str) -> float:
    """Return the rupiah that an arm's deliveries hand over to a firm."""
    levers = merged(trial.levers)
    total = 0.0
    for delivery in trial.arms[arm].deliveries:
        handed = [effect.size for effect in levers[delivery.lever].effects if effect.verb == "grant"]
        total += delivery.dose * len(delivery.months) * sum(handed)
    return total
