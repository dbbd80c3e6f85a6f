"""The default cluster: about 200 firms drawn to published margins, then lived in for decades before month 0.

Drawn, inverted, run with zero trends, no programme and no named shocks in segments of twenty years; after each segment
buyers' spending and the pull of sellers elsewhere are rescaled to the cluster's size and channel shares, and each
sentra's entry to its exit. A last run of
two years without rescaling lets prices, stocks and cash come to rest with every rule at work, as from month 0 on.
(Holding chance meanwhile, as a survey must to keep its firms, would leave firms without idle hands and short stocks,
and the first months would begin with a jump.)
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.compiling import door
from ovopsim.draws import INITIAL_POPULATION, uniform
from ovopsim.fields import CHANNEL, CITY, FIRM, LOCAL, N_CHANNELS, N_SENTRAS, SENTRA
from ovopsim.packing import read_costs, read_owners
from ovopsim.population.chance import DRAWN, chance_of, luck_of
from ovopsim.population.city import (
    balance_entry,
    candidates_of,
    firms_by_sentra,
    rescale,
    set_appeal_centres,
    set_makers,
    set_up_city,
    slots_for,
)
from ovopsim.population.demand import give_appeal, invert
from ovopsim.population.peers import meet
from ovopsim.population.quiet import QuietMonths, everything_at_work
from ovopsim.population.resting import rest_all
from ovopsim.rules.entry_and_exit.owners import TRAITS, bring
from ovopsim.rules.environment import Calendar
from ovopsim.state import World, empty_world

Array = NDArray[np.float64]
SEGMENT: Final = 240
SEGMENTS: Final = 3
AT_REST: Final = 24
BURN_IN: Final = SEGMENTS * SEGMENT + AT_REST
CHUNK: Final = 60
FIRST_GUESS: Final = 0.125  # entrants over candidates, before exits have been counted
MEAN_AGE: Final = 144.0  # months; of the firms drawn first, which burn-in replaces

# Questions that draws answer; an owner's own (`rules.entry_and_exit.owners.bring`) stand below 40.
SIZE, AGE, APPEAL_LUCK, REACH = 43, 44, 45, 50


@door
def draw_owners(world: World, row: Array, counts: Array, luck: Array, key: Any) -> int:
    """Draw the first owners, sentra by sentra; return the number drawn. `luck` is an array (4, 6) of scratch space."""
    owners = read_owners(row)
    costs = read_costs(row)
    slot = 0
    for sentra in range(N_SENTRAS):
        for _ in range(int(counts[sentra])):
            for trait in range(TRAITS):
                luck[trait % 4, trait // 4] = uniform(key, INITIAL_POPULATION, slot, 0, trait)
            bring(world.firms, owners, costs, luck, slot)
            world.firms[FIRM.sentra, slot] = sentra
            world.firms[FIRM.firm_id, slot] = slot
            world.firms[FIRM.active, slot] = 1.0
            slot += 1
    world.city[CITY.used_slots] = slot
    return slot


def sell_where_size_allows(world: World, values: dict[str, Any], size: Array, key: Any) -> None:
    """Let the larger of the first firms sell farther away: a channel's share of firms is taken from the top of size."""
    count = len(size)
    for channel in range(N_CHANNELS):
        share = float(values["population.channel_share"][channel])
        rank = size + 0.5 * luck_of(key, count, DRAWN, REACH + channel)
        sellers = np.zeros(count)
        sellers[np.argsort(-rank)[: max(1, round(share * count))]] = 1.0
        world.firms[FIRM.participates + channel, :count] = sellers
    nowhere = world.firms[FIRM.participates : FIRM.participates + N_CHANNELS, :count].sum(axis=0) == 0.0
    world.firms[FIRM.participates + LOCAL, :count][nowhere] = 1.0  # nobody makes cloth that is sold nowhere


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

    Raises
    ------
    InputError
        When these values do not go together, such as channels that the firms drawn cannot fill.
    """
    count = int(counts.sum())
    world = empty_world(slots_for(count), 1)
    set_up_city(world, values, counts)
    draw_owners(world, row, counts, np.zeros((4, TRAITS // 4)), key)
    sentra = world.firms[FIRM.sentra, :count].astype(int)
    centre, spread = (np.asarray(values[f"population.{name}"])[sentra] for name in ("size_centre", "size_sd"))
    size = centre + spread * luck_of(key, count, DRAWN, SIZE)
    orders = np.exp(size)
    orders *= values["population.sales_per_firm"] * count / orders.sum()
    sell_where_size_allows(world, values, size, key)
    world.firms[FIRM.age, :count] = np.floor(-MEAN_AGE * np.log(chance_of(key, count, DRAWN, AGE)))
    unknown = np.full(count, np.nan)
    rest_all(world, values, row, orders, unknown, unknown)
    log_appeal = invert(world, values, row, orders, [f"firm {slot + 1}" for slot in range(count)], drawn=True)
    give_appeal(world, values, log_appeal, luck_of(key, count, DRAWN, APPEAL_LUCK))
    set_appeal_centres(world, log_appeal)
    set_makers(world, values)
    meet(world, key)
    return world


def burn_in(world: World, values: dict[str, Any], row: Array, calendar: Calendar, key: Any) -> None:
    """Run `BURN_IN` months up to month 0, rescaling markets and balancing entry after each segment."""
    rate = float(values["entry_and_exit.candidate_rate"])
    candidates = candidates_of(float(world.city[CITY.initial_count]), rate)
    quiet = QuietMonths(world, row, calendar, key, everything_at_work(), candidates, CHUNK)
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
            results = quiet.run(first, part)
            first += part
            firm_months += part * 0.5 * (before + firms_by_sentra(world))
            pulls.append(results.channels[0, :part, CHANNEL.attraction].mean(axis=0))
        if months == SEGMENT:
            rescale(world, values, np.mean(pulls[len(pulls) // 2 :], axis=0))
            balance_entry(world, firm_months)
    world.city[CITY.start_profit] = world.city[CITY.mean_profit]


__all__ = ["BURN_IN", "burn_in", "candidates_of", "draw_population", "everything_at_work"]
