"""Every experiment runs from the command line in quick mode and leaves what it says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

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
