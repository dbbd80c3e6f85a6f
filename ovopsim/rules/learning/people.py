"""Whom each owner talks to this month, and how much of what was learned is used."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation
from ovopsim.fields import FIRM, N_CHANNELS, N_PEERS
from ovopsim.forms import known_firm
from ovopsim.rules.learning.law import N_SKILLS, SELLS, SKILL_STEP, TECHNOLOGY_PLACE

NEIGHBOUR, TALK, MET, MEETING, USE, ACTIVITY = range(6)


@equation
def sharing(firms, slot, peer, rival_share):
    """Rivals (same technique) tell each other less (Cai and Szeidl 2018, eff-104)."""
    return rival_share if firms[FIRM.technique, slot] == firms[FIRM.technique, peer] else 1.0


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
            before[SELLS + channel, slot] = firms[FIRM.participates + channel, slot]
        if firms[FIRM.active, slot] == 1.0:
            row = FIRM.peer_slot + int(N_PEERS * draws[0, slot])
            neighbour = known_firm(firms, row, row + N_PEERS, slot)
            met = known_firm(firms, FIRM.met_slot, FIRM.met_id, slot)
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


@equation
def use_of(firms, parameters, slot):
    """1 in a month with coaching, a meeting or a contract delivery, else the plain use u₀."""
    if firms[FIRM.coached, slot] == 1.0 or firms[FIRM.meets, slot] > 0.0 or firms[FIRM.contract_sold, slot] > 0.0:
        return 1.0
    return parameters.plain_use
