"""Pull becomes orders; orders are served from stock; part of the unmet is offered once more."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation
from ovopsim.fields import CHANNEL, CITY, EXPORT, FIRM, N_CHANNELS
from ovopsim.ledger import FLOW, SOLD, firm_receives


@equation
def fill_rate(stock, orders):
    """One fill rate for all of a firm's buyers: min(1, stock / orders)."""
    return 1.0 if orders <= stock else stock / orders


@compiled
def sell(firms, channels, city, ledger, parameters, attractions, per_pull):
    """Turn pull into orders, serve them from stock, offer a part of the unmet once more, and book the sales.

    `per_pull` is an array (2, 4): spending for one unit of attraction, at first and in the second offer.
    """
    used = int(city[CITY.used_slots])
    for channel in range(N_CHANNELS):
        per_pull[0, channel] = channels[CHANNEL.spending, channel] / (
            channels[CHANNEL.outside, channel] + channels[CHANNEL.attraction, channel]
        )
        per_pull[1, channel] = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            serve(firms, channels, parameters, attractions, per_pull, slot)
    for channel in range(N_CHANNELS):
        if per_pull[1, channel] > 0.0:
            per_pull[1, channel] = parameters.second_offer * channels[CHANNEL.unmet, channel] / per_pull[1, channel]
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            serve_again(firms, channels, ledger, attractions, per_pull, slot)


@equation
def serve(firms, channels, parameters, attractions, per_pull, slot):
    """One firm's orders and first sales; stock left over makes it one of those who are offered the unmet."""
    price = firms[FIRM.price, slot]
    value = 0.0
    for channel in range(N_CHANNELS):
        money = attractions[channel, slot] * per_pull[0, channel]
        value += money
        row = FIRM.trailing_orders + channel
        firms[row, slot] += parameters.orders_memory * (money / channels[CHANNEL.season, channel] - firms[row, slot])
        idle = FIRM.months_without_sale + channel
        firms[idle, slot] = 0.0 if money >= parameters.minimum_order[channel] * price else firms[idle, slot] + 1.0
    firms[FIRM.orders, slot] = value / price
    rate = fill_rate(firms[FIRM.inventory, slot], firms[FIRM.orders, slot])
    firms[FIRM.sold, slot] += rate * firms[FIRM.orders, slot]
    firms[FIRM.sales, slot] += rate * value
    firms[FIRM.fill, slot] = rate
    left = firms[FIRM.inventory, slot] - rate * firms[FIRM.orders, slot]
    for channel in range(N_CHANNELS):
        money = attractions[channel, slot] * per_pull[0, channel]
        channels[CHANNEL.unmet, channel] += (1.0 - rate) * money
        channels[CHANNEL.cluster_sales, channel] += rate * money
        if left > 0.0 and rate == 1.0:
            per_pull[1, channel] += attractions[channel, slot]
    firms[FIRM.export_sales, slot] = rate * attractions[EXPORT, slot] * per_pull[0, EXPORT]


@equation
def serve_again(firms, channels, ledger, attractions, per_pull, slot):
    """Sell the second offer from what is left in stock, and book all cash sales of the month."""
    price = firms[FIRM.price, slot]
    served = firms[FIRM.fill, slot] * firms[FIRM.orders, slot]
    sold_out = firms[FIRM.fill, slot] < 1.0
    left = max(0.0, firms[FIRM.inventory, slot] - served)
    if firms[FIRM.fill, slot] == 1.0 and left > 0.0:
        value = 0.0
        for channel in range(N_CHANNELS):
            value += attractions[channel, slot] * per_pull[1, channel]
        share = fill_rate(left, value / price)
        for channel in range(N_CHANNELS):
            channels[CHANNEL.cluster_sales, channel] += share * attractions[channel, slot] * per_pull[1, channel]
        firms[FIRM.export_sales, slot] += share * attractions[EXPORT, slot] * per_pull[1, EXPORT]
        extra = share * value / price
        firms[FIRM.sold, slot] += extra
        firms[FIRM.sales, slot] += share * value
        served += extra
        sold_out = share < 1.0
    served = firms[FIRM.inventory, slot] if sold_out else min(served, firms[FIRM.inventory, slot])
    firms[FIRM.inventory, slot] -= served
    ledger.goods[SOLD] += served
    firm_receives(firms, ledger, slot, FLOW.sales, served * price)
