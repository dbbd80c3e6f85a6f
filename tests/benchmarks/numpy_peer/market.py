"""Environment and market on arrays over firms and channels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ovopsim.draws import CONTRACT_END
from ovopsim.fields import CITY, EXPORT, NATIONAL, TOURIST
from ovopsim.ledger import ENTRY, FLOW, SOLD
from tests.benchmarks.numpy_peer.draws import Counters, draw
from tests.benchmarks.numpy_peer.views import dot, over_channels


def change_environment(peer: Any, shocks: Any, row: int) -> None:
    """Set this month's spending, season, prices and wage level; `shocks` are normals: outside price, four channels."""
    city, channels, sentras = peer.world.city, peer.channels, peer.sentras
    own, calendar = peer.parameters["environment"], peer.calendar
    years = max(int(city[CITY.month]), 0) / 12.0
    city[CITY.calendar_month] = calendar.month_of_year[row]
    city[CITY.year] = calendar.year[row]
    rho, sd = own.outside_price_persistence, own.outside_price_sd
    state = rho * city[CITY.outside_price_state] + sd * math.sqrt(1.0 - rho * rho) * shocks[0]
    city[CITY.outside_price_state] = state
    wanted = math.exp(state) * (1.0 + own.g_outside_price) ** years * calendar.outside_price_shock[row]
    city[CITY.outside_price] += own.price_speed * (wanted - city[CITY.outside_price])
    city[CITY.material_price] = calendar.material_price_shock[row]
    city[CITY.wage_level] = (1.0 + own.g_real_wage) ** years
    rho, sd = own.spending_persistence, own.spending_sd
    channels.spending_state[:] = rho * channels.spending_state + sd * np.sqrt(1.0 - rho * rho) * shocks[1:]
    channels.season[:] = calendar.season[row]
    channels.season_ahead[:] = calendar.season_ahead[row]
    channels.spending[:] = (
        channels.spending_base
        * (1.0 + own.g_spending) ** years
        * calendar.season[row]
        * np.exp(channels.spending_state - 0.5 * sd * sd)
        * calendar.spending_shock[row]
    )
    gain = sentras.initial_firms @ (sentras.amenity - 1.0)
    channels.spending[TOURIST] *= 1.0 + own.visitor_response * gain / max(sentras.initial_firms.sum(), 1.0)
    elasticity = peer.costs.demand_elasticity
    channels.outside[:] = channels.outside_base * math.exp((1.0 - elasticity) * math.log(city[CITY.outside_price]))


def draw_buyers(peer: Any, shocks: Any) -> Any:
    """Serve contracts, then return how strongly each firm pulls on the buyers of each channel: array (4, firms)."""
    firms, own, costs = peer.firms, peer.parameters["market"], peer.costs
    for results in (firms.sold, firms.contract_sold, firms.sales, firms.export_sales):
        results[:] = 0.0
    deliver_contracts(peer)
    rho = own.appeal_persistence
    firms.appeal_state *= rho
    firms.appeal_state += costs.appeal_sd * math.sqrt(1.0 - rho * rho) * shocks
    appeal = firms.appeal_mean + firms.appeal_state
    relative = firms.log_price - costs.log_reference_price[peer.technique]
    quality = own.quality_value[:, None] * (firms.craft - costs.craft_reference)
    pulls = firms.market_access * np.exp(appeal + (1.0 - costs.demand_elasticity) * (relative - quality))
    pulls[TOURIST] *= peer.sentras.amenity[peer.sentra]
    certified = np.flatnonzero(firms.certified == 1.0)
    pulls[:, certified] *= own.certificate_effect[:, None]
    pulls *= firms.participates  # parked firms take part nowhere
    peer.channels.attraction[:] = pulls.sum(axis=1)
    return pulls


def deliver_contracts(peer: Any) -> None:
    """Large buyers take their lots first; part of their money is taken from national spending."""
    everyone, own = peer.firms, peer.parameters["market"]
    slots = np.flatnonzero(everyone.contract_lot > 0.0)
    if slots.size == 0:
        return
    lot = everyone.contract_lot[slots]
    delivered = np.minimum(lot, everyone.inventory[slots])
    value = delivered * everyone.contract_price[slots]
    everyone.inventory[slots] -= delivered
    everyone.receivable[slots] += value
    everyone.sold[slots] = delivered
    everyone.contract_sold[slots] = delivered
    everyone.sales[slots] = value
    everyone.contract_delivered[slots] += delivered
    short = everyone.contract_short[slots]
    short += own.contract_memory * (1.0 - delivered / lot - short)
    everyone.contract_short[slots] = short
    chance = np.minimum(1.0, own.contract_end + own.contract_end_short * short)
    month = int(peer.world.city[CITY.month])
    luck = draw(Counters(everyone.firm_id[slots].astype(np.int64), month, 0, CONTRACT_END), peer.key)
    everyone.contract_lot[slots[luck < chance]] = 0.0
    total = value.sum()
    peer.ledger.entries[ENTRY.contract_sales] += total
    peer.ledger.goods[SOLD] += delivered.sum()
    spending = peer.channels.spending
    spending[NATIONAL] = max(0.0, spending[NATIONAL] - own.contract_diversion * total)


def sell(peer: Any, pulls: Any) -> None:
    """Turn pull into orders, serve them from stock, offer a part of the unmet once more, and book the sales."""
    firms, channels, own = peer.firms, peer.channels, peer.parameters["market"]
    first = channels.spending / (channels.outside + channels.attraction)
    money = pulls * first[:, None]
    firms.trailing_orders += own.orders_memory * (money / channels.season[:, None] - firms.trailing_orders)
    firms.months_without_sale += 1.0
    firms.months_without_sale[money >= own.minimum_order[:, None] * firms.price] = 0.0
    value = over_channels(first, pulls)
    orders = value / firms.price
    fill = np.where(orders <= firms.inventory, 1.0, firms.inventory / orders)
    firms.orders[:] = orders
    firms.fill[:] = fill
    left = np.where(fill == 1.0, np.maximum(0.0, firms.inventory - fill * orders), 0.0)
    ready = left > 0.0
    able = dot(pulls, ready.astype(float))
    channels.unmet[:] = first * dot(pulls, 1.0 - fill)
    second = np.where(able > 0.0, own.second_offer * channels.unmet / able, 0.0)
    more = over_channels(second, pulls)
    again = more / firms.price
    share = np.where(ready, np.where(again <= left, 1.0, left / again), 0.0)
    firms.sold += fill * orders + share * again
    firms.sales += fill * value + share * more
    firms.export_sales[:] = pulls[EXPORT] * (fill * first[EXPORT] + share * second[EXPORT])
    sold_out = (fill < 1.0) | (ready & (share < 1.0))
    pieces = np.where(sold_out, firms.inventory, np.minimum(fill * orders + share * again, firms.inventory))
    revenue = pieces * firms.price
    firms.inventory -= pieces
    firms.cash += revenue
    channels.cluster_sales[:] = first * dot(pulls, fill) + second * dot(pulls, share)
    peer.ledger.goods[SOLD] += dot(firms.active, pieces)
    peer.book(FLOW.sales, revenue)
