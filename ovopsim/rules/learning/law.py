"""How attributes are learned: one law for skills, technology and market access."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import equation
from ovopsim.elementary import exponential
from ovopsim.fields import FIRM, Reals


class Learning(NamedTuple):
    """Parameters of learning (`learning.yaml`). Vectors of four: craft, management, bookkeeping, technology."""

    practice: Reals
    fade: Reals
    habit: Reals
    erosion: Reals
    plain_use: float
    access_practice: Reals
    access_fade: float
    access_habit: float
    access_erosion: float
    least_access: Reals
    peer_share: float
    rival_share: float
    meeting_intensity: Reals
    export_practice: float
    contract_craft: float
    contract_access: float
    contract_scale: float
    adoption_rate: float
    adoption_intercept: float
    adoption_peer: float
    adoption_cash: float
    adoption_step: float
    adoption_cost: float
    join_rate: float
    leave_rate: float
    join_governance: float
    licence_rate: float
    licence_loss: float
    certificate_rate: float
    certificate_life: float
    certificate_renewal: float
    account_rate: float
    account_loss: float
    channel_rate: Reals
    channel_cost: Reals
    channel_referral: float
    months_to_leave: float
    shift_fade: float


N_SKILLS = 4

CRAFT_PLACE, TECHNOLOGY_PLACE = 0, 3
SKILL_ROWS = (FIRM.craft, FIRM.management, FIRM.bookkeeping, FIRM.technology)  # each followed by its base and origin


@equation
def learned(value, base, origin, gain, fade, habit, erosion, use):
    """One month of the law: fade to the base, use turns value into habit, habit erodes to the origin.

    Returns the new value and base. x' = x + gain (1 − x) − δ (x − base); base' = base + κ use (x − base)
    − λ (base − origin); both read the values before the month (docs/odd.md).
    """
    new_value = min(1.0, max(0.0, value + gain * (1.0 - value) - fade * (value - base)))
    new_base = min(1.0, max(0.0, base + habit * use * (value - base) - erosion * (base - origin)))
    return new_value, new_base


@equation
def learned_access(value, base, origin, gain, fade, habit, erosion, use):
    """The same law on the logit of market access, where a raise adds its gain."""
    new_value = value + gain - fade * (value - base)
    return new_value, base + habit * use * (value - base) - erosion * (base - origin)


@equation
def peer_gain(own, other, share):
    """Part of the distance to a better peer that one meeting closes."""
    return share * max(0.0, other - own)


@equation
def saturation(delivered, scale):
    """1 − e^{−delivered/scale}: later deliveries to a large buyer still teach, the first ones open the door."""
    return 1.0 - exponential(-delivered / scale)
