"""From the firms of a survey to the state before month 0: missing cells drawn, channels opened, all settled.

What a file cannot say follows from what it says where it can: talent from workers, the return that an owner asks from
equipment. The rest is drawn (`imputing`). Settling holds chance; afterwards what chance does to firms is put back as
it is in the synthetic cluster, idle hands and short stocks, so that the first months do not begin with a jump.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import CITY, FIRM, N_CHANNELS, N_SENTRAS, SENTRA
from ovopsim.packing import pack_parameters
from ovopsim.population.chance import SURVEYED, chance_of, luck_of
from ovopsim.population.city import channel_mix, set_appeal_centres, set_makers, set_up_city, slots_for
from ovopsim.population.demand import give_appeal, open_unsold
from ovopsim.population.imputing import Alike, candidates_for_likeness, firms_alike, impute
from ovopsim.population.inversion import tightest, totals_matched
from ovopsim.population.notes import Note
from ovopsim.population.peers import meet
from ovopsim.population.resting import hurdle_of, rest_all
from ovopsim.population.settling import settle
from ovopsim.population.survey import SELLS, Survey
from ovopsim.population.survey_notes import Made, survey_notes
from ovopsim.rules.environment import Calendar
from ovopsim.state import World, empty_world

Array = NDArray[np.float64]
LEAST_HURDLE: Final = 0.0005  # a month; every owner asks for something
BUSY: Final = (0.5, 1.5)  # workers whom orders take, over those in the file: idle hands are never more than half
RESAMPLED, APPEAL_LUCK = 10, 11  # questions that draws answer, after those of `imputing`


def resampled(survey: Survey, firms: int, key: Any) -> Survey:
    """Return a survey of as many firms as wanted, its rows drawn with replacement; as it is when that is its number."""
    if firms == survey.count:
        return survey
    return survey.taken(np.floor(survey.count * chance_of(key, firms, SURVEYED, RESAMPLED)).astype(int).tolist())


def surveyed_world(
    survey: Survey, synthetic: World, values: dict[str, Any], calendar: Calendar, first_row: int, key: Any
) -> tuple[World, list[Note]]:
    """Return the state before month 0 with the firms of a survey, and notes.

    Parameters
    ----------
    survey : Survey
    synthetic : World
        State before month 0 of the synthetic cluster, under the same parameters and key.
    values : dict
        Parameter values by ``submodel.field``.
    calendar : Calendar
    first_row : int
        Row of month 0 in the calendar.
    key : uint64
        Key of the replication.

    Raises
    ------
    InputError
        When sales and channels do not go together, or firms cannot be brought to sell what the file says.
    """
    count = survey.count
    world = empty_world(slots_for(count), 1)
    set_up_city(world, values, np.bincount(survey.columns["sentra"].astype(int), minlength=N_SENTRAS).astype(float))
    world.sentras[SENTRA.entry_rate] = synthetic.sentras[SENTRA.entry_rate]
    world.city[CITY.used_slots] = count
    firms = world.firms[:, :count]
    alike = firms_alike(survey, candidates_for_likeness(synthetic), key)
    impute(world, survey, alike, values, key)
    set_cooperatives(world, firms)
    sales = survey.columns["yearly_sales_idr"] / 12.0
    opened = open_channels(firms, survey, sales, values)
    idle = alike.growth * (alike.firms[FIRM.workers] - labour_at_rest(alike.firms, values))
    rest(world, survey, alike, values, idle)
    settled = settle(world, values, calendar, first_row, key, sales, survey.names)
    give_appeal(world, values, settled.log_appeal, luck_of(key, count, SURVEYED, APPEAL_LUCK))
    set_appeal_centres(world, settled.log_appeal)
    unsold = open_unsold(world, values, synthetic)
    let_chance_back(world, survey, alike, values, idle)
    meet(world, key)
    return world, survey_notes(survey, Made(firms, settled, opened, unsold), values)


def set_cooperatives(world: World, firms: Array) -> None:
    """Let each cooperative have lent what its members owe, out of its fund."""
    lent = np.bincount(firms[FIRM.sentra].astype(int), weights=firms[FIRM.coop_debt], minlength=N_SENTRAS)
    world.sentras[SENTRA.lent] = lent
    world.sentras[SENTRA.fund] = np.maximum(0.0, world.sentras[SENTRA.fund_target] - lent)


def open_channels(firms: Array, survey: Survey, sales: Array, values: dict[str, Any]) -> int:
    """Let larger firms sell in more channels, where the file does not say, until all channels can be filled.

    Parameters
    ----------
    firms : array (fields, firms)
    survey : Survey
    sales : array (firms,)
        Rupiah a month.
    values : dict

    Returns
    -------
    opened : int
        Times that a firm was given a channel. What cannot be helped so is left to `inversion.check_feasible`.
    """
    sells = firms[FIRM.participates : FIRM.participates + N_CHANNELS]
    free = np.array([np.isnan(survey.columns[name]) for name in SELLS])
    mix = channel_mix(values) * sales.sum()
    opened = 0
    for empty in np.flatnonzero(~sells.any(axis=1) & free.any(axis=1)):
        sells[empty, np.argmax(np.where(free[empty], sales, -1.0))] = 1.0
        opened += 1
    while True:
        wanted = totals_matched(sells.T, sales, mix)
        tight = tightest(sells.T, sales, wanted)
        if tight is None:
            return opened
        may = free & (sells == 0.0) & tight.firms & ~tight.channels[:, None]
        if not may.any():
            return opened
        short = np.where(may.any(axis=1), wanted - sells @ sales, -np.inf)
        channel = int(np.argmax(short))
        sells[channel, np.argmax(np.where(may[channel], sales, -1.0))] = 1.0
        opened += 1


def rest(world: World, survey: Survey, alike: Alike, values: dict[str, Any], idle: Array) -> None:
    """Put firms at rest at the file's sales; workers tell talent, and equipment the return that the owner asks.

    Parameters
    ----------
    idle : array (firms,)
        Workers beyond those whom orders take.
    """
    firms = world.firms[:, : survey.count]
    workers = survey.columns["workers"]
    busy = np.clip(workers - idle, BUSY[0] * workers, BUSY[1] * workers)
    row = pack_parameters(values)
    rest_all(world, values, row, survey.columns["yearly_sales_idr"] / 12.0, firms[FIRM.equipment].copy(), busy)
    wanted = firms[FIRM.equipment] * alike.firms[FIRM.wanted_equipment] / alike.firms[FIRM.equipment]
    told = hurdle_of(wanted, firms[FIRM.expected_orders], firms[FIRM.log_scale], firms[FIRM.wage], values)
    known = ~np.isnan(survey.columns["equipment_idr"])
    firms[FIRM.hurdle_rate, known] = np.maximum(LEAST_HURDLE, told)[known]
    set_makers(world, values)


def labour_at_rest(firms: Array, values: dict[str, Any]) -> Array:
    """Return the workers that firms' expected orders take beside the owner, were they never idle (firms,)."""
    cost = "technology_and_cost."
    tools = np.log(np.maximum(1.0, firms[FIRM.equipment])) - values[cost + "log_reference_equipment"]
    made = firms[FIRM.log_scale] + values[cost + "equipment_elasticity"] * tools
    needed = np.exp((np.log(firms[FIRM.expected_orders]) - made) / values[cost + "labour_elasticity"])
    workers: Array = np.maximum(0.0, needed - firms[FIRM.owner_labour])
    return workers


def let_chance_back(world: World, survey: Survey, alike: Alike, values: dict[str, Any], idle: Array) -> None:
    """Give firms the idle hands and stocks that good and bad months leave, and what the file says of hands and cash.

    Stocks, over expected orders, are those of the firms alike.
    """
    firms = world.firms[:, : survey.count]
    at_rest = labour_at_rest(firms, values)
    firms[FIRM.workers] = np.maximum(0.0, at_rest + idle)
    for name, row in (("workers", FIRM.workers), ("cash_idr", FIRM.cash)):
        known = ~np.isnan(survey.columns[name])
        firms[row, known] = survey.columns[name][known]
    stock = alike.firms[FIRM.inventory] / alike.firms[FIRM.expected_orders]
    firms[FIRM.inventory] = stock * firms[FIRM.expected_orders]
    firms[FIRM.smoothed_profit] -= firms[FIRM.wage] * (firms[FIRM.workers] - at_rest)
    firms[FIRM.months_without_sale : FIRM.months_without_sale + N_CHANNELS] = 0.0
    world.city[CITY.employed] = firms[FIRM.workers].sum()
    world.city[CITY.mean_profit] = world.city[CITY.start_profit] = firms[FIRM.smoothed_profit].mean()
    set_makers(world, values)
