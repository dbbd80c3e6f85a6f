"""The public door to field trials: what is run, what is estimated, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import ovopsim as ov
from ovopsim.errors import InputError
from ovopsim.policy.trials import Arm, Delivery, Trial
from ovopsim.trials import TrialResult

pytestmark = pytest.mark.usefixtures("warm_core")

COURSE = Arm(share=0.5, deliveries=(Delivery(lever="management_training"),))


@pytest.fixture(scope="module")
def found() -> TrialResult:
    small = Trial(name="small", firms=150, arms={"course": COURSE}, follow_up=(6, 12), outcomes=("profit", "practices"))
    return ov.trial(small, replications=3, progress=False)


def test_estimated_and_exact_effects_stand_side_by_side(found: TrialResult) -> None:
    effects = found.effects
    assert {"ancova", "difference", "treatment_on_treated", "exact", "exact_survivors"} <= set(effects["estimator"])
    assert set(effects["arm"]) == {"course", "control"}
    practices = effects[(effects["outcome"] == "practices") & (effects["group"] == "all") & (effects["month"] == 12)]
    exact, ancova = (practices[practices["estimator"] == name]["estimate"].iloc[0] for name in ("exact", "ancova"))
    assert exact > 0.5, "a course teaches"
    assert ancova == pytest.approx(exact, abs=1.5)


def test_intervals_are_held_against_the_exact_effect(found: TrialResult) -> None:
    assert {"coverage", "bias"} <= set(found.coverage.columns)
    assert set(found.attrition["arm"]) >= {"course", "control"}


def test_a_larger_pilot_finds_more(found: TrialResult) -> None:
    table = found.power(sizes=(40, 120))
    assert table["power_formula"].is_monotonic_increasing
    assert table["mde_formula"].is_monotonic_decreasing


def test_published_trials_go_by_number_and_others_by_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'V3' is no published trial; they are V1, V2"):
        ov.trial("V3", progress=False)
    with pytest.raises(InputError, match=r"no\.yaml"):
        ov.trial(tmp_path / "no.yaml", progress=False)


def test_arms_of_the_whole_cluster_have_no_controls() -> None:
    whole = Trial(name="whole", firms=60, arms={"visitors": Arm(whole={"tourist": 1.2})}, follow_up=(6,))
    with pytest.raises(InputError, match="no controls"):
        _ = ov.trial(whole, replications=1, progress=False).effects
