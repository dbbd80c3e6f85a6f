"""Functional forms on arrays over firms (see `ovopsim.forms` for each formula)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ovopsim.fields import CITY, FIRM


def log_relative(costs: Any, equipment: Any) -> Any:
    """Logarithm of equipment over the reference equipment."""
    return np.log(np.maximum(equipment, 1.0)) - costs.log_reference_equipment


def log_scale_of(costs: Any, firms: Any, technique: Any) -> Any:
    """Logarithm of what one FTE makes with the reference equipment."""
    return (
        firms.log_ability
        + costs.craft_effect * (firms.craft - costs.craft_reference)
        + costs.management_effect * (firms.management - costs.management_reference)
        + costs.technology_effect * (firms.technology - costs.technology_reference)
        + costs.log_output_scale[technique]
    )


def output_possible(costs: Any, log_scale: Any, log_equipment: Any, labour: Any) -> Any:
    """Pieces a month; none without labour, whose logarithm is −∞."""
    return np.exp(log_scale + costs.equipment_elasticity * log_equipment + costs.labour_elasticity * np.log(labour))


def labour_needed(costs: Any, output: Any, log_scale: Any, log_equipment: Any) -> Any:
    """FTE that an output needs at present equipment."""
    return np.exp(
        (np.log(output) - log_scale - costs.equipment_elasticity * log_equipment) * costs.inverse_labour_elasticity
    )


def quality_factor(costs: Any, craft: Any) -> Any:
    """Finer cloth takes more material and a higher piece rate."""
    return np.exp(costs.quality_cost * (craft - costs.craft_reference))


def material_cost(costs: Any, technique: Any, quality: Any, bookkeeping: Any, purchase: Any, price: float) -> Any:
    """Materials for one piece."""
    return (
        costs.materials_per_piece[technique]
        * (1.0 - costs.bulk_discount * purchase)
        * (1.0 - costs.waste_saved * bookkeeping)
        * quality
        * price
    )


def marginal_cost(costs: Any, materials: Any, wage: Any, labour: Any, output: Any) -> Any:
    """Materials and labour of one more piece."""
    return materials + wage * labour / (costs.labour_elasticity * output)


def cheapest_equipment(costs: Any, output: Any, log_scale: Any, wage: Any, hurdle_rate: Any) -> Any:
    """Equipment that makes an output at least cost."""
    ratio = costs.equipment_elasticity * wage / (costs.labour_elasticity * (hurdle_rate + costs.depreciation))
    log_labour = (
        np.log(output) - log_scale - costs.equipment_elasticity * (np.log(ratio) - costs.log_reference_equipment)
    ) * costs.inverse_returns_to_scale
    return ratio * np.exp(log_labour)


def raised(value: Any, gain: Any) -> Any:
    """A lesson adds less the more one knows."""
    return np.minimum(1.0, value + gain * (1.0 - value))


def known_firms(firms: Any, peers: Any, identities: Any) -> Any:
    """Slots of the firms that others know, or −1 where one has closed or its slot has a new tenant."""
    slots = peers.astype(np.intp)
    slots[slots >= firms.active.size] = -1  # a slot that firms of earlier times had
    there = (slots >= 0) & (firms.active[slots] == 1.0) & (firms.firm_id[slots] == identities)
    return np.where(there, slots, -1)


def begin_channel(matrix: Any, channel: int, least: float, slots: Any) -> None:
    """Begin to sell in a channel, known to few of its buyers, where a firm does not yet."""
    new = slots[matrix[FIRM.participates + channel, slots] == 0.0]
    start = float(np.log(least / (1.0 - least)))
    matrix[FIRM.participates + channel, new] = 1.0
    matrix[FIRM.months_without_sale + channel, new] = 0.0
    matrix[FIRM.access_logit + channel, new] = start
    matrix[FIRM.access_base + channel, new] = start
    matrix[FIRM.market_access + channel, new] = least


def constraint_gains(firms: Any, sentras: Any, city: Any, costs: Any, sentra: Any) -> Any:
    """Gain in value added when one of the five limits alone is relaxed: array (5, firms)."""
    relief, room = costs.relief, city[CITY.hiring_room]
    per_material = (costs.demand_elasticity - 1.0) * np.minimum(1.0, firms.material_cost / firms.unit_cost)
    per_labour = (costs.demand_elasticity - 1.0 - per_material) * costs.inverse_labour_elasticity
    marketing = relief * firms.fill * (1.0 - firms.cash_short) * room
    owned = np.maximum(firms.equipment, 1.0)
    gap = np.log(np.maximum(firms.wanted_equipment, owned) / owned)
    capital = firms.cash_short + per_labour * costs.equipment_elasticity * gap
    people = (1.0 - room) * (1.0 - firms.fill) + relief * (1.0 - firms.craft) * (
        per_labour * costs.craft_effect + (costs.demand_elasticity - 1.0) * costs.craft_margin
    )
    technology = per_labour * relief * (costs.technology_effect * (1.0 - firms.technology) + costs.equipment_elasticity)
    cheaper = costs.bulk_discount * (1.0 - firms.member * sentras.governance[sentra])
    can_make = np.maximum(firms.output, firms.expected_orders)
    partnership = per_material * cheaper + np.maximum(0.0, 1.0 - firms.wanted_output / can_make)
    return np.stack([marketing, capital, people, technology, partnership])
