"""Rule 4: working capital and investment: own cash first, supplier credit, the cooperative, then the bank."""

from __future__ import annotations

from ovopsim.compiling import compiled
from ovopsim.fields import CITY, FIRM
from ovopsim.rules.finance.bank import ask_bank
from ovopsim.rules.finance.cooperative import lend_through_cooperatives
from ovopsim.rules.finance.needs import invest_all


@compiled
def borrow_and_invest(firms, sentras, city, ledger, parameters, hazards, requests, price_level):
    """Fill each firm's gap in working capital and equipment from the sources it can reach.

    `hazards` is an array (2, slots): uniforms of applying and of the bank's answer; `requests` an array (slots,) of
    scratch space; `price_level` (1 in 2016) turns the nominal floor and ceiling of a loan into rupiah of 2016.
    """
    used = int(city[CITY.used_slots])
    lend_through_cooperatives(firms, sentras, ledger, parameters, requests, used)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            ask_bank(firms, ledger, parameters, price_level, slot, hazards[0, slot], hazards[1, slot])
    invest_all(firms, ledger, parameters, requests, used)
