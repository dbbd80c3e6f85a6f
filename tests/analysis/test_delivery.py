"""What became of the money, and what kept the rest of it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.delivery import delivery_table, limit_of, roles_table, take_up
from ovopsim.fields import AGENCY_FIELDS
from ovopsim.policy.levers import Lever, builtin_levers
from ovopsim.study.worlds import ArmRuns
from tests.small import BUDGET


def lever(**changes: object) -> Lever:
    return builtin_levers()["exhibition"].changed(unit_cost=9.0, batch=2.0, capacity=10.0, **changes)


def months(**columns: list[float]) -> np.ndarray:
    """Return one replication of an agency's months with some fields filled."""
    length = len(next(iter(columns.values())))
    agency = np.zeros((1, length, max(AGENCY_FIELDS.values()) + 1))
    for name, values in columns.items():
        agency[0, :, AGENCY_FIELDS[name]] = values
    return agency


def test_money_is_kept_by_capacity_by_takers_or_by_the_size_of_a_batch() -> None:
    # a unit takes 10 with overhead, a batch 20
    assert limit_of(months(accrual=[100.0, 90.0], delivered=[10.0, 9.0]), lever(), 0.1) == "capacity"
    assert limit_of(months(accrual=[100.0, 90.0], delivered=[2.0, 0.0]), lever(), 0.1) == "takers"
    assert limit_of(months(accrual=[19.0, 12.0], delivered=[2.0, 0.0]), lever(), 0.1) == "batch"


def test_money_that_lapses_in_december_was_left_too() -> None:
    assert limit_of(months(accrual=[0.0], lapsed=[40.0], delivered=[0.0]), lever(), 0.1) == "takers"


def test_what_is_not_spent_lapses_or_is_still_there(small_arms: dict[str, ArmRuns]) -> None:
    table = delivery_table(small_arms)
    for row in table.to_dict("records"):
        arm = small_arms[row["arm"]]
        place = list(arm.scenario.all_levers).index(row["lever"])
        left = arm.agency[:, -1, AGENCY_FIELDS["accrual"], place].mean()
        assert row["spent_idr"] + row["lapsed_idr"] + left == pytest.approx(row["budget_idr"], rel=1e-9)


def test_a_budget_is_what_the_treasury_releases_within_the_run(small_arms: dict[str, ArmRuns]) -> None:
    budgets = delivery_table(small_arms).groupby("arm")["budget_idr"].sum()
    assert budgets["Fairs"] == pytest.approx(2.0 * BUDGET)
    assert 0.5 * BUDGET < budgets["Late mixture"] - BUDGET < BUDGET  # July to December release more than half a year's
    assert "Nothing" not in budgets


def test_take_up_is_of_offers_to_firms_and_not_of_places_or_cooperatives(small_arms: dict[str, ArmRuns]) -> None:
    table = delivery_table(small_arms)
    mixture = table[table["arm"] == "Late mixture"].set_index("lever")
    assert list(mixture.index) == ["cooperative_training", "equipment_grant", "place_upgrading", "exhibition"]
    for name in ("cooperative_training", "place_upgrading"):
        assert mixture.loc[name, "delivered"] > 0.0
        assert math.isnan(mixture.loc[name, "take_up"])
    firms = mixture.loc[["equipment_grant", "exhibition"]]
    assert (firms["take_up"] <= 1.0).all()
    together = firms["delivered"].sum() / firms["offers"].sum()
    assert take_up(table[table["arm"] == "Late mixture"]) == pytest.approx(together)


def test_a_trial_spends_what_is_released_for_it(small_arms: dict[str, ArmRuns]) -> None:
    (row,) = delivery_table(small_arms).query("arm == 'Trial'").to_dict("records")
    assert row["lever"] == "production_training"
    assert row["spent_share"] == pytest.approx(1.0)
    assert 0.0 < row["take_up"] <= 1.0


def two_levers(spent: tuple[float, float]) -> pd.DataFrame:
    rows = [
        {"arm": "a", "role": 5, "lever": name, "budget_idr": 100.0, "spent_idr": each, "lapsed_idr": 100.0 - each}
        | {"offers": 10.0, "delivered": 4.0, "limit": limit}
        for name, each, limit in zip(("x", "y"), spent, ("capacity", "takers"), strict=True)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("spent", "under", "limit"),
    [((100.0, 59.0), True, "takers"), ((40.0, 100.0), True, "capacity"), ((80.0, 80.0), False, "")],
)
def test_a_role_that_spends_under_80_per_cent_is_marked_with_what_kept_most(
    spent: tuple[float, float], under: bool, limit: str
) -> None:
    (row,) = roles_table(two_levers(spent)).to_dict("records")
    assert row["under_spent"] is under
    assert row["limit"] == limit
    assert row["spent_share"] == sum(spent) / 200.0
    assert row["take_up"] == 0.4
