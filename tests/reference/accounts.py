"""Rule 7: money owed and owing is settled, the household lives on the firm, and the month's result is taken."""

from __future__ import annotations

from tests.reference.entities import City, Cooperative, Firm
from tests.reference.forms import logistic
from tests.reference.parameters import Parameters, Submodel
from tests.reference.world import Books, World


def settle(world: World, parameters: Parameters, price_level: float) -> None:
    """Settle each firm's month, then what the cooperatives have too much of."""
    own, technology, city = parameters.accounts, parameters.technology_and_cost, world.city
    city.graduations = city.defaults = city.interest_subsidy = city.guarantee_loss = 0.0
    thresholds = own.small_from / price_level, own.medium_from / price_level
    for firm in world.firms:
        cooperative = world.sentras[firm.sentra].cooperative
        collect_and_pay(firm, cooperative, own, world.books)
        serve_debts(firm, cooperative, own, world)
        provide(firm, own, world.books)
        wear(firm, own, technology.depreciation, world.books)
        take_result(firm, own)
        classify(firm, city, thresholds)
    for sentra in world.sentras:
        pay_dividends(sentra.cooperative, own, world.books)


def collect_and_pay(firm: Firm, cooperative: Cooperative, own: Submodel, books: Books) -> None:
    """Large buyers pay 1/n_c of what they owe; suppliers, the tax office and the cooperative are paid."""
    collected = firm.receivable / own.collection_months
    if collected > 0.0:
        firm.receivable -= collected
        books.receive(firm, "contract_payments", collected)
    firm.payable -= books.pay(firm, "payables", firm.payable)
    firm.tax_paid = books.pay(firm, "tax", own.tax_rate * firm.sales) if firm.licensed else 0.0
    if firm.member:
        cooperative.fund += books.pay(firm, "dues", own.dues)


def serve_debts(firm: Firm, cooperative: Cooperative, own: Submodel, world: World) -> None:
    """Pay bank and cooperative; months in a row with a missed instalment add up to default."""
    firm.interest_due = 0.0
    missed_bank = firm.bank_debt > 0.0 and misses_bank(firm, world)
    missed_cooperative = firm.coop_debt > 0.0 and misses_cooperative(firm, cooperative, own, world.books)
    firm.arrears = firm.arrears + 1.0 if missed_bank or missed_cooperative else 0.0
    if firm.arrears >= own.default_months:
        default(firm, cooperative, own, world)


def instalment_due(instalment: float, debt: float) -> float:
    """An instalment, at most the debt; less than half a rupiah is not left over."""
    return instalment if debt - instalment >= 0.5 else debt


def misses_bank(firm: Firm, world: World) -> bool:
    """Pay the bank's interest and instalment; unpaid interest is added to the debt. The state pays its part."""
    debt, books = firm.bank_debt, world.books
    subsidy = debt * firm.subsidised_rate / 12.0
    books.flows["interest_subsidy"] += subsidy
    world.city.interest_subsidy += subsidy
    interest = debt * firm.bank_rate / 12.0
    firm.interest_due += interest
    unpaid = interest - books.pay(firm, "bank_interest", interest)
    instalment = instalment_due(firm.bank_instalment, debt)
    repaid = books.pay(firm, "bank_principal", instalment)
    books.entries["bank_accrued"] += unpaid
    firm.bank_debt = max(0.0, debt + unpaid - repaid)
    return repaid < instalment


def misses_cooperative(firm: Firm, cooperative: Cooperative, own: Submodel, books: Books) -> bool:
    """Pay the cooperative; one that is run badly does not ask for the whole instalment."""
    debt = firm.coop_debt
    interest = debt * own.coop_rate / 12.0
    firm.interest_due += interest
    paid = books.pay(firm, "coop_interest", interest)
    asked = 1.0 - own.coop_patience * (1.0 - cooperative.governance)
    instalment = instalment_due(asked * firm.coop_instalment, debt)
    repaid = books.pay(firm, "coop_principal", instalment)
    books.entries["coop_accrued"] += interest - paid
    firm.coop_debt = max(0.0, debt + (interest - paid) - repaid)
    cooperative.fund += paid + repaid
    cooperative.lent = max(0.0, cooperative.lent + (interest - paid) - repaid)
    return repaid < instalment


def default(firm: Firm, cooperative: Cooperative, own: Submodel, world: World) -> None:
    """Debts are written off; the bank seizes equipment, claims the guarantee, and lends no more for two years."""
    books, owed = world.books, firm.bank_debt
    if owed > 0.0:
        seized = min(own.seized_share * firm.equipment, owed / own.resale_value)
        firm.equipment -= seized
        proceeds = own.resale_value * seized
        claim = firm.guaranteed * max(0.0, owed - proceeds)
        books.entries["equipment_seized"] += seized
        books.flows["seizure_proceeds"] += proceeds
        books.flows["guarantee_claims"] += claim
        books.entries["bank_written_off"] += owed
        world.city.guarantee_loss += claim
        world.city.defaults += 1.0
        firm.guaranteed = 0.0
    books.entries["coop_written_off"] += firm.coop_debt
    cooperative.losses += firm.coop_debt
    cooperative.lent = max(0.0, cooperative.lent - firm.coop_debt)
    firm.coop_debt = firm.coop_instalment = 0.0
    firm.exclusion_months = own.exclusion_months
    firm.bank_debt = firm.bank_instalment = firm.arrears = 0.0


def provide(firm: Firm, own: Submodel, books: Books) -> None:
    """The household takes its need, within a share of cash, and leaks cash beyond a buffer unless it is kept apart.

    An owner of whose cash that share does not cover the need sells equipment at a loss.
    """
    need = own.household_need * max(0.0, 1.0 + own.need_sd * firm.luck.need)
    missing = need - own.draw_limit * firm.cash
    if missing > 0.0:
        sold = min(missing / own.resale_value, own.resale_limit * firm.equipment)
        firm.equipment -= sold
        books.entries["resale_loss"] += (1.0 - own.resale_value) * sold
        books.receive(firm, "resale", own.resale_value * sold)
    limit = own.draw_limit * firm.cash
    firm.unmet_need = max(0.0, 1.0 - limit / need) if need > 0.0 else 0.0
    taken = min(limit, need)
    excess = firm.cash - taken - own.buffer_months * own.household_need
    separation = logistic(
        own.separation_intercept
        + own.separation_bookkeeping * firm.bookkeeping.value
        + own.separation_account * firm.business_account
        + firm.separation_shift
    )
    books.pay(firm, "drawings", taken + own.leak * (1.0 - separation) * max(0.0, excess))


def wear(firm: Firm, own: Submodel, depreciation: float, books: Books) -> None:
    """Equipment wears out, stock spoils."""
    worn, spoiled = depreciation * firm.equipment, own.spoilage * firm.inventory
    firm.equipment -= worn
    firm.inventory -= spoiled
    books.entries["depreciation"] += worn
    books.entries["spoilage"] += spoiled * firm.material_cost
    books.goods["spoiled"] += spoiled


def take_result(firm: Firm, own: Submodel) -> None:
    """Value added = sales − materials of the pieces sold; profit = value added − wages − interest − tax."""
    firm.value_added = firm.sales - firm.material_cost * firm.sold
    firm.profit = firm.value_added - firm.wages_paid - firm.interest_due - firm.tax_paid
    firm.smoothed_profit += own.profit_memory * (firm.profit / firm.season - firm.smoothed_profit)


def classify(firm: Firm, city: City, thresholds: tuple[float, float]) -> None:
    """Micro, small or medium by the sales of twelve months, thresholds being nominal; moves of older firms count."""
    place = city.month % 12
    firm.yearly_sales = max(0.0, firm.yearly_sales + firm.sales - firm.sales_history[place])
    firm.sales_history[place] = firm.sales
    small_from, medium_from = thresholds
    size_class = (firm.yearly_sales > small_from) + (firm.yearly_sales > medium_from)
    if firm.age > 12.0:
        city.graduations += size_class - firm.size_class
    firm.size_class = size_class


def pay_dividends(cooperative: Cooperative, own: Submodel, books: Books) -> None:
    """What fund and loans together exceed the target by is slowly paid out to members."""
    surplus = cooperative.fund + cooperative.lent - cooperative.fund_target
    if surplus > 0.0:
        paid = min(own.dividend_speed * surplus, cooperative.fund)
        cooperative.fund -= paid
        books.flows["dividends"] += paid
