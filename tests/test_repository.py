"""The repository keeps its own rules: what lies where, how long files are, how text is read, what agrees with what."""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "ovopsim").rglob("*.py"))

TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "docs",
    "experiments",
    "notebooks",
    "ovopsim",
    "pyproject.toml",
    "tests",
}

LONGEST_FILE = 300
LONGEST_RULE = 200


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_only_the_agreed_entries_stand_at_the_top() -> None:
    ignored = [line.strip("/") for line in read(".gitignore").splitlines() if line and not line.startswith("#")]
    entries = {path.name for path in ROOT.iterdir()} - {".git"}
    unexpected = {
        name for name in entries - TOP_LEVEL if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)
    }
    assert unexpected == set()


def test_no_source_file_is_longer_than_300_lines() -> None:
    assert {path.relative_to(ROOT).as_posix(): lines(path) for path in SOURCES if lines(path) > LONGEST_FILE} == {}


def test_no_rule_is_longer_than_200_lines() -> None:
    rules = (ROOT / "ovopsim" / "rules").rglob("*.py")
    found = {path.relative_to(ROOT).as_posix(): lines(path) for path in rules}
    assert {name: length for name, length in found.items() if length > LONGEST_RULE} == {}


def opens_text_without_encoding(call: ast.Call) -> bool:
    """Whether a call opens, reads or writes text and leaves the encoding to the machine it runs on."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in {"open", "read_text", "write_text"}:
        return False
    if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") in {"os", "webbrowser"}:
        return False
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    place = 0 if isinstance(call.func, ast.Attribute) else 1  # path.open(mode), but open(path, mode)
    modes = [named["mode"]] if "mode" in named else call.args[place : place + 1]
    binary = name == "open" and any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes)
    return "encoding" not in named and not binary


def careless_calls(source: str) -> Iterator[int]:
    """Yield the line of each call that leaves the encoding open."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and opens_text_without_encoding(node):
            yield node.lineno


def test_text_is_read_and_written_with_a_named_encoding() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for path in SOURCES
        for line in careless_calls(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "careless"),
    [
        ("open(path)", True),
        ("open(path, 'w')", True),
        ("path.open('r')", True),
        ("path.read_text()", True),
        ("path.write_text(text)", True),
        ("open(path, encoding='utf-8')", False),
        ("path.read_text(encoding='utf-8')", False),
        ("open(path, 'rb')", False),
        ("path.open(mode='wb')", False),
        ("webbrowser.open(page)", False),
    ],
)
def test_the_search_for_careless_calls_finds_them(source: str, careless: bool) -> None:
    assert bool(list(careless_calls(source))) is careless


def test_one_version_everywhere() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == version
    assert re.search(rf"^## \[{re.escape(version)}\]", read("CHANGELOG.md"), re.MULTILINE)


def test_the_readme_has_one_test_command_for_people_and_for_ci() -> None:
    marked = read("README.md").split("<!-- ci: the test command -->")
    assert len(marked) == 2
    command = next(line for line in marked[1].splitlines() if "pytest" in line)
    assert re.fullmatch(
        r"python3 -m venv \.venv && \.venv/bin/python -m pip install \S+ \S+ && \.venv/bin/python -m pytest.*", command
    )
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_files_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", read(name))
    assert [target for target in targets if not (ROOT / target).exists()] == []
