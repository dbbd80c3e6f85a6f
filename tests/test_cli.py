"""Each verb of the command line: what it prints, where, and its exit code."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

import ovopsim
from ovopsim import cli, comparison
from ovopsim.analysis import baseline
from ovopsim.errors import InputError
from ovopsim.parameters.loading import all_records
from ovopsim.policy.files import load_scenarios
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.schema import scenario_schema

ROOT = Path(__file__).parents[1]
HEAD = "months: 12\npopulation: {synthetic: surakarta, firms: 60}\n"
FAIRS = HEAD + "programme: {budget: 200_000_000, shares: {exhibition: 1}, start: 2}\n"


class Result(NamedTuple):
    code: int
    out: str
    err: str

    def document(self) -> Any:
        """Return the one strict JSON document of standard output, with nothing on standard error."""
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out, parse_constant=pytest.fail)


Call = Callable[..., Result]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Return the command line, run in a folder with two scenarios."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("nothing", "fairs"):
        (tmp_path / f"{name}.yaml").write_text(HEAD if name == "nothing" else FAIRS, encoding="utf-8")

    def run(*arguments: str) -> Result:
        code = cli.main(arguments)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


PAIR = ("nothing.yaml", "fairs.yaml", "--replications", "2")


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

    def test_months_whose_firms_are_kept(self, call: Call, tmp_path: Path) -> None:
        call("compare", *PAIR, "--out", "results", "--keep-month", "3", "--keep-month", "11", "--n-jobs", "1")
        assert set(pd.read_parquet(tmp_path / "results" / "firms.parquet")["step"]) == {3, 11}

    def test_one_scenario_alone_says_that_it_has_nothing_to_be_compared_with(self, call: Call) -> None:
        found = call("compare", "fairs.yaml", "--replications", "2")
        assert found.code == 0
        assert "there is nothing to compare it with" in found.out


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
        monkeypatch.setattr(baseline, "one_world", lambda replication, seed: patterns)  # noqa: ARG005 - as called

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


WRONG = {
    "broken": "name: [\n",
    "bugdet": "programme: {bugdet: 5, shares: {exhibition: 1.0}}\n",
    "shares": "programme: {budget: 5, shares: {exhibition: 0.5, certification: 0.8}}\n",
    "lever": "programme: {budget: 5, shares: {exhibtion: 1}}\n",
    "key": "moths: 12\n",
    "longer": "months: 24\n",
    "word": "months: many\n",
    "list": "- months: 12\n",
}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "missing.yaml"), "missing.yaml: there is no such file."),
        (("run", "missing.yaml"), "missing.yaml: there is no such file."),
        (("run", "folder"), "folder: cannot be read"),
        (("compare", "broken.yaml"), "broken.yaml, line 2: this is not YAML"),
        (
            ("compare", "nothing.yaml", "bugdet.yaml"),
            "bugdet.yaml: programme: 'bugdet' is no key; did you mean 'budget'?",
        ),
        (("run", "shares.yaml"), "shares.yaml: programme: shares add up to 1.30, not 1."),
        (("run", "lever.yaml"), "lever.yaml: programme: 'exhibtion' is no lever; did you mean 'exhibition'?"),
        (("run", "key.yaml"), "key.yaml: 'moths' is no key; did you mean 'months'?"),
        (("run", "word.yaml"), "word.yaml: months is 'many'"),
        (("run", "list.yaml"), "list.yaml: holds a list, not 'key: value' lines."),
        (
            ("compare", "nothing.yaml", "nothing.yaml"),
            "nothing.yaml: name: 'nothing' is also the name of nothing.yaml.",
        ),
        (("compare", "nothing.yaml", "longer.yaml"), "months differs: 'nothing' 12, 'longer' 24."),
        (("compare", *PAIR[:2], "--replications", "1"), "replications: is 1; an interval needs at least 2."),
        (("run", "nothing.yaml", "--replications", "0"), "replications: is 0; give at least 1."),
        (("baseline", "--replications", "0"), "replications: is 0; give at least 1."),
        (("compare", *PAIR[:2], "--seed", "-1"), "seed: is -1; give 0 or more."),
        (("compare", *PAIR[:2], "--n-jobs", "0"), "n_jobs: is 0"),
        (("compare", *PAIR[:2], "--discount-rate", "5"), "discount_rate: is 5; it must lie in 0 to 0.3 (per year)."),
        (("compare", *PAIR[:2], "--keep-month", "12"), "keep_months: 12 is no month of a run; they go from 0 to 11."),
        (("compare", *PAIR[:2], "--replications", "many"), "--replications"),
        (("compare", "--language", "fr"), "language: 'fr' is none of en, id"),
        (("--language", "fr", "levers"), "language: 'fr' is none of en, id"),
        (("compare", "--out", "folder"), "--out folder: the folder holds something else; name a new or empty folder."),
        (("run", "nothing.yaml", "--out", "key.yaml"), "--out key.yaml: is a file; name a folder."),
        (("run",), "Missing argument"),
        (("compar",), "No such command 'compar'."),
        (("compare", "--replication", "5"), "No such option: --replication"),
        (("parameters", "planing.cover"), "'planing.cover' is no parameter; did you mean 'planning.cover'?"),
    ],
)
def test_what_is_wrong_with_the_input_is_said_and_nothing_runs(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    for name, text in WRONG.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.doc").write_text("dear", encoding="utf-8")
    monkeypatch.setattr(comparison, "run_arms", lambda *_: pytest.fail("it ran"))
    found = call(*arguments)
    assert found.code == 2
    assert message in found.err
    assert found.err.count("\n") == 1
    assert found.out == ""


def test_text_that_is_not_utf_8_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("name: Rp ½".encode("latin-1"))
    assert call("run", "latin.yaml") == Result(2, "", "latin.yaml: is not a text file in UTF-8. Save it as UTF-8.\n")


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Stopped. Nothing was written."), ("id", "Dihentikan. Tidak ada yang disimpan.")]
)
def test_a_user_who_stops_it_finds_nothing_half_written(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr(comparison, "run_arms", interrupted)
    assert call("compare", *PAIR, "--out", "results", "--language", language) == Result(130, "", f"{words}\n")
    assert not (tmp_path / "results").exists()


@pytest.mark.usefixtures("warm_core")
def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "monthly.parquet")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    found = call("compare", *PAIR, "--out", "results")
    assert found == Result(1, "", "monthly.parquet: No space left on device.\n")
    assert not (tmp_path / "results").exists()


def test_a_folder_that_cannot_be_made_is_refused_before_the_work(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(comparison, "run_arms", lambda *_: pytest.fail("it ran"))
    monkeypatch.setattr(Path, "mkdir", read_only)
    found = call("compare", *PAIR, "--out", str(tmp_path / "results"))
    assert found.code == 2
    assert "cannot be written (Read-only file system); name another folder." in found.err


def test_what_nobody_foresaw_is_one_line_unless_a_developer_asks(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("in the middle")

    monkeypatch.setattr(comparison, "run_arms", broken)
    found = call("run", "nothing.yaml")
    assert found == Result(1, "", "ZeroDivisionError: in the middle (OVOPSIM_DEBUG=1 shows where)\n")
    monkeypatch.setenv("OVOPSIM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        call("run", "nothing.yaml")


def piped(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "ovopsim.cli", *arguments]
    return subprocess.run(command, env=environment, check=False, capture_output=True, encoding="utf-8", **options)


def test_a_terminal_that_knows_only_ascii_gets_all_it_can_show() -> None:
    done = piped("levers", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)) == 16
    done = piped("levers", "--language", "id")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Pameran" in done.stdout
    done = piped("run", "missing.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "missing.yaml: there is no such file.\n"


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    command = f'"{sys.executable}" -m ovopsim.cli parameters --json | head -c 10'
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, env=environment, check=False, capture_output=True, encoding="utf-8")  # noqa: S602 - a pipe is the test
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_scenarios_of_one_name_are_not_lost(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plan.yaml").write_text(HEAD, encoding="utf-8")
    paths = [tmp_path / folder / "plan.yaml" for folder in ("a", "b")]
    with pytest.raises(InputError, match=r"b.plan.yaml: name: 'plan' is also the name of .*a.plan.yaml"):
        load_scenarios(paths)
    paths[1].write_text(f"name: Another\n{HEAD}", encoding="utf-8")
    assert list(load_scenarios(paths)) == ["plan", "Another"]
