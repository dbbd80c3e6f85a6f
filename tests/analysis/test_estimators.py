"""Evaluators' estimates on made-up trials: known effects are found, and intervals hold them as often as they say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.attrition import attrition_table, lee_bounds
from ovopsim.analysis.estimators import COLUMNS, contrast, evaluate
from ovopsim.analysis.exact_effects import binomial_interval, coverage, fade_out, over_replications
from ovopsim.analysis.quantile_effects import quantile_effects
from ovopsim.analysis.trial_samples import FIRM_GROUPS, EvaluationPlan, Sample, firm_groups, sample_of
from ovopsim.errors import InputError
from ovopsim.labels import catalogue
from tests.trial_frames import MadeUp, frame, frames

PLAIN = EvaluationPlan("made up", ("profit",), (12,), groups=False, quantiles=())
TRIALS = 400


def one(table: pd.DataFrame, **where: object) -> pd.Series:
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def plausible(share: float, trials: int, nominal: float = 0.95) -> bool:
    """Whether a share may come from so many trials of the nominal chance: within three standard deviations."""
    return abs(share - nominal) <= 3.0 * math.sqrt(nominal * (1.0 - nominal) / trials)


@pytest.fixture(scope="module")
def plain_trials() -> pd.DataFrame:
    """Without spillovers; half take part, the better ones; firms close and are lost alike in both arms."""
    made = MadeUp(
        firms=120,
        months=(12,),
        take_up=0.5,
        takers_better=20.0,
        closing=0.05,
        lost=(("control", 0.1), ("training", 0.1)),
    )
    return evaluate(frames(made, TRIALS), PLAIN)


@pytest.mark.parametrize("estimator", ["difference", "ancova", "treatment_on_treated"])
def test_intervals_hold_the_exact_effect_as_often_as_they_say(plain_trials: pd.DataFrame, estimator: str) -> None:
    found = one(coverage(plain_trials), estimator=estimator)
    assert found["replications"] == TRIALS
    assert plausible(found["coverage"], TRIALS)
    assert found["bias_low"] < 0.0 < found["bias_high"]


def test_two_stage_least_squares_finds_the_effect_on_those_who_take_part(plain_trials: pd.DataFrame) -> None:
    means = over_replications(plain_trials).set_index("estimator")
    treated = means.loc["treatment_on_treated"]
    effect = 10.0 * 0.95  # of firms that have not closed
    assert treated["low"] < effect < treated["high"]
    assert means.loc["ancova", "high"] < 0.75 * effect  # take-up dilutes the effect of being offered
    # those who take part would have earned more anyway: comparing them with the controls would add that
    assert treated["high"] < effect + 10.0


def test_a_baseline_sharpens_the_estimate(plain_trials: pd.DataFrame) -> None:
    errors = plain_trials.groupby("estimator")["se"].mean()
    assert errors["ancova"] < 0.97 * errors["difference"]
    spread = plain_trials.groupby("estimator")["estimate"].std()
    assert spread["ancova"] < spread["difference"]


def test_clustered_errors_cover_where_naive_ones_do_not() -> None:
    made = MadeUp(firms=400, months=(12,), clusters=50, shared=0.3)
    trials = frames(made, 300)
    naive = coverage(evaluate(trials, PLAIN)).set_index("estimator")["coverage"]
    robust = coverage(evaluate(trials, replace(PLAIN, clustered=True))).set_index("estimator")["coverage"]
    assert plausible(robust["difference"], 300)
    assert plausible(robust["ancova"], 300)
    assert naive["difference"] < 0.85
    assert naive["ancova"] < 0.85


def test_what_rivals_lose_is_the_bias_of_the_naive_estimate() -> None:
    table = evaluate(frames(MadeUp(firms=400, months=(12,), on_controls=-4.0), 100), PLAIN)
    means = over_replications(table)
    assert one(means, estimator="exact", arm="control")["estimate"] == pytest.approx(-4.0)
    assert one(means, estimator="exact", arm="training")["estimate"] == pytest.approx(10.0)
    for name in ("difference", "ancova"):
        bias = one(means, estimator=f"bias_{name}")
        assert bias["low"] < 4.0 < bias["high"]
        assert bias["low"] > 2.0
    assert one(coverage(table), estimator="ancova")["coverage"] < 0.9


def test_each_arm_has_its_own_effect_against_the_controls() -> None:
    firms = frame(MadeUp(firms=3000, arms=("course", "visits"), spread=5.0))
    firms.loc[firms["arm"] == "visits", "profit_12"] += 20.0
    table = evaluate(firms, PLAIN)
    for arm, effect in (("course", 10.0), ("visits", 30.0)):
        fit = one(table, arm=arm, estimator="difference")
        assert abs(fit["estimate"] - effect) < 4.0 * fit["se"] < 2.0
        assert one(table, arm=arm, estimator="exact")["estimate"] == pytest.approx(effect)


def test_the_table_is_tidy() -> None:
    table = evaluate(frames(MadeUp(), 2), EvaluationPlan("made up", ("profit",), (12, 24)))
    assert tuple(table.columns) == COLUMNS
    keys = ["replication", "trial", "arm", "outcome", "month", "estimator", "group"]
    assert not table.duplicated(keys).any()
    assert set(table["group"]) == set(FIRM_GROUPS)
    assert set(table["month"]) == {12, 24}
    row = one(table, replication=0, month=12, estimator="difference", group="all")
    firms = frame(MadeUp())
    control = firms.loc[firms["arm"] == "control", "profit_12"].mean()
    assert row["control_mean"] == pytest.approx(control)
    assert row["percent"] == pytest.approx(100.0 * row["estimate"] / control)
    assert row["n"] == 200


def test_every_column_has_a_name_for_readers() -> None:
    made = frames(MadeUp(effect=50.0), 3)
    plan = replace(PLAIN, months=(12, 24))
    table = evaluate(made, plan)
    tables = (table, over_replications(table), coverage(table), fade_out(table), attrition_table(made, plan))
    columns = {column for each in tables for column in each.columns}
    assert columns == {key.partition(".")[2] for key in catalogue() if key.startswith("trial_column.")}


def test_only_firms_that_the_survey_found_are_seen() -> None:
    firms = frame(MadeUp(lost=(("control", 0.3),)))
    lost = ~firms["found_12"]
    before = evaluate(firms, PLAIN)
    firms.loc[lost, "profit_12"] = 1.0e6
    after = evaluate(firms, PLAIN)
    naive = before["estimator"].isin(["difference", "ancova", "treatment_on_treated", "lee_lower"])
    pd.testing.assert_frame_equal(before[naive], after[naive])
    # of the exact effect all firms are part
    wrong = one(after, estimator="exact", arm="control")["estimate"]
    assert wrong > one(before, estimator="exact", arm="control")["estimate"] + 1e5


def test_groups_are_cut_at_the_baseline() -> None:
    firms = frame(MadeUp(firms=300))
    masks = firm_groups(firms)
    for kind in ("ability", "sales"):
        thirds = [masks[f"{kind}_{third}"] for third in ("low", "middle", "high")]
        assert [mask.sum() for mask in thirds] == [100, 100, 100]
    assert firms["log_ability"][masks["ability_low"]].max() < firms["log_ability"][masks["ability_high"]].min()
    poor = firms[masks["subsistence"]]
    assert (poor["workers_before"] < 0.5).all()
    assert (poor["profit_before"] < firms["profit_before"].median()).all()
    assert (masks["subsistence"] != masks["not_subsistence"]).all()


def test_an_effect_on_the_ablest_alone_is_found_there() -> None:
    firms = frame(MadeUp(firms=3000, effect=0.0, spread=5.0))
    able = firm_groups(firms)["ability_high"] & (firms["arm"] == "training")
    firms.loc[able, "profit_12"] += 30.0
    table = evaluate(firms, replace(PLAIN, groups=True))
    for estimator in ("ancova", "exact"):
        where = {"arm": "training", "estimator": estimator}
        assert one(table, group="ability_high", **where)["estimate"] == pytest.approx(30.0, abs=2.0)
        assert one(table, group="ability_low", **where)["estimate"] == pytest.approx(0.0, abs=2.0)


def test_an_outcome_without_a_baseline_is_adjusted_for_sales() -> None:
    firms = frame(MadeUp(firms=400)).rename(columns={"profit_12": "loans_12", "profit_12_without": "loans_12_without"})
    plan = replace(PLAIN, outcomes=("loans",))
    adjusted = one(evaluate(firms, plan), estimator="ancova")
    firms["loans_before"] = firms["profit_before"]
    own = one(evaluate(firms, plan), estimator="ancova")
    assert adjusted["estimate"] != own["estimate"]
    assert own["se"] < adjusted["se"] < one(evaluate(firms, plan), estimator="difference")["se"]


def test_the_median_moves_with_a_common_gain_and_not_with_that_of_few() -> None:
    firms = frame(MadeUp(firms=1000, effect=0.0))
    largest = (firms["profit_12"] > firms["profit_12"].quantile(0.9)) & (firms["arm"] == "training")
    firms.loc[largest, "profit_12"] += 300.0
    table = evaluate(firms, replace(PLAIN, quantiles=(0.5,)))
    median = one(table, estimator="quantile_50")
    assert median["low"] < 0.0 < median["high"]
    assert one(table, estimator="exact_quantile_50")["estimate"] == 0.0
    assert one(table, estimator="difference")["low"] > 0.0


@pytest.mark.parametrize("clustered", [False, True])
def test_bootstrapped_medians_cover(clustered: bool) -> None:
    made = MadeUp(firms=120, months=(12,), clusters=60 if clustered else 0, shared=0.5)
    hits = 0
    for firms in frames(made, 100, seed=3):
        ((_, low, high, _),) = quantile_effects(sample_of(firms, "training", "profit", 12, clustered), (0.5,))
        hits += low <= 10.0 <= high
    assert plausible(hits / 100, 100)


def test_whole_clusters_are_drawn_for_the_error_of_a_median() -> None:
    firms = frame(MadeUp(firms=800, clusters=40, shared=0.5))
    errors = [
        quantile_effects(sample_of(firms, "training", "profit", 12, clustered), (0.5,))[0, 3]
        for clustered in (True, False)
    ]
    assert errors[0] > 1.5 * errors[1]


def test_attrition_is_counted_by_arm_and_its_difference_tested() -> None:
    firms = frame(MadeUp(firms=2000, closing=0.1, lost=(("control", 0.2), ("training", 0.1))))
    table = attrition_table(firms, PLAIN)
    control, training = (one(table, arm=arm) for arm in ("control", "training"))
    lost = 1.0 - firms[firms["arm"] == "training"]["found_12"].mean()
    assert training["lost"] == pytest.approx(lost)
    assert training["difference"] == pytest.approx(training["lost"] - control["lost"])
    assert training["high"] < 0.0
    assert training["p_value"] < 1e-4
    assert training["closed"] == pytest.approx(0.1, abs=0.03)
    assert math.isnan(control["p_value"])
    alike = frame(MadeUp(firms=2000, lost=(("control", 0.2), ("training", 0.2))), seed=1)
    assert one(attrition_table(alike, PLAIN), arm="training")["p_value"] > 0.05


def test_lee_bounds_trim_the_arm_of_which_more_is_known() -> None:
    firms = pd.DataFrame({"arm": ["training"] * 4 + ["control"] * 4})
    firms["profit_12"] = [1.0, 2.0, 3.0, 10.0, 1.0, 1.0, 5.0, 5.0]
    firms["found_12"] = [True] * 6 + [False] * 2
    assert lee_bounds(firms, "training", "profit", 12) == (1.5 - 1.0, 6.5 - 1.0)
    firms["arm"] = ["control"] * 4 + ["training"] * 4
    assert lee_bounds(firms, "training", "profit", 12) == (1.0 - 6.5, 1.0 - 1.5)
    firms["found_12"] = True
    assert lee_bounds(firms, "training", "profit", 12) == (3.0 - 4.0, 3.0 - 4.0)


def test_lee_bounds_hold_the_effect_when_the_worst_off_are_lost_among_controls_alone() -> None:
    firms = frame(MadeUp(firms=4000))
    low = firms["profit_12"] < firms["profit_12"].quantile(0.3)
    firms["found_12"] = ~(low & (firms["arm"] == "control"))
    table = evaluate(firms, PLAIN)
    naive = one(table, estimator="difference")
    assert naive["high"] < 10.0
    bounds = [one(table, estimator=name)["estimate"] for name in ("lee_lower", "lee_upper")]
    assert bounds[0] < 10.0 < bounds[1]


def test_skills_of_closed_firms_are_unknown() -> None:
    firms = frame(MadeUp(closing=0.2))
    firms["profit_12"] = firms["profit_12"].where(firms["alive_12"])
    sample = sample_of(firms, "training", "profit", 12, clustered=False)
    assert len(sample.outcome) == firms["alive_12"].sum()
    assert not np.isnan(sample.outcome).any()


def test_a_group_too_small_has_no_row() -> None:
    firms = frame(MadeUp(firms=60))
    poor = firm_groups(firms)["subsistence"] & (firms["arm"] == "training")
    firms.loc[poor, "found_12"] = False
    firms.loc[firm_groups(firms)["sales_high"], "found_12"] = False
    table = evaluate(firms, replace(PLAIN, groups=True))
    rows = table[(table["group"] == "subsistence") & (table["arm"] == "training")]
    assert set(rows["estimator"]) == {"exact", "exact_survivors", "exact_accepted"}
    assert not ((table["group"] == "sales_high") & (table["estimator"] == "ancova")).any()


def test_a_contrast_without_firms_to_compare_says_so() -> None:
    sample = Sample(np.ones(3), np.array([1.0, 0.0, 0.0]), np.ones(3), np.empty((3, 0)), None)
    assert not sample.enough
    assert contrast(sample).estimate == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda firms: firms.drop(columns="profit_12_without"), "no column 'profit_12_without'; did you mean"),
        (lambda firms: firms.drop(columns="cluster"), "no column 'cluster'"),
        (lambda firms: firms[firms["arm"] == "control"], "at least one arm with a name"),
        (lambda firms: firms[firms["arm"] != "control"], "has firms in 'control'"),
        (lambda firms: firms.assign(sales_before=math.nan), "'sales_before' is missing"),
    ],
)
def test_a_frame_that_lacks_something_is_refused(change: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(change(frame(MadeUp())), PLAIN)  # type: ignore[operator]


def test_a_plan_that_asks_for_nothing_or_no_quantile_is_refused() -> None:
    with pytest.raises(InputError, match="months: empty"):
        EvaluationPlan("made up", ("profit",), ())
    with pytest.raises(InputError, match=r"quantiles: 1\.5"):
        EvaluationPlan("made up", ("profit",), (12,), quantiles=(1.5,))


def test_the_interval_of_a_share_is_that_of_printed_tables() -> None:
    assert binomial_interval(0, 10) == (0.0, pytest.approx(0.3085, abs=1e-4))
    assert binomial_interval(5, 10) == (pytest.approx(0.1871, abs=1e-4), pytest.approx(0.8129, abs=1e-4))
    assert binomial_interval(10, 10)[1] == 1.0
