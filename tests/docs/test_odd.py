"""The ODD: its tables are those of the package, its equations name functions that exist, and no number is left out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import ovopsim
import ovopsim.parameters
from docs import make_tables
from docs.make_tables import KEYS, made, main, names, renewed
from docs.table_text import number
from ovopsim.draws import LANES, PROCESSES
from ovopsim.parameters.loading import SUBMODELS, all_records

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
TABLE = re.compile(r"<!-- table: (.+?) -->\n.*?<!-- end of table -->", re.DOTALL)
PROSE = TABLE.sub("", TEXT)
RULES = sorted(path.stem for path in (ROOT / "ovopsim" / "rules").iterdir() if path.stem.strip("_") == path.stem)
# `rules/planning.py: wanted_output, plan`, perhaps over two lines
REFERENCE = re.compile(r"`([a-z_/]+\.py): ([a-z_,\s]+)`")


def section(heading: str) -> str:
    """Return the prose below a heading up to the next one of the same or a higher level."""
    level = len(heading) - len(heading.lstrip("#"))
    start = PROSE.index(f"\n{heading}\n") + len(heading)
    end = re.search(rf"^#{{1,{level}}} ", PROSE[start + 2 :], re.MULTILINE)
    return PROSE[start : start + 2 + end.start()] if end else PROSE[start:]


def test_the_tables_are_those_of_the_package() -> None:
    assert renewed(TEXT) == TEXT, "stale: python -m docs.make_tables"


def test_every_table_stands_in_the_text_once() -> None:
    assert sorted(TABLE.findall(TEXT)) == sorted(names())


def test_a_stale_table_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "odd.md"
    copy.write_text(TEXT.replace("Kauman", "Kaumann").replace("22,500,000", "23,500,000"), encoding="utf-8")
    monkeypatch.setattr(make_tables, "ODD", copy)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert "22,500,000" in copy.read_text(encoding="utf-8")


def test_a_table_of_another_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        made("parameters of nothing")


def test_the_elements_of_the_protocol_stand_in_order() -> None:
    wanted = (
        "Purpose and patterns",
        "Entities, state variables and scales",
        "Process overview and scheduling",
        "Design concepts",
        "Initialization",
        "Input data",
        "Submodels",
    )
    assert re.findall(r"^## \d+ (.+)$", TEXT, re.MULTILINE)[:7] == list(wanted)


def test_every_rule_has_a_submodel_of_its_name() -> None:
    headings = re.findall(r"^### ([a-z_]+)$", TEXT, re.MULTILINE)
    order = [name for name in SUBMODELS if name in RULES]
    assert headings == ["technology_and_cost", *order, "observation"]
    assert sorted(order) == RULES


@pytest.mark.parametrize("submodel", SUBMODELS)
def test_every_parameter_stands_in_the_prose_of_its_submodel(submodel: str) -> None:
    text = section("## 5 Initialization" if submodel == "population" else f"### {submodel}")
    if submodel == "population":
        text += section("### entry_and_exit")  # what owners bring
    fields = [path.partition(".")[2] for path in all_records() if path.startswith(f"{submodel}.")]
    assert [field for field in fields if not re.search(rf"\b{field}\b", text)] == []


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_function_that_is_named_exists() -> None:
    found = [(path, name) for path, listed in REFERENCE.findall(TEXT) for name in re.split(r",\s+", listed.strip())]
    missing = [f"{path}: {name}" for path, name in found if name not in functions_of(ROOT / "ovopsim" / path)]
    assert len(found) > 60
    assert missing == []


@pytest.mark.parametrize("rule", RULES)
def test_every_submodel_names_its_rule(rule: str) -> None:
    assert re.search(rf"`rules/{rule}(\.py|/)", section(f"### {rule}"))


def test_every_process_of_randomness_says_what_it_belongs_to() -> None:
    assert list(KEYS) == list(PROCESSES)
    assert set(LANES) <= set(PROCESSES)


@pytest.mark.parametrize(
    "cited", ["10.18564/jasss.4259", "INFSO-SKIN", "MOSIPS", "R&Dsimulab", "Batik Solo", "10.18564/jasss.3494"]
)
def test_the_works_that_this_stands_on_are_cited(cited: str) -> None:
    assert cited in PROSE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (22_500_000, "22,500,000"),
        (0.0045, "0.0045"),
        (-0.65, "−0.65"),
        (2e-8, "2·10^−8"),
        (0, "0"),
        (1e11, "100,000,000,000"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize("name", ["odd.md", "glossary.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_what_the_glossary_calls_ours_exists() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    ours = {"OvopModel": ovopsim, "simulate": ovopsim, "compare": ovopsim, "sample": ovopsim.parameters}
    assert [name for name, place in ours.items() if f"`{name}`" not in text or not hasattr(place, name)] == []
