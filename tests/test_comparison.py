"""`compare` as its users know it."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest

import ovopsim as ov
from ovopsim.analysis.comparability import other_differences
from ovopsim.comparison import Comparison, compare
from ovopsim.errors import InputError
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.study.documents import to_json
from ovopsim.study.drawn import with_draw
from ovopsim.study.plan import planned
from tests.small import small, small_scenarios, spending

TABLES = ("effects", "levels", "summary", "levers", "roles", "groups", "paths", "runs", "monthly", "firms")


def test_tables_are_tidy_and_name_every_arm(small_comparison: Comparison) -> None:
    arms = list(small_scenarios())
    assert small_comparison.arms == arms
    assert small_comparison.baseline == "Nothing"
    assert small_comparison.to_frame() is small_comparison.effects
    for name in ("effects", "levels", "summary", "groups", "paths"):
        assert list(dict.fromkeys(getattr(small_comparison, name)["arm"])) == arms
    assert set(OUTCOMES) <= set(small_comparison.effects["outcome"])
    assert set(small_comparison.levers["arm"]) == set(small_comparison.roles["arm"]) == set(arms) - {"Nothing"}


def test_a_programme_differs_from_its_first_month_on(small_comparison: Comparison) -> None:
    found = small_comparison.first_divergence
    assert found["Nothing"] is None
    assert found["Late mixture"] is not None
    assert 6 <= found["Late mixture"] < 9  # it places its first money in July or soon after
    assert found["Trial"] == 3


def test_money_reaches_who_it_should(small_comparison: Comparison) -> None:
    summary = small_comparison.summary.set_index("arm")
    assert summary.loc["Nothing", "spent_idr"] == 0.0
    assert not summary.loc["Nothing", "under_spent"]
    assert (summary["spent_idr"] <= summary["budget_idr"] * (1 + 1e-9)).all()
    spent = small_comparison.levers.groupby("arm")["spent_idr"].sum()
    by_month = small_comparison.monthly.merge(small_comparison.runs[["run_id", "scenario"]], on="run_id")
    for name, amount in spent.items():
        total = by_month.loc[by_month["scenario"] == name, "spent_idr"].sum() / 3
        assert amount == pytest.approx(total, rel=1e-9)
        assert summary.loc[name, "spent_idr"] == pytest.approx(amount)


def test_threads_change_no_bit(small_comparison: Comparison) -> None:
    alone = compare(small_scenarios(), replications=3, n_jobs=1, progress=False, keep_months=[11, 23])
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(alone, name), getattr(small_comparison, name), check_exact=True)
    assert alone.to_dict() == small_comparison.to_dict()


def test_more_replications_begin_with_the_same_worlds(small_comparison: Comparison) -> None:
    fewer = compare({"Nothing": small()}, replications=2, progress=False)
    ids = set(fewer.runs["run_id"])
    mine = small_comparison.monthly[small_comparison.monthly["run_id"].isin(ids)].reset_index(drop=True)
    assert len(ids) == 2
    pd.testing.assert_frame_equal(fewer.monthly, mine, check_exact=True)


def test_another_seed_is_another_world(small_comparison: Comparison) -> None:
    other = compare({"Nothing": small()}, replications=2, seed=2, progress=False)
    assert not set(other.runs["run_id"]) & set(small_comparison.runs["run_id"])
    assert not np.array_equal(other.monthly["sales_idr"][:24], small_comparison.monthly["sales_idr"][:24])


def test_any_arm_can_be_the_baseline(small_comparison: Comparison) -> None:
    pair = {name: small_scenarios()[name] for name in ("Nothing", "Fairs")}
    turned = compare(pair, baseline="Fairs", replications=3, progress=False)
    assert turned.baseline == "Fairs"
    one = turned.effects.set_index(["arm", "outcome"]).loc["Nothing", "mean"]
    other = small_comparison.effects.set_index(["arm", "outcome"]).loc["Fairs", "mean"]
    assert one.to_numpy() == pytest.approx(-other.to_numpy(), rel=1e-9, abs=1e-9)


def test_the_same_scenario_under_two_names_does_not_differ() -> None:
    found = compare({"a": small(months=3), "b": small(months=3)}, replications=2, progress=False)
    assert found.first_divergence == {"a": None, "b": None}
    assert (found.effects["mean"] == 0.0).all()
    assert found.summary["cost_per_job_why"].tolist() == ["no_difference", "no_difference"]
    assert found.runs["run_id"].nunique() == 2
    assert len(found.runs) == 4


def test_a_short_run_is_summed_up_over_what_it_has() -> None:
    licences = small(months=1, programme=spending({"licensing": 1.0}))
    found = compare({"a": small(months=1), "b": licences}, replications=2, progress=False)
    assert len(found.paths) == 2 * found.paths["outcome"].nunique()
    assert np.isfinite(found.effects["mean"]).all()


def test_the_document_is_strict_json_with_what_others_rely_on(small_comparison: Comparison) -> None:
    document = json.loads(to_json(small_comparison.to_dict()), parse_constant=pytest.fail)
    assert set(document) == {"arms", "findings", "run"}
    assert {"kind", "arm", "outcome", "group", "member", "mean", "relative"} == set(document["findings"][0])
    for arm in document["arms"]:
        assert {"name", "spent_idr", "effects", "first_divergence", "groups", "roles", "levers", "notes"} <= set(arm)
        for effect in arm["effects"]:
            assert {"outcome", "mean", "low", "high", "replications_needed"} <= set(effect)
            assert effect["replications_needed"] is None or isinstance(effect["replications_needed"], int)
    assert [arm["name"] for arm in document["arms"]] == small_comparison.arms
    assert document["arms"][0]["first_divergence"] is None
    assert document["arms"][0]["cost_per_job"] is None
    assert document["run"]["baseline"] == "Nothing"
    assert set(document["run"]["scenarios"]) == set(small_comparison.arms)


def test_a_user_name_may_be_anything() -> None:
    found = compare({"jobs": small(months=2), "…": small(months=2)}, replications=2, progress=False)
    assert found.arms == ["jobs", "…"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scenarios": {}}, "give at least one scenario"),
        ({"replications": 1}, "replications: is 1; an interval needs at least 2"),
        ({"seed": -3}, "seed: is -3"),
        ({"n_jobs": 0}, "n_jobs: is 0"),
        ({"baseline": "Fair"}, r"'Fair' is none of the scenarios \(Nothing, Fairs\); did you mean 'Fairs'"),
        ({"keep_months": [24]}, "keep_months: 24 is no month of a run; they go from 0 to 23"),
        ({"scenarios": {"a": small(), "b": small(months=12)}}, "months differs: 'a' 24, 'b' 12"),
        ({"scenarios": {"a": small(), "b": small(start="2017-01")}}, "start differs: 'a' 2016-01, 'b' 2017-01"),
        (
            {"scenarios": {"a": small(), "b": small(population={"synthetic": "surakarta", "firms": 70})}},
            r"population differs: 'a' surakarta \(60 firms\), 'b' surakarta \(70 firms\)",
        ),
        ({"discount_rate": 5.0}, r"discount_rate: is 5; it must lie in 0 to 0.3 \(per year\)"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_it_runs(
    arguments: dict[str, object], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ovopsim.comparison.run_arms", lambda *_: pytest.fail("it ran"))
    given = {"scenarios": {"Nothing": small(), "Fairs": small("Fairs")}, "progress": False} | arguments
    with pytest.raises(InputError, match=message):
        compare(**given)  # type: ignore[arg-type]


def test_what_differs_beside_the_programme_is_said_and_has_no_price() -> None:
    fairs = spending({"exhibition": 1.0})
    arms = {
        "Nothing": small(months=3),
        "Fairs": small(months=3, programme=fairs),
        "Fairs in dear times": small(
            months=3, programme=fairs, shocks=[{"name": "cotton", "start": 1}], parameters={"planning.cover": 2}
        ),
    }
    found = compare(arms, replications=2, progress=False)
    assert found.summary["differs_in"].tolist() == ["", "", "shocks (cotton), parameters (planning.cover)"]
    assert found.summary["cost_per_job_why"].iloc[2] == found.summary["cost_per_value_added_why"].iloc[2] == "differs"
    document = found.to_dict()["arms"]
    assert "Fairs in dear times’ differs from the baseline in shocks (cotton), " in document[2]["notes"][0]
    assert not [note for arm in document[:2] for note in arm["notes"] if note.startswith("!")]


def test_only_what_is_not_the_programme_counts_as_another_difference() -> None:
    fairs = spending({"exhibition": 1.0})
    cheap = {"exhibition": {"unit_cost": 8_000_000}}
    plain, cheaper = small(programme=fairs), small(programme=fairs, levers=cheap)
    assert other_differences(cheaper, small()) == ""  # what a lever costs is part of the programme that uses it
    assert other_differences(cheaper, plain) == "levers (exhibition)"
    assert other_differences(small(size_law="pp_2021"), small()) == "size_law (pp_2021, uu_20_2008)"
    shocks = [{"name": "cotton", "start": 3}, {"name": "pandemic", "start": 4}]
    assert other_differences(small(shocks=shocks), small(shocks=shocks[::-1])) == ""
    assert other_differences(small(parameters={"planning.cover": 1.5}), small()) == ""  # the shipped value


def test_the_discount_rate_moves_costs_and_nothing_else() -> None:
    pair = {name: small_scenarios()[name] for name in ("Nothing", "Fairs")}
    usual, other = (compare(pair, replications=2, progress=False, discount_rate=rate) for rate in (None, 0.2))
    assert (usual.run["discount_rate"], other.run["discount_rate"]) == (0.05, 0.2)
    costs = [found.summary.set_index("arm").loc["Fairs", "public_cost_idr"] for found in (usual, other)]
    assert costs[1] < costs[0]
    pd.testing.assert_frame_equal(usual.effects, other.effects)
    assert usual.runs["run_id"].tolist() == other.runs["run_id"].tolist()


def test_the_full_comparison_is_the_seven_roles() -> None:
    arms = ov.presets()
    assert len(arms) == 9
    assert next(iter(arms)) == "No programme"
    found = compare({name: arm.changed(months=2) for name, arm in arms.items()}, replications=2, progress=False)
    budgets = found.summary.set_index("arm")["budget_idr"]
    assert budgets["No programme"] == 0.0
    assert budgets.iloc[1:].to_numpy() == pytest.approx(budgets.iloc[1])
    assert sorted(found.roles.loc[found.roles["arm"] == "All seven roles", "role"]) == [1, 2, 3, 4, 5, 6, 7]


def test_an_outcome_without_baseline_has_no_relative_effect(small_comparison: Comparison) -> None:
    row = small_comparison.effects.set_index(["arm", "outcome"]).loc[("Fairs", "spent_idr")]
    assert math.isnan(row["relative"])
    assert row["mean"] > 0.0
    assert row["replications_needed"] is pd.NA


def test_results_do_not_change(small_comparison: Comparison) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        small_comparison.effects = pd.DataFrame()  # type: ignore[misc]


DRAWS = pd.DataFrame({"learning.access_fade": [0.02, 0.06], "levers.exhibition.effects.2.by": [0.1, 0.7]})


def test_each_world_has_another_draw_of_a_posterior_and_all_arms_have_the_same() -> None:
    arms = {name: small_scenarios()[name] for name in ("Nothing", "Fairs")}
    found = compare(arms, replications=2, progress=False, posterior=DRAWS)
    drawn = planned(arms, replications=2, posterior=DRAWS).draws
    assert sorted(draw["learning.access_fade"] for draw in drawn) == [0.02, 0.06]
    for world, draw in enumerate(drawn):
        alone = {name: with_draw(scenario, draw) for name, scenario in arms.items()}
        plain = compare(alone, replications=2, progress=False)
        for name in arms:
            mine, theirs = (table.monthly_of(name, world) for table in (Worlds(found), Worlds(plain)))
            pd.testing.assert_frame_equal(mine, theirs)
    assert found.run["posterior_draws"] == 2
    assert found.run["model_digest"] != plain.run["model_digest"], "runs of another draw are other runs"
    assert "another draw" in str(found)
    assert "another draw" not in str(plain)


def test_what_a_scenario_sets_is_not_drawn() -> None:
    arms = {name: small(name, parameters={"learning.access_fade": 0.04}) for name in ("one", "other")}
    found = planned(arms, replications=2, posterior=DRAWS)
    assert {found.at("one", world).parameters["learning.access_fade"] for world in (0, 1)} == {0.04}


class Worlds:
    """Monthly results of a comparison by arm and world."""

    def __init__(self, found: Comparison) -> None:
        runs, self.monthly = found.tables.runs, found.tables.monthly
        self.ids = runs.set_index(["scenario", "replication"])["run_id"]

    def monthly_of(self, name: str, world: int) -> pd.DataFrame:
        mine = self.monthly[self.monthly["run_id"] == self.ids[name, world]]
        return mine.drop(columns="run_id").reset_index(drop=True)
