"""Skills and access to markets, one month on."""

from __future__ import annotations

from ovopsim.compiling import merged
from ovopsim.fields import FIRM, NATIONAL
from ovopsim.forms import logistic
from ovopsim.rules.learning.law import CRAFT_PLACE, N_SKILLS, learned, learned_access, saturation
from ovopsim.rules.learning.people import ACTIVITY, USE


@merged
def learn_from_buyers(firms, parameters, heard, first, end):
    """Buyers abroad and large buyers teach craft; deliveries to a large buyer make a name in the national market."""
    for slot in range(first, end):
        contract = firms[FIRM.contract_sold, slot] > 0.0
        if firms[FIRM.active, slot] == 1.0 and (contract or firms[FIRM.export_sales, slot] > 0.0):
            gain = parameters.export_practice if firms[FIRM.export_sales, slot] > 0.0 else 0.0
            if contract:
                seen = saturation(firms[FIRM.contract_delivered, slot], parameters.contract_scale)
                gain += parameters.contract_craft * seen
                heard[N_SKILLS + NATIONAL, slot - first] += parameters.contract_access * seen
            heard[CRAFT_PLACE, slot - first] += gain * (1.0 - firms[FIRM.craft, slot])


@merged
def learn_skill(firms, heard, people, row, practice, fade, habit, erosion, first, end):
    """One skill of every firm: practice, fade, habit and what was heard, added together."""
    for slot in range(first, end):
        if firms[FIRM.active, slot] == 1.0:
            value, base = learned(
                firms[row, slot],
                firms[row + 1, slot],
                firms[row + 2, slot],
                practice * people[ACTIVITY, slot - first],
                fade,
                habit,
                erosion,
                people[USE, slot - first],
            )
            firms[row, slot] = min(1.0, value + heard[slot - first])
            firms[row + 1, slot] = base


@merged
def learn_access(firms, parameters, heard, channel, practice, least, first, end):
    """Word of mouth in one channel: buyers served bring buyers who know the firm; peers who sell there tell.

    Deliveries to a large buyer make standing in the national market a habit; a course or a meeting among peers does not
    exercise it.
    """
    for slot in range(first, end):
        if firms[FIRM.participates + channel, slot] == 1.0:
            gain = practice if firms[FIRM.months_without_sale + channel, slot] == 0.0 else 0.0
            named = channel == NATIONAL and firms[FIRM.contract_sold, slot] > 0.0
            value, base = learned_access(
                firms[FIRM.access_logit + channel, slot],
                firms[FIRM.access_base + channel, slot],
                firms[FIRM.access_origin + channel, slot],
                gain + heard[slot - first],
                parameters.access_fade,
                parameters.access_habit,
                parameters.access_erosion,
                1.0 if named else parameters.plain_use,
            )
            firms[FIRM.access_logit + channel, slot] = value
            firms[FIRM.access_base + channel, slot] = base
            firms[FIRM.market_access + channel, slot] = max(least, logistic(value))
