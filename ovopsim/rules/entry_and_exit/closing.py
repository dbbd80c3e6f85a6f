"""How a firm closes: what is sold, paid, written off, and left to the household."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import compiled, equation, merged
from ovopsim.elementary import logarithm
from ovopsim.fields import CITY, FIRM, SENTRA
from ovopsim.forms import logistic
from ovopsim.ledger import CLEARED, ENTRY, FLOW, book, enter, firm_pays, firm_receives


class EntryAndExit(NamedTuple):
    """Parameters of entry and exit (`entry_and_exit.yaml`)."""

    background: float
    quit_rate: float
    quit_scale: float
    outside_income: float
    distress_rate: float
    entry_response: float
    appeal_gap: float
    appeal_mean_sd: float
    start_cash: float
    start_cash_sd: float
    newcomer_share: float
    newcomer_access: float


@equation
def highest_hazard(parameters, unmet_need):
    """Monthly hazard of a firm that pays nothing: background + q + d · share of need unmet."""
    return parameters.background + parameters.quit_rate + parameters.distress_rate * unmet_need


@equation
def closing_hazard(parameters, income, unmet_need, wage_level):
    """Monthly hazard: background + quitting when the firm pays less than work elsewhere + distress.

    quitting = q · logistic((ln(outside income · wage level) − ln income) / scale); distress = d · share of need unmet.
    """
    gap = logarithm(parameters.outside_income * wage_level / max(income, 1.0)) / parameters.quit_scale
    return parameters.background + parameters.quit_rate * logistic(gap) + parameters.distress_rate * unmet_need


@merged
def close(world, ledger, costs, slot):
    """Sell what can be sold, pay debts as far as it goes, leave the rest to the household."""
    firms = world.firms
    value = costs.resale_value * firms[FIRM.equipment, slot]
    enter(ledger, ENTRY.equipment_cleared, firms[FIRM.equipment, slot] - value)
    firm_receives(firms, ledger, slot, FLOW.resale, value)
    firm_receives(firms, ledger, slot, FLOW.contract_payments, firms[FIRM.receivable, slot])
    owed = firms[FIRM.payable, slot]
    enter(ledger, ENTRY.payables_forgiven, owed - firm_pays(firms, ledger, slot, FLOW.payables, owed))
    debt = firms[FIRM.bank_debt, slot]
    left = debt - firm_pays(firms, ledger, slot, FLOW.bank_principal, debt)
    claim = firms[FIRM.guaranteed, slot] * left
    book(ledger, FLOW.guarantee_claims, claim)
    world.city[CITY.guarantee_loss] += claim
    enter(ledger, ENTRY.bank_written_off, left)
    world.city[CITY.defaults] += 1.0 if left > 0.0 else 0.0
    sentra = int(firms[FIRM.sentra, slot])
    lent = firms[FIRM.coop_debt, slot]
    repaid = firm_pays(firms, ledger, slot, FLOW.coop_principal, lent)
    world.sentras[SENTRA.fund, sentra] += repaid
    world.sentras[SENTRA.lent, sentra] = max(0.0, world.sentras[SENTRA.lent, sentra] - lent)
    world.sentras[SENTRA.losses, sentra] += lent - repaid
    enter(ledger, ENTRY.coop_written_off, lent - repaid)
    ledger.goods[CLEARED] += firms[FIRM.inventory, slot]
    enter(ledger, ENTRY.cleared_stock, firms[FIRM.inventory, slot] * firms[FIRM.material_cost, slot])
    firm_pays(firms, ledger, slot, FLOW.liquidation, firms[FIRM.cash, slot])
    world.city[CITY.employed] = max(0.0, world.city[CITY.employed] - firms[FIRM.workers, slot])
    world.sentras[SENTRA.closed, sentra] += 1.0


LAST_MONTH = (
    FIRM.firm_id,
    FIRM.sales,
    FIRM.sold,
    FIRM.export_sales,
    FIRM.value_added,
    FIRM.profit,
    FIRM.output,
    FIRM.wages_paid,
)


@compiled
def vacate(firms, slots):
    """Empty the slots of closed firms; the identity and the month's results stay to be observed.

    Field by field: in a large population the fields of one firm lie far apart in memory, those of one field do not.
    """
    for row in range(firms.shape[0]):
        if row not in LAST_MONTH:
            for slot in slots:
                firms[row, slot] = 0.0
    for slot in slots:
        firms[FIRM.met_slot, slot] = -1.0
        firms[FIRM.met_id, slot] = -1.0
