"""The standard comparison."""

from __future__ import annotations

import math

import pytest

from ovopsim.errors import InputError
from ovopsim.policy.levers import ROLES, builtin_levers
from ovopsim.policy.presets import default_programme, levers_of, presets, programme_records, role_alone


@pytest.mark.usefixtures("small_levers")
class TestSmallLevers:
    def test_all_roles_get_the_same_and_so_do_the_levers_of_a_role(self) -> None:
        shares = default_programme().shares
        for role in range(1, 8):
            own = [shares[name] for name in levers_of(role)]
            assert math.fsum(own) == pytest.approx(1 / 7)
            assert max(own) == min(own)
        assert "cash_grant" not in shares

    def test_a_role_alone_has_the_whole_budget(self) -> None:
        programme = role_alone(3)
        assert programme.shares == {"certification": 0.5, "licensing": 0.5}
        assert programme.budget == default_programme().budget == 500_000_000
        assert programme.months == 60

    def test_there_are_seven_roles(self) -> None:
        for role in (0, 8):
            with pytest.raises(InputError, match="1 to 7"):
                role_alone(role)


def test_the_baseline_comes_first_then_all_roles_then_each() -> None:
    scenarios = presets()
    assert len(scenarios) == 9
    assert list(scenarios)[:3] == ["No programme", "All seven roles", "Role 1: Policy development"]
    assert scenarios["No programme"].programme is None
    assert all(scenario.name == name for name, scenario in scenarios.items())


def test_the_shipped_levers_of_the_roles_are_the_default_programme() -> None:
    used = {name for name, lever in builtin_levers().items() if lever.role}
    assert set(default_programme().shares) == used
    assert set().union(*(levers_of(role) for role in ROLES)) == set(builtin_levers())


def test_the_default_budget_is_an_assumption_with_its_range() -> None:
    budget = programme_records()["budget"]
    assert (budget.value_of(), budget.range, budget.grade) == (500e6, (100e6, 2000e6), "assumption")
