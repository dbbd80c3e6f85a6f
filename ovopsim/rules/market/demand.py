"""How strongly each firm pulls on the buyers of each channel."""

from __future__ import annotations

import math

from ovopsim.compiling import equation, merged
from ovopsim.elementary import exponential
from ovopsim.fields import CHANNEL, FIRM, N_CHANNELS, SENTRA, TOURIST
from ovopsim.forms import of_code, of_sentras


@equation
def attraction(appeal, access, relative_log_price, quality_gain, demand_elasticity):
    """a = appeal · access · (p / (p̄ e^{ηQ}))^{1−ε}, with `quality_gain` = ηQ."""
    return access * exponential(appeal + (1.0 - demand_elasticity) * (relative_log_price - quality_gain))


@equation
def next_appeal(state, persistence, sd, shock):
    """AR(1): s' = ρ s + σ √(1 − ρ²) n. Fashion comes and goes: growth, regression to the mean and graduation."""
    return persistence * state + sd * math.sqrt(1.0 - persistence * persistence) * shock


@equation
def amenities(sentras, channel):
    """What places add to a firm's pull, by sentra: visitors see the place, other buyers do not."""
    return of_sentras(sentras, SENTRA.amenity) if channel == TOURIST else (1.0, 1.0, 1.0)


@equation
def pull_of(firms, amenity, quality_value, certificate_effect, costs, appeal, channel, slot):
    """One firm's pull on the buyers of one channel at a log appeal; 0 where it does not sell."""
    pull = attraction(
        appeal,
        firms[FIRM.market_access + channel, slot],
        firms[FIRM.log_price, slot] - of_code(costs.log_reference_price, firms[FIRM.technique, slot]),
        quality_value * (firms[FIRM.craft, slot] - costs.craft_reference),
        costs.demand_elasticity,
    )
    pull *= of_code(amenity, firms[FIRM.sentra, slot])
    pull *= certificate_effect if firms[FIRM.certified, slot] == 1.0 else 1.0
    sells = firms[FIRM.active, slot] * firms[FIRM.participates + channel, slot]
    return pull if sells == 1.0 else 0.0


@merged
def attract(firms, channels, sentras, parameters, costs, attractions, used):
    """Every firm's pull on the buyers of each channel, and the sum over firms."""
    for channel in range(N_CHANNELS):
        amenity = amenities(sentras, channel)
        quality, certificate = parameters.quality_value[channel], parameters.certificate_effect[channel]
        for slot in range(used):
            appeal = firms[FIRM.appeal_mean, slot] + firms[FIRM.appeal_state, slot]
            attractions[channel, slot] = pull_of(firms, amenity, quality, certificate, costs, appeal, channel, slot)
        total = 0.0
        for slot in range(used):
            total += attractions[channel, slot]
        channels[CHANNEL.attraction, channel] = total
