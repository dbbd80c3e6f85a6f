"""Rule 6: contracts are delivered, buyers choose in each channel, stock is rationed, sales are booked."""

from __future__ import annotations

import math
from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.draws import CONTRACT_END, uniform
from ovopsim.ledger import ENTRY, FLOW, SOLD, enter, firm_receives
from ovopsim.state import CHANNEL, CITY, EXPORT, FIRM, N_CHANNELS, NATIONAL, SENTRA, TOURIST, Reals


class Market(NamedTuple):
    """Parameters of the market (`market.yaml`)."""

    quality_value: Reals
    appeal_persistence: float
    certificate_effect: Reals
    second_offer: float
    minimum_order: Reals
    orders_memory: float
    contract_diversion: float
    contract_memory: float
    contract_end: float
    contract_end_short: float


@equation
def attraction(appeal, access, relative_log_price, quality_gain, demand_elasticity):
    """a = appeal · access · (p / (p̄ e^{ηQ}))^{1−ε}, with `quality_gain` = ηQ."""
    return access * math.exp(appeal + (1.0 - demand_elasticity) * (relative_log_price - quality_gain))


@equation
def fill_rate(stock, orders):
    """One fill rate for all of a firm's buyers: min(1, stock / orders)."""
    return 1.0 if orders <= stock else stock / orders


@compiled
def draw_buyers(firms, channels, sentras, city, ledger, parameters, costs, attractions, shocks, key):
    """Serve contracts, then find how strongly each firm pulls on the buyers of each channel.

    `attractions` is an array (4, slots) that receives a_ij; `shocks` an array (slots,) of standard normals that move
    appeal. Held market sums may replace the channels' totals before `sell`.
    """
    used = int(city[CITY.used_slots])
    deliver_contracts(firms, channels, ledger, parameters, used, int(city[CITY.month]), key)
    for channel in range(N_CHANNELS):
        channels[CHANNEL.attraction, channel] = 0.0
        channels[CHANNEL.unmet, channel] = 0.0
        channels[CHANNEL.cluster_sales, channel] = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            firms[FIRM.appeal_state, slot] = next_appeal(
                firms[FIRM.appeal_state, slot], parameters.appeal_persistence, costs.appeal_sd, shocks[slot]
            )
            attract(firms, channels, sentras, parameters, costs, attractions, slot)


@equation
def next_appeal(state, persistence, sd, shock):
    """AR(1): s' = ρ s + σ √(1 − ρ²) n. Fashion comes and goes: growth, regression to the mean and graduation."""
    return persistence * state + sd * math.sqrt(1.0 - persistence * persistence) * shock


@equation
def contract_end_chance(parameters, short):
    """Monthly chance that a large buyer leaves; rises with the share of the lot not delivered."""
    return min(1.0, parameters.contract_end + parameters.contract_end_short * short)


@equation
def clear_results(firms, slot):
    """A new month: nothing sold yet. For a closed firm this clears its last month, which was still to be observed."""
    firms[FIRM.sold, slot] = 0.0
    firms[FIRM.sales, slot] = 0.0
    firms[FIRM.export_sales, slot] = 0.0
    if firms[FIRM.active, slot] == 0.0:
        firms[FIRM.value_added, slot] = 0.0
        firms[FIRM.profit, slot] = 0.0
        firms[FIRM.output, slot] = 0.0
        firms[FIRM.wages_paid, slot] = 0.0


@equation
def deliver_contracts(firms, channels, ledger, parameters, used, month, key):
    """Large buyers take their lots first; part of their money is taken from national spending."""
    diverted = 0.0
    for slot in range(used):
        clear_results(firms, slot)
        lot = firms[FIRM.contract_lot, slot]
        if firms[FIRM.active, slot] == 1.0 and lot > 0.0:
            delivered = min(lot, firms[FIRM.inventory, slot])
            value = delivered * firms[FIRM.contract_price, slot]
            firms[FIRM.inventory, slot] -= delivered
            firms[FIRM.receivable, slot] += value
            enter(ledger, ENTRY.contract_sales, value)
            ledger.goods[SOLD] += delivered
            firms[FIRM.sold, slot] = delivered
            firms[FIRM.sales, slot] = value
            firms[FIRM.contract_delivered, slot] += delivered
            firms[FIRM.contract_short, slot] += parameters.contract_memory * (
                1.0 - delivered / lot - firms[FIRM.contract_short, slot]
            )
            diverted += parameters.contract_diversion * value
            chance = contract_end_chance(parameters, firms[FIRM.contract_short, slot])
            if uniform(key, CONTRACT_END, int(firms[FIRM.firm_id, slot]), month, 0) < chance:
                firms[FIRM.contract_lot, slot] = 0.0
    channels[CHANNEL.spending, NATIONAL] = max(0.0, channels[CHANNEL.spending, NATIONAL] - diverted)


@equation
def attract(firms, channels, sentras, parameters, costs, attractions, slot):
    """One firm's pull on the buyers of each channel that it sells in."""
    appeal = firms[FIRM.appeal_mean, slot] + firms[FIRM.appeal_state, slot]
    technique = int(firms[FIRM.technique, slot])
    price = firms[FIRM.log_price, slot] - math.log(costs.reference_price[technique])
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
        firms[row, slot] += parameters.orders_memory * (
            money / max(channels[CHANNEL.season, channel], 0.01) - firms[row, slot]
        )
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
    served = min(served, firms[FIRM.inventory, slot])
    firms[FIRM.inventory, slot] -= served
    ledger.goods[SOLD] += served
    firm_receives(firms, ledger, slot, FLOW.sales, served * price)
