"""What a trial finds, on a made-up world whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.trial_measures import in_group, measured
from ovopsim.analysis.trial_samples import firm_groups
from ovopsim.policy.trials import Arm, Delivery, Target, Trial
from ovopsim.study.trial_runs import TrialWorld
from ovopsim.study.trial_targets import grant_of

CASH = Arm(share=0.5, deliveries=(Delivery(lever="cash_grant", dose=0.5),))
TRIAL = Trial(name="made up", arms={"grant": CASH}, follow_up=(12,))


def world(treated: float = 20.0, rivals: float = -1.0) -> TrialWorld:
    """Return eight firms, half of them treated, with 100 of everything without the trial."""
    arm = np.array(["grant"] * 4 + ["control"] * 4)
    without = np.full(8, 100.0)
    seen = without + np.where(arm == "grant", treated, rivals)
    before = {
        "log_ability": np.arange(8.0),
        "practices": np.arange(8.0)[::-1].copy(),
        "workers": np.array([0.0, 0.0, 3.0, 3.0, 0.0, 0.0, 3.0, 3.0]),
        "profit": np.array([1.0, 9.0, 9.0, 9.0, 1.0, 9.0, 9.0, 9.0]),
        "luck": np.linspace(0.0, 1.0, 8),
    }
    accepted = np.array([True, True, False, False, False, False, False, False])
    months = (12, 96)
    return TrialWorld(
        TRIAL,
        0,
        np.arange(8),
        np.arange(8),
        arm,
        np.arange(8),
        arm == "grant",
        accepted,
        before,
        {("profit", month): seen.copy() for month in months} | {("profit", 96): without + (seen - without) / 4.0},
        {("profit", month): without for month in months},
        {month: np.ones(8, dtype=bool) for month in months},
        {month: np.ones(8, dtype=bool) for month in months},
        {"all": {("jobs", 12): (55.0, 50.0), ("jobs", 96): (55.0, 50.0)}},
        {},
    )


def value(made: TrialWorld | None = None, **changes: object) -> float:
    """Return the simulated value of a target."""
    return measured(Target(name="t", about="x", low=0.0, **changes), [made or world()])[0]  # type: ignore[arg-type]


def test_an_arm_is_compared_with_controls_who_lose() -> None:
    assert value() == pytest.approx(21.0), "what rivals lose is in an evaluator's difference"
    assert value(who="rivals") == pytest.approx(-1.0)
    assert value(unit="points", outcome="profit") == pytest.approx(2100.0)


def test_profit_over_grant_counts_what_is_handed_over() -> None:
    assert grant_of(TRIAL, "grant") == pytest.approx(5_000_000.0)
    assert value(unit="of_grant") == pytest.approx(100.0 * 21.0 / 5_000_000.0)


def test_what_is_kept_is_a_share_of_the_first_effect() -> None:
    assert value(unit="kept", months=(96,), kept_from=(12,)) == pytest.approx(0.25)


def test_take_up_is_the_share_of_the_arm_that_accepted() -> None:
    assert value(outcome="take_up", unit="points") == pytest.approx(50.0)


def test_who_has_adopted_took_a_step_since_the_baseline() -> None:
    made = world()
    made.before["adoptions"] = np.array([0.0, 2.0, 1.0, 3.0, 0.0, 0.0, 0.0, 0.0])
    made.seen["adoptions", 12] = np.array([1.0, 2.0, 3.0, 0.0, 9.0, 9.0, 9.0, 9.0])  # the fourth has closed
    assert value(made, outcome="adopted", unit="points") == pytest.approx(50.0)


def test_the_cluster_is_compared_with_itself() -> None:
    assert value(outcome="jobs", who="cluster") == pytest.approx(10.0)


def test_groups_are_those_of_the_baseline() -> None:
    made = world()
    assert in_group("ablest", made).tolist() == [False] * 5 + [True] * 3
    assert in_group("least_skilled", made).tolist() == [False] * 5 + [True] * 3
    assert in_group("without_workers", made).sum() == 4
    assert in_group("subsistence", made).tolist() == [True, False, False, False, True, False, False, False]


def test_published_and_evaluated_groups_are_the_same_firms() -> None:
    made = world()
    # ties on both borders, and help of just half a worker
    before = {
        "log_ability": np.array([0.0, 1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 4.0]),
        "practices": np.array([0.0, 0.0, 0.0, 0.0, 2.0, 3.0, 3.0, 4.0]),
        "workers": np.array([0.0, 0.5, 0.4, 0.0, 0.0, 0.49, 3.0, 3.0]),
        "profit": np.array([1.0, 1.0, 1.0, 5.0, 9.0, 4.0, 9.0, 9.0]),
        "sales": np.arange(8.0),
    }
    made = replace(made, before=made.before | before)
    frame = pd.DataFrame(
        {name if name == "log_ability" else f"{name}_before": values for name, values in before.items()}
    )
    groups = firm_groups(frame)
    assert in_group("ablest", made).tolist() == groups["ability_high"].tolist() == [False] * 5 + [True] * 3
    assert in_group("subsistence", made).tolist() == groups["subsistence"].tolist()
    assert groups["subsistence"].sum() == 3
    assert in_group("without_workers", made).tolist() == [True, False, True, True, True, True, False, False]
    assert in_group("least_skilled", made).tolist() == [True] * 4 + [False] * 4
    thirds = [groups[f"ability_{third}"] for third in ("low", "middle", "high")]
    assert (np.sum(thirds, axis=0) == 1).all()


def test_the_error_over_worlds_is_that_of_a_ratio_of_means() -> None:
    worlds = [world(treated) for treated in (10.0, 20.0, 30.0, 40.0)]
    found, error = measured(Target(name="t", about="x", low=0.0), worlds)
    values = np.array([11.0, 21.0, 31.0, 41.0])
    assert found == pytest.approx(values.mean())
    assert error == pytest.approx(values.std(ddof=1) / 2.0)
