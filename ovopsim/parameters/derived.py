"""Numbers that follow from other parameters, in one place (docs/odd.md).

The demand elasticity is not free: (ε − 1)/ε = s_M + s_L/β makes price equal mark-up times marginal cost at the
reference firm. Materials and output for one unit of labour then follow from the reference price of each technique.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ovopsim.errors import InputError
from ovopsim.forms import steady_state_base, steady_state_weight

Values = dict[str, Any]


def demand_elasticity(materials_share: float, labour_share: float, labour_elasticity: float) -> float:
    """Return ε from (ε − 1)/ε = s_M + s_L/β.

    Raises
    ------
    InputError
        When the shares leave no mark-up (s_M + s_L/β ≥ 1).

    Examples
    --------
    >>> round(demand_elasticity(0.6, 0.15, 0.75), 6)
    5.0
    """
    cost = materials_share + labour_share / labour_elasticity
    if cost >= 1.0:
        raise InputError(
            f"parameters: materials_share + labour_share / labour_elasticity is {cost:.3f}; "
            "it must stay below 1 so that a mark-up is left. Lower a share or raise the elasticity."
        )
    return 1.0 / (1.0 - cost)


def derive(values: Values) -> Values:
    """Return `values` with the derived entries of `forms.Costs` and the shares of one firm's rules added."""
    full = dict(values)
    cost = "technology_and_cost."
    elasticity = demand_elasticity(
        values[cost + "materials_share"], values[cost + "labour_share"], values[cost + "labour_elasticity"]
    )
    price = np.asarray(values[cost + "reference_price"])
    labour = values[cost + "reference_labour"]
    full[cost + "demand_elasticity"] = elasticity
    full[cost + "markup"] = elasticity / (elasticity - 1.0)
    full[cost + "materials_per_piece"] = values[cost + "materials_share"] * price
    pieces = values[cost + "wage"] * labour / (values[cost + "labour_share"] * price)
    full[cost + "log_reference_price"] = np.log(price)
    full[cost + "log_output_scale"] = np.log(pieces) - values[cost + "labour_elasticity"] * np.log(labour)
    full[cost + "log_reference_equipment"] = np.log(reference_equipment(values))
    mix = _scaled(values, "market.channel_mix")
    worth = float(np.sum(mix * np.asarray(values["market.quality_value"])))
    full[cost + "craft_margin"] = worth - values[cost + "quality_cost"]
    full[cost + "inverse_labour_elasticity"] = 1.0 / values[cost + "labour_elasticity"]
    full[cost + "inverse_returns_to_scale"] = 1.0 / (
        values[cost + "equipment_elasticity"] + values[cost + "labour_elasticity"]
    )
    full[cost + "appeal_sd"] = values["market.appeal_sd"]
    full[cost + "resale_value"] = values["accounts.resale_value"]
    full["production.supplier_share"] = values["finance.supplier_share"]
    full["environment.price_speed"] = values["production.price_speed"]
    full["agency.working_days"] = values["production.working_days"]
    full["agency.loan_months"] = values["finance.bank_months"]
    full["agency.loan_rate"] = values["finance.bank_rate"]
    full["agency.absorption"] = _scaled(values, "agency.absorption")
    full["population.technique_share"] = _scaled(values, "population.technique_share")
    return full | learning_pulls(values)


def reference_equipment(values: Values) -> float:
    """Return the cost-minimising equipment of the reference firm: (α/β) · wage · labour / (hurdle + wear)."""
    cost = "technology_and_cost."
    ratio = values[cost + "equipment_elasticity"] / values[cost + "labour_elasticity"]
    rent = values["population.hurdle_rate"] + values[cost + "depreciation"]
    return float(ratio * values[cost + "wage"] * values[cost + "reference_labour"] / rent)


def learning_pulls(values: Values) -> Values:
    """Return what the steady state of learning needs: practice over h, and the weight of the base."""
    use = values["learning.plain_use"]
    fade, habit, erosion = (np.asarray(values[f"learning.{name}"]) for name in ("fade", "habit", "erosion"))
    access_fade, access_habit, access_erosion = (values[f"learning.access_{n}"] for n in ("fade", "habit", "erosion"))
    cost = "technology_and_cost."
    return {
        cost + "practice_pull": np.asarray(values["learning.practice"])
        / steady_state_weight(fade, habit, erosion, use),
        cost + "base_weight": steady_state_base(1.0, 0.0, habit, erosion, use),
        cost + "access_pull": np.asarray(values["learning.access_practice"])
        / steady_state_weight(access_fade, access_habit, access_erosion, use),
        cost + "access_weight": steady_state_base(1.0, 0.0, access_habit, access_erosion, use),
    }


def _scaled(values: Values, name: str) -> Any:
    total = np.sum(values[name])
    if not total > 0.0:
        raise InputError(f"parameters: all shares of {name} are 0; give at least one of them a share above 0.")
    return np.asarray(values[name]) / total
