"""A run's parameters as one row of numbers, and how each rule reads its own from it."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from ovopsim.compiling import row_reader
from ovopsim.fields import Reals
from ovopsim.forms import Costs
from ovopsim.rules.accounts.parameters import Accounts
from ovopsim.rules.agency.tables import AgencyParameters
from ovopsim.rules.entry_and_exit.closing import EntryAndExit
from ovopsim.rules.entry_and_exit.owners import Owners
from ovopsim.rules.environment import Environment
from ovopsim.rules.finance.needs import Finance
from ovopsim.rules.learning.law import Learning
from ovopsim.rules.market.parameters import Market
from ovopsim.rules.planning import Planning
from ovopsim.rules.production import Production


class Observation(NamedTuple):
    """Parameters of observation (`observation.yaml`)."""

    none_below: float


# submodel -> its parameters; a run's parameters are one row of numbers in this order
TABLES: Final[dict[str, type]] = {
    "technology_and_cost": Costs,
    "environment": Environment,
    "agency": AgencyParameters,
    "planning": Planning,
    "finance": Finance,
    "production": Production,
    "market": Market,
    "accounts": Accounts,
    "learning": Learning,
    "entry_and_exit": EntryAndExit,
    "population": Owners,
    "observation": Observation,
}

LENGTHS: Final[dict[str, dict[str, int]]] = {
    "technology_and_cost": {
        "reference_price": 3,
        "log_reference_price": 3,
        "log_output_scale": 3,
        "materials_per_piece": 3,
        "practice_pull": 4,
        "base_weight": 4,
        "access_pull": 4,
    },
    "environment": {"spending_persistence": 4, "spending_sd": 4},
    "agency": {"absorption": 12},
    "market": {"quality_value": 4, "certificate_effect": 4, "minimum_order": 4},
    "learning": {
        "practice": 4,
        "fade": 4,
        "habit": 4,
        "erosion": 4,
        "access_practice": 4,
        "least_access": 4,
        "meeting_intensity": 3,
        "channel_rate": 4,
        "channel_cost": 4,
    },
    "population": {
        "skill_mean": 4,
        "skill_sd": 4,
        "access_mean": 4,
        "access_sd": 4,
        "channel_share": 4,
        "technique_share": 3,
    },
}


def _starts() -> dict[str, int]:
    starts, place = {}, 0
    for name, table in TABLES.items():
        starts[name] = place
        lengths = LENGTHS.get(name, {})
        fields: tuple[str, ...] = table._fields  # type: ignore[attr-defined]
        place += sum(lengths.get(field, 1) for field in fields)
    starts["end"] = place
    return starts


STARTS: Final = _starts()


def _reader(name: str) -> Any:
    return row_reader(TABLES[name], STARTS[name], LENGTHS.get(name, {}))


read_costs = _reader("technology_and_cost")

read_environment = _reader("environment")

read_agency = _reader("agency")

read_planning = _reader("planning")

read_finance = _reader("finance")

read_production = _reader("production")

read_market = _reader("market")

read_accounts = _reader("accounts")

read_learning = _reader("learning")

read_entry_and_exit = _reader("entry_and_exit")

read_owners = _reader("population")

read_observation = _reader("observation")


def pack_parameters(values: dict[str, Any]) -> Reals:
    """Return one run's row of numbers from ``'market.quality_value' -> value or array``."""
    row = np.empty(STARTS["end"])
    for name, table in TABLES.items():
        place = STARTS[name]
        for field in table._fields:  # type: ignore[attr-defined]
            length = LENGTHS.get(name, {}).get(field, 1)
            row[place : place + length] = values[f"{name}.{field}"]
            place += length
    return row
