"""Weights of evaluations: posteriors that are known in closed form, from points that were drawn where they are not.

The second wave is aimed at density 2 x instead of where an emulator says: its points are more than half of all, so that
a mean that forgets where they came from, or how many were drawn from where, is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis import calibrating
from ovopsim.analysis.posterior import PosteriorTables
from ovopsim.analysis.tolerances import Target
from ovopsim.analysis.waves import Problem
from ovopsim.fields import Reals
from ovopsim.study.evaluations import Work, evaluate, opened
from ovopsim.study.unknowns import unknowns_of, values_at

FIRST, SECOND = 400, 1600
NOTE = {"log_normaliser": 0.0, "not_implausible": 1.0}
UNKNOWNS = unknowns_of({"x": (0.0, 1.0), "idle": (-1.0, 1.0)})


def log_density(shares: Reals) -> Reals:
    found: Reals = np.log(2.0 * shares[:, 0])
    return found


@pytest.fixture(autouse=True)
def _aimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrating, "directed", lambda *_: SimpleNamespace(log_density=log_density))


def slices(count: int, shift: float) -> Reals:
    """Return a point in the middle of each slice, and beside it one that has nothing to do with it."""
    places = (np.arange(count) + 0.5) / count
    return np.column_stack([places, np.mod(places * 0.6180339887 * count + shift, 1.0)])


def found(folder: Path, targets: Mapping[str, Target], simulate: Any) -> PosteriorTables:
    work = Work(simulate, tuple(targets), 2, 1)
    problem = Problem(UNKNOWNS, dict(targets), work, FIRST, 2, 1)
    second = slices(SECOND, 0.3)
    second[:, 0] = np.sqrt(second[:, 0])
    with opened(folder, {}) as store:
        for number, shares in ((1, slices(FIRST, 0.0)), (2, second)):
            store.plan(number, pd.DataFrame(shares, columns=["x", "idle"]), NOTE)
            evaluate(store, number, values_at(UNKNOWNS, shares), work, lambda: None)
        return calibrating.fold(problem, store, 10**6)


def itself(values: Mapping[str, float], replication: int) -> dict[str, float]:
    if values["x"] > 0.8:
        raise ValueError(f"nothing lies there in world {replication}")
    return {"x": values["x"], "whole": 0.5}


def everywhere(values: Mapping[str, float], replication: int) -> dict[str, float]:
    return {"x": values["x"], "whole": 0.5 + 0.0 * replication}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write without waiting for the disk: thousands of evaluations that take no time themselves."""
    monkeypatch.setattr("os.fsync", lambda _: None)


def test_what_says_nothing_leaves_the_prior_wherever_the_points_were(tmp_path: Path) -> None:
    tables = found(tmp_path, {"x": Target(-1.0, 2.0)}, everywhere)
    row = tables.identifiability.set_index("parameter").loc["x"]
    assert row["mean"] == pytest.approx(0.5, abs=0.003)
    assert row["ratio"] == pytest.approx(1.0, abs=0.005)
    assert tables.draws["weight"] @ tables.draws["x"] == pytest.approx(0.5, abs=0.003)
    # of densities 0.2 + 1.6 x: points × (∫ 1)² / ∫ 1 / density
    assert tables.record["effective_draws"] == pytest.approx((FIRST + SECOND) / (np.log(9.0) / 1.6), rel=0.01)


def test_a_region_where_nothing_runs_does_not_pull_the_rest(tmp_path: Path) -> None:
    tables = found(tmp_path, {"x": Target(-1.0, 2.0)}, itself)
    row = tables.identifiability.set_index("parameter").loc["x"]
    assert row["mean"] == pytest.approx(0.4, abs=0.003)  # of all between 0 and 0.8 alike
    assert row["sd"] == pytest.approx(0.8 / np.sqrt(12.0), rel=0.005)
    assert tables.record["failed"] == round(FIRST * 0.2) + round(SECOND * (1.0 - 0.8**2))


def test_a_range_is_flat_inside_and_falls_off_as_its_kernel_does(tmp_path: Path) -> None:
    target = Target(0.1, 0.4)
    tables = found(tmp_path, {"x": target, "whole": Target(0.0, 1.0)}, everywhere)
    scale = tables.record["bandwidth"] * target.spread(np.zeros(1))
    grid = (np.arange(100_000) + 0.5) / 100_000
    density = np.exp(-0.5 * (target.distance(grid) / scale) ** 2)
    mean = float(np.average(grid, weights=density))
    variance = float(np.average((grid - mean) ** 2, weights=density))
    row = tables.identifiability.set_index("parameter").loc["x"]
    assert row["mean"] == pytest.approx(mean, abs=0.003)
    assert row["sd"] == pytest.approx(np.sqrt(variance), rel=0.01)
    told = tables.informs.set_index(["target", "parameter"])
    # by itself and with the other the target takes away the same: the other says nothing
    for column in ("variance_alone", "variance_drop"):
        assert told.loc[("x", "x"), column] == pytest.approx(1.0 - 12.0 * variance, abs=0.01)
        assert told.loc[("whole", "x"), column] == pytest.approx(0.0, abs=0.01)
        assert told.loc[("x", "idle"), column] == pytest.approx(0.0, abs=0.15)
