"""What each owner shows others, whom each talks to, what is heard, and how much of what was learned is used.

Each step is a loop of its own, most without a branch: a processor that need not guess fetches many neighbours at once,
and plain loops are worked off for several firms at a time.
"""

from __future__ import annotations

from typing import Final

from ovopsim.compiling import equation, merged
from ovopsim.fields import FIRM, N_CHANNELS, N_PEERS
from ovopsim.forms import of_code
from ovopsim.rules.learning.law import N_SKILLS, SKILL_ROWS, TECHNOLOGY_PLACE, peer_gain

# Rows of the month's notes: neighbour of the month and firm met at an organised meeting (−1 = nobody, or one who tells
# nothing); the lead in technology of the better of the two; use of what was learned; activity. Then scratch space: the
# share of a lead that a talk conveys; the neighbour's identity as remembered; its technique.
NEIGHBOUR, MET, LEAD, USE, ACTIVITY, SHARE, REMEMBERED, THEIR_TECHNIQUE = range(8)
N_PEOPLE: Final = 8

# columns of what each firm shows others: channels are one number with a bit for each
IDENTITY, TECHNIQUE, SELLS_IN, SKILLS = range(4)
N_SHOWN: Final = SKILLS + N_SKILLS
SHOWN_TECHNOLOGY: Final = SKILLS + TECHNOLOGY_PLACE


@merged
def show(firms, shown, used):
    """Note side by side what others see of each firm: identity (−1 = closed), technique, channels, skills.

    `shown` is an array (slots, N_SHOWN): whoever looks at another firm, wherever its slot, fetches it from memory once.
    """
    for slot in range(used):
        shown[slot, IDENTITY] = firms[FIRM.firm_id, slot] if firms[FIRM.active, slot] == 1.0 else -1.0
        shown[slot, TECHNIQUE] = firms[FIRM.technique, slot]
        sells_in = 0.0
        for channel in range(N_CHANNELS):
            sells_in += firms[FIRM.participates + channel, slot] * (1 << channel)
        shown[slot, SELLS_IN] = sells_in
        for place in range(N_SKILLS):
            shown[slot, SKILLS + place] = firms[SKILL_ROWS[place], slot]


@equation
def sells(shown, slot, channel):
    """Whether a firm showed that it sells in a channel."""
    return (int(shown[slot, SELLS_IN]) >> channel) & 1 == 1


@equation
def sharing(own_technique, other_technique, rival_share):
    """Rivals (same technique) tell each other less (Cai and Szeidl 2018, eff-104)."""
    return rival_share if own_technique == other_technique else 1.0


@merged
def meet_neighbours(firms, parameters, heard, people, shown, draws, first, end):
    """Note which of its neighbours each firm talks to this month, and what its skills gain from the talk."""
    think_of_neighbour(firms, people, draws, first, end)
    look_at_neighbour(shown, heard, people, first, end)
    talk_to_neighbour(firms, parameters, people, first, end)
    compare(people[LEAD], heard[TECHNOLOGY_PLACE], firms[SKILL_ROWS[TECHNOLOGY_PLACE]], people[SHARE], first, end)
    for place in range(N_SKILLS):
        listen(heard[place], firms[SKILL_ROWS[place]], people[SHARE], first, end)


@merged
def think_of_neighbour(firms, people, draws, first, end):
    """Each owner thinks of one of the firms that it knows: slot and identity."""
    for slot in range(first, end):
        row = FIRM.peer_slot + int(N_PEERS * draws[slot])
        people[NEIGHBOUR, slot - first] = firms[row, slot] if firms[FIRM.active, slot] == 1.0 else -1.0
        people[REMEMBERED, slot - first] = firms[row + N_PEERS, slot]


@merged
def look_at_neighbour(shown, heard, people, first, end):
    """Note the neighbour's technique and skills; nobody is there where it has closed (`forms.known_firm`)."""
    for place in range(end - first):
        slot = max(int(people[NEIGHBOUR, place]), 0)
        there = (people[NEIGHBOUR, place] >= 0.0) & (shown[slot, IDENTITY] == people[REMEMBERED, place])
        people[NEIGHBOUR, place] = people[NEIGHBOUR, place] if there else -1.0
        people[THEIR_TECHNIQUE, place] = shown[slot, TECHNIQUE]
        for skill in range(N_SKILLS):
            heard[skill, place] = shown[slot, SKILLS + skill]


@merged
def talk_to_neighbour(firms, parameters, people, first, end):
    """Share of a neighbour's lead that a talk conveys; who tells nothing is nobody."""
    for slot in range(first, end):
        place = slot - first
        intensity = of_code(parameters.meeting_intensity, firms[FIRM.sentra, slot])
        openness = sharing(firms[FIRM.technique, slot], people[THEIR_TECHNIQUE, place], parameters.rival_share)
        share = parameters.peer_share * intensity * openness if people[NEIGHBOUR, place] >= 0.0 else 0.0
        people[NEIGHBOUR, place] = people[NEIGHBOUR, place] if share > 0.0 else -1.0
        people[SHARE, place] = share


@merged
def compare(lead, theirs, own, share, first, end):
    """How far the neighbour is ahead in technology."""
    for slot in range(first, end):
        ahead = max(0.0, theirs[slot - first] - own[slot])
        lead[slot - first] = ahead if share[slot - first] > 0.0 else 0.0


@merged
def listen(heard, own, share, first, end):
    """What one skill gains from a talk; `heard` holds the neighbour's skill and then the gain."""
    for slot in range(first, end):
        heard[slot - first] = peer_gain(own[slot], heard[slot - first], share[slot - first])


@merged
def note_practice(firms, parameters, people, first, end):
    """Note how much each firm uses what was learned, and how busy it is."""
    for slot in range(first, end):
        if firms[FIRM.active, slot] == 1.0:
            people[USE, slot - first] = use_of(firms, parameters, slot)
            people[ACTIVITY, slot - first] = min(1.0, firms[FIRM.output, slot] / firms[FIRM.expected_orders, slot])


@equation
def use_of(firms, parameters, slot):
    """1 in a month with coaching, a meeting or a contract delivery, else the plain use u₀."""
    if firms[FIRM.coached, slot] == 1.0 or firms[FIRM.meets, slot] > 0.0 or firms[FIRM.contract_sold, slot] > 0.0:
        return 1.0
    return parameters.plain_use
