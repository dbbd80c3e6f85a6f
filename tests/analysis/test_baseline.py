"""The baseline table: its rows, and the closed forms of its patterns."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from ovopsim.analysis import baseline
from ovopsim.analysis.baseline import (
    baseline_table,
    baseline_targets,
    cohort_left,
    lebaran_uplift,
    profit_regression,
    year_end_uplift,
)
from ovopsim.fields import FIRM, FirmRows
from ovopsim.labels import catalogue
from ovopsim.state import row_count

KEYS = {"name", "emergent", "simulated", "low", "high", "inside", "published", "evidence", "world_low", "world_high"}


def test_the_table_has_a_row_for_each_target(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = baseline_targets()
    patterns = {name: (0.5 if target["low"] is None else target["low"]) for name, target in targets.items()}

    def one_world(replication: int, seed: int, base: object = None) -> dict[str, float]:
        return {name: value + replication * seed + (0.0 if base is None else 1.0) for name, value in patterns.items()}

    monkeypatch.setattr(baseline, "one_world", one_world)
    done = []
    rows = baseline_table(2, n_jobs=1, tick=lambda: done.append(1))
    assert [row["name"] for row in rows] == list(targets)
    assert len(done) == 2
    for row in rows:
        assert set(row) >= KEYS
        assert row["simulated"] == pytest.approx(patterns[row["name"]] + 0.5)
        assert row["inside"] == (row["high"] is None or row["simulated"] <= row["high"])
        assert row["simulated_low"] < row["simulated"] < row["simulated_high"]
        assert row["standard_error"] == pytest.approx(0.5)  # of two worlds that differ by one


def test_targets_have_a_range_and_a_label_and_enough_are_emergent() -> None:
    targets = baseline_targets()
    for name, target in targets.items():
        assert f"pattern.{name}" in catalogue()
        assert target["low"] is not None or target["high"] is not None
    assert sum(target["emergent"] for target in targets.values()) >= 5


def test_a_regression_finds_the_coefficients_that_made_profit() -> None:
    chance = np.random.default_rng(2)
    firms = np.zeros((row_count(FirmRows), 200))
    firms[FIRM.equipment] = chance.lognormal(17.0, 1.0, 200)
    firms[FIRM.workers] = chance.lognormal(1.0, 1.0, 200)
    firms[FIRM.owner_labour] = 1.0
    labour = firms[FIRM.workers] + 1.0
    firms[FIRM.smoothed_profit] = 5.0 * firms[FIRM.equipment] ** 0.11 * labour**0.76
    firms[FIRM.smoothed_profit, :20] = -1.0  # losses have no logarithm and are left out
    assert profit_regression(firms) == pytest.approx((0.11, 0.76))


def test_the_lebaran_month_is_compared_with_plain_months() -> None:
    season = np.tile([1.0] * 5 + [1.35] + [1.0] * 5 + [1.25], 2)
    assert lebaran_uplift(100.0 * season, season) == pytest.approx(0.35)


def test_december_is_compared_with_plain_months() -> None:
    season = np.tile([1.0] * 5 + [1.35] + [1.0] * 5 + [1.25], 2)
    assert year_end_uplift(100.0 * season, season) == pytest.approx(0.25)


def test_a_cohort_is_followed_by_identity() -> None:
    """Two years of entrants, of whom one in two and one in four are left; who is older, or has closed, is not asked."""

    def table(firms: dict[int, int], closed: tuple[int, ...] = ()) -> np.ndarray:
        found = np.zeros((row_count(FirmRows), len(firms)))
        found[FIRM.firm_id], found[FIRM.age] = list(firms), list(firms.values())
        found[FIRM.active] = [identity not in closed for identity in firms]
        return found

    first, second = table({1: 3, 2: 11, 3: 12, 9: 1}, (9,)), table({1: 15, 4: 0, 5: 1, 6: 2, 7: 11})
    later = [table({1: 75, 2: 80, 3: 99}, (2,)), table({1: 90, 4: 80, 8: 3})]
    run = SimpleNamespace(snapshots=(first, second, *[table({1: 50})] * 4, *later))
    assert cohort_left(run) == pytest.approx((1 + 1) / (2 + 4))


@pytest.mark.usefixtures("warm_core")
def test_one_world_has_every_pattern() -> None:
    found = baseline.one_world(0, 1)
    assert set(found) == set(baseline_targets())
    assert np.isfinite(list(found.values())).all()
