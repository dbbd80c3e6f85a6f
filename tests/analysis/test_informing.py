"""Which target told of which number: closed forms, and no more false alarms than said."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.analysis.informing import clear, informs, rank_correlations, variance_alone, variance_drops


def test_rank_correlation_sees_what_is_monotone_and_only_that() -> None:
    inputs = np.random.default_rng(3).random((200, 2))
    outputs = np.column_stack([np.exp(5.0 * inputs[:, 0]), -(inputs[:, 1] ** 3), np.ones(200)])
    found = rank_correlations(inputs, outputs)
    assert np.diag(found) == pytest.approx([1.0, -1.0])
    assert found[:, 2].tolist() == [0.0, 0.0]
    drops, alone = {"x": np.array([0.8, 0.0])}, {"x": (np.array([0.7, 0.1]), np.array([0.05, 0.06]))}
    table = informs(["a", "b"], {"x": found[:, 0], "y": found[:, 1]}, 200, drops, alone)
    assert table[table["clear"]][["target", "parameter"]].to_numpy().tolist() == [["x", "a"], ["y", "b"]]
    assert table["variance_drop"].isna().sum() == 2
    told = table.set_index(["target", "parameter"])
    assert told.loc[("x", "b"), "variance_alone"] == 0.1
    assert told.loc[("x", "b"), "variance_alone_error"] == 0.06
    assert told.loc["y", "variance_alone"].isna().all()


def test_where_nothing_moves_with_anything_hardly_a_pair_is_clear() -> None:
    chance = np.random.default_rng(6)
    false = [clear(rank_correlations(chance.random((100, 20)), chance.random((100, 10))), 100).sum() for _ in range(40)]
    assert np.mean(np.array(false) > 0) < 0.2, "tested alone, ten of 200 would be clear each time"


def test_of_what_is_called_clear_little_is_chance() -> None:
    chance = np.random.default_rng(7)
    true, false = 0, 0
    for _ in range(20):
        inputs, noise = chance.random((100, 20)), chance.random((100, 10))
        outputs = noise.copy()
        outputs[:, :5] = inputs[:, :5] + 0.5 * noise[:, :5]
        found = clear(rank_correlations(inputs, outputs), 100)
        hits = found[np.arange(5), np.arange(5)].sum()
        true, false = true + hits, false + found.sum() - hits
    assert true == 100
    assert false / (true + false) < 0.12


def test_a_target_drops_the_variance_that_it_alone_narrows() -> None:
    values = np.linspace(-1.0, 1.0, 2001)[:, None]
    narrow = (np.abs(values[:, 0]) < 0.5).astype(float)
    drops = variance_drops(values, narrow, {"narrows": np.ones(2001), "idle": narrow})
    assert drops["narrows"] == pytest.approx([0.75], abs=0.01)
    assert drops["idle"] == pytest.approx([0.0])
    few = np.zeros(2001)
    few[:20] = 1.0
    assert np.isnan(variance_drops(values, narrow, {"few": few})["few"]).all()


def test_what_a_target_takes_away_by_itself_is_known_with_an_error() -> None:
    values = np.random.default_rng(8).uniform(-1.0, 1.0, (4000, 2))
    narrow, few = (np.abs(values[:, 0]) < 0.5).astype(float), np.zeros(4000)
    few[:20] = 1.0
    taken = variance_alone(values, np.full(2, 1.0 / np.sqrt(3.0)), {"narrows": narrow, "few": few})
    share, error = taken["narrows"]
    assert share == pytest.approx([0.75, 0.0], abs=0.05)
    # 2,000 uniform draws: the relative error of their variance is sqrt(0.8 / 2000)
    assert error == pytest.approx(np.array([0.25, 1.0]) * np.sqrt(0.8 / 2000), rel=0.15)
    assert np.isnan(taken["few"]).all()
