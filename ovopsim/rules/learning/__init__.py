"""Rule 8: practice, peers, forgetting and habit; adoption; institutions joined and left; channels begun and left."""

from __future__ import annotations

from ovopsim.compiling import compiled
from ovopsim.fields import CITY, FIRM, N_CHANNELS
from ovopsim.rules.learning.habits import adopt, change_channel, change_institutions, forget_help, governance_pull
from ovopsim.rules.learning.law import N_SKILLS, SKILL_ROWS
from ovopsim.rules.learning.people import meet_people, note_practice
from ovopsim.rules.learning.skills import learn_access, learn_from_buyers, learn_skill


@compiled
def learn(firms, sentras, city, ledger, parameters, heard, sold, people, shown, draws):
    """Move every learned attribute one month on, then institutions and channels.

    `heard` is an array (8, slots) of scratch space: what each skill and each channel's access gains from others, all
    of whom are read before the rule; once it is learned, free for other use. `sold` is an array (4, slots):
    participation before the rule. `people` is an array (5, slots) of scratch space: see `meet_people`; `shown` an array
    (slots, 6): see `show`. `draws` is an array (13, slots) of uniforms: peer, adoption, joining, licence; three for
    others and the account; one for each channel; certificate.
    """
    used = int(city[CITY.used_slots])
    for channel in range(N_CHANNELS):
        for slot in range(used):
            sold[channel, slot] = firms[FIRM.participates + channel, slot]
    meet_people(firms, parameters, heard, people, shown, draws, used)
    note_practice(firms, parameters, people, used)
    learn_from_buyers(firms, parameters, heard, used)
    for place in range(N_SKILLS):
        learn_skill(
            firms,
            heard[place],
            people,
            SKILL_ROWS[place],
            parameters.practice[place],
            parameters.fade[place],
            parameters.habit[place],
            parameters.erosion[place],
            used,
        )
    for channel in range(N_CHANNELS):
        learn_access(
            firms,
            parameters,
            heard[N_SKILLS + channel],
            channel,
            parameters.access_practice[channel],
            parameters.least_access[channel],
            used,
        )
    pulls = (
        governance_pull(sentras, parameters, 0),
        governance_pull(sentras, parameters, 1),
        governance_pull(sentras, parameters, 2),
    )
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            adopt(firms, ledger, parameters, people, slot, draws[1, slot])
            change_institutions(firms, pulls, parameters, draws, slot)
    for channel in range(N_CHANNELS):
        change_channel(firms, ledger, parameters, sold, people, draws[8 + channel], heard[channel], channel, used)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            forget_help(firms, parameters, slot)
