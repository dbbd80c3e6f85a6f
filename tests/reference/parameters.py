"""Parameters of the reference: plain numbers and lists by submodel, and what follows from them (model.md §2, §3)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any


class Submodel:
    """The parameters of one submodel as attributes, which Python finds sooner than those of a `SimpleNamespace`."""

    def __init__(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class Parameters(Submodel):
    """All submodels, as attributes."""


def plain(value: Any) -> Any:
    """Return a number as a float, an array or list as a list of floats."""
    return [float(number) for number in value] if isinstance(value, Iterable) else float(value)


def parameters_from(values: Mapping[str, Any]) -> Parameters:
    """Return parameters as `parameters.market.quality_value`, from ``'market.quality_value' -> value``.

    Only what is no function of other parameters is read; the rest is derived here.
    """
    found: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        submodel, field = path.split(".")
        found.setdefault(submodel, {})[field] = plain(value)
    parameters = Parameters(**{submodel: Submodel(**fields) for submodel, fields in found.items()})
    derive_technology(parameters)
    derive_learning(parameters.learning)
    parameters.agency.absorption = scaled(parameters.agency.absorption)
    parameters.population.technique_share = scaled(parameters.population.technique_share)
    return parameters


def scaled(shares: list[float]) -> list[float]:
    """Return shares that add up to one."""
    total = math.fsum(shares)
    return [share / total for share in shares]


def derive_technology(parameters: Parameters) -> None:
    """Derive elasticity of demand, mark-up, materials, and output of the reference firm.

    ε is not free: (ε − 1)/ε = s_M + s_L/β. At the reference price of a technique a firm with the reference labour and
    the equipment that is cheapest for it has materials s_M and labour s_L over revenue.
    """
    own = parameters.technology_and_cost
    cost_share = own.materials_share + own.labour_share / own.labour_elasticity
    own.demand_elasticity = 1.0 / (1.0 - cost_share)
    own.markup = own.demand_elasticity / (own.demand_elasticity - 1.0)
    rent = parameters.population.hurdle_rate + own.depreciation
    per_labour = own.equipment_elasticity / own.labour_elasticity * own.wage / rent
    own.reference_equipment = per_labour * own.reference_labour
    own.materials_per_piece = [own.materials_share * price for price in own.reference_price]
    pieces = [own.wage * own.reference_labour / (own.labour_share * price) for price in own.reference_price]
    mix = scaled(parameters.market.channel_mix)
    worth = sum(share * value for share, value in zip(mix, parameters.market.quality_value, strict=True))
    own.craft_margin = worth - own.quality_cost  # what buyers pay more for craft, less what it costs
    own.output_scale = [made / own.reference_labour**own.labour_elasticity for made in pieces]


def derive_learning(own: Submodel) -> None:
    """Derive what the steady state of the learning law needs.

    With k = κu₀ and h = δλ/(k + λ): x* = (g + h·origin)/(g + h) and base* = (k x* + λ origin)/(k + λ); on the logit of
    access z* = origin + g/h.
    """
    kept = [habit * own.plain_use for habit in own.habit]
    pulls = [d * e / (k + e) for d, e, k in zip(own.fade, own.erosion, kept, strict=True)]
    own.practice_pull = [practice / pull for practice, pull in zip(own.practice, pulls, strict=True)]
    own.base_weight = [k / (k + e) for k, e in zip(kept, own.erosion, strict=True)]
    kept_access = own.access_habit * own.plain_use
    pull = own.access_fade * own.access_erosion / (kept_access + own.access_erosion)
    own.access_pull = [practice / pull for practice in own.access_practice]
    own.access_weight = kept_access / (kept_access + own.access_erosion)
