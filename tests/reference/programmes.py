"""Random programmes, trials and calendars for the differential tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import AGENCY, FIRM, N_CHANNELS
from ovopsim.policy import Programme, Scenario
from ovopsim.policy.arrays import programme_arrays
from ovopsim.rules.agency.tables import (
    BOOST,
    COACH,
    CONTRACT,
    GRANT_CASH,
    GRANT_EQUIPMENT,
    LEND,
    LEVER,
    MEET,
    RAISE,
    RAISE_ACCESS,
    SET,
    SHIFT,
    START,
    TARGETING,
    TO_COOPERATIVE,
    TO_FIRMS,
    Assignments,
    Levers,
)
from ovopsim.rules.environment import Calendar
from ovopsim.state import DELIVERIES, LAST_DECLINED, LAST_DOSE, LAST_SERVED, OFFERS, World

Array = NDArray[np.float64]
# one more lever beside the shipped ones: everything that can be done to a firm
EVERY_VERB = (
    *((RAISE, row, 0.2) for row in (FIRM.craft, FIRM.management, FIRM.bookkeeping, FIRM.technology)),
    *((RAISE_ACCESS, channel, 0.4) for channel in range(N_CHANNELS)),
    *((START, channel, 1.0) for channel in range(N_CHANNELS)),
    *((SET, row, 1.0) for row in (FIRM.licensed, FIRM.certified, FIRM.member, FIRM.business_account)),
    *((GRANT_CASH, FIRM.cash, 2e6), (GRANT_EQUIPMENT, FIRM.equipment, 5e6), (LEND, FIRM.cash, 3e6)),
    *((SHIFT, row, 0.5) for row in (FIRM.separation_shift, FIRM.application_shift, FIRM.approval_shift)),
    *((BOOST, row, 0.3) for row in (FIRM.rate_cut, FIRM.guarantee_offer)),
    *((MEET, FIRM.meets, 1.0), (COACH, FIRM.coached, 1.0), (CONTRACT, FIRM.contract_lot, 0.5)),
)


def random_levers(rng: np.random.Generator) -> Levers:
    """Return the shipped levers and one that does everything, with money, and other terms for some of them."""
    names = list(Scenario().all_levers)
    shares = dict.fromkeys(names, 1.0 / len(names))
    shipped = programme_arrays(Scenario(programme=Programme(budget=1e9, shares=shares)))
    own = np.zeros((shipped.table.shape[0], 1))
    first = len(shipped.effects)
    for row, value in (
        (LEVER.ceiling, 3e8),
        (LEVER.to, TO_FIRMS),
        (LEVER.unit_cost, 4e6),
        (LEVER.batch, 3.0),
        (LEVER.capacity, 12.0),
        (LEVER.accept_taste, 1.0),
        (LEVER.first_effect, first),
        (LEVER.last_effect, first + len(EVERY_VERB)),
        (LEVER.money_value, 7e6),
    ):
        own[row] = value
    effects = np.array([[*effect, 1.0] for effect in EVERY_VERB])
    effects[:, 3] = rng.choice([1.0, 0.6], len(effects))
    table = np.concatenate([shipped.table, own], axis=1)
    return Levers(with_terms(rng, table), np.concatenate([shipped.effects, effects]))


def with_terms(rng: np.random.Generator, table: Array) -> Array:
    """Return the lever table with other terms of delivery for some levers."""
    for lever in range(table.shape[1]):
        column = table[:, lever]
        column[LEVER.ceiling] *= rng.choice([0.0, 1.0, 1.0, 3.0])
        column[LEVER.targeting] = rng.integers(len(TARGETING))
        column[LEVER.constraint] = rng.integers(5)
        if column[LEVER.to] == TO_COOPERATIVE:
            column[LEVER.capacity] = rng.integers(1, 5)
        if column[LEVER.to] != TO_FIRMS or rng.random() < 0.5:
            continue
        column[LEVER.batch] = rng.integers(1, 6)
        column[LEVER.capacity] = rng.integers(1, 30)
        column[LEVER.co_payment] = rng.choice([0.0, 4e5, 5e6])
        column[LEVER.through_cooperative] = rng.choice([0.0, 1.0])
        column[LEVER.minimum_age] = rng.choice([0.0, 60.0])
        column[LEVER.not_served_within] = rng.choice([0.0, 12.0])
        column[LEVER.delay] = rng.choice([0.0, 0.0, 1.0, 2.0])
        for row in (LEVER.requires_licence, LEVER.requires_member, LEVER.requires_certificate, LEVER.requires_account):
            column[row] = rng.choice([0.0, 0.0, 1.0, -1.0])
        for row in (LEVER.accept_intercept, LEVER.accept_taste, LEVER.accept_value, LEVER.accept_payment):
            column[row] = rng.uniform(0.0, 1.5)
    return table


def with_dates(rng: np.random.Generator, table: Array, month: int) -> Array:
    """Return the lever table with programmes that begin, run, end or have ended in a month."""
    for lever in range(table.shape[1]):
        start = month - int(rng.choice([0, 0, 3, 30]))
        table[LEVER.start, lever] = start
        table[LEVER.end, lever] = max(start, month + int(rng.choice([0, 1, 20, 40])))
        table[LEVER.multi_year, lever] = rng.choice([0.0, 1.0])
    return table


def fill_programme(rng: np.random.Generator, state: World, month: int) -> None:
    """Write what the agency has done so far: books, lists with closed firms and new tenants in them, records."""
    agency, firms = state.agency, state.firms
    count = agency.shape[1]
    for row in (AGENCY.released, AGENCY.spent, AGENCY.lapsed, AGENCY.delivered, AGENCY.asked):
        agency[row] = rng.integers(0, 9, count)  # last month's
    agency[AGENCY.accrual] = rng.choice([0.0, 5e6, 8e7, 3e8], count)
    agency[AGENCY.total_delivered] = rng.integers(0, 50, count)
    agency[AGENCY.cooperative_units : AGENCY.cooperative_units + 3] = rng.integers(0, 4, (3, count))
    identities = firms[FIRM.firm_id].copy()
    identities[rng.random(identities.shape) < 0.1] += 9_000.0  # listed before the present tenant came
    used = np.flatnonzero(firms[FIRM.firm_id] >= 0.0)
    for lever in range(count):
        listed = rng.permutation(used)[: int(rng.integers(1, len(used)))]
        state.lists[0, lever, : len(listed)] = listed
        state.lists[1, lever, : len(listed)] = identities[listed]
        agency[AGENCY.listed, lever] = agency[AGENCY.in_order, lever] = len(listed)
        at_end = rng.random() < 0.4
        agency[AGENCY.position, lever] = len(listed) if at_end else rng.integers(0, len(listed))
    record = np.moveaxis(state.served, 2, 0)  # a view: offers, deliveries, ... (slots, levers)
    shape = record.shape[1:]
    record[OFFERS] = rng.integers(0, 5, shape)
    record[DELIVERIES] = np.minimum(record[OFFERS], rng.integers(0, 4, shape))
    served = record[DELIVERIES] > 0.0
    record[LAST_DOSE] = np.where(served, rng.choice([0.5, 1.0, 2.0], shape), 0.0)
    for row, chance in ((LAST_SERVED, served), (LAST_DECLINED, rng.random(shape) < 0.3)):
        record[row] = np.where(chance, month - rng.integers(1, 30, shape), record[row])
    record[LAST_SERVED] = np.where(served & (rng.random(shape) < 0.3), month - 2.0, record[LAST_SERVED])
    active = firms[FIRM.active] == 1.0
    firms[FIRM.times_served, active] = record[DELIVERIES].sum(axis=1)[active]
    firms[FIRM.received_idr, active] = 3e6 * firms[FIRM.times_served, active]


def random_assignments(rng: np.random.Generator, levers: Levers, firms: Array, month: int) -> Assignments:
    """Return trials of this month and another, on chosen firms and on sentras."""
    count = 6
    orders = np.zeros((count, 4))
    orders[:, 0] = rng.integers(0, levers.table.shape[1], count)
    orders[:, 1] = month + rng.choice([0, 0, 0, 1], count)
    orders[:, 2] = rng.choice([0.5, 1.0, 1.0, 2.0], count)
    orders[:, 3] = rng.choice([-1.0, -1.0, 0.0, 1.0, 2.0], count)
    marked = rng.random((count, firms.shape[1])) < 0.3
    return Assignments(orders, np.where(marked & (firms[FIRM.firm_id] >= 0.0), firms[FIRM.firm_id], -1.0))


def random_calendar(rng: np.random.Generator, months: int) -> Calendar:
    """Return seasons, shocks and prices; January and December are likely."""
    return Calendar(
        rng.uniform(0.6, 1.7, (months, N_CHANNELS)),
        rng.uniform(0.6, 1.7, (months, N_CHANNELS)),
        rng.choice([1.0, 0.4], (months, N_CHANNELS)),
        rng.uniform(0.9, 1.1, months),
        rng.choice([1.0, 1.3], months),
        rng.uniform(0.7, 1.5, months),
        rng.choice([0.0, 0.0, 5.0, 11.0, 11.0], months),
        rng.integers(2010, 2026, months).astype(float),
    )
