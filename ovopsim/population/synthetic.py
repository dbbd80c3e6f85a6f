"""The default cluster: about 200 firms drawn to published margins, then lived in for decades before month 0.

Drawn, inverted, run with zero trends, no programme and no shocks in segments of twenty years; after each segment
buyers' spending and the pull of sellers elsewhere are rescaled to the cluster's size and channel shares. A last run of
two years without rescaling lets prices, stocks and cash come to rest, so that month 0 has no jump.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.compiling import door
from ovopsim.draws import INITIAL_POPULATION, normal, uniform
from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS, N_SENTRAS, SENTRA, row_count
from ovopsim.forms import logistic
from ovopsim.holding import nothing_held
from ovopsim.ledger import empty_ledger
from ovopsim.month import Switches, empty_scratch
from ovopsim.packing import read_costs, read_learning, read_market, read_owners
from ovopsim.population.inversion import balance, check_feasible, split_appeal
from ovopsim.population.resting import rest_firm
from ovopsim.rules.agency.tables import Assignments, LeverRows, Levers
from ovopsim.rules.entry_and_exit.neighbours import renew_neighbours, renew_ring
from ovopsim.rules.entry_and_exit.starting import bring
from ovopsim.rules.environment import Calendar
from ovopsim.rules.market.demand import attract
from ovopsim.running import empty_results, run_many
from ovopsim.state import World, empty_world

Array = NDArray[np.float64]
SEGMENT = 240
SEGMENTS = 3
AT_REST = 24
BURN_IN = SEGMENTS * SEGMENT + AT_REST
CHUNK = 60
FIRST_GUESS = 0.125  # entrants over candidates, before exits have been counted


def candidates_of(firms: float, candidate_rate: float) -> int:
    """Return K, the fixed number of people who consider starting each month."""
    return int(np.ceil(candidate_rate * firms)) + 1


def slots_for(firms: int) -> int:
    """Return the number of firm slots for so many first firms: three times as many, and a few."""
    return 3 * firms + 30


def no_levers(n_slots: int) -> tuple[Levers, Assignments]:
    """Return the programme that does nothing."""
    table = np.zeros((row_count(LeverRows), 1))
    return Levers(table, np.zeros((0, 4))), Assignments(np.zeros((0, 4)), np.zeros((0, n_slots)))


def everything_at_work() -> Switches:
    """Return switches with every rule at work."""
    return Switches(np.ones(4))


@door
def draw_owners(world, row, counts, key):
    """Draw the first owners, sentra by sentra; return the number drawn."""
    owners = read_owners(row)
    costs = read_costs(row)
    slot = 0
    for sentra in range(N_SENTRAS):
        for _ in range(int(counts[sentra])):
            bring(world.firms, owners, costs, key, INITIAL_POPULATION, slot, 0, slot)
            world.firms[FIRM.sentra, slot] = sentra
            world.firms[FIRM.firm_id, slot] = slot
            world.firms[FIRM.active, slot] = 1.0
            slot += 1
    world.city[CITY.used_slots] = slot
    return slot


@door
def fill_luck(out, key, index):
    """Write one normal for each first firm."""
    for slot in range(out.shape[0]):
        out[slot] = normal(key, INITIAL_POPULATION, slot, 0, index)


@door
def fill_chance(out, key, index):
    """Write one uniform for each first firm."""
    for slot in range(out.shape[0]):
        out[slot] = uniform(key, INITIAL_POPULATION, slot, 0, index)


def luck_of(key: Any, count: int, index: int) -> Array:
    """Return one normal for each first firm."""
    values = np.empty(count)
    fill_luck(values, key, index)
    return values


def chance_of(key: Any, count: int, index: int) -> Array:
    """Return one uniform for each first firm."""
    values = np.empty(count)
    fill_chance(values, key, index)
    return values


@door
def rest_all(world, row, cover, buffer_months, orders):
    """Put every firm at rest at its orders (rupiah a month)."""
    costs = read_costs(row)
    world.city[CITY.employed] = 0.0
    for slot in range(orders.shape[0]):
        rest_firm(world.firms, world.sentras, world.city, costs, cover, buffer_months, slot, orders[slot])


@door
def fill_pulls(pulls, world, row):
    """Write w_ij of the inversion, (channels, firms): attraction with appeal left out, by the market's own equation."""
    costs = read_costs(row)
    market = read_market(row)
    learning = read_learning(row)
    for slot in range(pulls.shape[1]):
        mean = world.firms[FIRM.appeal_mean, slot]
        state = world.firms[FIRM.appeal_state, slot]
        world.firms[FIRM.appeal_mean, slot] = 0.0
        world.firms[FIRM.appeal_state, slot] = 0.0
        for channel in range(N_CHANNELS):
            access = max(learning.least_access[channel], logistic(world.firms[FIRM.access_logit + channel, slot]))
            sells = world.firms[FIRM.participates + channel, slot]
            world.firms[FIRM.market_access + channel, slot] = access * sells
        attract(world.firms, world.channels, world.sentras, market, costs, pulls, slot)
        world.firms[FIRM.appeal_mean, slot] = mean
        world.firms[FIRM.appeal_state, slot] = state


def pull_without_appeal(world: World, row: Array, count: int) -> Array:
    """Return w_ij of the inversion, (firms, channels)."""
    pulls = np.zeros((N_CHANNELS, count))
    fill_pulls(pulls, world, row)
    return pulls.T.copy()


@door
def meet(world, lists, key):
    """Let the first firms find their acquaintances; `lists` is scratch space (see `renew_ring`)."""
    renew_ring(world, lists, key, 0)
    renew_neighbours(world, key, 0)


def sell_where_size_allows(world: World, values: dict[str, Any], size: Array, key: Any) -> None:
    """Let the larger of the first firms sell farther away: a channel's share of firms is taken from the top of size."""
    count = len(size)
    for channel in range(N_CHANNELS):
        share = float(values["population.channel_share"][channel])
        rank = size + 0.5 * luck_of(key, count, 50 + channel)
        sellers = np.zeros(count)
        sellers[np.argsort(-rank)[: max(1, round(share * count))]] = 1.0
        world.firms[FIRM.participates + channel, :count] = sellers


def draw_population(values: dict[str, Any], row: Array, counts: Array, key: Any) -> World:
    """Return a cluster drawn to the margins, inverted, in business for one day.

    Parameters
    ----------
    values : dict
        Parameter values by ``submodel.field``.
    row : array
        The same values packed for the rules.
    counts : array (3,)
        Firms of each sentra.
    key : uint64
        Key of the replication.
    """
    count = int(counts.sum())
    world = empty_world(slots_for(count), 1)
    set_up_city(world, values, counts)
    draw_owners(world, row, counts, key)
    sentra = world.firms[FIRM.sentra, :count].astype(int)
    size = np.asarray(values["population.size_centre"])[sentra] + np.asarray(values["population.size_sd"])[
        sentra
    ] * luck_of(key, count, 43)
    orders = np.exp(size)
    orders *= values["population.sales_per_firm"] * count / orders.sum()
    sell_where_size_allows(world, values, size, key)
    world.firms[FIRM.age, :count] = np.floor(-144.0 * np.log(chance_of(key, count, 44)))
    rest_all(world, row, values["planning.cover"], values["accounts.buffer_months"], orders)
    pulls = pull_without_appeal(world, row, count)
    mix = channel_mix(values)
    check_feasible(pulls, orders, mix * orders.sum(), [f"firm {slot}" for slot in range(count)])
    result = balance(pulls, orders, mix * orders.sum(), tolerance=1e-9)
    mean, state = split_appeal(result.log_appeal, float(values["market.appeal_sd"]), luck_of(key, count, 45))
    world.firms[FIRM.appeal_mean, :count] = mean
    world.firms[FIRM.appeal_state, :count] = state
    for place in range(N_SENTRAS):
        here = sentra == place
        world.sentras[SENTRA.appeal_centre, place] = result.log_appeal[here].mean() if here.any() else 0.0
    trailing = np.exp(result.log_appeal)[:, None] * pulls * result.per_attraction
    world.firms[FIRM.trailing_orders : FIRM.trailing_orders + N_CHANNELS, :count] = trailing.T
    set_markets(world, values, (np.exp(result.log_appeal) @ pulls), orders.sum())
    world.city[CITY.makers] = world.city[CITY.employed] / (1.0 - values["population.maker_slack"])
    scratch = empty_scratch(world.firms.shape[1])
    meet(world, (scratch.wish, scratch.order, scratch.chosen, scratch.bins), key)
    return world


def set_up_city(world: World, values: dict[str, Any], counts: Array) -> None:
    """Set what does not depend on the firms: places, cooperatives, prices."""
    world.sentras[SENTRA.amenity] = 1.0
    world.sentras[SENTRA.initial_firms] = counts
    world.sentras[SENTRA.governance] = values["population.governance"]
    world.sentras[SENTRA.governance_base] = values["population.governance"]
    world.sentras[SENTRA.fund] = values["population.coop_fund_per_firm"] * counts
    world.sentras[SENTRA.fund_target] = values["population.coop_fund_per_firm"] * counts
    world.city[CITY.outside_price] = 1.0
    world.city[CITY.material_price] = 1.0
    world.city[CITY.wage_level] = 1.0
    world.city[CITY.hiring_room] = 1.0
    world.city[CITY.initial_count] = counts.sum()


def channel_mix(values: dict[str, Any]) -> Array:
    """Return the share of each channel in the cluster's sales, adding up to one."""
    mix: Array = np.asarray(values["market.channel_mix"], dtype=float)
    return mix / mix.sum()


def set_markets(world: World, values: dict[str, Any], attraction: Array, sales: float) -> None:
    """Set spending and the outside's pull so that the cluster sells `sales` with its share of each channel."""
    share = 1.0 - np.asarray(values["market.outside_share"])
    world.channels[CHANNEL.spending_base] = channel_mix(values) * sales / share
    world.channels[CHANNEL.outside_base] = attraction * (1.0 - share) / share
    world.channels[CHANNEL.attraction] = attraction


def rescale(world: World, values: dict[str, Any], pull: Array) -> None:
    """Rescale spending and the outside's pull to the cluster's size, and the pool of makers to those employed.

    `pull` is the cluster's mean attraction in each channel over the last years; where nobody sold, the outside stays.
    """
    outside = world.channels[CHANNEL.outside_base].copy()
    sales = float(values["population.sales_per_firm"]) * float(world.city[CITY.initial_count])
    set_markets(world, values, pull, sales)
    world.channels[CHANNEL.outside_base] = np.where(pull > 0.0, world.channels[CHANNEL.outside_base], outside)
    world.city[CITY.makers] = max(
        world.city[CITY.employed] / (1.0 - values["population.maker_slack"]), world.city[CITY.employed] + 1.0
    )


def firms_by_sentra(world: World) -> Array:
    """Return the number of firms in business in each sentra."""
    here = world.firms[FIRM.sentra, world.firms[FIRM.active] == 1.0].astype(int)
    return np.bincount(here, minlength=N_SENTRAS).astype(float)


def balance_entry(world: World, firm_months: Array) -> None:
    """Let as many start in each sentra as close there: its entry rate becomes its exit rate of the last years.

    The cluster then keeps its number of firms without a programme, whatever the parameters; a rate that was set by
    hand made it grow or shrink severalfold when another parameter changed.
    """
    rates = world.sentras[SENTRA.closed] / np.maximum(firm_months, 1.0)
    world.sentras[SENTRA.entry_rate] = np.where(world.sentras[SENTRA.initial_firms] > 0.0, rates, 0.0)


def without_trends(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the named trends at zero (trends begin at month 0 anyhow)."""
    return values | {"environment.g_spending": 0.0, "environment.g_outside_price": 0.0, "environment.g_real_wage": 0.0}


def burn_in(world: World, values: dict[str, Any], row: Array, calendar: Calendar, key: Any) -> None:
    """Run `BURN_IN` months up to month 0, rescaling markets and balancing entry after each segment."""
    n_slots = world.firms.shape[1]
    levers, assignments = no_levers(n_slots)
    ledger, scratch = empty_ledger(n_slots), empty_scratch(n_slots)
    results = empty_results(CHUNK, 0, 1, n_slots)
    rate = float(values["entry_and_exit.candidate_rate"])
    candidates = candidates_of(float(world.city[CITY.initial_count]), rate)
    world.sentras[SENTRA.entry_rate] = FIRST_GUESS * rate
    world.city[CITY.month] = -BURN_IN
    first = 0
    for months in (*(SEGMENT,) * SEGMENTS, AT_REST):
        firm_months, pulls = np.zeros(N_SENTRAS), []
        world.sentras[SENTRA.closed] = 0.0
        world.city[CITY.entries_refused] = 0.0  # a table filled before entry was balanced is no fault
        for _ in range(0, months, CHUNK):
            part = min(CHUNK, months)
            before = firms_by_sentra(world)
            run_many(
                world,
                world,
                ledger,
                scratch,
                row[None],
                levers.table[None],
                levers.effects[None],
                assignments.orders[None],
                assignments.firms[None],
                nothing_held(),
                calendar,
                first,
                everything_at_work(),
                candidates,
                np.array([key], dtype=np.uint64),
                part,
                np.zeros(0, dtype=np.int64),
                results,
            )
            first += part
            firm_months += part * 0.5 * (before + firms_by_sentra(world))
            pulls.append(results.channels[0, :part, CHANNEL.attraction].mean(axis=0))
        if months == SEGMENT:
            rescale(world, values, np.mean(pulls[len(pulls) // 2 :], axis=0))
            balance_entry(world, firm_months)
    world.city[CITY.start_profit] = world.city[CITY.mean_profit]
