"""A firm at rest: price, equipment, workers, stock and cash that go with given orders (compiled helpers)."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.compiling import compiled, door
from ovopsim.fields import CITY, FIRM, SENTRA
from ovopsim.forms import (
    Costs,
    cheapest_equipment,
    labour_needed,
    log_relative,
    log_scale_of,
    marginal_cost,
    material_cost,
    output_possible,
    quality_factor,
)
from ovopsim.packing import read_costs
from ovopsim.state import World

Array = NDArray[np.float64]
ROUNDS: Final = 60
LOG_REACH: Final = math.log(3.0)  # a surveyed owner's talent lies within a factor of three of the mean


@compiled
def explain_by_talent(costs: Costs, firms: Array, slot: int, pieces: float, equipment: float, labour: float) -> Any:
    """Set the owner's talent so that `labour` makes `pieces`, as far as talents reach; return the log scale."""
    log_scale = log_scale_of(firms, costs, slot)
    gap = math.log(pieces / output_possible(costs, log_scale, log_relative(costs, equipment), labour))
    firms[FIRM.log_ability, slot] = min(LOG_REACH, max(-LOG_REACH, firms[FIRM.log_ability, slot] + gap))
    return log_scale_of(firms, costs, slot)


@compiled
def rest_firm(
    world: World, costs: Costs, slot: int, orders_idr: float, known_equipment: float, known_workers: float
) -> Any:
    """Find one firm's price, equipment and workers at its orders; return pieces a month.

    Workers who are known tell the owner's talent. An owner with less help than her own work may have time to spare and
    tells none, unless the work is more than theirs together. NaN = not known.
    """
    firms = world.firms
    technique = int(firms[FIRM.technique, slot])
    log_scale = log_scale_of(firms, costs, slot)
    quality = quality_factor(costs, firms[FIRM.craft, slot])
    purchase = firms[FIRM.member, slot] * world.sentras[SENTRA.governance, int(firms[FIRM.sentra, slot])]
    wage = costs.wage * quality
    materials = material_cost(costs, technique, quality, firms[FIRM.bookkeeping, slot], purchase, 1.0)
    price = costs.reference_price[technique]
    present = firms[FIRM.owner_labour, slot] + known_workers
    equipment = known_equipment
    for _ in range(ROUNDS):
        pieces = orders_idr / price
        if math.isnan(known_equipment):
            equipment = cheapest_equipment(costs, pieces, log_scale, wage, firms[FIRM.hurdle_rate, slot])
        labour = labour_needed(costs, pieces, log_scale, log_relative(costs, equipment))
        # neither holds when workers are not known
        if known_workers >= firms[FIRM.owner_labour, slot] or labour > present:
            log_scale = explain_by_talent(costs, firms, slot, pieces, equipment, present)
            labour = labour_needed(costs, pieces, log_scale, log_relative(costs, equipment))
        price = 0.5 * price + 0.5 * costs.markup * marginal_cost(costs, materials, wage, labour, pieces)
    pieces = orders_idr / price
    labour = labour_needed(costs, pieces, log_scale, log_relative(costs, equipment))
    firms[FIRM.log_scale, slot] = log_scale
    firms[FIRM.wage, slot] = wage
    firms[FIRM.material_cost, slot] = materials
    firms[FIRM.price, slot] = price
    firms[FIRM.log_price, slot] = math.log(price)
    firms[FIRM.unit_cost, slot] = marginal_cost(costs, materials, wage, labour, pieces)
    firms[FIRM.equipment, slot] = equipment
    firms[FIRM.wanted_equipment, slot] = equipment
    firms[FIRM.workers, slot] = max(0.0, labour - firms[FIRM.owner_labour, slot])
    return pieces


@compiled
def rest_business(firms: Array, slot: int, pieces: float, cover: float) -> None:
    """Give one firm the stock, cash and results that go with steady orders."""
    margin = firms[FIRM.price, slot] - firms[FIRM.material_cost, slot]
    firms[FIRM.expected_orders, slot] = pieces
    firms[FIRM.orders, slot] = pieces
    firms[FIRM.wanted_output, slot] = pieces
    firms[FIRM.output, slot] = pieces
    firms[FIRM.season, slot] = 1.0
    firms[FIRM.fill, slot] = 1.0
    firms[FIRM.inventory, slot] = (cover - 1.0) * pieces
    firms[FIRM.cash, slot] = firms[FIRM.unit_cost, slot] * pieces
    firms[FIRM.value_added, slot] = margin * pieces
    firms[FIRM.profit, slot] = margin * pieces - firms[FIRM.wage, slot] * firms[FIRM.workers, slot]
    firms[FIRM.smoothed_profit, slot] = firms[FIRM.profit, slot]


@door
def _rest_all(world: World, row: Array, cover: float, orders: Array, equipment: Array, workers: Array) -> None:
    costs = read_costs(row)
    world.city[CITY.employed] = 0.0
    for slot in range(orders.shape[0]):
        pieces = rest_firm(world, costs, slot, orders[slot], equipment[slot], workers[slot])
        rest_business(world.firms, slot, pieces, cover)
        world.city[CITY.employed] += world.firms[FIRM.workers, slot]


def rest_all(world: World, values: dict[str, Any], row: Array, orders: Array, equipment: Array, workers: Array) -> None:
    """Put the first firms at rest at their orders.

    Parameters
    ----------
    world : World
    values : dict
        Parameter values by ``submodel.field``.
    row : array (parameters,)
        The same, packed for the rules.
    orders : array (firms,)
        Rupiah a month.
    equipment, workers : arrays (firms,)
        What is known of them; NaN where the model says what is cheapest, and whom that takes.
    """
    _rest_all(world, row, float(values["planning.cover"]), orders, equipment, workers)


def hurdle_of(wanted: Array, pieces: Array, log_scale: Array, wage: Array, values: dict[str, Any]) -> Array:
    """Return the return asked at which `wanted` equipment is cheapest: the inverse of `forms.cheapest_equipment`.

    Parameters
    ----------
    wanted, pieces, log_scale, wage : arrays (firms,)

    Returns
    -------
    hurdle : array (firms,)
        A month; it may come out below 0.
    """
    cost = "technology_and_cost."
    capital, labour = values[cost + "equipment_elasticity"], values[cost + "labour_elasticity"]
    reference = values[cost + "log_reference_equipment"]
    log_ratio = ((capital + labour) * np.log(wanted) - np.log(pieces) + log_scale - capital * reference) / labour
    hurdle: Array = capital * wage / (labour * np.exp(log_ratio)) - values[cost + "depreciation"]
    return hurdle
