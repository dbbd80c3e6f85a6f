"""Limiting cases with known answers: no demand, no want of cash, one firm, equal firms, no spread of skill."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS, N_PEERS, SENTRA
from ovopsim.ledger import amount_of, imbalance
from ovopsim.month import Switches
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario
from ovopsim.rules.entry_and_exit.closing import vacate
from ovopsim.simulation import MonthZero
from tests.worlds import Run, cluster, with_values

pytestmark = pytest.mark.usefixtures("warm_core")

NO_SEASON = {
    f"environment.{name}.{channel}": 0.0
    for name in ("lebaran_uplift", "year_end_uplift", "spending_sd")
    for channel in ("local", "tourist", "national", "export")
}
QUIET = NO_SEASON | {
    "finance.application_rate": 0.0,
    "environment.g_spending": 0.0,
    "environment.g_outside_price": 0.0,
    "environment.g_real_wage": 0.0,
    "environment.outside_price_sd": 0.0,
}
STILL = Switches(np.zeros(4))  # no entry and exit, no learning, no shocks, no agency


def active_of(run: Run) -> np.ndarray:
    return run.world.firms[FIRM.active] == 1.0


def test_without_demand_nothing_is_sold_and_firms_give_up() -> None:
    start = cluster((6, 14, 10), seed=2, months_lived=12)
    start.world.channels[CHANNEL.spending_base] = 0.0
    run = Run(Scenario(months=72), start)
    firms = [start.firms]
    for moment in run.months(72):
        assert moment.outcomes[OUTCOME.sales_idr] == 0.0
        assert moment.outcomes[OUTCOME.market_share_local] == 0.0
        assert max(imbalance(moment.world, moment.ledger).values()) <= 1e-9
        firms.append(moment.outcomes[OUTCOME.firms])
    assert firms[-1] <= 0.05 * firms[0]
    assert moment.outcomes[OUTCOME.entries] == 0.0, "nobody starts where nothing is earned"
    assert np.all(run.world.firms[FIRM.output, active_of(run)] < 1.0)


def test_with_cash_without_end_no_output_is_lost_and_nobody_borrows() -> None:
    start = with_values(cluster((6, 14, 10), seed=3), accounts__leak=0.0, finance__bank_floor=1.0)
    start.world.firms[FIRM.cash, start.world.firms[FIRM.active] == 1.0] = 1e13
    start.world.firms[FIRM.equipment] *= 10.0  # more than is wanted: no reason to invest with a loan
    run = Run(Scenario(months=36), start)
    first = set(start.world.firms[FIRM.firm_id, start.world.firms[FIRM.active] == 1.0])
    for moment in run.months(36):
        firms = moment.world.firms
        rich = np.isin(firms[FIRM.firm_id], list(first)) & (firms[FIRM.active] == 1.0)
        assert np.all(firms[FIRM.cash_short, rich] == 0.0)
        assert np.all(firms[FIRM.coop_debt, rich] == 0.0)
        assert np.all(firms[FIRM.unmet_need, rich] == 0.0)
        assert np.all(firms[FIRM.arrears, rich] == 0.0)


def test_with_credit_without_end_members_lose_no_output() -> None:
    start = with_values(
        cluster((6, 14, 10), seed=3, months_lived=12),
        finance__coop_limit=1e15,
        finance__coop_lendable=1.0,
        accounts__default_months=1e9,
        accounts__dividend_speed=0.0,
    )
    world = start.world
    world.sentras[SENTRA.fund] = world.sentras[SENTRA.fund_target] = 1e18
    world.sentras[SENTRA.governance] = world.sentras[SENTRA.governance_base] = 1.0
    world.firms[FIRM.cash] = 0.0
    run = Run(Scenario(months=6), start, switches=STILL)
    run.world.firms[FIRM.member] = run.world.firms[FIRM.active]
    poor = Run(Scenario(months=6), start, switches=STILL)
    poor.world.firms[FIRM.member] = 0.0
    moments = list(zip(run.months(1), poor.months(1), strict=True))
    assert amount_of(moments[0][0].ledger, "coop_loans") > 0.0
    assert np.all(run.world.firms[FIRM.cash_short, active_of(run)] < 1e-9)
    assert np.any(poor.world.firms[FIRM.cash_short, active_of(poor)] > 0.5)


def alone(start: MonthZero, slot: int = 7) -> MonthZero:
    """Return the same city with one firm only, which has more stock than it can sell."""
    changed = with_values(start)
    others = np.flatnonzero(start.world.firms[FIRM.active] == 1.0)
    vacate(changed.world.firms, others[others != slot])
    changed.world.firms[FIRM.inventory, slot] = 1e9
    return changed


def test_one_firm_has_its_pull_over_all_pull_of_each_channel() -> None:
    start = alone(cluster((6, 14, 10), QUIET, seed=5))
    run = Run(Scenario(months=12), start, switches=STILL)
    for moment in run.months(12):
        channels = moment.world.channels
        pull = moment.scratch.attractions[:, 7]
        assert np.array_equal(channels[CHANNEL.attraction], pull)
        share = pull / (channels[CHANNEL.outside] + pull)
        assert channels[CHANNEL.cluster_sales] == pytest.approx(channels[CHANNEL.spending] * share, rel=1e-12)
        assert moment.world.firms[FIRM.sales, 7] == pytest.approx((channels[CHANNEL.spending] * share).sum(), rel=1e-12)
        assert moment.outcomes[OUTCOME.market_share_local] == pytest.approx(share[0], rel=1e-12)


def test_equal_firms_have_an_equal_share() -> None:
    start = cluster((2, 2, 20), QUIET, seed=6)
    firms = start.world.firms
    ids = firms[FIRM.firm_id].copy()
    many = firms[FIRM.active] == 1.0
    firms[:, many] = firms[:, [0]]
    firms[FIRM.participates : FIRM.participates + N_CHANNELS, many] = 1.0
    firms[FIRM.market_access : FIRM.market_access + N_CHANNELS, many] = 0.5
    firms[FIRM.firm_id] = ids
    firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS] = -1.0
    run = Run(Scenario(months=24), start, switches=STILL)
    for moment in run.months(24):
        sales = moment.world.firms[FIRM.sales, many]
        total = amount_of(moment.ledger, "sales")
        assert sales == pytest.approx(total / 24.0, rel=1e-12)
        assert np.ptp(moment.world.firms[FIRM.cash, many]) <= 1e-9 * moment.world.firms[FIRM.cash, many].max()


def test_without_spread_of_skill_and_without_practice_skills_stay_what_they_are() -> None:
    skills = ("craft", "management", "bookkeeping", "technology")
    constant = {f"population.skill_sd.{name}": 0.0 for name in skills}
    constant |= {f"learning.practice.{name}": 0.0 for name in skills}
    constant |= {"learning.export_practice": 0.0, "learning.adoption_step": 0.0}
    start = cluster((6, 14, 10), constant, seed=7)
    means = start.values["population.skill_mean"]
    run = Run(Scenario(months=24), start)
    for moment in run.months(24):
        here = moment.world.firms[:, moment.world.firms[FIRM.active] == 1.0]
        for name, mean in zip(skills, means, strict=True):
            row = getattr(FIRM, name)
            assert here[row : row + 3] == pytest.approx(mean, abs=1e-12), "value, base and origin"


def test_in_a_quiet_city_prices_rest_at_the_mark_up_over_marginal_cost() -> None:
    start = with_values(cluster((6, 14, 10), QUIET, seed=8), accounts__leak=0.0)
    start.world.firms[FIRM.cash, start.world.firms[FIRM.active] == 1.0] = 1e13
    run = Run(Scenario(months=1200), start, switches=STILL)
    firms = run.all(1000)[0][:, active_of(run)]
    elasticity = start.values["technology_and_cost.demand_elasticity"]
    assert firms[FIRM.expected_orders] == pytest.approx(firms[FIRM.orders], rel=1e-6)
    assert firms[FIRM.price] / firms[FIRM.unit_cost] == pytest.approx(elasticity / (elasticity - 1.0), rel=1e-6)


def test_without_free_makers_nobody_is_hired() -> None:
    start = cluster((6, 14, 10), seed=9, months_lived=6)
    run = Run(Scenario(months=12), start)
    run.world.city[CITY.makers] = run.world.city[CITY.employed]
    before = run.world.firms[FIRM.workers].copy()
    moment = next(run.months(1))
    assert np.all(moment.world.firms[FIRM.workers, active_of(run)] <= before[active_of(run)] + 1e-12)


def test_with_no_response_of_visitors_and_equal_places_amenity_only_moves_visitors() -> None:
    """Places upgraded alike bring nothing to the city when visitors do not respond and no outside seller loses."""
    start = with_values(cluster((12, 12, 0), QUIET, seed=10), environment__visitor_response=0.0)
    base, better = (Run(Scenario(months=1), start, switches=STILL) for _ in range(2))
    for run in (base, better):
        run.world.channels[CHANNEL.outside_base] = 1e-9
        run.world.firms[FIRM.inventory] = 1e9
    better.world.sentras[SENTRA.amenity] = 1.7
    sales = [next(run.months(1)).world.channels[CHANNEL.cluster_sales].copy() for run in (base, better)]
    assert sales[1] == pytest.approx(sales[0], rel=1e-9)
