"""A lever written in Python: what it sees, what it may do, and that its money is counted."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim import InputError, Scenario
from ovopsim.fields import FIRM
from ovopsim.ledger import FLOW, FLOWS, account_change, empty_ledger
from ovopsim.simulation import Cluster, month_zero, run_scenario, simulate

SMALL = Scenario(population={"synthetic": "surakarta", "firms": 80}, months=12)

pytestmark = pytest.mark.usefixtures("warm_core")


def test_a_lever_that_does_nothing_changes_nothing() -> None:
    kept = [0, 3, 11]  # a part of one month must not take each of them for the run's month 0
    watched = simulate(SMALL, lever=lambda _: None, keep_months=kept)
    plain = simulate(SMALL, keep_months=kept)
    assert watched.firms["step"].unique().tolist() == kept
    assert watched.monthly.equals(plain.monthly)
    assert watched.firms.equals(plain.firms)


def test_nothing_differs_before_the_lever_acts_and_its_money_is_counted() -> None:
    def teach_the_smallest(cluster: Cluster) -> None:
        if cluster.step == 5:
            smallest = cluster.ids[np.argsort(cluster.firms("yearly_sales"))[:10]]
            cluster.deliver(smallest, [{"raise": "craft", "by": 0.3}, {"grant": "cash", "by": 4e6}], cost_idr=5e6)

    helped, plain = simulate(SMALL, lever=teach_the_smallest).monthly, simulate(SMALL).monthly
    assert helped[:5].equals(plain[:5])
    assert helped.loc[5, "sales_idr"] != plain.loc[5, "sales_idr"]
    assert helped["spent_idr"].tolist() == [0.0] * 5 + [50e6] + [0.0] * 6


def test_effects_land_on_the_firms_that_are_named() -> None:
    start = month_zero(SMALL, 1, 0)
    cluster = Cluster(0, start.world, start.row)
    chosen = cluster.ids[3]
    craft, cash = cluster.firms("craft"), cluster.firms("cash")
    cluster.deliver([chosen, 10**9], [{"raise": "craft", "by": 0.5}, {"grant": "cash", "by": 1e6}], cost_idr=2e6)
    assert cluster.firms("craft")[3] == pytest.approx(craft[3] + 0.5 * (1.0 - craft[3]))
    assert cluster.firms("cash")[3] == cash[3] + 1e6
    assert np.array_equal(np.delete(cluster.firms("craft"), 3), np.delete(craft, 3))
    assert cluster.spent_idr == 2e6
    assert start.world.firms[FIRM.received_idr].sum() == 2e6


def test_its_money_is_in_the_books_and_they_balance() -> None:
    scenario = SMALL.model_copy(update={"months": 4})
    start = month_zero(scenario, 1, 0)

    def grant_and_lend(cluster: Cluster) -> None:
        if cluster.step in {0, 2}:
            effects = [{"grant": "cash", "by": 4e6}, {"grant": "equipment", "by": 1e6}, {"lend": "cash", "by": 2e6}]
            cluster.deliver(cluster.ids[:10], effects, cost_idr=3e6, dose=0.5)

    helped = run_scenario(scenario, start, range(4), hook=grant_and_lend)
    for step in (0, 2):
        flows = dict(zip(FLOWS, helped.flows[step], strict=True))
        assert (flows["release"], flows["cash_grants"], flows["delivery"]) == (30e6, 20e6, 10e6)
    assert not helped.flows[[1, 3]][:, [FLOW.release, FLOW.cash_grants, FLOW.delivery]].any()
    cash = [table[FIRM.cash].sum() for table in (start.world.firms, *helped.snapshots)]
    for step, flows in enumerate(helped.flows):
        books = empty_ledger(1)._replace(flows=flows)
        assert account_change(books, "agency") == 0.0
        assert account_change(books, "firms") == pytest.approx(cash[step + 1] - cash[step], abs=1.0)


def test_what_is_read_is_a_copy() -> None:
    start = month_zero(SMALL, 1, 0)
    cluster = Cluster(0, start.world, start.row)
    cluster.firms("cash")[:] = 0.0
    assert cluster.firms("cash").min() > 0.0
    assert cluster.firms("market_access").shape == (4, len(cluster.ids))


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda cluster: cluster.firms("crafts"), "'crafts'; did you mean 'craft'"),
        (lambda cluster: cluster.deliver([0], [{"raize": "craft", "by": 0.1}]), "raize"),
        (lambda cluster: cluster.deliver([0], [{"fund": 1e6}]), "not an effect on firms"),
        (
            lambda cluster: cluster.deliver([0], [{"grant": "cash", "by": 4e6}], cost_idr=1e6, dose=0.5),
            "cost_idr is 1000000, less than the cash that each firm is granted; give at least 2000000",
        ),
    ],
)
def test_mistakes_are_named(mistake, message: str) -> None:
    with pytest.raises(InputError, match=message):
        run_scenario(SMALL, month_zero(SMALL, 1, 0), hook=mistake)
