"""Benchmarks of pytest: `python -m pytest tests/benchmarks --benchmark-enable`. What they take is shown, not judged."""

from __future__ import annotations

from typing import Any

import pytest

from ovopsim.simulation import month_zero, prepare, run_batch
from tests.benchmarks import measuring
from tests.benchmarks.profiling import elementary_calls, floor, piece_costs

pytestmark = pytest.mark.usefixtures("warm_core")


@pytest.mark.parametrize("firms", [200, 2_000])
def test_a_year_of_a_cluster(benchmark: Any, firms: int) -> None:
    scenario, start = measuring.cluster_of(firms, 12)
    run = prepare(scenario, start)
    benchmark(run.go)
    benchmark.extra_info["active_firm_months"] = measuring.firm_months(run)
    assert measuring.firm_months(run) > 11 * firms


def test_a_batch_of_sixteen_runs(benchmark: Any) -> None:
    scenario = measuring.scenario_of(200, 12)
    start = month_zero(scenario, 1, 0)
    found = benchmark(lambda: run_batch([scenario] * 16, start))
    assert len(found) == 16


def test_a_month_0_state(benchmark: Any) -> None:
    scenario = measuring.scenario_of(60)
    assert benchmark(lambda: month_zero(scenario, 1, 0)).firms > 30


def test_a_tiled_cluster_is_as_many_clusters_side_by_side() -> None:
    scenario, start = measuring.cluster_of(200, 12)
    large = prepare(scenario, measuring.tiled(start, 4))
    large.go()
    small = prepare(scenario, start)
    small.go()
    ratio = measuring.firm_months(large) / measuring.firm_months(small)
    assert ratio == pytest.approx(4.0, rel=0.02)
    sales = [run.results.monthly[0, :, 3].sum() for run in (large, small)]
    assert sales[0] / sales[1] == pytest.approx(4.0, rel=0.05)


def test_the_floor_counts_what_a_firm_month_needs() -> None:
    pieces, calls = piece_costs(64, 10), elementary_calls(60)
    assert 5.0 < calls["philox"] < 20.0
    assert calls["exponential"] > 5.0
    assert floor(pieces, calls, 100)["draws"] > 0.0
