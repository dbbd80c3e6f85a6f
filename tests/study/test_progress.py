"""A progress bar for those who see it, silence for the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ovopsim.comparison import compare
from ovopsim.study import progress
from ovopsim.study.progress import progress_bar, watched, will_compile
from tests.small import small


def seen(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def pretend_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "somebody_sees", lambda _: True)
    for name, value in (("TTY_COMPATIBLE", "1"), ("FORCE_COLOR", "1"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)


def test_a_terminal_sees_steps_rate_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_a_terminal(monkeypatch)
    with progress_bar(3, True, ("runs", "left")) as tick:
        for _ in range(3):
            tick()
    text = seen(capsys)
    assert "3/3" in text
    assert "runs" in text
    assert "/s" in text
    assert "left" in text


def test_what_is_no_terminal_sees_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on build servers
    with progress_bar(3, True) as tick:
        tick()
    assert seen(capsys) == ""


def test_a_bar_that_is_silenced_is_silent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_a_terminal(monkeypatch)
    with progress_bar(3, False) as tick:
        tick()
    assert seen(capsys) == ""


@pytest.fixture
def first_run(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pretend that nothing is compiled yet, and that nobody has said so."""
    monkeypatch.setattr(progress, "will_compile", lambda: True)
    progress.say_that_it_compiles.cache_clear()
    yield
    progress.say_that_it_compiles.cache_clear()


@pytest.mark.usefixtures("first_run")
@pytest.mark.parametrize(("language", "word"), [("en", "compiling"), ("id", "dikompilasi")])
def test_the_first_run_says_that_it_compiles(capsys: pytest.CaptureFixture[str], language: str, word: str) -> None:
    with watched(1, True, language):
        pass
    assert seen(capsys) == ""
    for _ in range(2):
        with watched(1, False, language):
            pass
    assert seen(capsys).count(word) == 1


@pytest.mark.usefixtures("first_run", "warm_core")
@pytest.mark.parametrize("shown", [True, False])
def test_python_is_told_too(capsys: pytest.CaptureFixture[str], shown: bool) -> None:
    compare({"Nothing": small(months=1)}, replications=2, progress=shown)
    assert seen(capsys).count("compiling") == int(shown)


def test_an_empty_cache_means_compiling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler_off: bool) -> None:
    monkeypatch.setattr(progress, "CACHE_FOLDER", tmp_path)
    assert will_compile() is not compiler_off
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "month.nbi").touch()
    assert will_compile() is False
