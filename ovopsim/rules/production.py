"""Rule 5: make what labour, equipment and cash allow; cost and price of the month are settled first."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.elementary import logarithm
from ovopsim.fields import CITY, FIRM
from ovopsim.forms import labour_needed, log_relative, marginal_cost, output_possible
from ovopsim.ledger import ENTRY, FLOW, MADE, book, enter, hand_over


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


@compiled
def produce(firms, city, ledger, parameters, costs, shocks, log_equipment):
    """Pay wages, buy materials, make cloth. Workers who cannot be paid leave.

    `shocks` is an array (slots,) of standard normals, `log_equipment` one of scratch space. Loops without money are
    worked off several firms at a time.
    """
    used = int(city[CITY.used_slots])
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            log_equipment[slot] = log_relative(costs, firms[FIRM.equipment, slot])
            set_cost_and_price(firms, parameters, costs, log_equipment[slot], slot)
    wages = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            wages += pay_workers(firms, city, ledger, slot)
    book(ledger, FLOW.wages, wages)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            firms[FIRM.output, slot] = feasible_output(
                firms, parameters, costs, log_equipment[slot], shocks[slot], slot
            )
            firms[FIRM.days_away, slot] = 0.0
    paid = credit = made = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            materials, cash_part = make(firms, ledger, parameters, slot)
            paid += cash_part
            credit += parameters.supplier_share * materials
            made += firms[FIRM.output, slot]
    book(ledger, FLOW.materials, paid)
    enter(ledger, ENTRY.supplier_credit, credit)
    ledger.goods[MADE] += made


@equation
def set_cost_and_price(firms, parameters, costs, log_equipment, slot):
    """Marginal cost at expected orders and present equipment; the list price moves towards the mark-up over it."""
    expected = firms[FIRM.expected_orders, slot]
    labour = labour_needed(costs, expected, firms[FIRM.log_scale, slot], log_equipment)
    cost = marginal_cost(costs, firms[FIRM.material_cost, slot], firms[FIRM.wage, slot], labour, expected)
    price = moved_price(firms[FIRM.price, slot], costs.markup * cost, parameters.price_speed, cost)
    firms[FIRM.unit_cost, slot] = cost
    firms[FIRM.price, slot] = price
    firms[FIRM.log_price, slot] = logarithm(price)


@equation
def pay_workers(firms, city, ledger, slot):
    """Pay one firm's wages and return them; whom it cannot pay leaves."""
    due = firms[FIRM.wage, slot] * firms[FIRM.workers, slot]
    paid = hand_over(firms, ledger, slot, due)
    firms[FIRM.wages_paid, slot] = paid
    if paid < due:
        left = (1.0 - paid / due) * firms[FIRM.workers, slot]
        city[CITY.employed] = max(0.0, city[CITY.employed] - left)
        firms[FIRM.workers, slot] *= paid / due
    return paid


@equation
def feasible_output(firms, parameters, costs, log_equipment, shock, slot):
    """Wanted output, as far as equipment and those at work can make it this month."""
    at_work = max(0.0, 1.0 - firms[FIRM.days_away, slot] / parameters.working_days)
    labour = at_work * firms[FIRM.owner_labour, slot] + firms[FIRM.workers, slot]
    log_scale = firms[FIRM.log_scale, slot] + log_output_factor(parameters.output_sd, shock)
    return min(firms[FIRM.wanted_output, slot], output_possible(costs, log_scale, log_equipment, labour))


@equation
def make(firms, ledger, parameters, slot):
    """One firm's cloth: what is feasible, as far as the cash part of its materials can be paid.

    What is lost for want of cash comes on top of what the plan has lost already.

    Returns what the materials cost, and how much of it was paid in cash.
    """
    feasible = firms[FIRM.output, slot]
    share = parameters.supplier_share
    output = min(feasible, affordable_output(firms[FIRM.cash, slot], firms[FIRM.material_cost, slot], share))
    materials = firms[FIRM.material_cost, slot] * output
    paid = hand_over(firms, ledger, slot, (1.0 - share) * materials)
    firms[FIRM.payable, slot] += share * materials
    firms[FIRM.output, slot] = output
    firms[FIRM.inventory, slot] += output
    made = output / feasible if feasible > output else 1.0
    firms[FIRM.cash_short, slot] = 1.0 - (1.0 - firms[FIRM.cash_short, slot]) * made
    return materials, paid
