"""Each key of the parameters' files is read somewhere: by its rule, or where other numbers are derived from it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ovopsim.compiling import CORE_MODULES
from ovopsim.packing import TABLES
from ovopsim.parameters.loading import all_records
from tests.parameters.shipped import PACKAGE

# tables of row numbers: `FIRM.wage` is a place in the state, not the parameter `wage`
STATE = {"FIRM", "CHANNEL", "SENTRA", "CITY", "AGENCY", "LEVER", "FLOW", "ENTRY", "OUTCOME"}
COMPILED_HELPERS = ("population",)


def sources(*names: str) -> list[Path]:
    """Return the package's files below the named modules; all of them without names."""
    found = sorted(PACKAGE.rglob("*.py"))
    if not names:
        return found
    return [path for path in found if path.relative_to(PACKAGE).parts[0].removesuffix(".py") in names]


def attributes_read(tree: ast.AST) -> set[str]:
    """Return the names that are read from something else than the state: `parameters.cover` gives `cover`."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id in STATE)
    }


def texts(tree: ast.AST) -> set[str]:
    """Return the texts of a file; `prefix + "x"` with `prefix = "a."` counts as `a.x`."""
    whole = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    prefixes = [text for text in whole if text.endswith(".") and " " not in text]
    return whole | {prefix + text for prefix in prefixes for text in whole if " " not in text}


def read_by_rules() -> set[str]:
    found: set[str] = set()
    for path in sources(*CORE_MODULES, *COMPILED_HELPERS):
        found |= attributes_read(ast.parse(path.read_text(encoding="utf-8")))
    return found


def read_by_path() -> set[str]:
    found: set[str] = set()
    upper = [path for path in sources() if path not in sources(*CORE_MODULES)]
    for path in upper:
        found |= texts(ast.parse(path.read_text(encoding="utf-8")))
        found |= formatted(path)
    return found


def formatted(path: Path) -> set[str]:
    """Return the paths that `derived.py` makes of a list of names, as in `f"learning.{name}"`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    starts = [
        node.values[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and len(node.values) == 2 and isinstance(node.values[0], ast.Constant)
    ]
    return {f"{start}{text}" for start in starts for text in texts(tree) if str(start).endswith(".")}


def unused(paths: list[str], by_rules: set[str], by_path: set[str]) -> list[str]:
    """Return the parameters that neither a rule reads from its table nor the upper floor by their path."""
    found = []
    for path in paths:
        submodel, _, field = path.partition(".")
        in_table = field in TABLES[submodel]._fields if submodel in TABLES else False  # type: ignore[attr-defined]
        if not (in_table and field in by_rules) and path not in by_path:
            found.append(path)
    return found


def test_every_parameter_is_read() -> None:
    assert unused(list(all_records()), read_by_rules(), read_by_path()) == []


def test_every_field_of_a_rules_table_is_read() -> None:
    by_rules = read_by_rules()
    fields = {name: table._fields for name, table in TABLES.items()}  # type: ignore[attr-defined]
    assert [f"{name}.{field}" for name in fields for field in fields[name] if field not in by_rules] == []


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("def f(parameters): return parameters.cover", True),
        ("def f(firms, slot): return firms[FIRM.cover, slot]", False),
        ("class Planning(NamedTuple):\n    cover: float", False),
    ],
)
def test_only_a_look_at_the_parameter_counts(source: str, *, read: bool) -> None:
    assert (unused(["planning.cover"], attributes_read(ast.parse(source)), set()) == []) is read


def test_a_path_in_the_upper_floor_counts() -> None:
    assert unused(["planning.nothing"], set(), texts(ast.parse("values['planning.nothing']"))) == []
    assert unused(["planning.nothing"], set(), texts(ast.parse("'there is nothing'"))) == ["planning.nothing"]
