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
        pay_workers(firm, world)
        make(firm, world, parameters)


def set_price(firm: Firm, parameters: Parameters) -> None:
    """The price moves slowly towards the mark-up over marginal cost at expected orders, and never below that cost."""
    technology = parameters.technology_and_cost
    firm.unit_cost = forms.marginal_cost(technology, firm, firm.expected_orders)
    target = technology.markup * firm.unit_cost
    firm.price = max(firm.unit_cost, firm.price + parameters.production.price_speed * (target - firm.price))


def pay_workers(firm: Firm, world: World) -> None:
    """Idle workers are paid too; those who cannot be paid leave and are free makers again."""
    due = firm.wage * firm.workers
    firm.wages_paid = world.books.pay(firm, "wages", due)
    if firm.wages_paid < due:
        kept = firm.workers * firm.wages_paid / due
        world.city.employed -= firm.workers - kept
        firm.workers = kept


def make(firm: Firm, world: World, parameters: Parameters) -> None:
    """Output is the least of what is wanted, what hands and tools allow, and what cash buys materials for.

    A shock with mean one moves what is possible. Suppliers wait for a share of the materials' price.
    """
    own, supplier_share = parameters.production, parameters.finance.supplier_share
    present = max(0.0, 1.0 - firm.days_away / own.working_days)
    firm.days_away = 0.0
    labour = present * firm.owner_labour + firm.workers
    shock = math.exp(own.output_sd * firm.luck.output - 0.5 * own.output_sd**2)
    possible = forms.output_possible(parameters.technology_and_cost, firm.productivity * shock, firm.equipment, labour)
    feasible = min(firm.wanted_output, possible)
    output = min(feasible, firm.cash / ((1.0 - supplier_share) * firm.material_cost))
    materials = firm.material_cost * output
    world.books.pay(firm, "materials", (1.0 - supplier_share) * materials)
    firm.payable += supplier_share * materials
    world.books.entries["supplier_credit"] += supplier_share * materials
    firm.output = output
    firm.inventory += output
    world.books.goods["made"] += output
    if output < feasible:
        firm.cash_short = 1.0 - (1.0 - firm.cash_short) * output / feasible
