"""Commands that end early: stopped, a full disk, a fault, a reader that has seen enough."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ovopsim import comparison
from ovopsim.cli.answering import _stopped
from ovopsim.cli.asking import Asked
from ovopsim.study import parts
from ovopsim.study.identity import model_digest
from ovopsim.study.store import opened
from tests.cli.calling import PAIR, Call, Result

ROOT = Path(__file__).parents[2]


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


def test_a_folder_called_id_is_no_language(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "run_arms", interrupted)
    assert call("compare", *PAIR, "--out", "id").err == "Stopped. Nothing was written.\n"
    assert call("--language=id", "compare", *PAIR).err == "Dihentikan. Tidak ada yang disimpan.\n"


def test_who_stops_it_while_it_begins_is_answered_too(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ovopsim.policy.builtin_levers", interrupted)
    assert call("levers", "--language", "id").err == "Dihentikan. Tidak ada yang disimpan.\n"
    assert _stopped(Asked(["levers"], "fr")) == "Stopped. Nothing was written."


def test_a_folder_that_another_command_writes_in_is_refused_before_the_work(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "run_arms", lambda *_: pytest.fail("it ran"))
    with opened(Path("results"), model_digest()):
        found = call("compare", *PAIR, "--out", "results")
    assert (found.code, found.out) == (2, "")
    assert "results: another command writes there (process" in found.err
    assert found.err.count("\n") == 1


@pytest.mark.usefixtures("warm_core")
def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "monthly.parquet")

    monkeypatch.setattr(parts, "write", full)
    found = call("compare", *PAIR, "--out", "results")
    assert found == Result(1, "", "monthly.parquet: No space left on device.\n")
    assert not (tmp_path / "results").exists()


def test_what_nobody_foresaw_is_one_line_unless_a_developer_asks(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("in the middle")

    monkeypatch.setattr(comparison, "run_arms", broken)
    found = call("run", "nothing.yaml")
    assert found == Result(1, "", "ZeroDivisionError: in the middle (OVOPSIM_DEBUG=1 shows where)\n")
    monkeypatch.setenv("OVOPSIM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        call("run", "nothing.yaml")


# Puts in front of all other ways to import one that stops when a module is asked for, as Ctrl-C does.
STOPS_AT = """
import sys

class Stops:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
        return None

sys.meta_path.insert(0, Stops())
sys.argv = ["ovopsim", "levers"]
{begin}
"""
SCRIPT = "from ovopsim.cli import main\nsys.exit(main())"  # what an installer makes of the entry in pyproject.toml
MODULE = "import runpy\nrunpy.run_module('ovopsim.cli', run_name='__main__', alter_sys=False)"


@pytest.mark.parametrize("begin", [SCRIPT, MODULE])
@pytest.mark.parametrize("module", ["typer", "ovopsim.cli.answering", "ovopsim.policy", "numpy", "numba", "pydantic"])
def test_who_stops_it_while_the_libraries_load_sees_no_traceback(module: str, begin: str) -> None:
    code = STOPS_AT.format(module=module, begin=begin)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 130
    assert done.stdout == ""
    assert done.stderr in {"", "Stopped. Nothing was written.\n"}


def test_where_there_are_no_words_left_it_says_nothing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ovopsim.cli.answering._command", interrupted)
    monkeypatch.setitem(sys.modules, "ovopsim.labels", None)  # an import of it fails, as NumPy's does once interrupted
    assert call("levers") == Result(130, "", "")


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
    reading, writing = os.pipe()
    os.close(reading)  # before the first word: how much a pipe holds for a reader that leaves later differs
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ovopsim.cli", "parameters", "--json"]
    try:
        done = subprocess.run(command, env=environment, check=False, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
