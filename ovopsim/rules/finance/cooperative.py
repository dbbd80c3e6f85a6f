"""A cooperative lends its fund to members who are short of working capital or equipment."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation
from ovopsim.fields import FIRM, SENTRA
from ovopsim.forms import of_code, with_part
from ovopsim.ledger import FLOW, firm_receives
from ovopsim.rules.finance.needs import free_cash, shortage


@equation
def cooperative_request(firms, parameters, slot):
    """What a member in good standing asks of its cooperative, up to the limit.

    Own cash comes first: the shortage of working capital, and the part of wanted equipment that free cash does not pay.
    """
    standing = firms[FIRM.arrears, slot] + firms[FIRM.exclusion_months, slot] == 0.0
    gap = max(0.0, firms[FIRM.wanted_equipment, slot] - firms[FIRM.equipment, slot])
    unpaid = max(0.0, gap - max(0.0, free_cash(firms, parameters, slot)))
    wish = shortage(firms, parameters, slot) + unpaid
    asked = max(0.0, min(wish, parameters.coop_limit - firms[FIRM.coop_debt, slot]))
    # worked out for all and then dropped for some: several firms at a time, and no branch to guess
    return asked if standing and firms[FIRM.member, slot] == 1.0 else 0.0


@compiled
def lend_through_cooperatives(firms, sentras, ledger, parameters, requests, used):
    """Each cooperative lends what its fund allows, pro rata to its members' requests."""
    for slot in range(used):
        requests[slot] = cooperative_request(firms, parameters, slot)
    asked = (0.0, 0.0, 0.0)
    for slot in range(used):
        asked = with_part(asked, firms[FIRM.sentra, slot], requests[slot])
    shares = (
        share_lent(sentras, parameters, asked[0], 0),
        share_lent(sentras, parameters, asked[1], 1),
        share_lent(sentras, parameters, asked[2], 2),
    )
    for slot in range(used):
        if requests[slot] > 0.0:
            loan = of_code(shares, firms[FIRM.sentra, slot]) * requests[slot]
            if loan > 0.0:
                lend(firms, sentras, ledger, parameters, slot, loan)


@equation
def share_lent(sentras, parameters, asked, sentra):
    """Share of its members' requests that one cooperative's fund allows."""
    room = parameters.coop_lendable * sentras[SENTRA.governance, sentra] * sentras[SENTRA.fund, sentra]
    return min(1.0, room / asked) if asked > 0.0 else 0.0


@equation
def lend(firms, sentras, ledger, parameters, slot, loan):
    """A loan of the cooperative; what is owed is paid back in equal instalments from now on."""
    sentra = int(firms[FIRM.sentra, slot])
    sentras[SENTRA.fund, sentra] -= loan
    sentras[SENTRA.lent, sentra] += loan
    firms[FIRM.coop_debt, slot] += loan
    firms[FIRM.coop_instalment, slot] = firms[FIRM.coop_debt, slot] / parameters.coop_months
    firm_receives(firms, ledger, slot, FLOW.coop_loans, loan)
