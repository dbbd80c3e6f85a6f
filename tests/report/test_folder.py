"""What a command leaves in its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ovopsim.comparison import Comparison
from ovopsim.plots import FIGURES
from ovopsim.report.folder import FINDINGS, write_folder
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
