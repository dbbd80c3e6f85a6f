"""Makes one small mistake after another in the rules, as a machine does, and asks which of them no test notices.

``python -m tests.mutation --minutes 15`` from the project's root, where processes can fork; not part of the tests. In
each mutant one operator, comparison, number or statement of one function is changed. The tests of its own rule run
first, then the others, with the compiler off, until one fails. Survivors are written down; what is known of them stands
in docs/verification.md. ``--again mutation.json`` tries only those that survived an earlier pass.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import io
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).parents[1]
TARGETS = ("ovopsim/rules", "ovopsim/elementary.py", "ovopsim/forms.py", "ovopsim/draws.py", "ovopsim/holding.py")
# arguments of pytest, tried one after the other until a mutant is noticed; {own} is the rule's own file of tests
CHECKS = (
    "{own}",
    "tests/rules tests/test_forms.py tests/test_draws.py",
    "tests/laws/test_planted_faults.py -k without",
    "tests/reference/test_rules.py",
    "tests/golden -k every_submodel",
)
LONGEST = 180  # seconds for all checks of one mutant: one that never ends is noticed

# one failing example is enough: nobody reads the smallest
settings.register_profile(
    "mutation", deadline=None, derandomize=True, max_examples=8, phases=(Phase.explicit, Phase.generate)
)
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
CALLS = {"min": "max", "max": "min"}


@dataclass(frozen=True)
class Mutant:
    """One mistake: where, what stood there, what stands there now."""

    path: str
    line: int
    function: str
    before: str
    after: str
    source: str


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a careless hand could make of one node of a function's body."""
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        yield ast.Compare(node.left, [COMPARISONS[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
        yield ast.Call(ast.Name(CALLS[node.func.id], ast.Load()), node.args, node.keywords)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        yield ast.Constant(node.value + 1 if node.value != 1 else 0 * node.value)
    elif isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)
        yield ast.Pass()
    elif (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)) or _is_action(node):
        yield ast.Pass()


def _is_action(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


class _Replace(ast.NodeTransformer):
    """Puts one node in place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Return the new node for the old one, and every other as it is."""
        return ast.copy_location(self.new, node) if node is self.old else super().visit(node)


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of one file; class bodies, decorators and docstrings are left alone."""
    text = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    for number, function in enumerate(functions):
        places = [node for statement in function.body for node in ast.walk(statement)]
        for place in range(len(places)):
            for choice in range(len(list(variants(places[place])))):
                yield _mutant(path, text, number, place, choice)


def _mutant(path: Path, text: str, number: int, place: int, choice: int) -> Mutant:
    tree = ast.parse(text)  # a tree of its own, for each mutant changes it
    function = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)][number]
    node = [node for statement in function.body for node in ast.walk(statement)][place]
    new = list(variants(node))[choice]
    before = ast.unparse(node)
    after = ast.unparse(ast.fix_missing_locations(ast.copy_location(new, node)))
    line = getattr(node, "lineno", function.lineno)
    source = ast.unparse(ast.fix_missing_locations(_Replace(node, new).visit(function)))
    return Mutant(path.relative_to(ROOT).as_posix(), line, function.name, before, after, source)


def own_tests(path: str) -> str:
    """Return the file of tests that bears the rule's name, or the checks of what all rules share."""
    parts = Path(path).parts
    if "rules" in parts:
        return f"tests/rules/test_{Path(parts[2]).stem}.py"
    name = f"tests/test_{Path(path).stem}.py"
    return name if (ROOT / name).exists() else CHECKS[2]


def put_in_place(mutant: Mutant) -> None:
    """Let the mutated function take the place of the original wherever the package has taken it to."""
    module = importlib.import_module(mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    before = getattr(module, mutant.function)
    exec(compile(mutant.source, f"<mutant of {mutant.path}>", "exec"), vars(module))  # noqa: S102 - our own source
    after = getattr(module, mutant.function)
    for name, user in list(sys.modules.items()):
        if name.startswith(("ovopsim", "tests")) and vars(user).get(mutant.function) is before:
            setattr(user, mutant.function, after)


def passes(arguments: str) -> bool:
    """Whether all tests of one set pass, in silence."""
    quiet = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--assert=plain",
        "--hypothesis-profile=mutation",
        "-m",
        "not slow",
    ]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return pytest.main([*quiet, *arguments.split()]) == pytest.ExitCode.OK


def forked(mutant: Mutant | None, checks: tuple[str, ...]) -> int:
    """Start a process that ends with the number of the first check that fails, or with their count; return its id."""
    child = os.fork()
    if child:
        return child
    code = 0
    try:
        signal.alarm(LONGEST)
        if mutant is not None:
            put_in_place(mutant)
        while code < len(checks) and passes(checks[code].format(own=own_tests(mutant.path if mutant else "forms.py"))):
            code += 1
    finally:
        os._exit(code)


def chosen(targets: list[str], seed: int) -> list[Mutant]:
    """Return all mutants of the targets in an order that a short run samples evenly."""
    files = [
        path
        for target in targets
        for path in ([ROOT / target] if target.endswith(".py") else sorted((ROOT / target).rglob("*.py")))
    ]
    found = [mutant for path in files for mutant in mutants_of(path)]
    random.Random(seed).shuffle(found)  # noqa: S311 - an order to try things in
    return found


def key_of(mutant: dict[str, Any]) -> tuple[str, ...]:
    """Return what a mutant is known by when its function has moved to another line."""
    return tuple(str(mutant[name]) for name in ("path", "function", "before", "after"))


def survivors_of(earlier: Path) -> tuple[list[Mutant], int]:
    """Return the survivors of an earlier pass as they are in today's sources, and how many are gone from them.

    What stands several times in one function can not be told apart without its line: all of its places are tried.
    """
    content = json.loads(earlier.read_text(encoding="utf-8"))
    wanted = {key_of(row) for row in content["survivors"]}
    files = sorted({path for path, *_ in wanted if (ROOT / path).exists()})
    found = [mutant for path in files for mutant in mutants_of(ROOT / path) if key_of(asdict(mutant)) in wanted]
    there = {key_of(asdict(mutant)) for mutant in found}
    return found, sum(key_of(row) not in there for row in content["survivors"])


def tried(mutants: list[Mutant], checks: tuple[str, ...], minutes: float, workers: int) -> dict[Mutant, int]:
    """Try mutants until time is up; return for each the number of the check that noticed it (their count = none)."""
    stop = time.monotonic() + 60.0 * minutes
    waiting = list(reversed(mutants))
    running: dict[int, Mutant] = {}
    found: dict[Mutant, int] = {}
    while running or (waiting and time.monotonic() < stop):
        while waiting and len(running) < workers and time.monotonic() < stop:
            mutant = waiting.pop()
            running[forked(mutant, checks)] = mutant
        child, status = os.wait()
        ended = os.waitstatus_to_exitcode(status)
        found[running.pop(child)] = max(ended, 0)  # killed by the alarm: noticed
    return found


def main() -> None:
    """Try mutants and write down the survivors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--target", action="append", help="file or folder; repeat for several")
    parser.add_argument("--check", action="append", help="arguments of pytest; repeat for several, tried in order")
    parser.add_argument("--again", type=Path, help="mutation.json of an earlier pass: try its survivors only")
    parser.add_argument("--out", type=Path, default=Path("results/mutation"))
    options = parser.parse_args()
    if os.environ.get("NUMBA_DISABLE_JIT") != "1":  # numba reads it once
        environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
        os.execve(sys.executable, [sys.executable, "-m", "tests.mutation", *sys.argv[1:]], environment)  # noqa: S606
    for name in ("tests.laws.zoo", "tests.equations", "ovopsim.simulation"):
        importlib.import_module(name)  # once, for all mutants
    checks = tuple(options.check or CHECKS)
    _, status = os.waitpid(forked(None, checks), 0)
    if os.waitstatus_to_exitcode(status) != len(checks):
        raise SystemExit(f"Check {os.waitstatus_to_exitcode(status) + 1} fails without any mutant.")
    if options.again:
        mutants, gone = survivors_of(options.again)
        sys.stdout.write(f"{gone} survivors of {options.again.name} are gone from the sources\n")
    else:
        mutants = chosen(options.target or list(TARGETS), options.seed)
    report(len(mutants), tried(mutants, checks, options.minutes, options.workers), checks, options.out)


def report(total: int, found: dict[Mutant, int], checks: tuple[str, ...], out: Path) -> None:
    """Write which check noticed how many, and who survived."""
    noticed = {check: sum(code == number for code in found.values()) for number, check in enumerate(checks)}
    survivors = sorted(
        (mutant for mutant, code in found.items() if code == len(checks)), key=lambda each: (each.path, each.line)
    )
    last = [mutant for mutant, code in found.items() if code == len(checks) - 1]
    rows = [
        [{key: row[key] for key in row if key != "source"} for row in map(asdict, each)] for each in (survivors, last)
    ]
    content = {"mutants": total, "tried": len(found), "noticed": noticed, "survivors": rows[0], "noticed_last": rows[1]}
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (out / "mutation.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(found)} of {total} mutants tried, {len(survivors)} survived; noticed by {noticed}\n")
    for each in survivors:
        sys.stdout.write(f"{each.path}:{each.line} {each.function}: {each.before}  ->  {each.after}\n")


if __name__ == "__main__":
    main()
