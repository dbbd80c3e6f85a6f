"""Named checks of money, goods, ranges, empty slots and observation; laws and planted faults call the same ones.

A check takes a cluster and a scenario, runs what it needs, and raises AssertionError where the law is broken. With
`plain` the months run as plain Python, which sees what a test has replaced in the rules.
"""

from __future__ import annotations

import numpy as np

from ovopsim.fields import AGENCY, CHANNEL, CITY, FIRM, N_PEERS, Reals
from ovopsim.ledger import ACCOUNTS, FLOWS, Ledger, account_change, amount_of, imbalance
from ovopsim.policy import Scenario
from ovopsim.simulation import MonthZero
from ovopsim.state import LAST_SERVED, World, problems
from tests.worlds import Moment, Run, observed, same_bits

EXACT = 1e-9
# what a closed firm's slot still shows of its last month, until the next one
LAST_MONTH = ("sales", "sold", "export_sales", "value_added", "profit", "output", "wages_paid")
OPENING = ("cash", "inventory")  # read by the books, which add up all slots
NO_SLOT = ("met_slot", "met_id")


def close_to(one: float, other: float, scale: float = 0.0) -> bool:
    """Whether two amounts agree to 1e-9 of the largest amount involved."""
    return abs(one - other) <= EXACT * max(1.0, abs(one), abs(other), abs(scale))


def money_balances(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Closing − opening = flows booked: per firm, per account, and per debt, claim and kind of stock; every month."""
    for moment in Run(scenario, start, plain=plain).months(scenario.months):
        gaps = {name: gap for name, gap in imbalance(moment.world, moment.ledger).items() if not gap <= EXACT}
        assert gaps == {}, f"month {moment.step}: not booked: {gaps}"
        assert sum(account_change(moment.ledger, account) for account in ACCOUNTS) <= EXACT * max(
            1.0, float(moment.ledger.flows.max())
        )
        assert moment.ledger.flows.min() >= 0.0, f"{list(FLOWS)[int(moment.ledger.flows.argmin())]} runs backwards"


def results_tie_with_flows(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """What firms report as sales is what was booked; nobody sells more than there is; a year is twelve months."""
    run = Run(scenario, start, plain=plain)
    stock = run.world.firms[FIRM.inventory].copy()
    for moment in run.months(scenario.months):
        firms, ledger = moment.world.firms, moment.ledger
        sales = amount_of(ledger, "sales") + amount_of(ledger, "contract_sales")
        assert close_to(firms[FIRM.sales].sum(), sales), f"month {moment.step}: sales reported are not those booked"
        same = firms[FIRM.active] == 1.0
        excess = (firms[FIRM.sold] - stock - firms[FIRM.output])[same]
        assert excess.max(initial=0.0) <= EXACT * max(1.0, stock.max(initial=0.0)), (
            f"month {moment.step}: more was sold than there was"
        )
        history = firms[FIRM.sales_history : FIRM.sales_history + 12].sum(axis=0)
        assert np.allclose(firms[FIRM.yearly_sales], history, rtol=1e-9, atol=1e-3), "a year is not twelve months"
        stock = firms[FIRM.inventory].copy()


def wages_are_paid_once(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Workers are paid their wage, once: those who stay had their month's pay, and no firm pays for more."""
    for moment in Run(scenario, start, plain=plain).months(scenario.months):
        firms = moment.world.firms
        at_work = firms[FIRM.active] == 1.0
        due = (firms[FIRM.wage] * firms[FIRM.workers])[at_work]
        paid = firms[FIRM.wages_paid, at_work]
        assert np.allclose(paid, due, rtol=1e-9, atol=1e-6), f"month {moment.step}: paid is not wage times workers"
        closed = firms[FIRM.wages_paid, ~at_work].sum()
        assert close_to(amount_of(moment.ledger, "wages"), paid.sum() + closed)


def state_is_sound(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Every value is finite and in its range, every flag and code whole; shares and prices make sense."""
    run = Run(scenario, start, plain=plain)
    for moment in run.months(scenario.months):
        assert problems(moment.world) == [], f"month {moment.step}"
        assert np.all(np.isfinite(moment.outcomes)), f"month {moment.step}: an outcome is not finite"
        world, firms = moment.world, moment.world.firms
        active = firms[FIRM.active] == 1.0
        assert np.all(firms[FIRM.price, active] >= firms[FIRM.unit_cost, active]), "a price below marginal cost"
        spending, sales = world.channels[CHANNEL.spending], world.channels[CHANNEL.cluster_sales]
        assert np.all(sales <= spending * (1.0 + EXACT)), f"month {moment.step}: sales above what buyers spend"
        ids = firms[FIRM.firm_id, active]
        assert len(np.unique(ids)) == len(ids), f"month {moment.step}: two firms with one identity"


def makers_limit_hiring(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Employed = hired labour of all firms, and hiring never brings it above the makers that there are."""
    run = Run(scenario, start, plain=plain)
    before = float(run.world.city[CITY.employed])
    for moment in run.months(scenario.months):
        city, firms = moment.world.city, moment.world.firms
        hired = firms[FIRM.workers, firms[FIRM.active] == 1.0].sum()
        assert close_to(city[CITY.employed], hired), f"month {moment.step}: employed is not the sum of workers"
        assert hired <= max(city[CITY.makers], before) * (1.0 + EXACT), f"month {moment.step}: more hires than makers"
        before = hired


def closed_slots_hold_nothing(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """A slot without a firm has no money, goods, people or flags, and its last month's results for a month only."""
    kept = [getattr(FIRM, name) for name in (*LAST_MONTH, "firm_id")]
    run = Run(scenario, start, plain=plain)
    active = run.world.firms[FIRM.active] == 1.0
    for moment in run.months(scenario.months):
        was_active, active = active, moment.world.firms[FIRM.active] == 1.0
        empty = moment.world.firms[:, ~active].copy()
        unused = empty[FIRM.firm_id] == -1.0
        for name in NO_SLOT:
            assert np.all(empty[getattr(FIRM, name)] == -1.0), name
            empty[getattr(FIRM, name)] = 0.0
        empty[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS, unused] = 0.0
        rest = np.delete(empty, kept, axis=0)
        assert not rest.any(), f"month {moment.step}: a slot without a firm still holds something"
        idle = ~was_active[~active]
        assert not empty[[getattr(FIRM, name) for name in LAST_MONTH]][:, idle].any(), f"month {moment.step}"


def poisoned(world: World) -> World:
    """Return a state whose empty slots hold nothing that can be read without being noticed."""
    firms = world.firms.copy()
    empty = firms[FIRM.active] != 1.0
    read = {getattr(FIRM, name) for name in ("active", "firm_id", *OPENING, *LAST_MONTH)}
    for row in set(range(firms.shape[0])) - read:
        firms[row, empty] = np.nan
    served = world.served.copy()
    served[empty, :, :LAST_SERVED] = np.nan
    return world._replace(firms=firms, served=served)


def empty_slots_are_not_read(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Whatever lies in slots without a firm, the firms live the same months."""
    clean, dirty = Run(scenario, start, plain=plain), Run(scenario, start, plain=plain)
    dirty.world = poisoned(dirty.world)
    for one, other in zip(clean.months(scenario.months), dirty.months(scenario.months), strict=True):
        active = one.world.firms[FIRM.active] == 1.0
        assert np.array_equal(active, other.world.firms[FIRM.active] == 1.0), f"month {one.step}"
        assert np.array_equal(one.world.firms[:, active], other.world.firms[:, active]), f"month {one.step}"
        assert np.array_equal(one.outcomes, other.outcomes), f"month {one.step}"


def observing_changes_nothing(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Looking once more changes neither the state nor what is seen."""
    run = Run(scenario, start, plain=plain)
    for moment in run.months(scenario.months):
        before = [array.tobytes() for array in moment.world]
        first, again = observed(moment.world, start.row), observed(moment.world, start.row)
        assert [array.tobytes() for array in moment.world] == before, f"month {moment.step}: the observer wrote"
        assert np.array_equal(first, again), f"month {moment.step}: a second look sees something else"
        # the compiled observer may round its logarithms in another way
        assert np.allclose(first, moment.outcomes, rtol=1e-12, atol=0.0), f"month {moment.step}"


def agency_keeps_its_budget(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Per lever: released = spent + lapsed + change of accrual, and never more spent than released."""
    run = Run(scenario, start, plain=plain)
    accrual = run.world.agency[AGENCY.accrual].copy()
    released = np.zeros_like(accrual)
    gone = np.zeros_like(accrual)
    for moment in run.months(scenario.months):
        agency = moment.world.agency
        scale = 1.0 + agency[AGENCY.released] + accrual
        left = agency[AGENCY.released] - agency[AGENCY.spent] - agency[AGENCY.lapsed]
        assert np.all(np.abs(left - (agency[AGENCY.accrual] - accrual)) <= EXACT * scale), f"month {moment.step}"
        released += agency[AGENCY.released]
        gone += agency[AGENCY.spent] + agency[AGENCY.lapsed]
        assert np.all(gone <= released * (1.0 + EXACT) + EXACT), f"month {moment.step}: spent above released"
        _deliveries_are_booked(moment.ledger, agency)
        accrual = agency[AGENCY.accrual].copy()


def _deliveries_are_booked(ledger: Ledger, agency: Reals) -> None:
    paid = sum(amount_of(ledger, name) for name in ("delivery", "cash_grants", "fund_grants"))
    assert close_to(paid, agency[AGENCY.spent].sum()), "spent is not what left the agency"


def last_moment(run: Run, months: int) -> Moment:
    """Run to the end and return it."""
    return list(run.months(months))[-1]


def assert_same(one: World, other: World, why: str) -> None:
    """Raise when two states differ in a single bit."""
    assert same_bits(one, other), why
