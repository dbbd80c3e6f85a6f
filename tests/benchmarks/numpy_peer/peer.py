"""The run: the month's order of events, and the state as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from ovopsim.draws import (
    ACQUAINTANCE,
    CANDIDATE_ENTRY,
    CHANNEL_SPENDING,
    CLOSING_AND_CREDIT,
    FIRM_SHOCKS,
    OUTSIDE_PRICE,
    PARTICIPATION,
)
from ovopsim.fields import CITY, FIRM, AgencyRows, ChannelRows, FirmRows, SentraRows, row_count
from ovopsim.ledger import empty_ledger
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.packing import TABLES
from ovopsim.policy import Scenario
from ovopsim.population.month_zero import BURN_IN
from ovopsim.population.synthetic import candidates_of
from ovopsim.rules.agency.tables import LeverRows
from ovopsim.simulation import MonthZero, prepare
from ovopsim.state import copy_world
from tests.benchmarks.numpy_peer import draws
from tests.benchmarks.numpy_peer.accounts import settle
from tests.benchmarks.numpy_peer.agency import serve
from tests.benchmarks.numpy_peer.draws import Counters
from tests.benchmarks.numpy_peer.entry import close_and_enter
from tests.benchmarks.numpy_peer.learning import learn
from tests.benchmarks.numpy_peer.making import borrow_and_invest, plan, produce
from tests.benchmarks.numpy_peer.market import change_environment, draw_buyers, sell
from tests.benchmarks.numpy_peer.observation import observe
from tests.benchmarks.numpy_peer.views import View, dot, parameters_of

PROCESSES = np.array([FIRM_SHOCKS, ACQUAINTANCE, CLOSING_AND_CREDIT, PARTICIPATION])[:, None]
# Closed firms keep their place until somebody starts there. They are parked: nothing to sell, and no divisor is zero.
PARKED = (
    FIRM.season,
    FIRM.expected_orders,
    FIRM.price,
    FIRM.hurdle_rate,
    FIRM.equipment,
    FIRM.owner_labour,
    FIRM.smoothed_profit,
)
PARKED_AT_NOTHING = (FIRM.met_slot, FIRM.met_id)


class Some:
    """Copies of some firms' fields, made when asked for."""

    def __init__(self, firms: Any, slots: Any) -> None:
        self.firms = firms
        self.slots = slots

    def __getattr__(self, name: str) -> Any:
        """Return one field of these firms."""
        return getattr(self.firms, name)[self.slots]


class NumpyMonth:
    """One run, month by month, on arrays over firms.

    Attributes
    ----------
    world : World
        The package's matrices; `firms`, `channels`, `sentras` and `agency` are views of them by field.
    ledger : Ledger
        The month's books by name; the line of each firm is not kept.
    parked : array
        Slots of closed firms.
    """

    def __init__(self, scenario: Scenario, start: MonthZero) -> None:
        if scenario.assignments:
            raise ValueError("this peer knows programmes, no trials")
        run = prepare(scenario, start)
        self.world = copy_world(run.first)  # the month-0 state may serve other runs
        self.tables, self.calendar = run.levers, run.calendar
        self.ledger = empty_ledger(run.first.firms.shape[1])
        self.key = int(start.key)
        self.parameters = {name: parameters_of(start, name) for name in TABLES}
        self.costs = self.parameters["technology_and_cost"]
        self.channels: Any = View(ChannelRows, self.world.channels)
        self.sentras: Any = View(SentraRows, self.world.sentras)
        self.agency: Any = View(AgencyRows, self.world.agency)
        self.levers: Any = View(LeverRows, self.tables.table)
        self.candidates = candidates_of(
            float(self.world.city[CITY.initial_count]), float(start.values["entry_and_exit.candidate_rate"])
        )
        self.row = BURN_IN
        self.parked = np.zeros(0, dtype=np.intp)
        self.look_again()

    def look_again(self) -> None:
        """Make the views of the firms anew: somebody has started."""
        self.firms: Any = View(FirmRows, self.world.firms[:, : int(self.world.city[CITY.used_slots])])
        self.sentra = self.firms.sentra.astype(np.intp)
        self.technique = self.firms.technique.astype(np.intp)

    def some(self, slots: Any) -> Any:
        """Return copies of some firms' fields."""
        return Some(self.firms, slots)

    def new_firms(self, count: int) -> Any:
        """Return room for so many firms: views by field, and the matrix itself as `matrix`."""
        matrix = np.zeros((row_count(FirmRows), count))
        new = View(FirmRows, matrix)
        new.matrix = matrix  # type: ignore[attr-defined]
        return new

    def effects_of(self, lever: int) -> slice:
        """Return which rows of the effect table belong to a lever."""
        return slice(int(self.levers.first_effect[lever]), int(self.levers.last_effect[lever]))

    def book(self, flow: int, amounts: Any) -> None:
        """Book the sum of what firms paid or received."""
        self.ledger.flows[flow] += dot(self.firms.active, amounts)

    def enter(self, entry: int, amounts: Any) -> None:
        """Book the sum of amounts that are not cash."""
        self.ledger.entries[entry] += dot(self.firms.active, amounts)

    def park(self) -> None:
        """Fill the places of closed firms with what no rule stumbles over."""
        self.parked = np.flatnonzero(self.firms.active == 0.0)
        if self.parked.size:
            self.unpark()
            for row in PARKED:
                self.world.firms[row, self.parked] = 1.0

    def unpark(self) -> None:
        """Empty the places of closed firms."""
        if self.parked.size:
            identities = self.firms.firm_id[self.parked]
            self.world.firms[:, self.parked] = 0.0
            self.firms.firm_id[self.parked] = identities
            for row in PARKED_AT_NOTHING:
                self.world.firms[row, self.parked] = -1.0

    def open_books(self) -> None:
        """Clear the month's books and read the opening balances."""
        ledger, firms = self.ledger, self.firms
        for books in (ledger.flows, ledger.entries, ledger.goods):
            books[:] = 0.0
        ledger.goods[0] = firms.inventory.sum()
        held = (firms.bank_debt, firms.coop_debt, self.sentras.lent, firms.payable, firms.receivable, firms.equipment)
        balances = (firms.cash, self.sentras.fund, self.agency.accrual, *held)
        ledger.balances[:] = [balance.sum() for balance in balances]

    def draw_month(self) -> tuple[Any, Any, Any, Any]:
        """Draw what every month needs at once: firms' lanes (4, 4, firms), shocks (3, firms), city, candidates."""
        month = int(self.world.city[CITY.month])
        groups = (
            Counters(self.firms.firm_id.astype(np.int64), month, 0, PROCESSES),
            Counters(0, month, 0, OUTSIDE_PRICE),
            Counters(np.arange(4), month, 0, CHANNEL_SPENDING),
            Counters(np.arange(self.candidates), month, 0, CANDIDATE_ENTRY),
        )
        firms, price, spending, candidates = draws.blocks(groups, self.key)
        uniforms = draws.lanes(firms).swapaxes(0, 1)
        shocks = ndtri(uniforms[0, 0]), ndtri(uniforms[0, 1]), 12.0**0.5 * (uniforms[0, 2] - 0.5)
        city = np.append(draws.normals(price), draws.normals(spending))
        return uniforms, shocks, city, draws.uniforms(candidates)

    def month(self) -> Any:
        """Run one month; return its outcomes."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return self._month()

    def _month(self) -> Any:
        self.open_books()
        uniforms, shocks, city, candidates = self.draw_month()
        price_level = self.calendar.price_level[self.row]
        self.park()
        change_environment(self, city, self.row)
        serve(self)
        plan(self)
        borrow_and_invest(self, uniforms[2, 1], uniforms[2, 2], price_level)
        produce(self, shocks[0])
        sell(self, draw_buyers(self, shocks[1]))
        settle(self, shocks[2], price_level)
        learn(self, np.vstack([*uniforms[1:4], uniforms[0, 3:]]))
        close_and_enter(self, uniforms[2, 0], candidates)
        self.world.city[CITY.month] += 1.0
        self.row += 1
        out = np.zeros(len(OUTCOMES))
        observe(self, out)
        return out
