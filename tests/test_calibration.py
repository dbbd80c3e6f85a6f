"""`calibrate`: known parameters are found, on any number of threads, across interruptions, or not at all."""

from __future__ import annotations

import io
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import ovopsim as ov
from ovopsim import calibration
from ovopsim.calibration import Posterior, baseline_patterns, calibrate
from ovopsim.parameters import locate
from ovopsim.report.calibrating import calibration_page
from ovopsim.study import moving
from ovopsim.study.lock import locked
from tests.small import small

TRUTH = {"a": 0.3, "b": 0.7}
PRIOR = {"a": (0.0, 1.0), "b": (0.0, 1.0), "idle": (10.0, 20.0)}
TARGETS = {"sum": (0.95, 1.05), "product": (0.16, 0.26, 0.21), "less": (None, 0.0), "held": (0.25, 0.35, 0.3, False)}
SIZES: dict[str, Any] = {"points": 40, "waves": 3, "replications": 4, "draws": 60, "progress": False}
PATTERNS = {"exit_rate": (0.06, 0.12), "materials_share": (0.5, 0.68)}


LEFT = {"runs": math.inf}  # until somebody stops it; a function that held this itself would be another function


def model(values: Mapping[str, float], replication: int) -> dict[str, float]:
    LEFT["runs"] -= 1
    if LEFT["runs"] < 0:
        raise KeyboardInterrupt
    noise = 0.01 * np.random.default_rng(replication).normal(size=3)
    a, b = values["a"], values["b"]
    return {
        "sum": a + b + noise[0],
        "product": a * b + noise[1],
        "less": a - b + noise[2],
        "held": a,
    }


def fitted(folder: Path, **changes: Any) -> Posterior:
    return calibrate(TARGETS, PRIOR, store=folder, **{"simulate": model, **SIZES, **changes})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Posterior:
    return fitted(tmp_path_factory.mktemp("calibration") / "store")


def same(one: Posterior, other: Posterior) -> None:
    for name in calibration.TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_known_parameters_lie_in_the_posterior_and_idle_ones_stay_as_they_were(found: Posterior) -> None:
    table = found.identifiability.set_index("parameter")
    for name, value in TRUTH.items():
        assert table.loc[name, "low"] < value < table.loc[name, "high"]
        assert table.loc[name, "ratio"] < 0.4
        assert found.central[name] == pytest.approx(value, abs=0.1)
    assert table.loc["idle", "ratio"] == pytest.approx(1.0, abs=0.2)
    targets = found.targets.set_index("name")
    assert (targets.loc[["sum", "product", "less"], "inside"] > 0.6).all()
    assert (targets["inside"] > targets["inside_prior"]).all()
    assert found.draws["weight"].sum() == pytest.approx(1.0)
    assert len(found.draws) == 60
    assert not table.loc[["a", "b"], "assumption_driven"].any()
    assert table.loc["idle", "assumption_driven"]
    assert found.record["effective_draws"] > 20


def test_nothing_is_compared_more_sharply_than_its_noise(found: Posterior) -> None:
    floors = found.targets.set_index("name")["noise_floor"]
    runs = np.array([model(TRUTH, replication)["sum"] for replication in range(4)])
    assert floors["sum"] == pytest.approx(runs.std(ddof=1) / 2.0)
    assert floors["held"] == 0.0


def test_targets_tell_of_what_moves_them_and_of_nothing_else(found: Posterior) -> None:
    table = found.informs.set_index(["target", "parameter"])
    assert table.loc[("less", "a"), "rank_correlation"] > 0.5 > -0.5 > table.loc[("less", "b"), "rank_correlation"]
    assert abs(table.loc[("sum", "idle"), "rank_correlation"]) < 0.35
    assert table.loc[("sum", "a"), "clear"]
    assert not table.loc[("sum", "idle"), "clear"]
    assert table.loc["held", ["variance_drop", "variance_alone"]].isna().all(axis=None)
    assert table.loc["sum", "variance_alone"].isna().all(), "of 40 points over the prior four lie inside"


def test_threads_and_interruptions_do_not_change_a_digit(
    found: Posterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LEFT, "runs", 199)
    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path, n_jobs=1)
    monkeypatch.setitem(LEFT, "runs", math.inf)
    stored = (tmp_path / "evaluations.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(stored) == 49  # 199 runs of four worlds: all but the evaluation in flight
    same(fitted(tmp_path, n_jobs=3), found)


def test_a_store_is_gone_on_with_for_more_waves_and_other_draws(found: Posterior, tmp_path: Path) -> None:
    fitted(tmp_path, waves=2, draws=10)
    same(fitted(tmp_path), found)
    with pytest.raises(ov.InputError, match="differs in replications"):
        fitted(tmp_path, replications=5)


def test_evaluations_of_another_model_are_not_taken_for_its_own(tmp_path: Path) -> None:
    def shifted(by: float, values: Mapping[str, float], replication: int) -> dict[str, float]:
        return {name: value + by for name, value in model(values, replication).items()}

    fitted(tmp_path, simulate=partial(shifted, 0.0), waves=1)
    with pytest.raises(ov.InputError, match="differs in simulate"):
        fitted(tmp_path, simulate=partial(shifted, 0.1), waves=1)


def test_it_is_saved_and_loaded(found: Posterior, tmp_path: Path) -> None:
    again = ov.Posterior.load(found.save(tmp_path / "posterior"))
    same(again, found)
    assert again.central == found.central
    assert again.record["seed"] == 1
    found.save(tmp_path / "posterior")
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ov.InputError, match="holds something else"):
        found.save(tmp_path)
    with pytest.raises(ov.InputError, match="is no posterior"):
        Posterior.load(tmp_path)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("reached", ["identifiability.parquet", "run.json"])
def test_a_save_that_was_killed_leaves_what_was_there(
    found: Posterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool, reached: str
) -> None:
    earlier = replace(found, record=found.record | {"seed": 2}, waves=found.waves.head(1))
    if not first:
        earlier.save(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    real = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if Path(target) == tmp_path / reached:
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as killing:
        killing.setattr(moving, "put_back", lambda *_: None)  # a process that is gone puts nothing back
        killing.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            found.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} > before.keys(), "it had begun"
    if first:
        with pytest.raises(ov.InputError, match="is no posterior"):
            Posterior.load(tmp_path)
    else:
        same(Posterior.load(tmp_path), earlier)
        assert Posterior.load(tmp_path).record["seed"] == 2
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    same(Posterior.load(found.save(tmp_path)), found)


def test_what_cannot_be_saved_says_why(found: Posterior, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(ov.InputError, match="is a file; name a folder"):
        found.save(tmp_path / "file")
    with locked(tmp_path), pytest.raises(ov.InputError, match="another command writes there"):
        found.save(tmp_path)


def test_figure_and_page_speak_both_languages(found: Posterior, tmp_path: Path) -> None:
    for language, word in (("en", "Posterior sd ÷ prior sd"), ("id", "SB posterior ÷ SB awal")):
        figure = found.plot(language)
        figure.savefig(tmp_path / "figure.png")
        assert figure.axes[0].get_xlabel() == word
        assert [text.get_text() for text in figure.axes[0].get_yticklabels()][-1] == "idle"
        assert calibration_page(found, tmp_path, language) is not None


def test_a_posterior_prints_the_page_of_its_calibration(found: Posterior) -> None:
    for text in (str(found), found._repr_html_()):
        assert "clearly narrowed" in text
        assert "Posterior.load" not in text, "it does not know where it is kept"


def test_the_page_lists_what_was_clearly_narrowed_and_nothing_else(found: Posterior, tmp_path: Path) -> None:
    def shown(of: Posterior, language: str) -> str:
        console = Console(width=100, record=True, file=io.StringIO())
        console.print(calibration_page(of, tmp_path, language))
        return console.export_text()

    text = shown(found, "en")
    assert "of 2 numbers that they clearly narrowed" in text
    learned = text[text.index("clearly narrowed") :]
    assert re.search(r"^a +0\.\d\d ± 0\.\d\d", learned, re.MULTILINE)
    assert not re.search(r"^idle ", learned, re.MULTILINE)
    nobody = replace(found, identifiability=found.identifiability.assign(assumption_driven=True))
    assert "nothing can be said to be narrower than its prior" in shown(nobody, "en")
    assert "tidak ada yang dapat dikatakan lebih sempit" in shown(nobody, "id")


def test_what_fails_is_counted_and_avoided(tmp_path: Path) -> None:
    def failing(values: Mapping[str, float], replication: int) -> dict[str, float]:
        if values["a"] > 0.8:
            raise ValueError("too much")
        return model(values, replication)

    found = fitted(tmp_path / "some", simulate=failing)
    assert found.record["failed"] == found.waves["failed"].sum() > 0
    assert found.waves["failed"].iloc[0] > found.waves["failed"].iloc[2]
    assert len(found.draws) == 60
    # b in [0, 1], a in [0, 0.8]: of a hypercube one in five fails, and none of what is left has weight there
    assert found.waves["failed"].iloc[0] == 8
    assert found.record["evaluations"] == 3 * 40

    def hopeless(values: Mapping[str, float], replication: int) -> dict[str, float]:
        raise ValueError(f"never {min(values)} {replication}")

    with pytest.raises(ov.InputError, match="no evaluation went well; the first says: ValueError: never a 0"):
        fitted(tmp_path / "none", simulate=hopeless)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"replications": 1}, "replications"),
        ({"points": 3}, "points: is 3; give 20 or more"),
        ({"waves": 0}, "waves"),
        ({"simulate": 3}, "simulate: is 3"),
        ({"base": ov.Scenario()}, "base: only the baseline patterns"),
        ({"simulate": None}, "'a' is no parameter"),
    ],
)
def test_wrong_arguments_are_refused_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ov.InputError, match=message):
        fitted(tmp_path / "store", **changes)
    assert not (tmp_path / "store").exists()


def test_without_scikit_learn_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ov.InputError, match=r"pip install 'ovopsim\[analysis\]'"):
        fitted(tmp_path / "store")
    assert not (tmp_path / "store").exists()


@pytest.mark.usefixtures("warm_core")
def test_the_model_is_fitted_to_its_baseline_patterns(tmp_path: Path) -> None:
    base = small().changed(months=60)
    found = calibrate(
        PATTERNS,
        ["entry_and_exit.background", "technology_and_cost.materials_share"],
        store=tmp_path,
        base=base,
        **SIZES | {"points": 20, "waves": 2, "replications": 2},
    )
    assert 10 < len(found.draws) <= found.record["evaluations"] == 40
    assert found.draws["weight"].min() > 0.0
    assert found.paths == ["entry_and_exit.background", "technology_and_cost.materials_share"]
    informs = found.informs.set_index(["target", "parameter"])["rank_correlation"]
    assert informs["exit_rate", "entry_and_exit.background"] > 0.5
    assert informs["materials_share", "technology_and_cost.materials_share"] > 0.5
    named = found.scenarios(base)[found.record["medoid"]]
    assert named.parameters == pytest.approx(
        found.draws.set_index("draw").loc[found.record["medoid"], found.paths].to_dict()
    )


@pytest.mark.usefixtures("warm_core")
def test_the_central_draw_is_what_the_model_ships_with(tmp_path: Path) -> None:
    path = "technology_and_cost.materials_share"
    found = calibrate(
        PATTERNS, [path], store=tmp_path, base=small().changed(months=60), **SIZES | {"points": 20, "waves": 1}
    )
    central = found.record["central_draw"]
    assert found.record["central"] == "central"
    assert found.central == {path: locate(path)[0].value}
    assert locate(path)[0].value not in set(found.draws[path]), "it is no draw with a weight"
    row = found.identifiability.iloc[0]
    below = found.draws.loc[found.draws[path] < row["shipped"], "weight"].sum()
    assert row["shipped_at"] == pytest.approx(below)
    assert central["distance"] == pytest.approx(abs(row["shipped"] - row["mean"]) / row["sd"])
    assert central["at_the_edge"] == ([] if 0.05 <= below <= 0.95 else [path])
    outside = {name for name, (low, high) in PATTERNS.items() if not low <= central["simulated"][name] <= high}
    assert set(central["outside"]) == outside


@pytest.mark.usefixtures("warm_core")
def test_values_reach_the_model_as_a_scenarios_parameters_do() -> None:
    changed = {"planning.cover": 2.0}
    base = small().changed(parameters=changed)
    assert baseline_patterns(changed, 0, small(), 1) == baseline_patterns({}, 0, base, 1)
    assert baseline_patterns({}, 0, small(), 1) != baseline_patterns(changed, 0, small(), 1)
