"""Which arm is best: shares, ties, regret and rankings of made-up effects."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from ovopsim.analysis.ranking import beats_rows, best_rows, kendall, ranking_row, share_interval, spearman, tables
from ovopsim.fields import Reals


def effects(means: list[list[float]], noise: float = 0.0) -> dict[str, Reals]:
    """Return arms A, B, ... with given means in each draw, over four worlds."""
    luck = noise * np.array([-1.0, 1.0, -1.0, 1.0])
    # each arm's luck is its own, or pairs would cancel it
    return {"ABC"[place]: np.array(each)[:, None] + (place + 1) * luck[None, :] for place, each in enumerate(means)}


def test_shares_of_draws_in_which_each_is_best() -> None:
    rows = {row["arm"]: row for row in best_rows(effects([[1, 1, 1, 5], [2, 2, 0, 0], [0, 0, 2, 0]]), 10.0)}
    assert {arm: row["best"] for arm, row in rows.items()} == {"A": 0.25, "B": 0.5, "C": 0.25}
    assert rows["A"]["regret"] == pytest.approx((1 + 1 + 1 + 0) / 4 / 10)
    assert rows["B"]["worst_regret"] == pytest.approx(0.5)
    assert rows["B"]["low"] < 0.5 < rows["B"]["high"]


def test_arms_that_tie_share_a_draw() -> None:
    rows = best_rows(effects([[1, 3], [1, 0]]), 1.0)
    assert [row["best"] for row in rows] == [0.75, 0.25]


def test_a_lead_within_chance_is_not_clear() -> None:
    quiet = best_rows(effects([[1.0, 1.0], [0.0, 0.0]], noise=0.01), 1.0)
    loud = best_rows(effects([[1.0, 1.0], [0.0, 0.0]], noise=5.0), 1.0)
    assert [row["clearly"] for row in quiet] == [1.0, 0.0]
    assert [row["clearly"] for row in loud] == [0.0, 0.0]
    assert [row["best"] for row in loud] == [1.0, 0.0]


@pytest.mark.parametrize(("share", "count"), [(0.0, 8), (0.5, 64), (1.0, 8)])
def test_wilsons_interval_solves_its_equation(share: float, count: int) -> None:
    low, high = share_interval(share, count)
    assert 0.0 <= low <= share <= high <= 1.0
    for end in (low, high):
        if 0.0 < end < 1.0:
            assert abs(share - end) == pytest.approx(1.959964 * np.sqrt(end * (1.0 - end) / count), rel=1e-4)


def test_pairs_add_up_to_one() -> None:
    rows = {(row["arm"], row["other"]): row["beats"] for row in beats_rows(effects([[1, 1, 3], [2, 1, 0]]))}
    assert rows == {("A", "B"): 0.5, ("B", "A"): 0.5}


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlations_are_those_of_scipy(seed: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, 5, (2, 9)).astype(float)  # with ties
    assert kendall(one, other) == pytest.approx(kendalltau(one, other).statistic)
    assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)


def test_rankings_of_draws_beside_that_of_the_means() -> None:
    same = ranking_row(effects([[1, 2, 3], [2, 3, 4], [5, 6, 7]]))
    assert (same["kendall"], same["spearman"], same["same_best"], same["order"]) == (1.0, 1.0, 1.0, "C > B > A")
    assert same["kendall_halves"] == 1.0
    turned = ranking_row(effects([[1, 1, 9], [2, 2, 2], [3, 3, 1]]))
    assert turned["kendall_low"] < turned["kendall"] < 1.0
    assert turned["same_best"] == pytest.approx(1 / 3)


def test_where_all_tie_there_is_no_ranking() -> None:
    row = ranking_row(effects([[0, 0], [0, 0]]))
    assert np.isnan(row["kendall"])
    assert np.isnan(row["kendall_low"])


def test_the_baseline_is_in_the_race() -> None:
    values = {
        ("Harm", "jobs"): -np.ones((3, 2, 2)),
        ("Help", "jobs"): np.array([1.0, 1.0, -2.0])[:, None, None] + np.zeros((3, 2, 2)),
    }
    best = tables(values, {"jobs": 1.0}, "Nothing")["best"].set_index("arm")["best"]
    assert best.round(3).to_dict() == {"Nothing": 0.333, "Harm": 0.0, "Help": 0.667}
