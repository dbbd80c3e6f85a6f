"""Planting faults: the core runs with a careless edit in it, as plain Python, so nothing has to be compiled anew."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from ovopsim.policy import Scenario
from ovopsim.simulation import MonthZero
from tests.strategies import LEVERS
from tests.worlds import cluster

Check = Callable[..., None]


@dataclass(frozen=True)
class Fault:
    """A small, plausible mistake, and the check that must notice it.

    Attributes
    ----------
    check : callable
        A law, called with a cluster and a scenario.
    edits : mapping
        Function, as ``module:function`` below `ovopsim` -> texts in its source and what a careless edit makes of them.
    """

    check: Check
    edits: Mapping[str, Mapping[str, str]]


@contextlib.contextmanager
def planted(edits: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """Let the core run with careless edits, and put everything back."""
    with contextlib.ExitStack() as stack:
        for where, changes in edits.items():
            stack.enter_context(_edited(where, changes))
        yield


@contextlib.contextmanager
def _edited(where: str, changes: Mapping[str, str]) -> Iterator[None]:
    """Edit one function wherever the package has taken it to."""
    module_name, _, name = where.partition(":")
    module = importlib.import_module(f"ovopsim.{module_name}")
    before = getattr(module, name)
    after = edited_function(module, name, changes)
    users = [
        user
        for key, user in list(sys.modules.items())
        if key.startswith(("ovopsim", "tests")) and vars(user).get(name) is before
    ]
    for user in users:
        setattr(user, name, after)
    try:
        yield
    finally:
        for user in users:
            setattr(user, name, before)


def edited_function(module: Any, name: str, changes: Mapping[str, str]) -> FunctionType:
    """Return a function of a module with texts of its source replaced, seeing what else has been edited there."""
    source = textwrap.dedent(inspect.getsource(getattr(module, name)))
    for old, new in changes.items():
        if source.count(old) != 1:
            raise ValueError(f"{module.__name__}:{name}: {old!r} stands there {source.count(old)} times, not once")
        source = source.replace(old, new)
    space = dict(vars(module))
    exec(compile(source, f"<{module.__name__}:{name}>", "exec"), space)  # noqa: S102 - our own source, edited
    made: FunctionType = space[name]
    return FunctionType(made.__code__, vars(module), name, made.__defaults__)


# a city in which credit, default, contracts, exports, entry and exit all happen within a year and a half
BUSY = {
    "entry_and_exit.background": 0.035,
    "entry_and_exit.distress_rate": 0.0,
    "entry_and_exit.candidate_rate": 0.4,
    "planning.hiring_speed": 2.0,
    "population.coop_fund_per_firm": 50_000.0,
    "finance.application_rate": 0.5,
    "finance.application_intercept": 2.0,
    "finance.supplier_share": 0.85,
    "accounts.household_need": 3_000_000.0,
    "accounts.draw_limit": 1.0,
    "accounts.leak": 0.6,
    "accounts.buffer_months": 0.2,
    "population.member_share": 0.8,
    "population.channel_share.export": 0.3,
    "population.maker_slack": 0.01,
}
PROGRAMME: dict[str, Any] = {
    "budget": 6e9,
    "shares": dict.fromkeys(LEVERS, 1.0 / len(LEVERS)),
    "start": 2,
    "months": 16,
    "targeting": "well_connected",
}
TRIALS = [{"lever": lever, "firms": {"share": 0.4}, "month": 1} for lever in ("cash_grant", "credit_facilitation")]


def busy_city() -> MonthZero:
    """Return the small, busy city that faults are planted in."""
    return cluster((5, 8, 7), BUSY, seed=12, months_lived=6)


def busy_scenario() -> Scenario:
    """Return a year and a half in it under every lever, with trials and a pandemic."""
    return Scenario(
        months=18,
        levers={"cash_grant": {"capacity": 1}, "credit_facilitation": {"capacity": 2}},
        programme=PROGRAMME,
        assignments=TRIALS,
        shocks=[{"name": "pandemic", "start": 6}],
    )


def notices(check: Check, edits: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return what a check says when the core has been edited; None when it says nothing."""
    start, scenario = busy_city(), busy_scenario()
    with planted(edits):
        try:
            check(start, scenario, plain=True)
        except AssertionError as complaint:
            return str(complaint) or "broken"
    return None
