"""The month's result: wear, value added, profit, and the size class."""

from __future__ import annotations

from ovopsim.compiling import equation, merged
from ovopsim.fields import CITY, FIRM
from ovopsim.ledger import ENTRY, SPOILED, enter


@equation
def wear(firms, parameters, costs, slot):
    """One firm's equipment wears out, its stock spoils; returns rupiah worn and pieces spoiled."""
    worn = costs.depreciation * firms[FIRM.equipment, slot]
    spoiled = parameters.spoilage * firms[FIRM.inventory, slot]
    firms[FIRM.equipment, slot] -= worn
    firms[FIRM.inventory, slot] -= spoiled
    return worn, spoiled


@merged
def wear_all(firms, ledger, parameters, costs, used):
    """Let equipment wear out and stock spoil, and book what is lost."""
    worn = pieces = value = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            lost, spoiled = wear(firms, parameters, costs, slot)
            worn += lost
            pieces += spoiled
            value += spoiled * firms[FIRM.material_cost, slot]
    enter(ledger, ENTRY.depreciation, worn)
    enter(ledger, ENTRY.spoilage, value)
    ledger.goods[SPOILED] += pieces


@equation
def take_result(firms, parameters, slot):
    """Value added = sales − materials of the pieces sold; profit = value added − wages − interest − tax."""
    value_added = firms[FIRM.sales, slot] - firms[FIRM.material_cost, slot] * firms[FIRM.sold, slot]
    profit = value_added - firms[FIRM.wages_paid, slot] - firms[FIRM.interest_due, slot] - firms[FIRM.tax_paid, slot]
    firms[FIRM.value_added, slot] = value_added
    firms[FIRM.profit, slot] = profit
    plain = profit / firms[FIRM.season, slot]
    firms[FIRM.smoothed_profit, slot] += parameters.profit_memory * (plain - firms[FIRM.smoothed_profit, slot])


@equation
def size_class(yearly_sales, small_from, medium_from):
    """0 micro, 1 small, 2 medium, by sales of the last twelve months."""
    if yearly_sales <= small_from:
        return 0.0
    return 1.0 if yearly_sales <= medium_from else 2.0


@equation
def classify(firms, row, small_from, medium_from, slot):
    """Add the month to one firm's last twelve (`row` holds the one that drops out); return how many classes it moved.

    Moves in a firm's first year do not count: it has no year behind it.
    """
    firms[FIRM.yearly_sales, slot] = max(
        0.0, firms[FIRM.yearly_sales, slot] + firms[FIRM.sales, slot] - firms[row, slot]
    )
    firms[row, slot] = firms[FIRM.sales, slot]
    before = firms[FIRM.size_class, slot]
    after = size_class(firms[FIRM.yearly_sales, slot], small_from, medium_from)
    firms[FIRM.size_class, slot] = after
    return after - before if firms[FIRM.age, slot] > 12.0 else 0.0


@merged
def classify_all(firms, city, parameters, price_level, used):
    """Put every firm in its size class; return moves up less moves down."""
    row = FIRM.sales_history + int(city[CITY.month]) % 12
    small_from, medium_from = parameters.small_from / price_level, parameters.medium_from / price_level
    moves = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            moves += classify(firms, row, small_from, medium_from, slot)
    return moves
