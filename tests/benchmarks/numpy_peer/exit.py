"""Closing on arrays over firms: all who close in a month at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from ovopsim.fields import CITY, N_SENTRAS, FirmRows, row_count
from ovopsim.ledger import CLEARED, ENTRY, FLOW
from ovopsim.rules.entry_and_exit.closing import LAST_MONTH
from tests.benchmarks.numpy_peer.accounts import pay_some

EMPTIED = np.array([row for row in range(row_count(FirmRows)) if row not in LAST_MONTH])


def who_closes(peer: Any, luck: Any) -> Any:
    """Slots of the firms that close this month; most draws are above the highest hazard."""
    firms, city, own = peer.firms, peer.world.city, peer.parameters["entry_and_exit"]
    distress = own.background + own.distress_rate * firms.unmet_need
    slots = np.flatnonzero((luck < distress + own.quit_rate) & (firms.active == 1.0))
    income = np.maximum(firms.smoothed_profit[slots], 1.0)
    gap = np.log(own.outside_income * city[CITY.wage_level] / income) / own.quit_scale
    return slots[luck[slots] < distress[slots] + own.quit_rate * expit(gap)]


def close(peer: Any, slots: Any) -> None:
    """Sell what can be sold, pay debts as far as it goes, leave the rest to the household; the slots are free."""
    everyone, city, sentras = peer.firms, peer.world.city, peer.sentras
    flows, entries = peer.ledger.flows, peer.ledger.entries
    firms = peer.some(slots)
    sentra, equipment, receivable = peer.sentra[slots], firms.equipment, firms.receivable
    value = peer.costs.resale_value * equipment
    entries[ENTRY.equipment_cleared] += (equipment - value).sum()
    flows[FLOW.resale] += value.sum()
    flows[FLOW.contract_payments] += receivable.sum()
    everyone.cash[slots] += value + receivable
    owed = firms.payable
    entries[ENTRY.payables_forgiven] += (owed - pay_some(peer, slots, FLOW.payables, owed)).sum()
    debt = firms.bank_debt
    left = debt - pay_some(peer, slots, FLOW.bank_principal, debt)
    claim = (firms.guaranteed * left).sum()
    flows[FLOW.guarantee_claims] += claim
    city[CITY.guarantee_loss] += claim
    entries[ENTRY.bank_written_off] += left.sum()
    city[CITY.defaults] += (left > 0.0).sum()
    lent = firms.coop_debt
    repaid = pay_some(peer, slots, FLOW.coop_principal, lent)
    sentras.fund += np.bincount(sentra, repaid, N_SENTRAS)
    sentras.lent[:] = np.maximum(0.0, sentras.lent - np.bincount(sentra, lent, N_SENTRAS))
    sentras.losses += np.bincount(sentra, lent - repaid, N_SENTRAS)
    entries[ENTRY.coop_written_off] += (lent - repaid).sum()
    stock = firms.inventory
    peer.ledger.goods[CLEARED] += stock.sum()
    entries[ENTRY.cleared_stock] += stock @ firms.material_cost
    pay_some(peer, slots, FLOW.liquidation, firms.cash)
    city[CITY.employed] = max(0.0, city[CITY.employed] - firms.workers.sum())
    sentras.closed += np.bincount(sentra, minlength=N_SENTRAS)
    peer.world.firms[EMPTIED[:, None], slots] = 0.0
    everyone.met_slot[slots] = -1.0
    everyone.met_id[slots] = -1.0
