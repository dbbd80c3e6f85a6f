"""A cooperative lends its fund to members who are short of working capital or equipment."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation
from ovopsim.fields import FIRM, N_SENTRAS, SENTRA
from ovopsim.ledger import FLOW, firm_receives
from ovopsim.rules.finance.needs import free_cash, shortage


@equation
def cooperative_request(firms, parameters, slot):
    """What a member in good standing asks of its cooperative, up to the limit.

    Own cash comes first: the shortage of working capital, and the part of wanted equipment that free cash does not pay.
    """
    if firms[FIRM.member, slot] == 0.0 or firms[FIRM.arrears, slot] > 0.0 or firms[FIRM.exclusion_months, slot] > 0.0:
        return 0.0
    gap = max(0.0, firms[FIRM.wanted_equipment, slot] - firms[FIRM.equipment, slot])
    unpaid = max(0.0, gap - max(0.0, free_cash(firms, parameters, slot))) if gap > 0.0 else 0.0
    wish = shortage(firms, parameters, slot) + unpaid
    return max(0.0, min(wish, parameters.coop_limit - firms[FIRM.coop_debt, slot]))


@compiled
def lend_through_cooperatives(firms, sentras, ledger, parameters, requests, used):
    """Each cooperative lends what its fund allows, pro rata to its members' requests."""
    for slot in range(used):
        requests[slot] = cooperative_request(firms, parameters, slot)
    for sentra in range(N_SENTRAS):
        asked = 0.0
        for slot in range(used):
            if firms[FIRM.sentra, slot] == sentra:
                asked += requests[slot]
        if asked > 0.0:
            room = parameters.coop_lendable * sentras[SENTRA.governance, sentra] * sentras[SENTRA.fund, sentra]
            share = min(1.0, room / asked)
            for slot in range(used):
                if share * requests[slot] > 0.0 and firms[FIRM.sentra, slot] == sentra:
                    lend(firms, sentras, ledger, parameters, slot, share * requests[slot])


@equation
def lend(firms, sentras, ledger, parameters, slot, loan):
    """A loan of the cooperative; what is owed is paid back in equal instalments from now on."""
    sentra = int(firms[FIRM.sentra, slot])
    sentras[SENTRA.fund, sentra] -= loan
    sentras[SENTRA.lent, sentra] += loan
    firms[FIRM.coop_debt, slot] += loan
    firms[FIRM.coop_instalment, slot] = firms[FIRM.coop_debt, slot] / parameters.coop_months
    firm_receives(firms, ledger, slot, FLOW.coop_loans, loan)
