"""Rule 5: make what labour, equipment and cash allow; cost and price of the month are settled first."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.fields import CITY, FIRM
from ovopsim.forms import labour_needed, log_relative, marginal_cost, output_possible
from ovopsim.ledger import ENTRY, FLOW, MADE, enter, firm_pays


class Production(NamedTuple):
    """Parameters of production (`production.yaml`)."""

    output_sd: float
    price_speed: float
    supplier_share: float
    working_days: float


@equation
def moved_price(price, target, speed, floor):
    """p' = p + speed · (target − p), never below marginal cost."""
    return max(floor, price + speed * (target - price))


@equation
def log_output_factor(sd, shock):
    """σn − σ²/2: breakdowns, rain and good days, in logs; the factor has mean one."""
    return sd * shock - 0.5 * sd * sd


@equation
def affordable_output(cash, materials, supplier_share):
    """Pieces whose cash part of the materials can be paid."""
    return cash / ((1.0 - supplier_share) * materials)


@equation
def set_cost_and_price(firms, parameters, costs, slot, log_equipment):
    """Marginal cost at expected orders and present equipment; the list price moves towards the mark-up over it."""
    expected = firms[FIRM.expected_orders, slot]
    labour = labour_needed(costs, expected, firms[FIRM.log_scale, slot], log_equipment)
    cost = marginal_cost(costs, firms[FIRM.material_cost, slot], firms[FIRM.wage, slot], labour, expected)
    price = moved_price(firms[FIRM.price, slot], costs.markup * cost, parameters.price_speed, cost)
    firms[FIRM.unit_cost, slot] = cost
    firms[FIRM.price, slot] = price
    firms[FIRM.log_price, slot] = math.log(price)


@compiled
def produce(firms, city, ledger, parameters, costs, shocks):
    """Pay wages, buy materials, make cloth. Workers who cannot be paid leave.

    `shocks` is an array (slots,) of standard normals.
    """
    for slot in range(int(city[CITY.used_slots])):
        if firms[FIRM.active, slot] == 1.0:
            log_equipment = log_relative(costs, firms[FIRM.equipment, slot])
            set_cost_and_price(firms, parameters, costs, slot, log_equipment)
            make(firms, city, ledger, parameters, costs, slot, log_equipment, shocks[slot])


@equation
def make(firms, city, ledger, parameters, costs, slot, log_equipment, shock):
    """One firm's month in the workshop."""
    due = firms[FIRM.wage, slot] * firms[FIRM.workers, slot]
    paid = firm_pays(firms, ledger, slot, FLOW.wages, due)
    firms[FIRM.wages_paid, slot] = paid
    if paid < due:
        left = (1.0 - paid / due) * firms[FIRM.workers, slot]
        city[CITY.employed] = max(0.0, city[CITY.employed] - left)
        firms[FIRM.workers, slot] *= paid / due
    at_work = max(0.0, 1.0 - firms[FIRM.days_away, slot] / parameters.working_days)
    firms[FIRM.days_away, slot] = 0.0
    labour = at_work * firms[FIRM.owner_labour, slot] + firms[FIRM.workers, slot]
    log_scale = firms[FIRM.log_scale, slot] + log_output_factor(parameters.output_sd, shock)
    possible = output_possible(costs, log_scale, log_equipment, labour)
    materials = firms[FIRM.material_cost, slot]
    share = parameters.supplier_share
    affordable = affordable_output(firms[FIRM.cash, slot], materials, share)
    wanted = firms[FIRM.wanted_output, slot]
    output = min(wanted, possible, affordable)
    firm_pays(firms, ledger, slot, FLOW.materials, (1.0 - share) * materials * output)
    firms[FIRM.payable, slot] += share * materials * output
    enter(ledger, ENTRY.supplier_credit, share * materials * output)
    firms[FIRM.output, slot] = output
    firms[FIRM.inventory, slot] += output
    ledger.goods[MADE] += output
    feasible = min(wanted, possible)
    firms[FIRM.cash_short, slot] = 1.0 - output / feasible if feasible > output else 0.0
