"""JSON Schema of the scenario file: editors complete and check it while one writes."""

from __future__ import annotations

import re
from typing import Any, Final

from ovopsim.parameters.loading import all_records, leaf_paths, locate
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.scenario import Scenario

# pydantic leaves these in its own words where a number is first checked not to be a flag
BOUNDS: Final = {"ge": "minimum", "le": "maximum"}


def scenario_schema() -> dict[str, Any]:
    """Return the schema of the scenario file, with the names of levers, shocks and parameters."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= _tidy(Scenario.model_json_schema())
    schema["properties"]["parameters"] |= {
        "properties": {path: _parameter(path) for path in (*all_records(), *leaf_paths())},
        "additionalProperties": False,
    }
    shares = schema["$defs"]["Programme"]["properties"]["shares"]
    each = shares["additionalProperties"]
    shares["properties"] = {name: {**each, "description": lever.about} for name, lever in builtin_levers().items()}
    # a shipped lever is changed key by key, a new one needs them all
    change = {key: value for key, value in schema["$defs"]["Lever"].items() if key != "required"}
    schema["$defs"]["LeverChange"] = change
    on_place = {"properties": {"to": {"const": "sentra"}}, "required": ["to"]}
    schema["$defs"]["Lever"] |= {"if": on_place, "else": {"required": ["capacity"]}}
    schema["properties"]["levers"]["properties"] = {name: {"$ref": "#/$defs/LeverChange"} for name in builtin_levers()}
    return schema


def _parameter(path: str) -> dict[str, Any]:
    record, member = locate(path)
    low, high = record.range
    found: dict[str, Any] = {
        "type": "number",
        "minimum": low,
        "maximum": high,
        "description": f"{record.about} ({record.unit})",
    }
    if member is not None or not record.members:
        found["default"] = record.value_of(member)
    return found


def _tidy(schema: Any) -> Any:
    """Return a schema without pydantic's titles, each key described by its line in the record's docstring."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {BOUNDS.get(key, key): _tidy(value) for key, value in schema.items() if not _is_title(key, value)}
    text = schema.get("description")
    if isinstance(text, str):
        found["description"] = " ".join(text.split("\n\n")[0].split())
        described = _attributes(text)
        for name, each in found.get("properties", {}).items():
            if name in described:
                each["description"] = described[name]
    return found


def _is_title(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)


def _attributes(docstring: str) -> dict[str, str]:
    """Return what the section `Attributes` of a docstring says of each name."""
    section = docstring.partition("Attributes\n----------\n")[2].partition("\n\n")[0]
    entries = re.findall(r"^(\w[\w, ]*) : .*\n((?:    .*\n?)+)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for names, text in entries for name in names.split(", ")}
