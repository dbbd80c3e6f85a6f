"""A run in parts is the run in one piece, firm tables included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ovopsim import Scenario
from ovopsim.simulation import month_zero, prepare, run_scenario
from tests.mesa_runs import FULL, MONTHS

SMALL = Scenario(population={"synthetic": "surakarta", "firms": 80}, months=6)

pytestmark = pytest.mark.usefixtures("warm_core")


def test_a_part_keeps_the_firm_tables_of_its_own_months() -> None:
    start = month_zero(SMALL, 1, 0)
    whole = run_scenario(SMALL, start, [0, 3, 4])
    run = prepare(SMALL, start, [0, 3, 4])
    found = []
    for first, months, kept in ((0, 2, 1), (2, 1, 0), (3, 3, 2)):
        run.results.snapshots[:] = np.nan
        run.go(run.work if first else None, first, months)
        assert np.isnan(run.results.snapshots[0, kept:]).all()
        found.extend(run.results.snapshots[0, :kept].copy())
    assert np.array_equal(np.array(found), whole.snapshots)


def test_a_part_keeps_what_it_is_told() -> None:
    start = month_zero(SMALL, 1, 0)
    whole = run_scenario(SMALL, start, [3])
    run = prepare(SMALL, start, [0])
    run.go(None, 0, 2, chosen=np.empty(0, dtype=np.int64))
    assert not run.results.snapshots.any()
    run.go(run.work, 2, 2, chosen=np.array([1]))
    assert np.array_equal(run.results.snapshots, whole.snapshots[None])


def test_months_in_parts_are_the_months_of_one_run() -> None:
    start = month_zero(FULL, 3, 0)
    whole = run_scenario(FULL, start)
    run = prepare(FULL, start)
    parts: dict[str, list[Any]] = {name: [] for name in ("monthly", "levers", "channels", "sentras", "flows")}
    for first, months in ((0, 6), (6, 1), (7, MONTHS - 7)):
        run.go(run.work, first, months)
        for name, found in parts.items():
            found.append(getattr(run.results, name)[0, :months].copy())
    for name, found in parts.items():
        assert np.array_equal(np.concatenate(found), getattr(whole, name)), name
    assert all(np.array_equal(*pair) for pair in zip(run.work, whole.closing, strict=True))
