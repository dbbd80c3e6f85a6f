"""The household lives on the firm."""

from __future__ import annotations

from ovopsim.compiling import equation, merged
from ovopsim.fields import FIRM
from ovopsim.forms import logistic
from ovopsim.ledger import ENTRY, FLOW, book, enter, firm_receives, hand_over


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
    """What it takes besides of the cash beyond its buffer: leak · (1 − separation) · excess."""
    return leak * (1.0 - apart) * excess


@equation
def need_of(parameters, shock):
    """What the household needs to live this month."""
    return parameters.household_need * max(0.0, 1.0 + parameters.need_sd * shock)


@merged
def provide(firms, ledger, parameters, costs, shocks, wish, used):
    """Each household draws on its firm; when cash does not cover its need the owner first sells equipment at a loss.

    `wish` is an array (slots,) of scratch space: what each household takes.
    """
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            short = need_of(parameters, shocks[slot]) - parameters.draw_limit * firms[FIRM.cash, slot]
            if short > 0.0:
                sell_equipment(firms, ledger, parameters, costs, short, slot)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            wish[slot] = take(firms, parameters, need_of(parameters, shocks[slot]), slot)
    drawn = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            drawn += hand_over(firms, ledger, slot, wish[slot])
    book(ledger, FLOW.drawings, drawn)


@equation
def sell_equipment(firms, ledger, parameters, costs, short, slot):
    """Sell equipment at a loss, as far as the owner will, for what is short."""
    sold = min(short / costs.resale_value, parameters.resale_limit * firms[FIRM.equipment, slot])
    firms[FIRM.equipment, slot] -= sold
    enter(ledger, ENTRY.resale_loss, (1.0 - costs.resale_value) * sold)
    firm_receives(firms, ledger, slot, FLOW.resale, costs.resale_value * sold)


@equation
def take(firms, parameters, need, slot):
    """What one household takes: its need, and a part of what exceeds its buffer where it is not kept apart.

    The buffer is the household's own, some months of its need (Deaton 1991): where firm and household are one purse,
    nobody sets the working capital of a large firm aside.
    """
    cash = firms[FIRM.cash, slot]
    firms[FIRM.unmet_need, slot] = max(0.0, 1.0 - parameters.draw_limit * cash / need) if need > 0.0 else 0.0
    taken = drawings(cash, need, parameters.draw_limit)
    buffer = parameters.buffer_months * parameters.household_need
    apart = separation(
        parameters,
        firms[FIRM.bookkeeping, slot],
        firms[FIRM.business_account, slot],
        firms[FIRM.separation_shift, slot],
    )
    return taken + leakage(max(0.0, cash - taken - buffer), parameters.leak, apart)
