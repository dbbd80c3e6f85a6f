"""Functional forms that more than one rule needs: output, cost, wanted equipment, the learning law, the constraints.

Everything here is a pure function of scalars, with its formula in the docstring (docs/odd.md).
"""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import equation
from ovopsim.elementary import exponential, logarithm
from ovopsim.fields import CITY, FIRM, SENTRA, Reals


class Costs(NamedTuple):
    """Technology and cost (`technology_and_cost.yaml`).

    Those after `reference_price` are derived from other parameters (`parameters/derived.py`).
    """

    equipment_elasticity: float
    labour_elasticity: float
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
    inverse_labour_elasticity: float
    inverse_returns_to_scale: float
    log_reference_equipment: float
    log_reference_price: Reals
    log_output_scale: Reals
    craft_margin: float
    materials_per_piece: Reals
    practice_pull: Reals
    base_weight: Reals
    access_pull: Reals
    access_weight: float


@equation
def logistic(value):
    """1 / (1 + e^-value), written so that no exponential overflows."""
    odds = exponential(-abs(value))
    return (1.0 if value >= 0.0 else odds) / (1.0 + odds)


@equation
def logit(probability):
    """ln(p / (1 - p)), for p inside (0, 1)."""
    return logarithm(probability / (1.0 - probability))


@equation
def of_channels(channels, row):
    """One field of the four channels, as numbers: read once, before a loop over firms."""
    return channels[row, 0], channels[row, 1], channels[row, 2], channels[row, 3]


@equation
def of_sentras(sentras, row):
    """One field of the three sentras, as numbers: read once, before a loop over firms."""
    return sentras[row, 0], sentras[row, 1], sentras[row, 2]


@equation
def of_code(values, code):
    """The one of three values that belongs to technique or sentra 0, 1, 2; a place in a list would take a look-up."""
    return values[0] if code == 0.0 else values[1] if code == 1.0 else values[2]


@equation
def with_part(sums, code, amount):
    """Sums by technique or sentra, with an amount added to one of the three."""
    return (
        sums[0] + (amount if code == 0.0 else 0.0),
        sums[1] + (amount if code == 1.0 else 0.0),
        sums[2] + (amount if code == 2.0 else 0.0),
    )


@equation
def log_productivity(costs, log_ability, craft, management, technology):
    """ln A = ln ability + γ_c (craft − c₀) + γ_m (management − m₀) + γ_t (technology − t₀)."""
    return (
        log_ability
        + costs.craft_effect * (craft - costs.craft_reference)
        + costs.management_effect * (management - costs.management_reference)
        + costs.technology_effect * (technology - costs.technology_reference)
    )


@equation
def log_scale_of(firms, costs, slot):
    """ln(A · y_technique): what one FTE makes with the reference equipment, in logs."""
    return log_productivity(
        costs,
        firms[FIRM.log_ability, slot],
        firms[FIRM.craft, slot],
        firms[FIRM.management, slot],
        firms[FIRM.technology, slot],
    ) + of_code(costs.log_output_scale, firms[FIRM.technique, slot])


@equation
def log_relative(costs, equipment):
    """ln(equipment / k₀); a firm that has lost everything counts as owning one rupiah, so that logs stay finite."""
    return logarithm(max(equipment, 1.0)) - costs.log_reference_equipment


@equation
def output_possible(costs, log_scale, log_equipment, labour):
    """Pieces a month: A · y_technique · (equipment / k₀)^α · labour^β, with `log_equipment` = ln(equipment / k₀)."""
    if labour <= 0.0:
        return 0.0
    return exponential(
        log_scale + costs.equipment_elasticity * log_equipment + costs.labour_elasticity * logarithm(labour)
    )


@equation
def labour_needed(costs, output, log_scale, log_equipment):
    """FTE that an output needs at present equipment: the inverse of `output_possible`."""
    if output <= 0.0:
        return 0.0
    return exponential(
        (logarithm(output) - log_scale - costs.equipment_elasticity * log_equipment) * costs.inverse_labour_elasticity
    )


@equation
def quality_factor(costs, craft):
    """e^{χQ} with Q = craft − c₀: finer cloth takes more material and a higher piece rate."""
    return exponential(costs.quality_cost * (craft - costs.craft_reference))


@equation
def material_cost(costs, technique, quality, bookkeeping, purchase, material_price):
    """Materials for one piece: m_technique · (1 − discount · purchase) · (1 − waste saved · bookkeeping) · e^{χQ}.

    `purchase` is the cooperative's governance for a member and 0 for others.
    """
    return (
        of_code(costs.materials_per_piece, technique)
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
def cash_cost(materials, output, supplier_share, wage, workers):
    """Cash that a month's production needs: (1 − supplier share) · m q + w · workers."""
    return (1.0 - supplier_share) * materials * output + wage * workers


@equation
def cheapest_equipment(costs, output, log_scale, wage, hurdle_rate):
    """Equipment that makes `output` at least cost: K = κL, κ = (α/β) · w / (hurdle + depreciation)."""
    ratio = costs.equipment_elasticity * wage / (costs.labour_elasticity * (hurdle_rate + costs.depreciation))
    log_ratio = logarithm(ratio)
    log_labour = (
        logarithm(output) - log_scale - costs.equipment_elasticity * (log_ratio - costs.log_reference_equipment)
    ) * costs.inverse_returns_to_scale
    return ratio * exponential(log_labour)


@equation
def raised(value, gain):
    """x + gain · (1 − x), never above 1: what a lesson adds is smaller the more one knows."""
    return min(1.0, value + gain * (1.0 - value))


@equation
def known_firm(firms, slot_row, id_row, slot):
    """Slot of a firm that another one knows, or −1 when it has closed or its slot has a new tenant."""
    peer = int(firms[slot_row, slot])
    if peer < 0 or firms[FIRM.active, peer] == 0.0 or firms[FIRM.firm_id, peer] != firms[id_row, slot]:
        return -1
    return peer


@equation
def borrower_rate(bank_rate, cut):
    """Interest that the borrower pays when the state pays `cut` of it."""
    return max(0.0, bank_rate - cut)


@equation
def agree_terms(firms, bank_rate, slot):
    """Terms of a bank loan: the state pays the cut that the firm was promised, and guarantees what it offered."""
    rate = borrower_rate(bank_rate, firms[FIRM.rate_cut, slot])
    firms[FIRM.bank_rate, slot] = rate
    firms[FIRM.subsidised_rate, slot] = max(0.0, bank_rate) - rate
    firms[FIRM.guaranteed, slot] = firms[FIRM.guarantee_offer, slot]


@equation
def begin_channel(firms, channel, least_access, slot):
    """Begin to sell in a channel, known to few of its buyers."""
    if firms[FIRM.participates + channel, slot] == 0.0:
        start = logit(least_access)
        firms[FIRM.participates + channel, slot] = 1.0
        firms[FIRM.months_without_sale + channel, slot] = 0.0
        firms[FIRM.access_logit + channel, slot] = start
        firms[FIRM.access_base + channel, slot] = start
        firms[FIRM.market_access + channel, slot] = least_access


@equation
def steady_state_weight(fade, habit, erosion, plain_use):
    """h = δλ / (k + λ) with k = κu₀: the pull of one's origin in the learning law's steady state (docs/odd.md)."""
    return fade * erosion / (habit * plain_use + erosion)


@equation
def steady_state_base(value, origin, habit, erosion, plain_use):
    """base* = (k x* + λ origin) / (k + λ)."""
    kept = habit * plain_use
    return (kept * value + erosion * origin) / (kept + erosion)


@equation
def constraint_gains(firms, sentras, city, costs, slot):
    """Gain in one firm's value added, in log points, when one of the five limits alone is relaxed (docs/odd.md).

    Returns a tuple in the order of `fields.CONSTRAINTS`. A fall of marginal cost by a log amount f brings (ε − 1) · f.
    Marketing: orders rise by the relief, as far as stock, hands and cash can follow. Capital: cash no longer limits
    output, and equipment comes up to what is cheapest. Human resources: makers can be found, and craft rises, which
    saves labour and sells at a better price.
    Technology: equipment and technology rise. Partnership: a standing wholesale order for what could be made besides,
    and a well-run cooperative's price of materials.
    """
    relief = costs.relief
    materials_share = firms[FIRM.material_cost, slot] / firms[FIRM.unit_cost, slot]
    per_material = (costs.demand_elasticity - 1.0) * min(1.0, materials_share)
    per_labour = (costs.demand_elasticity - 1.0 - per_material) * costs.inverse_labour_elasticity
    short = firms[FIRM.cash_short, slot]
    fill = firms[FIRM.fill, slot]
    room = city[CITY.hiring_room]
    marketing = relief * fill * (1.0 - short) * room
    wanted = max(firms[FIRM.wanted_equipment, slot], firms[FIRM.equipment, slot], 1.0)
    gap = logarithm(wanted / max(firms[FIRM.equipment, slot], 1.0))
    capital = short + per_labour * costs.equipment_elasticity * gap
    finer = relief * (1.0 - firms[FIRM.craft, slot])
    people = (1.0 - room) * (1.0 - fill) + finer * (
        per_labour * costs.craft_effect + (costs.demand_elasticity - 1.0) * costs.craft_margin
    )
    technology = (
        per_labour
        * relief
        * (costs.technology_effect * (1.0 - firms[FIRM.technology, slot]) + costs.equipment_elasticity)
    )
    governance = of_code(of_sentras(sentras, SENTRA.governance), firms[FIRM.sentra, slot])
    cheaper = costs.bulk_discount * (1.0 - firms[FIRM.member, slot] * governance)
    can_make = max(firms[FIRM.output, slot], firms[FIRM.expected_orders, slot])
    partnership = per_material * cheaper + max(0.0, 1.0 - firms[FIRM.wanted_output, slot] / can_make)
    return marketing, capital, people, technology, partnership
