"""Scenarios from YAML and from Python: one record, the same messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ovopsim.errors import InputError
from ovopsim.fields import CONSTRAINTS, SENTRAS
from ovopsim.parameters.checking import checked
from ovopsim.policy.canonical import canonical
from ovopsim.policy.effects import value_of
from ovopsim.policy.levers import Constraint
from ovopsim.policy.scenario import Assignment, Programme, Scenario, Sentra, Targeting, load_scenario
from ovopsim.rules.agency.tables import TARGETING

pytestmark = pytest.mark.usefixtures("small_levers")

FULL = """
name: Exhibitions and certificates, with a pandemic
population: surakarta
start: 2016-01
months: 60
programme: {budget: 500_000_000, shares: {exhibition: 0.5, certification: 0.5}, start: 0, months: 60, targeting: random}
shocks: [pandemic]
parameters: {market.outside_share.export: 0.98}
"""


def load(folder: Path, text: str) -> Scenario:
    file = folder / "programme.yaml"
    file.write_text(text, encoding="utf-8")
    return load_scenario(file)


def said(folder: Path, text: str) -> str:
    """Return the error message that a file gives, without its folder."""
    with pytest.raises(InputError) as caught:
        load(folder, text)
    return str(caught.value).removeprefix(f"{folder}/")


def test_the_scenario_of_the_readme_is_read(tmp_path: Path) -> None:
    scenario = load(tmp_path, FULL)
    assert scenario == Scenario(
        name="Exhibitions and certificates, with a pandemic",
        programme=Programme(budget=500_000_000, shares={"exhibition": 0.5, "certification": 0.5}),
        shocks=["pandemic"],
        parameters={"market.outside_share.export": 0.98},
    )


def test_defaults_are_filled_in_and_the_file_gives_the_name(tmp_path: Path) -> None:
    scenario = load(tmp_path, "shocks:\n")
    assert scenario == Scenario(name="programme")
    assert (scenario.start, scenario.months, scenario.size_law) == ("2016-01", 60, "uu_20_2008")
    assert scenario.population.synthetic == "surakarta"
    assert (scenario.programme, scenario.assignments, scenario.shocks, scenario.parameters) == (None, (), (), {})
    assert Scenario().name == "No programme"


def test_a_misspelt_key_is_named_with_the_nearest(tmp_path: Path) -> None:
    text = "programme: {bugdet: 500_000_000, shares: {exhibition: 1.0}}"
    assert said(tmp_path, text) == (
        "programme.yaml: programme: 'bugdet' is no key; did you mean 'budget'? "
        "The keys are budget, shares, start, months, targeting, multi_year."
    )


def test_shares_that_do_not_add_up_are_named(tmp_path: Path) -> None:
    text = "programme: {budget: 500_000_000, shares: {exhibition: 0.8, certification: 0.5}}"
    assert said(tmp_path, text) == "programme.yaml: programme: shares add up to 1.30, not 1."


def test_wrong_shares_and_an_unknown_lever_are_named_together(tmp_path: Path) -> None:
    text = "programme: {budget: 500_000_000, shares: {exhibtion: 0.8, certification: 0.5}}"
    assert said(tmp_path, text) == (
        "programme.yaml: programme: shares add up to 1.30, not 1. "
        "'exhibtion' is no lever; did you mean 'exhibition'? See 'ovopsim levers'."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mnoths: 60", "'mnoths' is no key; did you mean 'months'?"),
        ("months: 5000", "months is 5000; it should be less than or equal to 1200."),
        ("months: 2.5", "months is 2.5; it should be a whole number."),
        ("start: 2016-13", "start is '2016-13', not a month such as 2016-01."),
        ("start: 2016-01-15", "start is '2016-01-15', not a month such as 2016-01."),
        ("name: 5", "name is 5; it should be text."),
        ("size_law: uu20", "size_law is 'uu20'; it should be 'uu_20_2008' or 'pp_2021'."),
        ("programme: 5", "programme is 5; it should be 'key: value' lines."),
        ("programme: {budget: 1}", "'programme.shares' is missing."),
        ("programme: {budget: yes, shares: {exhibition: 1}}", "programme.budget is yes, not a number."),
        ("programme: {budget: -5, shares: {exhibition: 1}}", "programme.budget is -5; it should be greater than"),
        ("programme: {budget: 1, shares: {exhibition: 2, forum: -1}}", "programme.shares.forum is -1; it should be"),
        ("programme: {budget: 1, shares: {exhibition: 1}, targeting: abelest_first}", "did you mean 'ablest_first'?"),
        ("population: solo", "population.synthetic is 'solo'; it should be 'surakarta'."),
        ("population: {firms: 10}", "population: give either 'synthetic: surakarta' or 'survey: FILE'."),
        ("population: {survey: none.csv}", "population.survey: there is no file"),
        ("shocks: [pandemik]", "shocks[1]: 'pandemik' is no shock; did you mean 'pandemic'?"),
        ("shocks: pandemic", "shocks is 'pandemic'; it should be a list, such as [pandemic]."),
        ("shocks: [{name: cotton, begins: 3}]", "shocks[1]: 'begins' is no key. The keys are name, start, strength."),
        ("programme: {budget: 500.000.000, shares: {exhibition: 1}}", "no unit: 0.5, 500_000_000."),
        ("programme: {budget: Rp 5, shares: {exhibition: 1}}", "no unit: 0.5, 500_000_000."),
        ("programme: {budget: much, shares: {exhibition: 1}}", "programme.budget is 'much'; it should be a number."),
        ("programme: {budget: 1, shares: {exhibition: 0,5}}", "'5' is no lever: write 0.5, with a point"),
        ("programme: {shares: {exhibition: 0,5, forum: 0,5}}", "'5' is given twice; write 0.5 for 0,5."),
        ("months:\t60\n\tname: x", "there is a tab. Use spaces."),
        ("levers: {school: {to: firms, about: x}}", "A new one needs role, unit_cost, capacity, effects,"),
        ("levers: {park: {to: sentra, about: x}}", "A new one needs role, unit_cost, effects,"),
        ("assignments: [{lever: forun, firms: {share: 1}, month: 0}]", "'forun' is no lever; did you mean 'forum'?"),
        ("assignments: [{lever: forum, firms: {share: 1, ids: [1]}, month: 0}]", "by one of ids, share and sentra."),
        ("assignments: [{lever: forum, firms: {sentra: solo}, month: 0}]", "assignments[1].firms.sentra is 'solo'"),
        ("assignments: [{lever: forum, firms: {share: 1}, month: -1}]", "assignments[1].month is -1"),
        (
            "parameters: {planing.cover: 2}",
            "parameters: 'planing.cover' is no parameter; did you mean 'planning.cover'",
        ),
        ("parameters: {planning.cover: 99}", "parameters: 'planning.cover' is 99; it must lie in 1 to 6 (months)."),
        ("parameters: {planning.cover: much}", "parameters.planning.cover is 'much'; it should be a number."),
        ("levers: {exhibtion: {batch: 5}}", "levers: 'exhibtion' is no shipped lever; did you mean 'exhibition'?"),
        ("levers: {exhibition: {bach: 5}}", "levers.exhibition: 'bach' is no key; did you mean 'batch'?"),
        ("months: 5\nmonths: 6", "'months' is given twice."),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    assert message in said(tmp_path, text)


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    message = said(tmp_path, "months: 0\nsize_law: x\nprogramme: {budget: 1, shares: {exhibition: 1}, start: -1}")
    assert all(key in message for key in ("months is 0", "size_law is 'x'", "programme.start is -1"))


def test_texts_that_mean_numbers_are_numbers(tmp_path: Path) -> None:
    scenario = load(tmp_path, "months: 1e2\nparameters: {accounts.leak: 5e-1}")
    assert (scenario.months, scenario.parameters) == (100, {"accounts.leak": 0.5})


def test_a_survey_is_found_beside_its_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "firms.csv").write_text("x\n", encoding="utf-8")
    monkeypatch.chdir("/")
    scenario = load(tmp_path, "population: {survey: firms.csv, firms: 2000}")
    assert scenario.population.survey == str(tmp_path / "firms.csv")
    assert scenario.population.firms == 2000


def test_the_words_of_the_file_are_those_of_the_core() -> None:
    assert get_args(Targeting) == TARGETING
    assert get_args(Sentra) == SENTRAS
    assert get_args(Constraint) == CONSTRAINTS


def test_a_month_of_the_calendar_is_counted_from_the_start(tmp_path: Path) -> None:
    text = """
        start: 2018-11
        programme: {budget: 1, shares: {exhibition: 1}, start: 2019-01}
        assignments: [{lever: exhibition, firms: {share: 1}, month: 2018-11}]
        shocks: [{name: pandemic, start: 2020-03}, {name: cotton, start: 5, strength: 0.5}]
    """
    scenario = load(tmp_path, text)
    assert scenario.programme is not None
    assert (scenario.programme.start, scenario.assignments[0].month) == (2, 0)
    assert [shock.first_month for shock in scenario.shocks] == [16, 5]
    assert canonical(scenario) == canonical(load(tmp_path, text.replace("2019-01", "2").replace("2020-03", "16")))


SPAN = "the scenario's months are 0 to 11 (2016-01 to 2016-12)."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("programme: {budget: 1, shares: {exhibition: 1}, start: 12}", f"programme: start is 12; {SPAN}"),
        ("programme: {budget: 1, shares: {exhibition: 1}, start: 2026-01}", f"programme: start is 120; {SPAN}"),
        ("assignments: [{lever: forum, firms: {share: 1}, month: 99}]", f"assignments: month of 'forum' is 99; {SPAN}"),
        ("shocks: [pandemic]", f"shocks: start of 'pandemic' is 24; {SPAN}"),
        ("shocks: [{name: cotton, start: 2017-01}]", f"shocks: start of 'cotton' is 12; {SPAN}"),
        ("shocks: [{name: cotton, start: 2015-12}]", "2015-12 lies before the scenario's first month, 2016-01."),
    ],
)
def test_what_begins_outside_the_run_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in said(tmp_path, f"months: 12\n{text}")


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder; name a \.yaml file"):
        load_scenario(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml: there is no such file"):
        load_scenario(tmp_path / "nowhere.yaml")


def test_a_lever_of_the_file_may_be_used_in_the_file(tmp_path: Path) -> None:
    text = """
        levers:
          exhibition: {unit_cost: 8_000_000}
          batik_school:
            role: 7
            about: Children learn batik.
            to: firms
            unit_cost: 1_000_000
            capacity: 5
            effects: [{raise: craft, by: 0.1}]
            first_link: {state: craft, direction: 1}
            aims_at: {outcome: jobs, direction: 1}
        programme: {budget: 1, shares: {batik_school: 0.5, exhibition: 0.5}}
        assignments: [{lever: batik_school, firms: {ids: [3, 1, 3]}, month: 2}]
    """
    scenario = load(tmp_path, text)
    assert list(scenario.all_levers)[-1] == "batik_school"
    assert value_of(scenario.all_levers["exhibition"].unit_cost) == 8_000_000
    assert scenario.assignments[0].firms.ids == (1, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Programme(budget=1, shares={"forum": 0.5}), "Programme: shares add up to 0.50, not 1."),
        (
            lambda: Programme(bugdet=1, shares={"forum": 1}),
            (
                "Programme: 'bugdet' is no key; did you mean 'budget'? "
                "The keys are budget, shares, start, months, targeting, multi_year."
            ),
        ),
        (
            lambda: Scenario(programme=Programme(budget=1, shares={"forun": 1})),
            "Scenario: programme: 'forun' is no lever; did you mean 'forum'? See 'ovopsim levers'.",
        ),
        (
            lambda: Assignment(lever="forum", firms={"share": 2}, month=0),
            "Assignment: firms.share is 2; it should be less than or equal to 1.",
        ),
    ],
)
def test_python_gives_the_same_messages(make: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message


def test_shares_may_be_off_by_rounding_only() -> None:
    third = {"forum": 0.3333333, "exhibition": 0.3333333, "certification": 0.3333334}
    assert Programme(budget=0, shares=third).budget == 0
    with pytest.raises(InputError, match=r"add up to 1\.00001, not 1"):
        Programme(budget=0, shares={"forum": 1.00001})


KEYS = st.sampled_from(
    [*Scenario.model_fields, *Programme.model_fields, *Assignment.model_fields, "exhibition", "name"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | KEYS | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(list(Scenario.model_fields)), ANYTHING, max_size=4))
def test_whatever_a_file_holds_the_only_error_is_an_input_error(content: dict[str, Any]) -> None:
    message = ""
    try:
        canonical(checked(Scenario, content, "scenario.yaml").changed(population="surakarta"))
    except InputError as error:
        message = str(error)
    assert not message or message.startswith("scenario.yaml: ")


def test_a_changed_copy_is_checked_too() -> None:
    assert Scenario().changed(months=12).months == 12
    with pytest.raises(InputError, match="months is 0"):
        Scenario().changed(months=0)
