"""What is worth a sentence, and what is too small for one."""

from __future__ import annotations

import pandas as pd

from ovopsim.analysis.findings import COLUMNS, KINDS, findings_table
from ovopsim.comparison import Comparison

Change = tuple[str, str, str, int, float, float]


def effects(**sales: tuple[int, float]) -> pd.DataFrame:
    """Return effects on sales: for each arm whether they are clear, and the relative change."""
    rows = [
        {"arm": arm, "outcome": "sales_idr", "clear": clear, "mean": 1.0, "relative": relative}
        for arm, (clear, relative) in sales.items()
    ]
    return pd.DataFrame(rows)


def groups(*changes: Change) -> pd.DataFrame:
    """Return changes of groups of arm `a`: outcome, group, member, clear, mean, relative."""
    names = ["outcome", "group", "member", "clear", "mean", "relative"]
    return pd.DataFrame(changes, columns=names).assign(arm="a")


def summary(
    left: float = 0.0, cost: float = 100.0, differs_in: str = "", budget: float = 0.0, reached: float = 0.0
) -> pd.DataFrame:
    """Return the summary of a baseline, with its budget and the firms that it reaches, and of arm `a`."""
    money = {"funds_left_idr": [0.0, left], "public_cost_idr": [0.0, cost], "budget_idr": [budget, 100.0]}
    return pd.DataFrame({"arm": ["none", "a"], "differs_in": ["", differs_in], "reached": [reached, 5.0]} | money)


NOTHING = effects(none=(0, 0.0))
NOBODY = groups(("sales_idr", "all", "incumbents", 1, 1.0, 0.5))


def kinds(found: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(found["kind"], found["member"], strict=True))


def test_each_programme_is_clear_unclear_or_tiny() -> None:
    changes = effects(none=(0, 0.0), a=(1, 0.05), b=(-1, -0.05), c=(0, 0.05), d=(-1, -0.0009), e=(1, 0.001))
    found = findings_table(changes, NOBODY, summary(), "none")
    assert dict(zip(found["arm"], found["kind"], strict=True)) == {
        "a": "clear_gain",
        "b": "clear_loss",
        "c": "unclear",
        "d": "tiny",
        "e": "clear_gain",
    }


def test_of_groups_the_ends_and_all_who_lose_are_named() -> None:
    table = groups(
        ("sales_idr", "size", "micro", 1, 1.0, 0.2),
        ("sales_idr", "size", "small", 1, 1.0, 0.1),
        ("sales_idr", "sentra", "kauman", 1, 1.0, 0.05),
        ("sales_idr", "sentra", "laweyan", 1, 1.0, 0.0004),  # no decimal shows it
        ("sales_idr", "technique", "cap", 0, 9.0, 0.9),
        ("sales_idr", "technique", "tulis", -1, -1.0, -0.01),
        ("sales_idr", "reach", "not_served", -1, -1.0, -0.5),
    )
    found = findings_table(NOTHING, table, summary(), "none")
    assert kinds(found) == [("gains_most", "micro"), ("gains_least", "kauman"), ("loses", "tulis")]


def test_one_group_that_gains_has_nobody_to_be_set_against() -> None:
    table = groups(("sales_idr", "size", "micro", 1, 1.0, 0.2))
    assert kinds(findings_table(NOTHING, table, summary(), "none")) == []


def test_jobs_from_rivals_count_from_half_a_job_on() -> None:
    def reach(clear: int, lost: float) -> pd.DataFrame:
        rows: list[Change] = [
            ("jobs", "reach", "served", 1, 3.0, 0.1),
            ("jobs", "reach", "not_served", clear, lost, 0.0),
        ]
        return groups(*rows)

    assert kinds(findings_table(NOTHING, reach(-1, -0.5), summary(), "none")) == [
        ("displaced", "served"),
        ("displaced", "not_served"),
    ]
    assert kinds(findings_table(NOTHING, reach(-1, -0.5), summary(differs_in="shocks (cotton)"), "none")) == []
    assert kinds(findings_table(NOTHING, reach(-1, -0.4), summary(), "none")) == []
    assert kinds(findings_table(NOTHING, reach(0, -5.0), summary(), "none")) == []


def test_where_the_baseline_helps_firms_too_nobody_is_called_a_rival() -> None:
    reach = groups(("jobs", "reach", "served", 1, 3.0, 0.1), ("jobs", "reach", "not_served", -1, -5.0, -0.1))
    assert len(findings_table(NOTHING, reach, summary(), "none")) == 2
    assert len(findings_table(NOTHING, reach, summary(budget=100.0), "none")) == 0
    assert len(findings_table(NOTHING, reach, summary(reached=2.0), "none")) == 0


def test_money_left_in_funds_counts_from_one_per_cent_of_cost_on() -> None:
    (row,) = findings_table(NOTHING, NOBODY, summary(left=2.0), "none").to_dict("records")
    assert (row["kind"], row["arm"], row["mean"], row["relative"]) == ("funds_left", "a", 2.0, 0.02)
    assert len(findings_table(NOTHING, NOBODY, summary(left=1.0), "none")) == 0


def test_a_comparison_has_its_findings(small_comparison: Comparison) -> None:
    found = small_comparison.findings
    assert tuple(found.columns) == COLUMNS
    assert set(found["kind"]) <= set(KINDS)
    assert "Nothing" not in set(found["arm"])
