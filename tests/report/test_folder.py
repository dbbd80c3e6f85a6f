"""What a command leaves in its folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from ovopsim.comparison import Comparison
from ovopsim.errors import InputError
from ovopsim.plots import FIGURES
from ovopsim.report.folder import FINDINGS, check_findings, write_folder
from ovopsim.study import store


@pytest.fixture(scope="module")
def folder(small_comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "results"
    with store.opened(out, small_comparison.run["model_digest"]) as workplace:
        write_folder(small_comparison, workplace, out, "en", ["ovopsim", "compare"], {"fairs.yaml": "abc"})
    return out


def test_tables_of_runs_findings_figures_and_a_record(folder: Path) -> None:
    expected = {f"{name}.parquet" for name in store.TABLES} | {f"{name}.csv" for name in FINDINGS}
    assert {path.name for path in folder.iterdir()} == expected | {f"{name}.png" for name in FIGURES} | {store.RECORD}


def test_findings_are_read_back_as_they_were(folder: Path, small_comparison: Comparison) -> None:
    for name in FINDINGS:
        frame = pd.read_csv(folder / f"{name}.csv")
        assert list(frame.columns) == list(getattr(small_comparison, name).columns)
        assert len(frame) == len(getattr(small_comparison, name))


def test_the_record_says_what_ran(folder: Path, small_comparison: Comparison) -> None:
    document = json.loads((folder / store.RECORD).read_text(encoding="utf-8"), parse_constant=pytest.fail)
    (command,) = document["commands"]
    assert command["command"] == ["ovopsim", "compare"]
    assert command["inputs"] == {"fairs.yaml": "abc"}
    assert command["seed"] == 1
    assert command["scenarios"]["Fairs"]["configuration"]["programme"]["shares"] == {"exhibition": 1}
    assert command["versions"]["ovopsim"]
    assert command["time"].endswith("+00:00")
    assert document["model_digest"] == small_comparison.run["model_digest"]


def test_findings_that_a_sweep_left_beside_its_runs_are_not_lost_either(
    folder: Path, small_comparison: Comparison, tmp_path: Path
) -> None:
    out, digest = tmp_path / "results", small_comparison.run["model_digest"]
    shutil.copytree(folder, out)
    with store.opened(out, digest) as workplace:
        store.write_record(workplace, out, {"sweep": "Budgets"}, digest, keep_findings=True)
    check_findings(out, small_comparison.arms, small_comparison.baseline)
    with pytest.raises(InputError, match=r"a comparison of 'Nothing', .* and 'Trial', which would be lost"):
        check_findings(out, ["Fairs"], "Fairs")
    for name in (*(f"{name}.csv" for name in FINDINGS), *(f"{name}.png" for name in FIGURES)):
        (out / name).unlink()
    check_findings(out, ["Fairs"], "Fairs")  # somebody has moved them elsewhere


def test_a_new_folder_holds_nothing_that_could_be_lost(tmp_path: Path) -> None:
    check_findings(tmp_path / "results", ["Fairs"], "Fairs")
