"""What is owed: buyers, suppliers, tax, bank and cooperative; arrears and default."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation, merged
from ovopsim.fields import CITY, FIRM, SENTRA
from ovopsim.ledger import ENTRY, FLOW, book, enter, firm_pays, hand_over, take_in


@merged
def collect_and_pay(firms, ledger, parameters, used):
    """Buyers pay part of what they owe; suppliers and the tax office are paid."""
    collected = paid = taxes = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            due = firms[FIRM.receivable, slot] / parameters.collection_months
            firms[FIRM.receivable, slot] -= due
            take_in(firms, ledger, slot, due)
            collected += due
            settled = hand_over(firms, ledger, slot, firms[FIRM.payable, slot])
            firms[FIRM.payable, slot] -= settled
            paid += settled
            taxed = parameters.tax_rate * firms[FIRM.sales, slot] if firms[FIRM.licensed, slot] == 1.0 else 0.0
            firms[FIRM.tax_paid, slot] = hand_over(firms, ledger, slot, taxed)
            taxes += firms[FIRM.tax_paid, slot]
    book(ledger, FLOW.contract_payments, collected)
    book(ledger, FLOW.payables, paid)
    book(ledger, FLOW.tax, taxes)


@merged
def pay_debts(firms, sentras, city, ledger, parameters, costs, used):
    """Members pay dues; debtors pay the bank, then the cooperative; who is behind for long defaults."""
    dues = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            # no branch on membership: a processor guesses it wrong for one firm in three
            due = hand_over(firms, ledger, slot, parameters.dues * firms[FIRM.member, slot])
            sentras[SENTRA.fund, int(firms[FIRM.sentra, slot])] += due
            dues += due
            firms[FIRM.interest_due, slot] = 0.0
            short = serve_bank(firms, city, ledger, slot)
            short = serve_cooperative(firms, sentras, ledger, parameters, slot) or short
            firms[FIRM.arrears, slot] = firms[FIRM.arrears, slot] + 1.0 if short else 0.0
            if firms[FIRM.arrears, slot] >= parameters.default_months:
                default(firms, sentras, city, ledger, parameters, costs, slot)
    book(ledger, FLOW.dues, dues)


@equation
def instalment_due(instalment, debt):
    """The instalment, or the whole debt when less than half a rupiah would be left, as rounding leaves at the end."""
    return debt if debt - instalment < 0.5 else instalment


@equation
def serve_bank(firms, city, ledger, slot):
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
    instalment = instalment_due(firms[FIRM.bank_instalment, slot], debt)
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
    instalment = instalment_due(asked * firms[FIRM.coop_instalment, slot], debt)
    repaid = firm_pays(firms, ledger, slot, FLOW.coop_principal, instalment)
    firms[FIRM.coop_debt, slot] = max(0.0, firms[FIRM.coop_debt, slot] - repaid)
    sentras[SENTRA.fund, sentra] += paid + repaid
    sentras[SENTRA.lent, sentra] = max(0.0, sentras[SENTRA.lent, sentra] - repaid)
    return repaid < instalment


@compiled
def default(firms, sentras, city, ledger, parameters, costs, slot):
    """Debts are written off; the bank seizes part of the equipment; nobody lends for some time."""
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
    write_off_cooperative(firms, sentras, ledger, slot, firms[FIRM.coop_debt, slot])
    firms[FIRM.exclusion_months, slot] = parameters.exclusion_months
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


@merged
def settle_cooperatives(sentras, ledger, parameters):
    """What a fund has above its target is paid out to members; dues fill it up again after losses."""
    for sentra in range(sentras.shape[1]):
        whole = sentras[SENTRA.fund, sentra] + sentras[SENTRA.lent, sentra]
        surplus = whole - sentras[SENTRA.fund_target, sentra]
        if surplus > 0.0:
            paid = min(parameters.dividend_speed * surplus, sentras[SENTRA.fund, sentra])
            sentras[SENTRA.fund, sentra] -= paid
            book(ledger, FLOW.dividends, paid)
