"""`batch_run` gives what Mesa's own gives for `OvopModel`, without what surprises in it."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import ovopsim as ov
from ovopsim import InputError, OvopModel
from ovopsim.adapters import mesa_batch
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy.settings import changed_by, setting_paths
from tests.mesa_runs import FULL, MONTHS, PLAIN
from tests.small import small, small_scenarios

ROOT = Path(__file__).parents[2]
SEEDS = [1, 2]

pytestmark = pytest.mark.usefixtures("warm_core")

SEEDS_ARE_AN_ARGUMENT = "rng" in inspect.signature(mesa.batch_run).parameters  # from Mesa 3.4 on


def batch(parameters: Any, **arguments: Any) -> list[dict[str, Any]]:
    return ov.batch_run(parameters, display_progress=False, **arguments)


def seeded(scenarios: list[ov.Scenario]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return parameters and arguments that run scenarios with seeds in every Mesa."""
    if SEEDS_ARE_AN_ARGUMENT:
        return {"scenario": scenarios}, {"rng": SEEDS}
    return {"scenario": scenarios, "rng": SEEDS}, {}


# --- the same as Mesa's


@pytest.fixture(scope="module")
def mesas(warm_core: None) -> list[dict[str, Any]]:  # noqa: ARG001 - compiles first
    parameters, seeds = seeded([PLAIN, FULL])
    rows: list[dict[str, Any]] = mesa.batch_run(
        OvopModel, parameters, data_collection_period=1, display_progress=False, **seeds
    )
    return rows


def test_rows_equal_mesas_to_the_last_bit_column_and_firm(mesas: list[dict[str, Any]]) -> None:
    parameters, seeds = seeded([PLAIN, FULL])
    ours = ov.batch_run(
        OvopModel,
        parameters,
        data_collection_period=1,
        display_progress=False,
        agents=True,
        number_processes=2,
        **seeds,
    )
    assert ours == mesas
    assert [list(row) for row in ours] == [list(row) for row in mesas]
    assert [type(value) for value in ours[0].values()] == [type(value) for value in mesas[0].values()]


def test_the_comparison_covers_firms_that_open_and_close(mesas: list[dict[str, Any]]) -> None:
    for _, rows in pd.DataFrame(mesas).groupby("RunId"):
        first, last = (set(rows[rows["Step"] == step]["AgentID"]) for step in (0, MONTHS - 1))
        assert first - last
        assert last - first


@pytest.mark.parametrize(("period", "steps"), [(-1, [23]), (5, [0, 5, 10, 15, 20, 23]), (1, list(range(MONTHS)))])
def test_without_firms_there_is_a_row_for_the_cluster(
    mesas: list[dict[str, Any]], period: int, steps: list[int]
) -> None:
    parameters, seeds = seeded([PLAIN, FULL])
    ours = batch(parameters, data_collection_period=period, **seeds)
    clusters = pd.DataFrame(mesas).drop_duplicates(["RunId", "Step"])
    clusters = clusters[clusters["Step"].isin(steps)].reset_index(drop=True)
    assert "AgentID" not in ours[0]
    assert_frame_equal(pd.DataFrame(ours), clusters[list(ours[0])], check_exact=True)


# --- without what surprises


@pytest.mark.parametrize("max_steps", [1, 2, 3, 100, None])
def test_runs_stop_after_exactly_max_steps(max_steps: int | None) -> None:
    rows = batch({"scenario": FULL}, max_steps=max_steps, data_collection_period=1)
    months = MONTHS if max_steps is None else min(max_steps, MONTHS)
    whole = ov.simulate(FULL).monthly
    assert [row["Step"] for row in rows] == list(range(months))
    assert_frame_equal(pd.DataFrame(rows)[list(OUTCOMES)], whole[list(OUTCOMES)][:months], check_exact=True)


def test_iterations_of_a_seed_are_different_worlds_and_the_same_for_every_point() -> None:
    arms = [small(), small_scenarios()["Fairs"]]
    rows = pd.DataFrame(batch({"scenario": arms}, iterations=3, seed=7, data_collection_period=1))
    assert rows.groupby(["iteration", "scenario"])["sales_idr"].sum().nunique() == 6
    for arm in arms:
        there = ov.simulate(arm, replications=3, seed=7).monthly
        here = rows[rows["scenario"] == arm.name].reset_index(drop=True)
        assert (here["iteration"] == there["replication"]).all()
        assert_frame_equal(here[list(OUTCOMES)], there[list(OUTCOMES)], check_exact=True)
    assert set(rows["seed"]) == {7}


def test_results_do_not_depend_on_threads() -> None:
    parameters = {"scenario": [small()], "planning.cover": [1.3, 1.5], "months": [12, 13]}
    runs = [batch(parameters, iterations=2, number_processes=threads) for threads in (1, 3, None)]
    assert runs[0] == runs[1] == runs[2]
    assert [row["RunId"] for row in runs[0]] == list(range(8))


def test_paths_are_columns_and_change_the_scenario() -> None:
    base = small_scenarios()["Fairs"]
    rows = batch({"scenario": base, "budget": np.array([1e8, 2e8]), "targeting": "smallest_first"})
    assert [list(row)[:7] for row in rows] == [
        ["RunId", "iteration", "Step", "scenario", "budget", "targeting", "seed"]
    ] * 2
    for row, budget in zip(rows, (1e8, 2e8), strict=True):
        assert row["budget"] == budget
        alone = changed_by(base, {"programme.budget": budget, "programme.targeting": "smallest_first"})
        assert row["sales_idr"] == ov.simulate(alone).monthly["sales_idr"].iloc[-1]


def test_no_path_has_the_name_of_another_column() -> None:
    paths = {path.removeprefix(start) for path in setting_paths(small()) for start in ("", "programme.", "parameters.")}
    columns = set(batch({"scenario": small(months=1)}, agents=True)[0]) - {"scenario", "seed"}
    assert not paths & columns


def test_the_seed_can_be_varied_too() -> None:
    rows = batch({"scenario": small(), "seed": [3, 4]}, iterations=2)
    assert [(row["iteration"], row["seed"]) for row in rows] == [(0, 3), (0, 4), (1, 3), (1, 4)]
    assert batch({"scenario": small()}, rng=[3, 4]) == [
        row | {"RunId": number, "iteration": number}
        for number, row in enumerate(batch({"scenario": small(), "seed": [3, 4]}))
    ]


def test_mesa_is_not_loaded_and_the_start_method_is_left_alone() -> None:
    code = (
        "import multiprocessing, sys, ovopsim as ov\n"
        "ov.batch_run({'months': 2, 'population.firms': 60}, number_processes=2)\n"
        "print('mesa' in sys.modules, multiprocessing.get_start_method(allow_none=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, encoding="utf-8", errors="replace"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "None"]


class Changed(OvopModel):
    pass


@pytest.mark.parametrize(
    ("given", "arguments", "message"),
    [
        ((), {}, "parameters is None, not a dictionary"),
        ((small(),), {}, "is not OvopModel"),
        ((Changed, {}), {}, r"Changed is not OvopModel; .* with mesa\.batch_run"),
        (({}, 2), {}, r"by name: number_processes=2"),
        (({"budget": []},), {}, "'budget' has no values; give at least one"),
        (({"months": range(0)},), {}, "'months' has no values"),
        (({"planning.covr": 1},), {}, "did you mean 'planning.cover'"),
        (({"planning.cover": 1.3, "parameters.planning.cover": 1.4},), {}, "varied twice"),
        (({"planning.cover": [1.3, 1e9]},), {}, "must lie in"),
        (({"scenario": "fairs.yaml"},), {}, r"scenario: is a str, not a Scenario"),
        (({"rng": 1, "seed": 1},), {}, "give one of 'rng' and 'seed'"),
        (({"seed": 1.5},), {}, "seed: is 1.5, not a whole number"),
        (({},), {"max_steps": 0}, "max_steps: is 0; give 1 or more"),
        (({},), {"data_collection_period": 0}, "data_collection_period: is 0; give -1 for the last month"),
        (({},), {"iterations": 0}, "iterations: is 0; give 1 or more"),
        (({},), {"number_processes": 0}, "number_processes: is 0; give 1 or more"),
        (({},), {"rng": [1, 2], "iterations": 2}, "either rng or iterations and seed"),
        (({},), {"rng": []}, "'rng' has no values"),
    ],
)
def test_mistakes_are_named_before_anything_runs(given: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ov.batch_run(*given, **arguments, display_progress=False)


def test_the_examples_in_docstrings_run() -> None:
    assert doctest.testmod(mesa_batch).failed == 0
