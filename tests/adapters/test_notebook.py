"""All of it works inside a notebook: threads, EMA's processes, and what a cell shows."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).parents[2]

CELLS = (
    """
import multiprocessing
import ovopsim as ov
from ema_workbench import MultiprocessingEvaluator

multiprocessing.set_start_method("spawn", force=True)
base = ov.Scenario(months=12, population={"synthetic": "surakarta", "firms": 60})
fairs = base.changed(name="Fairs", programme=ov.Programme(budget=3e8, shares={"exhibition": 1.0}))
""",
    'ov.compare({"Nothing": base, "Fairs": fairs}, replications=2)',
    'len(ov.batch_run({"scenario": [base, fairs]}, number_processes=2, iterations=2))',
    """
model = ov.to_ema(base, uncertainties=["planning.cover"], levers=["budget", "roles.5"], replications=2)
with MultiprocessingEvaluator(model, 2) as evaluator:
    experiments, outcomes = evaluator.perform_experiments(scenarios=2, policies=2)
row = experiments.iloc[0].to_dict()
len(experiments), bool(model.function(replications=2, **row)["change_jobs"] == outcomes["change_jobs"][0])
""",
    "multiprocessing.get_start_method()",
)


@pytest.mark.usefixtures("warm_core")
def test_a_notebook_compares_runs_batches_and_evaluators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS])
    done = nbclient.execute(notebook, cwd=tmp_path, timeout=240)
    shown = [
        [output["data"] for output in cell["outputs"] if output["output_type"] == "execute_result"]
        for cell in done["cells"]
    ]
    assert "Fairs" in shown[1][0]["text/html"]
    assert [cell[0]["text/plain"] for cell in shown[2:]] == ["4", "(4, True)", "'spawn'"]
