"""The public door to field trials: what is run, what is estimated, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import ovopsim as ov
from ovopsim.analysis.attrition import attrition_table
from ovopsim.analysis.pilot_designs import PilotDesign
from ovopsim.analysis.trial_samples import EvaluationPlan
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
    table = found.coverage.set_index(["estimator", "outcome", "month", "group"])
    row = table.loc[("ancova", "practices", 12, "all")]
    effects = found.effects.set_index(["arm", "estimator", "outcome", "month", "group"])["estimate"]
    of_course = effects.loc["course"]
    bias = of_course["ancova", "practices", 12, "all"] - of_course["exact", "practices", 12, "all"]
    assert row["bias"] == pytest.approx(bias)
    assert row["coverage"] in {0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0}
    assert row["replications"] == 3
    assert set(found.attrition["arm"]) == {"course", "control"}


def of_groups() -> TrialResult:
    """Return a trial in which groups are drawn; who of a group is found, is found together."""
    drawn = Trial(
        name="groups", firms=150, unit="group", arms={"course": COURSE}, follow_up=(6,), outcomes=("profit",), month=1
    )
    result = ov.trial(drawn, replications=1, progress=False)
    world = result.worlds[0]
    return replace(result, worlds=[replace(world, before=world.before | {"luck": (world.cluster % 3) / 3.0},
                                           trial=drawn.changed(attrition=0.3))])  # fmt: skip


def test_where_groups_are_drawn_all_errors_know_it() -> None:
    result = of_groups()
    firms = result.firms
    assert 0.0 < firms["found_6"].mean() < 1.0
    naive = EvaluationPlan("naive", ("profit",), (6,))
    for table in (result._every, result.attrition):
        assert (table["trial"] == "groups").all()
    clustered = replace(naive, clustered=True)
    ancova = result._every.query("estimator == 'ancova' and group == 'all'").iloc[0]
    assert ancova["clusters"] == firms.loc[firms["found_6"], "cluster"].nunique()
    (lost,) = (result.attrition.query("arm == 'course'")["p_value"],)
    assert lost.iloc[0] == attrition_table(firms, clustered).query("arm == 'course'")["p_value"].iloc[0]
    assert lost.iloc[0] > 2.0 * attrition_table(firms, naive).query("arm == 'course'")["p_value"].iloc[0]


def test_a_pilot_has_the_shares_and_the_estimator_of_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    designs: list[PilotDesign] = []

    def noted(_firms: object, design: PilotDesign, *_args: object, **_keys: object) -> pd.DataFrame:
        designs.append(design)
        return pd.DataFrame({"size": [100]})

    monkeypatch.setattr("ovopsim.trials.power_table", noted)
    arms = {
        "few": Arm(share=0.1, deliveries=COURSE.deliveries),
        "many": Arm(share=0.3, saturation=0.8, deliveries=COURSE.deliveries),
    }
    given = Trial(name="two", firms=100, unit="group", arms=arms, follow_up=(3,), month=1, estimator="difference")
    result = ov.trial(given, replications=1, progress=False)
    assert result.power()["arm"].to_list() == ["few", "many"]
    assert [(design.arm, design.clustered, design.adjusted) for design in designs] == [
        ("few", True, False),
        ("many", True, False),
    ]
    assert [design.share_treated for design in designs] == pytest.approx([0.1 / 0.7, 0.3 / 0.9])
    assert [design.saturation for design in designs] == [1.0, 0.8]
    assert result.power(arm="many")["arm"].to_list() == ["many"]
    with pytest.raises(InputError, match="arm: 'mny' is none of few, many; did you mean 'many'"):
        result.power(arm="mny")
    assert result.to_dict()["estimator"] == "difference"


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
    result = ov.trial(whole, replications=1, progress=False)
    for ask in (lambda: result.effects, lambda: result.attrition, result.power):
        with pytest.raises(InputError, match="there are no controls to compare with"):
            ask()


def test_an_arm_of_every_firm_has_no_controls() -> None:
    everyone = Trial(name="all", firms=60, arms={"course": COURSE.changed(share=1.0)}, follow_up=(3,), month=1)
    result = ov.trial(everyone, replications=1, progress=False)
    for ask in (lambda: result.effects, lambda: result.attrition, result.power):
        with pytest.raises(InputError, match="every firm is in one, so that there are no controls"):
            ask()


def test_a_result_prints_what_the_command_line_does(found: TrialResult) -> None:
    for text in (str(found), found._repr_html_()):
        assert "small: effects in %" in text
        assert "As it is" in text
        assert "course: management practices, 12" in text


def test_a_result_without_controls_prints_its_targets() -> None:
    target = {"name": "rivals_sales", "about": "x", "outcome": "sales", "who": "cluster", "months": [6], "low": -99}
    arms = {"visitors": Arm(whole={"tourist": 1.2})}
    whole = Trial(name="V15", firms=60, arms=arms, follow_up=(6,), targets=(target,))  # type: ignore[arg-type]
    text = str(ov.trial(whole, replications=1, progress=False))
    assert "rivals of trained firms: sales" in text
    assert "-99.0 or more" in text
