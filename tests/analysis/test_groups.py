"""Who gains: closures count as zero, entrants stand apart, and groups add up to the cluster."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ovopsim.analysis.changes import effects_table
from ovopsim.analysis.groups import GROUPS, gini, group_sizes, group_totals, groups_table, members_of, thirds_of
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.study.firms import OUTCOMES_OF_FIRMS, FirmHistory, FirmsAtStart
from ovopsim.study.worlds import ArmRuns

NOBODY = np.zeros(0, dtype=np.int64)


def listed(ids: list[int], **codes: list[int]) -> FirmsAtStart:
    zeros = [0] * len(ids)
    return FirmsAtStart(
        np.array(ids),
        np.array(codes.get("sentra", zeros)),
        np.array(codes.get("size_class", zeros)),
        np.array(codes.get("technique", zeros)),
        np.array(codes.get("profit", list(range(len(ids)))), dtype=float),
    )


def history(start: FirmsAtStart, sales: dict[int, float]) -> FirmHistory:
    ids = np.array(sorted(sales))
    last_year = np.tile([sales[each] for each in sorted(sales)], (len(OUTCOMES_OF_FIRMS), 1))
    return FirmHistory({0: start}, ids, last_year, ids, np.zeros(len(ids)), NOBODY)


def totals(firms: FirmHistory, served: list[int] | None = None) -> dict[tuple[str, str], float]:
    found = group_totals(firms, 0, np.array(served or [], dtype=np.int64))
    return dict(zip(GROUPS, found[:, 0].tolist(), strict=True))


def test_a_firm_that_closed_counts_as_zero_and_an_entrant_stands_apart() -> None:
    start = listed([1, 2, 3], sentra=[0, 1, 1])
    found = totals(history(start, {1: 10.0, 3: 30.0, 99: 500.0}))  # firm 2 has closed, firm 99 came later
    assert found["sentra", "kauman"] == 10.0
    assert found["sentra", "laweyan"] == 30.0
    assert found["all", "incumbents"] == 40.0
    assert found["all", "entrants"] == 500.0


def test_those_that_the_programme_served_are_the_same_firms_in_both_runs() -> None:
    start = listed([1, 2, 3])
    found = totals(history(start, {1: 10.0, 2: 20.0, 3: 30.0}), served=[2, 99])
    assert (found["reach", "served"], found["reach", "not_served"]) == (20.0, 40.0)


def test_groups_have_as_many_firms_as_were_there_at_the_start() -> None:
    start = listed([1, 2, 3], size_class=[0, 0, 1])
    sizes = dict(zip(GROUPS, group_sizes(history(start, {1: 1.0, 99: 1.0}), 0, NOBODY), strict=True))
    assert (sizes["size", "micro"], sizes["size", "small"], sizes["size", "medium"]) == (2.0, 1.0, 0.0)
    assert (sizes["all", "incumbents"], sizes["all", "entrants"]) == (3.0, 1.0)


def test_thirds_by_profit() -> None:
    assert thirds_of(np.array([5.0, 1.0, 9.0, 2.0, 7.0, 4.0])).tolist() == [1, 0, 2, 0, 2, 1]
    assert thirds_of(np.zeros(0)).tolist() == []


def test_every_kind_of_group_splits_all_incumbents() -> None:
    start = listed([4, 5, 6, 7], sentra=[0, 1, 2, 2], size_class=[0, 1, 2, 0], technique=[2, 1, 0, 0])
    members = members_of(start)
    for kind in ("sentra", "size", "technique", "profit"):
        assert sorted(np.concatenate([ids for key, ids in members.items() if key[0] == kind])) == [4, 5, 6, 7]


@pytest.mark.parametrize("kind", ["all", "reach"])
def test_groups_of_the_whole_cluster_add_up_to_its_outcomes(small_arms: dict[str, ArmRuns], kind: str) -> None:
    groups = groups_table(small_arms, "Nothing")
    effects = effects_table(small_arms, "Nothing").set_index(["arm", "outcome"])
    mine = groups[groups["group"] == kind].groupby(["arm", "outcome"])[["mean", "baseline_mean"]].sum()
    assert len(mine) == (20 if kind == "all" else 12)  # three of five arms serve firms directly
    for key, row in mine.iterrows():
        assert row["mean"] == pytest.approx(effects.loc[key, "mean"], rel=1e-9, abs=1e-6)
        assert row["baseline_mean"] == pytest.approx(effects.loc[key, "baseline_mean"], rel=1e-9)


@pytest.mark.parametrize("kind", ["sentra", "size", "technique", "profit"])
def test_other_groups_add_up_to_the_incumbents(small_arms: dict[str, ArmRuns], kind: str) -> None:
    groups = groups_table(small_arms, "Nothing")
    incumbents = groups[groups["member"] == "incumbents"].set_index(["arm", "outcome"])
    mine = groups[groups["group"] == kind].groupby(["arm", "outcome"])[["mean", "firms"]].sum()
    for key, row in mine.iterrows():
        assert row["mean"] == pytest.approx(incumbents.loc[key, "mean"], rel=1e-9, abs=1e-6)
        assert row["firms"] == pytest.approx(incumbents.loc[key, "firms"])


def test_incumbents_are_those_in_business_when_the_programme_starts(small_arms: dict[str, ArmRuns]) -> None:
    groups = groups_table(small_arms, "Nothing").set_index(["arm", "member", "outcome"])
    late = small_arms["Late mixture"]
    eve = late.monthly[:, 5, OUTCOME.firms].mean()
    assert groups.loc[("Late mixture", "incumbents", "jobs"), "firms"] == eve
    assert groups.loc[("Fairs", "incumbents", "jobs"), "firms"] != eve


def test_an_arm_that_serves_nobody_directly_has_no_groups_by_reach(small_arms: dict[str, ArmRuns]) -> None:
    groups = groups_table(small_arms, "Nothing")
    assert set(groups.loc[groups["group"] == "reach", "arm"]) == {"Fairs", "Late mixture", "Trial"}


@given(arrays.arrays(float, st.integers(1, 20), elements=st.floats(0.0, 1e6)))
def test_the_gini_coefficient_is_half_the_mean_difference_over_the_mean(values: np.ndarray) -> None:
    if values.sum() <= 1e-3:
        return
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(values) == pytest.approx(differences / (2.0 * values.mean()), abs=1e-9)


def test_nobody_has_anything() -> None:
    assert math.isnan(gini(np.zeros(5)))
