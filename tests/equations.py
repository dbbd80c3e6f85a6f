"""What tests of single equations need: parameters of one rule, and a city of a few made-up firms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ovopsim import packing
from ovopsim.fields import CHANNEL, CITY, FIRM, N_PEERS, SENTRA
from ovopsim.ledger import Ledger, empty_ledger, open_books
from ovopsim.packing import TABLES, pack_parameters
from ovopsim.parameters import values
from ovopsim.parameters.derived import derive
from ovopsim.state import World, empty_world
from tests.worlds import plain

READERS = {"technology_and_cost": "costs", "population": "owners"}


@cache
def _shipped() -> dict[str, Any]:
    row = pack_parameters(derive(dict(values())))
    return {name: plain(getattr(packing, f"read_{READERS.get(name, name)}"))(row) for name in TABLES}


def parameters_of(submodel: str, **changes: Any) -> Any:
    """Return the parameters of one rule as shipped, but for what is changed."""
    return _shipped()[submodel]._replace(**changes)


def city_of(firms: int = 3, levers: int = 1) -> World:
    """Return a city of so many equal firms with round numbers, in slots 0, 1, ...; two more slots are empty."""
    world = empty_world(firms + 2, levers)
    world.city[CITY.used_slots] = firms
    world.city[CITY.initial_count] = firms
    for name in ("outside_price", "material_price", "wage_level", "hiring_room"):
        world.city[getattr(CITY, name)] = 1.0
    world.city[CITY.makers] = 10.0 * firms
    world.city[CITY.employed] = 2.0 * firms
    world.channels[CHANNEL.spending] = world.channels[CHANNEL.spending_base] = 1e9
    world.channels[CHANNEL.outside] = world.channels[CHANNEL.outside_base] = 50.0
    world.channels[CHANNEL.season] = world.channels[CHANNEL.season_ahead] = 1.0
    world.sentras[SENTRA.amenity] = 1.0
    world.sentras[SENTRA.initial_firms] = (firms, 0.0, 0.0)
    world.sentras[SENTRA.entry_rate] = 0.01
    world.sentras[SENTRA.fund] = world.sentras[SENTRA.fund_target] = 9e6
    world.sentras[SENTRA.governance] = world.sentras[SENTRA.governance_base] = 0.5
    for slot in range(firms):
        settle_firm(world, slot)
    return world


def settle_firm(world: World, slot: int) -> None:
    """Put a firm with round numbers in a slot."""
    costs = parameters_of("technology_and_cost")
    numbers = {
        "active": 1.0,
        "firm_id": slot,
        "owner_labour": 1.0,
        "hurdle_rate": 0.03,
        "technique": 1.0,
        "equipment": 30e6,
        "cash": 20e6,
        "workers": 2.0,
        "craft": 0.5,
        "management": 0.4,
        "bookkeeping": 0.3,
        "technology": 0.35,
        "expected_orders": 100.0,
        "orders": 100.0,
        "season": 1.0,
        "fill": 1.0,
        "inventory": 50.0,
        "price": 140_000.0,
        "log_price": float(np.log(140_000.0)),
        "unit_cost": 100_000.0,
        "material_cost": 80_000.0,
        "wage": 800_000.0,
        "wanted_output": 100.0,
        "wanted_equipment": 30e6,
        "output": 100.0,
        "smoothed_profit": 2e6,
        "log_scale": costs.log_output_scale[1],
        "age": 24.0,
    }
    for name, value in numbers.items():
        world.firms[getattr(FIRM, name), slot] = value
    for channel in range(4):
        world.firms[FIRM.participates + channel, slot] = 1.0
        world.firms[FIRM.market_access + channel, slot] = 0.5
        world.firms[FIRM.trailing_orders + channel, slot] = 3.5e6
    world.firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS, slot] = -1.0


def opened(world: World) -> Ledger:
    """Return the opened books of a city."""
    ledger = empty_ledger(world.firms.shape[1])
    open_books(world, ledger)
    return ledger


def put(world: World, slot: int, **numbers: float) -> None:
    """Set fields of one firm by name."""
    for name, value in numbers.items():
        world.firms[getattr(FIRM, name), slot] = value


def got(world: World, slot: int, *names: str) -> Any:
    """Return fields of one firm by name: a number, or a list of numbers."""
    found = [float(world.firms[getattr(FIRM, name), slot]) for name in names]
    return found[0] if len(found) == 1 else found
