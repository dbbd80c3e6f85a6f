"""Firms as Mesa's agents, and what Mesa does with models: collectors, copies, batches."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ovopsim import OvopModel, simulate
from ovopsim.mesa_model import BatikFirm, StepsFromZero
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.simulation import firm_columns
from tests.mesa_runs import FULL, MONTHS, PLAIN, SHORT, firms_of, outcomes_of, run_through

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.usefixtures("warm_core")


@pytest.fixture(scope="module")
def finished(warm_core: None) -> OvopModel:  # noqa: ARG001 - compiles first
    return run_through(FULL, seed=3)


# --- agents


def test_exits_leave_entrants_are_new_and_others_stay_the_same_objects() -> None:
    model = OvopModel(PLAIN, seed=3)
    closed: list[BatikFirm] = []
    slots: dict[int, set[int]] = {}
    for _ in range(MONTHS):
        before = {firm.firm_id: firm for firm in model.agents}
        model.step()
        after = {firm.firm_id: firm for firm in model.agents}
        left, new = before.keys() - after.keys(), after.keys() - before.keys()
        assert len(left) == model.outcomes["exits"]
        assert len(new) == model.outcomes["entries"]
        assert all(after[firm_id] is before[firm_id] for firm_id in before.keys() & after.keys())
        assert all(after[firm_id] not in before.values() for firm_id in new)
        closed += [before[firm_id] for firm_id in left]
        for firm in model.agents:
            slots.setdefault(firm.slot, set()).add(firm.firm_id)
    assert not set(closed) & set(model.agents)
    assert closed
    assert any(len(firms) > 1 for firms in slots.values())  # a slot that two firms had, one after the other


def test_the_view_on_a_closed_firm_is_closed() -> None:
    model = OvopModel(SHORT, seed=3)
    firm = next(iter(model.agents))
    assert firm.cash >= 0.0
    firm.remove()
    assert firm not in model.agents
    with pytest.raises(AttributeError, match=f"firm {firm.firm_id} has closed"):
        firm.cash  # noqa: B018 - reading it is the test
    assert getattr(firm, "cash", None) is None


def test_firms_cannot_be_written() -> None:
    model = OvopModel(SHORT, seed=3)
    with pytest.raises(AttributeError):
        next(iter(model.agents)).cash = 1.0
    with pytest.raises(AttributeError):
        model.agents.set("craft", 1.0)


def test_attributes_are_plain_floats_that_say_what_they_are() -> None:
    firm = next(iter(OvopModel(SHORT, seed=3).agents))
    assert {type(getattr(firm, name)) for name in firm_columns() if name != "firm_id"} == {float}
    assert type(firm.firm_id) is int
    assert BatikFirm.cash.__doc__ == "cash and deposits (IDR)."
    assert "would consider it" in BatikFirm.market_access_export.__doc__


def test_no_attribute_hides_one_of_mesas() -> None:
    assert not set(firm_columns()) & (set(dir(mesa.Agent)) | {"model", "unique_id", "pos", "slot"})


def test_agent_sets_work(finished: OvopModel) -> None:
    agents = finished.agents
    workers = agents.get("workers")
    assert agents.agg("workers", [sum, max]) == [sum(workers), max(workers)]
    assert sum(workers) == pytest.approx(finished.outcomes["jobs"])
    sellers = agents.select(lambda firm: firm.participates_national == 1.0)
    assert 0 < len(sellers) < len(agents)
    assert [firm.age for firm in agents.sort("age", ascending=True)] == sorted(agents.get("age"))
    assert {code: len(firms) for code, firms in agents.groupby("size_class")} == {
        code: count
        for code, count in enumerate(finished.outcomes[size] for size in ("micro", "small", "medium"))
        if count
    }
    seen: list[float] = []
    agents.do(lambda firm: seen.append(firm.workers))
    assert seen == workers


# --- collectors, copies, batches


def test_collectors_of_ones_own_count_from_0_too() -> None:
    model = OvopModel(SHORT, seed=3)
    model.datacollector = StepsFromZero(
        model_reporters={"agents": lambda model: len(model.agents)},
        agenttype_reporters={BatikFirm: {"cash": "cash"}},
    )
    model.datacollector.collect(model)  # a look at month 0, by hand
    model.run_model()
    by_type = model.datacollector.get_agenttype_vars_dataframe(BatikFirm)
    assert by_type.index.unique("Step").tolist() == [-1, 0, 1, 2]
    assert by_type.groupby("Step").size().tolist() == outcomes_of(model)["agents"].tolist()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301 - ours
def test_a_copy_goes_on_as_the_model_would(copied: Any) -> None:
    model = OvopModel(PLAIN, seed=3)
    for _ in range(6):
        model.step()
    other = copied(model)
    other.run_model()
    assert model.months_run == 6
    model.run_model()
    assert_frame_equal(outcomes_of(other), outcomes_of(model), check_exact=True)
    assert_frame_equal(firms_of(other), firms_of(model), check_exact=True)
    assert not set(other.agents) & set(model.agents)


def test_a_model_no_longer_used_is_forgotten() -> None:
    model = OvopModel(SHORT, seed=3)
    model.step()
    watched = weakref.ref(model)
    del model
    gc.collect()
    assert watched() is None


def batch(**arguments: Any) -> pd.DataFrame:
    return pd.DataFrame(mesa.batch_run(OvopModel, display_progress=False, **arguments))


def test_mesas_batch_run_runs_scenarios_and_seeds() -> None:
    scenarios = [SHORT, SHORT.model_copy(update={"name": "Pandemic", "start": "2020-03", "shocks": FULL.shocks})]
    rows = batch(parameters={"scenario": scenarios, "rng": [1, 2]}, data_collection_period=1)
    runs = rows.drop_duplicates(["RunId", "Step"]).reset_index(drop=True)
    assert (rows["Step"] == rows["step"]).all()
    assert runs.groupby(["scenario", "seed"]).size().to_dict() == {
        (scenario.name, seed): SHORT.months for scenario in scenarios for seed in (1, 2)
    }
    for scenario in scenarios:
        for seed in (1, 2):
            here = runs[(runs["scenario"] == scenario.name) & (runs["seed"] == seed)].reset_index(drop=True)
            monthly = simulate(scenario, seed=seed).monthly
            assert_frame_equal(here[list(OUTCOMES)], monthly[list(OUTCOMES)], check_exact=True)


@pytest.mark.parametrize("period", [1, 2, -1])
def test_mesas_batch_run_joins_firms_to_the_cluster_of_the_same_month(period: int) -> None:
    rows = batch(parameters={"scenario": [SHORT], "rng": [3]}, data_collection_period=period)
    kept = simulate(SHORT, seed=3, keep_months=range(SHORT.months)).firms
    assert set(rows["Step"]) == {1: {0, 1, 2}, 2: {0, 2}, -1: {2}}[period]
    for step, found in rows.groupby("Step"):
        there = kept[kept["step"] == step]
        assert dict(zip(found["firm_id"], found["cash"].astype(np.float32), strict=True)) == dict(
            zip(there["firm_id"], there["cash_idr"], strict=True)
        )


SCRIPT = """
import mesa
from ovopsim import OvopModel, Scenario

if __name__ == "__main__":
    scenario = Scenario(months=2, population={"synthetic": "surakarta", "firms": 120})
    rows = mesa.batch_run(
        OvopModel, {"scenario": [scenario], "rng": [1, 2]}, number_processes=2, display_progress=False
    )
    print(*sorted({(row["seed"], row["sales_idr"]) for row in rows}), sep="\\n")
"""


def test_mesas_batch_run_works_in_processes_that_are_started_afresh(tmp_path: Path) -> None:
    script = tmp_path / "batch.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    assert done.returncode == 0, done.stderr
    two = SHORT.model_copy(update={"months": 2})
    last = {seed: simulate(two, seed=seed).monthly["sales_idr"].iloc[-1] for seed in (1, 2)}
    assert done.stdout.split("\n")[:2] == [str((seed, float(sales))) for seed, sales in last.items()]
