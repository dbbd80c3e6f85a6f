"""The table of targets: verdicts, counts and noise."""

from __future__ import annotations

import math

import pytest

from ovopsim.analysis.validation import counts, is_inside, noisy, target_row, trial_verdicts, trial_worlds
from ovopsim.labels import LANGUAGES
from ovopsim.policy.trials import builtin_trials
from ovopsim.report.validating import span_of, target_name

pytestmark = pytest.mark.usefixtures("warm_core")


def row(trial: str | None, inside: bool, fitted: bool = True, noise: float = 0.1) -> dict[str, object]:
    kind = "baseline" if trial is None else "trial"
    return {"trial": trial, "name": "x", "kind": kind, "inside": inside, "fitted": fitted, "noise": noise}


def test_a_trial_is_inside_when_all_its_targets_are() -> None:
    rows = [row(None, True), row("V1", True), row("V1", False), row("V2", True, fitted=False)]
    assert trial_verdicts(rows) == {"V1": False, "V2": True}
    assert counts(rows) == {"patterns": (1, 1), "trials": (1, 2), "held_out": (1, 1), "targets": (3, 4)}


def test_a_range_may_be_open() -> None:
    assert is_inside(5.0, None, None)
    assert is_inside(5.0, 5.0, None)
    assert is_inside(5.0, None, 5.0)
    assert not is_inside(4.9, 5.0, None)
    assert not is_inside(5.1, None, 5.0)


def test_noise_over_a_quarter_of_the_width_is_said() -> None:
    assert noisy([row("V1", True, noise=0.3), row("V2", True, noise=0.2), row(None, True, noise=math.nan)]) == ["V1: x"]


def test_a_published_trial_makes_a_row_for_each_target() -> None:
    trial = builtin_trials()["V13"].changed(firms=150, targets=builtin_trials()["V13"].targets[:2])
    worlds = trial_worlds({"V13": trial}, 2, n_jobs=1)["V13"]
    found = [target_row("V13", trial, target, worlds) for target in trial.targets]
    assert [each["name"] for each in found] == ["free", "visit"]
    for each in found:
        assert each["simulated_low"] <= each["simulated"] <= each["simulated_high"]
        assert (each["fitted"], each["kind"]) == (True, "trial")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_target_has_a_name_and_a_range_in_words(language: str) -> None:
    for name, trial in builtin_trials().items():
        for target in trial.targets:
            named = {"trial": name, "name": target.name, "low": target.low, "high": target.high}
            assert target_name(named, language).startswith(name)
            assert span_of(named, language)
