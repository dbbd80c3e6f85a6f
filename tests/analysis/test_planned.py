"""Precision by plan, against closed forms, and power by it against simulated pilots where those forms end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.pilot_designs import PilotDesign, measured, worlds
from ovopsim.analysis.planned import LARGEST_PLAN, PLANS, planned
from ovopsim.analysis.power import power_table
from ovopsim.analysis.power_formula import Precision
from tests.trial_frames import MadeUp, frames

PLAIN = PilotDesign(same_amount=True, adjusted=False, draws=600)


def freedom(treated: float, controls: float) -> float:
    """Of a difference of two means of so many units, all with the same spread (Imbens and Kolesár 2016)."""
    shares = 1.0 / treated, 1.0 / controls
    squares = shares[0] ** 2 / (treated - 1.0) + shares[1] ** 2 / (controls - 1.0)
    return float(sum(shares) ** 2 / squares)


def precision_of(trials: list[pd.DataFrame], design: PilotDesign, size: float) -> tuple[Precision, float]:
    found = worlds(trials, design, "profit", 12)
    met = measured(found, design)
    return planned(found, design, met, size), met.icc


@pytest.mark.parametrize(("share", "size"), [(0.5, 200), (0.1, 200), (0.1, 40)])
def test_of_firms_it_is_that_of_a_difference_of_means(share: float, size: int) -> None:
    plan, _ = precision_of(frames(MadeUp(firms=400), 2), replace(PLAIN, share_treated=share), size)
    treated = share * size
    assert len(plan.variance) == PLANS
    assert np.allclose(plan.variance, 1.0 / treated + 1.0 / (size - treated))
    assert np.allclose(plan.freedom, freedom(treated, size - treated))


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_of_clusters_of_one_size_it_is_the_design_effect(share: float) -> None:
    trials = frames(MadeUp(firms=800, clusters=80, shared=0.3), 2)
    design = replace(PLAIN, clustered=True, share_treated=share)
    plan, icc = precision_of(trials, design, 200)
    treated = share * 20
    assert icc > 0.1
    assert np.allclose(plan.variance, (1.0 / treated + 1.0 / (20 - treated)) * (icc + (1.0 - icc) / 10.0))
    assert np.allclose(plan.freedom, freedom(treated, 20 - treated))


def unequal(trials: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return trials half of whose clusters keep a fifth of their firms."""
    kept = [(each["cluster"] % 2 == 0) | (each["firm_id"] < len(each) // 5) for each in trials]
    return [each[mask].reset_index(drop=True) for each, mask in zip(trials, kept, strict=True)]


def test_clusters_of_unequal_size_cost_more_and_leave_fewer_degrees_of_freedom() -> None:
    trials = unequal(frames(MadeUp(firms=2000, clusters=100, shared=0.3), 2))
    design = replace(PLAIN, clustered=True)
    sizes = trials[0].groupby("cluster").size().to_numpy(float)
    plan, icc = precision_of(trials, design, sizes.sum())
    spread = (sizes.std() / sizes.mean()) ** 2
    effect = 1.0 + ((1.0 + spread) * sizes.mean() - 1.0) * icc
    assert plan.variance.mean() == pytest.approx(4.0 / sizes.sum() * effect, rel=0.02)
    assert plan.freedom.mean() < 0.85 * freedom(50.0, 50.0)


def test_strata_cost_degrees_of_freedom() -> None:
    trials = frames(MadeUp(firms=400, clusters=40, shared=0.3), 2)
    design = replace(PLAIN, clustered=True)
    plain, _ = precision_of(trials, design, 100)
    strata, _ = precision_of(trials, replace(design, adjusted=True), 100)
    assert np.nanmean(strata.freedom) < plain.freedom.mean() - 1.0


def test_neighbours_left_out_are_controls_in_the_plan_too() -> None:
    trials = frames(MadeUp(firms=800, clusters=80, shared=0.0), 2)
    for firms in trials:
        left_out = (firms["arm"] == "training") & (firms.groupby("cluster").cumcount() % 2 == 0)
        firms.loc[left_out, ["arm", "offered", "accepted"]] = ["control", False, False]
    found = worlds(trials, PLAIN, "profit", 12)
    clustered = worlds(trials, replace(PLAIN, clustered=True), "profit", 12)
    design = replace(PLAIN, clustered=True)
    met = replace(measured(clustered, design), icc=0.0)
    plan = planned(clustered, design, met, 400, as_simulated=True)
    assert found[0].treated.mean() == pytest.approx(0.25)
    assert np.allclose(plan.variance, 1.0 / 100.0 + 1.0 / 300.0)


def test_a_large_pilot_is_more_precise_in_proportion() -> None:
    trials = frames(MadeUp(firms=400), 1)
    largest, ten_times = (precision_of(trials, PLAIN, factor * LARGEST_PLAN)[0] for factor in (1.0, 10.0))
    assert np.allclose(largest.variance, 10.0 * ten_times.variance)
    assert np.allclose(10.0 * largest.freedom, ten_times.freedom)


@pytest.mark.parametrize(
    ("share", "effect", "adjusted", "sizes_differ"),
    [(0.2, 0.3, False, False), (0.5, 0.2, False, True), (0.5, 0.2, True, False)],
)
def test_with_few_clusters_formula_and_simulated_pilots_agree(
    share: float, effect: float, adjusted: bool, sizes_differ: bool
) -> None:
    trials = frames(MadeUp(firms=4000, clusters=200, shared=0.1, correlation=0.0), 4)
    if sizes_differ:
        trials = unequal(trials)
    each = len(trials[0]) / 200.0
    design = replace(PLAIN, clustered=True, share_treated=share, adjusted=adjusted)
    (row,) = power_table(trials, design, "profit", 12, effect, sizes=(round(16 * each),)).to_dict("records")
    assert row["clusters"] == 16
    assert 0.3 < row["power_simulated"] < 0.95
    # three standard errors of the simulated share, and what the law of a robust error is not Student's
    assert row["power_formula"] == pytest.approx(row["power_simulated"], abs=0.06 + 0.03)
