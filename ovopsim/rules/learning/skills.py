"""Skills and access to markets, one month on."""

from __future__ import annotations

from ovopsim.compiling import compiled
from ovopsim.fields import FIRM, NATIONAL
from ovopsim.forms import logistic
from ovopsim.rules.learning.law import learned, learned_access, peer_gain, saturation
from ovopsim.rules.learning.people import ACTIVITY, MEETING, MET, NEIGHBOUR, TALK, USE


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
        contract = firms[FIRM.contract_sold, slot] > 0.0
        if firms[FIRM.active, slot] == 1.0 and (contract or firms[FIRM.export_sales, slot] > 0.0):
            gain = parameters.export_practice if firms[FIRM.export_sales, slot] > 0.0 else 0.0
            if contract:
                seen = saturation(firms[FIRM.contract_delivered, slot], parameters.contract_scale)
                gain += parameters.contract_craft * seen
            firms[FIRM.craft, slot] = min(1.0, firms[FIRM.craft, slot] + gain * (1.0 - before[0, slot]))


@compiled
def learn_access(firms, parameters, before, people, channel, practice, least, used):
    """Word of mouth in one channel: buyers served bring buyers who know the firm; peers who sell there tell.

    Deliveries to a large buyer make standing in the national market a habit; a course or a meeting among peers does not
    exercise it.
    """
    for slot in range(used):
        if firms[FIRM.participates + channel, slot] == 1.0:
            contract = firms[FIRM.contract_sold, slot] > 0.0
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
                1.0 if contract and channel == NATIONAL else parameters.plain_use,
            )
            if people[MEETING, slot] > 0.0:
                met = int(people[MET, slot])
                if firms[FIRM.participates + channel, met] == 1.0:
                    value += peer_gain(own, before[met], people[MEETING, slot])
            firms[FIRM.access_logit + channel, slot] = value
            firms[FIRM.access_base + channel, slot] = base
            firms[FIRM.market_access + channel, slot] = max(least, logistic(value))
