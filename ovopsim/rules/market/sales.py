"""Pull becomes orders; orders are served from stock; part of the unmet is offered once more."""

from __future__ import annotations

from ovopsim.compiling import equation, merged
from ovopsim.fields import CHANNEL, CITY, EXPORT, FIRM, N_CHANNELS
from ovopsim.forms import of_channels
from ovopsim.ledger import FLOW, SOLD, book, take_in

NOTHING = (0.0, 0.0, 0.0, 0.0)


@equation
def fill_rate(stock, orders):
    """One fill rate for all of a firm's buyers: min(1, stock / orders)."""
    return 1.0 if orders <= stock else stock / orders


@equation
def money_of(attractions, per_pull, slot):
    """Money that a firm's pull draws from all channels, with `per_pull` rupiah for each unit of it."""
    money = 0.0
    for channel in range(N_CHANNELS):
        money += attractions[channel, slot] * per_pull[channel]
    return money


@equation
def with_pull(sums, attractions, slot, factor):
    """Sums over firms by channel, with one firm's pull times a factor added to each."""
    return (
        sums[0] + factor * attractions[0, slot],
        sums[1] + factor * attractions[1, slot],
        sums[2] + factor * attractions[2, slot],
        sums[3] + factor * attractions[3, slot],
    )


@merged
def sell(firms, channels, city, ledger, parameters, attractions, offers, per_pull):
    """Turn pull into orders, serve them from stock, offer a part of the unmet once more, and book the sales.

    `per_pull` is an array (2, 4): spending for one unit of attraction, at first and in the second offer. `offers` is an
    array (2, slots) of scratch space: the share of the second offer that each firm can serve, and the pieces that it
    sells for cash in all.
    """
    used = int(city[CITY.used_slots])
    for channel in range(N_CHANNELS):
        per_pull[0, channel] = channels[CHANNEL.spending, channel] / (
            channels[CHANNEL.outside, channel] + channels[CHANNEL.attraction, channel]
        )
        note_orders(firms, channels, parameters, attractions[channel], per_pull[0, channel], channel, used)
    first = of_channels(per_pull, 0)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            serve(firms, attractions, first, slot)
    share_out_unmet(firms, channels, parameters, attractions, per_pull, used)
    second = of_channels(per_pull, 1)
    for slot in range(used):
        offers[0, slot] = offers[1, slot] = 0.0
        if firms[FIRM.active, slot] == 1.0:
            serve_again(firms, attractions, second, offers, slot)
    take_money(firms, channels, ledger, attractions, offers, second, used)


@merged
def note_orders(firms, channels, parameters, pulls, per_pull, channel, used):
    """Smooth the orders of one channel, season taken out, and count the months without a sale there."""
    memory = parameters.orders_memory
    without_season = per_pull / channels[CHANNEL.season, channel]
    least = parameters.minimum_order[channel]
    row, idle = FIRM.trailing_orders + channel, FIRM.months_without_sale + channel
    for slot in range(used):
        money = pulls[slot] * per_pull
        firms[row, slot] += memory * (pulls[slot] * without_season - firms[row, slot])
        firms[idle, slot] = 0.0 if money >= least * firms[FIRM.price, slot] else firms[idle, slot] + 1.0


@equation
def serve(firms, attractions, per_pull, slot):
    """One firm's orders and first sales."""
    value = money_of(attractions, per_pull, slot)
    orders = value / firms[FIRM.price, slot]
    rate = fill_rate(firms[FIRM.inventory, slot], orders)
    firms[FIRM.orders, slot] = orders
    firms[FIRM.fill, slot] = rate
    firms[FIRM.sold, slot] += rate * orders
    firms[FIRM.sales, slot] += rate * value
    firms[FIRM.export_sales, slot] = rate * attractions[EXPORT, slot] * per_pull[EXPORT]


@equation
def left_over(firms, slot):
    """Stock of a firm that served all its orders; 0 for one that is sold out."""
    left = max(0.0, firms[FIRM.inventory, slot] - firms[FIRM.fill, slot] * firms[FIRM.orders, slot])
    return left if firms[FIRM.fill, slot] == 1.0 else 0.0


@merged
def share_out_unmet(firms, channels, parameters, attractions, per_pull, used):
    """Add up what was served and what was not; firms with stock left are offered a part of the unmet by their pull."""
    served, unmet, ready = NOTHING, NOTHING, NOTHING
    for slot in range(used):
        rate = firms[FIRM.fill, slot] if firms[FIRM.active, slot] == 1.0 else 0.0
        served = with_pull(served, attractions, slot, rate)
        unmet = with_pull(unmet, attractions, slot, 1.0 - rate)
        ready = with_pull(ready, attractions, slot, 1.0 if left_over(firms, slot) > 0.0 else 0.0)
    for channel in range(N_CHANNELS):
        channels[CHANNEL.cluster_sales, channel] = per_pull[0, channel] * served[channel]
        channels[CHANNEL.unmet, channel] = per_pull[0, channel] * unmet[channel]
        offered = parameters.second_offer * channels[CHANNEL.unmet, channel]
        per_pull[1, channel] = offered / ready[channel] if ready[channel] > 0.0 else 0.0


@equation
def serve_again(firms, attractions, per_pull, offers, slot):
    """One firm's sales from the second offer, and the pieces that it sells for cash in all."""
    left = left_over(firms, slot)
    value = money_of(attractions, per_pull, slot)
    orders = value / firms[FIRM.price, slot]
    share = fill_rate(left, orders) if left > 0.0 else 0.0
    served = firms[FIRM.fill, slot] * firms[FIRM.orders, slot] + share * orders
    sold_out = firms[FIRM.fill, slot] < 1.0 or (left > 0.0 and share < 1.0)
    firms[FIRM.sold, slot] += share * orders
    firms[FIRM.sales, slot] += share * value
    firms[FIRM.export_sales, slot] += share * attractions[EXPORT, slot] * per_pull[EXPORT]
    offers[0, slot] = share
    offers[1, slot] = firms[FIRM.inventory, slot] if sold_out else min(served, firms[FIRM.inventory, slot])


@merged
def take_money(firms, channels, ledger, attractions, offers, per_pull, used):
    """Cloth leaves the stock, money comes in; the cluster's sales of the second offer join those of the first."""
    more = NOTHING
    pieces = money = 0.0
    for slot in range(used):
        sold = offers[1, slot]
        revenue = sold * firms[FIRM.price, slot] if sold > 0.0 else 0.0
        firms[FIRM.inventory, slot] -= sold
        take_in(firms, ledger, slot, revenue)
        pieces += sold
        money += revenue
        more = with_pull(more, attractions, slot, offers[0, slot])
    ledger.goods[SOLD] += pieces
    book(ledger, FLOW.sales, money)
    for channel in range(N_CHANNELS):
        channels[CHANNEL.cluster_sales, channel] += per_pull[channel] * more[channel]
