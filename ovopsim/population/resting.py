"""A firm at rest: workers, equipment, price, stock and cash that go with given orders (compiled helpers)."""

from __future__ import annotations

import math

from ovopsim.compiling import compiled
from ovopsim.fields import CITY, FIRM, SENTRA
from ovopsim.forms import (
    cheapest_equipment,
    labour_needed,
    log_relative,
    log_scale_of,
    marginal_cost,
    material_cost,
    quality_factor,
)

ROUNDS = 60


@compiled
def rest_firm(firms, sentras, city, costs, cover, buffer_months, slot, orders_idr):
    """Give one firm the price, equipment, workers, stock and cash that fit its monthly orders in rupiah."""
    technique = int(firms[FIRM.technique, slot])
    log_scale = log_scale_of(firms, costs, slot)
    quality = quality_factor(costs, firms[FIRM.craft, slot])
    purchase = firms[FIRM.member, slot] * sentras[SENTRA.governance, int(firms[FIRM.sentra, slot])]
    wage = costs.wage * quality
    materials = material_cost(costs, technique, quality, firms[FIRM.bookkeeping, slot], purchase, 1.0)
    price = costs.reference_price[technique]
    cost = price / costs.markup
    equipment = math.exp(costs.log_reference_equipment)
    for _ in range(ROUNDS):
        pieces = orders_idr / price
        equipment = cheapest_equipment(costs, pieces, log_scale, wage, firms[FIRM.hurdle_rate, slot])
        labour = labour_needed(costs, pieces, log_scale, log_relative(costs, equipment))
        cost = marginal_cost(costs, materials, wage, labour, pieces)
        price = 0.5 * price + 0.5 * costs.markup * cost
    pieces = orders_idr / price
    labour = labour_needed(costs, pieces, log_scale, log_relative(costs, equipment))
    firms[FIRM.log_scale, slot] = log_scale
    firms[FIRM.wage, slot] = wage
    firms[FIRM.material_cost, slot] = materials
    firms[FIRM.price, slot] = price
    firms[FIRM.log_price, slot] = math.log(price)
    firms[FIRM.unit_cost, slot] = cost
    firms[FIRM.equipment, slot] = equipment
    firms[FIRM.wanted_equipment, slot] = equipment
    firms[FIRM.workers, slot] = max(0.0, labour - firms[FIRM.owner_labour, slot])
    firms[FIRM.expected_orders, slot] = pieces
    firms[FIRM.orders, slot] = pieces
    firms[FIRM.wanted_output, slot] = pieces
    firms[FIRM.output, slot] = pieces
    firms[FIRM.season, slot] = 1.0
    firms[FIRM.fill, slot] = 1.0
    firms[FIRM.inventory, slot] = (cover - 1.0) * pieces
    firms[FIRM.cash, slot] = buffer_months * cost * pieces
    profit = (price - materials) * pieces - wage * firms[FIRM.workers, slot]
    firms[FIRM.profit, slot] = profit
    firms[FIRM.value_added, slot] = (price - materials) * pieces
    firms[FIRM.smoothed_profit, slot] = profit
    city[CITY.employed] += firms[FIRM.workers, slot]
