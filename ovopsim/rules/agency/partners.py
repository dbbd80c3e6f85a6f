"""Those whom a delivery brings a firm together with: a large buyer, a bank, other firms."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation, merged
from ovopsim.draws import GROUP, uniform
from ovopsim.fields import CITY, FIRM, NATIONAL
from ovopsim.forms import agree_terms, begin_channel
from ovopsim.ledger import FLOW, firm_receives
from ovopsim.rules.agency.tables import LEVER, MEET, VERB


@compiled
def offer_contract(firms, parameters, share, floor, slot):
    """A large buyer offers a lot; refused under the quality standard or when its price does not cover marginal cost."""
    price = (1.0 - parameters.contract_discount) * firms[FIRM.price, slot]
    good = firms[FIRM.certified, slot] == 1.0 or firms[FIRM.craft, slot] >= parameters.quality_standard
    if good and price >= firms[FIRM.unit_cost, slot] and firms[FIRM.contract_lot, slot] == 0.0:
        firms[FIRM.contract_lot, slot] = share * firms[FIRM.expected_orders, slot]
        firms[FIRM.contract_price, slot] = price
        firms[FIRM.contract_short, slot] = 0.0
        begin_channel(firms, NATIONAL, floor, slot)


@equation
def brings_together(levers, lever):
    """Whether the firms of one batch of the lever meet."""
    for row in range(int(levers.table[LEVER.first_effect, lever]), int(levers.table[LEVER.last_effect, lever])):
        if int(levers.effects[row, VERB]) == MEET:
            return True
    return False


@merged
def introduce(world, levers, lever, slots, seats, key):
    """A batch sits down in a circle, each firm at its draw; those who meet are each introduced to the next one.

    One firm more or less then changes whom one other meets. `seats` is an array (slots,) of scratch space.
    """
    if not brings_together(levers, lever):
        return
    firms = world.firms
    month = int(world.city[CITY.month])
    for slot in slots:
        seats[slot] = uniform(key, GROUP, int(firms[FIRM.firm_id, slot]), month, lever)
    for slot in slots:
        if firms[FIRM.meets, slot] > 0.0:
            least = 2.0
            for other in slots:
                ahead = seats[other] - seats[slot]
                ahead = ahead if ahead >= 0.0 else 1.0 + ahead
                if other != slot and ahead < least:
                    least = ahead
                    firms[FIRM.met_slot, slot] = other
                    firms[FIRM.met_id, slot] = firms[FIRM.firm_id, other]


@compiled
def lend_from_bank(firms, ledger, parameters, amount, slot):
    """A bank loan at the terms that the firm was promised; one that comes on top of a debt has that debt's terms."""
    if firms[FIRM.bank_debt, slot] == 0.0:
        agree_terms(firms, parameters.loan_rate, slot)
    firms[FIRM.bank_debt, slot] += amount
    firms[FIRM.bank_instalment, slot] = firms[FIRM.bank_debt, slot] / parameters.loan_months
    firm_receives(firms, ledger, slot, FLOW.bank_loans, amount)
