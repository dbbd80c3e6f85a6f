"""Rule 1: what buyers spend, what sellers elsewhere ask, what materials and labour cost this month."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import compiled
from ovopsim.draws import CHANNEL_SPENDING, OUTSIDE_PRICE, normal
from ovopsim.elementary import exponential, logarithm
from ovopsim.fields import CHANNEL, CITY, N_CHANNELS, N_SENTRAS, SENTRA, TOURIST, Reals


class Environment(NamedTuple):
    """Parameters of the environment (`environment.yaml`)."""

    g_spending: float
    g_outside_price: float
    g_real_wage: float
    spending_persistence: Reals
    spending_sd: Reals
    outside_price_persistence: float
    outside_price_sd: float
    visitor_response: float
    price_speed: float


class Calendar(NamedTuple):
    """What is known of each month before it comes; row = months since the start plus `offset` of the run.

    Attributes
    ----------
    season, season_ahead : array (months, 4)
        Season factor of the month, and its mean over the months that stock must cover.
    spending_shock : array (months, 4)
        Factor on spending from named shocks; 1 = none.
    outside_price_shock, material_price_shock : array (months,)
        Factors from named shocks; 1 = none.
    price_level : array (months,)
        Consumer prices over those of 2016: turns nominal thresholds into rupiah of 2016.
    month_of_year, year : array (months,)
        0 = January; calendar year.
    """

    season: Reals
    season_ahead: Reals
    spending_shock: Reals
    outside_price_shock: Reals
    material_price_shock: Reals
    price_level: Reals
    month_of_year: Reals
    year: Reals


@compiled
def next_state(state, persistence, sd, shock):
    """AR(1) of a log factor: x' = ρ x + sd √(1 − ρ²) n, so that `sd` is the spread over time."""
    return persistence * state + sd * math.sqrt(1.0 - persistence * persistence) * shock


@compiled
def mean_one(state, sd):
    """e^{x − sd²/2}: a factor with mean one."""
    return exponential(state - 0.5 * sd * sd)


@compiled
def trend(rate, month):
    """(1 + rate)^(month/12) from the start on; burn-in knows no trend."""
    return exponential(logarithm(1.0 + rate) * (max(month, 0) / 12.0))


@compiled
def visitors(sentras, response):
    """1 + η_v · Σ_s weight_s (amenity_s − 1): better places bring more visitors to the city."""
    firms = 0.0
    gain = 0.0
    for sentra in range(N_SENTRAS):
        firms += sentras[SENTRA.initial_firms, sentra]
        gain += sentras[SENTRA.initial_firms, sentra] * (sentras[SENTRA.amenity, sentra] - 1.0)
    return 1.0 + response * gain / max(firms, 1.0)


@compiled
def change_environment(channels, sentras, city, parameters, calendar, row, key):
    """Set this month's spending, season, prices and wage level."""
    month = int(city[CITY.month])
    city[CITY.calendar_month] = calendar.month_of_year[row]
    city[CITY.year] = calendar.year[row]
    city[CITY.outside_price_state] = next_state(
        city[CITY.outside_price_state],
        parameters.outside_price_persistence,
        parameters.outside_price_sd,
        normal(key, OUTSIDE_PRICE, 0, month, 0) if parameters.outside_price_sd > 0.0 else 0.0,
    )
    wanted = (
        exponential(city[CITY.outside_price_state])
        * trend(parameters.g_outside_price, month)
        * calendar.outside_price_shock[row]
    )
    # sellers elsewhere move their prices as slowly as those here; else a shock to both would shift buyers at once
    city[CITY.outside_price] += parameters.price_speed * (wanted - city[CITY.outside_price])
    city[CITY.material_price] = calendar.material_price_shock[row]
    city[CITY.wage_level] = trend(parameters.g_real_wage, month)
    growth = trend(parameters.g_spending, month)
    for channel in range(N_CHANNELS):
        sd = parameters.spending_sd[channel]
        channels[CHANNEL.spending_state, channel] = next_state(
            channels[CHANNEL.spending_state, channel],
            parameters.spending_persistence[channel],
            sd,
            normal(key, CHANNEL_SPENDING, channel, month, 0),
        )
        channels[CHANNEL.season, channel] = calendar.season[row, channel]
        channels[CHANNEL.season_ahead, channel] = calendar.season_ahead[row, channel]
        channels[CHANNEL.spending, channel] = (
            channels[CHANNEL.spending_base, channel]
            * growth
            * calendar.season[row, channel]
            * mean_one(channels[CHANNEL.spending_state, channel], sd)
            * calendar.spending_shock[row, channel]
        )
    channels[CHANNEL.spending, TOURIST] *= visitors(sentras, parameters.visitor_response)


@compiled
def change_outside(channels, city, demand_elasticity):
    """outside_j = outside_j0 · (P^out / P^out₀)^{1 − ε}: dearer rivals elsewhere leave more to the cluster."""
    pull = exponential((1.0 - demand_elasticity) * logarithm(city[CITY.outside_price]))
    for channel in range(N_CHANNELS):
        channels[CHANNEL.outside, channel] = channels[CHANNEL.outside_base, channel] * pull
