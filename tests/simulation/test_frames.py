"""What `simulate` returns: tables with the columns of `compare`, and what there is to know of the firms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ovopsim import Scenario, compare, simulate
from ovopsim.fields import FIRM, SENTRAS
from ovopsim.simulation import month_zero, run_scenario
from ovopsim.study.frames import RunTables
from tests.population.conftest import SPARSE
from tests.small import small, small_scenarios

pytestmark = pytest.mark.usefixtures("warm_core")


def test_both_doors_give_the_same_tables() -> None:
    fairs = small_scenarios()["Fairs"]
    here = simulate(fairs, replications=2, seed=4, keep_months=[0, 23])
    there: RunTables = compare({"Fairs": fairs}, replications=2, seed=4, progress=False, keep_months=[0, 23]).tables
    numbers = there.runs.set_index("run_id")["replication"]
    for mine, theirs in ((here.monthly, there.monthly), (here.firms, there.firms)):
        renamed = theirs.assign(run_id=theirs["run_id"].map(numbers)).rename(columns={"run_id": "replication"})
        pd.testing.assert_frame_equal(mine, renamed, check_exact=True)
    assert here.monthly["delivered_exhibition"].sum() > 0.0


def test_firms_are_those_of_the_run() -> None:
    found = simulate(small(months=3), seed=4, keep_months=[1]).firms
    run = run_scenario(small(months=3), month_zero(small(), 4, 0), [1])
    table = run.snapshots[0][:, run.snapshots[0][FIRM.active] == 1.0]
    assert found["firm_id"].tolist() == table[FIRM.firm_id].tolist()
    assert found["sentra"].tolist() == [SENTRAS[int(code)] for code in table[FIRM.sentra]]
    assert np.array_equal(found["cash_idr"], table[FIRM.cash].astype(np.float32))
    assert set(found["month"]) == {pd.Timestamp("2016-02-01")}


def test_no_months_kept_means_no_firms_and_the_same_columns() -> None:
    bare, kept = simulate(small(months=1)), simulate(small(months=1), keep_months=[0])
    assert len(bare.firms) == 0
    assert list(bare.firms) == list(kept.firms)
    assert bare.firms.dtypes.drop("replication").equals(kept.firms.dtypes.drop("replication"))


def test_what_a_survey_left_out_is_reported() -> None:
    scenario = Scenario(months=1, population={"survey": str(SPARSE)})
    found = simulate(scenario, replications=2, seed=2).notes
    assert found == month_zero(scenario, 2, 0).notes
    assert any("drawn" in note for note in found)
