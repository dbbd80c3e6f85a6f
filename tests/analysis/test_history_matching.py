"""Where to look next: implausibility, and points drawn in proportion to a weight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest, norm

from ovopsim.analysis.history_matching import Wave, draw, effective, systematic
from ovopsim.analysis.tolerances import Target
from ovopsim.fields import Reals


class Exact:
    """An emulator that says what its input is, with a known error."""

    def predict(self, shares: Reals) -> tuple[Reals, Reals]:
        return shares[:, :1], np.full((len(shares), 1), 0.03**2)


def wave(emulator: Any = None, **more: Any) -> Wave:
    return Wave(emulator or Exact(), {"x": Target(0.4, 0.6)}, np.array([0.04]), **more)


def test_implausibility_is_distance_over_all_that_it_may_come_from() -> None:
    shares = np.array([[0.5], [0.35], [0.9]])
    assert wave().implausibility(shares)[:, 0] == pytest.approx([0.0, 1.0, 6.0])
    assert wave().log_weight(shares) == pytest.approx([0.0, -0.5, -18.0])
    assert wave().share_left(shares) == pytest.approx(2 / 3)
    assert wave(log_normaliser=-2.0).log_density(shares) == pytest.approx([2.0, 1.5, -16.0])


def test_points_follow_the_weight_and_its_mean_is_known() -> None:
    middles, widths = np.array([0.5, 0.3]), np.array([0.05, 0.02])

    def weight(shares: Reals) -> Reals:
        found: Reals = -0.5 * (((shares[:, :2] - middles) / widths) ** 2).sum(axis=1)
        return found

    shares, normaliser = draw(weight, 6, 500, np.random.default_rng(1))
    assert shares.shape == (500, 6)
    assert len(np.unique(shares, axis=0)) == 500
    assert normaliser == pytest.approx(np.log(2.0 * np.pi * widths.prod()), abs=0.2)
    for place in range(2):
        assert shares[:, place].mean() == pytest.approx(middles[place], abs=0.25 * widths[place])
        assert shares[:, place].std() == pytest.approx(widths[place], rel=0.15)
        assert kstest(shares[:, place], norm(middles[place], widths[place]).cdf).pvalue > 1e-4
    assert kstest(shares[:, 5], "uniform").pvalue > 1e-4


def test_a_weight_at_the_edge_stays_inside_and_one_seed_gives_the_same_points() -> None:
    def weight(shares: Reals) -> Reals:
        found: Reals = -shares[:, 0] / 0.02
        return found

    shares, normaliser = draw(weight, 2, 300, np.random.default_rng(2))
    assert shares.min() >= 0.0
    assert shares[:, 0].mean() == pytest.approx(0.02, rel=0.25)
    assert normaliser == pytest.approx(np.log(0.02), abs=0.2)
    assert (draw(weight, 2, 300, np.random.default_rng(2))[0] == shares).all()


def test_resampling_takes_each_as_often_as_its_weight_says() -> None:
    taken = systematic(np.array([0.5, 0.0, 0.25, 0.25]), 8, np.random.default_rng(3))
    assert np.bincount(taken, minlength=4).tolist() == [4, 0, 2, 2]
    assert effective(np.log(np.array([0.5, 0.5, 1e-300]))) == pytest.approx(2.0)
