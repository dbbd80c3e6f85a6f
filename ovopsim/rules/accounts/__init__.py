"""Rule 7: money owed and owing is settled, the household lives on the firm, and the month's result is taken."""

from __future__ import annotations

from ovopsim.compiling import merged
from ovopsim.fields import CITY, FIRM
from ovopsim.rules.accounts.debts import collect_and_pay, pay_debts, settle_cooperatives
from ovopsim.rules.accounts.household import provide
from ovopsim.rules.accounts.result import classify_all, take_result, wear_all


@merged
def settle(firms, sentras, city, ledger, parameters, costs, shocks, wish, price_level):
    """Settle each firm's month.

    `shocks` is an array (slots,): the household's need, mean 0 and standard deviation 1. `wish` is an array (slots,) of
    scratch space. `price_level` (1 in 2016) turns the nominal thresholds of the size classes into rupiah of 2016.
    """
    city[CITY.defaults] = 0.0
    city[CITY.interest_subsidy] = 0.0
    city[CITY.guarantee_loss] = 0.0
    used = int(city[CITY.used_slots])
    collect_and_pay(firms, ledger, parameters, used)
    pay_debts(firms, sentras, city, ledger, parameters, costs, used)
    provide(firms, ledger, parameters, costs, shocks, wish, used)
    wear_all(firms, ledger, parameters, costs, used)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            take_result(firms, parameters, slot)
    city[CITY.graduations] = classify_all(firms, city, parameters, price_level, used)
    settle_cooperatives(sentras, ledger, parameters)
