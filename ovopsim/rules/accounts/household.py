"""The household lives on the firm."""

from __future__ import annotations

from ovopsim.compiling import equation
from ovopsim.fields import FIRM
from ovopsim.forms import logistic
from ovopsim.ledger import ENTRY, FLOW, enter, firm_pays, firm_receives


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
def drawings(cash, need, draw_limit):
    """What the household takes to live: its need, within a limit that leaves seed money."""
    return min(draw_limit * cash, need)


@equation
def leakage(excess, leak, apart):
    """What it takes besides of the cash beyond the buffer: leak · (1 − separation) · excess."""
    return leak * (1.0 - apart) * excess


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
    taken = drawings(cash, need, parameters.draw_limit)
    excess = cash - taken - parameters.buffer_months * firms[FIRM.unit_cost, slot] * firms[FIRM.expected_orders, slot]
    if excess > 0.0:
        apart = separation(
            parameters,
            firms[FIRM.bookkeeping, slot],
            firms[FIRM.business_account, slot],
            firms[FIRM.separation_shift, slot],
        )
        taken += leakage(excess, parameters.leak, apart)
    firm_pays(firms, ledger, slot, FLOW.drawings, taken)
