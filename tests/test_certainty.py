"""`how_sure`: the same draws and worlds for all arms, stored and resumed; its tables, page and figure."""

from __future__ import annotations

import dataclasses
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from rich.console import Console

from ovopsim.analysis.changes import HEADLINES
from ovopsim.analysis.swept import by_run
from ovopsim.certainty import Certainty, concluded, how_sure
from ovopsim.comparison import compare
from ovopsim.errors import InputError
from ovopsim.policy import Scenario
from ovopsim.report.certainty import certainty_page
from ovopsim.study.drawn import with_draw
from ovopsim.study.drawn_plan import drawn_plan
from ovopsim.study.lock import locked
from ovopsim.study.parts import parts
from ovopsim.sweeps import open_store
from tests.small import small, spending

pytestmark = pytest.mark.usefixtures("warm_core")

SIZE: dict[str, Any] = {"draws": 3, "replications": 3, "progress": False}
FADE = "learning.access_fade"


def arms() -> dict[str, Scenario]:
    return {
        "No programme": small("No programme"),
        "Fairs": small("Fairs", programme=spending({"exhibition": 1.0})),
        "Twin": small("Twin", programme=spending({"exhibition": 1.0})),
        "Idle": small("Idle"),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certainty") / "store"


@pytest.fixture(scope="module")
def found(folder: Path, warm_core: None) -> Certainty:  # noqa: ARG001 - a fixture waits for what it names
    return how_sure(arms(), **SIZE, store=folder)


def test_all_arms_share_draws_worlds_and_shocks(found: Certainty) -> None:
    assert all(values.shape == (3, 4, 3) for values in found.cells.values())
    for outcome in HEADLINES:
        assert np.array_equal(found.cells["Fairs", outcome], found.cells["Twin", outcome])
        assert not found.cells["Idle", outcome].any()
    assert found.cells["Fairs", "sales_idr"].any()


def test_an_effect_is_that_of_compare_with_the_draw(found: Certainty) -> None:
    values = found.draws.iloc[1].to_dict()
    drawn = {
        name: with_draw(each, {str(path): value for path, value in values.items()}) for name, each in arms().items()
    }
    effects = compare(drawn, replications=3, progress=False).effects.set_index(["arm", "outcome"])["mean"]
    for outcome in HEADLINES:
        assert found.cells["Fairs", outcome][1, 0].mean() == pytest.approx(effects["Fairs", outcome], rel=1e-9)


def test_tables_hang_together(found: Certainty) -> None:
    split = found.variance.set_index(["arm", "outcome"])
    best = found.best.set_index(["outcome", "arm"])["best"]
    for outcome in HEADLINES:
        cells = found.cells["Fairs", outcome]
        chance = math.sqrt(cells.var(axis=2, ddof=1).mean()) / abs(found.levels[outcome])
        assert split.loc[("Fairs", outcome), "chance_sd"] == pytest.approx(chance)
        gains = cells.mean(axis=(1, 2))  # of two twins, against two who do nothing: each pair shares a draw
        halves = (0.5 * (gains > 0.0) + 0.25 * (gains == 0.0)).mean()
        assert (best[outcome, "Fairs"], best[outcome, "Idle"]) == pytest.approx((halves, 0.5 - halves))
    assert best["sales_idr", "Fairs"] == best["sales_idr", "Twin"] > 0.0
    assert set(found.best["arm"]) == set(arms())
    beats = found.beats.set_index(["outcome", "arm", "other"])["beats"]
    assert beats["jobs", "Fairs", "Twin"] == beats["jobs", "Idle", "No programme"] == 0.5
    assert len(found.to_frame()) == 3 * len(HEADLINES)
    assert found.roles["role"].to_list() == [5]
    assert found.run["draws_used"] == found.run["draws"] == 3


def test_a_finer_precision_needs_more(found: Certainty) -> None:
    rough, fine = (found.needed(precision)["draws_needed"].max() for precision in (0.02, 0.001))
    assert fine > rough
    with pytest.raises(InputError, match="precision is 0"):
        found.needed(0)


def test_it_goes_on_from_its_store(found: Certainty, folder: Path) -> None:
    before = [path.name for path in parts(folder, "monthly")]
    again = how_sure(arms(), **SIZE, store=folder, n_jobs=1)
    assert [path.name for path in parts(folder, "monthly")] == before
    pd.testing.assert_frame_equal(again.to_frame(), found.to_frame())
    runs = open_store(folder).runs
    assert {"arm", "shock", "draw", FADE} <= set(runs.columns)
    assert set(runs["status"]) == {"done"}


def test_it_reads_its_runs_while_nobody_else_can_write(
    found: Certainty, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(path: Path, *rest: Any) -> pd.DataFrame:
        with pytest.raises(InputError, match="another command writes there"), locked(path):
            pass
        return by_run(path, *rest)

    monkeypatch.setattr("ovopsim.certainty.by_run", busy)
    again = how_sure(arms(), **SIZE, store=folder)
    pd.testing.assert_frame_equal(again.to_frame(), found.to_frame())
    with locked(folder):
        pass  # and it gives the folder back


def test_a_draw_that_failed_is_left_out_of_all_arms(folder: Path, found: Certainty) -> None:
    plan = drawn_plan(arms(), found.draws, 3, 1)
    results = by_run(folder, open_store(folder).runs, HEADLINES)
    lost = plan.sweep.ids[plan.cells["Fairs", "cotton", 1], 2]
    left = concluded(plan, results[results["run_id"] != lost], list(arms().values()), None)
    assert left.run["draws_used"] == 2
    for key, values in left.cells.items():
        assert np.array_equal(values, found.cells[key][[0, 2]])
    assert "1 of 3 draws were left out" in str(left)
    rest = results[~results["run_id"].isin([lost, plan.sweep.ids[plan.cells["No programme", "none", 0], 0]])]
    with pytest.raises(InputError, match="1 of 3 draws could be run"):
        concluded(plan, rest, list(arms().values()), None)


def test_draws_of_a_posterior_take_the_place_of_priors() -> None:
    posterior = pd.DataFrame({FADE: [0.049, 0.05, 0.051], "weight": [1.0, 1.0, 2.0]})
    two = dict(list(arms().items())[:2])
    found = how_sure(two, 3, 2, shocks=False, progress=False, posterior=posterior)
    assert set(found.draws[FADE]) <= {0.049, 0.05, 0.051}
    assert found.draws["accounts.leak"].nunique() == 3
    assert found.run["from"] == "posterior"
    assert found.run["shocks"] == ["none"]
    ratios = found.parameters.set_index("parameter")["ratio"]
    assert ratios[FADE] < 0.05
    assert found.roles["ratio"].iloc[0] < 1.0
    assert (found.variance.set_index("arm").loc["Fairs", "shocks"] == 0.0).all()


def test_what_a_heavy_draw_repeats_is_said_and_not_counted_as_new() -> None:
    two = dict(list(arms().items())[:2])
    draws = pd.DataFrame({FADE: [0.02, 0.05, 0.08], "weight": [6.0, 1.0, 1.0]})
    found = how_sure(two, 8, 2, shocks=False, progress=False, posterior=draws)
    assert found.run["draws_different"] == found.draws[FADE].nunique() == 3
    assert np.bincount(found.rows).max() == 6
    assert (found.effects["draws_worth"] <= 8.0).all()
    assert (found.effects["draws_worth"] < 8.0).any()
    for language, word in (("en", "3 of the 8 draws are different"), ("id", "3 dari 8 undian")):
        console = Console(record=True, width=200, file=io.StringIO())
        console.print(certainty_page(found, language, 200))
        assert word in console.export_text()
    assert "draws are different" not in str(how_sure(two, 2, 2, shocks=False, progress=False))


def test_the_page_says_that_chance_within_a_draw_is_left_out_and_who_leads_beyond_it(found: Certainty) -> None:
    best = pd.DataFrame(
        [
            {
                "outcome": outcome,
                "arm": arm,
                "best": share,
                "clearly": share / 2,
                "low": 0.0,
                "high": 1.0,
                "regret": 0.0,
            }
            for outcome in HEADLINES
            for arm, share in {"No programme": 0.1, "Fairs": 0.7, "Twin": 0.2, "Idle": 0.0}.items()
        ]
    )
    shown = dataclasses.replace(found, best=best)
    for language, words in {
        "en": (
            "Fairs is best in 70% of draws, and beyond chance in 35%",
            "mean over 3 worlds, in which chance is left",
        ),
        "id": ("Fairs terbaik pada 70% undian, dan melampaui faktor kebetulan pada 35%", "atas 3 ulangan"),
    }.items():
        console = Console(record=True, width=400, file=io.StringIO())
        console.print(certainty_page(shown, language, 400))
        text = console.export_text().replace("\N{NO-BREAK SPACE}", " ").replace(" %", "%")
        assert [word for word in words if word not in text] == []


def test_its_page_and_figure_in_both_languages(found: Certainty) -> None:
    assert "How sure?" in str(found)
    assert "assumption-driven" in found._repr_html_()
    for language, word in (("en", "Chance"), ("id", "Kebetulan")):
        figure = found.plot("jobs", language)
        assert next(text.get_text() for text in figure.legends[0].get_texts()) == word
        assert len(figure.axes[1].patches) == 3 * 3  # arms and sources
        assert certainty_page(found, language, 60) is not None


def test_a_mean_that_may_be_chance_is_hollow_however_narrow_the_range_of_draws(found: Certainty) -> None:
    surer = found.effects.assign(relative=0.02, relative_draw_low=0.02, relative_draw_high=0.02, clear=1)
    unclear = surer.assign(clear=0)

    def filled(effects: pd.DataFrame) -> list[bool]:
        axis = dataclasses.replace(found, effects=effects).plot("sales_idr").axes[0]
        dots = [line for line in axis.lines if line.get_marker() == "o"]
        return [to_rgb(dot.get_markerfacecolor()) != (1.0, 1.0, 1.0) for dot in dots]

    assert filled(surer) == [True] * 3
    assert filled(unclear) == [False] * 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"draws": 1}, "draws is 1; give a whole number, 2 or more"),
        ({"draws": 2.5}, "draws is 2.5"),
        ({"replications": 1}, "replications"),
        ({"scenarios": {"Only": small()}}, "one scenario only"),
        ({"scenarios": {"A": small(), "B": small(months=12)}}, "months differs"),
        ({"posterior": "none.csv"}, "none.csv: cannot be read"),
    ],
)
def test_wrong_arguments_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        how_sure(**({"scenarios": arms()} | SIZE | changes))


def test_a_figure_of_nothing_is_refused(found: Certainty) -> None:
    with pytest.raises(InputError, match="'wealth' is none of sales_idr"):
        found.plot("wealth")
