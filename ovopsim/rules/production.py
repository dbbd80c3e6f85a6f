"""Rule 5: make what labour, equipment and cash allow; cost and price of the month are settled first."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.elementary import logarithm
from ovopsim.fields import CITY, FIRM
from ovopsim.forms import cash_cost, labour_needed, log_relative, marginal_cost, output_possible
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
def payable_share(cash, cost):
    """Share of a month's work that cash can pay: min(1, cash / cost)."""
    return 1.0 if cost <= cash else cash / cost


@compiled
def produce(firms, city, ledger, parameters, costs, shocks, log_equipment):
    """Pay wages, buy materials, make cloth. Workers who cannot be paid beside their materials leave.

    `shocks` is an array (slots,) of standard normals, `log_equipment` one of scratch space. Loops without money are
    worked off several firms at a time.
    """
    used = int(city[CITY.used_slots])
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            log_equipment[slot] = log_relative(costs, firms[FIRM.equipment, slot])
            set_cost_and_price(firms, parameters, costs, log_equipment[slot], slot)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            firms[FIRM.output, slot] = feasible_output(
                firms, parameters, costs, log_equipment[slot], shocks[slot], slot
            )
            firms[FIRM.days_away, slot] = 0.0
    wages = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            cut_to_cash(firms, city, parameters, slot)
            wages += pay_workers(firms, ledger, slot)
    book(ledger, FLOW.wages, wages)
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
def feasible_output(firms, parameters, costs, log_equipment, shock, slot):
    """Wanted output, as far as equipment and those at work can make it this month."""
    at_work = max(0.0, 1.0 - firms[FIRM.days_away, slot] / parameters.working_days)
    labour = at_work * firms[FIRM.owner_labour, slot] + firms[FIRM.workers, slot]
    log_scale = firms[FIRM.log_scale, slot] + log_output_factor(parameters.output_sd, shock)
    return min(firms[FIRM.wanted_output, slot], output_possible(costs, log_scale, log_equipment, labour))


@equation
def cut_to_cash(firms, city, parameters, slot):
    """Where cash does not pay for the hands and the materials of what is feasible, both are cut by one share.

    Makers work by the piece: an owner who paid hands first would pay them for cloth that is not there.
    """
    cost = cash_cost(
        firms[FIRM.material_cost, slot],
        firms[FIRM.output, slot],
        parameters.supplier_share,
        firms[FIRM.wage, slot],
        firms[FIRM.workers, slot],
    )
    share = payable_share(firms[FIRM.cash, slot], cost)
    firms[FIRM.cash_short, slot] = 1.0 - share
    firms[FIRM.output, slot] *= share
    if share < 1.0:
        left = (1.0 - share) * firms[FIRM.workers, slot]
        city[CITY.employed] = max(0.0, city[CITY.employed] - left)
        firms[FIRM.workers, slot] *= share


@equation
def pay_workers(firms, ledger, slot):
    """Pay one firm's wages, idle hands included, and return them."""
    due = firms[FIRM.wage, slot] * firms[FIRM.workers, slot]
    paid = hand_over(firms, ledger, slot, due)
    firms[FIRM.wages_paid, slot] = paid
    return paid


@equation
def make(firms, ledger, parameters, slot):
    """Make one firm's cloth; return what its materials cost, and how much of it was paid in cash."""
    output = firms[FIRM.output, slot]
    materials = firms[FIRM.material_cost, slot] * output
    paid = hand_over(firms, ledger, slot, (1.0 - parameters.supplier_share) * materials)
    firms[FIRM.payable, slot] += parameters.supplier_share * materials
    firms[FIRM.inventory, slot] += output
    return materials, paid
