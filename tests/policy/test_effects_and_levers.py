"""Levers as data: what a record may say, and what a user adds or changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ovopsim.errors import InputError
from ovopsim.fields import FirmRows, SentraRows, fields_of
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.parameters.checking import checked
from ovopsim.parameters.records import Record
from ovopsim.policy.effects import TARGETS, WITHOUT_SIZE, Effect, value_of
from ovopsim.policy.levers import ROLES, STATES, Lever, builtin_levers, full_record, merged
from ovopsim.policy.scenario import Scenario

SIZE = {
    "value": 0.3,
    "unit": "logit",
    "range": [0, 1],
    "grade": "assumption",
    "about": "What one visit adds.",
}


def effect(**line: Any) -> Effect:
    return Effect.model_validate(line)


@pytest.mark.parametrize(("verb", "targets"), TARGETS.items())
def test_every_verb_takes_each_of_its_targets(verb: str, targets: dict[str, str]) -> None:
    for target, whom in targets.items():
        line = {verb: target} if verb in WITHOUT_SIZE else {verb: target, "by": 0.5}
        found = Effect.model_validate(line)
        assert (found.verb, found.target, found.whom) == (verb, target, whom)


def test_targets_are_states_of_the_model() -> None:
    names = {*fields_of(FirmRows), *fields_of(SentraRows)}
    for verb, targets in TARGETS.items():
        for target in targets:
            assert verb == "start" or target in names or target in STATES


def test_a_size_stands_bare_or_in_a_record_and_has_a_chance() -> None:
    assert effect(**{"raise": "access.national", "by": 0.3}).size == 0.3
    full = effect(**{"raise": "access.national", "by": SIZE, "probability": 0.2})
    assert isinstance(full.by, Record)
    assert (full.size, value_of(full.probability)) == (0.3, 0.2)
    assert effect(start="export").size == 1.0


def test_a_verb_with_one_target_takes_its_size_directly() -> None:
    assert effect(fund=10_000_000) == effect(fund="fund", by=10_000_000)
    assert effect(contract=0.3, probability=0.2).target == "contract_lot"
    assert effect(meet=SIZE).size == 0.3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"rais": "craft", "by": 1}, "'rais' is none; did you mean 'raise'?"),
        ({"raise": "craft", "set": "member"}, "an effect has exactly one verb"),
        ({"by": 1}, "an effect has exactly one verb"),
        ({"raise": "crafd", "by": 1}, "'crafd' is nothing to raise (that is craft,"),
        ({"raise": "crafd", "by": 1}, "did you mean 'craft'?"),
        ({"raise": "craft"}, "raise needs a size: 'by: NUMBER'."),
        ({"raise": "craft", "by": "much"}, "by is 'much'; it should be a number."),
        ({"raise": "craft", "by": SIZE | {"value": 3}}, "by: value 3 lies outside the range 0 to 1."),
        ({"raise": "craft", "by": 1, "probabilty": 0.5}, "'probabilty' is no key; did you mean 'probability'?"),
        ({"start": "export", "probability": 1.5}, "probability is 1.5; it must lie in 0 to 1."),
    ],
)
def test_a_wrong_effect_is_named(line: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        checked(Effect, line, "levers.yaml")
    assert message in str(caught.value)


@pytest.mark.usefixtures("small_levers")
class TestSmallLevers:
    def test_a_record_is_read_with_its_defaults(self) -> None:
        lever = builtin_levers()["exhibition"]
        assert value_of(lever.unit_cost) == 6_000_000
        assert lever.requires.licensed
        assert lever.requires.member is None
        assert (value_of(lever.batch), value_of(lever.delay), lever.through) == (10, 0, "direct")
        assert [each.verb for each in lever.effects] == ["raise", "start"]
        assert builtin_levers()["forum"].acceptance is None

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"role": 8}, "role is 8; it should be less than or equal to 7."),
            ({"to": "firm"}, "did you mean 'firms'?"),
            ({"to": "sentra"}, "raise access.national works on firms, but the lever is to sentra."),
            ({"batch": -1}, "batch is -1; it must not be below 0."),
            ({"capacity": None}, "'capacity' is missing."),
            ({"requires": {"minimum_age": -1}}, "requires: minimum_age is -1; it must not be below 0."),
            ({"unit_cost": True}, "unit_cost is yes, not a number."),
            ({"capasity": 3}, "'capasity' is no key; did you mean 'capacity'?"),
            ({"requires": {"license": True}}, "requires: 'license' is no key; did you mean 'licensed'?"),
            ({"effects": []}, "effects is a list; it should have at least 1 item"),
            ({"effects": [{"raise": "craft"}]}, "effects[1]: raise needs a size"),
            ({"constraint": "market"}, "did you mean 'marketing'?"),
            ({"first_link": {"state": "access.nationl", "direction": 1}}, "did you mean 'access.national'?"),
            ({"first_link": {"state": "craft", "direction": 2}}, "first_link.direction is 2; it should be -1 or 1."),
            ({"aims_at": {"outcome": "sale_idr", "direction": 1}}, "did you mean 'sales_idr'?"),
        ],
    )
    def test_a_wrong_record_is_named(self, changes: dict[str, Any], message: str) -> None:
        with pytest.raises(InputError) as caught:
            checked(Lever, full_record("exhibition", changes), "levers.yaml: exhibition")
        assert str(caught.value).startswith("levers.yaml: exhibition: ")
        assert message in str(caught.value)

    def test_a_shipped_lever_is_changed_key_by_key_and_keeps_its_place(self) -> None:
        changed = checked(Lever, full_record("exhibition", {"unit_cost": 8_000_000}), "x")
        assert value_of(changed.unit_cost) == 8_000_000
        assert changed.effects == builtin_levers()["exhibition"].effects
        assert list(merged({"exhibition": changed})) == list(builtin_levers())
        assert merged({"exhibition": changed})["exhibition"] is changed

    def test_new_levers_come_last_by_name_whatever_their_order(self) -> None:
        lever = builtin_levers()["forum"]
        added = {"zebra": lever, "apple": lever}
        assert list(merged(added)) == [*builtin_levers(), "apple", "zebra"]

    def test_a_misspelt_lever_is_not_taken_for_a_new_one(self) -> None:
        with pytest.raises(InputError, match="'exhibtion' is no shipped lever; did you mean 'exhibition'"):
            full_record("exhibtion", {"unit_cost": 8_000_000})

    def test_a_lever_is_named_in_small_letters(self) -> None:
        with pytest.raises(InputError, match="cannot name a lever"):
            full_record("My lever", {})

    def test_an_unsound_shipped_lever_is_named(self, small_levers: Path) -> None:
        text = small_levers.read_text(encoding="utf-8")
        small_levers.write_text(text.replace("{meet: 1}", "{meat: 1}"), encoding="utf-8")
        with pytest.raises(InputError, match=r"^levers\.yaml: forum: effects\[1\]: .* did you mean 'meet'"):
            builtin_levers()


def test_the_shipped_levers_fill_the_seven_roles_and_two_benchmarks() -> None:
    roles = [lever.role for lever in builtin_levers().values()]
    assert [roles.count(role) for role in ROLES] == [2, 1, 1, 4, 1, 2, 2, 3]


def test_every_cost_and_size_of_a_shipped_lever_is_a_full_record() -> None:
    for name, lever in builtin_levers().items():
        assert isinstance(lever.unit_cost, Record), name
        assert all(isinstance(each.by, Record) for each in lever.effects if each.by is not None), name


def test_the_shipped_levers_aim_at_outcomes_that_are_recorded() -> None:
    assert {lever.aims_at.outcome for lever in builtin_levers().values()} <= set(OUTCOMES)


def test_a_delay_longer_than_the_pause_between_deliveries_is_refused() -> None:
    with pytest.raises(InputError, match=r"delay must not be longer than requires\.not_served_within"):
        Scenario(levers={"forum_group_discussion": {"delay": 3}})
