"""What surrounds the firms: places, cooperatives, the pool of makers, and markets of the right size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import CHANNEL, CITY, FIRM, N_SENTRAS, SENTRA
from ovopsim.state import World

Array = NDArray[np.float64]


def candidates_of(firms: float, candidate_rate: float) -> int:
    """Return K, the fixed number of people who consider starting each month."""
    return int(np.ceil(candidate_rate * firms)) + 1


def slots_for(firms: int) -> int:
    """Return the number of firm slots for so many first firms: three times as many, and a few."""
    return firms + min(2 * firms, firms // 2 + 60 * math.isqrt(firms)) + 30


def set_up_city(world: World, values: dict[str, Any], counts: Array) -> None:
    """Set what does not depend on the firms: places, cooperatives, prices.

    Parameters
    ----------
    world : World
    values : dict
        Parameter values by ``submodel.field``.
    counts : array (3,)
        Firms of each sentra.
    """
    world.sentras[SENTRA.amenity] = 1.0
    world.sentras[SENTRA.initial_firms] = counts
    world.sentras[SENTRA.governance] = values["population.governance"]
    world.sentras[SENTRA.governance_base] = values["population.governance"]
    world.sentras[SENTRA.fund] = values["population.coop_fund_per_firm"] * counts
    world.sentras[SENTRA.fund_target] = values["population.coop_fund_per_firm"] * counts
    world.channels[CHANNEL.outside_base] = 1.0  # until `set_markets`, so that a channel without firms has no sales
    world.city[CITY.outside_price] = 1.0
    world.city[CITY.material_price] = 1.0
    world.city[CITY.wage_level] = 1.0
    world.city[CITY.hiring_room] = 1.0
    world.city[CITY.initial_count] = counts.sum()


def set_makers(world: World, values: dict[str, Any]) -> None:
    """Set the city's pool of batik makers so that the assumed share of them is not hired now."""
    employed = world.city[CITY.employed]
    world.city[CITY.makers] = max(employed / (1.0 - values["population.maker_slack"]), employed + 1.0)


def set_appeal_centres(world: World, log_appeal: Array) -> None:
    """Set the mean log appeal of each sentra's first firms, by which entrants' appeal is drawn."""
    sentra = world.firms[FIRM.sentra, : len(log_appeal)]
    for place in range(N_SENTRAS):
        here = sentra == place
        world.sentras[SENTRA.appeal_centre, place] = log_appeal[here].mean() if here.any() else 0.0


def channel_mix(values: dict[str, Any]) -> Array:
    """Return the share of each channel in the cluster's sales, adding up to one."""
    mix = np.asarray(values["market.channel_mix"], dtype=float)
    shares: Array = mix / mix.sum()
    return shares


def set_markets(world: World, values: dict[str, Any], attraction: Array, sales: Array) -> None:
    """Set spending and the outside's pull so that the cluster sells a given sum in each channel.

    outside_j = A_j (1 − share_j) / share_j, and spending_j = sales_j / share_j (docs/odd.md). Where nobody sells, the
    outside stays as it is.

    Parameters
    ----------
    world : World
    values : dict
    attraction, sales : arrays (4,)
        A_j, and rupiah a month in a plain month.
    """
    share = 1.0 - np.asarray(values["market.outside_share"])
    sold = attraction > 0.0
    world.channels[CHANNEL.spending_base] = sales / share
    world.channels[CHANNEL.outside_base, sold] = (attraction * (1.0 - share) / share)[sold]
    world.channels[CHANNEL.attraction, sold] = attraction[sold]


def rescale(world: World, values: dict[str, Any], pull: Array) -> None:
    """Rescale spending and the outside's pull to the cluster's size, and the pool of makers to those employed.

    `pull` is the cluster's mean attraction in each channel over the last years (4,).
    """
    sales = float(values["population.sales_per_firm"]) * float(world.city[CITY.initial_count])
    set_markets(world, values, pull, channel_mix(values) * sales)
    set_makers(world, values)


def firms_by_sentra(world: World) -> Array:
    """Return the number of firms in business in each sentra (3,)."""
    here = world.firms[FIRM.sentra, world.firms[FIRM.active] == 1.0].astype(int)
    return np.bincount(here, minlength=N_SENTRAS).astype(float)


def balance_entry(world: World, firm_months: Array) -> None:
    """Let as many start in each sentra as close there: its entry rate becomes its exit rate of the last years.

    The cluster then keeps its number of firms without a programme, whatever the parameters; a rate that was set by
    hand made it grow or shrink severalfold when another parameter changed. `firm_months` (3,) are those in which
    the firms counted in `closed` closed.
    """
    rates = world.sentras[SENTRA.closed] / np.maximum(firm_months, 1.0)
    world.sentras[SENTRA.entry_rate] = np.where(world.sentras[SENTRA.initial_firms] > 0.0, rates, 0.0)
