"""What is fitted: its targets, its unknowns, and that values reach patterns and trials alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis import fitting, validation
from ovopsim.analysis.baseline import baseline_targets, one_world
from ovopsim.analysis.trial_measures import measure, measured
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.trials import builtin_trials
from ovopsim.study.drawn import checked_posterior
from ovopsim.study.evaluations import Work
from ovopsim.study.fitting import levers_of, trial_with

SIZE = "levers.management_training.effects.0.by"


@pytest.fixture
def small_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {name: trial.changed(firms=150) for name, trial in builtin_trials().items() if name in {"V4", "V8"}}
    monkeypatch.setattr(fitting, "trials_to_fit", lambda: small)


def test_trials_that_are_held_out_are_no_targets_and_all_others_are() -> None:
    names = set(fitting.all_targets())
    assert set(baseline_targets()) <= names
    for number, trial in builtin_trials().items():
        for target in trial.targets:
            assert (f"{number}.{target.name}" in names) != trial.held_out


def test_what_is_fitted_has_a_prior_and_belongs_to_a_parameter_or_a_lever_of_a_trial() -> None:
    paths = fitting.fitted_paths()
    assert len(paths) == len(set(paths))
    assert "learning.peer_share" in paths
    assert SIZE in paths
    assert "levers.licensing.acceptance.value" in paths
    delivered = {name for trial in fitting.trials_to_fit().values() for name in levers_of(trial)}
    assert {path.split(".")[1] for path in paths if path.startswith("levers.")} <= delivered
    assert "equipment_grant" not in delivered


@pytest.mark.usefixtures("warm_core", "small_trials")
def test_the_shipped_values_give_what_the_validation_gives() -> None:
    found = fitting.patterns_and_trials({}, 1)
    worlds = range(fitting.PATTERN_WORLDS, 2 * fitting.PATTERN_WORLDS)
    assert found["exit_rate"] == pytest.approx(np.mean([one_world(world, 1)["exit_rate"] for world in worlds]))
    trials = fitting.trials_to_fit()
    world = validation.trial_worlds(trials, 2, n_jobs=1)["V4"][1]
    for target in trials["V4"].targets:
        assert found[f"V4.{target.name}"] == pytest.approx(measure(target, world))


@pytest.mark.usefixtures("warm_core", "small_trials")
def test_over_worlds_a_finding_is_what_the_validation_says_it_is() -> None:
    names = tuple(name for name in fitting.all_targets() if name.startswith(("V4", "V8")))
    found = Work(fitting.patterns_and_trials, names, 2, 1).at(1, 0, {})
    trials = fitting.trials_to_fit()
    worlds = validation.trial_worlds(trials, 2, n_jobs=1)
    for name, mean, variance in zip(names, found.means(names), found.variances(names), strict=True):
        trial, _, target = name.partition(".")
        (wanted,) = [each for each in trials[trial].targets if each.name == target]
        value, error = measured(wanted, worlds[trial])
        assert mean == pytest.approx(value, rel=1e-9), "a ratio of means, not a mean of ratios"
        assert np.sqrt(variance) == pytest.approx(error, rel=1e-9)


@pytest.mark.usefixtures("warm_core", "small_trials")
def test_a_larger_effect_of_a_lever_is_found_by_its_trial_and_by_no_other() -> None:
    low, high = (fitting.patterns_and_trials({SIZE: size}, 0) for size in (0.05, 0.25))
    (less, per), (more, same) = low["V4.practices"], high["V4.practices"]
    assert per == same
    assert more > 2.0 * less
    assert {name for name in low if low[name] != high[name]} == {"V4.profit", "V4.sales", "V4.practices"}


@pytest.mark.usefixtures("warm_core", "small_trials")
def test_a_parameter_moves_patterns_and_trials() -> None:
    plain, other = (fitting.patterns_and_trials({"learning.peer_share": value}, 0) for value in (0.02, 0.2))
    assert plain["V8.monthly_first"] != other["V8.monthly_first"]
    assert plain["exit_rate"] != other["exit_rate"]


def test_what_a_trial_sets_itself_stands() -> None:
    trial = builtin_trials()["V4"].changed(parameters={"planning.cover": 1.4})
    changed = trial_with(
        trial, {"planning.cover": 2.0, "accounts.leak": 0.2, SIZE: 0.2, "levers.exhibition.unit_cost": 1e6}
    )
    assert changed.parameters == {"planning.cover": 1.4, "accounts.leak": 0.2}
    assert list(changed.levers) == ["management_training"]
    own = builtin_trials()["V1"]
    assert trial_with(own, {SIZE: 0.2}).levers == own.levers


@pytest.mark.usefixtures("warm_core")
def test_each_world_of_a_validation_has_its_draw() -> None:
    trial = builtin_trials()["V4"].changed(firms=150)
    draws = checked_posterior(pd.DataFrame({SIZE: [0.05, 0.25], "weight": [1.0, 1.0]}), [Scenario()])
    values = validation.values_of_worlds(draws, 2, seed=1)
    assert sorted(each[SIZE] for each in values) == [0.05, 0.25]
    found = validation.trial_worlds({"V4": trial}, 2, n_jobs=1, values=values)["V4"]
    practices = trial.targets[2]
    row = validation.target_row("V4", trial, practices, found)
    alone = [measured(practices, [world])[0] for world in found]
    assert row["simulated"] == pytest.approx(np.mean(alone))
    assert min(alone) < row["world_low"] < row["world_high"] < max(alone)
    assert max(alone) > 2.0 * min(alone)
