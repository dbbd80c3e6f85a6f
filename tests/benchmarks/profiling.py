"""Where a month's time goes: a clock between every two rules of a real run, and what arithmetic alone would cost.

The month and the loop over months are compiled once more, with the processor's cycle counter read after each of their
statements. So every event of a run is in it (who closes, who starts, January), with the branches that a processor
guesses wrong and the data that it has to fetch: a rule that is called again and again on one state looks up to four
times as cheap as it is.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, register_jitable

from ovopsim import month as months_module
from ovopsim import running
from ovopsim.compiling import WITHOUT_COUNTS
from ovopsim.draws import fill_four_uniforms, inverse_normal
from ovopsim.elementary import exponential, logarithm
from ovopsim.fields import CITY
from ovopsim.ledger import empty_ledger
from ovopsim.population.month_zero import BURN_IN
from ovopsim.population.synthetic import candidates_of, everything_at_work
from ovopsim.simulation import Prepared, prepare
from tests.benchmarks.measuring import cluster_of, firm_months, least

# what the profile calls the statement that calls a function; all others are "the rest"
RULES = {
    "open_books": "books",
    "draw_month": "draws",
    "change_environment": "environment",
    "serve": "agency",
    "plan": "planning",
    "borrow_and_invest": "finance",
    "produce": "production",
    "draw_buyers": "market: pull",
    "sell": "market: sales",
    "settle": "accounts",
    "learn": "learning",
    "close_and_enter": "entry and exit",
    "observe": "observation",
}
REST = "the rest"


@intrinsic
def cycles(_context):
    """Read the processor's cycle counter."""

    def code(_context, builder, _signature, _arguments):
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.readcyclecounter"), [])

    return types.uint64(), code


def timed(body: list[ast.stmt], names: list[str]) -> list[ast.stmt]:
    """Return statements with the clock read after each; `names` gets what each is called."""
    found = ast.parse("tick_before = cycles()").body
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
        called = {function.id for function in calls if isinstance(function, ast.Name)}
        names.append(next((RULES[name] for name in RULES if name in called), REST))
        clock = f"tick_now = cycles(); ticks[{len(names) - 1}] += tick_now - tick_before; tick_before = tick_now"
        found += [statement, *ast.parse(clock).body]
    return found


def tree_of(function: Callable[..., Any]) -> tuple[ast.Module, ast.FunctionDef]:
    """Return the syntax tree of a function that takes one argument more: the ticks."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    definition.args.args.append(ast.arg("ticks"))
    return tree, definition


def compiled_again(tree: ast.Module, name: str, module: ModuleType, **more: Any) -> Any:
    """Return the function that a changed syntax tree defines, in the names of its module."""
    space = vars(module) | {"cycles": cycles} | more
    exec(compile(ast.fix_missing_locations(tree), "<profile>", "exec"), space)  # noqa: S102 - made of the package's source
    return space[name]


def clocked_run_many() -> tuple[Any, list[str]]:
    """Return the compiled loop over months with clocks in it, and what each clock measures."""
    names: list[str] = []
    tree, definition = tree_of(months_module.month)
    definition.body = timed(definition.body, names)
    month = register_jitable(error_model="numpy")(compiled_again(tree, "month", months_module))
    tree, definition = tree_of(running.run_many.py_func)  # type: ignore[attr-defined]
    for node in ast.walk(definition):
        if isinstance(node, ast.For) and getattr(node.target, "id", "") == "step":
            call, *others = node.body
            assert isinstance(call, ast.Expr)
            assert isinstance(call.value, ast.Call)
            call.value.args.append(ast.Name("ticks", ast.Load()))
            node.body = [call, *timed(others, names)]
    many = compiled_again(tree, "run_many", running, month=month)
    return numba.njit(nogil=True, error_model="numpy", **WITHOUT_COUNTS)(many), names


def arguments_of(run: Prepared) -> tuple[Any, ...]:
    """Return what `run_many` is given for a run, up to the number of months."""
    n_slots, start, levers = run.work.firms.shape[1], run.start, run.levers
    candidates = candidates_of(float(run.work.city[CITY.initial_count]), start.values["entry_and_exit.candidate_rate"])
    trial = run.assignments
    arrays = (start.row[None], levers.table[None], levers.effects[None], trial.orders[None], trial.firms[None])
    memory = (empty_ledger(n_slots), months_module.empty_scratch(n_slots))
    settled = (BURN_IN, everything_at_work(), candidates, np.array([start.key], dtype=np.uint64))
    return (run.first, run.work, *memory, *arrays, run.held, run.calendar, *settled)


def rule_costs(firms: int, months: int = 60, repeats: int = 20) -> dict[str, float]:
    """Return CPU nanoseconds for a firm and month by rule, in the quickest of some runs."""
    many, names = clocked_run_many()
    run = prepare(*cluster_of(firms, months))
    given, ticks = arguments_of(run), np.zeros(len(names), dtype=np.uint64)

    def work(length: int) -> float:
        ticks[:] = 0
        before = time.process_time()
        many(*given, length, run.chosen, run.results, ticks)
        return time.process_time() - before

    work(months)  # compile, and touch the memory
    runs = [(work(months), ticks.astype(float)) for _ in range(repeats)]
    _, quickest = min(runs, key=lambda each: each[0])
    scale = tick_seconds() * 1e9 / firm_months(run)
    found = dict.fromkeys([*RULES.values(), REST], 0.0)
    for name, count in zip(names, quickest, strict=True):
        found[name] += float(count) * scale
    return found


@numba.njit
def _now():
    return cycles()


def tick_seconds(wait: float = 0.2) -> float:
    """Return the seconds of one tick of the cycle counter."""
    _now()
    before, first = time.perf_counter(), int(_now())
    time.sleep(wait)
    return (time.perf_counter() - before) / (int(_now()) - first)


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
