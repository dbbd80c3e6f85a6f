"""Rule 8: practice, peers, forgetting and habit; joining, licences and certificates; adoption; channels begun and left."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.forms import logistic, raised
from ovopsim.ledger import FLOW, firm_pays
from ovopsim.state import CITY, FIRM, N_CHANNELS, N_PEERS, NATIONAL, SENTRA, Reals


class Learning(NamedTuple):
    """Parameters of learning (`learning.yaml`). Vectors of four: craft, management, bookkeeping, technology."""

    practice: Reals
    fade: Reals
    habit: Reals
    erosion: Reals
    plain_use: float
    access_practice: Reals
    access_fade: float
    access_habit: float
    access_erosion: float
    least_access: Reals
    peer_share: float
    rival_share: float
    meeting_intensity: Reals
    export_practice: float
    contract_craft: float
    contract_access: float
    contract_scale: float
    adoption_rate: float
    adoption_intercept: float
    adoption_peer: float
    adoption_cash: float
    adoption_step: float
    adoption_cost: float
    join_rate: float
    leave_rate: float
    join_governance: float
    licence_rate: float
    licence_loss: float
    certificate_rate: float
    certificate_life: float
    certificate_renewal: float
    account_rate: float
    account_loss: float
    channel_rate: Reals
    channel_cost: Reals
    channel_referral: float
    months_to_leave: float
    shift_fade: float


N_SKILLS = 4
SKILL_STEP = 3  # value, base and origin of a skill are neighbouring rows
TECHNOLOGY_PLACE = 3


@equation
def learned(value, base, origin, gain, fade, habit, erosion, use):
    """One month of the law: fade to the base, use turns value into habit, habit erodes to the origin.

    Returns the new value and base. x' = x + gain (1 − x) − δ (x − base); base' = base + κ use (x − base)
    − λ (base − origin); both read the values before the month (model.md §2).
    """
    new_value = min(1.0, max(0.0, value + gain * (1.0 - value) - fade * (value - base)))
    new_base = min(1.0, max(0.0, base + habit * use * (value - base) - erosion * (base - origin)))
    return new_value, new_base


@equation
def learned_access(value, base, origin, gain, fade, habit, erosion, use):
    """The same law on the logit of market access, where a raise adds its gain."""
    new_value = value + gain - fade * (value - base)
    return new_value, base + habit * use * (value - base) - erosion * (base - origin)


@equation
def peer_gain(own, other, share):
    """Part of the distance to a better peer that one meeting closes."""
    return share * max(0.0, other - own)


@equation
def saturation(delivered, scale):
    """1 − e^{−delivered/scale}: later deliveries to a large buyer still teach, the first ones open the door."""
    return 1.0 - math.exp(-delivered / scale)


@equation
def known_peer(firms, slot_row, id_row, slot):
    """Slot of a peer, or −1 when that firm has closed or its slot has a new tenant."""
    peer = int(firms[slot_row, slot])
    if peer < 0 or firms[FIRM.active, peer] == 0.0 or firms[FIRM.firm_id, peer] != firms[id_row, slot]:
        return -1
    return peer


@equation
def sharing(firms, slot, peer, rival_share):
    """Rivals (same technique) tell each other less (Cai and Szeidl 2018, eff-104)."""
    return rival_share if firms[FIRM.technique, slot] == firms[FIRM.technique, peer] else 1.0


@compiled
def learn(firms, sentras, city, ledger, parameters, before, people, draws):
    """Move every learned attribute one month on, then institutions and channels.

    `before` is an array (8, slots): the four skills and four access logits before the rule, which peers read.
    `people` is an array (6, slots) of scratch space: see `meet_people`.
    `draws` is an array (12, slots) of uniforms: peer, adoption, joining, licence; certificate, account, two spare;
    one for each channel.
    """
    used = int(city[CITY.used_slots])
    meet_people(firms, parameters, before, people, draws, used)
    for place in range(N_SKILLS):
        row = FIRM.technology if place == TECHNOLOGY_PLACE else FIRM.craft + SKILL_STEP * place
        learn_skill(
            firms,
            before[place],
            people,
            row,
            parameters.practice[place],
            parameters.fade[place],
            parameters.habit[place],
            parameters.erosion[place],
            used,
        )
    teach_craft(firms, parameters, before, used)
    for channel in range(N_CHANNELS):
        learn_access(
            firms,
            parameters,
            before[N_SKILLS + channel],
            people,
            channel,
            parameters.access_practice[channel],
            parameters.least_access[channel],
            used,
        )
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            neighbour = int(people[NEIGHBOUR, slot]) if people[TALK, slot] > 0.0 else -1
            met = int(people[MET, slot]) if people[MEETING, slot] > 0.0 else -1
            adopt(firms, ledger, parameters, before, slot, neighbour, met, draws[1, slot])
            change_institutions(firms, sentras, parameters, draws, slot)
            change_channels(firms, ledger, parameters, draws, slot, neighbour, met)
            forget_help(firms, parameters, slot)


NEIGHBOUR, TALK, MET, MEETING, USE, ACTIVITY = range(6)


@compiled
def meet_people(firms, parameters, before, people, draws, used):
    """Note what each attribute was before the rule, whom each firm talks to, and how much it works and practises.

    Rows of `people`: neighbour of the month and the share of the distance to it that talk closes; firm met at an
    organised meeting and the share that this closes (0 = nobody); use of what was learned; activity.
    """
    for slot in range(used):
        for place in range(N_SKILLS):
            row = FIRM.technology if place == TECHNOLOGY_PLACE else FIRM.craft + SKILL_STEP * place
            before[place, slot] = firms[row, slot]
        for channel in range(N_CHANNELS):
            before[N_SKILLS + channel, slot] = firms[FIRM.access_logit + channel, slot]
        if firms[FIRM.active, slot] == 1.0:
            row = FIRM.peer_slot + int(N_PEERS * draws[0, slot])
            neighbour = known_peer(firms, row, row + N_PEERS, slot)
            met = known_peer(firms, FIRM.met_slot, FIRM.met_id, slot)
            people[NEIGHBOUR, slot] = max(neighbour, 0)
            people[TALK, slot] = 0.0
            if neighbour >= 0:
                intensity = parameters.meeting_intensity[int(firms[FIRM.sentra, slot])]
                people[TALK, slot] = (
                    parameters.peer_share * intensity * sharing(firms, slot, neighbour, parameters.rival_share)
                )
            people[MET, slot] = max(met, 0)
            people[MEETING, slot] = 0.0
            if met >= 0:
                share = parameters.peer_share * firms[FIRM.meets, slot]
                people[MEETING, slot] = share * sharing(firms, slot, met, parameters.rival_share)
            people[USE, slot] = use_of(firms, parameters, slot)
            people[ACTIVITY, slot] = min(1.0, firms[FIRM.output, slot] / firms[FIRM.expected_orders, slot])


@compiled
def learn_skill(firms, before, people, row, practice, fade, habit, erosion, used):
    """One skill of every firm: practice, fade, habit and peers, all read before the month and added together."""
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            own = before[slot]
            value, base = learned(
                own,
                firms[row + 1, slot],
                firms[row + 2, slot],
                practice * people[ACTIVITY, slot],
                fade,
                habit,
                erosion,
                people[USE, slot],
            )
            value += peer_gain(own, before[int(people[NEIGHBOUR, slot])], people[TALK, slot])
            value += peer_gain(own, before[int(people[MET, slot])], people[MEETING, slot])
            firms[row, slot] = min(1.0, value)
            firms[row + 1, slot] = base


@compiled
def teach_craft(firms, parameters, before, used):
    """Buyers abroad and large buyers teach craft."""
    for slot in range(used):
        contract = firms[FIRM.contract_lot, slot] > 0.0
        if firms[FIRM.active, slot] == 1.0 and (contract or firms[FIRM.export_sales, slot] > 0.0):
            gain = parameters.export_practice if firms[FIRM.export_sales, slot] > 0.0 else 0.0
            if contract:
                seen = saturation(firms[FIRM.contract_delivered, slot], parameters.contract_scale)
                gain += parameters.contract_craft * seen
            firms[FIRM.craft, slot] = min(1.0, firms[FIRM.craft, slot] + gain * (1.0 - before[0, slot]))


@equation
def use_of(firms, parameters, slot):
    """1 in a month with coaching, a meeting or a contract delivery, else the plain use u₀."""
    if firms[FIRM.coached, slot] == 1.0 or firms[FIRM.meets, slot] > 0.0 or firms[FIRM.contract_lot, slot] > 0.0:
        return 1.0
    return parameters.plain_use


@compiled
def learn_access(firms, parameters, before, people, channel, practice, least, used):
    """Word of mouth in one channel: buyers served bring buyers who know the firm; peers who sell there tell.

    Deliveries to a large buyer make standing a habit; a course or a meeting among peers does not exercise it.
    """
    for slot in range(used):
        if firms[FIRM.participates + channel, slot] == 1.0:
            contract = firms[FIRM.contract_lot, slot] > 0.0
            gain = practice if firms[FIRM.months_without_sale + channel, slot] == 0.0 else 0.0
            if channel == NATIONAL and contract:
                seen = saturation(firms[FIRM.contract_delivered, slot], parameters.contract_scale)
                gain += parameters.contract_access * seen
            own = before[slot]
            value, base = learned_access(
                own,
                firms[FIRM.access_base + channel, slot],
                firms[FIRM.access_origin + channel, slot],
                gain,
                parameters.access_fade,
                parameters.access_habit,
                parameters.access_erosion,
                1.0 if contract else parameters.plain_use,
            )
            if people[MEETING, slot] > 0.0:
                met = int(people[MET, slot])
                if firms[FIRM.participates + channel, met] == 1.0:
                    value += peer_gain(own, before[met], people[MEETING, slot])
            firms[FIRM.access_logit + channel, slot] = value
            firms[FIRM.access_base + channel, slot] = base
            firms[FIRM.market_access + channel, slot] = max(least, logistic(value))


@equation
def adoption_chance(parameters, lead, liquidity, shift):
    """Smooth monthly chance of a step in technology: better-equipped peers, cash over the step's cost, help."""
    return parameters.adoption_rate * logistic(
        parameters.adoption_intercept + parameters.adoption_peer * lead + parameters.adoption_cash * liquidity + shift
    )


@equation
def adopt(firms, ledger, parameters, before, slot, neighbour, met, draw):
    """A step in technology costs money and is taken only when it can be paid."""
    if draw >= parameters.adoption_rate:  # no chance is higher, so most firms need no sum
        return
    cost = parameters.adoption_cost * firms[FIRM.equipment, slot]
    if firms[FIRM.cash, slot] <= cost or cost <= 0.0:
        return
    lead = 0.0
    for peer in (neighbour, met):
        if peer >= 0:
            lead = max(lead, before[TECHNOLOGY_PLACE, peer] - before[TECHNOLOGY_PLACE, slot])
    liquidity = 1.0 - cost / firms[FIRM.cash, slot]
    if draw < adoption_chance(parameters, lead, liquidity, firms[FIRM.adoption_shift, slot]):
        firm_pays(firms, ledger, slot, FLOW.adoption, cost)
        firms[FIRM.technology, slot] = raised(firms[FIRM.technology, slot], parameters.adoption_step)


@equation
def change_institutions(firms, sentras, parameters, draws, slot):
    """Membership, licence, certificate and business account come and go at everyday rates."""
    sentra = int(firms[FIRM.sentra, slot])
    change = sentras[SENTRA.governance, sentra] - sentras[SENTRA.governance_base, sentra]
    pull = math.exp(parameters.join_governance * change) if change != 0.0 else 1.0
    firms[FIRM.member, slot] = turned(
        firms[FIRM.member, slot], draws[2, slot], parameters.join_rate * pull, parameters.leave_rate / pull
    )
    firms[FIRM.licensed, slot] = turned(
        firms[FIRM.licensed, slot], draws[3, slot], parameters.licence_rate, parameters.licence_loss
    )
    firms[FIRM.business_account, slot] = turned(
        firms[FIRM.business_account, slot], draws[5, slot], parameters.account_rate, parameters.account_loss
    )
    if firms[FIRM.certified, slot] == 1.0:
        firms[FIRM.certificate_age, slot] += 1.0
        if firms[FIRM.certificate_age, slot] >= parameters.certificate_life:
            firms[FIRM.certificate_age, slot] = 0.0
            firms[FIRM.certified, slot] = 1.0 if draws[4, slot] < parameters.certificate_renewal else 0.0
    elif firms[FIRM.licensed, slot] == 1.0 and draws[4, slot] < parameters.certificate_rate:
        firms[FIRM.certified, slot] = 1.0
        firms[FIRM.certificate_age, slot] = 0.0


@equation
def turned(flag, draw, rate_in, rate_out):
    """A flag after one month with a chance to begin and a chance to end."""
    if flag == 1.0:
        return 0.0 if draw < rate_out else 1.0
    return 1.0 if draw < rate_in else 0.0


@equation
def start_chance(rate, cost, liquidity, referral):
    """Monthly chance to begin in a channel: (rate + referral) · e^{−F/liquidity}."""
    return (rate + referral) * math.exp(-cost / liquidity) if liquidity > 0.0 else 0.0


@equation
def begin_channel(firms, parameters, channel, slot):
    """Begin to sell in a channel, known to few of its buyers."""
    if firms[FIRM.participates + channel, slot] == 0.0:
        start = math.log(parameters.least_access[channel] / (1.0 - parameters.least_access[channel]))
        firms[FIRM.participates + channel, slot] = 1.0
        firms[FIRM.months_without_sale + channel, slot] = 0.0
        firms[FIRM.access_logit + channel, slot] = start
        firms[FIRM.access_base + channel, slot] = start
        firms[FIRM.market_access + channel, slot] = parameters.least_access[channel]


@equation
def change_channels(firms, ledger, parameters, draws, slot, neighbour, met):
    """Channels are begun when they can be paid for, sooner when a peer sells there, and left after a year without sale."""
    # no chance is higher than the rate with every referral, so most firms need no sum
    most = 1.0 + parameters.channel_referral * (1.0 + 2.0 * firms[FIRM.meets, slot])
    for channel in range(N_CHANNELS):
        if firms[FIRM.participates + channel, slot] == 1.0:
            if firms[FIRM.months_without_sale + channel, slot] >= parameters.months_to_leave:
                firms[FIRM.participates + channel, slot] = 0.0
                firms[FIRM.trailing_orders + channel, slot] = 0.0
                firms[FIRM.market_access + channel, slot] = 0.0
        elif (
            draws[8 + channel, slot] < parameters.channel_rate[channel] * most
            and firms[FIRM.cash, slot] > parameters.channel_cost[channel]
        ):
            referral = 0.0
            if neighbour >= 0 and firms[FIRM.participates + channel, neighbour] == 1.0:
                referral += parameters.channel_referral * parameters.channel_rate[channel]
            if met >= 0 and firms[FIRM.participates + channel, met] == 1.0:
                referral += (
                    parameters.channel_referral * parameters.channel_rate[channel] * firms[FIRM.meets, slot] * 2.0
                )
            chance = start_chance(
                parameters.channel_rate[channel], parameters.channel_cost[channel], firms[FIRM.cash, slot], referral
            )
            if draws[8 + channel, slot] < chance:
                firm_pays(firms, ledger, slot, FLOW.channel_entry, parameters.channel_cost[channel])
                begin_channel(firms, parameters, channel, slot)


@equation
def forget_help(firms, parameters, slot):
    """What levers added to a logit fades; a month has passed."""
    firms[FIRM.adoption_shift, slot] *= 1.0 - parameters.shift_fade
    firms[FIRM.application_shift, slot] *= 1.0 - parameters.shift_fade
    firms[FIRM.approval_shift, slot] *= 1.0 - parameters.shift_fade
    firms[FIRM.separation_shift, slot] *= 1.0 - parameters.shift_fade
    firms[FIRM.rate_cut, slot] *= 1.0 - parameters.shift_fade
    firms[FIRM.guarantee_offer, slot] *= 1.0 - parameters.shift_fade
    if firms[FIRM.exclusion_months, slot] > 0.0:
        firms[FIRM.exclusion_months, slot] -= 1.0
    firms[FIRM.age, slot] += 1.0
