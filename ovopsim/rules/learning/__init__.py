"""Rule 8: practice, peers, forgetting and habit; adoption; institutions joined and left; channels begun and left."""

from __future__ import annotations

from ovopsim.compiling import compiled
from ovopsim.fields import CITY, FIRM, N_CHANNELS
from ovopsim.rules.learning.habits import adopt, change_channels, change_institutions, forget_help
from ovopsim.rules.learning.law import N_SKILLS, SKILL_STEP, TECHNOLOGY_PLACE
from ovopsim.rules.learning.people import MEETING, MET, NEIGHBOUR, TALK, meet_people
from ovopsim.rules.learning.skills import learn_access, learn_skill, teach_craft


@compiled
def learn(firms, sentras, city, ledger, parameters, before, people, draws):
    """Move every learned attribute one month on, then institutions and channels.

    `before` is an array (12, slots): skills, access logits and participation before the rule, which peers read.
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
            change_channels(firms, ledger, parameters, before, draws, slot, neighbour, met)
            forget_help(firms, parameters, slot)
