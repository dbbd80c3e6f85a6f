"""Where a month's time goes: every rule by itself, and what its arithmetic alone would cost.

Each rule is called again and again on the same state, in a loop that is compiled for it; so its data are as close to
the processor as they can be, and the sum over rules may differ from the month by some percent.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import numba
import numpy as np

from ovopsim import month as months_module
from ovopsim.compiling import WITHOUT_COUNTS
from ovopsim.draws import fill_four_uniforms, inverse_normal
from ovopsim.elementary import exponential, logarithm
from ovopsim.fields import CITY, FIRM
from ovopsim.ledger import empty_ledger
from ovopsim.outcomes.monthly import observe
from ovopsim.simulation import Prepared, prepare
from ovopsim.state import copy_world
from tests.benchmarks.measuring import cluster_of, least

AFTER = 30  # months of the programme before the profile is taken
# rule -> its call in a month; the agency's and the ring's January apart, because it comes once a year
CALLS = {
    "draws": "draw_month(world, scratch, 1.0, key)",
    "books": "open_books(world, ledger)",
    "environment": (
        "change_environment(world.channels, world.sentras, world.city, read_environment(row), calendar, place, key)\n"
        "        change_outside(world.channels, world.city, costs.demand_elasticity)"
    ),
    "agency": "{agency}",
    "agency in January": "world.city[CITY.calendar_month] = 0.0\n        {agency}",
    "planning": (
        "plan(world.firms, world.channels, world.sentras, world.city, read_planning(row), costs, scratch.wish)"
    ),
    "finance": (
        "borrow_and_invest(world.firms, world.sentras, world.city, ledger, read_finance(row), scratch.uniforms[13:15],"
        " scratch.wish, 1.0)"
    ),
    "production": (
        "produce(world.firms, world.city, ledger, read_production(row), costs, scratch.shocks[0], scratch.wish)"
    ),
    "market: pull": (
        "draw_buyers(world.firms, world.channels, world.sentras, world.city, ledger, read_market(row), costs,"
        " scratch.attractions, scratch.shocks[1], key)"
    ),
    "market: sales": (
        "sell(world.firms, world.channels, world.city, ledger, read_market(row), scratch.attractions, scratch.offers,"
        " scratch.per_pull)"
    ),
    "accounts": (
        "settle(world.firms, world.sentras, world.city, ledger, read_accounts(row), costs, scratch.shocks[2],"
        " scratch.wish, 1.0)"
    ),
    "learning": (
        "learn(world.firms, world.sentras, world.city, ledger, read_learning(row), scratch.heard, scratch.sold,"
        " scratch.people, scratch.uniforms)"
    ),
    "entry and exit": "{exit}",
    "entry and exit in January": "world.city[CITY.calendar_month] = 0.0\n        {exit}",
    "observation": "observe(world, costs, 0.02, out)",
}
AGENCY = (
    "serve(world, ledger, read_agency(row), costs, levers, assignments, lists_of(scratch),"
    " read_learning(row).least_access, 0.005, key)"
)
EXIT = (
    "close_and_enter(world, ledger, read_entry_and_exit(row), read_owners(row), costs,"
    " read_learning(row).least_access, scratch.uniforms[12], 7, lists_of(scratch), key)"
)
YEARLY = ("agency in January", "entry and exit in January")


def looped(call: str) -> Callable[..., None]:
    """Return a compiled function that makes one call so many times."""
    source = (
        "def loop(times, world, scratch, row, key, ledger, calendar, place, levers, assignments, out):\n"
        "    costs = read_costs(row)\n"
        "    for _ in range(times):\n"
        f"        {call.format(agency=AGENCY, exit=EXIT)}\n"
    )
    names = dict(vars(months_module)) | {"observe": observe}
    exec(compile(source, "<profile>", "exec"), names)  # noqa: S102 - made of the texts above
    made: Callable[..., None] = numba.njit(error_model="numpy", nogil=True, **WITHOUT_COUNTS)(names["loop"])
    return made


def run_of(firms: int) -> Prepared:
    """Return a run in the middle of its programme."""
    scenario, start = cluster_of(firms, AFTER)
    run = prepare(scenario, start)
    run.go()
    return run


def rule_costs(firms: int, times: int = 100, repeats: int = 9) -> dict[str, float]:
    """Return CPU nanoseconds for a firm and month by rule; January's extra is spread over the year."""
    run = run_of(firms)
    world, n_slots = run.work, run.work.firms.shape[1]
    scratch, ledger, out = months_module.empty_scratch(n_slots), empty_ledger(n_slots), run.results.monthly[0, 0].copy()
    draw = looped(CALLS["draws"])
    found = {}
    for name, call in CALLS.items():
        loop = draw if name == "draws" else looped(call)

        def work(loop: Callable[..., None] = loop) -> Any:
            own = copy_world(world)
            own.city[CITY.calendar_month] = 5.0
            arguments = (own, scratch, run.start.row, run.start.key, ledger, run.calendar, 0, run.levers)
            draw(1, *arguments, run.assignments, out)
            scratch.uniforms[12] = 0.999  # nobody closes: the same firms every time
            return lambda: loop(times, *arguments, run.assignments, out)

        work()()
        active = float((world.firms[FIRM.active] == 1.0).sum())
        found[name] = min(least(work(), 1) for _ in range(repeats)) * 1e9 / times / active
    for name in YEARLY:
        plain = name.removesuffix(" in January")
        found[name] = max(0.0, found[name] - found[plain]) / 12.0
    return found


def elementary_calls(firms: int = 60) -> dict[str, float]:
    """Return exponentials, logarithms and blocks of draws for a firm and month, counted in plain Python."""
    from tests.worlds import Run  # the month as plain Python

    scenario, start = cluster_of(firms, 12)
    counts = {"exponential": 0, "logarithm": 0, "philox": 0}
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("ovopsim.")]
    with ExitStack() as stack:
        for name in counts:
            real = getattr(importlib.import_module("ovopsim.draws" if name == "philox" else "ovopsim.elementary"), name)

            def counting(*arguments: Any, name: str = name, real: Any = real) -> Any:
                counts[name] += 1
                return real(*arguments)

            for module in modules:
                if vars(module).get(name) is real:
                    stack.enter_context(patch.object(module, name, counting))
        active = sum(moment.outcomes[0] for moment in Run(scenario, start, plain=True).months(12))
    return {name: count / active for name, count in counts.items()}


PIECES = {
    "exponential": "for place in range(n):\n            out[place] = exponential(values[place])",
    "logarithm": "for place in range(n):\n            out[place] = logarithm(values[place])",
    "normal": "for place in range(n):\n            out[place] = inverse_normal(values[place])",
    "block of four uniforms": "fill_four_uniforms(four, key, 5, ids, 3, n)",
    "read and write of a field": "for place in range(n):\n            out[place] = 0.5 * out[place] + values[place]",
}


def piece_costs(count: int = 256, times: int = 2_000) -> dict[str, float]:
    """Return nanoseconds of one exponential, logarithm, normal, block of draws, and read and write of a field."""
    values, out = np.linspace(0.01, 0.99, count), np.zeros(count)
    four, ids, key = np.zeros((4, count)), np.arange(count), np.uint64(12345)
    names = {"exponential": exponential, "logarithm": logarithm, "inverse_normal": inverse_normal}
    found = {}
    for name, piece in PIECES.items():
        source = f"def loop(times, n, values, out, four, ids, key):\n    for _ in range(times):\n        {piece}\n"
        space: dict[str, Any] = names | {"fill_four_uniforms": fill_four_uniforms}
        exec(compile(source, "<piece>", "exec"), space)  # noqa: S102 - made of the texts above
        loop = numba.njit(error_model="numpy", **WITHOUT_COUNTS)(space["loop"])
        loop(1, count, values, out, four, ids, key)
        spent = least(lambda loop=loop: loop(times, count, values, out, four, ids, key), 5)  # type: ignore[misc]
        found[name] = spent * 1e9 / times / count
    return found


def floor(pieces: dict[str, float], calls: dict[str, float], fields: int) -> dict[str, float]:
    """Return nanoseconds for a firm and month that draws, exponentials, logarithms and memory alone would take.

    Parameters
    ----------
    pieces : dict
        Of `piece_costs`.
    calls : dict
        Of `elementary_calls`: how many a firm-month needs.
    fields : int
        Rows of the firm table, each taken to be read and written once.
    """
    return {
        "draws": calls["philox"] * pieces["block of four uniforms"] + 2.0 * pieces["normal"],
        "exponentials and logarithms": calls["exponential"] * pieces["exponential"]
        + calls["logarithm"] * pieces["logarithm"],
        "the state, read and written once": fields * pieces["read and write of a field"],
    }
