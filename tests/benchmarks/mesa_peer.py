"""The economy agent by agent, as a user of Mesa would write it: the peer of the compiled loop in speed and in results.

Firms are `mesa.Agent` objects with plain Python attributes, and a step is a month of `tests/reference/`, the rules
written firm by firm in plain Python. It is written for speed as far as plain Python goes: slotted attributes, plain
loops over lists, no NumPy in the month, no DataCollector. Two sources of chance:

- ``"keyed"``: the package's draws, called from Python; results equal those of the compiled loop (the oracle);
- ``"mesa"``: the model's own `random`, as Mesa's users draw, with other numbers.
"""

from __future__ import annotations

import math
import time
from random import Random

import mesa
import numba
import numpy as np

from ovopsim import draws as package
from ovopsim.fields import CITY
from ovopsim.policy import Scenario, default_programme
from ovopsim.population.month_zero import BURN_IN
from ovopsim.population.synthetic import candidates_of
from ovopsim.simulation import MonthZero, month_zero, prepare
from tests.reference.conversion import month_ahead, world_from
from tests.reference.draws import PROCESS, Draws, Luck
from tests.reference.entities import Firm
from tests.reference.month import run_month
from tests.reference.parameters import parameters_from

DRAWS = ("keyed", "mesa")
LIVES = 5  # the compiled loop is given several tries too
ROOT_12 = math.sqrt(12.0)


class BatikFirm(mesa.Agent, Firm):
    """A firm of the reference that is an agent: it joins its model when it is made and leaves it when it closes."""


@numba.njit
def uniform_of(key, process, entity, month, index):
    """Return the uniform of one decision."""
    return package.uniform(key, process, entity, month, index)


@numba.njit
def normal_of(key, process, entity, month, index):
    """Return the standard normal of one decision."""
    return package.normal(key, process, entity, month, index)


@numba.njit
def four_of(key, process, entity, month, index):
    """Return the four uniforms of one block."""
    first, second, third, fourth = package.block(key, process, entity, month, index)
    one, other = package.lane_to_uniform(first), package.lane_to_uniform(second)
    return one, other, package.lane_to_uniform(third), package.lane_to_uniform(fourth)


@numba.njit
def luck_of(key, firm_id, month):
    """Return a firm's draws of a month, in the order of `Luck`."""
    output, appeal, need, certificate = four_of(key, package.FIRM_SHOCKS, firm_id, month, 0)
    peer, adoption, joining, licence = four_of(key, package.ACQUAINTANCE, firm_id, month, 0)
    channels = four_of(key, package.PARTICIPATION, firm_id, month, 0)
    closing, application, approval, account = four_of(key, package.CLOSING_AND_CREDIT, firm_id, month, 0)
    shocks = package.inverse_normal(output), package.inverse_normal(appeal), package.centred(need)
    institutions = peer, adoption, joining, licence, certificate, account
    return shocks + institutions + (channels, closing, application, approval)


class KeyedDraws(Draws):
    """The package's draws, called from Python one decision at a time, a firm's everyday decisions of a month at once.

    Compiled, as the package has them: the reference's own, in plain Python, take half of the month.
    """

    def __init__(self, key: int) -> None:
        super().__init__(key)
        self.packed_key = np.uint64(key)

    def uniform(self, process: str, entity: int, time: int, index: int = 0) -> float:
        """Return a uniform inside (0, 1)."""
        return uniform_of(self.packed_key, PROCESS[process], entity, time, index)

    def normal(self, process: str, entity: int, time: int, index: int = 0) -> float:
        """Return a standard normal."""
        return normal_of(self.packed_key, PROCESS[process], entity, time, index)

    def four(self, process: str, entity: int, time: int, index: int = 0) -> list[float]:
        """Return four uniforms."""
        return list(four_of(self.packed_key, PROCESS[process], entity, time, index))

    def luck(self, firm_id: int, month: int) -> Luck:
        """Return what a month has in store for one firm."""
        return Luck(*luck_of(self.packed_key, firm_id, month))


class MesaDraws(Draws):
    """Draws of Mesa's random number generator: the next number of one stream, whatever it is for."""

    def __init__(self, random: Random) -> None:
        super().__init__(0)
        self.random = random.random
        self.gauss = random.gauss

    def uniform(self, process: str, entity: int, time: int, index: int = 0) -> float:  # noqa: ARG002 - one stream
        """Return the next uniform."""
        return self.random()

    def normal(self, process: str, entity: int, time: int, index: int = 0) -> float:  # noqa: ARG002 - one stream
        """Return the next standard normal."""
        return self.gauss()

    def four(self, process: str, entity: int, time: int, index: int = 0) -> list[float]:  # noqa: ARG002 - one stream
        """Return the next four uniforms."""
        draw = self.random
        return [draw(), draw(), draw(), draw()]

    def luck(self, firm_id: int, month: int) -> Luck:  # noqa: ARG002 - one stream
        """Return what a month has in store for one firm."""
        draw, gauss = self.random, self.gauss
        return Luck(
            gauss(),
            gauss(),
            ROOT_12 * (draw() - 0.5),
            draw(),
            draw(),
            draw(),
            draw(),
            draw(),
            draw(),
            (draw(), draw(), draw(), draw()),
            draw(),
            draw(),
            draw(),
        )


class Economy(mesa.Model):
    """The cluster and its agency, one month a step, from a month-0 state of the package."""

    def __init__(self, scenario: Scenario, start: MonthZero, draws: str, seed: int = 1) -> None:
        super().__init__(seed=seed)
        run = prepare(scenario, start)
        candidates = candidates_of(
            float(run.first.city[CITY.initial_count]), start.values["entry_and_exit.candidate_rate"]
        )
        self.world = world_from(run.first, run.levers, run.assignments, candidates, start.key, self.new_firm)
        self.world.draws = {"keyed": KeyedDraws(int(start.key)), "mesa": MesaDraws(self.random)}[draws]
        self.parameters = parameters_from(start.values)
        self.months = [month_ahead(run.calendar, BURN_IN + step) for step in range(scenario.months)]
        self.outcomes: dict[str, float] = {}

    def new_firm(self, **attributes: float) -> BatikFirm:
        """Return a new agent."""
        return BatikFirm(self, **attributes)

    def step(self) -> None:
        """Live one month; firms that closed leave the model."""
        self.outcomes = run_month(self.world, self.parameters, self.months[self.steps - 1])
        for firm in self.world.closed:
            firm.remove()


def seconds_per_month(firms: int, months: int, draws: str) -> tuple[float, float]:
    """Return CPU seconds a month, the least of a few lives, and the mean number of firms in business.

    The whole programme is on; set-up is not timed. `draws` is one of `DRAWS`.
    """
    scenario = Scenario(
        population={"synthetic": "surakarta", "firms": firms}, months=months, programme=default_programme()
    )
    start = month_zero(scenario, 1, 0)
    Economy(scenario, start, draws).step()  # compiles what it draws with
    lives = [timed_life(Economy(scenario, start, draws)) for _ in range(LIVES)]
    spent, in_business = min(lives)
    return spent / months, in_business / months


def timed_life(economy: Economy) -> tuple[float, float]:
    """Return the CPU seconds that an economy took for all its months, and its firm-months."""
    firm_months = 0.0
    before = time.process_time()
    for _ in economy.months:
        economy.step()
        firm_months += economy.outcomes["firms"]
    return time.process_time() - before, firm_months
