"""What can be chosen, as a table."""

from __future__ import annotations

import ovopsim as ov
from ovopsim.policy.effects import Effect
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.tables import effect_line, rows_of_evidence


def test_one_row_for_each_lever() -> None:
    table = ov.lever_table().set_index("lever")
    assert list(table.index) == list(builtin_levers())
    assert table["role"].between(0, 7).all()
    assert (table["unit_cost_idr"] > 0.0).all()
    assert table["grade"].isin(["measured_here", "measured_elsewhere", "assumption"]).all()
    assert table.loc["exhibition", "effects"].startswith("start national, probability 0.3; ")
    assert "loc-281" in table.loc["exhibition", "evidence"]


def test_an_effect_reads_like_its_line() -> None:
    for given, line in (
        ({"raise": "access.national", "by": 0.35}, "raise access.national by 0.35"),
        ({"fund": 10_000_000}, "fund by 10,000,000"),
        ({"set": "licensed"}, "set licensed"),
        ({"coach": "coached"}, "coach"),
    ):
        assert effect_line(Effect.model_validate(given)) == line


def test_a_bare_number_rests_on_no_evidence() -> None:
    assert rows_of_evidence(5.0) == rows_of_evidence(None) == ()
