"""Random states of the city, with everything in them that a rule may meet: the cases of the differential tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS, N_PEERS, SENTRA
from ovopsim.ledger import Ledger, empty_ledger
from ovopsim.month import Scratch, empty_scratch
from ovopsim.parameters import leaf_paths, locate, quantile, values
from ovopsim.parameters.derived import derive
from ovopsim.rules.agency.tables import Assignments, Levers
from ovopsim.rules.environment import Calendar
from ovopsim.state import World, empty_world
from tests.reference import conversion
from tests.reference.parameters import Parameters, parameters_from
from tests.reference.programmes import fill_programme, random_assignments, random_calendar, random_levers, with_dates
from tests.reference.world import World as ReferenceWorld

Array = NDArray[np.float64]
SLOTS, USED = 60, 32
# hazards made likely enough to be met in one month
LIVELY = {
    "planning.hiring_speed": 2.0,
    "finance.application_rate": 0.6,
    "learning.adoption_rate": 0.6,
    "learning.join_rate": 0.4,
    "learning.leave_rate": 0.3,
    "learning.licence_rate": 0.3,
    "learning.licence_loss": 0.3,
    "learning.certificate_rate": 0.4,
    "learning.account_rate": 0.3,
    "learning.account_loss": 0.3,
    "learning.channel_rate": 0.4,
    "market.contract_end": 0.3,
    "entry_and_exit.background": 0.1,
    "finance.application_return": 100.0,
}
# values at which a term vanishes or a limit never or always binds
EDGES = {
    "finance.bank_floor": 0.0,
    "finance.supplier_share": 0.0,
    "accounts.need_sd": 2.0,
    "accounts.household_need": 0.0,
    "accounts.default_months": 1.0,
    "learning.rival_share": 0.0,
    "learning.peer_share": 1.0,
    "agency.response_sd": 0.0,
    "agency.ask_again": 0.0,
    "agency.view_noise": 0.001,
    "environment.outside_price_sd": 0.0,
    "market.second_offer": 1.0,
    "market.minimum_order": 1000.0,
}


@dataclass(frozen=True)
class Case:
    """A state with parameters, programme, calendar and seed."""

    values: dict[str, Any]
    state: World
    levers: Levers
    assignments: Assignments
    calendar: Calendar
    candidates: int
    key: np.uint64
    ledger: Ledger
    scratch: Scratch

    def reference(self) -> tuple[ReferenceWorld, Parameters]:
        """Return the same as the reference's objects."""
        world = conversion.world_from(self.state, self.levers, self.assignments, self.candidates, self.key)
        return world, parameters_from(self.values)


def random_case(seed: int) -> Case:
    """Return a random case."""
    rng = np.random.default_rng(seed)
    found = derive(dict(values(random_changes(rng))))
    levers = random_levers(rng)
    state = empty_world(SLOTS, levers.table.shape[1])
    month = int(rng.integers(-20, 100))
    state.city[CITY.month] = month
    fill_firms(rng, state.firms, found)
    fill_acquaintances(rng, state)
    fill_markets(rng, state)
    fill_programme(rng, state, month)
    levers = levers._replace(table=with_dates(rng, levers.table, month))
    return Case(
        found,
        state,
        levers,
        random_assignments(rng, levers, state.firms, month),
        random_calendar(rng, 2),
        int(rng.integers(1, 12)),
        np.uint64(rng.integers(2**63)),
        empty_ledger(SLOTS),
        empty_scratch(SLOTS),
    )


def random_changes(rng: np.random.Generator) -> dict[str, float]:
    """Return other values for most parameters: from their priors, or near what is shipped, or at an edge."""
    changes = {}
    for path in leaf_paths():
        record, member = locate(path)
        low, high = record.range
        if record.prior is not None:
            changes[path] = quantile(record, member, rng.random())
        elif rng.random() < 0.5:
            changes[path] = min(high, max(low, record.value_of(member) * math.exp(rng.uniform(-0.3, 0.3))))
    for table, chance in ((LIVELY, 0.5), (EDGES, 0.1)):
        for path, value in table.items():
            if rng.random() < chance:
                changes = {key: kept for key, kept in changes.items() if not key.startswith(path)} | {path: value}
    return changes


def maybe(rng: np.random.Generator, chance: float, values: Array, otherwise: float = 0.0) -> Array:
    """Return values, each replaced by another with the rest of a chance."""
    return np.where(rng.random(values.shape) < chance, values, otherwise)


def spread(rng: np.random.Generator, median: Any, sd: float) -> Array:
    """Return log-normal values around a median."""
    return np.asarray(median * np.exp(sd * rng.standard_normal(USED)))


def fill_firms(rng: np.random.Generator, firms: Array, found: dict[str, Any]) -> None:
    """Put firms of all kinds into the used slots; some slots are empty, as a closed firm left them."""
    used = firms[:, :USED]
    for row in (FIRM.sentra, FIRM.technique, FIRM.size_class):
        used[row] = rng.integers(0, 3, USED)
    used[FIRM.firm_id] = rng.permutation(SLOTS)[:USED]
    used[FIRM.active] = 1.0
    for row in (FIRM.member, FIRM.licensed, FIRM.certified, FIRM.business_account, FIRM.coached):
        used[row] = rng.random(USED) < 0.5
    used[FIRM.age] = rng.integers(0, 200, USED)
    used[FIRM.certificate_age] = np.where(used[FIRM.certified] == 1.0, rng.integers(0, 40, USED), 0.0)
    fill_business(rng, used, found)
    fill_debts(rng, used)
    fill_learned(rng, used, found)
    closed = rng.random(USED) < 0.15
    kept = used[:, closed].copy()
    used[:, closed] = 0.0
    for row in (FIRM.firm_id, FIRM.sales, FIRM.sold, FIRM.profit, FIRM.value_added, FIRM.output):
        used[row, closed] = kept[row]


def fill_business(rng: np.random.Generator, used: Array, found: dict[str, Any]) -> None:
    """Costs, prices, orders, stock, workers, plans and results."""
    price = np.asarray(found["technology_and_cost.reference_price"])[used[FIRM.technique].astype(int)]
    used[FIRM.log_ability] = 0.2 * rng.standard_normal(USED)
    used[FIRM.owner_labour] = rng.uniform(0.5, 1.5, USED)
    used[FIRM.hurdle_rate] = spread(rng, 0.03, 0.7)
    used[FIRM.debt_aversion] = rng.standard_normal(USED)
    used[FIRM.price] = spread(rng, price, 0.2)
    used[FIRM.log_price] = np.log(used[FIRM.price])
    used[FIRM.unit_cost] = spread(rng, used[FIRM.price] / found["technology_and_cost.markup"], 0.15)
    used[FIRM.material_cost] = spread(rng, 0.55 * price, 0.15)
    used[FIRM.wage] = spread(rng, found["technology_and_cost.wage"], 0.1)
    used[FIRM.log_scale] = np.log(spread(rng, 4e6 / price, 0.3))
    used[FIRM.expected_orders] = maybe(rng, 0.95, spread(rng, 1.5e7 / price, 1.0), 1e-3)
    for row in (FIRM.orders, FIRM.wanted_output, FIRM.output, FIRM.sold):
        used[row] = maybe(rng, 0.85, spread(rng, used[FIRM.expected_orders], 0.5))
    used[FIRM.inventory] = maybe(rng, 0.8, spread(rng, used[FIRM.expected_orders], 0.6))
    used[FIRM.workers] = maybe(rng, 0.75, spread(rng, 3.0, 0.8))
    used[FIRM.equipment] = maybe(rng, 0.93, spread(rng, 3e7, 1.0))
    used[FIRM.wanted_equipment] = spread(rng, 3e7, 0.8)
    for row in (FIRM.season, FIRM.fill):
        used[row] = rng.uniform(0.5, 1.0, USED)
    for row in (FIRM.unmet_need, FIRM.cash_short):
        used[row] = maybe(rng, 0.4, rng.random(USED))
    used[FIRM.smoothed_profit] = 3e6 * rng.standard_normal(USED) + rng.choice([2e6, 2e6, -3e6])
    for row in (FIRM.sales, FIRM.wages_paid, FIRM.interest_due, FIRM.tax_paid, FIRM.profit, FIRM.value_added):
        used[row] = spread(rng, 5e6, 1.0)
    used[FIRM.export_sales] = maybe(rng, 0.3, spread(rng, 1e6, 1.0))
    history = slice(FIRM.sales_history, FIRM.sales_history + 12)
    used[history] = rng.lognormal(17.0, 1.5, (12, USED))
    used[FIRM.yearly_sales] = used[history].sum(axis=0)
    used[FIRM.days_away] = maybe(rng, 0.3, rng.uniform(0.0, 40.0, USED))
    used[FIRM.appeal_mean], used[FIRM.appeal_state] = 0.5 * rng.standard_normal((2, USED))


def fill_debts(rng: np.random.Generator, used: Array) -> None:
    """Cash, debts, contracts, and what levers have added."""
    used[FIRM.cash] = maybe(rng, 0.9, spread(rng, 5e6, 1.5))
    used[FIRM.receivable], used[FIRM.payable] = maybe(rng, 0.4, rng.lognormal(14.0, 1.0, (2, USED)))
    used[FIRM.bank_debt] = maybe(rng, 0.4, spread(rng, 8e6, 0.8))
    used[FIRM.bank_instalment] = used[FIRM.bank_debt] / rng.uniform(0.5, 24.0, USED)
    last = (rng.random(USED) < 0.2) & (used[FIRM.bank_debt] > 0.0)
    used[FIRM.bank_instalment, last] = used[FIRM.bank_debt, last] - 0.3  # rounding left a little
    used[FIRM.bank_rate] = rng.uniform(0.0, 0.2, USED)
    used[FIRM.subsidised_rate] = maybe(rng, 0.4, rng.uniform(0.0, 0.04, USED))
    used[FIRM.coop_debt] = maybe(rng, 0.4, spread(rng, 2e6, 0.8))
    used[FIRM.coop_instalment] = used[FIRM.coop_debt] / rng.uniform(0.5, 24.0, USED)
    used[FIRM.arrears] = maybe(rng, 0.4, rng.integers(1, 8, USED).astype(float))
    used[FIRM.exclusion_months] = maybe(rng, 0.2, rng.integers(1, 24, USED).astype(float))
    for row in (FIRM.guaranteed, FIRM.guarantee_offer):
        used[row] = maybe(rng, 0.4, rng.random(USED))
    used[FIRM.rate_cut] = maybe(rng, 0.3, rng.uniform(0.0, 0.1, USED))
    for row in (FIRM.separation_shift, FIRM.adoption_shift, FIRM.application_shift, FIRM.approval_shift):
        used[row] = maybe(rng, 0.4, rng.uniform(0.0, 2.0, USED))
    used[FIRM.contract_lot] = maybe(rng, 0.35, rng.uniform(0.1, 1.5, USED) * used[FIRM.expected_orders])
    used[FIRM.contract_sold] = maybe(rng, 0.8, used[FIRM.contract_lot])
    used[FIRM.contract_price] = 0.92 * used[FIRM.price]
    used[FIRM.contract_delivered] = maybe(rng, 0.5, rng.uniform(0.0, 500.0, USED))
    used[FIRM.contract_short] = maybe(rng, 0.5, rng.random(USED))


def fill_learned(rng: np.random.Generator, used: Array, found: dict[str, Any]) -> None:
    """Skills, technology, channels and access."""
    for row in (FIRM.craft, FIRM.management, FIRM.bookkeeping, FIRM.technology):
        used[row] = maybe(rng, 0.95, rng.random(USED), 1.0)
        used[row + 1] = rng.random(USED) * used[row]
        used[row + 2] = rng.random(USED) * used[row + 1]
    for channel in range(N_CHANNELS):
        sells = rng.random(USED) < 0.6
        used[FIRM.participates + channel] = sells
        for row in (FIRM.access_logit, FIRM.access_base, FIRM.access_origin):
            used[row + channel] = 1.5 * rng.standard_normal(USED) - 1.0
        access = 1.0 / (1.0 + np.exp(-used[FIRM.access_logit + channel]))
        least = found["learning.least_access"][channel]
        used[FIRM.market_access + channel] = np.where(sells, np.maximum(least, access), 0.0)
        used[FIRM.trailing_orders + channel] = np.where(sells, spread(rng, 4e6, 1.0), 0.0)
        used[FIRM.months_without_sale + channel] = rng.integers(0, 14, USED)


def fill_acquaintances(rng: np.random.Generator, state: World) -> None:
    """Neighbours, firms met, and the ring: most in business, some closed, some whose slot has a new tenant."""
    firms = state.firms
    active = np.flatnonzero(firms[FIRM.active] == 1.0)
    for slot in active:
        for row in (*range(FIRM.peer_slot, FIRM.peer_slot + N_PEERS), FIRM.met_slot):
            id_row = FIRM.met_id if row == FIRM.met_slot else row + N_PEERS
            firms[row, slot], firms[id_row, slot] = somebody(rng, firms, int(slot))
        firms[FIRM.meets, slot] = rng.integers(0, 3)
    entries = sorted((firms[FIRM.sentra, slot] + rng.random(), slot, firms[FIRM.firm_id, slot]) for slot in active[:-4])
    for place, (point, slot, identity) in enumerate(entries):
        state.ring[:, place] = point, slot, identity if rng.random() < 0.85 else 9_000 + slot
    state.city[CITY.ring_length] = len(entries)


def somebody(rng: np.random.Generator, firms: Array, slot: int) -> tuple[float, float]:
    """Return slot and identity of another firm, of one that has closed, or of nobody."""
    other = int(rng.integers(USED))
    if other == slot or rng.random() < 0.1:
        return -1.0, -1.0
    if firms[FIRM.active, other] == 0.0 or rng.random() < 0.15:
        return float(other), 9_000.0 + other  # the slot's tenant is another one
    return float(other), float(firms[FIRM.firm_id, other])


def fill_markets(rng: np.random.Generator, state: World) -> None:
    """Channels, places, cooperatives and the city."""
    channels, sentras, city = state.channels, state.sentras, state.city
    channels[CHANNEL.spending_base] = rng.lognormal(19.0, 0.7, N_CHANNELS)
    channels[CHANNEL.outside_base] = rng.lognormal(2.0, 1.0, N_CHANNELS)
    channels[CHANNEL.spending_state] = 0.1 * rng.standard_normal(N_CHANNELS)
    for row in (CHANNEL.season, CHANNEL.season_ahead):
        channels[row] = rng.uniform(0.6, 1.7, N_CHANNELS)
    channels[CHANNEL.spending] = rng.lognormal(19.0, 0.7, N_CHANNELS) * rng.choice([1.0, 1.0, 1e-5], N_CHANNELS)
    channels[CHANNEL.outside] = rng.lognormal(2.0, 1.0, N_CHANNELS)
    channels[CHANNEL.cluster_sales] = rng.lognormal(17.0, 0.7, N_CHANNELS)
    sentras[SENTRA.amenity] = rng.uniform(0.9, 1.5, 3)
    sentras[SENTRA.initial_firms] = rng.integers(0, 30, 3)
    sentras[SENTRA.entry_rate] = rng.choice([0.0, 0.01, 0.05, 0.2], 3)
    sentras[SENTRA.closed] = rng.integers(0, 9, 3)
    sentras[SENTRA.appeal_centre] = 0.3 * rng.standard_normal(3)
    sentras[SENTRA.fund] = maybe(rng, 0.8, rng.lognormal(16.0, 1.0, 3))
    sentras[SENTRA.fund_target] = rng.lognormal(16.0, 1.0, 3)
    sentras[SENTRA.governance], sentras[SENTRA.governance_base] = rng.random((2, 3))
    sentras[SENTRA.losses] = rng.lognormal(14.0, 1.0, 3)
    for sentra in range(3):
        here = state.firms[FIRM.sentra] == sentra
        sentras[SENTRA.lent, sentra] = state.firms[FIRM.coop_debt, here].sum()
    city[CITY.used_slots] = USED
    city[CITY.employed] = state.firms[FIRM.workers].sum()
    city[CITY.makers] = city[CITY.employed] * rng.uniform(0.98, 1.4) + 1.0
    city[CITY.hiring_room] = rng.choice([1.0, 0.5])
    city[CITY.outside_price_state] = 0.05 * rng.standard_normal()
    city[CITY.outside_price], city[CITY.material_price], city[CITY.wage_level] = rng.uniform(0.9, 1.2, 3)
    city[CITY.start_profit] = rng.choice([0.0, 1.5e6])
    city[CITY.initial_count] = rng.integers(10, 40)
    city[CITY.knowledge] = rng.choice([0.0, 20.0])
    city[CITY.reached] = rng.integers(0, 50)
    for row in (CITY.entries, CITY.exits, CITY.defaults, CITY.graduations, CITY.mean_profit):
        city[row] = rng.integers(0, 9)  # last month's
    city[CITY.interest_subsidy], city[CITY.guarantee_loss] = rng.lognormal(14.0, 1.0, 2)
    city[CITY.calendar_month] = rng.choice([0, 0, 5, 11])
    city[CITY.year] = rng.integers(2010, 2026)
