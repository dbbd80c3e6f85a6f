"""From weights to what was learned: closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.posterior import (
    identifiability,
    informs,
    medoid,
    moments,
    quantiles,
    rank_correlations,
    target_table,
    thinned,
    variance_drops,
)
from ovopsim.analysis.tolerances import Target


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


def test_equal_weights_give_plain_moments_and_quantiles() -> None:
    values = np.random.default_rng(1).normal(size=(50, 2))
    mean, deviation = moments(values, np.full(50, 3.0))
    assert mean == pytest.approx(values.mean(axis=0))
    assert deviation == pytest.approx(values.std(axis=0, ddof=1))
    assert quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), [0.5]) == pytest.approx([2.0])


def test_a_weight_counts_as_often_as_it_says() -> None:
    mean, _ = moments(np.array([[0.0], [4.0]]), np.array([3.0, 1.0]))
    assert mean == pytest.approx([1.0])


def test_identifiability_is_the_narrowing_of_the_prior() -> None:
    chance = np.random.default_rng(2)
    prior = chance.normal(size=(4000, 2)) * [1.0, 10.0]
    found = chance.normal(size=(4000, 2)) * [0.25, 10.0]
    table = identifiability(["a", "b"], [0.5, None], prior, found, np.ones(4000)).set_index("parameter")
    assert table.loc["a", "ratio"] == pytest.approx(0.25, rel=0.05)
    assert table["assumption_driven"].to_dict() == {"a": False, "b": True}
    assert table.loc["a", "ratio_error"] == pytest.approx(table.loc["a", "ratio"] / np.sqrt(8000), rel=0.01)
    assert table.loc["a", "high"] == pytest.approx(0.25 * 1.645, rel=0.1)
    assert np.isnan(table.loc["b", "shipped"])


def test_rank_correlation_sees_what_is_monotone_and_only_that() -> None:
    inputs = np.random.default_rng(3).random((200, 2))
    outputs = np.column_stack([np.exp(5.0 * inputs[:, 0]), -(inputs[:, 1] ** 3), np.ones(200)])
    found = rank_correlations(inputs, outputs)
    assert np.diag(found) == pytest.approx([1.0, -1.0])
    assert found[:, 2].tolist() == [0.0, 0.0]
    table = informs(["a", "b"], {"x": found[:, 0], "y": found[:, 1]}, 200, {"x": np.array([0.8, 0.0])})
    assert table[table["clear"]][["target", "parameter"]].to_numpy().tolist() == [["x", "a"], ["y", "b"]]
    assert table["variance_drop"].isna().sum() == 2


def test_a_target_drops_the_variance_that_it_alone_narrows() -> None:
    values = np.linspace(-1.0, 1.0, 2001)[:, None]
    narrow = (np.abs(values[:, 0]) < 0.5).astype(float)
    drops = variance_drops(values, narrow, {"narrows": np.ones(2001), "idle": narrow})
    assert drops["narrows"] == pytest.approx([0.75], abs=0.01)
    assert drops["idle"] == pytest.approx([0.0])
    few = np.zeros(2001)
    few[:20] = 1.0
    assert np.isnan(variance_drops(values, narrow, {"few": few})["few"]).all()


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
