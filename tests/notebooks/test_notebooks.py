"""Notebooks run from the first cell to the last, and their two files say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext
import nbclient
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "notebooks").glob("*.py"))


def cells(notebook: Any) -> list[tuple[str, str]]:
    return [(cell["cell_type"], cell["source"]) for cell in notebook["cells"]]


def test_each_script_has_its_notebook_and_each_notebook_its_script() -> None:
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert len(SCRIPTS) >= 2
    assert [path.stem for path in notebooks] == [path.stem for path in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_pair_is_in_step_and_has_no_outputs(script: Path) -> None:
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    assert cells(notebook) == cells(jupytext.read(script))
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook["cells"])


@pytest.mark.slow
@pytest.mark.usefixtures("warm_core")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_runs(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("OVOPSIM_QUICK", "1")
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    done = nbclient.execute(notebook, cwd=tmp_path, timeout=240)
    outputs = [output for cell in done["cells"] for output in cell.get("outputs", [])]
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 3  # tables
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not any(output.get("name") == "stderr" for output in outputs)
