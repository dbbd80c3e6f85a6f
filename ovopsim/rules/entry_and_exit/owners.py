"""Who starts a firm: talent, attitudes, skills, access, technique and institutions."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import compiled
from ovopsim.draws import inverse_normal
from ovopsim.elementary import exponential
from ovopsim.fields import FIRM, N_CHANNELS, N_PEERS, Reals

TRAITS = 24  # of which the last is spare


@compiled
def bring(firms, owners, costs, luck, slot):
    """What an owner brings: talent, attitude to return and debt, skills, access, technique, institutions.

    `luck` is an array (4, 6) of uniforms: trait t stands in row t % 4 of column t // 4.
    """
    talent = inverse_normal(luck[0, 0])
    firms[FIRM.log_ability, slot] = owners.ability_sd * talent - 0.5 * owners.ability_sd * owners.ability_sd
    patience = owners.hurdle_ability * talent + math.sqrt(1.0 - owners.hurdle_ability * owners.hurdle_ability) * (
        inverse_normal(luck[1, 0])
    )
    firms[FIRM.hurdle_rate, slot] = owners.hurdle_rate * exponential(owners.hurdle_sd * patience)
    firms[FIRM.debt_aversion, slot] = owners.aversion_sd * inverse_normal(luck[2, 0])
    firms[FIRM.owner_labour, slot] = owners.owner_labour
    firms[FIRM.technique, slot] = choice(owners.technique_share, luck[3, 0])
    for skill in range(4):
        row = FIRM.technology if skill == 3 else FIRM.craft + 3 * skill
        value = owners.skill_mean[skill] + owners.skill_sd[skill] * inverse_normal(luck[skill, 1])
        value = min(1.0, max(0.0, value))
        origin = max(0.0, value - costs.practice_pull[skill] * (1.0 - value))
        firms[row, slot] = (costs.practice_pull[skill] + origin) / (1.0 + costs.practice_pull[skill])
        firms[row + 2, slot] = origin
        firms[row + 1, slot] = costs.base_weight[skill] * firms[row, slot] + (1.0 - costs.base_weight[skill]) * origin
    for channel in range(N_CHANNELS):
        value = owners.access_mean[channel] + owners.access_sd[channel] * inverse_normal(luck[channel, 2])
        origin = value - costs.access_pull[channel]
        firms[FIRM.access_logit + channel, slot] = value
        firms[FIRM.access_origin + channel, slot] = origin
        firms[FIRM.access_base + channel, slot] = costs.access_weight * value + (1.0 - costs.access_weight) * origin
        share = owners.channel_share[channel]
        firms[FIRM.participates + channel, slot] = 1.0 if luck[channel, 3] < share else 0.0
    firms[FIRM.member, slot] = 1.0 if luck[0, 4] < owners.member_share else 0.0
    firms[FIRM.licensed, slot] = 1.0 if luck[1, 4] < owners.licensed_share else 0.0
    firms[FIRM.business_account, slot] = 1.0 if luck[2, 4] < owners.account_share else 0.0
    firms[FIRM.met_slot, slot] = -1.0
    firms[FIRM.met_id, slot] = -1.0
    firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS, slot] = -1.0


@compiled
def choice(shares, draw):
    """Place in a list of shares that a uniform falls on."""
    reach = 0.0
    for place in range(len(shares)):
        reach += shares[place]
        if draw < reach:
            return place
    return len(shares) - 1


class Owners(NamedTuple):
    """What people bring when they start a firm (`population.yaml`); vectors of skills, channels or techniques."""

    ability_sd: float
    hurdle_rate: float
    hurdle_sd: float
    hurdle_ability: float
    aversion_sd: float
    owner_labour: float
    skill_mean: Reals
    skill_sd: Reals
    access_mean: Reals
    access_sd: Reals
    channel_share: Reals
    technique_share: Reals
    member_share: float
    licensed_share: float
    account_share: float
