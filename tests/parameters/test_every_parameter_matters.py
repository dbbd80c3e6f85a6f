"""Each number moves an outcome: change it within its prior, run a busy world, and some monthly outcome differs.

The plain world has every lever at work, a pandemic, dear cotton and cheap prints. A number that sleeps in it is woken
by a world of its own (`WORLDS`): which numbers need one says what the plain cluster never meets.
"""

from __future__ import annotations

import copy
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ovopsim.errors import InputError
from ovopsim.fields import AGENCY
from ovopsim.parameters.loading import SUBMODELS, leaf_paths, locate
from ovopsim.parameters.records import Record
from ovopsim.parameters.variation import quantile
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.shocks import Shock, builtin_shocks
from ovopsim.simulation import MonthZero, month_zero, run_scenario
from tests.parameters.shipped import raw_levers

pytestmark = pytest.mark.usefixtures("warm_core")

FIRMS = 60
FIRMS_SERVED = 150  # where levers are changed: month 0 is the same for all of them, so more firms cost little
MONTHS = 36
LEVERS = tuple(builtin_levers())
SHOCKS = ({"name": "cheap_print", "start": 2}, {"name": "pandemic", "start": 8}, {"name": "cotton", "start": 24})

# changes that make a world in which a number that sleeps elsewhere is awake
WORLDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "the size law of 2021": {"size_law": "pp_2021", "parameters": {"accounts.small_from_pp_2021": 1e8}},
    "owners of dear cloth": {
        "parameters": {"technology_and_cost.reference_price.tulis": 5e6, "population.sales_per_firm": 1e7}
    },
    "cooperatives without money": {
        "parameters": {
            "population.coop_fund_per_firm": 100.0,
            "accounts.buffer_months": 0.5,
            "accounts.dues": 0.0,
            "learning.join_rate": 0.02,
            "learning.leave_rate": 0.0005,
        }
    },
    "cooperatives with more than they owe": {
        "parameters": {
            "population.coop_fund_per_firm": 1e4,
            "accounts.buffer_months": 0.5,
            "accounts.dues": 1e5,
            "learning.join_rate": 0.02,
            "learning.leave_rate": 0.0005,
        }
    },
    "channels that are left": {"parameters": {"market.minimum_order": 60.0, "learning.channel_rate": 0.05}},
    "some do not sell at home": {"parameters": {"population.channel_share": 1.0, "market.minimum_order.local": 40.0}},
    "debts that are not paid": {
        "parameters": {
            "finance.application_rate": 1.0,
            "finance.application_intercept": 6.0,
            "finance.approval_intercept": -1.0,
            "accounts.household_need": 2.5e6,
            "accounts.draw_limit": 0.95,
            "accounts.default_months": 2.0,
            "entry_and_exit.quit_rate": 0.0,
            "entry_and_exit.distress_rate": 0.0,
        }
    },
    "many who ask the bank": {
        "parameters": {
            "finance.application_rate": 1.0,
            "finance.application_intercept": 2.0,
            "finance.approval_intercept": -2.0,
        }
    },
    "lots that are not delivered": {
        "parameters": {"planning.hiring_speed": 0.05, "production.output_sd": 0.9, "agency.quality_standard": 0.0}
    },
    "nothing that holds back": {"parameters": {"technology_and_cost.relief": 0.01}},
}
# values outside the prior, for numbers whose prior lies to one side or that act from far off only
OTHER_VALUES = {
    "population.channel_share.export": 0.15,
    "accounts.medium_from": 4e8,
    "accounts.medium_from_pp_2021": 2e8,
    "cooperative_capital.effects.0.by": 0.0,
    "learning.certificate_life": 6.0,
}
AWAKE_IN = {
    "accounts.small_from_pp_2021": "the size law of 2021",
    "accounts.medium_from_pp_2021": "the size law of 2021",
    "planning.least_orders": "owners of dear cloth",
    "market.minimum_order": "channels that are left",
    "learning.months_to_leave": "channels that are left",
    "learning.access_practice.local": "some do not sell at home",
    "learning.least_access.local": "some do not sell at home",
    "learning.channel_rate.local": "some do not sell at home",
    "learning.channel_cost.local": "some do not sell at home",
    "population.channel_share.local": "some do not sell at home",
    "accounts.dividend_speed": "cooperatives with more than they owe",
    "accounts.default_months": "debts that are not paid",
    "accounts.seized_share": "debts that are not paid",
    "accounts.exclusion_months": "debts that are not paid",
    "finance.approval_arrears": "debts that are not paid",
    "finance.approval_guarantee": "debts that are not paid",
    "market.contract_memory": "lots that are not delivered",
    "market.contract_end_short": "lots that are not delivered",
    "observation.none_below": "nothing that holds back",
}


def busy_world(name: str, **changes: Any) -> Scenario:
    """Return a short scenario with all levers and shocks at work; parameters given are added to the world's."""
    world = copy.deepcopy(WORLDS[name])
    parameters = world.pop("parameters", {}) | changes.pop("parameters", {})
    programme = {
        "budget": 4e9,
        "shares": {lever: 1.0 / len(LEVERS) for lever in LEVERS},
        "months": MONTHS,
        "targeting": "most_constrained",
    }
    common = {
        "months": MONTHS,
        "population": {"synthetic": "surakarta", "firms": changes.pop("firms", FIRMS)},
        "programme": programme,
        "shocks": SHOCKS,
        "parameters": parameters,
    }
    return Scenario(**(common | world | changes))


@cache
def start_of(world: str, firms: int = FIRMS) -> MonthZero:
    return month_zero(busy_world(world, firms=firms), seed=1, replication=0)


def outcomes_in(scenario: Scenario, start: MonthZero) -> NDArray[np.float64]:
    """Return the monthly outcomes, units delivered by each lever included."""
    run = run_scenario(scenario, start)
    return np.hstack([run.monthly, run.levers[:, AGENCY.delivered]])


@cache
def outcomes_of(world: str) -> NDArray[np.float64]:
    return outcomes_in(busy_world(world), start_of(world))


def differs(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Whether outcomes differ by more than rounding."""
    return not np.allclose(first, second, rtol=1e-9, atol=0.0, equal_nan=True)


def other_values(path: str, record: Record, member: str | None = None) -> list[float]:
    """Return what a number is changed to, the farther first: the ends of its prior, or half as much again."""
    if path in OTHER_VALUES:
        return [OTHER_VALUES[path]]
    value, (low, high) = record.value_of(member), record.range
    ends = [1.5 * value] if record.prior is None else [quantile(record, member, u) for u in (0.0, 1.0)]
    moved = [end for end in ends if end != value] or [value + 0.1 * (high - low)]
    return sorted((min(high, max(low, end)) for end in moved), key=lambda end: -abs(end - value))


def world_of(leaf: str) -> str:
    """Return the world in which a number is awake."""
    return AWAKE_IN.get(leaf) or AWAKE_IN.get(leaf.rpartition(".")[0]) or "plain"


def parameter_matters(leaf: str) -> bool:
    world = world_of(leaf)
    for value in other_values(leaf, *locate(leaf)):
        scenario = busy_world(world, parameters={leaf: value})
        try:
            start = month_zero(scenario, seed=1, replication=0)
        except InputError:  # a cluster that cannot be, as with more exports than its exporters make
            continue
        if differs(outcomes_in(scenario, start), outcomes_of(world)):
            return True
    return False


@pytest.mark.parametrize("submodel", SUBMODELS)
def test_every_parameter_moves_an_outcome(submodel: str) -> None:
    leaves = [leaf for leaf in leaf_paths() if leaf.startswith(f"{submodel}.")]
    assert [leaf for leaf in leaves if not parameter_matters(leaf)] == []


def test_the_same_numbers_move_nothing() -> None:
    scenario = busy_world("plain", parameters={"planning.cover": 1.5})
    assert not differs(outcomes_in(scenario, month_zero(scenario, seed=1, replication=0)), outcomes_of("plain"))


def numbers_of(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the places of the records in a lever's YAML."""
    if isinstance(content, dict) and "range" in content:
        return [path]
    parts = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [place for key, each in parts for place in numbers_of(each, (*path, key))]


def alone(name: str, world: str = "plain", **changes: Any) -> Scenario:
    """Return a world with one lever only and more money than it can spend, so that its capacity binds."""
    programme = {"budget": 1e11, "shares": {name: 1.0}, "months": MONTHS, "targeting": "smallest_first"}
    return busy_world(world, programme=programme, **changes)


# numbers of levers that sleep both in the plain world and where the lever is alone
LEVER_AWAKE_IN = {
    "cooperative_capital.effects.0.by": "cooperatives without money",
    "credit_facilitation.effects.1.by": "many who ask the bank",
    "credit_facilitation.effects.3.by": "many who ask the bank",
}
# what is paid for registering is an arm of field trials; the shipped lever pays nothing
PAID_TO_REGISTER = {"grant": "cash", "by": 1_000_000}


def path_of(name: str, place: tuple[Any, ...]) -> str:
    """Return a dotted path such as `licensing.acceptance.value`."""
    return ".".join(map(str, (name, *place)))


def lever_with(name: str, place: tuple[Any, ...], value: float | None) -> dict[str, Any]:
    """Return a lever's YAML, with another number in one place unless the value is None."""
    lever = copy.deepcopy(raw_levers()[name])
    inside = lever
    for key in place[:-1]:
        inside = inside[key]
    if value is not None:
        inside[place[-1]] = value
    if path_of(name, place) == "licensing.acceptance.value":
        lever["effects"].append(PAID_TO_REGISTER)
    return lever


def lever_number_matters(name: str, place: tuple[Any, ...]) -> bool:
    record = raw_levers()[name]
    for key in place:
        record = record[key]
    path = path_of(name, place)
    values = other_values(path, Record(**record))
    sleeper = LEVER_AWAKE_IN.get(path, "plain")
    for world in (partial(busy_world, sleeper), partial(alone, name, sleeper)):
        for value in values:
            runs = [
                outcomes_in(
                    world(firms=FIRMS_SERVED, levers={name: lever_with(name, place, number)}),
                    start_of(sleeper, FIRMS_SERVED),
                )
                for number in (None, value)
            ]
            if differs(*runs):
                return True
    return False


@pytest.mark.parametrize("name", LEVERS)
def test_every_number_of_a_lever_moves_an_outcome(name: str) -> None:
    assert [place for place in numbers_of(raw_levers()[name]) if not lever_number_matters(name, place)] == []


@pytest.mark.parametrize("name", builtin_shocks())
def test_every_shock_moves_an_outcome(name: str) -> None:
    calm = busy_world("plain", shocks=[shock for shock in SHOCKS if shock["name"] != name])
    assert differs(outcomes_in(calm, start_of("plain")), outcomes_of("plain"))


@pytest.mark.parametrize("name", builtin_shocks())
def test_every_number_of_a_shock_moves_its_path(name: str) -> None:
    shock = builtin_shocks()[name]
    since = np.arange(-5.0, 100.0)
    for thing in ("spending", "outside_price", "material_price"):
        path = getattr(shock, thing)
        for key in ("change", "months", "half_life") if path is not None else ():
            record: Record = getattr(path, key)
            value = record.value if record.members else other_values(f"{name}.{thing}.{key}", record)[0]
            if record.members:
                value = {member: other_values(f"{name}.{thing}.{key}", record, member)[0] for member in record.members}
            other = path.changed(**{key: record.changed(value=value, prior=None, uncertain=False)})
            assert differs(other.factors(since, 1.0), path.factors(since, 1.0)), f"{name}.{thing}.{key}"


def test_a_shock_comes_in_the_month_of_its_record() -> None:
    shock: Shock = builtin_shocks()["pandemic"]
    quiet = busy_world("plain", shocks=[])
    usual = run_scenario(busy_world("plain", shocks=["pandemic"]), start_of("plain")).monthly
    first = int(np.flatnonzero((usual != run_scenario(quiet, start_of("plain")).monthly).any(axis=1))[0])
    assert first == shock.start.value_of()
