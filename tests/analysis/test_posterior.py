"""From weights to what was learned: closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.posterior import (
    ASSUMPTION_DRIVEN,
    central_draw,
    identifiability,
    medoid,
    target_table,
    thinned,
)
from ovopsim.analysis.tolerances import Target
from ovopsim.study.evaluations import Evaluation
from ovopsim.study.unknowns import Evenly, Unknown


def test_thinned_draws_keep_heavy_ones_and_stand_for_the_rest() -> None:
    weights = np.concatenate([[0.3, 0.2], np.full(500, 0.001)])
    values = np.arange(502.0)
    means = []
    for seed in range(200):
        places, found = thinned(weights, 52, np.random.default_rng(seed))
        assert len(set(places.tolist())) == 52
        assert found[:2] == pytest.approx([0.3, 0.2])
        assert found[2:] == pytest.approx(np.full(50, 0.01))
        assert found.sum() == pytest.approx(1.0)
        means.append(found @ values[places])
    assert np.mean(means) == pytest.approx(weights @ values, rel=0.01)
    everything, same = thinned(np.array([0.5, 0.0, 1.5]), 10, np.random.default_rng(1))
    assert (everything.tolist(), same.tolist()) == ([0, 2], [0.25, 0.75])


def test_one_draw_may_carry_nearly_all() -> None:
    places, found = thinned(np.array([0.999, 0.0004, 0.0006]), 2, np.random.default_rng(1))
    assert places[0] == 0
    assert found == pytest.approx([0.999, 0.001])


def unknown(path: str, low: float, high: float, shipped: float | None = None) -> Unknown:
    return Unknown(path, shipped, Evenly(low, high))


def test_identifiability_is_the_narrowing_of_the_prior() -> None:
    chance = np.random.default_rng(2)
    found = np.column_stack([chance.normal(size=4000) * 0.25 / np.sqrt(12), chance.random(4000) * 10.0])
    unknowns = [unknown("a", -0.5, 0.5, 0.05), unknown("b", 0.0, 10.0)]
    table = identifiability(unknowns, found, np.ones(4000)).set_index("parameter")
    assert table["prior_mean"].to_numpy() == pytest.approx([0.0, 5.0])
    assert table["prior_sd"].to_numpy() == pytest.approx(np.array([1.0, 10.0]) / np.sqrt(12), rel=1e-5)
    assert table.loc["a", "ratio"] == pytest.approx(0.25, rel=0.05)
    assert table["assumption_driven"].to_dict() == {"a": False, "b": True}
    # of a normal distribution sd / sqrt(2 n), of a uniform one less
    assert table.loc["a", "ratio_error"] == pytest.approx(table.loc["a", "ratio"] / np.sqrt(8000), rel=0.1)
    assert table.loc["b", "ratio_error"] == pytest.approx(np.sqrt(0.2 / 4000), rel=0.1)
    assert table.loc["a", "ratio_high"] - table.loc["a", "ratio"] == pytest.approx(
        1.96 * table.loc["a", "ratio_error"], rel=1e-3
    )
    assert table.loc["a", "high"] == pytest.approx(0.25 * 1.645 / np.sqrt(12), rel=0.1)
    assert table.loc["a", "shipped_at"] == pytest.approx((found[:, 0] < 0.05).mean())
    assert np.isnan(table.loc["b", "shipped"])


@pytest.mark.parametrize(("spread", "most"), [(0.3, 1), (1.6, 10)])
def test_a_number_that_nobody_learned_of_is_hardly_ever_called_narrowed(spread: float, most: int) -> None:
    chance = np.random.default_rng(4)
    weights = np.exp(spread * chance.normal(size=100))
    weights /= weights.sum()
    unknowns = [unknown(f"idle {place}", 0.0, 1.0) for place in range(400)]
    table = identifiability(unknowns, chance.random((100, 400)), weights)
    assert (table["ratio"] < ASSUMPTION_DRIVEN).sum() > 5 * most, "by chance alone"
    assert (~table["assumption_driven"]).sum() <= most
    narrow = identifiability([unknown("a", 0.0, 1.0)], 0.2 * chance.random((100, 1)), weights)
    assert not narrow.loc[0, "assumption_driven"]


def test_of_one_draw_nothing_is_said() -> None:
    table = identifiability([unknown("a", 0.0, 1.0)], np.array([[0.4], [0.7]]), np.array([1.0, 0.0]))
    assert table.loc[0, "assumption_driven"]


def test_the_central_draw_is_found_by_path_and_judged_one_number_at_a_time() -> None:
    values = {"far": 0.99, "middle": 500.0}
    evaluation = Evaluation(0, 0, values, {"x": [1.0, 3.0], "y": [0.5, 0.5]})
    ladder = (np.arange(100) + 0.5) / 100
    draws = np.column_stack([1000.0 * ladder, ladder])  # in another order than the evaluation has
    targets = {"x": Target(0.0, 1.5), "y": Target(0.0, 1.0)}
    found = central_draw(targets, evaluation, ["middle", "far"], draws, np.ones(100))
    assert list(found["values"].items()) == [("middle", 500.0), ("far", 0.99)]
    assert found["at_the_edge"] == ["far"]
    assert found["distance"] == pytest.approx(0.49 * np.sqrt(12 / 2), rel=0.02)
    assert (found["simulated"], found["outside"]) == ({"x": 2.0, "y": 0.5}, ["x"])


def test_the_medoid_is_the_draw_in_the_middle_of_the_weight() -> None:
    shares = np.array([[0.1, 0.1], [0.5, 0.5], [0.52, 0.5], [0.9, 0.9]])
    assert medoid(shares, np.full(4, 0.25)) in {1, 2}
    assert medoid(shares, np.array([0.05, 0.05, 0.05, 0.85])) == 3


def test_targets_say_how_much_of_the_posterior_lies_inside() -> None:
    found = np.array([[0.5, 5.0], [1.5, 5.0]])
    targets = {"x": Target(0.0, 1.0, 0.4), "y": Target(None, 4.0, None, False)}
    table = target_table(targets, {"x": 0.1, "y": 0.2}, np.array([[2.0, 3.0]]), found, np.array([3.0, 1.0]))
    table = table.set_index("name")
    assert table["inside"].to_dict() == {"x": 0.75, "y": 0.0}
    assert table["inside_prior"].to_dict() == {"x": 0.0, "y": 1.0}
    assert table.loc["x", "simulated"] == pytest.approx(0.75)
    assert pd.isna(table.loc["y", "low"])
    assert not table.loc["y", "fitted"]
