"""Appeal for firms and spending for channels, such that the market sells what each firm is known to sell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.compiling import door
from ovopsim.fields import CHANNEL, CHANNELS, FIRM, N_CHANNELS
from ovopsim.forms import logistic
from ovopsim.packing import read_costs, read_learning, read_market
from ovopsim.population.city import channel_mix, set_markets
from ovopsim.population.inversion import balance, check_feasible, split_appeal, tightest, totals_matched
from ovopsim.rules.market.demand import amenities, pull_of
from ovopsim.state import World

Array = NDArray[np.float64]


@door
def _fill_pulls(pulls: Array, world: World, row: Array) -> None:
    costs = read_costs(row)
    market = read_market(row)
    learning = read_learning(row)
    for slot in range(pulls.shape[1]):
        for channel in range(N_CHANNELS):
            access = max(learning.least_access[channel], logistic(world.firms[FIRM.access_logit + channel, slot]))
            sells = world.firms[FIRM.participates + channel, slot]
            world.firms[FIRM.market_access + channel, slot] = access * sells
            quality, certificate = market.quality_value[channel], market.certificate_effect[channel]
            amenity = amenities(world.sentras, channel)
            pulls[channel, slot] = pull_of(world.firms, amenity, quality, certificate, costs, 0.0, channel, slot)


def pull_without_appeal(world: World, row: Array, count: int) -> Array:
    """Return w_ij of the inversion, (firms, channels): attraction without appeal, by the market's own equation."""
    pulls = np.zeros((N_CHANNELS, count))
    _fill_pulls(pulls, world, row)
    return pulls.T.copy()


def feasible_sales(pulls: Array, orders: Array, sales: Array) -> Array:
    """Return sales by channel that the firms drawn can make, as near to the published mix as they can.

    Where few firms were drawn, those of a channel may be too few for its share. It then moves, by twentieths, towards
    what these firms would sell there if each spread its orders by its pull alone, which they always can.
    """
    alone: Array = (pulls * (orders / np.maximum(pulls.sum(axis=1), np.finfo(float).tiny))[:, None]).sum(axis=0)
    for part in np.arange(0.0, 1.0, 0.05):
        mixed: Array = (1.0 - part) * sales + part * alone
        if tightest(pulls, orders, mixed) is None:
            return mixed
    return alone


def invert(
    world: World, values: dict[str, Any], row: Array, orders: Array, names: Sequence[str], drawn: bool = False
) -> Array:
    """Set spending, outside pull and firms' orders by channel so that the first firms have the given orders.

    Parameters
    ----------
    world : World
        Its first firms have a price, access and channels; markets and trailing orders are written.
    values : dict
        Parameter values by ``submodel.field``.
    row : array (parameters,)
        The same, packed for the rules.
    orders : array (firms,)
        Wanted orders, in rupiah a month, season taken out and contracts left out.
    names : sequence of str
        One for each firm, for messages.
    drawn : bool
        Whether the firms are a sample: then the mix of channels gives way where they cannot fill it. Of firms that
        somebody has surveyed it is an error.

    Returns
    -------
    log_appeal : array (firms,)

    Raises
    ------
    InputError
        When the channels in which firms sell cannot bring these orders.
    """
    count = len(orders)
    pulls = pull_without_appeal(world, row, count)
    sales = totals_matched(pulls, orders, channel_mix(values) * orders.sum())
    if drawn:
        sales = feasible_sales(pulls, orders, sales)
    check_feasible(pulls, orders, sales, names, CHANNELS)
    result = balance(pulls, orders, sales)
    attraction = np.exp(result.log_appeal)[:, None] * pulls
    trailing = attraction * result.per_attraction
    world.firms[FIRM.trailing_orders : FIRM.trailing_orders + N_CHANNELS, :count] = trailing.T
    set_markets(world, values, attraction.sum(axis=0), sales)
    return result.log_appeal


def orders_now(world: World, row: Array, count: int) -> Array:
    """Return the orders of the first firms in a plain month, at their present prices and appeal (rupiah a month)."""
    mean, state = world.firms[FIRM.appeal_mean, :count], world.firms[FIRM.appeal_state, :count]
    attraction = np.exp(mean + state)[:, None] * pull_without_appeal(world, row, count)
    base = world.channels[CHANNEL.spending_base]
    orders: Array = attraction @ (base / (world.channels[CHANNEL.outside_base] + attraction.sum(axis=0)))
    return orders


def give_appeal(world: World, values: dict[str, Any], log_appeal: Array, luck: Array) -> None:
    """Split the first firms' appeal into a lasting and a passing part; `luck` is an array (firms,) of normals."""
    count = len(log_appeal)
    mean, state = split_appeal(log_appeal, float(values["market.appeal_sd"]), luck)
    world.firms[FIRM.appeal_mean, :count] = mean
    world.firms[FIRM.appeal_state, :count] = state


def open_unsold(world: World, values: dict[str, Any], example: World) -> NDArray[np.bool_]:
    """Give a channel in which nobody sells buyers who buy elsewhere, as ready to come as in another world.

    A unit of attraction brings as much in this channel, over what it brings in the others, as in `example`.

    Returns
    -------
    unsold : array (4,) of bool
    """
    sold = world.channels[CHANNEL.attraction] > 0.0
    there = example.channels
    per = there[CHANNEL.spending_base] / (there[CHANNEL.outside_base] + there[CHANNEL.attraction])
    here = world.channels[:, sold]
    per_here = here[CHANNEL.spending_base] / (here[CHANNEL.outside_base] + here[CHANNEL.attraction])
    mix, share = channel_mix(values), 1.0 - np.asarray(values["market.outside_share"])
    sales = (here[CHANNEL.spending_base] * share[sold]).sum()
    ratio = np.exp(mix[sold] @ np.log(per_here / per[sold]) / mix[sold].sum())
    spending = mix * sales / mix[sold].sum() / share
    world.channels[CHANNEL.spending_base, ~sold] = spending[~sold]
    world.channels[CHANNEL.outside_base, ~sold] = (spending / (per * ratio))[~sold]
    unsold: NDArray[np.bool_] = ~sold
    return unsold
