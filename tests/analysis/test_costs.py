"""Public cost: what leaves the agency, what the state pays, discounted; and what one job costs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.appraisal import appraisal_records, discount_rate, discounted
from ovopsim.analysis.costs import summary_table
from ovopsim.analysis.delivery import delivery_table
from ovopsim.analysis.groups import groups_table
from ovopsim.errors import InputError
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.study.worlds import ArmRuns


@pytest.fixture(scope="module")
def summary(small_arms: dict[str, ArmRuns]) -> pd.DataFrame:
    levers, groups = delivery_table(small_arms), groups_table(small_arms, "Nothing")
    return summary_table(small_arms, "Nothing", levers, groups, 0.05).set_index("arm")


def test_later_money_counts_less() -> None:
    flow = np.zeros((1, 25))
    flow[0, [0, 12, 24]] = [100.0, 105.0, 110.25]
    assert discounted(flow, 0.05) == pytest.approx(300.0)
    assert discounted(flow, 0.0) == pytest.approx(315.25)


def test_the_rate_is_a_record_with_a_range() -> None:
    record = appraisal_records()["discount_rate"]
    assert discount_rate() == record.value == 0.05
    assert discount_rate(0.1) == 0.1
    assert record.unit == "per year"
    for wrong in (-0.01, 5.0, math.nan):
        with pytest.raises(InputError, match=r"discount_rate: is .*; it must lie in 0 to 0.3 \(per year\)"):
            discount_rate(wrong)


def test_public_cost_is_what_leaves_the_agency_and_what_the_state_pays(
    summary: pd.DataFrame, small_arms: dict[str, ArmRuns]
) -> None:
    arm, base = small_arms["Late mixture"].monthly, small_arms["Nothing"].monthly
    factors = 1.05 ** (-np.arange(24) / 12.0)

    def cost(*outcomes: int) -> float:
        flows = (arm - base)[:, :, list(outcomes)].sum(axis=2)
        return float((flows * factors).sum(axis=1).mean())

    row = summary.loc["Late mixture"]
    assert row["city_cost_idr"] == pytest.approx(cost(OUTCOME.spent_idr))
    assert row["national_cost_idr"] == pytest.approx(
        cost(OUTCOME.interest_subsidy_idr, OUTCOME.guarantee_loss_idr), abs=1e-3
    )
    assert row["public_cost_idr"] == pytest.approx(row["city_cost_idr"] + row["national_cost_idr"])
    assert 0.0 < row["city_cost_idr"] < row["spent_idr"]  # discounted


def test_money_for_funds_counts_in_full_and_what_is_left_is_shown(summary: pd.DataFrame) -> None:
    row = summary.loc["Funds"]
    assert row["city_cost_idr"] > 0.85 * row["spent_idr"]
    assert 0.5 * row["spent_idr"] < row["funds_left_idr"] <= row["spent_idr"]
    assert abs(summary.loc["Fairs", "funds_left_idr"]) < 0.01 * row["funds_left_idr"]


def test_job_years_are_the_jobs_of_all_months(summary: pd.DataFrame, small_arms: dict[str, ArmRuns]) -> None:
    difference = small_arms["Fairs"].monthly[:, :, OUTCOME.jobs] - small_arms["Nothing"].monthly[:, :, OUTCOME.jobs]
    assert summary.loc["Fairs", "job_years"] == pytest.approx(difference.sum(axis=1).mean() / 12.0)
    assert summary.loc["Fairs", "extra_jobs"] == pytest.approx(difference[:, 12:].mean())


def test_extra_jobs_are_those_of_served_firms_less_those_displaced(summary: pd.DataFrame) -> None:
    for name in ("Fairs", "Late mixture", "Trial"):
        row = summary.loc[name]
        assert row["jobs_served"] - row["jobs_displaced"] == pytest.approx(row["extra_jobs"], abs=1e-9)
    assert math.isnan(summary.loc["Funds", "jobs_served"])


def test_a_price_stands_only_where_the_gain_is_clear(summary: pd.DataFrame) -> None:
    for row in summary.drop(index="Nothing").to_dict("records"):
        clear = row["extra_jobs_low"] > 0.0
        assert clear == (row["cost_per_job_why"] == "")
        assert clear == math.isfinite(row["cost_per_job"])
        if clear:
            assert row["cost_per_job"] == pytest.approx(row["public_cost_idr"] / row["extra_jobs"])
            assert row["cost_per_job_low"] <= row["cost_per_job"] <= row["cost_per_job_high"]
    assert summary.loc["Nothing", "cost_per_job_why"] == "no_difference"


def test_reach_and_inequality_of_what_firms_received(summary: pd.DataFrame) -> None:
    assert 0.0 < summary.loc["Fairs", "gini_received"] < 1.0
    assert summary.loc["Fairs", "reached"] > 0.0
    assert math.isnan(summary.loc["Funds", "gini_received"])
    assert math.isnan(summary.loc["Nothing", "gini_received"])
