"""Rule 6: pull, orders, contracts, rationing."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim.draws import CONTRACT_END, uniform
from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS, SENTRA
from ovopsim.ledger import amount_of, imbalance
from ovopsim.rules.market import contracts, demand, draw_buyers, sales
from tests.equations import city_of, got, opened, parameters_of, put

PARAMETERS = parameters_of("market")
COSTS = parameters_of("technology_and_cost")
KEY = np.uint64(9)


@given(
    appeal=st.floats(-3.0, 3.0), access=st.floats(0.01, 1.0), price=st.floats(-1.0, 1.0), quality=st.floats(-0.5, 0.5)
)
def test_pull_has_a_constant_elasticity_in_price_less_quality(
    appeal: float, access: float, price: float, quality: float
) -> None:
    pull = demand.attraction(appeal, access, price, quality, 6.0)
    assert pull == pytest.approx(math.exp(appeal) * access * (math.exp(price) / math.exp(quality)) ** -5.0)
    dearer = demand.attraction(appeal, access, price + 0.01, quality, 6.0)
    assert math.log(dearer / pull) == pytest.approx(-0.05, rel=1e-6)


@given(state=st.floats(-2.0, 2.0), persistence=st.floats(0.5, 0.999), sd=st.floats(0.01, 1.5))
def test_appeal_is_an_ar1_whose_spread_is_sd(state: float, persistence: float, sd: float) -> None:
    assert demand.next_appeal(state, persistence, sd, 0.0) == pytest.approx(persistence * state)
    push = demand.next_appeal(0.0, persistence, sd, 1.0)
    assert (persistence * sd) ** 2 + push**2 == pytest.approx(sd**2)


def attracted(**changes: float) -> np.ndarray:
    """Return firm 0's pull in the four channels."""
    world = city_of()
    amenity = changes.pop("amenity", 1.0)
    put(world, 0, **changes)
    world.sentras[SENTRA.amenity, 0] = amenity
    pulls = np.zeros((4, 5))
    effect = PARAMETERS._replace(certificate_effect=(1.0, 1.0, 1.1, 1.2))
    demand.attract(world.firms, world.channels, world.sentras, effect, COSTS, pulls, 1)
    assert np.array_equal(world.channels[CHANNEL.attraction], pulls[:, 0])
    return pulls[:, 0]


def test_pull_is_appeal_access_price_quality_place_and_certificate() -> None:
    base = attracted()
    relative = math.log(140_000.0) - COSTS.log_reference_price[1]
    quality = np.array(PARAMETERS.quality_value) * (0.5 - COSTS.craft_reference)
    assert base == pytest.approx(0.5 * np.exp((1.0 - COSTS.demand_elasticity) * (relative - quality)))
    assert attracted(appeal_mean=0.2, appeal_state=0.1) == pytest.approx(base * math.exp(0.3))
    assert attracted(amenity=1.5) == pytest.approx(base * np.array([1.0, 1.5, 1.0, 1.0]))
    assert attracted(certified=1.0) == pytest.approx(base * np.array([1.0, 1.0, 1.1, 1.2]))
    assert attracted(participates=0.0) == pytest.approx(base * np.array([0.0, 1.0, 1.0, 1.0]))


@given(stock=st.floats(0.0, 1e3), orders=st.floats(0.0, 1e3))
def test_the_fill_rate_is_stock_over_orders_up_to_one(stock: float, orders: float) -> None:
    rate = sales.fill_rate(stock, orders)
    assert 0.0 <= rate <= 1.0
    assert rate * orders == pytest.approx(min(stock, orders))


def sold(world, second_offer: float = 0.5):  # type: ignore[no-untyped-def]
    """Let buyers choose among a city's firms; return pulls and books."""
    ledger = opened(world)
    pulls = np.zeros((N_CHANNELS, world.firms.shape[1]))
    parameters = PARAMETERS._replace(second_offer=second_offer)
    still = np.zeros(world.firms.shape[1])
    draw_buyers(world.firms, world.channels, world.sentras, world.city, ledger, parameters, COSTS, pulls, still, KEY)
    per_pull = np.zeros((2, N_CHANNELS))
    offers = np.zeros((2, world.firms.shape[1]))
    sales.sell(world.firms, world.channels, world.city, ledger, parameters, pulls, offers, per_pull)
    return pulls, ledger


def test_each_firms_orders_are_its_pull_over_all_pull() -> None:
    world = city_of()
    put(world, 0, inventory=1e6)
    put(world, 1, inventory=1e6, appeal_mean=1.0)
    put(world, 2, inventory=1e6)
    pulls, ledger = sold(world)
    per_pull = world.channels[CHANNEL.spending] / (50.0 + pulls.sum(axis=1))
    money = pulls[:, :3] * per_pull[:, None]
    assert world.firms[FIRM.sales, :3] == pytest.approx(money.sum(axis=0))
    assert world.firms[FIRM.orders, :3] == pytest.approx(money.sum(axis=0) / 140_000.0)
    assert world.firms[FIRM.export_sales, :3] == pytest.approx(money[3])
    assert world.channels[CHANNEL.cluster_sales] == pytest.approx(money.sum(axis=1))
    assert world.firms[FIRM.fill, :3] == pytest.approx(1.0)
    assert amount_of(ledger, "sales") == pytest.approx(money.sum())
    assert world.firms[FIRM.cash, 0] == pytest.approx(20e6 + money[:, 0].sum())
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_trailing_orders_follow_orders_without_season() -> None:
    world = city_of()
    world.channels[CHANNEL.season] = 2.0
    put(world, 0, inventory=0.0)
    pulls, _ = sold(world)
    money = pulls[:, 0] * world.channels[CHANNEL.spending] / (50.0 + pulls.sum(axis=1))
    wanted = 3.5e6 + PARAMETERS.orders_memory * (money / 2.0 - 3.5e6)
    assert world.firms[FIRM.trailing_orders : FIRM.trailing_orders + 4, 0] == pytest.approx(wanted)


def test_months_without_sale_count_orders_below_the_least() -> None:
    world = city_of()
    for slot in range(3):
        put(world, slot, inventory=1e6)
        world.firms[FIRM.months_without_sale : FIRM.months_without_sale + 4, slot] = 3.0
    world.channels[CHANNEL.spending, 2] = 1.0
    sold(world)
    assert world.firms[FIRM.months_without_sale : FIRM.months_without_sale + 4, 0].tolist() == [0.0, 0.0, 4.0, 0.0]


def test_stock_that_is_short_is_shared_at_one_rate_and_part_of_the_rest_goes_to_rivals() -> None:
    world, plenty = city_of(), city_of()
    put(world, 0, inventory=10.0)
    for city in (world, plenty):
        put(city, 1, inventory=1e6)
        put(city, 2, inventory=1e6)
    put(plenty, 0, inventory=1e6)
    pulls, ledger = sold(world, 0.5)
    sold(plenty, 0.5)
    orders = got(world, 0, "orders")
    assert got(world, 0, "fill") == pytest.approx(10.0 / orders)
    assert got(world, 0, "sold", "inventory") == pytest.approx([10.0, 0.0])
    unmet = world.channels[CHANNEL.unmet]
    assert unmet.sum() == pytest.approx((orders - 10.0) * 140_000.0)
    extra = world.firms[FIRM.sales, 1:3] - plenty.firms[FIRM.sales, 1:3]
    assert extra.sum() == pytest.approx(0.5 * unmet.sum())
    assert extra[0] == pytest.approx(extra[1])
    gained = world.firms[FIRM.export_sales, 1] - plenty.firms[FIRM.export_sales, 1]
    assert gained == pytest.approx(0.25 * unmet[3])
    assert amount_of(ledger, "sales") == pytest.approx(world.channels[CHANNEL.cluster_sales].sum())
    assert max(imbalance(world, ledger).values()) < 1e-12
    assert pulls.shape == (4, 5)


def test_the_second_offer_stops_where_stock_ends() -> None:
    world = city_of(2)
    world.channels[CHANNEL.outside] = 1.0
    put(world, 0, inventory=1.0)
    first = city_of(2)
    first.channels[CHANNEL.outside] = 1.0
    put(first, 0, inventory=1e9)
    put(first, 1, inventory=1e9)
    sold(first)
    little_more = got(first, 1, "sold") + 2.0
    put(world, 1, inventory=little_more)
    _, ledger = sold(world, 1.0)
    assert got(world, 1, "inventory") == pytest.approx(0.0, abs=1e-9)
    assert got(world, 1, "sold") == pytest.approx(little_more)
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_when_nobody_has_stock_left_the_unmet_goes_outside() -> None:
    world = city_of(2)
    for slot in range(2):
        put(world, slot, inventory=5.0)
    sold(world, 1.0)
    assert world.firms[FIRM.sold, :2].tolist() == [5.0, 5.0]


def delivered(month: int = 0, parameters=PARAMETERS, **changes: float):  # type: ignore[no-untyped-def]
    """Let firm 0 deliver under a contract; return the city and its books."""
    world = city_of()
    put(world, 0, **({"contract_lot": 40.0, "contract_price": 130_000.0} | changes))
    ledger = opened(world)
    contracts.deliver_contracts(world.firms, world.channels, ledger, parameters, 3, month, KEY)
    return world, ledger


STAYS = PARAMETERS._replace(contract_end=0.0, contract_end_short=0.0)


def test_a_contract_is_delivered_first_and_paid_later() -> None:
    world, ledger = delivered(parameters=STAYS)
    assert got(world, 0, "sold", "inventory", "contract_delivered") == [40.0, 10.0, 40.0]
    assert got(world, 0, "sales", "receivable") == pytest.approx([5.2e6, 5.2e6])
    assert got(world, 0, "cash", "contract_short", "contract_lot") == [20e6, 0.0, 40.0]
    assert world.channels[CHANNEL.spending, 2] == pytest.approx(1e9 - PARAMETERS.contract_diversion * 5.2e6)
    assert world.channels[CHANNEL.spending, [0, 1, 3]].tolist() == [1e9] * 3
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_short_delivery_is_remembered() -> None:
    world, _ = delivered(inventory=10.0, contract_short=0.5, parameters=STAYS)
    assert got(world, 0, "sold") == 10.0
    assert got(world, 0, "contract_short") == pytest.approx(0.5 + PARAMETERS.contract_memory * 0.25)


def test_a_large_buyer_cannot_take_more_than_national_buyers_spend() -> None:
    world, _ = delivered(contract_price=1e9, parameters=STAYS)
    assert world.channels[CHANNEL.spending, 2] == 0.0


def test_contracts_end_sooner_when_delivery_is_short() -> None:
    assert contracts.contract_end_chance(PARAMETERS, 0.0) == PARAMETERS.contract_end
    shorter = PARAMETERS.contract_end + 0.5 * PARAMETERS.contract_end_short
    assert contracts.contract_end_chance(PARAMETERS, 0.5) == pytest.approx(shorter)
    assert contracts.contract_end_chance(PARAMETERS._replace(contract_end=0.9), 1.0) == 1.0


def test_a_contract_ends_when_its_draw_falls_below_the_chance() -> None:
    for month in range(40):
        chance = uniform(KEY, CONTRACT_END, 0, month, 0)
        ends = PARAMETERS._replace(contract_end=min(1.0, chance * (1.0 + 1e-9)), contract_end_short=0.0)
        stays = ends._replace(contract_end=chance * (1.0 - 1e-9))
        assert got(delivered(month, ends)[0], 0, "contract_lot") == 0.0
        assert got(delivered(month, stays)[0], 0, "contract_lot") == 40.0


def test_a_new_month_clears_the_last_and_what_a_closed_firm_left_to_be_seen() -> None:
    world = city_of()
    left = dict.fromkeys(("sold", "sales", "export_sales", "value_added", "profit", "output", "wages_paid"), 5.0)
    put(world, 0, **left)
    put(world, 1, active=0.0, contract_lot=3.0, **left)
    contracts.deliver_contracts(world.firms, world.channels, opened(world), PARAMETERS, 3, 0, KEY)
    assert got(world, 0, *left) == [0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0]
    assert got(world, 1, *left) == [0.0] * 7
    assert world.city[CITY.used_slots] == 3.0


def test_appeal_moves_for_firms_in_business_only() -> None:
    world = city_of()
    put(world, 0, appeal_state=1.0)
    put(world, 1, appeal_state=1.0, active=0.0)
    put(world, 1, participates=0.0)
    pulls, _ = sold(world)
    assert got(world, 0, "appeal_state") == pytest.approx(PARAMETERS.appeal_persistence)
    assert got(world, 1, "appeal_state") == 1.0
    assert not pulls[:, 1].any()


def cash_sales(stock: float, orders: float, second: float) -> tuple[float, float]:
    """Return what one firm with such a stock sells for cash in all, and the share of the second offer it can serve."""
    world = city_of(1)
    put(world, 0, inventory=stock, orders=orders, fill=sales.fill_rate(stock, orders))
    pulls, offers = np.zeros((N_CHANNELS, 3)), np.zeros((2, 3))
    pulls[0, 0] = second * 140_000.0
    sales.serve_again(world.firms, pulls, (1.0, 1.0, 1.0, 1.0), offers, 0)
    return float(offers[1, 0]), float(offers[0, 0])


def test_who_is_sold_out_sells_its_stock_to_the_last_bit() -> None:
    for stock, orders, more in np.random.default_rng(3).uniform(1.0, 9.0, (200, 3)):
        assert cash_sales(stock, stock + orders, more)[0] == stock
        sold_in_all, share = cash_sales(stock, 0.5 * stock, 0.5 * stock + more)
        assert sold_in_all == stock
        assert share == pytest.approx(0.5 * stock / (0.5 * stock + more))
        assert cash_sales(stock, 0.5 * stock, 0.25 * stock) == (pytest.approx(0.75 * stock), 1.0)
