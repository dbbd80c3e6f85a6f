"""Observation: the month's outcomes (model.md §8); reads only."""

from __future__ import annotations

from tests.reference.entities import EXPORT, Firm
from tests.reference.forms import constraint_gains
from tests.reference.parameters import Parameters
from tests.reference.world import World

CHANNELS = ("local", "tourist", "national", "export")
SIZE_CLASSES = ("micro", "small", "medium")
CONSTRAINTS = ("marketing", "capital", "human_resources", "technology", "partnership")


def observe(world: World, parameters: Parameters) -> dict[str, float]:
    """Return the month's outcomes by name; what firms sold that closed this month counts."""
    firms = world.firms
    outcomes = results_of([*firms, *world.closed]) | counts_of(firms, world)
    for name, channel in zip(CHANNELS, world.channels, strict=True):
        sold = channel.cluster_sales
        outcomes[f"market_share_{name}"] = sold / channel.spending if channel.spending > 0.0 else 0.0
    outcomes |= dict.fromkeys((f"constraint_{name}" for name in (*CONSTRAINTS, "none")), 0.0)
    for firm in firms:
        outcomes[f"constraint_{binding_constraint(firm, world, parameters)}"] += 1.0
    outcomes["spent_idr"] = sum(lever.spent for lever in world.levers)
    outcomes["lapsed_idr"] = sum(lever.lapsed for lever in world.levers)
    city = world.city
    return outcomes | {
        "entries": city.entries,
        "exits": city.exits,
        "defaults": city.defaults,
        "graduations": city.graduations,
        "interest_subsidy_idr": city.interest_subsidy,
        "guarantee_loss_idr": city.guarantee_loss,
    }


def results_of(firms: list[Firm]) -> dict[str, float]:
    """Return the sums of the month's results, closed firms included."""
    return {
        "sales_idr": sum([firm.sales for firm in firms]),
        "exports_idr": sum([firm.export_sales for firm in firms]),
        "value_added_idr": sum([firm.value_added for firm in firms]),
        "profit_idr": sum([firm.profit for firm in firms]),
    }


def counts_of(firms: list[Firm], world: World) -> dict[str, float]:
    """Return what is counted over firms in business at the month's end."""
    labour = sum([firm.owner_labour + firm.workers for firm in firms])
    pieces = sum([firm.output for firm in firms])
    classes = [firm.size_class for firm in firms]
    counts = {name: float(classes.count(place)) for place, name in enumerate(SIZE_CLASSES)}
    return counts | {
        "firms": float(len(world.firms)),
        "jobs": sum([firm.workers for firm in firms]),
        "output_per_worker": pieces / labour if labour > 0.0 else 0.0,
        "loans": float(sum([firm.bank_debt > 0.0 for firm in firms])),
        "reached": world.city.reached,
        "members": float(sum([firm.member for firm in firms])),
        "exporters": float(sum([firm.presence[EXPORT].participates for firm in firms])),
        "materials_idr": sum([firm.material_cost * firm.output for firm in firms]),
        "output_value_idr": sum([firm.price * firm.output for firm in firms]),
    }


def binding_constraint(firm: Firm, world: World, parameters: Parameters) -> str:
    """Return the limit whose relief would bring most value added, or "none" when that is too little."""
    gains = constraint_gains(parameters.technology_and_cost, firm, world.sentras[firm.sentra], world.city)
    most = max(gains)
    return CONSTRAINTS[gains.index(most)] if most >= parameters.observation.none_below else "none"
