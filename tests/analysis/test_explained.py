"""An effect in parts: the arithmetic on made-up runs, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.analysis.changes import HEADLINES
from ovopsim.analysis.explained import ADDENDS, FREE_SETS, PARTS, explanation_table, headlines, parts_of, worlds_table
from ovopsim.outcomes.monthly import OUTCOME, OUTCOMES
from ovopsim.study.explaining import ExplainedRuns

ADDED = {"capital": 1.0, "skill": 5.0, "technology": -2.0, "access": 0.5}
OTHER, MARKET = 0.25, -1.5
SIZE = np.arange(1.0, len(HEADLINES) + 1.0)


def made_up(spread: float = 0.0) -> ExplainedRuns:
    """Return three worlds in which each group adds a fixed amount, the more the later the outcome stands."""
    worlds = 1.0 + spread * np.array([[-1.0], [0.0], [1.0]])
    base = np.full((3, len(HEADLINES)), 100.0) + worlds
    free = {each: base + worlds * SIZE * (OTHER + sum(ADDED[name] for name in each)) for each in FREE_SETS}
    return ExplainedRuns(base, free[frozenset(ADDED)] + worlds * SIZE * MARKET, free)


def test_each_part_is_what_it_adds() -> None:
    parts = parts_of(made_up())
    wanted = ADDED | {"other": OTHER, "market": MARKET, "whole": sum(ADDED.values()) + OTHER + MARKET}
    assert tuple(parts) == PARTS
    for name, value in wanted.items():
        np.testing.assert_allclose(parts[name], np.tile(value * SIZE, (3, 1)), atol=1e-12)


def test_the_table_has_means_intervals_shares_and_per_cent() -> None:
    table = explanation_table(made_up(0.01))
    assert len(table) == len(HEADLINES) * len(PARTS)
    sales = table[table["outcome"] == "sales_idr"].set_index("part")
    assert sales.loc["skill", "mean"] == pytest.approx(5.0)
    assert sales.loc["skill", "relative"] == pytest.approx(5.0 / 101.0)
    assert sales.loc["skill", "low"] == pytest.approx(5.0 - 4.302653 * 0.05 / 3**0.5, rel=1e-6)
    assert sales.loc["skill", "share"] == pytest.approx(5.0 / 3.25)
    assert sales.loc[list(ADDENDS), "share"].sum() == pytest.approx(1.0)
    assert sales["clear"].to_dict() == {name: 1 if value > 0 else -1 for name, value in sales["mean"].items()}


def test_an_unclear_whole_has_no_shares() -> None:
    table = explanation_table(made_up(3.0))
    assert (table["clear"] == 0).all()
    assert table["share"].isna().all()


def test_worlds_stand_in_rows_of_their_own() -> None:
    table = worlds_table(made_up(0.5))
    one = table[(table["replication"] == 2) & (table["outcome"] == HEADLINES[1])].set_index("part")["value"]
    assert one["skill"] == pytest.approx(1.5 * 2.0 * 5.0)
    assert one[list(ADDENDS)].sum() == pytest.approx(one["whole"])


def test_headlines_are_means_of_the_last_year() -> None:
    monthly = np.zeros((30, len(OUTCOMES)))
    monthly[-12:, OUTCOME.jobs] = np.arange(12.0)
    monthly[:18, OUTCOME.jobs] = 1e9
    found = headlines(monthly)
    assert found[HEADLINES.index("jobs")] == 5.5
    assert np.count_nonzero(found) == 1
