"""Organised meetings: what is heard from a firm that the agency has introduced, access to channels included."""

from __future__ import annotations

from typing import Final

from ovopsim.compiling import equation, merged
from ovopsim.fields import FIRM, N_CHANNELS
from ovopsim.rules.learning.law import N_SKILLS, peer_gain
from ovopsim.rules.learning.people import (
    IDENTITY,
    LEAD,
    MET,
    SHOWN_TECHNOLOGY,
    SKILLS,
    TECHNIQUE,
    sells,
    sharing,
)

# columns of what was told at meetings: the firm met (−1 = nobody, or one who tells nothing), its lead in technology,
# what each skill and each channel's access gains
WHO, AHEAD, GAINS = range(3)
N_TOLD: Final = GAINS + N_SKILLS + N_CHANNELS


@merged
def hold_meetings(firms, parameters, shown, told, used):
    """Note what firms that were introduced to each other tell, before anybody has learned anything.

    `told` is an array (slots, N_TOLD), written only where a firm was introduced to another: few are.
    """
    for slot in range(used):
        if firms[FIRM.met_slot, slot] >= 0.0 and firms[FIRM.active, slot] == 1.0:
            told[slot, WHO] = -1.0
            met = int(firms[FIRM.met_slot, slot])
            openness = sharing(shown[slot, TECHNIQUE], shown[met, TECHNIQUE], parameters.rival_share)
            share = parameters.peer_share * firms[FIRM.meets, slot] * openness
            if shown[met, IDENTITY] == firms[FIRM.met_id, slot] and share > 0.0:
                told[slot, WHO] = met
                told[slot, AHEAD] = shown[met, SHOWN_TECHNOLOGY] - shown[slot, SHOWN_TECHNOLOGY]
                tell(firms, shown, told, slot, met, share)


@equation
def tell(firms, shown, told, slot, met, share):
    """What skills, and access to channels where the other sells, gain from one meeting."""
    for place in range(N_SKILLS):
        told[slot, GAINS + place] = peer_gain(shown[slot, SKILLS + place], shown[met, SKILLS + place], share)
    for channel in range(N_CHANNELS):
        row = FIRM.access_logit + channel
        gain = peer_gain(firms[row, slot], firms[row, met], share) if sells(shown, met, channel) else 0.0
        told[slot, GAINS + N_SKILLS + channel] = gain


@merged
def add_meetings(firms, heard, people, told, first, end):
    """Add what was told at meetings to what neighbours told."""
    for channel in range(N_CHANNELS):
        for place in range(end - first):
            heard[N_SKILLS + channel, place] = 0.0
    for slot in range(first, end):
        place = slot - first
        people[MET, place] = -1.0
        if firms[FIRM.met_slot, slot] >= 0.0 and firms[FIRM.active, slot] == 1.0 and told[slot, WHO] >= 0.0:
            people[MET, place] = told[slot, WHO]
            people[LEAD, place] = max(people[LEAD, place], told[slot, AHEAD])
            for number in range(N_SKILLS + N_CHANNELS):
                heard[number, place] += told[slot, GAINS + number]
