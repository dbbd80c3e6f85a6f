"""`ovopsim trial` on a small file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ovopsim.cli.answering import answered

pytestmark = pytest.mark.usefixtures("warm_core")

FILE = """\
firms: 120
arms:
  course: {share: 0.5, deliveries: [{lever: management_training}]}
follow_up: [6, 12]
outcomes: [profit, practices]
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "pilot.yaml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_json_is_one_document(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["trial", file, "--replications", "2", "--json", "--power"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["trial"] == "pilot"
    assert {"effects", "coverage", "targets", "power"} <= set(found)
    assert found["replications"] == 2


@pytest.mark.parametrize(("language", "word"), [("en", "As evaluated"), ("id", "Menurut evaluasi")])
def test_the_page_has_what_is_estimated_and_what_is_so(
    file: str, language: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(["trial", file, "--replications", "2", "--language", language, "--power"]) == 0
    shown = capsys.readouterr().out
    assert word in shown
    assert "course:" in shown


def test_a_wrong_key_is_named(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(file).write_text(FILE.replace("share", "shar"), encoding="utf-8")
    assert answered(["trial", file]) == 2
    assert "did you mean 'share'" in capsys.readouterr().err
