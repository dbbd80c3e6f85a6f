"""Whom each owner talks to this month, what is heard from them, and how much of what was learned is used."""

from __future__ import annotations

from typing import Final

from ovopsim.compiling import compiled, equation
from ovopsim.fields import FIRM, N_CHANNELS, N_PEERS
from ovopsim.forms import of_code
from ovopsim.rules.learning.law import N_SKILLS, SKILL_ROWS, TECHNOLOGY_PLACE, peer_gain

NEIGHBOUR, MET, LEAD, USE, ACTIVITY, SHARE, NAMED, LIKE = range(8)  # rows of the month's notes on people
N_PEOPLE: Final = 8

IDENTITY, TECHNIQUE, SKILLS = range(3)  # columns of what each firm shows others, the last the first of its skills
N_SHOWN: Final = SKILLS + N_SKILLS
SHOWN_TECHNOLOGY: Final = SKILLS + TECHNOLOGY_PLACE


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


@compiled
def meet_people(firms, parameters, heard, people, shown, draws, used):
    """Note whom each firm talks to, and what it hears from them, before anybody has learned anything.

    Rows of `people`: neighbour of the month and firm met at an organised meeting (−1 = nobody, or one who tells
    nothing); the lead in technology of the better of the two; use of what was learned; activity; three of scratch
    space. Rows of `heard`: what each skill, then each channel's access gains from peers.
    """
    for channel in range(N_CHANNELS):
        for slot in range(used):
            heard[N_SKILLS + channel, slot] = 0.0
    show(firms, shown, used)
    think_of_neighbour(firms, people, draws[0], used)
    look_at_neighbour(shown, heard, people, used)
    talk_to_neighbour(firms, parameters, people, used)
    technology = firms[SKILL_ROWS[TECHNOLOGY_PLACE]]
    compare(people[LEAD], heard[TECHNOLOGY_PLACE], technology, people[SHARE], used)
    for place in range(N_SKILLS):
        listen(heard[place], firms[SKILL_ROWS[place]], people[SHARE], used)
    meet_at_course(firms, parameters, heard, people, shown, used)


# Each step is a loop of its own without a branch: a processor that need not guess fetches many neighbours at once,
# and plain loops are worked off for several firms at a time (20,000 firms: 36 ns for one loop, 26 for all of these).
@compiled
def think_of_neighbour(firms, people, draws, used):
    """Each owner thinks of one of the firms that it knows: slot and identity."""
    for slot in range(used):
        row = FIRM.peer_slot + int(N_PEERS * draws[slot])
        people[NEIGHBOUR, slot] = firms[row, slot]
        people[NAMED, slot] = firms[row + N_PEERS, slot]


@compiled
def look_at_neighbour(shown, heard, people, used):
    """Note the neighbour's technique and skills; nobody is there where it has closed."""
    for slot in range(used):
        peer = max(int(people[NEIGHBOUR, slot]), 0)
        there = (people[NEIGHBOUR, slot] >= 0.0) & (shown[peer, IDENTITY] == people[NAMED, slot])
        people[NEIGHBOUR, slot] = people[NEIGHBOUR, slot] if there else -1.0
        people[LIKE, slot] = shown[peer, TECHNIQUE]
        for place in range(N_SKILLS):
            heard[place, slot] = shown[peer, SKILLS + place]


@equation
def sharing(own_technique, other_technique, rival_share):
    """Rivals (same technique) tell each other less (Cai and Szeidl 2018, eff-104)."""
    return rival_share if own_technique == other_technique else 1.0


@compiled
def talk_to_neighbour(firms, parameters, people, used):
    """Share of a neighbour's lead that a talk conveys; who tells nothing is nobody."""
    for slot in range(used):
        intensity = of_code(parameters.meeting_intensity, firms[FIRM.sentra, slot])
        openness = sharing(firms[FIRM.technique, slot], people[LIKE, slot], parameters.rival_share)
        share = parameters.peer_share * intensity * openness
        share = share if people[NEIGHBOUR, slot] >= 0.0 else 0.0
        people[NEIGHBOUR, slot] = people[NEIGHBOUR, slot] if share > 0.0 else -1.0
        people[SHARE, slot] = share


@compiled
def compare(lead, theirs, own, share, used):
    """How far the neighbour is ahead in technology."""
    for slot in range(used):
        lead[slot] = max(0.0, theirs[slot] - own[slot]) if share[slot] > 0.0 else 0.0


@compiled
def listen(heard, own, share, used):
    """What one skill gains from a talk; `heard` holds the neighbour's skill and then the gain."""
    for slot in range(used):
        heard[slot] = peer_gain(own[slot], heard[slot], share[slot])


@compiled
def meet_at_course(firms, parameters, heard, people, shown, used):
    """Organised meetings: few firms have one, and theirs may add to what a neighbour told."""
    for slot in range(used):
        people[MET, slot] = -1.0
        if firms[FIRM.met_slot, slot] >= 0.0 and firms[FIRM.active, slot] == 1.0:
            met = int(firms[FIRM.met_slot, slot])
            if shown[met, IDENTITY] == firms[FIRM.met_id, slot]:
                openness = sharing(firms[FIRM.technique, slot], shown[met, TECHNIQUE], parameters.rival_share)
                share = parameters.peer_share * firms[FIRM.meets, slot] * openness
                if share > 0.0:
                    people[MET, slot] = met
                    listen_at_meeting(firms, shown, heard, slot, met, share)
                    ahead = shown[met, SHOWN_TECHNOLOGY] - shown[slot, SHOWN_TECHNOLOGY]
                    people[LEAD, slot] = max(people[LEAD, slot], ahead)


@equation
def listen_at_meeting(firms, shown, heard, slot, peer, share):
    """What skills, and access to channels where both sell, gain from an organised meeting."""
    for place in range(N_SKILLS):
        heard[place, slot] += peer_gain(shown[slot, SKILLS + place], shown[peer, SKILLS + place], share)
    for channel in range(N_CHANNELS):
        if firms[FIRM.participates + channel, peer] == 1.0:
            row = FIRM.access_logit + channel
            heard[N_SKILLS + channel, slot] += peer_gain(firms[row, slot], firms[row, peer], share)


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
