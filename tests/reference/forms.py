"""Functional forms that more than one submodel needs (model.md §3)."""

from __future__ import annotations

import math

from tests.reference.entities import City, Firm, Presence, Sentra
from tests.reference.parameters import Submodel


def logistic(value: float) -> float:
    """1 / (1 + e^−value), which is nothing where the exponential is beyond all numbers."""
    return 1.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0


def logit(share: float) -> float:
    """ln(p / (1 − p))."""
    return math.log(share / (1.0 - share))


def raised(value: float, gain: float) -> float:
    """What is learned is raised by a share of what is missing: x + gain · (1 − x)."""
    return min(1.0, value + gain * (1.0 - value))


def productivity(technology: Submodel, firm: Firm) -> float:
    """A · y: pieces of one FTE with the reference equipment; talent, craft, management and technology multiply."""
    advantage = (
        firm.log_ability
        + technology.craft_effect * (firm.craft.value - technology.craft_reference)
        + technology.management_effect * (firm.management.value - technology.management_reference)
        + technology.technology_effect * (firm.technology.value - technology.technology_reference)
    )
    return technology.output_scale[firm.technique] * math.exp(advantage)


def output_per_labour(technology: Submodel, scale: float, equipment: float) -> float:
    """A · y · (equipment / k₀)^α; who has lost everything counts as owning one rupiah."""
    return scale * (max(equipment, 1.0) / technology.reference_equipment) ** technology.equipment_elasticity


def output_possible(technology: Submodel, scale: float, equipment: float, labour: float) -> float:
    """Pieces of a month: A · y · (equipment / k₀)^α · labour^β."""
    return output_per_labour(technology, scale, equipment) * labour**technology.labour_elasticity


def labour_needed(technology: Submodel, scale: float, equipment: float, output: float) -> float:
    """FTE that an output needs at present equipment."""
    return (output / output_per_labour(technology, scale, equipment)) ** (1.0 / technology.labour_elasticity)


def quality(technology: Submodel, firm: Firm) -> float:
    """e^{χQ} with Q = craft − c₀: finer cloth takes more material and a higher piece rate."""
    return math.exp(technology.quality_cost * (firm.craft.value - technology.craft_reference))


def wage_of(technology: Submodel, quality: float, city: City) -> float:
    """Pay of one FTE who makes cloth of a quality."""
    return technology.wage * city.wage_level * quality


def material_cost(technology: Submodel, firm: Firm, quality: float, sentra: Sentra, city: City) -> float:
    """Materials of a piece: members buy together as well as their cooperative is run; records save waste."""
    discount = technology.bulk_discount * sentra.cooperative.governance if firm.member else 0.0
    saved = technology.waste_saved * firm.bookkeeping.value
    plain = technology.materials_per_piece[firm.technique] * city.material_price
    return plain * (1.0 - discount) * (1.0 - saved) * quality


def marginal_cost(technology: Submodel, firm: Firm, output: float) -> float:
    """Materials and the labour of one more piece, m + w · L(q) / (β q), the owner's hours counted at the wage."""
    labour = labour_needed(technology, firm.productivity, firm.equipment, output)
    return firm.material_cost + firm.wage * labour / (technology.labour_elasticity * output)


def cheapest_equipment(technology: Submodel, firm: Firm, output: float) -> float:
    """Equipment that makes an output at least cost: K = κ L with κ = (α/β) · wage / (hurdle + depreciation)."""
    rent = firm.hurdle_rate + technology.depreciation
    per_labour = technology.equipment_elasticity / technology.labour_elasticity * firm.wage / rent
    made = firm.productivity * (per_labour / technology.reference_equipment) ** technology.equipment_elasticity
    labour = (output / made) ** (1.0 / (technology.equipment_elasticity + technology.labour_elasticity))
    return per_labour * labour


def begin_channel(presence: Presence, least_access: float) -> None:
    """A firm begins to sell in a channel, known to few of its buyers."""
    if not presence.participates:
        presence.participates = True
        presence.months_without_sale = 0.0
        presence.market_access = least_access
        presence.access.value = presence.access.base = logit(least_access)


def constraint_gains(technology: Submodel, firm: Firm, sentra: Sentra, city: City) -> tuple[float, ...]:
    """Gain in value added, in log points, when one of the five limits alone is relaxed.

    A fall of marginal cost by a log amount brings ε − 1 times that amount. In order: marketing (orders rise, as far as
    stock, hands and cash follow), capital (cash no longer short, equipment as wanted), human resources (makers found;
    craft up, which saves labour and sells at a better price), technology (equipment and technology up), partnership
    (a standing order, members' price of materials).
    """
    relief = technology.relief
    gain = technology.demand_elasticity - 1.0
    per_material = gain * min(1.0, firm.material_cost / firm.unit_cost)
    per_labour = (gain - per_material) / technology.labour_elasticity
    marketing = relief * firm.fill * (1.0 - firm.cash_short) * city.hiring_room
    capital = firm.cash_short
    if firm.wanted_equipment > firm.equipment:
        gap = math.log(firm.wanted_equipment / max(firm.equipment, 1.0))
        capital += per_labour * technology.equipment_elasticity * gap
    people = (1.0 - city.hiring_room) * (1.0 - firm.fill)
    people += (
        relief * (1.0 - firm.craft.value) * (per_labour * technology.craft_effect + gain * technology.craft_margin)
    )
    tools = technology.technology_effect * (1.0 - firm.technology.value) + technology.equipment_elasticity
    governance = sentra.cooperative.governance if firm.member else 0.0
    standing_order = max(0.0, 1.0 - firm.wanted_output / max(firm.output, firm.expected_orders))
    partnership = per_material * technology.bulk_discount * (1.0 - governance) + standing_order
    return marketing, capital, people, per_labour * relief * tools, partnership
