"""Rule 8: practice, peers, forgetting and habit; adoption; institutions joined and left; channels begun and left."""

from __future__ import annotations

from typing import Final

import numpy as np

from ovopsim.compiling import merged
from ovopsim.fields import CITY, N_CHANNELS
from ovopsim.rules.learning.habits import adopt_and_join, change_channel, forget_help, governance_pull
from ovopsim.rules.learning.law import N_SKILLS, SKILL_ROWS
from ovopsim.rules.learning.meetings import add_meetings, hold_meetings
from ovopsim.rules.learning.people import meet_neighbours, note_practice, show
from ovopsim.rules.learning.skills import learn_access, learn_from_buyers, learn_skill

BLOCK: Final = 4096  # firms that learn together; 1,024 and 16,384 were slower, measured


@merged
def learn(firms, sentras, city, ledger, parameters, heard, people, shown, told, draws):
    """Move every learned attribute one month on, then institutions and channels.

    Others are read before the rule, as `show` and `hold_meetings` note them; the rest of the rule is a firm's own, and
    is worked off for one block of firms after the other.

    Parameters
    ----------
    heard : array (N_SKILLS + N_CHANNELS, block)
        Scratch space: what each skill and each channel's access gains from others; once it is learned, free for other
        use.
    people : array (N_PEOPLE, block)
        Scratch space: see `people`.
    shown, told : arrays (slots, N_SHOWN), (slots, N_TOLD)
        Scratch space: see `show`, `hold_meetings`.
    draws : array (13, slots)
        Uniforms: peer, adoption, joining, licence; three for others and the account; one for each channel; certificate.
    """
    used = int(city[CITY.used_slots])
    show(firms, shown, used)
    hold_meetings(firms, parameters, shown, told, used)
    pulls = (
        governance_pull(sentras, parameters, 0),
        governance_pull(sentras, parameters, 1),
        governance_pull(sentras, parameters, 2),
    )
    for first in range(0, used, heard.shape[1]):
        # numbers without a sign: an index that might be negative keeps a loop from being worked off for several firms
        start, end = np.uint64(first), np.uint64(min(first + heard.shape[1], used))
        learn_block(firms, ledger, parameters, pulls, heard, people, shown, told, draws, start, end)


@merged
def learn_block(firms, ledger, parameters, pulls, heard, people, shown, told, draws, first, end):
    """Rule 8 for the firms in slots `first` … `end` − 1; `heard` and `people` hold them from place 0 on."""
    meet_neighbours(firms, parameters, heard, people, shown, draws[0], first, end)
    add_meetings(firms, heard, people, told, first, end)
    note_practice(firms, parameters, people, first, end)
    learn_from_buyers(firms, parameters, heard, first, end)
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
            first,
            end,
        )
    for channel in range(N_CHANNELS):
        learn_access(
            firms,
            parameters,
            heard[N_SKILLS + channel],
            channel,
            parameters.access_practice[channel],
            parameters.least_access[channel],
            first,
            end,
        )
    adopt_and_join(firms, ledger, parameters, pulls, people, draws, first, end)
    for channel in range(N_CHANNELS):
        change_channel(
            firms, ledger, parameters, shown, people, draws[8 + channel], heard[channel], channel, first, end
        )
    forget_help(firms, parameters, first, end)
