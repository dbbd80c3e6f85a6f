"""`ovopsim sweep`: a design file into a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovopsim.study import store, sweeping
from ovopsim.sweeps import open_store
from tests.cli.calling import HEAD, Call

DESIGN = f"""
base: {{{HEAD.replace(chr(10), ", ").rstrip(", ")}}}
replications: 2
design:
  - roles: [5]
  - grid: {{programme.budget: [100_000_000, 200_000_000]}}
"""


@pytest.fixture(autouse=True)
def design(tmp_path: Path) -> None:
    (tmp_path / "design.yaml").write_text(DESIGN, encoding="utf-8")


@pytest.mark.usefixtures("warm_core")
class TestSweep:
    def test_it_says_what_ran_and_where_it_is(self, call: Call) -> None:
        found = call("sweep", "design.yaml", "--store", "store")
        assert (found.code, found.err) == (0, "")
        assert "4 points × 2 replications: 6 different runs; 0 were stored before" in found.out
        assert "ovopsim.open_store('store')" in found.out
        record = open_store("store").record["commands"][0]
        assert record["command"] == ["ovopsim", "sweep", "design.yaml", "--store", "store"]
        assert list(record["inputs"]) == ["design.yaml"]

    def test_json_is_one_document(self, call: Call) -> None:
        call("sweep", "design.yaml", "--store", "store")
        document = call("sweep", "design.yaml", "--store", "store", "--json").document()
        assert (document["runs"], document["stored_before"], document["done"], document["failed"]) == (6, 6, 0, 0)

    def test_it_speaks_indonesian(self, call: Call) -> None:
        assert "Hasil simulasi ada di store" in call("sweep", "design.yaml", "--store", "store", "--language", "id").out

    def test_stopped_it_says_that_the_same_command_goes_on(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(sweeping, "_take", stop)
        found = call("sweep", "design.yaml", "--store", "store")
        assert found.code == 130
        assert "the same command goes on from there" in found.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "design: {grid: {programme.bugdet: [1]}}",
            "design.yaml: 'programme.bugdet' is nothing that can be varied; did",
        ),
        ("design:\n", "design.yaml: design: is empty"),
        ("design: {grid: {programme.budget: [-1]}}", "design.yaml: sweep: point 1 of the design"),
        ("design: {roles: all}\nreplications: 0", "replications"),
    ],
)
def test_a_wrong_design_is_refused_and_nothing_is_written(call: Call, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "design.yaml").write_text(text, encoding="utf-8")
    found = call("sweep", "design.yaml", "--store", "store")
    assert (found.code, found.out) == (2, "")
    assert message in found.err
    assert not (tmp_path / "store").exists()


def test_a_store_that_cannot_be_written_is_said_before_the_work(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store.tempfile, "mkdtemp", refuse)
    monkeypatch.setattr(sweeping, "work", pytest.fail)
    found = call("sweep", "design.yaml", "--store", "store")
    assert found.code == 2
    assert "store: cannot be written (Permission denied); name another folder." in found.err


def test_a_cluster_that_does_not_answer_is_said(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ovopsim.cli.sweeping.PATIENCE", "1s")
    found = call("sweep", "design.yaml", "--store", "store", "--cluster", "tcp://127.0.0.1:1")
    assert found.code == 2
    assert "--cluster tcp://127.0.0.1:1: no scheduler answers" in found.err
