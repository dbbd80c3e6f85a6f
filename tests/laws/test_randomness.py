"""Common random numbers by construction: who draws what depends on nobody else."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from ovopsim.draws import PROCESSES
from ovopsim.fields import FIRM
from ovopsim.policy import Scenario
from ovopsim.population import chance, peers, synthetic
from ovopsim.rules.entry_and_exit.starting import new_firm_id
from ovopsim.simulation import month_zero
from tests.laws.checks import randomness as checks
from tests.strategies import LEVERS, Case, cases
from tests.worlds import Run, cluster, plain

pytestmark = pytest.mark.usefixtures("warm_core")

EVERYTHING = Scenario(
    months=26,
    programme={"budget": 2e9, "shares": dict.fromkeys(LEVERS, 1.0 / len(LEVERS)), "months": 26},
    assignments=[{"lever": lever, "firms": {"share": 0.5}, "month": 3} for lever in LEVERS],
)


@given(case=cases(months=24))
def test_a_closure_changes_no_other_firms_draws(case: Case) -> None:
    checks.others_draw_the_same(case.start, case.scenario)


@given(case=cases(months=24))
def test_a_saved_incumbent_renames_no_birth(case: Case) -> None:
    checks.saved_incumbents_rename_no_birth(case.start, case.scenario)


@given(case=cases(months=12), lever=st.sampled_from(LEVERS))
def test_a_lever_for_one_firm_changes_nobodys_draws(case: Case, lever: str) -> None:
    first = int(np.flatnonzero(case.start.world.firms[FIRM.active] == 1.0)[0])
    plain_run = Run(Scenario(months=12), case.start)
    trial = {"lever": lever, "firms": {"ids": [first]}, "month": 0}
    treated = Run(Scenario(months=12, assignments=[trial]), case.start)
    for one, other in zip(plain_run.months(12), treated.months(12), strict=True):
        ids = one.scratch.ids[one.world.firms[FIRM.active, : len(one.scratch.ids)] == 1.0]
        here = dict(zip(one.scratch.ids.tolist(), one.scratch.uniforms.T.tolist(), strict=True))
        there = dict(zip(other.scratch.ids.tolist(), other.scratch.uniforms.T.tolist(), strict=True))
        shared = set(ids.tolist()) & there.keys()
        assert all(here[identity] == there[identity] for identity in shared)


def test_no_key_serves_two_purposes() -> None:
    start = cluster((6, 14, 10), {"entry_and_exit.background": 0.02}, seed=5)
    checks.no_key_serves_two_purposes(start, EVERYTHING)


def test_the_first_population_asks_for_each_key_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, names in ((chance, ("_fill_luck", "_fill_chance")), (peers, ("_meet",)), (synthetic, ("draw_owners",))):
        for name in names:
            monkeypatch.setattr(module, name, plain(getattr(module, name)))
    for name in ("read_costs", "read_owners"):
        monkeypatch.setattr(synthetic, name, plain(getattr(synthetic, name)))
    with checks.watched_draws() as asked:
        cluster((3, 4, 5), seed=2)
    assert {process for process, *_ in asked} == {PROCESSES["initial_population"], PROCESSES["new_neighbour"]}
    assert {key: places for key, places in asked.items() if places.total() > 1} == {}
    assert len(asked) > 12 * 25


@settings(max_examples=200)
@given(
    slots=st.integers(1, 10_000),
    candidates=st.integers(1, 200),
    births=st.lists(st.tuples(st.integers(-2000, 2000), st.integers(0, 199)), min_size=2, max_size=2, unique=True),
)
def test_every_birth_has_an_identity_of_its_own(slots: int, candidates: int, births: list[tuple[int, int]]) -> None:
    pairs = {(month, candidate % candidates) for month, candidate in births}
    ids = {new_firm_id(slots, candidates, month, candidate) for month, candidate in pairs}
    assert len(ids) == len(pairs)
    assert min(ids) >= slots


def test_replications_are_different_worlds_and_a_replication_is_always_the_same() -> None:
    first, second, again = (month_zero(Scenario(), 1, number).world.firms for number in (0, 1, 0))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(month_zero(Scenario(), 2, 0).world.firms, first)
