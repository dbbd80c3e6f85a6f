"""Laws of the agency: without money, before the start, with more money, at the year's end."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim.fields import AGENCY, CITY, FIRM
from ovopsim.policy import Scenario
from ovopsim.rules.agency.tables import TARGETING
from ovopsim.state import DELIVERIES
from tests.laws.checks import agency as checks
from tests.strategies import Case, cases, clusters, with_money
from tests.worlds import Run

pytestmark = pytest.mark.usefixtures("warm_core")


@given(case=with_money())
def test_a_programme_without_money_is_bit_identical_to_none(case: Case) -> None:
    checks.no_money_no_effect(case.start, case.scenario)


@given(case=with_money(first=3))
def test_before_its_first_month_a_programme_changes_nothing(case: Case) -> None:
    checks.nothing_before_the_start(case.start, case.scenario)


@pytest.mark.parametrize("targeting", TARGETING)
@given(case=with_money(least=5e7), factor=st.floats(1.0, 20.0))
def test_recipients_of_a_smaller_budget_are_among_those_of_a_larger(case: Case, factor: float, targeting: str) -> None:
    scenario = checks.with_programme(case.scenario, targeting=targeting)
    checks.more_money_serves_the_same_and_more(case.start, scenario, factor)


@given(case=with_money())
def test_deliveries_keep_to_capacity_and_cost_what_they_cost(case: Case) -> None:
    checks.deliveries_keep_to_capacity(case.start, case.scenario)


@given(case=cases(months=12))
def test_places_governance_and_knowledge_fade_without_works(case: Case) -> None:
    checks.amenity_fades(case.start, case.scenario)


@pytest.mark.parametrize("multi_year", [False, True])
@given(start=clusters())
def test_what_is_left_in_december_lapses_unless_the_money_is_kept(start: object, multi_year: bool) -> None:
    programme = {"budget": 3e8, "shares": {"exhibition": 1.0}, "months": 24, "multi_year": multi_year}
    run = Run(Scenario(months=24, programme=programme), start)  # type: ignore[arg-type]
    for moment in run.months(24):
        december = moment.world.city[CITY.calendar_month] == 11.0
        last = moment.step == 23
        if (december and not multi_year) or last:
            assert moment.world.agency[AGENCY.accrual].sum() == 0.0
        elif not december:
            assert moment.world.agency[AGENCY.lapsed].sum() == 0.0


@given(case=cases(months=6))
def test_whom_a_lever_serves_has_its_cost_on_record(case: Case) -> None:
    run = Run(case.scenario, case.start)
    for moment in run.months(6):
        firms, served = moment.world.firms, moment.world.served
        active = firms[FIRM.active] == 1.0
        assert np.array_equal(served[:, :, DELIVERIES].sum(axis=1)[active], firms[FIRM.times_served, active])
        assert np.all((firms[FIRM.received_idr, active] > 0.0) <= (firms[FIRM.times_served, active] > 0.0))


def test_the_targeting_keys_serve_whom_they_name() -> None:
    """With all noise off, the first on the list is the smallest, the ablest, a member, ..."""
    from tests.worlds import cluster, with_values

    start = with_values(cluster((8, 16, 12), seed=3, months_lived=12), agency__view_noise=0.0, agency__served_again=0.0)
    firms = start.world.firms
    active = np.flatnonzero(firms[FIRM.active] == 1.0)
    known = {int(slot): firms[FIRM.member, slot] for slot in active}
    for slot in active:
        for number in range(4):
            peer = int(firms[FIRM.peer_slot + number, slot])
            if peer in known and firms[FIRM.firm_id, peer] == firms[FIRM.peer_id + number, slot]:
                known[peer] += 1.0
    scores = {
        "smallest_first": {slot: -firms[FIRM.yearly_sales, slot] for slot in active},
        "ablest_first": {slot: firms[FIRM.log_ability, slot] for slot in active},
        "members_first": {slot: firms[FIRM.member, slot] for slot in active},
        "well_connected": known,
    }
    for targeting, score in scores.items():
        programme = {"budget": 1e9, "shares": {"cash_grant": 1.0}, "targeting": targeting}
        run = Run(Scenario(months=1, programme=programme), start)  # type: ignore[arg-type]
        run.all(1)
        lever = list(Scenario().all_levers).index("cash_grant")
        listed = [int(slot) for slot in run.world.lists[0, lever, : len(active)]]
        assert sorted(listed) == sorted(int(slot) for slot in active)
        values = [score[slot] for slot in listed]
        assert values == sorted(values, reverse=True), targeting


@given(case=with_money(months=3))
def test_a_list_depends_on_the_year_and_not_on_the_budget(case: Case) -> None:
    runs = [Run(checks.with_programme(case.scenario, budget=each, start=0), case.start) for each in (1e7, 1e9)]
    lists = [run.all(1).lists.copy() for run in runs]
    shares = runs[0].levers.table[0] > 0.0
    assert np.array_equal(lists[0][:, shares], lists[1][:, shares])
