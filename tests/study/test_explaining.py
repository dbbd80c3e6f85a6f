"""An effect in parts, in worlds of all kinds: the parts sum to the whole, and each is what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject

from ovopsim.analysis.explained import ADDENDS, FREE_SETS, WHOLE, headlines, parts_of
from ovopsim.errors import InputError
from ovopsim.fields import CHANNELS, Reals
from ovopsim.holding import everything_held
from ovopsim.policy import Scenario
from ovopsim.simulation import MonthZero, month_zero, run_scenario
from ovopsim.state import GROUPS, rows_in_group
from ovopsim.study.explaining import (
    ExplainedRuns,
    held_but,
    plan_explanation,
    run_explanation,
    run_world,
    without_programme,
)
from tests.small import small, spending
from tests.strategies import Case, with_money

pytestmark = pytest.mark.usefixtures("warm_core")

SALES = 0  # place of sales among the headlines


def in_parts(start: MonthZero, scenario: Scenario, baseline: Scenario | None = None) -> dict[str, Reals]:
    """Return the parts of one world, by outcome."""
    base, whole, *free = run_world(scenario, baseline or without_programme(scenario), start, FREE_SETS, headlines)
    runs = ExplainedRuns(base[None], whole[None], {each: row[None] for each, row in zip(FREE_SETS, free, strict=True)})
    return {name: values[0] for name, values in parts_of(runs).items()}


@contextmanager
def full_tables_rejected() -> Iterator[None]:
    """Pass over worlds with more entrants than their table of firms has room for: these are refused with a message."""
    try:
        yield
    except InputError as error:
        if "firms is full" not in str(error):
            raise
        reject()


@given(case=with_money(months=8))
def test_the_parts_sum_to_the_whole_effect(case: Case) -> None:
    """The whole is that of two plain runs, which nothing was held in."""
    scenarios = (case.scenario, without_programme(case.scenario))
    with full_tables_rejected():
        parts = in_parts(case.start, case.scenario)
        plain = [headlines(run_scenario(scenario, case.start).monthly) for scenario in scenarios]
    np.testing.assert_array_equal(parts[WHOLE], plain[0] - plain[1])
    total = sum(parts[name] for name in ADDENDS)
    size = max(np.abs(np.concatenate(plain)).max(), 1.0) * np.finfo(float).eps
    np.testing.assert_allclose(total, parts[WHOLE], rtol=0.0, atol=100.0 * size)


@given(case=with_money(months=8))
def test_without_a_programme_every_part_is_exactly_zero(case: Case) -> None:
    """Holding a run at its own path changes no bit, in any combination."""
    with full_tables_rejected():
        parts = in_parts(case.start, without_programme(case.scenario))
    assert [name for name, values in parts.items() if (values != 0.0).any()] == []


@given(case=with_money(months=8))
def test_what_other_channels_leave_is_gone_when_everything_is_held(case: Case) -> None:
    with full_tables_rejected():
        base = run_scenario(without_programme(case.scenario), case.start, record=True)
        run = run_scenario(case.scenario, case.start, held=everything_held(base.path))
    np.testing.assert_array_equal(headlines(run.monthly), headlines(base.monthly))


def test_the_market_and_all_groups_but_the_free_ones_are_held() -> None:
    start = month_zero(small(), 1, 0)
    path = run_scenario(small(), start, record=True).path
    for free in FREE_SETS:
        held = held_but(path, free)
        rows = {group: held.rows[rows_in_group(group)] for group in GROUPS}
        assert {group for group, flags in rows.items() if not flags.any()} == free
        assert {group for group, flags in rows.items() if flags.all()} == set(GROUPS) - free
        assert held.rows.sum() == sum(flags.sum() for flags in rows.values())  # nothing else
        assert (held.market[0], held.places[0]) == (1.0, 0.0)


def mean_parts(scenario: Scenario, worlds: int = 3) -> dict[str, float]:
    """Return the parts of the change in sales, over the whole change."""
    runs = run_explanation(plan_explanation(scenario, replications=worlds), FREE_SETS, headlines)
    parts = {name: float(values[:, SALES].mean()) for name, values in parts_of(runs).items()}
    return {name: value / abs(parts[WHOLE]) for name, value in parts.items()}


@pytest.mark.parametrize(
    ("lever", "group"),
    [
        ("production_training", "skill"),
        ("exhibition", "access"),
        ("equipment_grant", "capital"),
        ("technology_training", "technology"),
    ],
)
def test_a_lever_that_moves_one_group_is_explained_by_it(lever: str, group: str) -> None:
    parts = mean_parts(small(lever, programme=spending({lever: 1.0}, budget=1e9)))
    assert parts[WHOLE] == 1.0
    assert parts[group] > 0.7
    assert all(abs(parts[name]) < 0.35 * parts[group] for name in GROUPS if name != group)


@pytest.mark.parametrize("lever", ["place_upgrading", "cooperative_training"])
def test_places_and_cooperatives_are_other_channels(lever: str) -> None:
    parts = mean_parts(small(lever, programme=spending({lever: 1.0}, budget=1e9)))
    assert parts["other"] > 0.7
    assert all(abs(parts[name]) < 0.35 * parts["other"] for name in GROUPS)


def test_rivals_lose_less_where_more_sellers_stand_outside_the_cluster() -> None:
    programme = spending({"production_training": 1.0}, budget=1e9)
    crowded, empty = (
        mean_parts(small(programme=programme, parameters={f"market.outside_share.{name}": share for name in CHANNELS}))
        for share in (0.99, 0.3)
    )
    assert empty["market"] < -0.2
    assert abs(crowded["market"]) < 0.3 * abs(empty["market"])


def test_threads_change_nothing_and_each_world_is_said() -> None:
    told: list[int] = []
    scenario = small("Fairs", months=6, programme=spending({"exhibition": 1.0}))
    one, two = (
        run_explanation(
            plan_explanation(scenario, replications=3, n_jobs=jobs), FREE_SETS, headlines, lambda: told.append(1)
        )
        for jobs in (1, 2)
    )
    assert len(told) == 6
    np.testing.assert_array_equal(one.baseline, two.baseline)
    np.testing.assert_array_equal(one.whole, two.whole)
    assert all(np.array_equal(one.free[each], two.free[each]) for each in FREE_SETS)


def test_a_given_baseline_is_what_is_held() -> None:
    fairs = small("Fairs", months=12, programme=spending({"exhibition": 1.0}))
    both = small("Both", months=12, programme=spending({"exhibition": 0.5, "production_training": 0.5}))
    start = month_zero(fairs, 1, 0)
    parts = in_parts(start, both, fairs)
    plain = [headlines(run_scenario(scenario, start).monthly) for scenario in (both, fairs)]
    np.testing.assert_array_equal(parts[WHOLE], plain[0] - plain[1])
    assert parts["access"][SALES] < 0.0 < parts["skill"][SALES]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"months": 12}, "explain: months differs: 'Fairs' 24, baseline 'Base' 12. .* give both the same"),
        ({"start": "2017-01"}, "explain: start differs: 'Fairs' 2016-01, baseline 'Base' 2017-01"),
        ({"size_law": "pp_2021"}, "explain: size_law differs"),
        (
            {"parameters": {"planning.cover": 2.0}},
            "explain: parameters differs: 'Fairs' as shipped, baseline 'Base' planning.cover 2",
        ),
        ({"population": {"synthetic": "surakarta", "firms": 50}}, "explain: population differs: .*firms 60.*firms 50"),
    ],
)
def test_another_world_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_explanation(small("Fairs", programme=spending({"exhibition": 1.0})), small("Base", **changes))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fairs.yaml",), "explain: scenario: is a str, not a Scenario"),
        ((small(), "nothing.yaml"), "explain: baseline: is a str, not a Scenario"),
        ((small(), None, 1), "replications: is 1; an interval needs at least 2"),
        ((small(), None, 2, -1), "seed: is -1"),
        ((small(), None, 2, 1, 0), "n_jobs: is 0"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan_explanation(*arguments)
