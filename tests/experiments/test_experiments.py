"""Every experiment runs from the command line in quick mode and leaves what it says."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import ovopsim as ov
from ovopsim.analysis.swept import paired
from ovopsim.study.drawn import shipped_posterior

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.usefixtures("warm_core"), pytest.mark.slow]


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "experiments" / f"{name}.py"), *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_single_levers(tmp_path: Path) -> None:
    printed = run("single_levers", "--quick", "--out", str(tmp_path))
    table = pd.read_csv(tmp_path / "single_levers.csv")
    assert json.loads(printed.splitlines()[-1])["links"] == 16
    assert len(table) == 16
    assert (table["cluster"] < 0.15).all()


def test_stationarity(tmp_path: Path) -> None:
    run("stationarity", "--quick", "--out", str(tmp_path))
    table = pd.read_csv(tmp_path / "stationarity.csv").set_index("quantity")
    assert {"firms", "mean log sales", "SD log sales", "jobs", "craft", "equipment", "cash", "price"} <= set(
        table.index
    )
    assert table.loc["firms", "slope_percent_a_year"] == pytest.approx(0.0, abs=2.0)


def test_common_random_numbers(tmp_path: Path) -> None:
    run("common_random_numbers", "--quick", "--out", str(tmp_path))
    table = pd.read_csv(tmp_path / "common_random_numbers.csv")
    assert (table["shared stream over keyed"] > 1.0).all()
    assert (table["independent over keyed"] > 1.0).all()


def test_benchmark(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    found = json.loads(run("benchmark", "--quick", "--out", str(page)).splitlines()[-1])
    wanted = {"ns_cpu_per_firm_month", "mesa_ratio_per_core", "numpy_ratio", "factorial_wall_s", "runs_per_s"}
    assert wanted <= set(found)
    assert found["ns_cpu_per_firm_month"]["200"] > 0.0
    assert found["mesa_ratio_per_core"] > 1.0
    assert "| peer | firms |" in page.read_text(encoding="utf-8")


def test_seven_roles(tmp_path: Path) -> None:
    printed = run("seven_roles", "--quick", "--out", str(tmp_path))
    assert "32 runs in" in printed
    assert printed.startswith("QUICK TRY, NOT FOR READING")
    assert "Best mixes for sales in year 2, against no programme" in printed
    assert len(pd.read_csv(tmp_path / "roles.csv")) == 3 * 3  # roles and outcomes
    assert len(pd.read_csv(tmp_path / "pairs.csv")) == 3 * 3
    mixes = pd.read_csv(tmp_path / "mixes.csv").set_index("outcome").loc["public_cost_idr"]
    assert (mixes["mean"][mixes["mix"].notna()] > 0.0).all()
    assert {path.name for path in tmp_path.glob("*.png")} == {"main_effects.png", "mixes.png"}


def test_seven_roles_that_each_bring_their_money(tmp_path: Path) -> None:
    run("seven_roles", "--quick", "--budget", "each", "--out", str(tmp_path))
    mixes = pd.read_csv(tmp_path / "mixes.csv", dtype={"mix": str}).query("outcome == 'public_cost_idr'")
    cost = mixes.set_index("mix")["mean"]
    assert cost["1 2 3"] > cost["1"]


def test_budgets(tmp_path: Path) -> None:
    run("budgets", "--quick", "--out", str(tmp_path))
    whole = pd.read_csv(tmp_path / "budgets.csv")
    carried = whole[whole["multi_year"]]
    assert carried["budget_million_idr"].tolist() == [100, 250, 500, 1000, 1500, 2000]
    table = whole[~whole["multi_year"]]
    assert (carried["public_cost_million_idr"].to_numpy() != table["public_cost_million_idr"].to_numpy()).any()
    assert table["public_cost_million_idr"].is_monotonic_increasing
    unclear = table["extra_jobs_low"] <= 0.0
    assert table["million_idr_per_job"].isna().to_list() == unclear.to_list()
    steps = pd.read_csv(tmp_path / "steps.csv")
    assert steps["extra_jobs"].sum() == pytest.approx(table["extra_jobs"].iloc[-1])
    assert (tmp_path / "budgets.png").is_file()


@pytest.mark.parametrize(("name", "table"), [("budgets", "effects"), ("shocks", "programme")])
def test_quick_runs_are_not_averaged_with_whole_ones_of_the_same_folder(name: str, table: str, tmp_path: Path) -> None:
    for arguments in (["--quick"], ["--replications", "2"]):
        run(name, *arguments, "--out", str(tmp_path / "both"))
    run(name, "--replications", "2", "--out", str(tmp_path / "alone"))
    both, alone = (pd.read_csv(tmp_path / folder / f"{table}.csv") for folder in ("both", "alone"))
    pd.testing.assert_frame_equal(both, alone)


def test_both_ways_of_giving_money_may_have_one_folder(tmp_path: Path) -> None:
    run("seven_roles", "--quick", "--out", str(tmp_path / "both"))
    printed = [
        run("seven_roles", "--quick", "--budget", "each", "--out", str(tmp_path / name)) for name in ("both", "each")
    ]
    assert "32 runs in" in printed[0]
    for table in ("roles", "pairs", "mixes"):
        both, each = (pd.read_csv(tmp_path / folder / f"{table}.csv") for folder in ("both", "each"))
        pd.testing.assert_frame_equal(both, each)


def test_mixes_of_all_sizes_may_be_as_good_as_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    seven_roles = importlib.import_module("seven_roles")
    settings = ["roles.1", "roles.2", "programme.budget"]
    mixes = [(0, 0), (1, 0), (0, 1), (1, 1)]
    rows = [
        {"scenario": f"{first} {second}", "base_digest": "", "seed": 1, "replication": world}
        | dict(zip(settings, (first, second, first + second), strict=True))
        | {"sales_idr": 100.0 * world + (50.0 if first or second else 0.0)}
        for first, second in mixes
        for world in range(3)
    ]

    class Told:
        def __init__(self) -> None:
            self.settings = settings

        def effects(self, against: dict[str, float], outcomes: list[str]) -> pd.DataFrame:
            return paired(pd.DataFrame(rows), settings, against, outcomes)

    best = pd.Series({"roles.1": 1, "roles.2": 0, "programme.budget": 1})
    assert sorted(seven_roles.as_good(Told(), best)) == ["1 2", "2"]


def test_the_figure_of_mixes_names_the_best_ten_and_those_that_may_be_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    seven_roles = importlib.import_module("seven_roles")
    names = [" ".join(str(role + 1) for role in range(7) if mix >> role & 1) for mix in range(127, 0, -1)]
    middle = [0.2 - 0.001 * place for place in range(127)]
    ends = {"relative": middle, "relative_low": [m - 0.01 for m in middle], "relative_high": [m + 0.01 for m in middle]}
    figure = seven_roles.best_mixes(pd.DataFrame({"mix": names} | ends), [names[2], names[20]], "total", 10)
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == [seven_roles.called(name) for name in names[:10]]
    verdicts = [text.get_text().partition("%  ")[2] for text in axis.texts]
    assert verdicts == ["best", "clearly worse", "may be as good", *["clearly worse"] * 7]
    assert "2 other mixes may be as good" in figure.get_suptitle()
    assert "1 more may be as good" in figure.get_supxlabel()


def test_mixes_are_named_and_counted_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    seven_roles = importlib.import_module("seven_roles")
    assert [seven_roles.called(mix) for mix in ("1 3 7", "5", "")] == ["Roles 1, 3, 7", "Role 5", "No role"]
    assert [seven_roles.counted(count) for count in range(3)] == ["No other mix", "1 other mix", "2 other mixes"]
    assert seven_roles.by_name("5") == "5 Market network"


def test_targeting(tmp_path: Path) -> None:
    run("targeting", "--quick", "--out", str(tmp_path))
    assert len(pd.read_csv(tmp_path / "gini.csv")) == 6
    effects = pd.read_csv(tmp_path / "effects.csv").query("outcome == 'sales_idr' and arm != 'No programme'")
    assert effects["mean"].nunique() == 6
    assert (tmp_path / "targeting.png").is_file()


def test_shocks(tmp_path: Path) -> None:
    run("shocks", "--quick", "--out", str(tmp_path))
    damage, programme, more = (
        pd.read_csv(tmp_path / f"{name}.csv").set_index(["shock", "outcome"])["mean"]
        for name in ("damage", "programme", "more_than_without_shock")
    )
    assert damage["Pandemic", "sales_idr"] < 0.0
    for shock in ("Pandemic", "Cheap printed cloth", "Dear cloth and wax"):
        difference = programme[shock, "sales_idr"] - programme["No shock", "sales_idr"]
        assert more[shock, "sales_idr"] == pytest.approx(difference)
    assert (tmp_path / "shocks.png").is_file()


def test_how_sure(tmp_path: Path) -> None:
    printed = run("how_sure", "--quick", "--out", str(tmp_path))
    assert "4 draws of" in printed
    split = pd.read_csv(tmp_path / "variance.csv")
    assert len(split) == 8 * 7  # arms and outcomes
    assert split[["chance", "parameters", "shocks"]].sum(axis=1).round(9).isin([0.0, 1.0]).all()
    best = pd.read_csv(tmp_path / "best.csv").groupby("outcome")["best"].sum()
    assert best.to_list() == pytest.approx([1.0] * 7)
    assert pd.read_csv(tmp_path / "roles.csv")["assumption_driven"].all()
    assert {path.name for path in tmp_path.glob("*.png")} == {
        "how_sure_sales.png",
        "how_sure_value_added.png",
        "how_sure_jobs.png",
    }


def test_calibration_recovery(tmp_path: Path) -> None:
    run("calibration_recovery", "--quick", "--out", str(tmp_path))
    table = pd.read_csv(tmp_path / "recovery.csv").set_index("parameter")
    assert len(table) == 9
    assert (table["truths"] == 2).all()
    assert table["posterior_over_prior"].idxmax() == "idle"
    assert table.loc["d", "posterior_over_prior"] < 0.5
    assert pd.read_csv(tmp_path / "ranks.csv")["rank"].between(0.0, 1.0).all()
    assert (tmp_path / "recovery.png").is_file()


def test_posterior(tmp_path: Path) -> None:
    folder, page = tmp_path / "posterior", tmp_path / "posterior.md"
    run("posterior", "--quick", "--store", str(tmp_path / "store"), "--out", str(folder), "--page", str(page))
    found = ov.Posterior.load(folder)
    assert len(found.draws) == 10, "of 20 points, of which some fit better"
    assert found.record["central"] == "central"
    text = page.read_text(encoding="utf-8")
    assert "23 findings of 9 published field trials" in text
    assert "2 worlds of\n400 firms" in text
    rests = found.identifiability["assumption_driven"]
    assert f"**{rests.sum()} of {len(rests)} numbers are not clearly narrower than 0.9" in text
    for name, rest in zip(found.identifiability["parameter"], rests, strict=True):
        assert (f"| `{name}` |" in text) != rest, "the table names what was learned, and nothing else"
    record = (folder / "run.json").read_bytes()
    refused = confirming(folder, page)
    assert refused.returncode == 1, "trials of 400 firms are not those of 2,000"
    assert "calibrate again" in refused.stderr
    assert (folder / "run.json").read_bytes() == record


def confirming(folder: Path, page: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "experiments" / "posterior.py"), "--confirm", "1"]
    return subprocess.run(
        [*command, "--out", str(folder), "--page", str(page)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )


def test_the_shipped_posterior_is_that_of_this_model(tmp_path: Path) -> None:
    shutil.copytree(shipped_posterior(), tmp_path / "posterior")
    done = confirming(tmp_path / "posterior", tmp_path / "posterior.md")
    assert done.returncode == 0, f"python experiments/posterior.py; {done.stderr}"
    found = ov.Posterior.load(tmp_path / "posterior")
    assert found.record["confirmed"]["draws_repeated"] == 1
    assert "1 of the draws" in (tmp_path / "posterior.md").read_text(encoding="utf-8")


def test_validation(tmp_path: Path) -> None:
    printed = run("validation", "--quick", "--out", str(tmp_path / "v.md"), "--figure", str(tmp_path / "v.png"))
    found = json.loads(printed.splitlines()[-1])
    assert found["counts"]["patterns"][1] == 21
    assert found["counts"]["trials"][1] == 15
    page = (tmp_path / "v.md").read_text(encoding="utf-8")
    assert "## What fails" in page
    assert "Owners here are seldom short of capital" in page, "V2, which few worlds show too"
    assert (tmp_path / "v.png").stat().st_size > 10_000
