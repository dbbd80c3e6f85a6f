"""Stored sweeps as tables: means of the last year, intervals, paired effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.effects import mean_effect
from ovopsim.analysis.partners import common_worlds
from ovopsim.analysis.swept import differences, from_base, paired, settings_of, summary
from ovopsim.errors import InputError


def made_up(effect: float = 3.0, worlds: int = 5) -> pd.DataFrame:
    """Return results in which role 1 adds `effect` in every world, whatever the budget, and worlds differ by much."""
    luck = np.random.default_rng(1).normal(0.0, 100.0, worlds)
    rows = [
        {
            "scenario": f"role {role}, budget {budget}",
            "base_digest": "abc",
            "scenario_digest": f"{role} {budget}",
            "seed": 1,
            "replication": world,
            "roles.1": float(role),
            "programme.budget": budget,
            "jobs": luck[world] + budget + effect * role,
        }
        for role in (0, 1)
        for budget in (10.0, 20.0)
        for world in range(worlds)
    ]
    return pd.DataFrame(rows)


SETTINGS = ["roles.1", "programme.budget"]


def test_a_constant_effect_has_no_spread_over_pairs() -> None:
    found = paired(made_up(), SETTINGS, {"roles.1": 0}, ["jobs"])
    treated = found[found["roles.1"] == 1.0]
    np.testing.assert_allclose(treated[["mean", "low", "high"]], 3.0)
    np.testing.assert_array_equal(found[found["roles.1"] == 0.0]["mean"], 0.0)
    assert set(found["replications"]) == {5}


def test_relative_effects_are_over_the_partners_mean() -> None:
    results = made_up()
    found = paired(results, SETTINGS, {"roles.1": 0}, ["jobs"])
    row = found[(found["roles.1"] == 1.0) & (found["programme.budget"] == 20.0)].iloc[0]
    base = results[(results["roles.1"] == 0.0) & (results["programme.budget"] == 20.0)]["jobs"].mean()
    assert row["relative"] == pytest.approx(3.0 / base)
    assert row["relative_low"] == pytest.approx(3.0 / base)


def test_a_point_without_a_partner_is_left_out() -> None:
    results = made_up()
    some = results[~((results["roles.1"] == 0.0) & (results["programme.budget"] == 10.0))]
    found = paired(some, SETTINGS, {"roles.1": 0}, ["jobs"])
    assert set(found["programme.budget"]) == {20.0}


def test_the_summary_has_the_interval_of_students_t() -> None:
    results = made_up()
    found = summary(results, SETTINGS, ["jobs"])
    assert len(found) == 4
    row = found.iloc[0]
    values = results[results["scenario"] == row["scenario"]]["jobs"].to_numpy()
    expected = mean_effect(values)
    assert (row["mean"], row["low"], row["high"]) == (expected.mean, expected.low, expected.high)
    assert row["standard_error"] == pytest.approx(values.std(ddof=1) / np.sqrt(5))


@pytest.mark.parametrize(
    ("against", "message"), [({"roles.2": 0}, "'roles.2' is not varied"), ({"roles.1": 7}, "no run of this store")]
)
def test_partners_that_do_not_exist_are_refused(against: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        paired(made_up(), SETTINGS, against, ["jobs"])


def test_what_a_design_varied_is_what_a_run_is_not() -> None:
    assert settings_of(pd.DataFrame(columns=["run_id", "seed", "status", "planning.cover"])) == ["planning.cover"]


def test_differences_of_differences_say_whether_one_setting_changes_the_effect_of_another() -> None:
    rows = [
        {
            "scenario": f"{budget} {shock}",
            "base_digest": "",
            "seed": 1,
            "replication": world,
            "budget": budget,
            "shock": shock,
        }
        | {"jobs": 100.0 * world + 10.0 * budget - 20.0 * shock + 3.0 * budget * shock}
        for world in range(3)
        for budget in (0, 1)
        for shock in (0, 1)
    ]
    settings = ["budget", "shock"]
    first = differences(pd.DataFrame(rows), settings, {"budget": 0}, ["jobs"])
    second = paired(first, settings, {"shock": 0}, ["jobs"])
    assert second.set_index("scenario")["mean"].to_dict() == {"0 0": 0.0, "0 1": 0.0, "1 0": 0.0, "1 1": 3.0}
    assert second.set_index("scenario")["low"]["1 1"] == 3.0


class TestFromBase:
    def test_the_base_point_is_the_one_that_leaves_the_scenario_as_it_is(self) -> None:
        results = made_up()
        results["scenario_digest"] = results["scenario_digest"].replace("1 10.0", "abc")
        found = from_base(results, SETTINGS, ["jobs"])
        assert set(found["base_point"]) == {"role 1, budget 10.0"}
        assert found.set_index("scenario")["mean"].to_dict() == pytest.approx(
            {"role 0, budget 10.0": -3.0, "role 0, budget 20.0": 7.0, "role 1, budget 20.0": 10.0}
        )
        np.testing.assert_allclose(found["high"] - found["low"], 0.0, atol=1e-9)  # pairs share their luck
        assert found["clear"].tolist() == [-1, 1, 1]

    def test_without_one_it_is_the_first_of_the_points(self) -> None:
        results = made_up()
        found = from_base(results, SETTINGS, ["jobs"])
        assert set(found["base_point"]) == {summary(results, SETTINGS, ["jobs"])["scenario"].iloc[0]}
        assert "role 0, budget 10.0" not in set(found["scenario"])
        mean = results[results["scenario"] == "role 0, budget 10.0"]["jobs"].mean()
        assert found["relative"].tolist() == pytest.approx([step / mean for step in (10.0, 3.0, 13.0)])

    def test_pairs_are_of_worlds_that_both_have(self) -> None:
        results = made_up()
        base = results["scenario"] == "role 0, budget 10.0"
        found = from_base(results[~base | (results["replication"] < 3)], SETTINGS, ["jobs"])
        assert set(found["replications"]) == {3}
        np.testing.assert_allclose(found["mean"], [10.0, 3.0, 13.0])

    def test_what_says_the_same_as_the_base_point_is_its_run_under_any_name(self) -> None:
        results = made_up()
        alias = (results["scenario"] == "role 0, budget 10.0") & (results["replication"] >= 3)
        results.loc[alias, "scenario"] = "same again"
        found = from_base(results, SETTINGS, ["jobs"]).set_index("scenario")
        assert found.loc["role 1, budget 20.0", "replications"] == 5
        assert found.loc["same again", "mean"] == 0.0

    def test_designs_have_base_points_of_their_own_and_other_scenarios_none(self) -> None:
        other = made_up(effect=5.0).assign(base_digest="def")
        found = from_base(pd.concat([made_up(), other], ignore_index=True), SETTINGS, ["jobs"])
        assert found.groupby("base_digest")["mean"].max().to_dict() == pytest.approx({"abc": 13.0, "def": 15.0})
        assert from_base(made_up().assign(base_digest=""), SETTINGS, ["jobs"]).empty


def test_the_summary_says_which_points_lack_worlds_of_the_others() -> None:
    results = made_up()
    short = results["scenario"] == "role 1, budget 20.0"
    some = results[~short | (results["replication"] != 2)]
    other = made_up(worlds=2).assign(base_digest="def")
    found = summary(pd.concat([some, other], ignore_index=True), SETTINGS, ["jobs"])
    mine = found[found["base_digest"] == "abc"].set_index("scenario")
    assert mine["replications"].to_dict() == {name: 4 if name == "role 1, budget 20.0" else 5 for name in mine.index}
    assert mine[~mine["all_worlds"]].index.tolist() == ["role 1, budget 20.0"]
    assert found[found["base_digest"] == "def"]["all_worlds"].all()  # what another design has is no matter


def test_two_scenarios_of_one_name_are_not_one_point() -> None:
    edited = made_up(effect=50.0)
    edited["scenario_digest"] += " edited"
    found = summary(pd.concat([made_up(), edited], ignore_index=True), SETTINGS, ["jobs"])
    assert found["replications"].tolist() == [5] * 8


def test_the_summary_has_the_share_of_the_budget_that_was_spent() -> None:
    results = made_up()
    results["spent_share"] = np.where(results["roles.1"] == 0.0, np.nan, 0.2 * results["replication"])
    found = summary(results, SETTINGS, ["jobs"]).set_index("roles.1")["spent_share"]
    assert found[0.0].isna().all()
    assert found[1.0].tolist() == pytest.approx([0.4, 0.4])


def table_of_runs(results: pd.DataFrame, *failed: tuple[str, int]) -> pd.DataFrame:
    """Return the table of runs of made-up results, and which of them ended well; some runs (scenario, world) failed."""
    runs = results.assign(status="done", run_id=[str(number) for number in range(len(results))])
    for scenario, world in failed:
        runs.loc[(runs["scenario"] == scenario) & (runs["replication"] == world), "status"] = "failed"
    return runs


class TestFailedRuns:
    """Whether a run fails depends on what happens in it."""

    def test_the_summary_counts_them(self) -> None:
        runs = table_of_runs(made_up(), ("role 1, budget 20.0", 0), ("role 1, budget 20.0", 3))
        found = summary(runs[runs["status"] == "done"], SETTINGS, ["jobs"], runs).set_index("scenario")
        assert found["failed"].to_dict() == {name: 2 * (name == "role 1, budget 20.0") for name in found.index}
        assert found.loc["role 1, budget 20.0", "replications"] == 3

    def test_points_are_compared_over_worlds_in_which_none_failed(self) -> None:
        runs = table_of_runs(made_up(), ("role 1, budget 20.0", 0))
        done = runs[runs["status"] == "done"]
        found = paired(common_worlds(done, runs), SETTINGS, {"roles.1": 0}, ["jobs"])
        assert set(found["replications"]) == {4}
        other = runs.assign(base_digest="def", status="done")
        both = common_worlds(pd.concat([done, other]), pd.concat([runs, other]))
        assert both[both["base_digest"] == "def"]["replication"].nunique() == 5  # another design keeps its worlds

    def test_a_point_that_always_fails_takes_no_world_from_the_others(self) -> None:
        runs = table_of_runs(made_up(), *(("role 1, budget 20.0", world) for world in range(5)))
        done = runs[runs["status"] == "done"]
        assert common_worlds(done, runs)["replication"].nunique() == 5

    def test_where_no_world_would_be_left_points_keep_what_they_have(self) -> None:
        names = made_up()["scenario"].unique()
        runs = table_of_runs(made_up(), *((names[world % 4], world) for world in range(5)))
        done = runs[runs["status"] == "done"]
        pd.testing.assert_frame_equal(common_worlds(done, runs), done)


def test_a_point_that_is_two_scenarios_is_no_partner() -> None:
    edited = made_up(effect=50.0)
    edited["scenario_digest"] += " edited"
    with pytest.raises(InputError, match="stands for two scenarios in this store: a file that it names was changed"):
        differences(pd.concat([made_up(), edited], ignore_index=True), SETTINGS, {"roles.1": 0}, ["jobs"])


def test_scenarios_of_comparisons_that_no_design_varies_are_no_doubles() -> None:
    compared = made_up().assign(base_digest="", **dict.fromkeys(SETTINGS, np.nan))
    found = differences(pd.concat([made_up(), compared], ignore_index=True), SETTINGS, {"roles.1": 0}, ["jobs"])
    assert len(found) == 20


def test_a_relative_effect_knows_that_level_and_difference_move_together() -> None:
    results = made_up()
    results["jobs"] = results["jobs"] - results["jobs"].min() + 100.0
    partner = results["roles.1"] == 0.0
    results.loc[~partner, "jobs"] = 1.1 * results.loc[partner, "jobs"].to_numpy()
    found = paired(results, SETTINGS, {"roles.1": 0}, ["jobs"])
    ends = found[found["roles.1"] == 1.0][["relative", "relative_low", "relative_high"]]
    np.testing.assert_allclose(ends, 0.1)
