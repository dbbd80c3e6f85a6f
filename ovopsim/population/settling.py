"""Bring the firms of a survey to rest, so that month 0 is a month like those before and after it (docs/odd.md).

Entry, exit, learning and shocks are held, and so is what the file or a firm alike gave: equipment, and debts, on which
interest is paid but no instalment. Whole years are run until prices, stocks and cash are, firm by firm, where they were
a year before. Then the market is inverted anew at the prices that were reached, for orders that exceed the file's sales
as this year's orders exceeded this year's sales; all is repeated until every firm sells what the file says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError
from ovopsim.fields import CITY, FIRM
from ovopsim.packing import pack_parameters
from ovopsim.population.demand import invert, orders_now
from ovopsim.population.quiet import QuietMonths, at_rest
from ovopsim.rules.environment import Calendar
from ovopsim.state import World

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
YEAR: Final = 12
MOST_YEARS: Final = 12  # after an inversion
MOST_INVERSIONS: Final = 20
RESTED: Final = 0.005  # largest change over a year: of a log price; of a stock, and of cash, in months of sales
LEAST_FILL: Final = 0.5  # of orders; turning away more is no reason to raise them further
REPRODUCED: Final = 0.01  # largest relative difference between a firm's yearly sales and the file's

# held by their parameters: markets and prices elsewhere, output, the passing part of appeal, new loans, distress sales
HELD_PARAMETERS: Final = {
    "environment.spending_sd": 0.0,
    "environment.outside_price_sd": 0.0,
    "production.output_sd": 0.0,
    "market.appeal_persistence": 1.0,
    "finance.application_rate": 0.0,
    "finance.coop_lendable": 0.0,
    "accounts.resale_limit": 0.0,
}
# held by being put back each month
HELD_ROWS: Final = (FIRM.equipment, FIRM.bank_debt, FIRM.coop_debt, FIRM.arrears)
INSTALMENTS: Final = (FIRM.bank_instalment, FIRM.coop_instalment)


class Settled(NamedTuple):
    """How a population came to rest.

    Attributes
    ----------
    log_appeal : array (firms,)
    difference : array (firms,)
        Yearly sales over the wanted, less one.
    unrest : float
        Largest change over the last year of a log price, and of a stock and cash in months of sales.
    helped : array (firms,) of bool
        Firms whose cash was kept at the cost of a month: they do not earn what their household takes.
    """

    log_appeal: Array
    difference: Array
    unrest: float
    helped: Flags


def settle(
    world: World,
    values: dict[str, Any],
    calendar: Calendar,
    first_row: int,
    key: np.uint64,
    sales: Array,
    names: Sequence[str],
) -> Settled:
    """Run and invert until each firm sells what it is known to sell.

    Parameters
    ----------
    world : World
        Firms at rest by `resting.rest_all`; changed in place.
    values : dict
        Parameter values by ``submodel.field``.
    calendar : Calendar
    first_row : int
        Row of month 0 in the calendar.
    key : uint64
    sales : array (firms,)
        Rupiah a month, season taken out and contracts left out.
    names : sequence of str
        One for each firm, for messages.

    Raises
    ------
    InputError
        When some firms cannot be brought to sell what the file says.
    """
    row = pack_parameters(values | HELD_PARAMETERS)
    quiet = QuietMonths(world, row, calendar, key, at_rest(), 0, 1)
    firms = world.firms[:, : len(sales)]
    instalments = firms[list(INSTALMENTS)].copy()
    firms[list(INSTALMENTS)] = 0.0
    orders = sales.copy()
    for _ in range(MOST_INVERSIONS):
        log_appeal = invert(world, values, row, orders, names)
        firms[FIRM.appeal_mean] = log_appeal
        firms[FIRM.appeal_state] = 0.0
        sold, helped, unrest = _years_to_rest(quiet, values, first_row, firms, sales)
        settled = Settled(log_appeal, sold / sales - 1.0, unrest, helped)
        reproduced = np.abs(settled.difference).max() < REPRODUCED
        if reproduced and unrest < RESTED:
            break
        ordered = orders_now(world, row, len(sales))
        orders = sales * ordered / np.maximum(sold, LEAST_FILL * ordered)
    if not reproduced:
        raise InputError(_not_reproduced(names, settled.difference))
    firms[list(INSTALMENTS)] = instalments
    return settled


def _years_to_rest(
    quiet: QuietMonths, values: dict[str, Any], first_row: int, firms: Array, sales: Array
) -> tuple[Array, Flags, float]:
    """Run the year before month 0 until nothing changes from one time to the next; return what the last one showed."""
    for _ in range(MOST_YEARS):
        before = firms.copy()
        sold, helped = _last_year(quiet, values, first_row, firms)
        unrest = _unrest(before, firms, sales)
        if unrest < RESTED:
            break
    return sold, helped, unrest


def _last_year(quiet: QuietMonths, values: dict[str, Any], first_row: int, firms: Array) -> tuple[Array, Flags]:
    """Run the year before month 0; return mean monthly sales, season taken out, and who needed help with cash."""
    world = quiet.world
    world.city[CITY.month] = -YEAR
    sold, season = np.zeros((2, firms.shape[1]))
    helped = np.zeros(firms.shape[1], dtype=np.bool_)
    held, cooperatives = firms[list(HELD_ROWS)].copy(), world.sentras.copy()
    for month in range(first_row - YEAR, first_row):
        quiet.run(month, 1)
        sold += firms[FIRM.sales]
        season += firms[FIRM.season]
        firms[list(HELD_ROWS)] = held
        world.sentras[:] = cooperatives
        least = cost_of_a_month(firms, values)
        helped |= firms[FIRM.cash] < least
        firms[FIRM.cash] = np.maximum(firms[FIRM.cash], least)
    return sold / season, helped


def cost_of_a_month(firms: Array, values: dict[str, Any]) -> Array:
    """Return the cash that making expected orders takes; a firm that sells so much cannot have less."""
    pieces = np.maximum(firms[FIRM.expected_orders], firms[FIRM.output])
    paid_now = (1.0 - values["finance.supplier_share"]) * firms[FIRM.material_cost] * pieces
    cost: Array = paid_now + firms[FIRM.wage] * firms[FIRM.workers]
    return cost


def _unrest(before: Array, after: Array, sales: Array) -> float:
    """Return the largest change over a year of a log price, and of a stock and cash in months of sales."""
    price = np.abs(after[FIRM.log_price] - before[FIRM.log_price])
    stock = np.abs(after[FIRM.inventory] - before[FIRM.inventory]) * after[FIRM.price] / sales
    cash = np.abs(after[FIRM.cash] - before[FIRM.cash]) / sales
    return float(max(price.max(), stock.max(), cash.max()))


def _not_reproduced(names: Sequence[str], difference: Array) -> str:
    worst = int(np.abs(difference).argmax())
    return (
        f"population: {names[worst]} cannot be brought to sell what the file says: it sells "
        f"{abs(difference[worst]):.0%} {'more' if difference[worst] > 0 else 'less'}. "
        "Check its yearly_sales_idr, workers and equipment_idr, and the channels it sells in."
    )
