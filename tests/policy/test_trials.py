"""Records of field trials: what they refuse, and the published ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ovopsim.errors import InputError
from ovopsim.policy.trials import Arm, Delivery, Target, Trial, builtin_trials, load_trial

ARM = {"course": Arm(share=0.5, deliveries=(Delivery(lever="management_training"),))}


def test_the_published_trials_are_those_that_the_model_is_held_against() -> None:
    trials = builtin_trials()
    wanted = [1, 2, 4, 5, 6, 8, 9, 12, 13, 15, 16, 17, 18, 19, 20]
    assert list(trials) == [f"V{number}" for number in wanted]
    assert {name for name, trial in trials.items() if trial.held_out} == {"V2", "V6", "V12", "V18", "V19", "V20"}
    for trial in trials.values():
        assert trial.targets
        assert all(target.evidence for target in trial.targets)
        assert trial.firms >= 2_000


def test_months_of_targets_are_asked_too() -> None:
    target = Target(name="kept", about="x", outcome="practices", unit="kept", months=(96,), kept_from=(12,), low=0.4)
    trial = Trial(name="x", arms=ARM, follow_up=(24,), targets=(target,))
    assert trial.asked == (12, 24, 96)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": {"control": ARM["course"]}}, "call the arm something else"),
        ({"arms": {"a": Arm(share=0.7, deliveries=(Delivery(lever="exhibition"),)), "b": ARM["course"]}}, "1.20"),
        ({"arms": {"a": Arm(deliveries=(Delivery(lever="exhibtion"),))}}, "did you mean 'exhibition'"),
        ({"targets": (Target(name="t", about="x", arm="cours", low=0.0),)}, "there is no arm 'cours'"),
        ({"parameters": {"planning.covr": 1.0}}, "planning.cover"),
        ({"firms": 10}, "20"),
        ({"follow_up": ()}, "follow_up"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Trial(**({"name": "x", "arms": ARM} | changes))


def test_a_target_without_bounds_judges_nothing() -> None:
    with pytest.raises(InputError, match="give low, high or both"):
        Target(name="t", about="x")
    with pytest.raises(InputError, match="kept_from"):
        Target(name="t", about="x", unit="kept", low=0.0)


def test_an_arm_does_something_and_one_thing() -> None:
    with pytest.raises(InputError, match="an arm has deliveries"):
        Arm()
    with pytest.raises(InputError, match="not both"):
        Arm(deliveries=(Delivery(lever="exhibition"),), whole={"tourist": 1.1})


def test_several_arms_need_a_name_in_targets() -> None:
    arms = {
        "one": Arm(share=0.2, deliveries=(Delivery(lever="exhibition"),)),
        "two": Arm(share=0.2, whole={"entry": 2}),
    }
    with pytest.raises(InputError, match="name the arm, one of one, two"):
        Trial(name="x", arms=arms, targets=(Target(name="t", about="x", low=0.0),))


def test_a_file_is_named_in_what_is_said_of_it(tmp_path: Path) -> None:
    file = tmp_path / "pilot.yaml"
    file.write_text(
        "arms:\n  course: {share: 0.5, deliveries: [{lever: management_training}]}\nfirms: 300\n", encoding="utf-8"
    )
    assert load_trial(file).name == "pilot"
    assert load_trial(file).firms == 300
    file.write_text("arms:\n  course: {shar: 0.5, deliveries: [{lever: management_training}]}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"pilot\.yaml: arms\.course: 'shar' is no key; did you mean 'share'"):
        load_trial(file)
