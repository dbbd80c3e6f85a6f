"""Whom each owner talks to this month, what is heard from them, and how much of what was learned is used."""

from __future__ import annotations

from typing import Final

from ovopsim.compiling import compiled, equation
from ovopsim.fields import FIRM, N_CHANNELS, N_PEERS
from ovopsim.forms import of_code
from ovopsim.rules.learning.law import N_SKILLS, SKILL_ROWS, TECHNOLOGY_PLACE, peer_gain

NEIGHBOUR, MET, LEAD, USE, ACTIVITY = range(5)

IDENTITY, TECHNIQUE, SKILLS = range(3)  # columns of what each firm shows others, the last the first of its skills
N_SHOWN: Final = SKILLS + N_SKILLS
SHOWN_TECHNOLOGY: Final = SKILLS + TECHNOLOGY_PLACE


@equation
def sharing(shown, slot, peer, rival_share):
    """Rivals (same technique) tell each other less (Cai and Szeidl 2018, eff-104)."""
    return rival_share if shown[slot, TECHNIQUE] == shown[peer, TECHNIQUE] else 1.0


@compiled
def show(firms, shown, used):
    """Note side by side what others see of each firm: identity (−1 = closed), technique, skills.

    `shown` is an array (slots, 6): whoever looks at another firm, wherever its slot, fetches it from memory once.
    """
    for slot in range(used):
        shown[slot, IDENTITY] = firms[FIRM.firm_id, slot] if firms[FIRM.active, slot] == 1.0 else -1.0
        shown[slot, TECHNIQUE] = firms[FIRM.technique, slot]
        for place in range(N_SKILLS):
            shown[slot, SKILLS + place] = firms[SKILL_ROWS[place], slot]


@equation
def known(firms, shown, slot_row, id_row, slot):
    """Slot of a firm that another one knows, or −1: `forms.known_firm`, from what firms show."""
    peer = int(firms[slot_row, slot])
    if peer < 0 or shown[peer, IDENTITY] != firms[id_row, slot]:
        return -1
    return peer


@compiled
def meet_people(firms, parameters, heard, people, shown, draws, used):
    """Note whom each firm talks to, and what it hears from them, before anybody has learned anything.

    Rows of `people`: neighbour of the month and firm met at an organised meeting (−1 = nobody, or one who tells
    nothing); the lead in technology of the better of the two; use of what was learned; activity. Rows of `heard`: what
    each skill, then each channel's access gains from peers.
    """
    for channel in range(N_CHANNELS):
        for slot in range(used):
            heard[N_SKILLS + channel, slot] = 0.0
    show(firms, shown, used)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            row = FIRM.peer_slot + int(N_PEERS * draws[0, slot])
            neighbour = known(firms, shown, row, row + N_PEERS, slot)
            talk = 0.0
            if neighbour >= 0:
                intensity = of_code(parameters.meeting_intensity, firms[FIRM.sentra, slot])
                talk = parameters.peer_share * intensity * sharing(shown, slot, neighbour, parameters.rival_share)
            neighbour = neighbour if talk > 0.0 else -1  # who tells nothing is nobody
            people[NEIGHBOUR, slot] = neighbour
            listen(shown, heard, slot, max(neighbour, 0), talk)
            people[LEAD, slot] = lead_of(shown, slot, neighbour)
            met = known(firms, shown, FIRM.met_slot, FIRM.met_id, slot)
            share = 0.0
            if met >= 0:
                share = parameters.peer_share * firms[FIRM.meets, slot]
                share *= sharing(shown, slot, met, parameters.rival_share)
            met = met if share > 0.0 else -1
            people[MET, slot] = met
            if met >= 0:
                listen_at_meeting(firms, shown, heard, slot, met, share)
                people[LEAD, slot] = max(people[LEAD, slot], lead_of(shown, slot, met))


@equation
def listen(shown, heard, slot, peer, share):
    """What one firm's skills gain from a talk with a neighbour."""
    for place in range(N_SKILLS):
        heard[place, slot] = peer_gain(shown[slot, SKILLS + place], shown[peer, SKILLS + place], share)


@equation
def listen_at_meeting(firms, shown, heard, slot, peer, share):
    """What skills, and access to channels where both sell, gain from an organised meeting."""
    for place in range(N_SKILLS):
        heard[place, slot] += peer_gain(shown[slot, SKILLS + place], shown[peer, SKILLS + place], share)
    for channel in range(N_CHANNELS):
        if firms[FIRM.participates + channel, peer] == 1.0:
            row = FIRM.access_logit + channel
            heard[N_SKILLS + channel, slot] += peer_gain(firms[row, slot], firms[row, peer], share)


@equation
def lead_of(shown, slot, peer):
    """How far a peer is ahead in technology."""
    return max(0.0, shown[peer, SHOWN_TECHNOLOGY] - shown[slot, SHOWN_TECHNOLOGY]) if peer >= 0 else 0.0


@compiled
def note_practice(firms, parameters, people, used):
    """Note how much each firm uses what was learned, and how busy it is."""
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            people[USE, slot] = use_of(firms, parameters, slot)
            people[ACTIVITY, slot] = min(1.0, firms[FIRM.output, slot] / firms[FIRM.expected_orders, slot])


@equation
def use_of(firms, parameters, slot):
    """1 in a month with coaching, a meeting or a contract delivery, else the plain use u₀."""
    if firms[FIRM.coached, slot] == 1.0 or firms[FIRM.meets, slot] > 0.0 or firms[FIRM.contract_sold, slot] > 0.0:
        return 1.0
    return parameters.plain_use
