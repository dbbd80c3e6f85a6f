"""Who may be served, and whether the owner accepts."""

from __future__ import annotations

from ovopsim.compiling import equation, merged
from ovopsim.draws import ACCEPTANCE, ACCEPTANCE_TASTE, normal, uniform
from ovopsim.fields import AGENCY, CITY, FIRM
from ovopsim.forms import logistic
from ovopsim.rules.agency.tables import LEVER
from ovopsim.state import LAST_DECLINED, LAST_SERVED, OFFERS


@merged
def takes_offer(world, levers, lever, slot, tax_rate, parameters, key):
    """Make an offer to an eligible firm; return whether it accepts. An owner who declines is noted with the month."""
    if not eligible(world, levers, lever, slot):
        return False
    firms = world.firms
    identity = int(firms[FIRM.firm_id, slot])
    number = int(world.served[slot, lever, OFFERS])
    world.served[slot, lever, OFFERS] += 1.0
    world.agency[AGENCY.asked, lever] += 1.0
    chance = acceptance_chance(
        levers.table,
        lever,
        normal(key, ACCEPTANCE_TASTE, identity, 0, lever),
        firms[FIRM.smoothed_profit, slot],
        tax_rate * firms[FIRM.yearly_sales, slot],
        parameters.working_days,
    )
    accepts = uniform(key, ACCEPTANCE, identity, number, lever) < chance
    if not accepts:
        world.served[slot, lever, LAST_DECLINED] = world.city[CITY.month]
    return accepts


@merged
def eligible(world, levers, lever, slot):
    """Whether a firm meets the lever's conditions."""
    firms = world.firms
    table = levers.table
    if firms[FIRM.active, slot] == 0.0 or firms[FIRM.age, slot] < table[LEVER.minimum_age, lever]:
        return False
    since = world.city[CITY.month] - world.served[slot, lever, LAST_SERVED]
    if since < table[LEVER.not_served_within, lever]:
        return False
    if table[LEVER.through_cooperative, lever] == 1.0 and firms[FIRM.member, slot] == 0.0:
        return False
    if table[LEVER.co_payment, lever] > firms[FIRM.cash, slot]:
        return False
    return (
        fits(table[LEVER.requires_licence, lever], firms[FIRM.licensed, slot])
        and fits(table[LEVER.requires_member, lever], firms[FIRM.member, slot])
        and fits(table[LEVER.requires_certificate, lever], firms[FIRM.certified, slot])
        and fits(table[LEVER.requires_account, lever], firms[FIRM.business_account, slot])
    )


@equation
def fits(wanted, flag):
    """1 = must have, −1 = must not have, 0 = either."""
    return wanted == 0.0 or (wanted > 0.0 and flag == 1.0) or (wanted < 0.0 and flag == 0.0)


@equation
def acceptance_chance(table, lever, taste, profit, yearly_tax, working_days):
    """Logit of taste, what is handed over, the owner's days, and payment with expected tax."""
    income = max(profit, 1.0)
    burden = table[LEVER.co_payment, lever] + table[LEVER.tax_follows, lever] * yearly_tax
    return logistic(
        table[LEVER.accept_intercept, lever]
        + table[LEVER.accept_taste, lever] * taste
        + table[LEVER.accept_value, lever] * table[LEVER.money_value, lever] / income
        - table[LEVER.accept_days, lever] * table[LEVER.owner_days, lever] / working_days
        - table[LEVER.accept_payment, lever] * burden / income
    )
