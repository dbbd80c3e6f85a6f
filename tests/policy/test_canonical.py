"""Equal runs have equal digests, different runs different ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.errors import InputError
from ovopsim.parameters.loading import shipped_value
from ovopsim.policy.canonical import canonical, canonical_json, file_digest, scenario_digest
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.presets import presets
from ovopsim.policy.scenario import Scenario, load_scenario

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(-1e6, 1e6) | st.integers(-1000, 1000) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def shuffled(value: Any) -> Any:
    """Return the same value with keys in another order and whole numbers as floats."""
    if isinstance(value, dict):
        return {key: shuffled(each) for key, each in reversed(value.items())}
    if isinstance(value, list):
        return tuple(shuffled(each) for each in value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(JSON)
def test_order_of_keys_and_kind_of_number_do_not_matter(value: Any) -> None:
    assert canonical_json(value) == canonical_json(shuffled(value))


@given(JSON)
def test_canonical_json_says_what_it_was_given(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


def test_flags_are_not_numbers_and_what_is_not_finite_is_refused() -> None:
    assert canonical_json([True, 1, 1.0, -0.0]) == "[true,1,1,0]"
    with pytest.raises(ValueError, match="Out of range float"):
        canonical_json(float("nan"))


@pytest.mark.usefixtures("small_levers")
class TestSmallLevers:
    def test_the_name_and_what_is_left_out_do_not_matter(self, tmp_path: Path) -> None:
        file = tmp_path / "a.yaml"
        file.write_text("name: Nothing\nmonths: 60.0\nshocks: []\npopulation: {synthetic: surakarta}", encoding="utf-8")
        assert canonical(load_scenario(file)) == canonical(Scenario())

    def test_ways_of_writing_do_not_matter(self) -> None:
        programme = {"budget": 1, "shares": {"forum": 0.5, "exhibition": 0.5}}
        other = {"shares": {"exhibition": 0.5, "forum": 0.5}, "budget": 1.0, "targeting": "random"}
        assert canonical(Scenario(programme=programme)) == canonical(Scenario(programme=other))

    def test_shocks_are_sorted_and_have_their_month(self) -> None:
        one = Scenario(shocks=["pandemic", {"name": "cotton", "start": 3}])
        other = Scenario(shocks=[{"name": "cotton", "start": 3.0}, {"name": "pandemic", "start": 24}])
        assert canonical(one) == canonical(other)

    def test_a_parameter_set_to_its_shipped_value_is_not_set(self) -> None:
        changed = {"planning.cover": shipped_value("planning.cover")}
        assert canonical(Scenario(parameters=changed)) == canonical(Scenario())
        everywhere = {"market.outside_share": 0.5}
        each = {f"market.outside_share.{name}": 0.5 for name in ("export", "local", "national", "tourist")}
        assert canonical(Scenario(parameters=everywhere)) == canonical(Scenario(parameters=each))

    def test_what_is_said_about_a_lever_does_not_matter_but_its_numbers_do(self) -> None:
        cost = builtin_levers()["exhibition"].unit_cost
        fairs = {"programme": {"budget": 1, "shares": {"exhibition": 1}}}
        plain = canonical(Scenario(levers={"exhibition": {"unit_cost": 6_000_000, "about": "Another text."}}, **fairs))
        assert plain == canonical(Scenario(levers={"exhibition": {"unit_cost": cost}}, **fairs))
        assert plain != canonical(Scenario(levers={"exhibition": {"unit_cost": 6_000_001}}, **fairs))

    def test_a_lever_that_nobody_delivers_may_be_changed(self) -> None:
        dear = {"levers": {"exhibition": {"unit_cost": 9_000_000}}}
        assert canonical(Scenario(**dear)) == canonical(Scenario())
        forum = {"budget": 1, "shares": {"forum": 1}}
        assert canonical(Scenario(programme=forum, **dear)) == canonical(Scenario(programme=forum))
        none = {"budget": 1, "shares": {"forum": 1, "exhibition": 0}}
        assert canonical(Scenario(programme=none, **dear)) == canonical(Scenario(programme=forum))
        trial = [{"lever": "exhibition", "firms": {"share": 0.5}, "month": 1}]
        assert canonical(Scenario(assignments=trial, **dear)) != canonical(Scenario(assignments=trial))
        new = Scenario(levers={"aid": builtin_levers()["exhibition"].model_dump()})
        assert canonical(new) != canonical(Scenario()), "a new lever moves the draws of those after it"

    @pytest.mark.parametrize(
        "changes",
        [
            {"months": 61},
            {"start": "2016-02"},
            {"size_law": "pp_2021"},
            {"population": {"synthetic": "surakarta", "firms": 300}},
            {"shocks": ["pandemic"]},
            {"parameters": {"planning.cover": 1.51}},
            {"programme": {"budget": 0, "shares": {"forum": 1}}},
            {"assignments": [{"lever": "forum", "firms": {"share": 0.5}, "month": 1}]},
        ],
    )
    def test_every_difference_in_the_run_matters(self, changes: dict[str, Any]) -> None:
        assert scenario_digest(Scenario(**changes)) != scenario_digest(Scenario())

    def test_a_survey_counts_by_content_not_by_place(self, tmp_path: Path) -> None:
        for name, text in {"a": "x\n1\n", "b": "x\n1\n", "c": "x\n2\n"}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        digests = [scenario_digest(Scenario(population={"survey": str(tmp_path / name)})) for name in "abc"]
        assert digests[0] == digests[1] != digests[2]

    def test_a_missing_survey_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
            scenario_digest(Scenario(population={"survey": str(tmp_path / "none.csv")}))

    def test_the_presets_differ(self) -> None:
        assert len({scenario_digest(scenario) for scenario in presets().values()}) == 9


def test_the_digest_of_the_plain_scenario_is_pinned() -> None:
    # A change here makes stored runs unknown: it must be meant.
    assert canonical(Scenario()) == (
        '{"assignments":[],"levers":{},"months":60,"parameters":{},'
        '"population":{"firms":null,"survey":null,"synthetic":"surakarta"},"programme":null,'
        '"shocks":[],"size_law":"uu_20_2008","start":"2016-01"}'
    )


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"abc")
    assert file_digest(file).startswith("ba7816bf")
