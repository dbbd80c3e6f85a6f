"""A month in the life of the cluster, and the compiled loop over months and runs.

This is the only place that knows the order of events.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from ovopsim.compiling import compiled, door, row_reader
from ovopsim.draws import (
    APPEAL_SHOCK,
    CLOSING,
    HOUSEHOLD_SHOCK,
    INSTITUTIONS,
    OUTPUT_SHOCK,
    PARTICIPATION,
    PEER,
    fill_four_uniforms,
    fill_normals,
)
from ovopsim.forms import Costs
from ovopsim.ledger import FLOWS, Ledger, open_books
from ovopsim.outcomes.monthly import OUTCOMES, observe
from ovopsim.rules.accounts import Accounts, settle
from ovopsim.rules.agency import AgencyParameters, Assignments, Levers, serve
from ovopsim.rules.entry_and_exit import EntryAndExit, Owners, close_and_enter
from ovopsim.rules.environment import Calendar, Environment, change_environment, change_outside
from ovopsim.rules.finance import Finance, borrow_and_invest
from ovopsim.rules.learning import Learning, learn
from ovopsim.rules.market import Market, draw_buyers, sell
from ovopsim.rules.planning import Planning, plan
from ovopsim.rules.production import Production, produce
from ovopsim.state import (
    CHANNEL,
    CITY,
    FIRM,
    N_CHANNELS,
    N_SENTRAS,
    AgencyRows,
    ChannelRows,
    FirmRows,
    Reals,
    SentraRows,
    World,
    row_count,
)


class Observation(NamedTuple):
    """Parameters of observation (`observation.yaml`)."""

    none_below: float


# submodel -> its parameters; a run's parameters are one row of numbers in this order
TABLES: Final[dict[str, type]] = {
    "technology_and_cost": Costs,
    "environment": Environment,
    "agency": AgencyParameters,
    "planning": Planning,
    "finance": Finance,
    "production": Production,
    "market": Market,
    "accounts": Accounts,
    "learning": Learning,
    "entry_and_exit": EntryAndExit,
    "population": Owners,
    "observation": Observation,
}
LENGTHS: Final[dict[str, dict[str, int]]] = {
    "technology_and_cost": {
        "reference_price": 3,
        "output_scale": 3,
        "materials_per_piece": 3,
        "practice_pull": 4,
        "base_weight": 4,
        "access_pull": 4,
    },
    "environment": {"spending_persistence": 4, "spending_sd": 4},
    "agency": {"absorption": 12},
    "market": {"quality_value": 4, "certificate_effect": 4, "minimum_order": 4},
    "learning": {
        "practice": 4,
        "fade": 4,
        "habit": 4,
        "erosion": 4,
        "access_practice": 4,
        "least_access": 4,
        "meeting_intensity": 3,
        "channel_rate": 4,
        "channel_cost": 4,
    },
    "population": {
        "skill_mean": 4,
        "skill_sd": 4,
        "access_mean": 4,
        "access_sd": 4,
        "channel_share": 4,
        "technique_share": 3,
    },
}


def _starts() -> dict[str, int]:
    starts, place = {}, 0
    for name, table in TABLES.items():
        starts[name] = place
        lengths = LENGTHS.get(name, {})
        place += sum(lengths.get(field, 1) for field in table._fields)  # type: ignore[attr-defined]
    starts["end"] = place
    return starts


STARTS: Final = _starts()


def _reader(name: str) -> Any:
    return row_reader(TABLES[name], STARTS[name], LENGTHS.get(name, {}))


read_costs = _reader("technology_and_cost")
read_environment = _reader("environment")
read_agency = _reader("agency")
read_planning = _reader("planning")
read_finance = _reader("finance")
read_production = _reader("production")
read_market = _reader("market")
read_accounts = _reader("accounts")
read_learning = _reader("learning")
read_entry_and_exit = _reader("entry_and_exit")
read_owners = _reader("population")
read_observation = _reader("observation")


def pack_parameters(values: dict[str, Any]) -> Reals:
    """Return one run's row of numbers from ``'market.quality_value' -> value or array``."""
    row = np.empty(STARTS["end"])
    for name, table in TABLES.items():
        place = STARTS[name]
        for field in table._fields:  # type: ignore[attr-defined]
            length = LENGTHS.get(name, {}).get(field, 1)
            row[place : place + length] = values[f"{name}.{field}"]
            place += length
    return row


class Scratch(NamedTuple):
    """Working memory of one run: random numbers of the month and sums under way; nothing is remembered in it.

    Attributes
    ----------
    ids : array (slots,) of int64
    normals : array (3, slots)
        Shocks to output, appeal and household need.
    uniforms : array (16, slots)
        Peer, adoption, joining, licence; certificate, account, two spare; four channels; closing, application,
        approval, spare.
    wish, attractions, before, people, per_pull : arrays
    """

    ids: Any
    normals: Reals
    uniforms: Reals
    wish: Reals
    attractions: Reals
    before: Reals
    people: Reals
    per_pull: Reals


def empty_scratch(n_slots: int) -> Scratch:
    """Return working memory for `n_slots` firm slots."""
    return Scratch(
        np.zeros(n_slots, dtype=np.int64),
        np.zeros((3, n_slots)),
        np.zeros((16, n_slots)),
        np.zeros(n_slots),
        np.zeros((N_CHANNELS, n_slots)),
        np.zeros((8, n_slots)),
        np.zeros((6, n_slots)),
        np.zeros((2, N_CHANNELS)),
    )


class Held(NamedTuple):
    """Attributes whose path is replaced by another run's (model.md §8); the empty object holds nothing.

    Attributes
    ----------
    rows : array (fields,)
        1 for a row of the firm matrix that is held.
    market : array (1,)
        1 when the market sums are held.
    firms : array (months, fields, slots)
        State of firms at the start of each month in the run that is replayed; months = 0 when nothing is held.
    channels : array (months, 2, 4)
        Outside pull and cluster attraction of each month in that run.
    city : array (months, rows)
        City, sentra values of that run when everything is held.
    """

    rows: Reals
    market: Reals
    firms: Reals
    channels: Reals


class Switches(NamedTuple):
    """Rules that are at rest while a population settles; 1 = the rule works.

    Attributes
    ----------
    values : array (4,)
        Entry and exit; learning; shocks to firms; agency.
    """

    values: Reals


ENTRY_AND_EXIT, LEARNING, SHOCKS, AGENCY_AT_WORK = range(4)


@compiled
def draw_month(world, scratch, shocks, key):
    """Fill the month's random numbers, one plain loop for each process."""
    month = int(world.city[CITY.month])
    count = int(world.city[CITY.used_slots])
    for slot in range(count):
        scratch.ids[slot] = int(world.firms[FIRM.firm_id, slot])
    if shocks == 1.0:
        fill_normals(scratch.normals[0], key, OUTPUT_SHOCK, scratch.ids, month, count)
        fill_normals(scratch.normals[1], key, APPEAL_SHOCK, scratch.ids, month, count)
        fill_normals(scratch.normals[2], key, HOUSEHOLD_SHOCK, scratch.ids, month, count)
    else:
        scratch.normals[:] = 0.0
    fill_four_uniforms(scratch.uniforms[0:4], key, PEER, scratch.ids, month, count)
    fill_four_uniforms(scratch.uniforms[4:8], key, INSTITUTIONS, scratch.ids, month, count)
    fill_four_uniforms(scratch.uniforms[8:12], key, PARTICIPATION, scratch.ids, month, count)
    fill_four_uniforms(scratch.uniforms[12:16], key, CLOSING, scratch.ids, month, count)


@compiled
def month(world, ledger, scratch, row, levers, assignments, held, calendar, calendar_row, switches, candidates, key):
    """One month, in order: nine rules (model.md §3)."""
    costs = read_costs(row)
    market = read_market(row)
    accounts = read_accounts(row)
    learning = read_learning(row)
    work = switches.values
    open_books(world, ledger)
    draw_month(world, scratch, work[SHOCKS], key)
    # what do buyers spend, and what do things cost this month?
    change_environment(world.channels, world.sentras, world.city, read_environment(row), calendar, calendar_row, key)
    change_outside(world.channels, world.city, costs.demand_elasticity)
    # the agency spends this month's money on those it can reach
    if work[AGENCY_AT_WORK] == 1.0:
        serve(
            world,
            ledger,
            read_agency(row),
            costs,
            levers,
            assignments,
            scratch.wish,
            learning.least_access,
            accounts.tax_rate,
            key,
        )
    hold(world, held)
    # how much does each owner want to make, with whom, with what tools?
    plan(world.firms, world.channels, world.sentras, world.city, read_planning(row), costs, scratch.wish)
    # own cash first, then the cooperative, then the bank
    borrow_and_invest(
        world.firms,
        world.sentras,
        world.city,
        ledger,
        read_finance(row),
        costs,
        scratch.uniforms[13:15],
        calendar.price_level[calendar_row],
    )
    # cloth is made
    produce(world.firms, world.city, ledger, read_production(row), costs, scratch.normals[0])
    # buyers choose
    draw_buyers(
        world.firms,
        world.channels,
        world.sentras,
        world.city,
        ledger,
        market,
        costs,
        scratch.attractions,
        scratch.normals[1],
        key,
    )
    hold_market(world, held)
    sell(world.firms, world.channels, world.city, ledger, market, scratch.attractions, scratch.per_pull)
    # debts, taxes and the household
    settle(
        world.firms,
        world.sentras,
        world.city,
        ledger,
        accounts,
        costs,
        scratch.normals[2],
        calendar.price_level[calendar_row],
    )
    # what is learned, forgotten and joined
    if work[LEARNING] == 1.0:
        learn(
            world.firms, world.sentras, world.city, ledger, learning, scratch.before, scratch.people, scratch.uniforms
        )
    # who closes, who starts
    if work[ENTRY_AND_EXIT] == 1.0:
        close_and_enter(
            world,
            ledger,
            read_entry_and_exit(row),
            read_owners(row),
            costs,
            learning.least_access,
            scratch.uniforms[12],
            candidates,
            key,
        )
    world.city[CITY.month] += 1.0


@compiled
def hold(world, held):
    """Replace held attributes by those that the same firm had in the run that is replayed."""
    month = int(world.city[CITY.month])
    if month < 0 or month >= held.firms.shape[0]:
        return
    path = held.firms[month]
    used = int(world.city[CITY.used_slots])
    for slot in range(used):
        if world.firms[FIRM.active, slot] == 1.0:
            other = same_firm(path, world.firms[FIRM.firm_id, slot], slot)
            if other >= 0:
                for field in range(held.rows.shape[0]):
                    if held.rows[field] == 1.0:
                        world.firms[field, slot] = path[field, other]


@compiled
def same_firm(path, identity, slot):
    """Column of a firm in the replayed run (usually its own slot), or −1 when it is not in business there."""
    if path[FIRM.firm_id, slot] == identity and path[FIRM.active, slot] == 1.0:
        return slot
    for other in range(path.shape[1]):
        if path[FIRM.firm_id, other] == identity and path[FIRM.active, other] == 1.0:
            return other
    return -1


@compiled
def hold_market(world, held):
    """Replace the sums over rivals by those of the run that is replayed."""
    month = int(world.city[CITY.month])
    if held.market[0] == 1.0 and 0 <= month < held.channels.shape[0]:
        for channel in range(N_CHANNELS):
            world.channels[CHANNEL.outside, channel] = held.channels[month, 0, channel]
            world.channels[CHANNEL.attraction, channel] = held.channels[month, 1, channel]


class Results(NamedTuple):
    """What a batch of runs leaves behind.

    Attributes
    ----------
    monthly : array (runs, months, outcomes)
    levers : array (runs, months, agency fields, levers)
    channels : array (runs, months, channel fields, 4)
    sentras : array (runs, months, sentra fields, 3)
    flows : array (runs, months, flows)
        Money booked under each name.
    snapshots : array (runs, chosen months, firm fields, slots)
        Firms at the end of chosen months.
    """

    monthly: Reals
    levers: Reals
    channels: Reals
    sentras: Reals
    flows: Reals
    snapshots: Reals


def empty_results(months: int, kept: int, n_levers: int, n_slots: int, runs: int = 1) -> Results:
    """Return room for the results of `runs` runs."""
    return Results(
        np.zeros((runs, months, len(OUTCOMES))),
        np.zeros((runs, months, row_count(AgencyRows), n_levers)),
        np.zeros((runs, months, row_count(ChannelRows), N_CHANNELS)),
        np.zeros((runs, months, row_count(SentraRows), N_SENTRAS)),
        np.zeros((runs, months, len(FLOWS))),
        np.zeros((runs, kept, row_count(FirmRows), n_slots)),
    )


@compiled
def copy_into(target, source):
    """Copy a state into working memory of the same shape."""
    target.firms[:] = source.firms
    target.channels[:] = source.channels
    target.sentras[:] = source.sentras
    target.city[:] = source.city
    target.agency[:] = source.agency
    target.served[:] = source.served
    target.lists[:] = source.lists
    target.ring[:] = source.ring


@door
def run_many(
    start,
    work,
    ledger,
    scratch,
    rows,
    lever_tables,
    effects,
    orders,
    assigned,
    held,
    calendar,
    first_row,
    switches,
    candidates,
    keys,
    months,
    chosen,
    results,
):
    """Fork each run from one month-0 state and run it: arrays over runs of parameters, programme and seed.

    Parameters
    ----------
    start : World
        Month-0 state; not written.
    work : World
        Working memory of the same shape.
    rows : array (runs, parameters)
    lever_tables : array (runs, lever properties, levers)
    effects : array (runs, effects, 4)
    orders, assigned : arrays (runs, assignments, 4), (runs, assignments, slots)
    keys : array (runs,) of uint64
    """
    for run in range(rows.shape[0]):
        copy_into(work, start)
        ledger.booked[:] = 0.0
        levers = Levers(lever_tables[run], effects[run])
        assignments = Assignments(orders[run], assigned[run])
        costs = read_costs(rows[run])
        threshold = read_observation(rows[run]).none_below
        kept = 0
        for step in range(months):
            month(
                work,
                ledger,
                scratch,
                rows[run],
                levers,
                assignments,
                held,
                calendar,
                first_row + step,
                switches,
                candidates,
                keys[run],
            )
            observe(work, costs, threshold, results.monthly[run, step])
            results.levers[run, step] = work.agency
            results.channels[run, step] = work.channels
            results.sentras[run, step] = work.sentras
            results.flows[run, step] = ledger.flows
            if kept < chosen.shape[0] and chosen[kept] == step:
                results.snapshots[run, kept] = work.firms
                kept += 1


__all__ = [
    "Calendar",
    "Held",
    "Ledger",
    "Levers",
    "Results",
    "Scratch",
    "Switches",
    "World",
    "month",
    "run_many",
]
