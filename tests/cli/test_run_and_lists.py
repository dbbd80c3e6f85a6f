"""`ovopsim run`, `baseline`, the lists, version and help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ovopsim
from ovopsim.analysis import baseline
from ovopsim.parameters.loading import all_records
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.schema import scenario_schema
from tests.cli.calling import Call, Result


@pytest.mark.usefixtures("warm_core")
class TestRun:
    def test_it_prints_the_last_year(self, call: Call, tmp_path: Path) -> None:
        found = call("run", "fairs.yaml", "--replications", "2", "--out", "results")
        assert (found.code, found.err) == (0, "")
        assert "fairs: mean a month over 2 runs" in found.out
        written = {path.name for path in (tmp_path / "results").iterdir()}
        assert {"levels.csv", "growth.png", "constraints.png", "run.json"} <= written
        assert not written & {"effects.csv", "effects.png", "who_gains.png"}  # of one scenario there are none

    def test_json(self, call: Call) -> None:
        document = call("run", "fairs.yaml", "--replications", "1", "--json").document()
        assert document["name"] == "fairs"
        assert document["spent_idr"] > 0.0
        assert document["run"]["replications"] == 1

    def test_it_speaks_indonesian(self, call: Call) -> None:
        assert (
            "rata-rata per bulan dari 1 simulasi"
            in call("run", "fairs.yaml", "--replications", "1", "--language", "id").out
        )


class TestBaseline:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put numbers in place of ten simulated years."""
        targets = baseline.baseline_targets()
        patterns = {name: 1.0 if row["low"] is None else row["low"] for name, row in targets.items()}
        monkeypatch.setattr(baseline, "one_world", lambda replication, seed, base: patterns)  # noqa: ARG005 - as called

    def test_json_is_a_list_with_the_agreed_keys(self, call: Call) -> None:
        rows = call("baseline", "--json", "--replications", "1").document()
        keys = {"name", "emergent", "simulated", "low", "high", "inside", "published", "evidence"}
        assert all(keys <= set(row) for row in rows)
        assert rows[0]["simulated_low"] is None  # one run has no interval, and NaN is no JSON

    def test_the_table(self, call: Call) -> None:
        found = call("baseline", "--replications", "2")
        assert (found.code, found.err) == (0, "")
        assert "mean of 2 runs" in found.out
        assert "Terbitan" in call("baseline", "--replications", "2", "--language", "id").out


class TestLists:
    def test_levers(self, call: Call) -> None:
        assert set(call("levers", "--json").document()) == set(builtin_levers())
        assert "Role 5: Market network" in call("levers").out
        assert "Peran 5: Pengembangan jaringan pasar" in call("levers", "--language", "id").out

    def test_parameters(self, call: Call) -> None:
        assert set(call("parameters", "--json").document()) == set(all_records())
        assert "market.outside_share" in call("parameters").out
        assert list(call("parameters", "market.outside_share.export", "--json").document()) == ["market.outside_share"]
        assert "Asumsi model" in call("parameters", "planning.cover", "--language", "id").out

    def test_schema(self, call: Call) -> None:
        assert call("schema").document() == json.loads(json.dumps(scenario_schema()))


def test_version_and_help(call: Call) -> None:
    assert call("--version") == Result(0, f"ovopsim {ovopsim.__version__}\n", "")
    for arguments in ((), ("--help",), ("compare", "--help")):
        found = call(*arguments)
        assert (found.code, found.err) == (0, "")
        assert "Usage: ovopsim" in found.out
