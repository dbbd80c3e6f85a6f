"""`ovopsim compare`: what it prints and what it stores."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

import ovopsim
from tests.cli.calling import PAIR, Call


@pytest.mark.usefixtures("warm_core")
class TestCompare:
    def test_it_prints_a_table_and_where_results_are(self, call: Call, tmp_path: Path) -> None:
        found = call("compare", *PAIR, "--out", "results")
        assert (found.code, found.err) == (0, "")
        assert "nothing’ in the last 12 months, with 95 % intervals" in found.out
        assert "Tables and figures are in results" in found.out
        written = {path.name for path in (tmp_path / "results").iterdir()}
        assert {"runs.parquet", "monthly.parquet", "firms.parquet", "run.json", "effects.csv", "growth.png"} <= written
        record = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))["commands"][0]
        assert set(record["inputs"]) == {"nothing.yaml", "fairs.yaml"}
        assert record["baseline"] == "nothing"
        assert record["command"] == ["ovopsim", "compare", *PAIR, "--out", "results"]

    def test_json_is_one_document_and_nothing_else(self, call: Call) -> None:
        document = call("compare", *PAIR, "--json", "--seed", "3").document()
        assert [arm["name"] for arm in document["arms"]] == ["nothing", "fairs"]
        assert document["arms"][1]["first_divergence"] >= 2
        assert document["run"]["seed"] == 3

    def test_json_and_a_folder(self, call: Call, tmp_path: Path) -> None:
        assert call("compare", *PAIR, "--json", "--out", "results").document()["arms"]
        assert (tmp_path / "results" / "run.json").is_file()

    def test_it_speaks_indonesian_before_and_after_the_verb(self, call: Call) -> None:
        after = call("compare", *PAIR, "--language", "id", "--out", "hasil")
        assert "Perubahan terhadap" in after.out
        assert "Tabel dan gambar tersimpan di hasil" in after.out
        assert "Perubahan terhadap" in call("--language", "id", "compare", *PAIR).out

    def test_without_files_it_compares_the_seven_roles(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        arms = {name: arm.changed(months=2) for name, arm in ovopsim.presets().items()}
        monkeypatch.setattr("ovopsim.policy.presets", lambda: arms)
        document = call("compare", "--replications", "2", "--json").document()
        assert [arm["name"] for arm in document["arms"]] == list(arms)
        assert "Ketujuh peran" in call("compare", "--replications", "2", "--language", "id").out

    def test_the_same_command_again_is_allowed(self, call: Call, tmp_path: Path) -> None:
        assert call("compare", *PAIR, "--out", "results").code == 0
        before = pd.read_parquet(tmp_path / "results" / "monthly.parquet")
        assert call("compare", *PAIR, "--out", "results").code == 0
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "results" / "monthly.parquet"), before)

    def test_what_other_scenarios_found_is_not_lost(self, call: Call, tmp_path: Path) -> None:
        folder = tmp_path / "results"
        assert call("run", "fairs.yaml", "--replications", "2", "--out", "results").code == 0
        assert call("compare", *PAIR, "--out", "results").code == 0  # fairs is in it
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        (tmp_path / "third.yaml").write_text((tmp_path / "fairs.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        others = (
            ("run", "fairs.yaml"),
            ("compare", "nothing.yaml", "third.yaml", "--replications", "2"),
            ("compare", "fairs.yaml", "nothing.yaml", "--replications", "2"),  # another baseline
        )
        for command in others:
            found = call(*command, "--out", "results")
            assert (found.code, found.out) == (2, "")
            lost = "results: holds the tables and figures of a comparison of 'nothing' and 'fairs', which would be lost"
            assert found.err == f"{lost}; name another folder.\n"
            assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        assert call("compare", *PAIR[:2], "third.yaml", *PAIR[2:], "--out", "results").code == 0

    def test_months_whose_firms_are_kept(self, call: Call, tmp_path: Path) -> None:
        call("compare", *PAIR, "--out", "results", "--keep-month", "3", "--keep-month", "11", "--n-jobs", "1")
        assert set(pd.read_parquet(tmp_path / "results" / "firms.parquet")["step"]) == {3, 11}

    def test_one_scenario_alone_says_that_it_has_nothing_to_be_compared_with(self, call: Call) -> None:
        found = call("compare", "fairs.yaml", "--replications", "2")
        assert found.code == 0
        said = " ".join(found.out.split())
        assert "there is nothing to compare it with" in said
        assert "ovopsim compare nothing.yaml fairs.yaml. Make nothing.yaml as a copy" in said
        assert "without the keys name, programme and assignments" in said
        table = found.out.split("───")[0]  # its headers: none of changes, which there are not
        assert "Sales" in table
        assert not [empty for empty in ("against", "%", "Extra", "Public", "First") if empty in table]
        indonesian = call("compare", "fairs.yaml", "--replications", "2", "--language", "id").out
        assert "ovopsim compare nothing.yaml fairs.yaml. Buatlah" in " ".join(indonesian.split())

    def test_what_it_says_to_do_works(self, call: Call, tmp_path: Path) -> None:
        mine = yaml.safe_load((tmp_path / "fairs.yaml").read_text(encoding="utf-8"))
        mine |= {"name": "Mine", "assignments": [{"lever": "exhibition", "firms": {"share": 0.25}, "month": 2}]}
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mine), encoding="utf-8")
        left = {key: value for key, value in mine.items() if key not in {"name", "programme", "assignments"}}
        (tmp_path / "nothing.yaml").write_text(yaml.safe_dump(left), encoding="utf-8")
        document = call("compare", "nothing.yaml", "mine.yaml", "--replications", "2", "--json").document()
        assert [arm["name"] for arm in document["arms"]] == ["nothing", "Mine"]
