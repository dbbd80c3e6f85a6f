"""The command line, called in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovopsim import cli
from tests.cli.calling import FAIRS, HEAD, Call, Result


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
