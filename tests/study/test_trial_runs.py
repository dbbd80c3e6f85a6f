"""Field trials in one world: who is drawn into which arm, and what each firm would have done without."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.errors import InputError
from ovopsim.fields import FIRM
from ovopsim.policy.trials import CONTROL, Arm, Delivery, Eligible, Target, Trial
from ovopsim.simulation import MonthZero, month_zero, run_scenario
from ovopsim.study.trial_runs import TrialWorld, assignments_of, run_trial, scenario_of

pytestmark = pytest.mark.usefixtures("warm_core")

COURSE = Arm(share=0.3, deliveries=(Delivery(lever="management_training"),))


def trial(**changes: object) -> Trial:
    """Return a small trial of a course."""
    plain: dict[str, object] = {
        "name": "small",
        "firms": 120,
        "arms": {"course": COURSE},
        "follow_up": (3, 6),
        "month": 6,
    }
    return Trial(**(plain | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def start() -> MonthZero:
    return month_zero(scenario_of(trial()), 1, 0)


def world_of(start: MonthZero, **changes: object) -> TrialWorld:
    return run_trial(trial(**changes), start, 0)


def test_a_share_of_the_eligible_is_treated_and_the_rest_are_controls(start: MonthZero) -> None:
    found = world_of(start)
    assert (found.arm == "course").sum() == round(0.3 * len(found.slots))
    assert set(found.arm) == {"course", CONTROL}
    assert np.array_equal(found.offered, found.arm == "course")
    assert not (found.accepted & ~found.offered).any()
    assert found.accepted.any()


def test_a_trial_that_gives_nothing_changes_nobody(start: MonthZero) -> None:
    nothing = {"idle": {"role": 0, "about": "Nothing.", "to": "firms", "unit_cost": 1, "batch": 1, "capacity": 9999}}
    nothing["idle"] |= {
        "acceptance": {"intercept": 4.0},
        "effects": [{"shift": "adoption_shift", "by": 0.0}],
        "constraint": "technology",
        "first_link": {"state": "adoption_shift", "direction": 1},
        "aims_at": {"outcome": "jobs", "direction": 1},
    }
    found = world_of(start, levers=nothing, arms={"idle": Arm(share=0.5, deliveries=(Delivery(lever="idle"),))})
    for key, seen in found.seen.items():
        assert np.array_equal(seen, found.unseen[key], equal_nan=True)


def test_before_the_first_delivery_both_worlds_are_one(start: MonthZero) -> None:
    asked = trial()
    found = run_trial(asked, start, 0)
    plain = scenario_of(asked)
    given = plain.changed(assignments=assignments_of(asked, found.slots, found.arm, start))
    with_trial, without = (run_scenario(each, start, [5, 12]).snapshots for each in (given, plain))
    assert np.array_equal(with_trial[0], without[0], equal_nan=True), "the month before the first delivery"
    assert not np.array_equal(with_trial[1], without[1], equal_nan=True)


def test_a_follow_up_in_the_month_of_delivery_leaves_the_baseline_alone(start: MonthZero) -> None:
    plain, early = (world_of(start, follow_up=months, attrition=0.4).frame() for months in ((6,), (0, 6)))
    base = run_scenario(scenario_of(trial()), start, [5]).snapshots[0][FIRM.sales]
    slots = world_of(start).slots
    for frame in (plain, early):
        assert np.array_equal(frame["sales_before"], base[slots])
    assert not np.array_equal(early["sales_0"], early["sales_before"]), "a month later"
    assert np.array_equal(early["found_0"], early["found_6"]), "it is a follow-up as any other"
    assert set(early.columns) - set(plain.columns) == {name for name in early.columns if "_0" in name}, (
        "and adds its own columns alone"
    )
    assert len(early) == len(slots)


def test_firms_go_by_the_identities_that_other_tables_have(start: MonthZero) -> None:
    found = world_of(start)
    ids = start.world.firms[FIRM.firm_id, found.slots]
    assert not np.array_equal(ids, found.slots), "a burn-in has let others in"
    assert np.array_equal(found.frame()["firm_id"], ids)
    table = run_scenario(scenario_of(trial()), start, [9]).snapshots[0]
    sales = dict(zip(table[FIRM.firm_id], table[FIRM.sales], strict=True))
    frame = found.frame().query("alive_3_without")
    assert [sales[firm] for firm in frame["firm_id"]] == frame["sales_3_without"].to_list()


def test_only_the_eligible_take_part(start: MonthZero) -> None:
    found = world_of(start, eligible=Eligible(most_workers=1.0, sells_in="local"))
    everyone = world_of(start)
    assert 0 < len(found.slots) < len(everyone.slots)
    assert (found.before["workers"] <= 1.0).all()


def test_a_group_is_treated_as_one_and_saturation_leaves_neighbours(start: MonthZero) -> None:
    whole = world_of(start, unit="group", group_size=10, arms={"course": COURSE})
    for unit in np.unique(whole.cluster):
        assert len(set(whole.arm[whole.cluster == unit])) == 1
    half = COURSE.model_copy(update={"saturation": 0.5})
    found = world_of(start, unit="group", group_size=10, arms={"course": half})
    treated = [
        (found.arm[found.cluster == unit] == "course").mean()
        for unit in np.unique(found.cluster)
        if (found.arm[found.cluster == unit] == "course").any()
    ]
    assert all(0.4 <= share <= 0.6 for share in treated)
    near = found.arm == "course: neighbours"
    assert set(found.cluster[near]) == set(found.cluster[found.arm == "course"])
    assert not set(found.cluster[near]) & set(found.cluster[found.arm == CONTROL]), "controls live elsewhere"
    assert not (found.offered | found.accepted)[near].any()


def test_sentras_are_units_of_levers_on_places(start: MonthZero) -> None:
    arms = {"place": Arm(share=0.34, deliveries=(Delivery(lever="place_upgrading", dose=5.0),))}
    found = world_of(start, unit="sentra", arms=arms)
    assert len(set(found.before["sentra"][found.arm == "place"])) == 1


def test_what_the_whole_cluster_faces_is_a_world_of_its_own(start: MonthZero) -> None:
    target = Target(name="jobs", about="x", outcome="jobs", who="cluster", arm="visitors", months=(6,), low=0.0)
    found = world_of(start, arms={"visitors": Arm(whole={"tourist": 1.5})}, targets=(target,))
    seen, without = found.whole["visitors"]["sales", 6]
    assert seen > without
    same, plain = found.whole["all"]["sales", 6]
    assert same == plain, "nobody was treated in the trial's own world"


def test_attrition_hides_firms_from_the_survey_only(start: MonthZero) -> None:
    found = world_of(start, attrition=0.4).frame()
    everyone = world_of(start).frame()
    share = found["found_6"].sum() / everyone["found_6"].sum()
    assert 0.45 < share < 0.75
    assert np.array_equal(found["profit_6"], everyone["profit_6"])


def test_the_same_trial_is_the_same_again_and_replications_differ(start: MonthZero) -> None:
    one, again = world_of(start).frame(), world_of(start).frame()
    assert one.equals(again)
    other = run_trial(trial(), month_zero(scenario_of(trial()), 1, 1), 1).frame()
    assert not one["profit_6"].equals(other["profit_6"])


def test_groups_are_as_large_as_asked_for_and_of_one_sentra(start: MonthZero) -> None:
    for size in (10, 20):
        found = world_of(start, unit="group", group_size=size)
        sentras = found.before["sentra"]
        for sentra in np.unique(sentras):
            sizes = np.unique(found.cluster[sentras == sentra], return_counts=True)[1]
            assert sizes.max() - sizes.min() <= 1
            # one group more or less would be farther from the size
            assert len(sizes) == max(1, round(sizes.sum() / size))
        assert all(len(np.unique(sentras[found.cluster == unit])) == 1 for unit in np.unique(found.cluster))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": {"course": COURSE.changed(saturation=0.4)}}, "arms.course.saturation: with 'unit: firm'"),
        ({"arms": {"course": COURSE.changed(saturation=0.6)}}, "arms.course.saturation: with 'unit: firm'"),
        (
            {"unit": "group", "arms": {"course": COURSE.changed(saturation=0.01)}},
            "arms.course.saturation: 0.01 of the firms of each of",
        ),
        ({"unit": "group", "arms": {"course": COURSE.changed(share=0.03)}}, "arms.course.share: 0.03 of"),
        ({"unit": "group", "arms": {"course": COURSE.changed(share=0.97)}}, "leave no controls"),
    ],
)
def test_an_arm_or_controls_without_a_firm_are_refused(
    start: MonthZero, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        world_of(start, **changes)


def test_the_name_of_an_arm_may_be_long(start: MonthZero) -> None:
    name = "a course in management and " * 4
    found = world_of(start, arms={name: COURSE})
    assert set(found.arm) == {name, CONTROL}
    assert found.accepted.any(), "who is drawn into it is served"


def test_a_whole_share_leaves_no_controls_and_that_may_be(start: MonthZero) -> None:
    assert set(world_of(start, arms={"course": COURSE.changed(share=1.0)}).arm) == {"course"}


def test_a_target_that_cannot_be_measured_is_refused_before_the_run(start: MonthZero) -> None:
    target = Target(name="wished", about="x", outcome="jobs", low=0.0)
    with pytest.raises(InputError, match="small: targets: wished: outcome: jobs are those of the cluster"):
        world_of(start, targets=(target,))


def test_too_few_firms_are_said_to_be_too_few(start: MonthZero) -> None:
    with pytest.raises(InputError, match="too few for 1 arms and controls"):
        world_of(start, eligible=Eligible(fewest_workers=1e6))


def test_who_took_part_and_closed_before_anybody_asked_took_part(start: MonthZero) -> None:
    """Slots of those who closed have new tenants by the first follow-up, three years on."""
    sure = {"management_training": {"acceptance": {"intercept": 40.0}}}
    arms = {"course": COURSE.changed(share=0.9)}
    late, soon = (world_of(start, levers=sure, arms=arms, follow_up=months) for months in ((36,), (0, 36)))
    assert np.array_equal(late.accepted, soon.accepted)
    served_then_gone = late.accepted & ~late.alive[36]
    assert served_then_gone.sum() >= 5
    assert late.accepted[late.offered & soon.alive[0]].mean() > 0.99


def test_steps_in_technology_are_recorded_when_a_target_asks_who_adopted(start: MonthZero) -> None:
    target = Target(name="t", about="x", outcome="adopted", unit="points", months=(6,), low=0.0)
    found = world_of(start, targets=(target,))
    assert np.all(found.seen["adoptions", 6][found.alive[6]] >= found.before["adoptions"][found.alive[6]])
    assert {name for name, _ in found.seen} == {"profit", "sales", "workers", "adoptions"}
