"""`ovopsim calibrate`: a store, a posterior in it, and what is said of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ovopsim import calibration
from ovopsim.analysis import baseline
from ovopsim.calibration import Posterior
from tests.cli.calling import Call

SMALL = ("calibrate", "--patterns-only", "--store", "store", "--points", "20", "--waves", "2", "--replications", "2")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put two formulas in the model's place, and two numbers in that of all."""

    def formulas(values: dict[str, float], replication: int, **_: Any) -> dict[str, float]:
        leak, cover = values["accounts.leak"], values["planning.cover"]
        return {"exit_rate": 0.1 * leak + 0.001 * replication, "materials_share": 0.3 * cover}

    targets = {name: target for name, target in calibration.baseline_targets().items() if name in calibrated()}
    monkeypatch.setattr(calibration, "baseline_patterns", formulas)
    for module in (calibration, baseline):
        monkeypatch.setattr(module, "baseline_targets", lambda: targets)
    whole = calibration.unknowns_of
    monkeypatch.setattr(calibration, "unknowns_of", lambda _: whole(["accounts.leak", "planning.cover"]))


def calibrated() -> tuple[str, str]:
    return ("exit_rate", "materials_share")


def test_it_says_what_was_learned_and_where_it_is(call: Call, tmp_path: Path) -> None:
    found = call(*SMALL)
    assert (found.code, found.err) == (0, "")
    assert "40 evaluations, of which 0 failed" in found.out
    assert "Posterior.load('store/posterior')" in found.out.replace("\n", " ")
    posterior = Posterior.load(tmp_path / "store" / "posterior")
    assert posterior.paths == ["accounts.leak", "planning.cover"]
    assert (tmp_path / "store" / "posterior" / "identifiability.png").is_file()


def test_json_is_one_document_and_the_same_command_goes_on(call: Call) -> None:
    call(*SMALL)
    document = call(*SMALL, "--json").document()
    assert (document["evaluations"], document["failed"], document["store"]) == (40, 0, "store")
    assert [row["name"] for row in document["targets"]] == list(calibrated())
    assert {"parameter", "ratio", "assumption_driven"} <= set(document["identifiability"][0])


def test_it_speaks_indonesian(call: Call) -> None:
    assert "Yang paling banyak diketahui dari sasaran" in call(*SMALL, "--language", "id").out


def test_wrong_input_is_refused(call: Call, tmp_path: Path) -> None:
    found = call("calibrate", "--store", "store", "--waves", "0")
    assert (found.code, found.out) == (2, "")
    assert "waves: is 0; give 1 or more" in found.err
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine", encoding="utf-8")
    assert call("calibrate", "--store", "other").code == 2


def test_stopped_it_says_that_the_same_command_goes_on(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(calibration, "calibrated", stop)
    found = call(*SMALL)
    assert found.code == 130
    assert "the same command goes on from there" in found.err
