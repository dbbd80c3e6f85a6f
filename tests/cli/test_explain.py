"""`ovopsim explain`: what it prints, what it stores, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ovopsim import explanation
from tests.cli.calling import HEAD, PAIR, Call

TWO = ("--replications", "2")


@pytest.mark.usefixtures("warm_core")
class TestExplain:
    def test_it_prints_the_parts_and_where_results_are(self, call: Call, tmp_path: Path) -> None:
        found = call("explain", "fairs.yaml", *TWO, "--out", "why")
        assert (found.code, found.err) == (0, "")
        assert "fairs’: parts of the change against" in found.out
        assert "Tables and figures are in why" in found.out
        written = {path.name for path in (tmp_path / "why").iterdir()} - {".lock"}
        assert {"explanation.csv", "explanation_worlds.csv", "explanation.png", "run.json"} <= written
        table = pd.read_csv(tmp_path / "why" / "explanation.csv")
        assert set(table["part"]) == {"capital", "skill", "technology", "access", "other", "market", "whole"}
        (record,) = json.loads((tmp_path / "why" / "run.json").read_text(encoding="utf-8"))["commands"]
        assert set(record["inputs"]) == {"fairs.yaml"}
        assert record["command"] == ["ovopsim", "explain", "fairs.yaml", *TWO, "--out", "why"]
        assert record["files"] == ["explanation.csv", "explanation.png", "explanation_worlds.csv"]

    def test_json_is_one_document_and_nothing_else(self, call: Call) -> None:
        document = call("explain", "fairs.yaml", *TWO, "--json", "--seed", "3", "--n-jobs", "1").document()
        assert (document["scenario"], document["baseline"]) == ("fairs", "No programme")
        assert document["run"]["seed"] == 3
        assert {row["outcome"] for row in document["parts"]} >= {"sales_idr", "jobs"}

    def test_a_given_baseline_without_programme_is_the_default(self, call: Call) -> None:
        given = call("explain", "fairs.yaml", "--baseline", "nothing.yaml", *TWO, "--json").document()
        assert given["baseline"] == "nothing"
        assert given["parts"] == call("explain", "fairs.yaml", *TWO, "--json").document()["parts"]

    def test_it_speaks_indonesian(self, call: Call) -> None:
        found = call("explain", "fairs.yaml", *TWO, "--language", "id", "--out", "sebab")
        assert "Limpahan pasar" in found.out
        assert "Tabel dan gambar tersimpan di sebab" in found.out

    def test_the_same_again_is_allowed_and_nothing_else_is_lost(self, call: Call, tmp_path: Path) -> None:
        assert call("explain", "fairs.yaml", *TWO, "--out", "why").code == 0
        assert call("explain", "fairs.yaml", "--replications", "3", "--out", "why").code == 0
        assert pd.read_csv(tmp_path / "why" / "explanation_worlds.csv")["replication"].nunique() == 3
        before = {path: path.read_bytes() for path in (tmp_path / "why").iterdir() if path.is_file()}
        other = call("explain", "fairs.yaml", "--baseline", "nothing.yaml", *TWO, "--out", "why")
        assert (other.code, other.err) == (2, "why: holds results of another command; name a new or empty folder.\n")
        compared = call("compare", *PAIR, "--out", "why")
        assert (compared.code, compared.out) == (2, "")
        assert compared.err == "why: holds what explains 'fairs', which would be lost; name another folder.\n"
        assert {path: path.read_bytes() for path in (tmp_path / "why").iterdir() if path.is_file()} == before

    def test_a_comparison_is_not_written_over(self, call: Call) -> None:
        assert call("compare", *PAIR, "--out", "results").code == 0
        found = call("explain", "fairs.yaml", *TWO, "--out", "results")
        assert (found.code, found.out) == (2, "")
        assert found.err == "results: holds results of another command; name a new or empty folder.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.yaml",), "missing.yaml: there is no such file."),
        (("fairs.yaml", "--baseline", "missing.yaml"), "missing.yaml: there is no such file."),
        (("fairs.yaml", "--baseline", "longer.yaml"), "explain: months differs: 'fairs' 12, baseline 'longer' 24."),
        (("fairs.yaml", "--baseline", "fairs.yaml"), "fairs.yaml: name: 'fairs' is also the name of fairs.yaml."),
        (("fairs.yaml", "--replications", "1"), "replications: is 1; an interval needs at least 2."),
        (("fairs.yaml", "--n-jobs", "0"), "n_jobs: is 0"),
        (("fairs.yaml", "--out", "nothing.yaml"), "nothing.yaml: is a file; name a folder."),
        (("fairs.yaml", "--language", "fr"), "language: 'fr' is none of en, id"),
        ((), "Missing argument"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_runs(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "longer.yaml").write_text(HEAD.replace("months: 12", "months: 24"), encoding="utf-8")
    monkeypatch.setattr(explanation, "run_explanation", lambda *_: pytest.fail("it ran"))
    found = call("explain", *arguments)
    assert found.code == 2
    assert message in found.err
    assert found.err.count("\n") == 1
    assert found.out == ""
