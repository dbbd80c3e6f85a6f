"""Exact effects: all firms and survivors, controls, and what is left of an effect later."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ovopsim.analysis.exact_effects import coverage, exact_effects, fade_out, over_replications
from ovopsim.analysis.trial_samples import EvaluationPlan
from tests.trial_frames import MadeUp, frame, frames

PLAN = EvaluationPlan("made up", ("profit",), (12, 24), groups=False, quantiles=())


def exact(table: pd.DataFrame, estimator: str = "exact", arm: str = "training", month: int = 12) -> float:
    rows = table[(table["estimator"] == estimator) & (table["arm"] == arm) & (table["month"] == month)]
    assert len(rows) == 1
    return float(rows["estimate"].iloc[0])


def test_a_firm_that_the_trial_saves_counts_in_full_and_not_among_survivors() -> None:
    firms = frame(MadeUp(firms=100, effect=0.0))
    saved = firms.index[firms["arm"] == "training"][0]
    firms.loc[saved, ["profit_12", "profit_12_without"]] = [500.0, 0.0]
    firms.loc[saved, "alive_12_without"] = False
    table = exact_effects(firms, PLAN)
    assert exact(table) == pytest.approx(500.0 / 50.0)
    assert exact(table, "exact_survivors") == 0.0


def test_a_firm_that_closes_because_of_the_trial_counts_with_zero() -> None:
    firms = frame(MadeUp(firms=100, effect=0.0))
    closed = firms.index[firms["arm"] == "control"][0]
    lost = firms.loc[closed, "profit_12_without"]
    firms.loc[closed, "profit_12"] = 0.0
    firms.loc[closed, "alive_12"] = False
    table = exact_effects(firms, PLAN)
    assert exact(table, arm="control") == pytest.approx(-lost / 50.0)
    assert exact(table, "exact_survivors", arm="control") == 0.0


def test_the_effect_on_those_who_take_part_is_not_diluted() -> None:
    table = exact_effects(frame(MadeUp(firms=1000, take_up=0.3)), PLAN)
    assert exact(table, "exact_accepted") == pytest.approx(10.0)
    assert 2.0 < exact(table) < 4.0
    assert not ((table["arm"] == "control") & (table["estimator"] == "exact_accepted")).any()


def test_exact_effects_are_of_all_firms_found_or_not() -> None:
    firms = frame(MadeUp(firms=200))
    table = exact_effects(firms, PLAN)
    pd.testing.assert_frame_equal(table, exact_effects(firms.assign(found_12=False), PLAN))
    level = firms.loc[firms["arm"] == "training", "profit_12_without"].mean()
    row = table[(table["estimator"] == "exact") & (table["arm"] == "training") & (table["month"] == 12)].iloc[0]
    assert row["control_mean"] == pytest.approx(level)
    assert row["percent"] == pytest.approx(100.0 * 10.0 / level)
    assert math.isnan(row["se"])


def test_skills_count_where_both_runs_know_them() -> None:
    firms = frame(MadeUp(firms=100))
    offered = firms.index[firms["arm"] == "training"]
    firms.loc[offered[:10], "profit_12"] = math.nan
    firms.loc[offered[10:15], "profit_12_without"] = math.nan
    row = exact_effects(firms, PLAN).iloc[0]
    assert (row["arm"], row["estimator"], row["month"]) == ("training", "exact", 12)
    assert row["estimate"] == pytest.approx(10.0)
    assert row["n"] == 35


def test_an_effect_that_halves_keeps_a_half() -> None:
    table = fade_out(exact_effects(frames(MadeUp(take_up=0.6, fades=0.5), 8), PLAN))
    row = table[(table["arm"] == "training") & (table["estimator"] == "exact")].iloc[0]
    assert (row["month"], row["first_month"], row["replications"]) == (24, 12, 8)
    assert row["kept"] == pytest.approx(0.5)
    assert row["low"] <= row["kept"] <= row["high"]
    # nothing happens to controls: nothing to fade
    assert math.isnan(table.loc[table["arm"] == "control", "kept"].iloc[0])


def test_means_over_replications_have_the_interval_of_a_mean() -> None:
    table = exact_effects(frames(MadeUp(take_up=0.5), 2), PLAN)
    values = [exact(table[table["replication"] == number]) for number in (0, 1)]
    row = over_replications(table).iloc[0]
    assert row["replications"] == 2
    assert row["estimate"] == pytest.approx(sum(values) / 2.0)
    assert row["high"] - row["estimate"] == pytest.approx(12.7062 * abs(values[0] - values[1]) / 2.0, rel=1e-4)


def test_coverage_counts_intervals_that_hold_the_exact_effect() -> None:
    cell = {"trial": "made up", "arm": "training", "outcome": "profit", "month": 12, "group": "all"}
    rows = [
        cell | {"replication": number, "estimator": "ancova", "estimate": 3.0, "low": low, "high": high}
        for number, (low, high) in enumerate([(1.0, 5.0), (2.0, 5.0), (2.5, 5.0), (1.5, 5.0), (1.0, 1.5), (1.0, 2.0)])
    ]
    rows += [
        cell | {"replication": number, "estimator": "exact", "estimate": 2.0, "low": math.nan, "high": math.nan}
        for number in range(6)
    ]
    found = coverage(pd.DataFrame(rows)).iloc[0]
    assert found["coverage"] == pytest.approx(4.0 / 6.0)
    assert (found["replications"], found["bias"], found["bias_percent"]) == (6, 1.0, 50.0)
