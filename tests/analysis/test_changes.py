"""Effects of the last year, levels, and paths."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ovopsim.analysis.changes import (
    SERIES,
    SHARES,
    effects_table,
    levels_table,
    paths_table,
    smoothing,
    trailing,
    units,
    with_shares,
)
from ovopsim.analysis.effects import paired_effect
from ovopsim.outcomes.monthly import OUTCOME, OUTCOMES
from ovopsim.study.worlds import ArmRuns


def test_an_effect_is_the_paired_change_of_the_last_twelve_months(small_arms: dict[str, ArmRuns]) -> None:
    table = effects_table(small_arms, "Nothing").set_index(["arm", "outcome"])
    means = {name: arm.monthly[:, 12:, OUTCOME.sales_idr].mean(axis=1) for name, arm in small_arms.items()}
    by_hand = paired_effect(means["Fairs"], means["Nothing"])
    row = table.loc[("Fairs", "sales_idr")]
    found = [row[name] for name in ("mean", "low", "high")]
    assert found == pytest.approx([by_hand.mean, by_hand.low, by_hand.high], rel=1e-9)
    assert row["relative"] == pytest.approx(by_hand.mean / means["Nothing"].mean(), rel=1e-9)
    assert row["unit"] == "IDR"


def test_absolute_and_relative_effects_are_clear_together(small_arms: dict[str, ArmRuns]) -> None:
    table = effects_table(small_arms, "Nothing")
    known = table[table["baseline_mean"] > 0.0]
    assert (np.sign(known["low"]) == np.sign(known["relative_low"])).all()
    assert (np.sign(known["high"]) == np.sign(known["relative_high"])).all()


def test_the_baseline_does_not_differ_from_itself(small_arms: dict[str, ArmRuns]) -> None:
    table = effects_table(small_arms, "Nothing")
    mine = table[table["arm"] == "Nothing"]
    assert set(mine["outcome"]) == set(SERIES)
    assert (mine[["mean", "low", "high", "clear"]] == 0.0).all(axis=None)


def test_shares_by_constraint_add_up_to_one(small_arms: dict[str, ArmRuns]) -> None:
    monthly = with_shares(small_arms["Nothing"].monthly)
    assert monthly.shape[2] == len(SERIES) == len(OUTCOMES) + len(SHARES)
    assert monthly[:, :, len(OUTCOMES) :].sum(axis=2) == pytest.approx(1.0)
    assert set(units()) == set(SERIES)


def test_a_cluster_without_firms_has_no_shares() -> None:
    assert (with_shares(np.zeros((1, 2, len(OUTCOMES))))[:, :, len(OUTCOMES) :] == 0.0).all()


def test_levels_are_means_of_the_first_and_the_last_year(small_arms: dict[str, ArmRuns]) -> None:
    table = levels_table(small_arms).set_index(["arm", "outcome", "year"])
    jobs = small_arms["Fairs"].monthly[:, :, OUTCOME.jobs]
    assert table.loc[("Fairs", "jobs", "first"), "mean"] == pytest.approx(jobs[:, :12].mean())
    assert table.loc[("Fairs", "jobs", "last"), "mean"] == pytest.approx(jobs[:, 12:].mean())
    assert (table["low"] <= table["high"]).all()


def test_a_trailing_mean() -> None:
    found = trailing(np.array([[1.0, 2.0, 3.0, 7.0]]), 3)
    assert found[0].tolist() == pytest.approx([np.nan, np.nan, 2.0, 4.0], nan_ok=True)
    assert trailing(np.array([[1.0, 2.0]]), 1).tolist() == [[1.0, 2.0]]
    assert (smoothing(24), smoothing(23), smoothing(1)) == (12, 1, 1)


def test_paths_end_where_effects_stand(small_arms: dict[str, ArmRuns]) -> None:
    paths = paths_table(small_arms, "Nothing")
    assert len(paths) == len(small_arms) * 24 * len(SERIES)
    last = paths[paths["step"] == 23].set_index(["arm", "outcome"])
    effects = effects_table(small_arms, "Nothing").set_index(["arm", "outcome"])
    for column, name in (("change", "mean"), ("change_low", "low"), ("change_high", "high")):
        assert last.loc[effects.index, column].to_numpy() == pytest.approx(effects[name].to_numpy(), rel=1e-6, abs=1e-6)
    assert (paths["low"] <= paths["high"]).all()
    assert f"{paths['month'].iloc[-1]:%Y-%m}" == "2017-12"


def test_one_replication_has_levels_and_no_interval(small_arms: dict[str, ArmRuns]) -> None:
    one = {name: dataclasses.replace(arm, monthly=arm.monthly[:1]) for name, arm in small_arms.items()}
    paths, effects = paths_table(one, "Nothing"), effects_table(one, "Nothing")
    assert paths["change_low"].isna().all()
    assert paths["mean"].notna().all()
    assert (effects["clear"] == 0).all()
    assert effects["replications_needed"].isna().all()
