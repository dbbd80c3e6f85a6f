"""Rule 6: contracts are delivered, buyers choose in each channel, stock is rationed, sales are booked."""

from __future__ import annotations

import math

from tests.reference.entities import EXPORT, NATIONAL, TOURIST, Channel, Firm
from tests.reference.parameters import Parameters, Submodel
from tests.reference.world import Books, World


def draw_buyers(world: World, parameters: Parameters) -> None:
    """Large buyers take their lots; then each firm's pull on the buyers of each channel is found and added up."""
    own = parameters.market
    diverted = sum([deliver_contract(firm, world, own) for firm in world.firms])
    national = world.channels[NATIONAL]
    national.spending = max(0.0, national.spending - diverted)
    for channel in world.channels:
        channel.attraction = channel.unmet = channel.cluster_sales = 0.0
    spread = own.appeal_sd * math.sqrt(1.0 - own.appeal_persistence**2)  # of an AR(1)'s shocks
    for firm in world.firms:
        firm.appeal_state = own.appeal_persistence * firm.appeal_state + spread * firm.luck.appeal
        attract(firm, world, parameters)


def deliver_contract(firm: Firm, world: World, own: Submodel) -> float:
    """Deliver the month's lot from stock, to be paid later; return the money it takes from national spending.

    A buyer ends the contract by a hazard that rises with the smoothed share of the lot not delivered.
    """
    firm.sold = firm.contract_sold = firm.sales = firm.export_sales = 0.0
    lot = firm.contract_lot
    if lot <= 0.0:
        return 0.0
    delivered = min(lot, firm.inventory)
    value = delivered * firm.contract_price
    firm.inventory -= delivered
    firm.receivable += value
    world.books.entries["contract_sales"] += value
    world.books.goods["sold"] += delivered
    firm.sold = firm.contract_sold = delivered
    firm.sales = value
    firm.contract_delivered += delivered
    firm.contract_short += own.contract_memory * (1.0 - delivered / lot - firm.contract_short)
    ends = min(1.0, own.contract_end + own.contract_end_short * firm.contract_short)
    if world.draws.uniform("contract_end", firm.firm_id, world.city.month) < ends:
        firm.contract_lot = 0.0
    return own.contract_diversion * value


def attract(firm: Firm, world: World, parameters: Parameters) -> None:
    """a_ij = appeal · access · [p / (p̄_g e^{η_j Q})]^{1−ε} · amenity (tourist) · certificate factor."""
    own, technology = parameters.market, parameters.technology_and_cost
    response = technology.demand_elasticity - 1.0
    relative_price = firm.price / technology.reference_price[firm.technique]
    appeal = math.exp(firm.appeal_mean + firm.appeal_state) * relative_price**-response
    valued = response * (firm.craft.value - technology.craft_reference)
    for number, presence in enumerate(firm.presence):
        presence.attraction = 0.0
        if presence.participates:
            pull = appeal * presence.market_access * math.exp(valued * own.quality_value[number])
            if number == TOURIST:
                pull *= world.sentras[firm.sentra].amenity
            if firm.certified:
                pull *= own.certificate_effect[number]
            presence.attraction = pull
            world.channels[number].attraction += pull


def sell(world: World, parameters: Parameters) -> None:
    """Turn pull into orders, serve them from stock at one fill rate, and offer a part of the unmet once more."""
    own = parameters.market
    offers = [channel.spending / (channel.outside + channel.attraction) for channel in world.channels]
    for firm in world.firms:
        serve(firm, world.channels, offers, own)
    stocked = [firm for firm in world.firms if firm.fill == 1.0 and firm.inventory > firm.orders]
    second_offers = []
    for number, channel in enumerate(world.channels):
        pull = sum([firm.presence[number].attraction for firm in stocked])
        second_offers.append(own.second_offer * channel.unmet / pull if pull > 0.0 else 0.0)
    for firm in world.firms:
        if firm.fill < 1.0:
            served = firm.inventory
        elif firm.inventory > firm.orders:
            served = serve_again(firm, world.channels, second_offers)
        else:
            served = firm.orders
        hand_over(firm, served, world.books)


def serve(firm: Firm, channels: list[Channel], offers: list[float], own: Submodel) -> None:
    """Orders are notional demand, unmet included; all buyers of a firm are served at the same rate.

    A channel's orders are remembered without their season; orders of too few pieces are no sale.
    """
    ordered, price, memory = 0.0, firm.price, own.orders_memory
    for number, presence in enumerate(firm.presence):
        money = presence.attraction * offers[number]
        ordered += money
        presence.trailing_orders += memory * (money / channels[number].season - presence.trailing_orders)
        if money >= own.minimum_order[number] * price:
            presence.months_without_sale = 0.0
        else:
            presence.months_without_sale += 1.0
    firm.orders = ordered / price
    fill = firm.fill = 1.0 if firm.orders <= firm.inventory else firm.inventory / firm.orders
    firm.sold += fill * firm.orders
    firm.sales += fill * ordered
    firm.export_sales = fill * firm.presence[EXPORT].attraction * offers[EXPORT]
    for number, presence in enumerate(firm.presence):
        if presence.attraction > 0.0:
            money, channel = presence.attraction * offers[number], channels[number]
            channel.unmet += (1.0 - fill) * money
            channel.cluster_sales += fill * money


def serve_again(firm: Firm, channels: list[Channel], offers: list[float]) -> float:
    """Sell to buyers turned away elsewhere from what is left in stock; return all pieces sold."""
    local, tourist, national, export = firm.presence
    orders = (
        local.attraction * offers[0],
        tourist.attraction * offers[1],
        national.attraction * offers[2],
        export.attraction * offers[3],
    )
    ordered = sum(orders)
    pieces = ordered / firm.price
    left = firm.inventory - firm.orders
    share = 1.0 if pieces <= left else left / pieces
    for number, money in enumerate(orders):
        if money > 0.0:
            channels[number].cluster_sales += share * money
    firm.export_sales += share * orders[EXPORT]
    firm.sold += share * pieces
    firm.sales += share * ordered
    return firm.orders + pieces if share == 1.0 else firm.inventory


def hand_over(firm: Firm, pieces: float, books: Books) -> None:
    """Cloth leaves the stock, cash comes in."""
    pieces = min(pieces, firm.inventory)
    firm.inventory -= pieces
    books.goods["sold"] += pieces
    books.receive(firm, "sales", pieces * firm.price)
