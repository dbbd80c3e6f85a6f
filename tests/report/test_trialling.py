"""The page of a field trial: the estimator it is judged by, and intervals."""

from __future__ import annotations

import pandas as pd
import pytest

from ovopsim.report.trialling import power_page, trial_page
from tests.report.test_pages import printed

EFFECTS = pd.DataFrame(
    {"arm": arm, "outcome": "sales", "month": 12, "group": "all", "estimator": estimator, "control_mean": 200.0}
    | {"percent": percent, "low": 2.0 * percent - 3.0, "high": 2.0 * percent + 3.0}
    for arm, estimator, percent in (
        ("course", "ancova", 7.0),
        ("course", "difference", 9.0),
        ("course", "exact", 5.0),
        ("control", "exact", -1.0),
    )
)


@pytest.mark.parametrize(("estimator", "shown", "hidden"), [("ancova", "7.0", "9.0"), ("difference", "9.0", "7.0")])
def test_the_estimator_of_the_trial_is_shown_and_no_other(estimator: str, shown: str, hidden: str) -> None:
    text = printed(trial_page(EFFECTS, estimator, "Title"))
    row = next(line for line in text.splitlines() if line.startswith("course:"))
    assert row.split()[-3:] == [shown, "5.0", "-1.0"]
    assert hidden not in text
    assert {"ancova": "ANCOVA", "difference": "Difference of means"}[estimator] in text


@pytest.mark.parametrize(("language", "ends"), [("en", "5.5 … 8.5"), ("id", "5,5 … 8,5")])
def test_effects_stand_with_their_intervals(language: str, ends: str) -> None:
    text = printed(trial_page(EFFECTS, "ancova", "Title", language))
    assert ends in text
    assert ("95 %" if language == "en" else "95%") in text


def test_one_world_has_no_interval() -> None:
    alone = EFFECTS.assign(low=float("nan"), high=float("nan"))
    assert "…" not in printed(trial_page(alone, "ancova", "Title"))


def test_sizes_of_several_arms_are_named() -> None:
    columns = ("power_formula", "power_simulated", "mde_formula", "needed_formula")
    table = pd.DataFrame({"arm": ["few", "many"], "size": [200, 200]} | dict.fromkeys(columns, 0.5))
    text = printed(power_page(table))
    assert "few: 200" in text
    assert "many: 200" in text
    assert "few" not in printed(power_page(table.head(1)))
