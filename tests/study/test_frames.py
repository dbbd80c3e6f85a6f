"""Runs as tidy tables: joined by `run_id`, each run once, sensible types."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.delivery import delivery_table
from ovopsim.fields import FIRM, FirmRows, fields_of
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.simulation.frames import COLUMNS_OF_FIRMS
from ovopsim.study.frames import RunTables, released_idr, run_tables
from ovopsim.study.plan import planned
from ovopsim.study.worlds import ArmRuns, run_arms
from tests.small import small, spending

DIGEST = "0" * 64


@pytest.fixture(scope="module")
def tables(small_arms: dict[str, ArmRuns]) -> RunTables:
    return run_tables(small_arms, 1, DIGEST)


def test_tables_are_joined_by_run_id(tables: RunTables) -> None:
    assert len(tables.runs) == tables.runs["run_id"].nunique() == 15
    assert tables.runs["run_id"].str.fullmatch("[0-9a-f]{64}").all()
    assert set(tables.monthly["run_id"]) == set(tables.firms["run_id"]) == set(tables.runs["run_id"])
    assert len(tables.monthly) == 15 * 24
    assert not tables.monthly.duplicated(["run_id", "step"]).any()
    assert not tables.firms.duplicated(["run_id", "step", "firm_id"]).any()


def test_monthly_holds_what_the_runs_gave(tables: RunTables, small_arms: dict[str, ArmRuns]) -> None:
    (row,) = tables.runs.query("scenario == 'Fairs' and replication == 2").to_dict("records")
    mine = tables.monthly[tables.monthly["run_id"] == row["run_id"]]
    assert np.array_equal(mine[list(OUTCOMES)].to_numpy(), small_arms["Fairs"].monthly[2])
    assert mine["step"].tolist() == list(range(24))
    assert (row["seed"], row["start"], row["months"], row["model_digest"]) == (1, "2016-01", 24, DIGEST)
    assert mine["delivered_exhibition"].sum() > 0.0


def test_firms_are_those_in_business_at_the_end_of_chosen_months(tables: RunTables) -> None:
    counts = tables.firms.groupby(["run_id", "step"]).size()
    assert set(counts.index.get_level_values("step")) == {11, 23}
    monthly = tables.monthly.set_index(["run_id", "step"])["firms"]
    assert (monthly.loc[counts.index] == counts).all()


def test_firms_have_sensible_types(tables: RunTables, small_arms: dict[str, ArmRuns]) -> None:
    kinds = tables.firms.dtypes
    assert kinds["firm_id"] == np.int64
    assert kinds["member"] == kinds["participates_export"] == np.bool_
    assert kinds["age"] == np.int32
    assert kinds["cash_idr"] == np.float32
    assert isinstance(kinds["sentra"], pd.CategoricalDtype)
    assert tables.firms["sentra"].isin(["kauman", "laweyan", "elsewhere"]).all()
    assert not any(name.endswith("_idr_idr") for name in tables.firms)
    first = tables.firms[tables.firms["run_id"] == tables.runs["run_id"].iloc[0]].query("step == 11")
    table = small_arms["Nothing"].tables[0][11]
    assert first["firm_id"].tolist() == table[FIRM.firm_id].tolist()
    assert first["sales_idr"].to_numpy() == pytest.approx(table[FIRM.sales], rel=1e-6)


def test_money_is_told_by_its_name(tables: RunTables) -> None:
    fields = fields_of(FirmRows)
    assert set(COLUMNS_OF_FIRMS) <= set(fields)
    for name in COLUMNS_OF_FIRMS:
        if fields[name][0].unit.startswith("IDR"):
            assert f"{name.removesuffix('_idr')}_idr" in tables.firms


def test_a_run_under_two_names_is_stored_once_and_named_twice(small_arms: dict[str, ArmRuns]) -> None:
    twice = {"Fairs": small_arms["Fairs"], "The same": small_arms["Fairs"]}
    tables = run_tables(twice, 1, DIGEST)
    assert tables.runs["scenario"].value_counts().to_dict() == {"Fairs": 3, "The same": 3}
    assert tables.runs["run_id"].nunique() == 3
    assert len(tables.monthly) == 3 * 24


def test_a_lever_that_only_one_scenario_has_was_not_delivered_in_the_other(small_arms: dict[str, ArmRuns]) -> None:
    record = {
        "role": 7,
        "about": "A visit.",
        "to": "firms",
        "unit_cost": 1e6,
        "capacity": 5,
        "effects": [{"coach": "coached"}],
    }
    record |= {"first_link": {"state": "coached", "direction": 1}, "aims_at": {"outcome": "jobs", "direction": 1}}
    own = run_arms(planned({"Own": small(levers={"visit": record}, months=3)}, replications=1, least=1))
    frame = run_tables({"Nothing": small_arms["Nothing"], **own}, 1, DIGEST).monthly
    assert (frame["delivered_visit"] == 0.0).all()


def test_no_months_kept_means_no_firms(small_arms: dict[str, ArmRuns]) -> None:
    bare = {name: dataclasses.replace(arm, tables=[{}, {}, {}]) for name, arm in small_arms.items()}
    firms = run_tables(bare, 1, DIGEST).firms
    assert len(firms) == 0
    assert "firm_id" in firms


def test_a_budget_is_what_the_treasury_releases_within_the_run(
    tables: RunTables, small_arms: dict[str, ArmRuns]
) -> None:
    found = tables.runs.drop_duplicates("scenario").set_index("scenario")["budget_idr"]
    expected = delivery_table(small_arms).groupby("arm")["budget_idr"].sum()
    for name in ("Fairs", "Late mixture", "Funds"):
        assert found[name] == pytest.approx(expected[name], rel=1e-12), name
    assert np.isnan(found[["Nothing", "Trial"]]).all()


def test_a_budget_ends_with_the_run_and_follows_the_calendar_of_the_treasury() -> None:
    fairs = spending({"exhibition": 1.0}, months=60)
    whole = small("Fairs", programme=fairs)
    assert released_idr(whole) == pytest.approx(2.0 * fairs["budget"])
    assert released_idr(whole.changed(months=12, start="2016-07")) == pytest.approx(fairs["budget"])
    first, second = (released_idr(whole.changed(months=6, start=start)) for start in ("2016-01", "2016-07"))
    assert first < second
    assert first + second == pytest.approx(fairs["budget"])
    even = {f"agency.absorption.{month}": 0.05 for month in ("october", "november", "december")}
    assert released_idr(whole.changed(months=6, parameters=even)) > first
