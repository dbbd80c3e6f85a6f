"""JSON Schema of the scenario file: editors complete and check it while one writes."""

from __future__ import annotations

from typing import Any

from ovopsim.parameters.loading import all_records, leaf_paths, locate
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.scenario import Scenario


def scenario_schema() -> dict[str, Any]:
    """Return the schema of the scenario file, with the names of levers, shocks and parameters."""
    schema = Scenario.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
    schema["properties"]["parameters"] = {
        "type": "object",
        "description": "Other values for what the model assumes, by dotted path.",
        "properties": {path: _parameter(path) for path in (*all_records(), *leaf_paths())},
        "additionalProperties": False,
    }
    shares = schema["$defs"]["Programme"]["properties"]["shares"]
    each = shares["additionalProperties"]
    shares["properties"] = {name: {**each, "description": lever.about} for name, lever in builtin_levers().items()}
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
