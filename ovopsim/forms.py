"""Functional forms that more than one rule needs: output, cost, wanted equipment, the learning law, the constraints.

Everything here is a pure function of scalars, with its formula in the docstring (model.md §3).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import equation
from ovopsim.state import CITY, FIRM, SENTRA, Reals


class Costs(NamedTuple):
    """Technology and cost; `technology_and_cost.yaml` says what each parameter is. Those after
    `reference_price` are derived from other parameters (`parameters/derived.py`)."""

    equipment_elasticity: float
    labour_elasticity: float
    reference_equipment: float
    craft_effect: float
    management_effect: float
    technology_effect: float
    craft_reference: float
    management_reference: float
    technology_reference: float
    wage: float
    quality_cost: float
    bulk_discount: float
    waste_saved: float
    relief: float
    depreciation: float
    resale_value: float
    appeal_sd: float
    reference_price: Reals
    demand_elasticity: float
    markup: float
    output_scale: Reals
    materials_per_piece: Reals
    practice_pull: Reals
    base_weight: Reals
    access_pull: Reals
    access_weight: float


@equation
def logistic(value):
    """1 / (1 + e^-value)."""
    return 1.0 / (1.0 + math.exp(-value))


@equation
def logit(probability):
    """ln(p / (1 - p)), for p inside (0, 1)."""
    return math.log(probability / (1.0 - probability))


@equation
def productivity(costs, ability, craft, management, technology):
    """A = ability · exp(γ_c (craft − c₀) + γ_m (management − m₀) + γ_t (technology − t₀))."""
    return ability * math.exp(
        costs.craft_effect * (craft - costs.craft_reference)
        + costs.management_effect * (management - costs.management_reference)
        + costs.technology_effect * (technology - costs.technology_reference)
    )


@equation
def output_possible(costs, scale, equipment, labour):
    """Pieces a month: scale · (equipment / k₀)^α · labour^β, with scale = A · y_technique."""
    if equipment <= 0.0 or labour <= 0.0:
        return 0.0
    return scale * math.exp(
        costs.equipment_elasticity * math.log(equipment / costs.reference_equipment)
        + costs.labour_elasticity * math.log(labour)
    )


@equation
def labour_needed(costs, output, scale, equipment):
    """FTE that an output needs at present equipment: the inverse of `output_possible`."""
    if output <= 0.0:
        return 0.0
    return math.exp(
        (math.log(output / scale) - costs.equipment_elasticity * math.log(equipment / costs.reference_equipment))
        / costs.labour_elasticity
    )


@equation
def quality_factor(costs, craft):
    """e^{χQ} with Q = craft − c₀: finer cloth takes more material and a higher piece rate."""
    return math.exp(costs.quality_cost * (craft - costs.craft_reference))


@equation
def material_cost(costs, technique, quality, bookkeeping, purchase, material_price):
    """Materials for one piece: m_technique · (1 − discount · purchase) · (1 − waste saved · bookkeeping) · e^{χQ}.

    `purchase` is the cooperative's governance for a member and 0 for others.
    """
    return (
        costs.materials_per_piece[technique]
        * (1.0 - costs.bulk_discount * purchase)
        * (1.0 - costs.waste_saved * bookkeeping)
        * quality
        * material_price
    )


@equation
def marginal_cost(costs, materials, wage, labour, output):
    """m + w · L(q) / (β q): materials and the labour of one more piece, the owner's hours counted at the wage."""
    return materials + wage * labour / (costs.labour_elasticity * output)


@equation
def cheapest_equipment(costs, output, scale, wage, hurdle_rate):
    """Equipment that makes `output` at least cost: K = κL, κ = (α/β) · w / (hurdle + depreciation)."""
    ratio = costs.equipment_elasticity / costs.labour_elasticity * wage / (hurdle_rate + costs.depreciation)
    labour = math.exp(
        (math.log(output / scale) - costs.equipment_elasticity * math.log(ratio / costs.reference_equipment))
        / (costs.equipment_elasticity + costs.labour_elasticity)
    )
    return ratio * labour


@equation
def raised(value, gain):
    """x + gain · (1 − x), never above 1: what a lesson adds is smaller the more one knows."""
    return min(1.0, value + gain * (1.0 - value))


@equation
def steady_state_weight(fade, habit, erosion, plain_use):
    """h = δλ / (k + λ) with k = κu₀: the pull of one's origin in the learning law's steady state (model.md §2)."""
    return fade * erosion / (habit * plain_use + erosion)


@equation
def steady_state_base(value, origin, habit, erosion, plain_use):
    """base* = (k x* + λ origin) / (k + λ)."""
    kept = habit * plain_use
    return (kept * value + erosion * origin) / (kept + erosion)


@equation
def cost_gain(demand_elasticity, share, fall):
    """Gain in value added when a part of marginal cost falls by a log amount: e^{(ε − 1) · share · fall} − 1."""
    return math.exp((demand_elasticity - 1.0) * share * fall) - 1.0


@equation
def constraint_gains(firms, sentras, city, costs, slot):
    """Relative gain in one firm's value added when one of the five limits alone is relaxed (model.md §3).

    Returns a tuple in the order of `state.CONSTRAINTS`. Marketing: orders rise by the relief, as far as stock, hands
    and cash can follow. Capital: cash no longer limits output, and equipment comes up to what is cheapest. Human
    resources: makers can be found, and craft rises. Technology: equipment and technology rise. Partnership: a
    standing wholesale order for what could be made besides, and a well-run cooperative's price of materials.
    """
    relief = costs.relief
    demand = costs.demand_elasticity
    labour_share = max(0.0, 1.0 - firms[FIRM.material_cost, slot] / firms[FIRM.unit_cost, slot])
    per_labour = labour_share / costs.labour_elasticity
    short = firms[FIRM.cash_short, slot]
    unmet = 1.0 - firms[FIRM.fill, slot]
    marketing = relief * (1.0 - unmet) * (1.0 - short) * city[CITY.hiring_room]
    gap = max(1.0, firms[FIRM.wanted_equipment, slot] / firms[FIRM.equipment, slot])
    capital = short / (1.0 - 0.99 * short) + cost_gain(demand, per_labour, costs.equipment_elasticity * math.log(gap))
    craft = costs.craft_effect * relief * (1.0 - firms[FIRM.craft, slot])
    people = (1.0 - city[CITY.hiring_room]) * unmet + cost_gain(demand, per_labour, craft)
    better = costs.technology_effect * relief * (1.0 - firms[FIRM.technology, slot])
    technology = cost_gain(demand, per_labour, better + costs.equipment_elasticity * math.log(1.0 + relief))
    governance = sentras[SENTRA.governance, int(firms[FIRM.sentra, slot])]
    cheaper = costs.bulk_discount * (1.0 - firms[FIRM.member, slot] * governance)
    spare = max(
        0.0, 1.0 - firms[FIRM.wanted_output, slot] / max(firms[FIRM.output, slot], firms[FIRM.expected_orders, slot])
    )
    partnership = cost_gain(demand, 1.0 - labour_share, cheaper) + spare
    return marketing, capital, people, technology, partnership
