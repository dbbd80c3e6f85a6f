"""The evaluators' experiment in quick mode: its tables, its page, and words that its figures do not bear."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from tests.experiments.test_experiments import ROOT, run
from tests.trial_frames import MadeUp, frame

PAGE = ROOT / "docs" / "evaluators.md"
TABLES = ("coverage", "reasons", "levers", "saturations", "groups", "towns")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder of a quick run, with what it printed."""
    request.getfixturevalue("warm_core")
    out = tmp_path_factory.mktemp("evaluators")
    before = PAGE.read_bytes()
    printed = run("evaluators", "--quick", "--out", str(out))
    assert PAGE.read_bytes() == before, "a quick run writes no page of the documents"
    (out / "printed.json").write_text(printed.splitlines()[-1], encoding="utf-8")
    return out


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))

    def found(name: str) -> ModuleType:
        return importlib.import_module(name)

    return found


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv")


@pytest.mark.slow
def test_rivals_lose_more_the_less_their_buyers_buy_elsewhere(folder: Path) -> None:
    found = table(folder, "saturations").query("dose == 1.0").set_index(["market", "share"])
    printed = json.loads((folder / "printed.json").read_text(encoding="utf-8"))["too_much_percent"]
    assert set(printed) == {"as shipped", "half elsewhere", "hardly any elsewhere"}
    for market, half in printed.items():
        assert half == pytest.approx(found.loc[(market, 0.5), "too_much"], abs=0.01)
        rows = found.loc[market]
        assert (rows["expected"] - (rows["treated"] - rows["untreated"])).dropna().abs().max() < 1e-9
        assert rows["treated"].is_monotonic_decreasing  # treated firms are each other's rivals too
    for share in (0.25, 0.5, 0.75):
        much = found.xs(share, level="share")["too_much"]
        assert much["hardly any elsewhere"] > 1.5 * much["half elsewhere"]
        assert much["half elsewhere"] > 1.5 * much["as shipped"] > 0.0


@pytest.mark.slow
def test_every_design_estimator_and_town_has_its_row(folder: Path) -> None:
    covered = table(folder, "coverage")
    assert len(covered) == 7 * 2 * 3  # designs, outcomes and estimators
    assert (covered["rivals_percent"].abs() < 0.2 * covered["exact_percent"]).all()
    assert len(table(folder, "reasons")) == 7 * 2 * 3  # designs, estimators and errors
    towns = table(folder, "towns").groupby("compared").size()
    assert towns.to_dict() == {"between towns": 3 * 6, "within towns": 3 * 3}


@pytest.mark.slow
def test_the_page_has_the_figures_of_the_tables(folder: Path) -> None:
    page = (folder / "evaluators.md").read_text(encoding="utf-8")
    half = table(folder, "saturations").iloc[1]
    assert "hardly elsewhere | five-fold | 75 |" in page
    assert f"| {half['treated']:.1f} ({half['treated_low']:.1f} to {half['treated_high']:.1f}) |" in page
    assert "{" not in page
    assert "nan" not in page
    assert "![Effect on sales by share of firms treated](evaluators.png)" in page
    assert (folder / "evaluators.png").stat().st_size > 10_000
    shipped, made = (
        [line for line in text.splitlines() if line.startswith(("#", "![", "| design"))]
        for text in (PAGE.read_text(encoding="utf-8"), page)
    )
    assert shipped == made, "stale: python experiments/evaluators.py"


@pytest.mark.slow
def test_words_that_the_figures_do_not_bear_are_named(folder: Path, part: Callable[[str], ModuleType]) -> None:
    numbers = part("evaluators_numbers")
    tables = {name: table(folder, name) for name in TABLES}
    shape = {"skewness": 4.0, "spread": 1.5, "left": 0.4}
    found = numbers.numbers(tables, shape, part("evaluators").QUICK)
    claim = "rivals lose little here"
    assert claim not in numbers.unsupported(tables, found)
    assert claim in numbers.unsupported(tables, found | {"much_here": 60.0})
    lower = tables["towns"].assign(high=0.9)
    assert "towns are right" in numbers.unsupported(tables | {"towns": lower}, found)


def test_had_all_gained_alike_the_exact_effect_would_be_the_same(part: Callable[[str], ModuleType]) -> None:
    coverage = part("evaluators_coverage")
    firms = frame(MadeUp(months=(12,), take_up=0.5)).rename(columns=lambda name: name.replace("profit_12", "sales_12"))
    same = coverage.alike(firms, "sales")
    change, before = (each["sales_12"] - each["sales_12_without"] for each in (same, firms))
    assert change.groupby(firms["arm"]).mean().to_list() == pytest.approx(before.groupby(firms["arm"]).mean().to_list())
    assert np.allclose(change.groupby(firms["arm"]).std(), 0.0)
    assert before.groupby(firms["arm"]).std()["training"] > 1.0
