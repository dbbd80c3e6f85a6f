"""What makes a record sound."""

from __future__ import annotations

from typing import Any

import pytest

from ovopsim.errors import InputError
from ovopsim.parameters.evidence import all_evidence
from ovopsim.parameters.records import MEMBER_LISTS, Record, is_from_here

SOUND: dict[str, Any] = {
    "about": "Share of sellers outside the cluster.",
    "unit": "fraction",
    "value": 0.5,
    "range": [0.1, 0.9],
    "prior": ["uniform", 0.3, 0.6],
    "grade": "assumption",
}
BY_CHANNEL = {"local": 0.3, "tourist": 0.4, "national": 0.5, "export": 0.6}


def local_row() -> str:
    return next(name for name, row in all_evidence().items() if row.verified and is_from_here(row.place))


def effect_row(*, verified: bool) -> str:
    return next(name for name, row in all_evidence().items() if row.kind == "effect" and row.verified is verified)


def record(**changes: Any) -> Record:
    return Record(**(SOUND | changes))


def test_a_sound_record_keeps_what_it_was_given() -> None:
    assert record().value_of() == 0.5
    assert record().members == ()
    assert not record().uncertain


def test_members_stand_in_the_order_of_the_model_not_of_the_file() -> None:
    backwards = dict(reversed(BY_CHANNEL.items()))
    vector = record(value=backwards, prior=["relative", 0.5, 1.2])
    assert vector.members == ("local", "tourist", "national", "export")
    assert vector.value_of("export") == 0.6


def test_no_two_lists_of_members_have_the_same_names() -> None:
    assert len({frozenset(names) for names in MEMBER_LISTS}) == len(MEMBER_LISTS)


def test_text_that_YAML_does_not_take_for_a_number_becomes_one() -> None:  # noqa: N802
    assert record(value="5e-1").value_of() == 0.5


def test_a_record_does_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        record().unit = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": 0.95}, "value 0.95 lies outside the range 0.1 to 0.9."),
        ({"range": [0.9, 0.1]}, "range: 0.9 is not below 0.1."),
        ({"prior": ["uniform", 0.0, 0.6]}, "prior: 0 to 0.6 for value reaches outside the range 0.1 to 0.9."),
        ({"prior": ["uniform", 0.6, 0.8]}, "prior: 0.6 to 0.8 does not hold value 0.5."),
        ({"prior": ["uniform", 0.6, 0.3]}, "prior: 0.6 is not below 0.3."),
        ({"prior": ["relative", 0.5, 2.0]}, "prior: 0.25 to 1 for value reaches outside the range 0.1 to 0.9."),
        ({"prior": ["lognormal", 2.0, 0.5]}, "prior: a log-normal needs a median in the range"),
        (
            {"prior": ["normal", 0.0, 1.0]},
            "prior[1] is 'normal'; it should be 'uniform', 'lognormal', 'relative' or 'shift'",
        ),
        ({"prior": None, "uncertain": True}, "prior: an uncertain number needs one."),
        ({"unit": ""}, "unit is ''; it should have at least 1 character."),
        ({"prior": ["shift", -0.5, 0.2]}, "prior: 0 to 0.7 for value reaches outside the range 0.1 to 0.9."),
        ({"prior": ["shift", 0.1, 0.2]}, "prior: 0.6 to 0.7 does not hold value 0.5."),
        ({"derivation": "a half"}, "derivation: 'a half' is not one sentence with a full stop."),
        ({"about": "No full stop"}, "about: 'No full stop' is not one sentence with a full stop."),
        ({"about": "One. Two."}, "about: 'One. Two.' is not one sentence with a full stop."),
        ({"grade": "measured_there"}, "did you mean 'measured_here'?"),
        ({"grade": "measured_here"}, "grade: measured_here needs a verified row of evidence or a source"),
        ({"evidence": ["loc-999"]}, "evidence: 'loc-999' is no row of evidence"),
        ({"value": True}, "value is yes, not a number."),
        ({"value": "many"}, "Record: value is 'many'; it should be a number."),
        ({"value": BY_CHANNEL | {"local": "many"}}, "value.local is 'many'; it should be a number."),
        ({"value": float("nan")}, "finite number"),
        ({"vaule": 1.0}, "'vaule' is no key; did you mean 'value'?"),
        ({"to be told.": None}, "put a text that has a comma or colon in it between quotes."),
        ({"value": {"local": 0.5}}, "there must be one number for each of local, tourist, national, export."),
        ({"value": BY_CHANNEL | {"exprot": 0.5}}, "'exprot' is none; did you mean 'export'?"),
    ],
)
def test_what_is_unsound_is_said(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        record(**changes)
    assert message in str(caught.value)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(InputError, match="'unit' is missing"):
        Record(**{key: value for key, value in SOUND.items() if key != "unit"})


def test_a_measured_number_needs_evidence_of_its_grade() -> None:
    assert record(grade="measured_here", evidence=[local_row()])
    assert record(grade="measured_elsewhere", evidence=[effect_row(verified=True)])
    assert record(grade="measured_elsewhere", source="Government regulation PP 46/2013")
    with pytest.raises(InputError, match="from Surakarta or around"):
        record(grade="measured_here", evidence=[effect_row(verified=True)])
    with pytest.raises(InputError, match="verified"):
        record(grade="measured_elsewhere", evidence=[effect_row(verified=False)])
