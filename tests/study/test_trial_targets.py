"""Targets that ask for what is not measured are refused before a world is run."""

from __future__ import annotations

import pytest

from ovopsim.errors import InputError
from ovopsim.policy.trials import Arm, Delivery, Target, Trial, builtin_trials
from ovopsim.study.trial_targets import check_targets

COURSE = Arm(share=0.3, deliveries=(Delivery(lever="management_training"),))
GRANT = Arm(share=0.3, deliveries=(Delivery(lever="cash_grant"),))
VISITORS = Arm(whole={"tourist": 1.2})


def asking(**keys: object) -> Trial:
    target = Target(name="wished", about="x", low=0.0, **({"arm": "course"} | keys))  # type: ignore[arg-type]
    arms = {"course": COURSE, "grant": GRANT, "visitors": VISITORS}
    return Trial(name="made up", arms=arms, targets=(target,))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"outcome": "jobs"}, "outcome: jobs are those of the cluster; give 'who: cluster'"),
        ({"outcome": "practices", "who": "cluster"}, "outcome: practices is not counted of the cluster"),
        ({"who": "cluster", "group": "ablest"}, "who: of the cluster there is one number"),
        ({"who": "cluster", "statistic": "median"}, "who: of the cluster there is one number"),
        ({"unit": "of_grant"}, "unit: the arm hands over no grant"),
        ({"arm": "visitors", "unit": "of_grant"}, "unit: the arm hands over no grant"),
        ({"arm": "visitors", "outcome": "take_up"}, "take_up: the arm is offered nothing"),
        ({"outcome": "take_up", "unit": "of_grant"}, "unit: take_up is a share"),
        ({"arm": "visitors", "who": "accepted"}, "none is 'accepted'"),
    ],
)
def test_what_is_not_measured_is_refused_by_target_and_key(keys: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        check_targets(asking(**keys))
    assert str(refused.value).startswith("made up: targets: wished: ")


@pytest.mark.parametrize(
    "keys",
    [
        {"outcome": "jobs", "who": "cluster"},
        {"outcome": "profit", "who": "cluster"},
        {"outcome": "take_up", "unit": "points"},
        {"arm": "grant", "unit": "of_grant"},
        {"arm": "visitors"},
        {"who": "rivals", "statistic": "median", "group": "ablest"},
    ],
)
def test_what_is_measured_passes(keys: dict[str, object]) -> None:
    check_targets(asking(**keys))


def test_the_published_trials_ask_for_what_is_measured() -> None:
    for trial in builtin_trials().values():
        check_targets(trial)
