"""Threads, chunks, runs beside each other and the order of slots change nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovopsim.draws import key_of
from ovopsim.fields import CITY
from ovopsim.ledger import empty_ledger
from ovopsim.month import empty_scratch
from ovopsim.policy import Scenario, default_programme, presets
from ovopsim.population.month_zero import BURN_IN
from ovopsim.running import empty_results, run_many
from ovopsim.simulation import RunArrays, month_zero, prepare, run_scenario
from ovopsim.state import copy_world
from tests.laws.checks import order as checks
from tests.strategies import Case, cases, seeds
from tests.worlds import Run, cluster, same_bits

pytestmark = pytest.mark.usefixtures("warm_core")


@given(case=cases(months=24), seed=seeds)
def test_relabelling_slots_permutes_the_results(case: Case, seed: int) -> None:
    checks.slots_do_not_matter(case.start, case.scenario, seed=seed)


@given(case=cases(months=15), first=st.integers(0, 15))
def test_months_in_one_call_and_step_by_step_are_bit_identical(case: Case, first: int) -> None:
    stepwise = Run(case.scenario, case.start)
    seen = np.array([moment.outcomes for moment in stepwise.months(15)])
    whole = run_scenario(case.scenario, case.start)
    assert whole.monthly.tobytes() == seen.tobytes()
    assert same_bits(whole.closing, stepwise.world)
    parts = prepare(case.scenario, case.start)
    parts.go(months=first)
    parts.go(parts.work, step=first, months=15 - first)
    assert same_bits(parts.work, whole.closing)


@given(case=cases(months=12))
def test_the_plain_python_month_is_the_compiled_one(case: Case) -> None:
    compiled, plain = Run(case.scenario, case.start), Run(case.scenario, case.start, plain=True)
    for one, other in zip(compiled.months(6), plain.months(6), strict=True):
        assert np.allclose(one.world.firms, other.world.firms, rtol=1e-9, atol=1e-9), f"month {one.step}"
        assert np.allclose(one.outcomes, other.outcomes, rtol=1e-9, atol=1e-9), f"month {one.step}"


def bits(run: RunArrays) -> list[bytes]:
    """Return everything a run leaves behind, as bytes."""
    arrays = [run.monthly, run.levers, run.channels, run.sentras, run.flows, run.snapshots, *run.closing]
    return [array.tobytes() for array in arrays]


def test_threads_and_the_order_of_runs_change_no_bit() -> None:
    start = month_zero(Scenario(), 1, 0)
    arms = [arm.model_copy(update={"months": 24}) for arm in presets().values()]
    alone = [bits(run_scenario(arm, start, [5, 23])) for arm in arms]
    backwards = [bits(run_scenario(arm, start, [5, 23])) for arm in reversed(arms)]
    assert backwards[::-1] == alone
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda arm: bits(run_scenario(arm, start, [5, 23])), arms)) == alone


IN_ANOTHER_PROCESS = """
import hashlib
from ovopsim.policy import presets
from ovopsim.simulation import month_zero, run_scenario
arm = presets()["All seven roles"].model_copy(update={"months": 18})
run = run_scenario(arm, month_zero(arm, 4, 2))
print(hashlib.sha256(run.monthly.tobytes() + run.closing.firms.tobytes()).hexdigest())
"""


def test_another_process_changes_no_bit() -> None:
    arm = presets()["All seven roles"].model_copy(update={"months": 18})
    run = run_scenario(arm, month_zero(arm, 4, 2))
    digest = hashlib.sha256(run.monthly.tobytes() + run.closing.firms.tobytes()).hexdigest()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONHASHSEED": "99"}
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == digest


def test_worlds_made_in_threads_are_the_worlds_made_alone() -> None:
    alone = [month_zero(Scenario(), 3, replication).world for replication in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda replication: month_zero(Scenario(), 3, replication).world, range(4)))
    assert all(same_bits(one, other) for one, other in zip(alone, together, strict=True))


@settings(max_examples=5)
@given(seed=st.integers(0, 1000))
def test_several_runs_in_one_call_are_the_runs_one_by_one(seed: int) -> None:
    """Arrays over runs of parameters, programme and seed: no run sees the one before it."""
    start = cluster((6, 14, 10), seed=seed, months_lived=6)
    scenario = Scenario(months=10, programme=default_programme())
    one = prepare(scenario, start)
    rows = np.array([start.row, start.row * np.where(np.arange(len(start.row)) == 0, 1.01, 1.0), start.row])
    keys = np.array([start.key, start.key, key_of(seed, 77)], dtype=np.uint64)
    tables = np.array([one.levers.table, 0.5 * one.levers.table, one.levers.table])
    tables[1, 1:] = one.levers.table[1:]  # half the money and nothing else
    n_slots = start.world.firms.shape[1]

    def results_of(chosen: list[int]) -> tuple[bytes, ...]:
        results = empty_results(10, 1, tables.shape[2], n_slots, runs=len(chosen))
        run_many(
            one.first,
            copy_world(one.first),
            empty_ledger(n_slots),
            empty_scratch(n_slots),
            rows[chosen],
            tables[chosen],
            np.array([one.levers.effects] * len(chosen)),
            np.array([one.assignments.orders] * len(chosen)),
            np.array([one.assignments.firms] * len(chosen)),
            one.held,
            one.calendar,
            BURN_IN,
            Run(scenario, start).switches,
            20,
            keys[chosen],
            10,
            np.array([9]),
            results,
        )
        return tuple(
            b"".join(array[place].tobytes() for array in results[:6] if array.size) for place in range(len(chosen))
        )

    together = results_of([0, 1, 2])
    assert (results_of([0]) + results_of([1]) + results_of([2])) == together
    assert results_of([2, 0, 1]) == (together[2], together[0], together[1])
    assert len(set(together)) == 3


def test_a_run_leaves_the_state_it_starts_from_as_it_is() -> None:
    start = month_zero(Scenario(), 1, 1)
    before = copy_world(start.world)
    run_scenario(Scenario(programme=default_programme(), months=12), start, record=True)
    assert same_bits(start.world, before)
    assert before.city[CITY.month] == 0.0
