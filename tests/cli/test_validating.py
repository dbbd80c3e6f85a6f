"""`ovopsim validate`, with what takes long replaced by a table of two rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ovopsim.validation as door
from ovopsim.cli.answering import answered

ROW = {
    "trial": "V1",
    "name": "profit_over_grant",
    "about": "x",
    "kind": "trial",
    "emergent": True,
    "fitted": True,
    "simulated": 2.3,
    "simulated_low": 2.2,
    "simulated_high": 2.4,
    "world_low": 2.0,
    "world_high": 2.7,
    "published": 5.0,
    "low": 2.0,
    "high": 10.0,
    "inside": True,
    "noise": 0.01,
    "evidence": ["eff-001"],
}
ROWS: list[dict[str, Any]] = [
    ROW
    | {
        "trial": None,
        "name": "exit_rate",
        "kind": "baseline",
        "simulated": 0.5,
        "low": 0.06,
        "high": 0.12,
        "inside": False,
    },
    ROW,
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "validation_table", lambda *_: ROWS)


def test_json_is_one_document_with_a_row_for_each_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["validate", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["trial"] for each in found] == [None, "V1"]
    assert set(ROW) - {"about", "noise"} <= set(found[0])


@pytest.mark.parametrize(("language", "word"), [("en", "Outside"), ("id", "Di luar rentang")])
def test_what_lies_outside_is_said_in_words(capsys: pytest.CaptureFixture[str], language: str, word: str) -> None:
    assert answered(["validate", "--language", language]) == 0
    shown = capsys.readouterr().out
    assert word in shown
    assert "V1" in shown


def test_the_picture_is_written_and_another_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["validate", "--figure", str(tmp_path / "new" / "v.png")]) == 0
    assert (tmp_path / "new" / "v.png").stat().st_size > 5_000
    assert answered(["validate", "--figure", str(tmp_path / "v.txt")]) == 2
    assert "a picture is a .png" in capsys.readouterr().err


def test_a_posterior_is_read_and_each_world_has_a_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(door, "validation_table", lambda *given: asked.append(given) or ROWS)
    draws = tmp_path / "draws.csv"
    draws.write_text("draw,weight,planning.cover\na,1,1.3\nb,3,1.5\n", encoding="utf-8")
    assert answered(["validate", "--posterior", str(draws), "--worlds", "5"]) == 0
    assert "5 draws of the posterior" in " ".join(capsys.readouterr().out.split())
    worlds, _, _, _, _, _, table = asked[0]
    assert worlds == 5
    assert table["weight"].tolist() == [0.25, 0.75]
    assert answered(["validate", "--posterior", str(tmp_path / "none.csv")]) == 2
    assert "none.csv: cannot be read" in capsys.readouterr().err


def test_numbers_that_cannot_be_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["validate", "--worlds", "0"]) == 2
    assert "0" in capsys.readouterr().err
