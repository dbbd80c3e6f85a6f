"""What the agency does and what may happen: levers, programmes, assignments, shocks, scenarios."""

from ovopsim.policy.canonical import canonical, canonical_json, file_digest, scenario_digest
from ovopsim.policy.effects import Effect, value_of
from ovopsim.policy.levers import ROLES, Lever, builtin_levers
from ovopsim.policy.presets import default_programme, levers_of, presets, role_alone
from ovopsim.policy.scenario import Assignment, FirmChoice, Population, Programme, Scenario, load_scenario
from ovopsim.policy.schema import scenario_schema
from ovopsim.policy.shocks import ShockChoice, builtin_shocks, shock_paths

__all__ = [
    "Scenario",
    "Programme",
    "Assignment",
    "FirmChoice",
    "Population",
    "ShockChoice",
    "load_scenario",
    "presets",
    "default_programme",
    "role_alone",
    "levers_of",
    "Lever",
    "Effect",
    "ROLES",
    "builtin_levers",
    "value_of",
    "builtin_shocks",
    "shock_paths",
    "canonical",
    "canonical_json",
    "scenario_digest",
    "file_digest",
    "scenario_schema",
]
