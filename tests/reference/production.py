"""Rule 5: make what labour, equipment and cash allow; cost and price of the month are settled first."""

from __future__ import annotations

import math

from tests.reference import forms
from tests.reference.entities import Firm
from tests.reference.parameters import Parameters
from tests.reference.world import World


def produce(world: World, parameters: Parameters) -> None:
    """Each firm sets its price and works a month."""
    for firm in world.firms:
        set_price(firm, parameters)
        work(firm, world, parameters)


def set_price(firm: Firm, parameters: Parameters) -> None:
    """The price moves slowly towards the mark-up over marginal cost at expected orders, and never below that cost."""
    technology = parameters.technology_and_cost
    firm.unit_cost = forms.marginal_cost(technology, firm, firm.expected_orders)
    target = technology.markup * firm.unit_cost
    firm.price = max(firm.unit_cost, firm.price + parameters.production.price_speed * (target - firm.price))


def work(firm: Firm, world: World, parameters: Parameters) -> None:
    """Output is the least of what is wanted and what hands and tools allow, cut with the hands to what cash can pay.

    A shock with mean one moves what is possible. Suppliers wait for a share of the materials' price. Idle workers are
    paid too; those who cannot be paid leave and are free makers again.
    """
    own, supplier_share = parameters.production, parameters.finance.supplier_share
    present = max(0.0, 1.0 - firm.days_away / own.working_days)
    firm.days_away = 0.0
    labour = present * firm.owner_labour + firm.workers
    shock = math.exp(own.output_sd * firm.luck.output - 0.5 * own.output_sd**2)
    possible = forms.output_possible(parameters.technology_and_cost, firm.productivity * shock, firm.equipment, labour)
    feasible = min(firm.wanted_output, possible)
    cost = (1.0 - supplier_share) * firm.material_cost * feasible + firm.wage * firm.workers
    kept = firm.cash / cost if cost > firm.cash else 1.0
    firm.cash_short = 1.0 - kept
    world.city.employed = max(0.0, world.city.employed - (1.0 - kept) * firm.workers)
    firm.workers *= kept
    firm.wages_paid = world.books.pay(firm, "wages", firm.wage * firm.workers)
    output = kept * feasible
    materials = firm.material_cost * output
    world.books.pay(firm, "materials", (1.0 - supplier_share) * materials)
    firm.payable += supplier_share * materials
    world.books.entries["supplier_credit"] += supplier_share * materials
    firm.output = output
    firm.inventory += output
    world.books.goods["made"] += output
