"""The month's result: wear, value added, profit, and the size class."""

from __future__ import annotations

from ovopsim.compiling import equation
from ovopsim.fields import CITY, FIRM
from ovopsim.ledger import ENTRY, SPOILED, enter


@equation
def wear(firms, ledger, parameters, costs, slot):
    """Equipment wears out, stock spoils."""
    worn = costs.depreciation * firms[FIRM.equipment, slot]
    firms[FIRM.equipment, slot] -= worn
    enter(ledger, ENTRY.depreciation, worn)
    spoiled = parameters.spoilage * firms[FIRM.inventory, slot]
    firms[FIRM.inventory, slot] -= spoiled
    ledger.goods[SPOILED] += spoiled
    enter(ledger, ENTRY.spoilage, spoiled * firms[FIRM.material_cost, slot])


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
def classify(firms, city, parameters, slot, price_level):
    """Add the month to the last twelve, and count a move between size classes."""
    month = int(city[CITY.month])
    row = FIRM.sales_history + month % 12
    firms[FIRM.yearly_sales, slot] = max(
        0.0, firms[FIRM.yearly_sales, slot] + firms[FIRM.sales, slot] - firms[row, slot]
    )
    firms[row, slot] = firms[FIRM.sales, slot]
    before = firms[FIRM.size_class, slot]
    after = size_class(
        firms[FIRM.yearly_sales, slot], parameters.small_from / price_level, parameters.medium_from / price_level
    )
    if firms[FIRM.age, slot] > 12.0:
        city[CITY.graduations] += after - before
    firms[FIRM.size_class, slot] = after
