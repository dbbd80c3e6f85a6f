"""Rule 1: what buyers spend, what sellers elsewhere ask, what materials and labour cost this month."""

from __future__ import annotations

import math

from tests.reference.draws import Draws
from tests.reference.entities import TOURIST, Sentra
from tests.reference.parameters import Parameters
from tests.reference.world import MonthAhead, World


def autoregressive(state: float, persistence: float, spread: float, shock: float) -> float:
    """The next state of an AR(1): x' = ρ x + σ √(1 − ρ²) n, so that σ is the spread over time."""
    return persistence * state + spread * math.sqrt(1.0 - persistence**2) * shock


def trend(rate: float, month: int) -> float:
    """Growth at a yearly rate from month 0 on; burn-in knows no trend."""
    return (1.0 + rate) ** (month / 12.0) if month > 0 else 1.0


def visitors(sentras: list[Sentra], response: float) -> float:
    """1 + η_v · Σ_s weight_s (amenity_s − 1), weights by initial firms: better places bring more visitors."""
    firms = sum(sentra.initial_firms for sentra in sentras)
    gain = sum(sentra.initial_firms * (sentra.amenity - 1.0) for sentra in sentras)
    return 1.0 + response * gain / max(firms, 1.0)


def change_environment(world: World, parameters: Parameters, ahead: MonthAhead) -> None:
    """Set the month's date, prices, spending = base · growth · season · e^{AR(1)} · shocks, and the outside's pull."""
    own, city = parameters.environment, world.city
    city.calendar_month, city.year = ahead.month_of_year, ahead.year
    change_prices(world, parameters, ahead)
    growth = trend(own.g_spending, city.month)
    # outside_j = outside_j0 · (P^out / P^out₀)^{1 − ε}: dearer rivals elsewhere leave more to the cluster
    pull = city.outside_price ** (1.0 - parameters.technology_and_cost.demand_elasticity)
    for number, channel in enumerate(world.channels):
        spread = own.spending_sd[number]
        channel.spending_state = autoregressive(
            channel.spending_state,
            own.spending_persistence[number],
            spread,
            world.draws.normal("channel_spending", number, city.month),
        )
        channel.season = ahead.season[number]
        channel.season_ahead = ahead.season_ahead[number]
        passing = math.exp(channel.spending_state - 0.5 * spread**2)  # with mean one
        channel.spending = channel.spending_base * growth * channel.season * passing * ahead.spending_shock[number]
        channel.outside = channel.outside_base * pull
    world.channels[TOURIST].spending *= visitors(world.sentras, own.visitor_response)


def change_prices(world: World, parameters: Parameters, ahead: MonthAhead) -> None:
    """Prices of sellers elsewhere move, as slowly as those here, towards a trend, an AR(1) and named shocks.

    Materials follow named shocks, the wage a trend.
    """
    own, city = parameters.environment, world.city
    city.outside_price_state = autoregressive(
        city.outside_price_state,
        own.outside_price_persistence,
        own.outside_price_sd,
        outside_shock(world.draws, city.month),
    )
    passing = math.exp(city.outside_price_state)
    wanted = passing * trend(own.g_outside_price, city.month) * ahead.outside_price_shock
    city.outside_price += parameters.production.price_speed * (wanted - city.outside_price)
    city.material_price = ahead.material_price_shock
    city.wage_level = trend(own.g_real_wage, city.month)


def outside_shock(draws: Draws, month: int) -> float:
    """Return the month's shock to prices elsewhere."""
    return draws.normal("outside_price", 0, month)
