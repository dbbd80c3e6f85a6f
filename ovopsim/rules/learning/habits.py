"""Adoption, institutions and channels: what owners take up and give up."""

from __future__ import annotations

from ovopsim.compiling import equation, merged
from ovopsim.elementary import exponential
from ovopsim.fields import FIRM, SENTRA
from ovopsim.forms import begin_channel, logistic, of_code, raised
from ovopsim.ledger import FLOW, firm_pays
from ovopsim.rules.learning.people import LEAD, MET, NEIGHBOUR, sells

ACCOUNT, CERTIFICATE = 7, 12  # rows of the month's uniforms


@equation
def adoption_chance(parameters, lead, liquidity, shift):
    """Smooth monthly chance of a step in technology: better-equipped peers, cash over the step's cost, help."""
    return parameters.adoption_rate * logistic(
        parameters.adoption_intercept + parameters.adoption_peer * lead + parameters.adoption_cash * liquidity + shift
    )


@merged
def adopt_and_join(firms, ledger, parameters, pulls, people, draws, first, end):
    """Steps in technology, then institutions, of each firm in business."""
    for slot in range(first, end):
        if firms[FIRM.active, slot] == 1.0:
            adopt(firms, ledger, parameters, people[LEAD, slot - first], slot, draws[1, slot])
            change_institutions(firms, pulls, parameters, draws, slot)


@equation
def adopt(firms, ledger, parameters, lead, slot, draw):
    """A step in technology costs money and is taken only when it can be paid."""
    if draw >= parameters.adoption_rate:  # no chance is higher, so most firms need no sum
        return
    cost = parameters.adoption_cost * firms[FIRM.equipment, slot]
    if firms[FIRM.cash, slot] <= cost or cost <= 0.0:
        return
    liquidity = 1.0 - cost / firms[FIRM.cash, slot]
    if draw < adoption_chance(parameters, lead, liquidity, firms[FIRM.adoption_shift, slot]):
        firm_pays(firms, ledger, slot, FLOW.adoption, cost)
        firms[FIRM.technology, slot] = raised(firms[FIRM.technology, slot], parameters.adoption_step)
        firms[FIRM.adoptions, slot] += 1.0


@equation
def governance_pull(sentras, parameters, sentra):
    """e^x with x = join_governance · (governance − that to which it falls back): better-run cooperatives draw more."""
    change = sentras[SENTRA.governance, sentra] - sentras[SENTRA.governance_base, sentra]
    return exponential(parameters.join_governance * change)


@equation
def change_institutions(firms, pulls, parameters, draws, slot):
    """Membership, licence, certificate and business account come and go at everyday rates.

    `pulls` is each sentra's `governance_pull`.
    """
    pull = of_code(pulls, firms[FIRM.sentra, slot])
    turn(firms, FIRM.member, slot, draws[2, slot], parameters.join_rate * pull, parameters.leave_rate / pull)
    turn(firms, FIRM.licensed, slot, draws[3, slot], parameters.licence_rate, parameters.licence_loss)
    turn(firms, FIRM.business_account, slot, draws[ACCOUNT, slot], parameters.account_rate, parameters.account_loss)
    # what seldom happens is asked first: a processor guesses such an answer well
    age = firms[FIRM.certificate_age, slot] + firms[FIRM.certified, slot]
    firms[FIRM.certificate_age, slot] = age
    if age >= parameters.certificate_life and firms[FIRM.certified, slot] == 1.0:
        firms[FIRM.certificate_age, slot] = 0.0
        firms[FIRM.certified, slot] = 1.0 if draws[CERTIFICATE, slot] < parameters.certificate_renewal else 0.0
    elif (
        draws[CERTIFICATE, slot] < parameters.certificate_rate
        and firms[FIRM.certified, slot] == 0.0
        and firms[FIRM.licensed, slot] == 1.0
    ):
        firms[FIRM.certified, slot] = 1.0
        firms[FIRM.certificate_age, slot] = 0.0


@equation
def turned(flag, draw, rate_in, rate_out):
    """A flag after one month with a chance to begin and a chance to end."""
    if flag == 1.0:
        return 0.0 if draw < rate_out else 1.0
    return 1.0 if draw < rate_in else 0.0


@equation
def turn(firms, row, slot, draw, rate_in, rate_out):
    """Begin or end a flag of one firm; most draws are above both rates, and its row is then not even read."""
    if draw < max(rate_in, rate_out):
        firms[row, slot] = turned(firms[row, slot], draw, rate_in, rate_out)


@equation
def start_chance(rate, cost, liquidity, referral):
    """Monthly chance to begin in a channel: (rate + referral) · e^{−F/liquidity}."""
    return (rate + referral) * exponential(-cost / liquidity) if liquidity > 0.0 else 0.0


@merged
def change_channel(firms, ledger, parameters, shown, people, draws, moves, channel, first, end):
    """A channel is begun when it can be paid for, sooner where a peer sells, and left after a year without sale.

    `draws` is an array (slots,) of uniforms. `moves` is an array (block,) of scratch space: 1 where something may
    happen, which is so for few firms; a plain loop finds them several at a time.
    """
    rate, referral, limit = parameters.channel_rate[channel], parameters.channel_referral, parameters.months_to_leave
    for slot in range(first, end):
        idle = firms[FIRM.participates + channel, slot] * firms[FIRM.months_without_sale + channel, slot]
        # no chance is higher than the rate with every referral
        most = rate * (1.0 + referral * (1.0 + 2.0 * firms[FIRM.meets, slot]))
        moves[slot - first] = firms[FIRM.active, slot] if idle >= limit or draws[slot] < most else 0.0
    for slot in range(first, end):
        if moves[slot - first] == 1.0:
            idle = firms[FIRM.participates + channel, slot] * firms[FIRM.months_without_sale + channel, slot]
            if idle >= limit:
                firms[FIRM.participates + channel, slot] = 0.0
                firms[FIRM.trailing_orders + channel, slot] = 0.0
                firms[FIRM.market_access + channel, slot] = 0.0
            else:
                neighbour, met = int(people[NEIGHBOUR, slot - first]), int(people[MET, slot - first])
                consider_channel(firms, ledger, parameters, shown, neighbour, met, draws[slot], channel, slot)


@equation
def consider_channel(firms, ledger, parameters, shown, neighbour, met, draw, channel, slot):
    """Begin to sell in a channel, if luck and cash allow; those who sold there before the rule tell of it."""
    cost = parameters.channel_cost[channel]
    if firms[FIRM.participates + channel, slot] == 1.0 or firms[FIRM.cash, slot] <= cost:
        return
    told = 0.0
    if neighbour >= 0 and sells(shown, neighbour, channel):
        told += 1.0
    if met >= 0 and sells(shown, met, channel):
        told += 2.0 * firms[FIRM.meets, slot]
    rate = parameters.channel_rate[channel]
    referral = told * parameters.channel_referral * rate
    if draw < start_chance(rate, cost, firms[FIRM.cash, slot], referral):
        firm_pays(firms, ledger, slot, FLOW.channel_entry, cost)
        begin_channel(firms, channel, parameters.least_access[channel], slot)


@merged
def forget_help(firms, parameters, first, end):
    """What levers added to a logit fades; a month has passed."""
    kept = 1.0 - parameters.shift_fade
    for slot in range(first, end):
        if firms[FIRM.active, slot] == 1.0:
            firms[FIRM.adoption_shift, slot] *= kept
            firms[FIRM.application_shift, slot] *= kept
            firms[FIRM.approval_shift, slot] *= kept
            firms[FIRM.separation_shift, slot] *= kept
            firms[FIRM.rate_cut, slot] *= kept
            firms[FIRM.guarantee_offer, slot] *= kept
            firms[FIRM.exclusion_months, slot] = max(0.0, firms[FIRM.exclusion_months, slot] - 1.0)
            firms[FIRM.age, slot] += 1.0
