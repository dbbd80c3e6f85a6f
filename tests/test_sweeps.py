"""Stores as tables: pandas, Excel and DuckDB read the same numbers."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import ovopsim as ov
from ovopsim import sweeps
from ovopsim.analysis.swept import POINT_OUTCOMES
from ovopsim.errors import InputError
from ovopsim.study import parts
from tests.small import small, spending

pytestmark = pytest.mark.usefixtures("warm_core")

BASE = small("Base", programme=spending({"exhibition": 1.0}))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> ov.Store:
    design = ov.Design.grid({"programme.budget": [0.0, 3e8]})
    return ov.sweep(design, tmp_path_factory.mktemp("sweep") / "store", BASE, replications=3, progress=False)


def test_results_are_those_of_simulate(stored: ov.Store) -> None:
    alone = ov.simulate(BASE.changed(programme=spending({"exhibition": 1.0}, budget=3e8)), replications=3)
    rows = stored.by_run().set_index("replication")
    rich = rows[rows["programme.budget"] == 3e8]
    last = alone.monthly[alone.monthly["step"] >= 12].groupby("replication")[["sales_idr", "jobs"]].mean()
    np.testing.assert_allclose(rich[["sales_idr", "jobs"]], last, rtol=1e-14)
    flows = alone.monthly[["spent_idr", "interest_subsidy_idr", "guarantee_loss_idr"]].sum(axis=1)
    cost = (flows * 1.05 ** (-alone.monthly["step"] / 12.0)).groupby(alone.monthly["replication"]).sum()
    np.testing.assert_allclose(rich["public_cost_idr"], cost, rtol=1e-12)


def test_effects_are_those_of_compare(stored: ov.Store) -> None:
    arms = {"none": BASE.changed(programme=spending({"exhibition": 1.0}, budget=0.0)), "fairs": BASE}
    expected = ov.compare(arms, replications=3, progress=False).effects
    expected = expected[(expected["arm"] == "fairs") & (expected["outcome"] == "sales_idr")].iloc[0]
    found = stored.effects({"programme.budget": 0}, ["sales_idr"])
    found = found[found["programme.budget"] == 3e8].iloc[0]
    for name in ("mean", "low", "high", "relative", "relative_low", "relative_high"):
        assert found[name] == pytest.approx(expected[name], rel=1e-12), name


def test_duckdb_reads_the_store_as_it_is(stored: ov.Store) -> None:
    query = f"""
        SELECT r."programme.budget" AS budget, avg(m.jobs) AS jobs
        FROM read_parquet('{stored.path.as_posix()}/runs.parquet/*.parquet') r
        JOIN read_parquet('{stored.path.as_posix()}/monthly.parquet/*.parquet') m USING (run_id)
        WHERE m.step >= 12 GROUP BY 1 ORDER BY 1
    """  # noqa: S608 - the path is ours
    rows = duckdb.sql(query).fetchall()
    expected = stored.by_run(["jobs"]).groupby("programme.budget")["jobs"].mean()
    np.testing.assert_allclose([jobs for _, jobs in rows], expected)


def test_a_workbook_has_points_differences_and_runs(stored: ov.Store, tmp_path: Path) -> None:
    path = stored.to_excel(tmp_path / "sweep.xlsx")
    sheets = ("points", "differences", "runs", "about")
    points, differences, runs, about = (pd.read_excel(path, sheet_name=name) for name in sheets)
    assert len(points) == 2 * len(POINT_OUTCOMES)
    assert len(runs) == 6
    assert about.columns.tolist() == ["money", "rupiah of 2016"]
    assert set(about["money"]) >= {"spent_share", "replications, all_worlds", "differences"}
    indonesian = pd.read_excel(stored.to_excel(tmp_path / "uji.xlsx", "id"), sheet_name=None)
    assert indonesian["keterangan"].columns.tolist() == ["uang", "rupiah tahun 2016"]
    pd.testing.assert_frame_equal(indonesian["selisih"], differences)
    # the base is the point with 300 million: what the other one lacks, as compare has it
    assert set(differences["base_point"]) == {"budget 300 million"}
    assert differences["outcome"].tolist() == list(POINT_OUTCOMES)
    expected = stored.effects({"programme.budget": 3e8})
    expected = expected[expected["programme.budget"] == 0.0]
    for name in ("mean", "low", "high", "relative", "replications"):
        np.testing.assert_allclose(differences[name], expected[name].astype(float), err_msg=name)
    assert differences["clear"].tolist() == [clear != 0 for clear in expected["clear"]]
    assert "clear" in set(about["money"])
    assert points["programme.budget"].is_monotonic_increasing
    assert runs[["programme.budget", "replication"]].to_numpy().tolist() == [[b, r] for b in (0, 3e8) for r in range(3)]


def test_differences_in_a_workbook_may_be_from_other_partners(stored: ov.Store, tmp_path: Path) -> None:
    path = stored.to_excel(tmp_path / "sweep.xlsx", against={"programme.budget": 0})
    found = pd.read_excel(path, sheet_name="differences")
    pd.testing.assert_frame_equal(found[["mean", "low"]], stored.effects({"programme.budget": 0})[["mean", "low"]])


def test_the_share_of_the_budget_that_was_spent_is_that_of_compare(stored: ov.Store) -> None:
    expected = ov.compare({"none": small(), "fairs": BASE}, replications=3, progress=False).summary
    found = stored.summary(["jobs"]).set_index("programme.budget")["spent_share"]
    assert found[3e8] == pytest.approx(expected.set_index("arm")["spent_share"]["fairs"], rel=1e-12)
    assert 0.0 < found[3e8] <= 1.0
    assert np.isnan(found[0.0])


def test_a_workbook_that_would_be_too_long_is_refused(
    stored: ov.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "EXCEL_ROWS", 5)
    with pytest.raises(InputError, match="a sheet holds 5 rows, not"):
        stored.to_excel(tmp_path / "sweep.xlsx")


def test_a_store_of_an_earlier_version_does_not_say_what_its_budgets_were(tmp_path: Path) -> None:
    design = ov.Design.grid({"programme.budget": [3e8]})
    ov.sweep(design, tmp_path, BASE, replications=2, progress=False)
    (part,) = parts.parts(tmp_path, "runs")
    pd.read_parquet(part).drop(columns="budget_idr").to_parquet(part)
    old = ov.open_store(tmp_path)
    assert old.summary(["jobs"])["spent_share"].isna().all()
    assert old.settings == ["programme.budget"]
    more = ov.sweep(design, tmp_path, BASE, replications=3, progress=False)
    assert more.by_run(["jobs"]).sort_values("replication")["spent_share"].isna().tolist() == [True, True, False]


def test_a_world_in_which_a_point_failed_is_counted_and_compared_for_none(tmp_path: Path) -> None:
    design = ov.Design.grid({"programme.budget": [0.0, 1e8, 3e8]})
    store = ov.sweep(design, tmp_path, BASE, replications=3, progress=False)
    (part,) = parts.parts(tmp_path, "runs")
    runs = pd.read_parquet(part)
    runs.loc[(runs["programme.budget"] == 1e8) & (runs["replication"] == 0), "status"] = "failed"
    runs.to_parquet(part)
    points = store.summary(["jobs"]).set_index("programme.budget")
    assert points["failed"].to_dict() == {0.0: 0, 1e8: 1, 3e8: 0}
    assert points["replications"].to_dict() == {0.0: 3, 1e8: 2, 3e8: 3}
    for found in (store.effects({"programme.budget": 0}, ["jobs"]), store.from_base(["jobs"])):
        assert set(found["replications"]) == {2}
    assert set(store.differences({"programme.budget": 0}, ["jobs"])["replication"]) == {1, 2}
    written = pd.read_excel(store.to_excel(tmp_path.parent / f"{tmp_path.name}.xlsx"), sheet_name=None)
    assert set(written["differences"]["replications"]) == {2}
    assert written["points"]["failed"].sum() == len(POINT_OUTCOMES)


def test_a_factorial_in_a_store_is_of_one_budget(tmp_path: Path) -> None:
    design = ov.Design.roles([1, 5]) * ov.Design.grid({"programme.budget": [1e8, 3e8]})
    store = ov.sweep(design, tmp_path, BASE, replications=2, progress=False)
    with pytest.raises(InputError, match=r"'programme\.budget' takes more than one value"):
        store.factorial(["roles.1", "roles.5"], ["jobs"])
    found = store.factorial(["roles.1", "roles.5"], "jobs", {"programme.budget": 3e8})
    rows = store.by_run(["jobs"]).query("`programme.budget` == 3e8").set_index(["roles.1", "roles.5"])["jobs"]
    assert found["first"].tolist() == ["roles.1", "roles.5"]
    assert found["mean"].tolist() == pytest.approx(
        [rows[1.0, 1.0].mean() - rows[0.0, 1.0].mean(), rows[1.0, 1.0].mean() - rows[1.0, 0.0].mean()]
    )


def test_firms_of_kept_months_are_stored(tmp_path: Path) -> None:
    design = ov.Design.grid({"programme.budget": [3e8]})
    found = ov.sweep(design, tmp_path / "store", BASE, replications=2, keep_months=[5, 23], progress=False)
    assert set(found.firms["step"]) == {5, 23}
    assert found.firms.groupby("run_id").size().min() > 60
    assert isinstance(found.firms["sentra"].dtype, pd.CategoricalDtype)


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no store"):
        ov.open_store(tmp_path)


def test_an_outcome_that_does_not_exist_names_the_nearest(stored: ov.Store) -> None:
    with pytest.raises(InputError, match="'sale_idr' is none; did you mean 'sales_idr'"):
        stored.by_run(["sale_idr"])
