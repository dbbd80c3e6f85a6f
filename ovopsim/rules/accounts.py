"""Rule 7: money owed and owing is settled, the household lives on the firm, and the month's result is taken."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.forms import logistic
from ovopsim.ledger import ENTRY, FLOW, SPOILED, book, enter, firm_pays, firm_receives
from ovopsim.state import CITY, FIRM, SENTRA


class Accounts(NamedTuple):
    """Parameters of accounts (`accounts.yaml`)."""

    collection_months: float
    tax_rate: float
    coop_rate: float
    dues: float
    coop_patience: float
    default_months: float
    seized_share: float
    exclusion_months: float
    household_need: float
    need_sd: float
    draw_limit: float
    leak: float
    buffer_months: float
    separation_intercept: float
    separation_bookkeeping: float
    separation_account: float
    resale_limit: float
    profit_memory: float
    spoilage: float
    dividend_speed: float
    small_from: float
    medium_from: float


@equation
def separation(parameters, bookkeeping, account, shift):
    """How far household and firm are kept apart: logit in records, business account and what levers add."""
    return logistic(
        parameters.separation_intercept
        + parameters.separation_bookkeeping * bookkeeping
        + parameters.separation_account * account
        + shift
    )


@equation
def drawings(cash, need, draw_limit, buffer, leak, apart):
    """What the household takes: its need, within a limit that leaves seed money, and a leak of what exceeds the buffer."""
    taken = min(draw_limit * cash, need)
    return taken + leak * (1.0 - apart) * max(0.0, cash - taken - buffer)


@compiled
def settle(firms, sentras, city, ledger, parameters, costs, shocks, price_level):
    """Settle each firm's month.

    `shocks` is an array (slots,) of standard normals: the household's need. `price_level` (1 in 2016) turns the
    nominal thresholds of the size classes into rupiah of 2016.
    """
    city[CITY.graduations] = 0.0
    city[CITY.defaults] = 0.0
    city[CITY.interest_subsidy] = 0.0
    city[CITY.guarantee_loss] = 0.0
    for slot in range(int(city[CITY.used_slots])):
        if firms[FIRM.active, slot] == 1.0:
            collect_and_pay(firms, sentras, ledger, parameters, slot)
            firms[FIRM.interest_due, slot] = 0.0
            short = serve_bank(firms, city, ledger, parameters, slot)
            short = serve_cooperative(firms, sentras, ledger, parameters, slot) or short
            firms[FIRM.arrears, slot] = firms[FIRM.arrears, slot] + 1.0 if short else 0.0
            if firms[FIRM.arrears, slot] >= parameters.default_months:
                default(firms, sentras, city, ledger, parameters, costs, slot)
            provide(firms, ledger, parameters, costs, slot, shocks[slot])
            wear(firms, ledger, parameters, costs, slot)
            take_result(firms, parameters, slot)
            classify(firms, city, parameters, slot, price_level)
    settle_cooperatives(sentras, ledger, parameters)


@equation
def collect_and_pay(firms, sentras, ledger, parameters, slot):
    """Buyers pay part of what they owe; suppliers, the tax office and the cooperative are paid."""
    due = firms[FIRM.receivable, slot] / parameters.collection_months
    firms[FIRM.receivable, slot] -= due
    firm_receives(firms, ledger, slot, FLOW.contract_payments, due)
    firms[FIRM.payable, slot] -= firm_pays(firms, ledger, slot, FLOW.payables, firms[FIRM.payable, slot])
    taxed = parameters.tax_rate * firms[FIRM.sales, slot] if firms[FIRM.licensed, slot] == 1.0 else 0.0
    firms[FIRM.tax_paid, slot] = firm_pays(firms, ledger, slot, FLOW.tax, taxed)
    if firms[FIRM.member, slot] == 1.0:
        sentra = int(firms[FIRM.sentra, slot])
        sentras[SENTRA.fund, sentra] += firm_pays(firms, ledger, slot, FLOW.dues, parameters.dues)


@equation
def serve_bank(firms, city, ledger, parameters, slot):
    """Pay interest and instalment; interest that is not paid is added to the debt. Returns whether it fell short."""
    debt = firms[FIRM.bank_debt, slot]
    if debt <= 0.0:
        return False
    interest = debt * firms[FIRM.bank_rate, slot] / 12.0
    subsidy = debt * firms[FIRM.subsidised_rate, slot] / 12.0
    book(ledger, FLOW.interest_subsidy, subsidy)
    city[CITY.interest_subsidy] += subsidy
    firms[FIRM.interest_due, slot] += interest
    paid = firm_pays(firms, ledger, slot, FLOW.bank_interest, interest)
    if paid < interest:
        firms[FIRM.bank_debt, slot] += interest - paid
        enter(ledger, ENTRY.bank_accrued, interest - paid)
    instalment = min(firms[FIRM.bank_instalment, slot], debt)
    repaid = firm_pays(firms, ledger, slot, FLOW.bank_principal, instalment)
    firms[FIRM.bank_debt, slot] = max(0.0, firms[FIRM.bank_debt, slot] - repaid)
    return repaid < instalment


@equation
def serve_cooperative(firms, sentras, ledger, parameters, slot):
    """Pay the cooperative; weak governance lets a part of the instalments slip (not a missed payment)."""
    debt = firms[FIRM.coop_debt, slot]
    if debt <= 0.0:
        return False
    sentra = int(firms[FIRM.sentra, slot])
    interest = debt * parameters.coop_rate / 12.0
    firms[FIRM.interest_due, slot] += interest
    paid = firm_pays(firms, ledger, slot, FLOW.coop_interest, interest)
    if paid < interest:
        firms[FIRM.coop_debt, slot] += interest - paid
        sentras[SENTRA.lent, sentra] += interest - paid
        enter(ledger, ENTRY.coop_accrued, interest - paid)
    asked = 1.0 - parameters.coop_patience * (1.0 - sentras[SENTRA.governance, sentra])
    instalment = min(asked * firms[FIRM.coop_instalment, slot], debt)
    repaid = firm_pays(firms, ledger, slot, FLOW.coop_principal, instalment)
    firms[FIRM.coop_debt, slot] = max(0.0, firms[FIRM.coop_debt, slot] - repaid)
    sentras[SENTRA.fund, sentra] += paid + repaid
    sentras[SENTRA.lent, sentra] = max(0.0, sentras[SENTRA.lent, sentra] - repaid)
    return repaid < instalment


@compiled
def default(firms, sentras, city, ledger, parameters, costs, slot):
    """Debts are written off; the bank seizes part of the equipment and lends no more for two years."""
    owed = firms[FIRM.bank_debt, slot]
    if owed > 0.0:
        seized = min(parameters.seized_share * firms[FIRM.equipment, slot], owed / costs.resale_value)
        firms[FIRM.equipment, slot] -= seized
        enter(ledger, ENTRY.equipment_seized, seized)
        proceeds = costs.resale_value * seized
        book(ledger, FLOW.seizure_proceeds, proceeds)
        claim_guarantee(firms, city, ledger, slot, owed - proceeds)
        enter(ledger, ENTRY.bank_written_off, owed)
        city[CITY.defaults] += 1.0
        firms[FIRM.exclusion_months, slot] = parameters.exclusion_months
    write_off_cooperative(firms, sentras, ledger, slot, firms[FIRM.coop_debt, slot])
    firms[FIRM.bank_debt, slot] = 0.0
    firms[FIRM.bank_instalment, slot] = 0.0
    firms[FIRM.arrears, slot] = 0.0


@equation
def claim_guarantee(firms, city, ledger, slot, loss):
    """The state pays the guaranteed share of what the bank loses."""
    claim = firms[FIRM.guaranteed, slot] * max(0.0, loss)
    book(ledger, FLOW.guarantee_claims, claim)
    city[CITY.guarantee_loss] += claim
    firms[FIRM.guaranteed, slot] = 0.0


@equation
def write_off_cooperative(firms, sentras, ledger, slot, amount):
    """The cooperative loses what a member cannot pay."""
    sentra = int(firms[FIRM.sentra, slot])
    enter(ledger, ENTRY.coop_written_off, amount)
    sentras[SENTRA.losses, sentra] += amount
    sentras[SENTRA.lent, sentra] = max(0.0, sentras[SENTRA.lent, sentra] - amount)
    firms[FIRM.coop_debt, slot] = 0.0
    firms[FIRM.coop_instalment, slot] = 0.0


@equation
def provide(firms, ledger, parameters, costs, slot, shock):
    """The household draws; when cash does not cover its need the owner sells equipment at a loss."""
    need = parameters.household_need * max(0.0, 1.0 + parameters.need_sd * shock)
    cash = firms[FIRM.cash, slot]
    if parameters.draw_limit * cash < need:
        sold = min(
            (need - parameters.draw_limit * cash) / costs.resale_value,
            parameters.resale_limit * firms[FIRM.equipment, slot],
        )
        firms[FIRM.equipment, slot] -= sold
        enter(ledger, ENTRY.resale_loss, (1.0 - costs.resale_value) * sold)
        firm_receives(firms, ledger, slot, FLOW.resale, costs.resale_value * sold)
        cash = firms[FIRM.cash, slot]
    firms[FIRM.unmet_need, slot] = max(0.0, 1.0 - parameters.draw_limit * cash / need) if need > 0.0 else 0.0
    buffer = parameters.buffer_months * firms[FIRM.unit_cost, slot] * firms[FIRM.expected_orders, slot]
    apart = separation(
        parameters,
        firms[FIRM.bookkeeping, slot],
        firms[FIRM.business_account, slot],
        firms[FIRM.separation_shift, slot],
    )
    firm_pays(
        firms, ledger, slot, FLOW.drawings, drawings(cash, need, parameters.draw_limit, buffer, parameters.leak, apart)
    )


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
    plain = profit / max(firms[FIRM.season, slot], 0.1)
    firms[FIRM.smoothed_profit, slot] += parameters.profit_memory * (plain - firms[FIRM.smoothed_profit, slot])


@compiled
def settle_cooperatives(sentras, ledger, parameters):
    """A fund above its target is paid out to members; below it, members pay in: the fund rests at its target."""
    for sentra in range(sentras.shape[1]):
        whole = sentras[SENTRA.fund, sentra] + sentras[SENTRA.lent, sentra]
        surplus = whole - sentras[SENTRA.fund_target, sentra]
        if surplus > 0.0:
            paid = min(parameters.dividend_speed * surplus, sentras[SENTRA.fund, sentra])
            sentras[SENTRA.fund, sentra] -= paid
            book(ledger, FLOW.dividends, paid)


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
