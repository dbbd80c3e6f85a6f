"""Large buyers take their lots before anyone else."""

from __future__ import annotations

from ovopsim.compiling import equation
from ovopsim.draws import CONTRACT_END, uniform
from ovopsim.fields import CHANNEL, FIRM, NATIONAL
from ovopsim.ledger import ENTRY, SOLD, enter


@equation
def contract_end_chance(parameters, short):
    """Monthly chance that a large buyer leaves; rises with the share of the lot not delivered."""
    return min(1.0, parameters.contract_end + parameters.contract_end_short * short)


@equation
def clear_results(firms, slot):
    """A new month: nothing sold yet. For a closed firm this clears its last month, which was still to be observed."""
    firms[FIRM.sold, slot] = 0.0
    firms[FIRM.contract_sold, slot] = 0.0
    firms[FIRM.sales, slot] = 0.0
    firms[FIRM.export_sales, slot] = 0.0
    if firms[FIRM.active, slot] == 0.0:
        firms[FIRM.value_added, slot] = 0.0
        firms[FIRM.profit, slot] = 0.0
        firms[FIRM.output, slot] = 0.0
        firms[FIRM.wages_paid, slot] = 0.0


@equation
def deliver_contracts(firms, channels, ledger, parameters, used, month, key):
    """Large buyers take their lots first; part of their money is taken from national spending."""
    diverted = 0.0
    for slot in range(used):
        clear_results(firms, slot)
        lot = firms[FIRM.contract_lot, slot]
        if firms[FIRM.active, slot] == 1.0 and lot > 0.0:
            delivered = min(lot, firms[FIRM.inventory, slot])
            value = delivered * firms[FIRM.contract_price, slot]
            firms[FIRM.inventory, slot] -= delivered
            firms[FIRM.receivable, slot] += value
            enter(ledger, ENTRY.contract_sales, value)
            ledger.goods[SOLD] += delivered
            firms[FIRM.sold, slot] = delivered
            firms[FIRM.contract_sold, slot] = delivered
            firms[FIRM.sales, slot] = value
            firms[FIRM.contract_delivered, slot] += delivered
            firms[FIRM.contract_short, slot] += parameters.contract_memory * (
                1.0 - delivered / lot - firms[FIRM.contract_short, slot]
            )
            diverted += parameters.contract_diversion * value
            chance = contract_end_chance(parameters, firms[FIRM.contract_short, slot])
            if uniform(key, CONTRACT_END, int(firms[FIRM.firm_id, slot]), month, 0) < chance:
                firms[FIRM.contract_lot, slot] = 0.0
    channels[CHANNEL.spending, NATIONAL] = max(0.0, channels[CHANNEL.spending, NATIONAL] - diverted)
