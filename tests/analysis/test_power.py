"""Power of simulated pilots: against the formula where it holds, and where the two must differ."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from ovopsim.analysis.pilot_designs import PilotDesign, intracluster_correlation, measured, worlds
from ovopsim.analysis.pilots import drawn, pilots
from ovopsim.analysis.power import POWER_COLUMNS, circumstances, needed_between, power_table
from ovopsim.errors import InputError
from tests.trial_frames import MadeUp, frames

DESIGN = PilotDesign(same_amount=True, draws=400)


def within_chance(row: pd.Series, draws: int) -> bool:
    """Whether formula and simulation differ by no more than three standard errors of a share, and rounding."""
    share = row["power_formula"]
    return bool(abs(row["power_simulated"] - share) <= 3.0 * math.sqrt(share * (1.0 - share) / draws) + 0.01)


# what a pilot meets


def test_circumstances_are_those_of_the_simulated_trials() -> None:
    made = MadeUp(
        firms=2000, take_up=0.4, correlation=0.6, lost=(("control", 0.1), ("training", 0.1)), on_controls=-2.0
    )
    met = circumstances(frames(made, 3), DESIGN, "profit", 12)
    assert met.level == pytest.approx(100.0, rel=0.02)
    assert met.spread == pytest.approx(30.0, rel=0.05)
    assert met.r_squared == pytest.approx(0.36, abs=0.04)
    assert met.take_up == pytest.approx(0.4, abs=0.03)
    assert met.attrition == pytest.approx(0.1, abs=0.02)
    assert met.spillover == pytest.approx(-0.02, rel=0.02)
    assert (met.icc, met.firms_in_cluster) == (0.0, 1.0)
    assert circumstances(frames(made, 3), replace(DESIGN, adjusted=False), "profit", 12).r_squared < 1e-12
    said = circumstances(frames(made, 3), replace(DESIGN, take_up=0.7, spillover=0.0), "profit", 12)
    assert (said.take_up, said.spillover) == (0.7, 0.0)


def test_correlation_within_clusters_is_that_of_an_analysis_of_variance() -> None:
    made = MadeUp(firms=6000, clusters=300, shared=0.3, correlation=0.0)
    design = replace(DESIGN, clustered=True, adjusted=False)
    met = circumstances(frames(made, 2), design, "profit", 12)
    assert met.icc == pytest.approx(0.3, abs=0.04)
    assert met.firms_in_cluster == 20.0
    assert intracluster_correlation(np.array([1.0, 1.0, 5.0, 5.0]), np.array([0, 0, 1, 1])) == 1.0
    assert intracluster_correlation(np.array([1.0, 5.0, 1.0, 5.0]), np.array([0, 0, 1, 1])) == 0.0


def test_correlation_within_clusters_of_unequal_size_is_unbiased() -> None:
    # by hand: between 48, within 4, typical size (4 − 10/4) / 1 = 1.5, so (48 − 4) / (48 + 0.5 · 4)
    assert intracluster_correlation(np.array([0.0, 2.0, 4.0, 10.0]), np.array([0, 0, 0, 1])) == pytest.approx(0.88)
    stream = np.random.default_rng(0)
    clusters = np.repeat(np.arange(40), np.where(np.arange(40) < 30, 2, 60))
    found = []
    for _ in range(400):
        common = stream.normal(0.0, np.sqrt(0.3), 40)[clusters]
        found.append(intracluster_correlation(common + stream.normal(0.0, np.sqrt(0.7), len(clusters)), clusters))
    assert np.mean(found) == pytest.approx(0.3, abs=0.03)


def test_several_follow_ups_are_averaged() -> None:
    trials = frames(MadeUp(firms=2000, correlation=0.0), 2)
    both = circumstances(trials, DESIGN, "profit", (12, 24))
    assert both.spread == pytest.approx(30.0 / math.sqrt(2.0), rel=0.05)


# simulated pilots


@pytest.mark.parametrize("adjusted", [True, False])
def test_formula_and_simulation_agree_where_the_formula_holds(adjusted: bool) -> None:
    made = MadeUp(firms=800, take_up=0.7, lost=(("control", 0.1), ("training", 0.1)), correlation=0.7)
    table = power_table(
        frames(made, 4), replace(DESIGN, adjusted=adjusted), "profit", 12, effect=0.10, sizes=(100, 300)
    )
    assert all(within_chance(row, DESIGN.draws) for _, row in table.iterrows())
    assert np.allclose(table["mde_simulated"], table["mde_formula"], rtol=0.15)
    assert (abs(table["false_positives"] - 0.05) < 3.0 * math.sqrt(0.05 * 0.95 / DESIGN.draws)).all()


def test_formula_and_simulation_agree_for_clusters() -> None:
    made = MadeUp(firms=1200, clusters=120, shared=0.2, correlation=0.5)
    table = power_table(frames(made, 4), replace(DESIGN, clustered=True), "profit", 12, effect=0.12, sizes=(600, 900))
    assert list(table["clusters"]) == [60, 90]
    assert all(within_chance(row, DESIGN.draws) for _, row in table.iterrows())
    single = power_table(frames(made, 4), DESIGN, "profit", 12, effect=0.12, sizes=(600,))
    assert single["power_simulated"].iloc[0] > table["power_simulated"].iloc[0] + 0.05


def test_few_clusters_find_no_effects_that_are_not_there_and_the_formula_knows_what_they_miss() -> None:
    made = MadeUp(firms=400, clusters=40, shared=0.3)
    design = replace(DESIGN, clustered=True, share_treated=0.25)
    table = power_table(frames(made, 4), design, "profit", 12, sizes=(80, 160), effect=0.5)
    assert (table["false_positives"] < 0.08).all()
    # two of eight clusters treated: even an effect of half the mean is missed more often than not
    assert table["power_simulated"].iloc[0] < 0.5
    assert all(within_chance(row, DESIGN.draws) for _, row in table.iterrows())


def test_what_rivals_lose_is_found_as_an_effect() -> None:
    trials = frames(MadeUp(firms=800, on_controls=-10.0), 4)
    table = power_table(trials, DESIGN, "profit", 12, effect=0.02, sizes=(400,))
    assert table["false_positives"].iloc[0] > 0.5
    clean = power_table(trials, replace(DESIGN, spillover=0.0), "profit", 12, effect=0.02, sizes=(400,))
    assert clean["false_positives"].iloc[0] < 0.1


def test_an_effect_in_proportion_is_as_large_on_average() -> None:
    trials = frames(MadeUp(firms=800), 2)
    for same in (True, False):
        design = replace(DESIGN, same_amount=same)
        found = worlds(trials, design, "profit", 12)
        tested = pilots(found, design, measured(found, design), 400, 0.10)
        assert tested.slope.mean() == pytest.approx(100.0, rel=0.03)  # of the level, for one unit of the effect


def test_an_estimate_is_linear_in_the_effect_and_its_variance_quadratic() -> None:
    trials = frames(MadeUp(firms=300, take_up=0.6), 2)
    design = replace(DESIGN, draws=20, same_amount=False)
    found = worlds(trials, design, "profit", 12)
    met = measured(found, design)
    near, far = (pilots(found, design, met, 100, effect) for effect in (0.05, 0.4))
    for effect in (0.0, 0.17, 1.0):
        for alpha in (0.05, 0.2):
            assert (near.significant(effect, alpha) == far.significant(effect, alpha)).all()
    assert np.allclose(near.variance[2], far.variance[2], rtol=1e-6)


def test_the_trial_as_simulated_keeps_arms_take_up_and_effect() -> None:
    trials = frames(MadeUp(firms=1000, take_up=0.5, effect=20.0), 30)
    table = power_table(trials, DESIGN, "profit", 12, effect=None, sizes=(200,))
    row = table.iloc[0]
    assert row["effect"] == pytest.approx(0.10, rel=0.05)
    assert within_chance(row, 30)
    found = worlds(trials, DESIGN, "profit", 12)
    sample, gain = drawn(found[0], DESIGN, measured(found, DESIGN), 200, np.random.default_rng(0), as_simulated=True)
    assert (gain[sample.treated == 0.0] == 0.0).all()
    assert np.isin(gain.round(6), [0.0, 20.0]).all()
    assert (gain > 0.0).sum() == sample.accepted.sum()


def test_neighbours_left_out_on_purpose_stay_controls() -> None:
    trials = frames(MadeUp(firms=400, clusters=40, effect=20.0), 2)
    for firms in trials:  # every second firm of a treated cluster is left out, the first one among them
        left_out = (firms["arm"] == "training") & (firms.groupby("cluster").cumcount() % 2 == 0)
        firms.loc[left_out, ["arm", "offered", "accepted"]] = ["control", False, False]
        firms.loc[left_out, "profit_12"] = firms.loc[left_out, "profit_12_without"]
    design = replace(DESIGN, clustered=True)
    found = worlds(trials, design, "profit", 12)
    sample, gain = drawn(found[0], design, measured(found, design), 200, np.random.default_rng(0), as_simulated=True)
    assert sample.treated.mean() == pytest.approx(0.25)
    assert np.array_equal(sample.accepted, sample.treated), "all take part who are offered, and nobody else"
    assert np.array_equal(gain.round(6), 20.0 * sample.treated)
    assert sample.clusters is not None
    within = [sample.treated[sample.clusters == number].mean() for number in np.unique(sample.clusters)]
    assert sorted(within) == [0.0] * 10 + [0.5] * 10


def test_a_pilot_may_leave_neighbours_out() -> None:
    trials = frames(MadeUp(firms=400, clusters=40, shared=0.2), 2)
    design = replace(DESIGN, clustered=True, share_treated=0.4, saturation=0.3)
    found = worlds(trials, design, "profit", 12)
    met = measured(found, design)
    lots = [drawn(found[0], design, met, 200, np.random.default_rng(seed), as_simulated=False)[0] for seed in (0, 1)]
    for sample in lots:
        assert sample.clusters is not None
        within = [sample.treated[sample.clusters == number].mean() for number in np.unique(sample.clusters)]
        assert sorted(within) == pytest.approx([0.0] * 12 + [0.3] * 8)
    # by lot, and not those who stand first
    assert not np.array_equal(lots[0].treated, lots[1].treated)


def test_more_firms_than_a_trial_has_are_drawn_more_than_once() -> None:
    trials = frames(MadeUp(firms=60), 2)
    table = power_table(trials, replace(DESIGN, draws=200), "profit", 12, sizes=(60, 240))
    assert all(within_chance(row, 200) for _, row in table.iterrows())


def test_firms_of_a_cluster_may_be_sampled() -> None:
    trials = frames(MadeUp(firms=800, clusters=40, shared=0.2), 2)
    design = replace(DESIGN, clustered=True, firms_in_cluster=5, draws=20)
    found = worlds(trials, design, "profit", 12)
    met = measured(found, design)
    assert met.firms_in_cluster == 5.0
    sample, _ = drawn(found[0], design, met, 100, np.random.default_rng(0), as_simulated=False)
    assert sample.clusters is not None
    assert (np.bincount(sample.clusters.astype(int)) == 5).all()
    assert len(np.unique(sample.clusters)) == 20
    for number in range(20):
        assert len(set(sample.treated[sample.clusters == number])) == 1


def test_the_same_question_has_the_same_answer() -> None:
    trials = frames(MadeUp(), 2)
    tables = [power_table(trials, replace(DESIGN, draws=20), "profit", 12, sizes=(200, 100)) for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)
    assert tuple(tables[0].columns) == POWER_COLUMNS
    assert list(tables[0]["size"]) == [100, 200]


def test_the_size_needed_lies_between_the_sizes_tried() -> None:
    assert needed_between([100, 200, 400], [0.3, 0.6, 1.0], 0.8) == 300.0
    assert needed_between([100, 200], [0.9, 1.0], 0.8) == 100.0
    assert math.isnan(needed_between([100, 200], [0.3, 0.6], 0.8))
    made = MadeUp(firms=800, correlation=0.0)
    table = power_table(frames(made, 4), DESIGN, "profit", 12, sizes=(200, 300, 400))
    assert table["needed_simulated"].iloc[0] == pytest.approx(table["needed_formula"].iloc[0], rel=0.15)
    expected = 4.0 * 0.09 * float(ndtri(0.975) + ndtri(0.8)) ** 2 / 0.01
    assert table["needed_formula"].iloc[0] == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ({"share_treated": 1.0}, r"share_treated: 1\.0"),
        ({"saturation": 0.0}, r"saturation: 0\.0"),
        ({"saturation": 0.5}, "saturation: without clusters"),
        ({"take_up": 0.0}, "take_up: 0 means"),
        ({"attrition": 1.0}, r"attrition: 1\.0"),
        ({"draws": 1}, "draws: 1"),
        ({"firms_in_cluster": 0}, "firms_in_cluster: 0"),
    ],
)
def test_a_design_that_cannot_be_is_refused(design: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PilotDesign(**design)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"alpha": 0.7}, r"alpha: 0\.7"),
        ({"power": 0.3}, r"power: 0\.3"),
        ({"effect": 0.0}, r"effect: 0\.0"),
        ({"sizes": ()}, "sizes: empty"),
        ({"sizes": (3,)}, "sizes: 3 firms leave fewer than two firms"),
        ({"design": PilotDesign(clustered=True)}, "clustered: each firm"),
        ({"design": PilotDesign(arm="trainin")}, "did you mean 'training'"),
        ({"month": 36}, "no column 'found_36'"),
        ({"frames": []}, "no firm frame"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(asked: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"frames": frames(MadeUp(), 1), "design": DESIGN, "outcome": "profit", "month": 12}
    with pytest.raises(InputError, match=message):
        power_table(**(given | asked))  # type: ignore[arg-type]


def test_of_several_arms_one_is_named() -> None:
    trials = frames(MadeUp(firms=600, arms=("course", "visits")), 1)
    with pytest.raises(InputError, match="arm: the simulated trial has course, visits"):
        circumstances(trials, DESIGN, "profit", 12)
    found = worlds(trials, replace(DESIGN, arm="visits"), "profit", 12)[0]
    assert len(found.without) == 400
    assert found.treated.sum() == 200


def test_a_survey_loses_whom_the_simulated_one_lost_or_as_many_as_the_design_says() -> None:
    trials = frames(MadeUp(firms=1000, lost=(("control", 0.3), ("training", 0.3))), 1)
    trials[0]["profit_12_without"] = trials[0]["profit_12_without"].where(trials[0]["found_12"], 1.0e6)
    for design in (DESIGN, replace(DESIGN, attrition=0.6)):
        found = worlds(trials, design, "profit", 12)
        met = measured(found, design)
        sample, _ = drawn(found[0], design, met, 1000, np.random.default_rng(0), as_simulated=False)
        if design.attrition is None:
            assert met.level == pytest.approx(100.0, rel=0.05)
            assert len(sample.outcome) == trials[0]["found_12"].sum()
            assert sample.outcome.max() < 1.0e6
        else:
            assert len(sample.outcome) == pytest.approx(400, abs=50)
            assert sample.outcome.max() > 9.0e5


def test_no_firm_is_enrolled_twice_while_there_are_others() -> None:
    trials = frames(MadeUp(firms=200), 1)
    found = worlds(trials, DESIGN, "profit", 12)
    for as_simulated in (True, False):
        met = measured(found, DESIGN)
        sample, gain = drawn(found[0], DESIGN, met, 200, np.random.default_rng(0), as_simulated)
        outcomes = sample.outcome if as_simulated else sample.outcome - gain
        assert len(np.unique(outcomes)) == 200
        assert sample.treated.sum() == 100


def test_pilots_of_few_simulated_trials_know_less_than_they_are() -> None:
    trials = frames(MadeUp(firms=200, effect=8.0), 4)
    row = power_table(trials, DESIGN, "profit", 12, effect=None, sizes=(160,)).iloc[0]
    anew = power_table(trials, DESIGN, "profit", 12, effect=0.08, sizes=(160,)).iloc[0]
    assert anew["power_high"] - anew["power_low"] < 0.11
    assert row["power_high"] > row["power_simulated"] + 0.1
    assert row["power_low"] < row["power_simulated"] - 0.1
    assert row["power_low"] <= row["power_simulated"] <= row["power_high"]
