"""How strongly each firm pulls on the buyers of each channel."""

from __future__ import annotations

import math

from ovopsim.compiling import equation
from ovopsim.elementary import exponential
from ovopsim.fields import CHANNEL, FIRM, N_CHANNELS, SENTRA, TOURIST


@equation
def attraction(appeal, access, relative_log_price, quality_gain, demand_elasticity):
    """a = appeal · access · (p / (p̄ e^{ηQ}))^{1−ε}, with `quality_gain` = ηQ."""
    return access * exponential(appeal + (1.0 - demand_elasticity) * (relative_log_price - quality_gain))


@equation
def next_appeal(state, persistence, sd, shock):
    """AR(1): s' = ρ s + σ √(1 − ρ²) n. Fashion comes and goes: growth, regression to the mean and graduation."""
    return persistence * state + sd * math.sqrt(1.0 - persistence * persistence) * shock


@equation
def attract(firms, channels, sentras, parameters, costs, attractions, slot):
    """One firm's pull on the buyers of each channel that it sells in."""
    appeal = firms[FIRM.appeal_mean, slot] + firms[FIRM.appeal_state, slot]
    technique = int(firms[FIRM.technique, slot])
    price = firms[FIRM.log_price, slot] - costs.log_reference_price[technique]
    craft = firms[FIRM.craft, slot] - costs.craft_reference
    for channel in range(N_CHANNELS):
        attractions[channel, slot] = 0.0
        if firms[FIRM.participates + channel, slot] == 1.0:
            pull = attraction(
                appeal,
                firms[FIRM.market_access + channel, slot],
                price,
                parameters.quality_value[channel] * craft,
                costs.demand_elasticity,
            )
            if channel == TOURIST:
                pull *= sentras[SENTRA.amenity, int(firms[FIRM.sentra, slot])]
            if firms[FIRM.certified, slot] == 1.0:
                pull *= parameters.certificate_effect[channel]
            attractions[channel, slot] = pull
            channels[CHANNEL.attraction, channel] += pull
