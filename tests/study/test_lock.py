"""One command at a time has a results folder, and a dead one does not keep it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from ovopsim.errors import InputError
from ovopsim.study import lock
from ovopsim.study.lock import LOCK, is_running, locked


def leave(folder: Path, **content: object) -> str:
    """Leave a lock as a command would that ran elsewhere, or was killed."""
    text = json.dumps({"pid": 1, "host": platform.node(), "time": "2026-01-01T00:00:00+00:00"} | content)
    (folder / LOCK).write_text(text, encoding="utf-8")
    return text


@pytest.fixture
def ended() -> int:
    """Return the number of a process that runs no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_says_whose_it_is_and_goes_with_its_owner(tmp_path: Path) -> None:
    with locked(tmp_path):
        holder = json.loads((tmp_path / LOCK).read_text(encoding="utf-8"))
        assert (holder["pid"], holder["host"]) == (os.getpid(), platform.node())
        assert holder["time"].endswith("+00:00")
    assert list(tmp_path.iterdir()) == []


def test_who_comes_second_is_told_who_was_first_and_what_to_do(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(InputError, match=rf"process {os.getpid()} on .* name another folder; .*, delete .*\.lock"),
        locked(tmp_path),
    ):
        pytest.fail("both have it")
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_process_that_has_ended_is_taken_away(tmp_path: Path, ended: int) -> None:
    leave(tmp_path, pid=ended)
    with locked(tmp_path):
        assert json.loads((tmp_path / LOCK).read_text(encoding="utf-8"))["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", '{"pid": "many"}'])
def test_a_lock_that_says_nothing_is_respected(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="another command writes there"), locked(tmp_path):
        pytest.fail("it was taken")
    assert (tmp_path / LOCK).read_text(encoding="utf-8") == text


def test_of_a_process_on_another_computer_nobody_can_tell(tmp_path: Path, ended: int) -> None:
    text = leave(tmp_path, pid=ended, host="elsewhere")
    with pytest.raises(InputError, match=f"process {ended} on elsewhere"), locked(tmp_path):
        pytest.fail("it was taken")
    assert (tmp_path / LOCK).read_text(encoding="utf-8") == text


def test_a_lock_that_changed_hands_meanwhile_stays(tmp_path: Path, ended: int) -> None:
    judged = leave(tmp_path, pid=ended)
    other = leave(tmp_path, pid=os.getpid())
    lock._take_away(tmp_path / LOCK, judged)
    assert (tmp_path / LOCK).read_text(encoding="utf-8") == other


def test_of_many_at_once_one_has_it(tmp_path: Path) -> None:
    begin, end = Barrier(8), Barrier(8)
    held, refused = [], []

    def attempt() -> None:
        begin.wait()
        try:
            with locked(tmp_path):
                held.append(1)
                end.wait()
        except InputError:
            refused.append(1)
            end.wait()

    threads = [Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(held), len(refused)) == (1, 7)


def test_who_runs_and_who_does_not(ended: int) -> None:
    assert is_running(os.getpid())
    assert is_running(os.getppid())
    assert not is_running(ended)
    assert not is_running(2**70)
