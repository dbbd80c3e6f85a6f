"""A month in the life of the cluster.

This is the only place that knows the order of events.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ovopsim.compiling import compiled
from ovopsim.draws import (
    ACQUAINTANCE,
    CLOSING_AND_CREDIT,
    FIRM_SHOCKS,
    PARTICIPATION,
    fill_four_uniforms,
    fill_shocks,
)
from ovopsim.fields import CITY, FIRM, N_CHANNELS, Reals
from ovopsim.holding import hold_market, hold_state
from ovopsim.ledger import open_books
from ovopsim.ordering import Lists
from ovopsim.packing import (
    read_accounts,
    read_agency,
    read_costs,
    read_entry_and_exit,
    read_environment,
    read_finance,
    read_learning,
    read_market,
    read_owners,
    read_planning,
    read_production,
)
from ovopsim.rules.accounts import settle
from ovopsim.rules.agency import serve
from ovopsim.rules.entry_and_exit import close_and_enter
from ovopsim.rules.environment import change_environment, change_outside
from ovopsim.rules.finance import borrow_and_invest
from ovopsim.rules.learning import BLOCK, learn
from ovopsim.rules.learning.law import N_SKILLS
from ovopsim.rules.learning.meetings import N_TOLD
from ovopsim.rules.learning.people import N_PEOPLE, N_SHOWN
from ovopsim.rules.market import draw_buyers
from ovopsim.rules.market.sales import sell
from ovopsim.rules.planning import plan
from ovopsim.rules.production import produce


class Scratch(NamedTuple):
    """Working memory of one run: random numbers of the month and sums under way; nothing is remembered in it.

    Attributes
    ----------
    ids : array (slots,) of int64
    shocks : array (4, slots)
        Shocks to output and appeal (normal) and to the household's need (uniform), mean 0 and standard deviation 1;
        one spare.
    uniforms : array (13, slots)
        Peer, adoption, joining, licence; closing, application, approval, account; four channels; certificate.
    order, chosen, bins : arrays (slots,) of int64
        For putting firms in order.
    wish, attractions, offers, heard, people, shown, told, per_pull : arrays
    """

    ids: Any
    shocks: Reals
    uniforms: Reals
    wish: Reals
    attractions: Reals
    offers: Reals
    heard: Reals
    people: Reals
    shown: Reals
    told: Reals
    per_pull: Reals
    order: Any
    chosen: Any
    bins: Any


def empty_scratch(n_slots: int) -> Scratch:
    """Return working memory for `n_slots` firm slots."""
    block = min(n_slots, BLOCK)
    return Scratch(
        np.zeros(n_slots, dtype=np.int64),
        np.zeros((4, n_slots)),
        np.zeros((13, n_slots)),
        np.zeros(n_slots),
        np.zeros((N_CHANNELS, n_slots)),
        np.zeros((2, n_slots)),
        np.zeros((N_SKILLS + N_CHANNELS, block)),
        np.zeros((N_PEOPLE, block)),
        np.zeros((n_slots, N_SHOWN)),
        np.zeros((n_slots, N_TOLD)),
        np.zeros((2, N_CHANNELS)),
        np.zeros(n_slots, dtype=np.int64),
        np.zeros(n_slots, dtype=np.int64),
        np.zeros(n_slots, dtype=np.int64),
    )


@compiled
def lists_of(scratch):
    """Return the part of the working memory in which firms are put in order."""
    return Lists(scratch.wish, scratch.order, scratch.chosen, scratch.bins, scratch.ids, scratch.attractions)


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
    fill_shocks(scratch.shocks, scratch.uniforms[12], key, FIRM_SHOCKS, scratch.ids, month, scratch.order, count)
    if shocks == 0.0:
        scratch.shocks[:] = 0.0
    fill_four_uniforms(scratch.uniforms[0:4], key, ACQUAINTANCE, scratch.ids, month, count)
    fill_four_uniforms(scratch.uniforms[4:8], key, CLOSING_AND_CREDIT, scratch.ids, month, count)
    fill_four_uniforms(scratch.uniforms[8:12], key, PARTICIPATION, scratch.ids, month, count)


@compiled
def month(
    world, ledger, scratch, row, levers, assignments, held, record, calendar, calendar_row, switches, candidates, key
):
    """One month, in order: nine rules (docs/odd.md)."""
    costs = read_costs(row)
    market = read_market(row)
    accounts = read_accounts(row)
    learning = read_learning(row)
    work = switches.values
    lists = lists_of(scratch)
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
            lists,
            learning.least_access,
            accounts.tax_rate,
            key,
        )
    hold_state(world, held, record)
    # how much does each owner want to make, with whom, with what tools?
    plan(world.firms, world.channels, world.sentras, world.city, read_planning(row), costs, scratch.wish)
    # own cash first, then the cooperative, then the bank
    borrow_and_invest(
        world.firms,
        world.sentras,
        world.city,
        ledger,
        read_finance(row),
        scratch.uniforms[5:7],
        scratch.wish,
        calendar.price_level[calendar_row],
    )
    # cloth is made
    produce(world.firms, world.city, ledger, read_production(row), costs, scratch.shocks[0], scratch.wish)
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
        scratch.shocks[1],
        key,
    )
    hold_market(world, held, record)
    sell(world.firms, world.channels, world.city, ledger, market, scratch.attractions, scratch.offers, scratch.per_pull)
    # debts, taxes and the household
    settle(
        world.firms,
        world.sentras,
        world.city,
        ledger,
        accounts,
        costs,
        scratch.shocks[2],
        scratch.wish,
        calendar.price_level[calendar_row],
    )
    # what is learned, forgotten and joined
    if work[LEARNING] == 1.0:
        learn(
            world.firms,
            world.sentras,
            world.city,
            ledger,
            learning,
            scratch.heard,
            scratch.people,
            scratch.shown,
            scratch.told,
            scratch.uniforms,
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
            scratch.uniforms[4],
            candidates,
            lists,
            key,
        )
    world.city[CITY.month] += 1.0
