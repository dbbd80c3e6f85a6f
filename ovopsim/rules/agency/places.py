"""What is spent on places and on cooperatives rather than on single firms."""

from __future__ import annotations

from ovopsim.compiling import compiled
from ovopsim.fields import AGENCY, CITY, N_SENTRAS, SENTRA
from ovopsim.forms import raised
from ovopsim.ledger import FLOW, book
from ovopsim.rules.agency.tables import FUND, GOVERNANCE, LEVER, SIZE, VERB


@compiled
def full_cost(table, lever, overhead):
    """Public money that one unit takes: unit cost / (1 − overhead)."""
    return table[LEVER.unit_cost, lever] / (1.0 - overhead)


@compiled
def fade_places(world, parameters):
    """Places, the management of cooperatives and what the agency knows fall back without upkeep."""
    for sentra in range(N_SENTRAS):
        world.sentras[SENTRA.amenity, sentra] += parameters.amenity_upkeep * (
            1.0 - world.sentras[SENTRA.amenity, sentra]
        )
        gap = world.sentras[SENTRA.governance, sentra] - world.sentras[SENTRA.governance_base, sentra]
        world.sentras[SENTRA.governance, sentra] -= parameters.governance_fade * gap
    world.city[CITY.knowledge] *= 1.0 - parameters.knowledge_fade


@compiled
def build(world, ledger, parameters, levers, lever):
    """Spend what is released on places: amenity_s += gain · rupiah / n_s, in proportion to the sentras' first firms.

    Only the named sentras (Kauman and Laweyan) are places for visitors.
    """
    money = world.agency[AGENCY.accrual, lever]
    total = world.sentras[SENTRA.initial_firms, 0] + world.sentras[SENTRA.initial_firms, 1]
    for sentra in range(2):
        share = world.sentras[SENTRA.initial_firms, sentra] / max(total, 1.0)
        improve_place(world, parameters, levers, lever, sentra, share * money)
    spend(world, ledger, lever, money, FLOW.delivery, money / full_cost(levers.table, lever, parameters.overhead))


@compiled
def improve_place(world, parameters, levers, lever, sentra, money):
    """Raise one sentra's amenity by what the money buys."""
    row = int(levers.table[LEVER.first_effect, lever])
    useful = money * (1.0 - parameters.overhead)
    world.sentras[SENTRA.amenity, sentra] += (
        levers.effects[row, SIZE] * useful / max(1.0, world.sentras[SENTRA.initial_firms, sentra])
    )


@compiled
def spend(world, ledger, lever, money, flow, units):
    """Book public money that leaves the agency's account."""
    book(ledger, flow, money)
    world.agency[AGENCY.accrual, lever] = max(0.0, world.agency[AGENCY.accrual, lever] - money)
    world.agency[AGENCY.spent, lever] += money
    world.agency[AGENCY.delivered, lever] += units
    world.agency[AGENCY.total_delivered, lever] += units


@compiled
def serve_cooperatives(world, ledger, parameters, levers, lever):
    """Units go in turn to the cooperative served least so far."""
    cost = full_cost(levers.table, lever, parameters.overhead)
    done = 0.0
    while world.agency[AGENCY.accrual, lever] >= cost and done + 1.0 <= levers.table[LEVER.capacity, lever]:
        best = 0
        units = world.agency[AGENCY.cooperative_units : AGENCY.cooperative_units + N_SENTRAS]
        for sentra in range(1, N_SENTRAS):
            if units[sentra, lever] < units[best, lever]:
                best = sentra
        serve_cooperative(world, ledger, parameters, levers, lever, best, 1.0)
        world.agency[AGENCY.accrual, lever] = max(0.0, world.agency[AGENCY.accrual, lever] - cost)
        done += 1.0


@compiled
def serve_cooperative(world, ledger, parameters, levers, lever, sentra, dose):
    """One unit for one cooperative: training for its board, or money for its fund."""
    cost = dose * full_cost(levers.table, lever, parameters.overhead)
    granted = 0.0
    for row in range(int(levers.table[LEVER.first_effect, lever]), int(levers.table[LEVER.last_effect, lever])):
        verb = int(levers.effects[row, VERB])
        if verb == FUND:
            amount = levers.effects[row, SIZE] * dose
            granted += amount
            world.sentras[SENTRA.fund, sentra] += amount
            world.sentras[SENTRA.fund_target, sentra] += amount
            book(ledger, FLOW.fund_grants, amount)
        elif verb == GOVERNANCE:
            gain = min(1.0, levers.effects[row, SIZE] * dose)
            world.sentras[SENTRA.governance, sentra] = raised(world.sentras[SENTRA.governance, sentra], gain)
    book(ledger, FLOW.delivery, cost - granted)
    world.agency[AGENCY.spent, lever] += cost
    world.agency[AGENCY.delivered, lever] += 1.0
    world.agency[AGENCY.total_delivered, lever] += 1.0
    world.agency[AGENCY.cooperative_units + sentra, lever] += 1.0
