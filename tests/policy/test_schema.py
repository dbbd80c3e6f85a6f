"""The JSON Schema of the scenario file says what the records say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ovopsim.parameters.loading import leaf_paths
from ovopsim.policy.effects import TARGETS
from ovopsim.policy.months import MONTH_PATTERN
from ovopsim.policy.scenario import Assignment, Population, Programme, Scenario
from ovopsim.policy.schema import scenario_schema
from ovopsim.policy.shocks import builtin_shocks

pytestmark = pytest.mark.usefixtures("small_levers")


@pytest.fixture
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(scenario_schema()))
    return found


def test_it_has_the_keys_of_the_records_and_no_others(schema: dict[str, Any]) -> None:
    assert list(schema["properties"]) == list(Scenario.model_fields)
    assert schema["additionalProperties"] is False
    assert "required" not in schema
    for model in (Programme, Assignment):
        defined = schema["$defs"][model.__name__]
        assert list(defined["properties"]) == list(model.model_fields)
        assert defined["additionalProperties"] is False


def test_short_forms_are_allowed(schema: dict[str, Any]) -> None:
    names, full = schema["$defs"]["Population"]["anyOf"]
    assert names == {"enum": ["surakarta"]}
    assert list(full["properties"]) == list(Population.model_fields)
    names, full = schema["$defs"]["ShockChoice"]["anyOf"]
    assert names["enum"] == full["properties"]["name"]["enum"] == list(builtin_shocks())


def test_it_knows_every_parameter_and_its_range(schema: dict[str, Any]) -> None:
    known = schema["properties"]["parameters"]
    assert set(leaf_paths()) <= set(known["properties"])
    assert known["additionalProperties"] is False
    cover = known["properties"]["planning.cover"]
    assert (cover["type"], cover["minimum"], cover["maximum"]) == ("number", 1, 6)


def test_it_proposes_the_levers_and_allows_new_ones(schema: dict[str, Any]) -> None:
    shares = schema["$defs"]["Programme"]["properties"]["shares"]
    assert shares["properties"]["exhibition"]["description"] == "A stand at a fair."
    assert shares["additionalProperties"]["minimum"] == 0


def test_a_shipped_lever_may_be_changed_in_part_and_a_new_one_not(schema: dict[str, Any]) -> None:
    levers = schema["properties"]["levers"]
    assert "exhibition" in levers["properties"]
    assert "required" not in schema["$defs"]["LeverChange"]
    assert "unit_cost" in schema["$defs"]["Lever"]["required"]
    assert levers["additionalProperties"] == {"$ref": "#/$defs/Lever"}


def test_a_new_lever_needs_a_capacity_unless_it_is_for_a_place(schema: dict[str, Any]) -> None:
    lever = schema["$defs"]["Lever"]
    assert lever["if"]["properties"]["to"] == {"const": "sentra"}
    assert lever["else"] == {"required": ["capacity"]}
    assert "else" not in schema["$defs"]["LeverChange"]


def test_a_beginning_is_a_number_or_a_month(schema: dict[str, Any]) -> None:
    defined = schema["$defs"]
    shock = defined["ShockChoice"]["anyOf"][1]["properties"]["start"]
    for start in (defined["Programme"]["properties"]["start"], defined["Assignment"]["properties"]["month"], shock):
        assert "'type': 'integer'" in str(start)
        assert MONTH_PATTERN in json.dumps(start).replace("\\\\", "\\")


def test_bounds_and_descriptions_are_those_of_the_records(schema: dict[str, Any]) -> None:
    months = schema["properties"]["months"]
    assert (months["type"], months["minimum"], months["maximum"], months["default"]) == ("integer", 1, 1200, 60)
    programme = schema["$defs"]["Programme"]
    assert programme["description"] == "What the agency spends its budget on."
    assert programme["properties"]["budget"]["description"] == "Rupiah of 2016 a year."
    assert programme["properties"]["start"]["description"] == programme["properties"]["months"]["description"]


def test_an_effect_has_one_form_for_each_verb(schema: dict[str, Any]) -> None:
    forms = schema["$defs"]["Effect"]["oneOf"]
    assert [form["required"] for form in forms] == [[verb] for verb in TARGETS]
    raised = forms[0]["properties"]
    assert raised["raise"]["enum"] == list(TARGETS["raise"])
    assert "by" in raised


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    text = json.dumps(schema)
    used = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    assert used <= set(schema["$defs"])
