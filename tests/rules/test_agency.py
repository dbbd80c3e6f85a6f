"""Rule 2: money released and spent, whom the agency reaches, and what one delivery does."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim import forms
from ovopsim.draws import (
    ACCEPTANCE,
    AGENCY_VIEW,
    GROUP,
    MATCHING,
    RESPONSE,
    block,
    inverse_normal,
    lane_to_uniform,
    normal,
    uniform,
)
from ovopsim.fields import AGENCY, CITY, FIRM, SENTRA
from ovopsim.ledger import amount_of, imbalance
from ovopsim.month import empty_scratch, lists_of
from ovopsim.rules import agency as rule
from ovopsim.rules.agency import effects, offers, partners, places, ranking, trials
from ovopsim.rules.agency import tables as words
from ovopsim.rules.agency.tables import LEVER, TARGETING, Assignments, Levers
from ovopsim.state import DELIVERIES, LAST_DECLINED, LAST_SERVED, OFFERS
from tests.equations import city_of, got, opened, parameters_of, put

PARAMETERS = parameters_of("agency", overhead=0.2, response_sd=0.0)
COSTS = parameters_of("technology_and_cost")
FLOOR = (0.05, 0.04, 0.02, 0.02)
KEY = np.uint64(77)
TAX = 0.005

ACCEPTED = 1e3  # whoever is asked accepts


def lever(*rows: tuple[float, float, float, float], **properties: float) -> Levers:
    """Return the tables of one lever that everybody accepts; rows are (verb, target, size, probability)."""
    table = np.zeros((len(LEVER), 1))
    given = {"unit_cost": 4e6, "batch": 1.0, "capacity": 100.0, "accept_intercept": ACCEPTED, "end": 60.0}
    for name, value in (given | {"last_effect": max(1, len(rows))} | properties).items():
        table[getattr(LEVER, name), 0] = value
    return Levers(table, np.array(rows or [(words.SET, FIRM.licensed, 0.0, 1.0)], dtype=float))


def scratch(slots: int):  # type: ignore[no-untyped-def]
    return lists_of(empty_scratch(slots))


def view_of(slot: int, year: int) -> float:
    """Return the error in the agency's view of a firm under lever 0."""
    return inverse_normal(lane_to_uniform(block(KEY, AGENCY_VIEW, slot, year, 0)[0]))


def served(world, levers: Levers, parameters=PARAMETERS, assignments: Assignments | None = None):  # type: ignore[no-untyped-def]
    """Run one month of the agency on a city; return its books."""
    slots = world.firms.shape[1]
    trial = assignments or Assignments(np.zeros((0, 4)), np.zeros((0, slots)))
    ledger = opened(world)
    rule.serve(world, ledger, parameters, COSTS, levers, trial, scratch(slots), FLOOR, TAX, KEY)
    assert max(imbalance(world, ledger).values()) < 1e-12
    return ledger


def test_overhead_is_part_of_what_a_unit_costs() -> None:
    assert places.full_cost(lever().table, 0, 0.2) == pytest.approx(5e6)


@pytest.mark.parametrize(
    ("wanted", "flag", "fits"),
    [(0.0, 0.0, True), (0.0, 1.0, True), (1.0, 1.0, True), (1.0, 0.0, False), (-1.0, 0.0, True), (-1.0, 1.0, False)],
)
def test_a_condition_asks_for_a_flag_or_against_it(wanted: float, flag: float, fits: bool) -> None:
    assert offers.fits(wanted, flag) == fits


@pytest.mark.parametrize(
    ("condition", "firm"),
    [
        ({"requires_licence": 1.0}, {"licensed": 0.0}),
        ({"requires_member": -1.0}, {"member": 1.0}),
        ({"requires_certificate": 1.0}, {"certified": 0.0}),
        ({"requires_account": -1.0}, {"business_account": 1.0}),
        ({"minimum_age": 25.0}, {}),
        ({"through_cooperative": 1.0}, {"member": 0.0}),
        ({"co_payment": 21e6}, {}),
        ({}, {"active": 0.0}),
    ],
)
def test_who_does_not_meet_a_condition_gets_no_offer(condition: dict[str, float], firm: dict[str, float]) -> None:
    world = city_of()
    put(world, 0, **firm)
    levers = lever(**condition)
    assert not offers.eligible(world, levers, 0, 0)
    assert not offers.takes_offer(world, levers, 0, 0, TAX, PARAMETERS, KEY)
    assert world.served[0, 0, OFFERS] == 0.0
    assert world.agency[AGENCY.asked, 0] == 0.0
    put(world, 1, licensed=1.0, certified=1.0, member=condition.get("through_cooperative", 0.0), age=25.0, cash=22e6)
    assert offers.eligible(world, levers, 0, 1)


def test_who_was_served_lately_waits() -> None:
    world = city_of()
    world.city[CITY.month] = 30.0
    world.served[0, 0, LAST_SERVED] = 19.0
    assert not offers.eligible(world, lever(not_served_within=12.0), 0, 0)
    assert offers.eligible(world, lever(not_served_within=11.0), 0, 0)


def test_acceptance_is_a_logit_of_taste_value_days_and_burden() -> None:
    table = lever(
        accept_intercept=0.3, accept_taste=0.5, accept_value=1.2, accept_days=2.0, accept_payment=0.7,
        money_value=4e6, owner_days=5.0, co_payment=1e6, tax_follows=1.0,
    ).table  # fmt: skip
    found = offers.acceptance_chance(table, 0, 1.5, 2e6, 3e5, 25.0)
    logit = 0.3 + 0.5 * 1.5 + 1.2 * 2.0 - 2.0 * 0.2 - 0.7 * 1.3e6 / 2e6
    assert found == pytest.approx(forms.logistic(logit))
    table[LEVER.tax_follows] = 0.0
    assert offers.acceptance_chance(table, 0, 1.5, 2e6, 3e5, 25.0) > found
    assert offers.acceptance_chance(table, 0, 1.5, -9e6, 3e5, 25.0) == pytest.approx(
        offers.acceptance_chance(table, 0, 1.5, 1.0, 3e5, 25.0)
    )


def test_an_offer_is_taken_by_its_own_draw_and_a_refusal_is_noted() -> None:
    world = city_of()
    world.city[CITY.month] = 7.0
    refusals = 0
    for number in range(30):
        draw = uniform(KEY, ACCEPTANCE, 0, number, 0)
        accepts = offers.takes_offer(world, lever(accept_intercept=0.0), 0, 0, TAX, PARAMETERS, KEY)
        assert accepts == (draw < 0.5)
        refusals += not accepts
        assert world.served[0, 0, OFFERS] == world.agency[AGENCY.asked, 0] == number + 1.0
    assert 0 < refusals < 30
    assert world.served[0, 0, LAST_DECLINED] == 7.0


def test_expected_tax_makes_a_licence_less_welcome() -> None:
    world = city_of()
    put(world, 0, yearly_sales=1e9)
    levers = lever(accept_intercept=0.0, accept_payment=1.0, tax_follows=1.0)
    chance = offers.acceptance_chance(levers.table, 0, 0.0, 2e6, TAX * 1e9, 25.0)
    taken = sum(offers.takes_offer(world, levers, 0, 0, TAX, PARAMETERS, KEY) for _ in range(400))
    assert taken / 400.0 == pytest.approx(chance, abs=0.06)
    assert chance < 0.1


def delivered(levers: Levers, dose: float = 1.0, parameters=PARAMETERS, **firm: float):  # type: ignore[no-untyped-def]
    """Deliver once to firm 0 past the agency's account; return the city and its books."""
    world = city_of()
    put(world, 0, **firm)
    world.agency[AGENCY.accrual, 0] = 0.0
    ledger = opened(world)
    effects.deliver(world, ledger, parameters, levers, 0, 0, dose, FLOOR, KEY)
    return world, ledger


def test_a_delivery_is_paid_counted_and_remembered() -> None:
    world, ledger = delivered(lever(owner_days=5.0, co_payment=1e6))
    assert amount_of(ledger, "delivery") == pytest.approx(5e6)
    assert amount_of(ledger, "co_payments") == 1e6
    assert got(world, 0, "received_idr", "times_served", "days_away", "cash") == pytest.approx([5e6, 1.0, 5.0, 19e6])
    counts = ("spent", "delivered", "total_delivered")
    assert [world.agency[getattr(AGENCY, name), 0] for name in counts] == pytest.approx([5e6, 1.0, 1.0])
    assert world.served[0, 0, DELIVERIES] == 1.0
    assert world.served[0, 0, LAST_SERVED] == 0.0
    assert got(world, 0, "licensed") == 1.0


def test_what_a_delivery_costs_and_hands_over_grows_with_its_dose() -> None:
    world, ledger = delivered(lever((words.GRANT_CASH, FIRM.cash, 3e6, 1.0)), dose=0.5)
    assert got(world, 0, "cash") == pytest.approx(21.5e6)
    assert amount_of(ledger, "cash_grants") == pytest.approx(1.5e6)
    assert amount_of(ledger, "delivery") == pytest.approx(1e6), "the rest is its handling"
    assert world.agency[AGENCY.spent, 0] == pytest.approx(2.5e6)


EFFECTS = {
    "raise": ((words.RAISE, FIRM.craft, 0.2, 1.0), "craft", 0.5 + 0.2 * 0.5),
    "grant in kind": ((words.GRANT_EQUIPMENT, FIRM.equipment, 5e6, 1.0), "equipment", 35e6),
    "set": ((words.SET, FIRM.certified, 0.0, 1.0), "certified", 1.0),
    "shift": ((words.SHIFT, FIRM.adoption_shift, 1.5, 1.0), "adoption_shift", 1.5),
    "meet": ((words.MEET, FIRM.meets, 1.0, 1.0), "meets", 1.0),
    "coach": ((words.COACH, FIRM.coached, 0.0, 1.0), "coached", 1.0),
    "boost": ((words.BOOST, FIRM.rate_cut, 0.03, 1.0), "rate_cut", 0.03),
    "lend": ((words.LEND, FIRM.bank_debt, 4e6, 1.0), "bank_debt", 4e6),
    "contract": ((words.CONTRACT, FIRM.contract_lot, 0.2, 1.0), "contract_lot", 20.0),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_each_verb_moves_the_state_it_names(name: str) -> None:
    row, state, value = EFFECTS[name]
    world, ledger = delivered(lever(row))
    assert got(world, 0, state) == pytest.approx(value)
    assert imbalance(world, ledger)["firms_total"] < 1e-12
    assert imbalance(world, ledger)["equipment"] < 1e-12
    assert imbalance(world, ledger)["bank_debt"] < 1e-12
    untouched, _ = delivered(lever((words.SET, FIRM.licensed, 0.0, 1.0)))
    moved = {row_ for row_ in range(world.firms.shape[0]) if world.firms[row_, 0] != untouched.firms[row_, 0]}
    named = {getattr(FIRM, field) for field in (state, "licensed")}
    besides = {"lend": {"cash", "bank_instalment", "bank_rate"}, "contract": {"contract_price"}}.get(name, set())
    assert moved == named | {getattr(FIRM, field) for field in besides}


def test_a_bank_that_comes_by_lends_at_the_terms_the_state_has_promised() -> None:
    loan = lever((words.LEND, FIRM.bank_debt, 4e6, 1.0))
    terms = ("bank_rate", "subsidised_rate", "guaranteed")
    promised, _ = delivered(loan, rate_cut=0.02, guarantee_offer=0.7)
    assert got(promised, 0, *terms) == pytest.approx([PARAMETERS.loan_rate - 0.02, 0.02, 0.7])
    more_than_all, _ = delivered(loan, rate_cut=0.5)
    assert got(more_than_all, 0, *terms) == pytest.approx([0.0, PARAMETERS.loan_rate, 0.0])
    in_debt, _ = delivered(loan, rate_cut=0.02, guarantee_offer=0.7, bank_debt=1e6, bank_rate=0.08)
    assert got(in_debt, 0, "bank_debt", *terms) == pytest.approx([5e6, 0.08, 0.0, 0.0])


def test_meetings_are_what_the_agency_learns_from() -> None:
    world, _ = delivered(lever((words.MEET, FIRM.meets, 1.0, 1.0)), dose=2.0)
    assert world.city[CITY.knowledge] == got(world, 0, "meets") == 2.0


def test_a_boost_does_not_add_up_and_is_at_most_one() -> None:
    assert (
        got(
            delivered(lever((words.BOOST, FIRM.guarantee_offer, 0.7, 1.0)), guarantee_offer=0.8)[0],
            0,
            "guarantee_offer",
        )
        == 0.8
    )
    assert (
        got(delivered(lever((words.BOOST, FIRM.guarantee_offer, 0.7, 1.0)), dose=9.0)[0], 0, "guarantee_offer") == 1.0
    )


def test_a_raise_has_its_luck_and_never_passes_one() -> None:
    luck = parameters_of("agency", overhead=0.2, response_sd=0.4)
    world, _ = delivered(lever((words.RAISE, FIRM.craft, 0.2, 1.0)), parameters=luck)
    strength = math.exp(0.4 * normal(KEY, RESPONSE, 0, 0, 0) - 0.08)
    assert got(world, 0, "craft") == pytest.approx(0.5 + 0.2 * strength * 0.5)
    assert got(delivered(lever((words.RAISE, FIRM.craft, 0.9, 1.0)), dose=9.0)[0], 0, "craft") == 1.0


@given(sd=st.floats(0.0, 1.0))
def test_responses_have_mean_one(sd: float) -> None:
    draws = np.array([effects.response(KEY, identity, 0, 0, 0.5) for identity in range(4_000)])
    assert draws.mean() == pytest.approx(1.0, abs=0.03)
    assert effects.response(KEY, 1, 2, 3, 0.0) == 1.0
    assert effects.response(KEY, 1, 2, 3, sd) == pytest.approx(
        math.exp(sd * normal(KEY, RESPONSE, 1, 3, 2) - 0.5 * sd * sd)
    )


def test_access_is_raised_on_the_logit_where_the_firm_sells() -> None:
    row = (words.RAISE_ACCESS, 2, 0.4, 1.0)
    world, _ = delivered(lever(row))
    assert world.firms[FIRM.access_logit + 2, 0] == pytest.approx(0.4)
    assert world.firms[FIRM.market_access + 2, 0] == pytest.approx(forms.logistic(0.4))
    outside = city_of()
    outside.firms[FIRM.participates + 2, 0] = 0.0
    effects.deliver(outside, opened(outside), PARAMETERS, lever(row), 0, 0, 1.0, FLOOR, KEY)
    assert outside.firms[FIRM.access_logit + 2, 0] == 0.0


def test_a_channel_that_begins_begins_with_the_least_access() -> None:
    world = city_of()
    world.firms[FIRM.participates + 3, 0] = 0.0
    effects.deliver(world, opened(world), PARAMETERS, lever((words.START, 3, 0.0, 1.0)), 0, 0, 1.0, FLOOR, KEY)
    assert world.firms[FIRM.participates + 3, 0] == 1.0
    assert world.firms[FIRM.market_access + 3, 0] == FLOOR[3]


def test_an_effect_with_a_probability_has_a_draw_for_each_firm_delivery_and_row() -> None:
    rows = [(words.SHIFT, FIRM.adoption_shift, 1.0, 0.4), (words.SHIFT, FIRM.approval_shift, 1.0, 0.4)]
    levers = lever(*rows)
    world = city_of()
    hits = np.zeros(2)
    for number in range(60):
        before = np.array(got(world, 0, "adoption_shift", "approval_shift"))
        effects.deliver(world, opened(world), PARAMETERS, levers, 0, 0, 1.0, FLOOR, KEY)
        wanted = [uniform(KEY, MATCHING, 0, number, place) < 0.4 for place in range(2)]
        hits += np.array(got(world, 0, "adoption_shift", "approval_shift")) - before
        assert (np.array(got(world, 0, "adoption_shift", "approval_shift")) - before).tolist() == [
            float(w) for w in wanted
        ]
    assert np.all((hits > 10) & (hits < 40))


def test_half_a_dose_has_half_the_chance_of_a_certain_start() -> None:
    started = 0
    for identity in range(300):
        world = city_of()
        put(world, 0, firm_id=identity)
        effects.deliver(
            world, opened(world), PARAMETERS, lever((words.SHIFT, FIRM.adoption_shift, 1.0, 0.8)), 0, 0, 0.5, FLOOR, KEY
        )
        started += got(world, 0, "adoption_shift") > 0.0
    assert started / 300.0 == pytest.approx(0.4, abs=0.08)


@pytest.mark.parametrize(
    ("firm", "offered"),
    [
        ({}, True),
        ({"craft": 0.1}, False),
        ({"craft": 0.1, "certified": 1.0}, True),
        ({"unit_cost": 139_000.0}, False),
        ({"contract_lot": 5.0}, False),
    ],
)
def test_a_large_buyer_asks_for_quality_and_a_price_above_cost(firm: dict[str, float], offered: bool) -> None:
    parameters = PARAMETERS._replace(quality_standard=0.5, contract_discount=0.08)
    world, _ = delivered(lever((words.CONTRACT, FIRM.contract_lot, 0.3, 1.0)), parameters=parameters, **firm)
    assert got(world, 0, "contract_lot") == pytest.approx(30.0 if offered else firm.get("contract_lot", 0.0))
    if offered:
        assert got(world, 0, "contract_price") == pytest.approx(0.92 * 140_000.0)
        assert got(world, 0, "contract_short") == 0.0


def test_a_first_contract_opens_the_national_market() -> None:
    world = city_of()
    world.firms[FIRM.participates + 2, 0] = 0.0
    effects.offer_contract(world.firms, PARAMETERS, 0.2, 0.02, 0)
    assert world.firms[FIRM.participates + 2, 0] == 1.0
    assert world.firms[FIRM.market_access + 2, 0] == 0.02


def test_delayed_effects_come_when_they_are_due_to_firms_still_in_business() -> None:
    world = city_of()
    levers = lever((words.RAISE, FIRM.craft, 0.2, 1.0), delay=3.0)
    for slot in range(2):
        effects.deliver(world, opened(world), PARAMETERS, levers, 0, slot, 0.5, FLOOR, KEY)
    assert got(world, 0, "craft") == 0.5
    put(world, 1, active=0.0)
    for month in range(6):
        world.city[CITY.month] = month
        served(world, levers)
        assert got(world, 0, "craft") == pytest.approx(0.55 if month >= 3 else 0.5), "half a dose"
    assert got(world, 1, "craft") == 0.5


def test_those_who_meet_are_introduced_to_the_next_in_a_circle() -> None:
    world = city_of(6)
    for slot in range(5):
        put(world, slot, meets=1.0)
    partners.introduce(world, lever((words.MEET, FIRM.meets, 1.0, 1.0)), 0, np.arange(6), np.zeros(6), KEY)
    circle = sorted(range(6), key=lambda slot: uniform(KEY, GROUP, slot, 0, 0))
    for slot in range(5):
        after = circle[(circle.index(slot) + 1) % 6]
        assert got(world, slot, "met_slot", "met_id") == [after, after]
    assert got(world, 5, "met_slot") == -1.0, "it does not meet"


def test_a_lever_that_brings_nobody_together_introduces_nobody() -> None:
    world = city_of(3)
    for slot in range(3):
        put(world, slot, meets=1.0)
    partners.introduce(world, lever((words.RAISE, FIRM.craft, 0.2, 1.0)), 0, np.arange(3), np.zeros(3), KEY)
    assert np.all(world.firms[FIRM.met_slot] == -1.0)


def test_a_loan_on_top_of_a_debt_has_its_terms() -> None:
    row = (words.LEND, FIRM.bank_debt, 4e6, 1.0)
    world, _ = delivered(lever(row), bank_debt=2e6, bank_rate=0.01, guaranteed=0.5, subsidised_rate=0.02)
    assert got(world, 0, "bank_debt", "bank_rate", "guaranteed", "subsidised_rate") == [6e6, 0.01, 0.5, 0.02]
    assert got(world, 0, "bank_instalment") == pytest.approx(6e6 / PARAMETERS.loan_months)
    world, _ = delivered(lever(row), bank_rate=0.01, guaranteed=0.5, subsidised_rate=0.02)
    assert got(world, 0, "bank_rate", "guaranteed", "subsidised_rate") == [PARAMETERS.loan_rate, 0.0, 0.0]


def test_who_is_served_for_the_first_time_counts_as_reached() -> None:
    world = city_of()
    for slot in (0, 1, 0):
        effects.deliver(world, opened(world), PARAMETERS, lever(), 0, slot, 1.0, FLOOR, KEY)
    assert world.city[CITY.reached] == 2.0
    assert world.firms[FIRM.times_served, :3].tolist() == [2.0, 1.0, 0.0]


def programme(**properties: float) -> Levers:
    return lever(**({"ceiling": 120e6, "start": 0.0, "end": 24.0} | properties))


def test_money_is_released_by_the_month_and_spent_while_it_lasts() -> None:
    world = city_of(8)
    ledger = served(world, programme(), PARAMETERS._replace(absorption=(0.1,) * 12))
    assert amount_of(ledger, "release") == pytest.approx(12e6)
    row = {
        name: world.agency[getattr(AGENCY, name), 0] for name in ("released", "spent", "accrual", "delivered", "lapsed")
    }
    assert row == pytest.approx({"released": 12e6, "spent": 10e6, "accrual": 2e6, "delivered": 2.0, "lapsed": 0.0})
    assert (world.firms[FIRM.licensed, :8] == 1.0).sum() == 2


def test_whole_batches_are_delivered_up_to_capacity() -> None:
    plenty = PARAMETERS._replace(absorption=(1.0,) * 12)
    world = city_of(8)
    served(world, programme(batch=3.0, capacity=7.0), plenty)
    assert world.agency[AGENCY.delivered, 0] == 6.0
    world = city_of(8)
    served(world, programme(batch=3.0, ceiling=14e6), plenty)
    assert world.agency[AGENCY.delivered, 0] == 0.0, "two and a bit units are no batch of three"
    served(world, programme(batch=3.0, ceiling=14e6), plenty)
    assert world.agency[AGENCY.delivered, 0] == 3.0, "saved up"


def test_what_is_left_lapses_in_december_or_at_the_end() -> None:
    for calendar_month, month, multi_year, lapses in (
        (11.0, 5.0, 0.0, True),
        (11.0, 5.0, 1.0, False),
        (4.0, 23.0, 1.0, True),
        (4.0, 22.0, 0.0, False),
    ):
        world = city_of()
        world.city[CITY.calendar_month] = calendar_month
        world.city[CITY.month] = month
        world.agency[AGENCY.accrual, 0] = 1e6
        ledger = served(
            world, programme(ceiling=1e6, multi_year=multi_year), PARAMETERS._replace(absorption=(0.5,) * 12)
        )
        assert (amount_of(ledger, "lapse") == pytest.approx(1.5e6)) == lapses
        assert (world.agency[AGENCY.lapsed, 0] > 0.0) == lapses


@pytest.mark.parametrize(("month", "acts"), [(-1.0, False), (0.0, True), (23.0, True), (24.0, False)])
def test_a_programme_acts_between_its_months(month: float, acts: bool) -> None:
    world = city_of()
    world.city[CITY.month] = month
    world.agency[AGENCY.released, 0] = 5.0
    served(world, programme(), PARAMETERS._replace(absorption=(0.1,) * 12))
    assert world.agency[AGENCY.released, 0] == pytest.approx(12e6 if acts else 0.0)


def test_without_money_nothing_is_done() -> None:
    world = city_of()
    served(world, programme(ceiling=0.0))
    assert not world.agency.any()
    assert not world.lists.any()


def test_the_list_is_made_at_the_start_and_in_january_and_gone_down() -> None:
    quick = PARAMETERS._replace(absorption=(0.0417,) * 12)  # one unit a month
    world = city_of(5)
    orders = []
    for month in range(14):
        world.city[CITY.month] = month
        world.city[CITY.calendar_month] = (month + 5) % 12
        world.city[CITY.year] = 2016 + (month + 5) // 12
        before = world.firms[FIRM.times_served, :5].copy()
        served(world, programme(), quick)
        orders.append(int(np.argmax(world.firms[FIRM.times_served, :5] - before)))
    views = [[view_of(slot, year) for slot in range(5)] for year in (2016, 2017)]
    assert orders[:5] == np.argsort(views[0])[::-1].tolist()
    assert orders[5:7] == orders[:2], "past its end the list starts again"
    first_year = world.firms[FIRM.times_served, :5].copy()
    for slot in orders[7:]:
        first_year[slot] -= 1.0
    scores = np.array(views[1]) + PARAMETERS.served_again * first_year
    assert orders[7:12] == np.argsort(-scores).tolist()


def test_who_declined_is_asked_again_after_a_while_only() -> None:
    world = city_of(3)
    world.city[CITY.month] = 10.0
    world.served[:3, 0, LAST_DECLINED] = (10.0 - PARAMETERS.ask_again, 11.0 - PARAMETERS.ask_again, 9.0)
    put(world, 0, licensed=0.0)
    served(world, programme(start=10.0), PARAMETERS._replace(absorption=(1.0,) * 12))
    assert world.served[:3, 0, OFFERS].tolist() == [1.0, 0.0, 0.0]


def test_a_list_that_starts_again_leaves_out_whom_this_year_cannot_serve() -> None:
    world = city_of(4)
    world.city[CITY.month] = 8.0
    world.city[CITY.calendar_month] = 8.0  # January is in month 12
    world.lists[0, 0, :4] = (3.0, 2.0, 1.0, 0.0)
    world.lists[1, 0, :4] = (3.0, 2.0, 1.0, 99.0)  # the last has closed, another moved in
    world.agency[AGENCY.listed, 0] = world.agency[AGENCY.position, 0] = 4.0
    world.served[3, 0, LAST_SERVED] = 8.0
    ranking.start_list_again(world, lever(not_served_within=4.0), 0, 6.0)
    assert world.lists[0, 0, :2].tolist() == [2.0, 1.0]
    assert world.agency[AGENCY.listed, 0] == 2.0
    assert world.agency[AGENCY.position, 0] == 0.0
    world.served[2, 0, LAST_DECLINED] = 6.0
    put(world, 1, active=0.0)
    ranking.start_list_again(world, lever(), 0, 6.0)
    assert world.agency[AGENCY.listed, 0] == 0.0


def scores_of(world, targeting: str, parameters=PARAMETERS, knowledge: float = 0.0) -> list[int]:  # type: ignore[no-untyped-def]
    """Return the slots of a city in the order of the list."""
    world.city[CITY.knowledge] = knowledge
    levers = lever(targeting=float(TARGETING.index(targeting)), constraint=1.0)
    lists = scratch(world.firms.shape[1])
    ranking.form_views(world, 0, lists, KEY)
    ranking.rank_firms(world, parameters, COSTS, levers, 0, lists)
    return [int(slot) for slot in world.lists[0, 0, : int(world.agency[AGENCY.listed, 0])]]


def test_each_targeting_key_puts_its_own_firms_first() -> None:
    sure = PARAMETERS._replace(view_noise=0.0)
    world = city_of(5)
    keys = {
        "smallest_first": ("yearly_sales", (5e6, 1e6, 9e6, 3e6, 7e6), [1, 3, 0, 4, 2]),
        "ablest_first": ("log_ability", (0.1, 0.9, 0.5, -0.3, 0.7), [1, 4, 2, 0, 3]),
        "most_constrained": ("cash_short", (0.1, 0.5, 0.3, 0.9, 0.2), [3, 1, 2, 4, 0]),
    }
    for targeting, (field, numbers, order) in keys.items():
        for slot, number in enumerate(numbers):
            put(world, slot, **{field: number})
        assert scores_of(world, targeting, sure) == order, targeting
    put(world, 2, member=1.0)
    assert scores_of(world, "members_first", sure)[0] == 2
    world.firms[FIRM.peer_slot, :5], world.firms[FIRM.peer_id, :5] = (
        (4.0, 4.0, 4.0, 1.0, 1.0),
        (4.0, 4.0, 4.0, 1.0, 1.0),
    )
    put(world, 0, active=0.0)
    assert scores_of(world, "well_connected", sure) == [1, 4, 2, 3], (
        "two links each, one membership; who closed links nobody"
    )


def test_the_agency_sees_more_clearly_after_meetings_and_likes_whom_it_knows() -> None:
    world = city_of(5)
    for slot in range(5):
        put(world, slot, log_ability=0.1 * slot)
    view = np.array([view_of(slot, 0) for slot in range(5)])
    ability, spread = 0.1 * np.arange(5), np.std(0.1 * np.arange(5))
    noisy = PARAMETERS._replace(view_noise=3.0)
    assert scores_of(world, "ablest_first", noisy) == np.argsort(-(ability + 3.0 * spread * view)).tolist()
    assert scores_of(world, "ablest_first", noisy, knowledge=5e9) == [4, 3, 2, 1, 0]
    put(world, 0, times_served=9.0)
    assert scores_of(world, "ablest_first", noisy._replace(served_again=0.5), knowledge=5e9)[0] == 0
    assert scores_of(city_of(5), "random", noisy, knowledge=5e9) == np.argsort(-view).tolist(), (
        "chance is not seen through"
    )


def test_only_firms_in_business_are_listed() -> None:
    world = city_of(4)
    put(world, 2, active=0.0)
    assert sorted(scores_of(world, "random")) == [0, 1, 3]
    assert world.lists[1, 0, :3].tolist() == world.lists[0, 0, :3].tolist()


def test_works_raise_amenity_by_rupiah_for_each_firm_there() -> None:
    world = city_of()
    world.sentras[SENTRA.initial_firms] = (10.0, 30.0, 60.0)
    levers = programme(to=float(words.TO_SENTRA))
    levers.effects[0] = (words.AMENITY, 0.0, 2e-8, 1.0)
    still = PARAMETERS._replace(absorption=(0.1,) * 12)
    ledger = served(world, levers, still)
    useful = 12e6 * 0.8
    assert world.sentras[SENTRA.amenity] == pytest.approx(
        [1 + 2e-8 * 0.25 * useful / 10, 1 + 2e-8 * 0.75 * useful / 30, 1.0]
    )
    assert amount_of(ledger, "delivery") == pytest.approx(12e6)
    assert world.agency[AGENCY.delivered, 0] == pytest.approx(12e6 / 5e6)
    assert world.agency[AGENCY.accrual, 0] == 0.0


def test_cooperatives_are_served_in_turn() -> None:
    world = city_of()
    levers = programme(to=float(words.TO_COOPERATIVE), capacity=4.0)
    levers.effects[0] = (words.FUND, 0.0, 3e6, 1.0)
    ledger = served(world, levers, PARAMETERS._replace(absorption=(0.5,) * 12))
    assert world.agency[AGENCY.cooperative_units : AGENCY.cooperative_units + 3, 0].tolist() == [2.0, 1.0, 1.0]
    assert world.sentras[SENTRA.fund] == pytest.approx([15e6, 12e6, 12e6])
    assert world.sentras[SENTRA.fund_target] == pytest.approx([15e6, 12e6, 12e6])
    assert amount_of(ledger, "fund_grants") == pytest.approx(12e6)
    assert amount_of(ledger, "delivery") == pytest.approx(8e6)
    served(world, levers, PARAMETERS._replace(absorption=(0.0,) * 12))
    assert world.agency[AGENCY.cooperative_units : AGENCY.cooperative_units + 3, 0].tolist() == [3.0, 3.0, 2.0]


def test_a_course_for_the_board_raises_governance() -> None:
    world = city_of()
    levers = lever((words.GOVERNANCE, 0.0, 0.4, 1.0), (words.MEET, 0.0, 1.0, 1.0))
    places.serve_cooperative(world, opened(world), PARAMETERS, levers, 0, 1, 0.5)
    assert world.sentras[SENTRA.governance] == pytest.approx([0.5, 0.6, 0.5])
    assert world.sentras[SENTRA.fund].tolist() == [9e6] * 3, "a board holds no meetings of owners"
    assert world.agency[AGENCY.spent, 0] == pytest.approx(2.5e6)


def test_a_trial_serves_its_firms_in_its_month_on_money_of_its_own() -> None:
    world = city_of(5)
    marks = np.full((1, 7), -1.0)
    marks[0, [1, 3]] = (1.0, 8.0)  # the firm that was in slot 3 is gone
    orders = np.array([[0.0, 4.0, 2.0, -1.0]])
    for month in (3.0, 4.0, 5.0):
        world.city[CITY.month] = month
        ledger = served(
            world, lever((words.SHIFT, FIRM.adoption_shift, 0.5, 1.0)), assignments=Assignments(orders, marks)
        )
        amount = 10e6 if month == 4.0 else 0.0
        assert amount_of(ledger, "release") == amount_of(ledger, "delivery") == pytest.approx(amount)
        assert world.agency[AGENCY.spent, 0] == world.agency[AGENCY.released, 0] == pytest.approx(amount)
    assert world.firms[FIRM.adoption_shift, :5].tolist() == [0.0, 1.0, 0.0, 0.0, 0.0]


def test_a_trial_of_a_sentra_serves_all_its_firms_who_meet_in_batches_by_identity() -> None:
    world = city_of(5)
    put(world, 4, sentra=1.0)
    for slot, identity in enumerate((40, 30, 20, 10)):
        put(world, slot, firm_id=identity)
    levers = lever((words.MEET, FIRM.meets, 1.0, 1.0), batch=2.0)
    served(world, levers, assignments=Assignments(np.array([[0.0, 0.0, 1.0, 0.0]]), np.full((1, 7), -1.0)))
    assert world.firms[FIRM.meets, :5].tolist() == [1.0, 1.0, 1.0, 1.0, 0.0]
    assert [got(world, slot, "met_id") for slot in range(4)] == [30.0, 40.0, 10.0, 20.0]


@pytest.mark.parametrize(("to", "verb"), [(words.TO_SENTRA, words.AMENITY), (words.TO_COOPERATIVE, words.FUND)])
def test_a_trial_on_a_place_or_a_cooperative(to: int, verb: int) -> None:
    world = city_of()
    world.sentras[SENTRA.initial_firms] = (10.0, 30.0, 60.0)
    levers = lever((verb, 0.0, 2e-8 if verb == words.AMENITY else 1e6, 1.0), to=float(to))
    ledger = served(world, levers, assignments=Assignments(np.array([[0.0, 0.0, 2.0, 1.0]]), np.full((1, 5), -1.0)))
    assert world.agency[AGENCY.spent, 0] == world.agency[AGENCY.released, 0] == pytest.approx(10e6)
    assert world.agency[AGENCY.accrual, 0] == 0.0
    assert amount_of(ledger, "release") == pytest.approx(10e6)
    if verb == words.AMENITY:
        assert world.sentras[SENTRA.amenity] == pytest.approx([1.0, 1.0 + 2e-8 * 8e6 / 30.0, 1.0])
        assert world.agency[AGENCY.delivered, 0] == 2.0
    else:
        assert world.sentras[SENTRA.fund] == pytest.approx([9e6, 11e6, 9e6])


def test_who_refuses_a_trials_offer_is_not_served() -> None:
    world = city_of()
    refused = lever((words.SHIFT, FIRM.adoption_shift, 0.5, 1.0), accept_intercept=-1e3)
    marks = np.full((1, 5), -1.0)
    marks[0, :3] = (0.0, 1.0, 2.0)
    trials.assign_firms(
        world, opened(world), PARAMETERS, refused, Assignments(np.array([[0.0, 0.0, 1.0, -1.0]]), marks), 0, FLOOR, TAX,
        scratch(5), KEY,
    )  # fmt: skip
    assert world.agency[AGENCY.asked, 0] == 3.0
    assert not world.firms[FIRM.adoption_shift].any()


def test_meetings_and_coaching_end_with_the_month() -> None:
    world = city_of()
    put(world, 0, meets=2.0, coached=1.0, met_slot=1.0, met_id=1.0)
    served(world, lever())
    assert got(world, 0, "meets", "coached", "met_slot", "met_id") == [0.0, 0.0, -1.0, -1.0]


def test_without_firms_in_the_named_sentras_works_move_no_place() -> None:
    world = city_of()
    world.sentras[SENTRA.initial_firms] = (0.0, 0.0, 60.0)
    world.agency[AGENCY.accrual, 0] = 5e6
    levers = lever((words.AMENITY, 0.0, 2e-8, 1.0))
    places.build(world, opened(world), PARAMETERS, levers, 0)
    assert world.sentras[SENTRA.amenity].tolist() == [1.0, 1.0, 1.0]
    assert world.agency[AGENCY.spent, 0] == 5e6


@pytest.mark.parametrize(("money", "units"), [(5e6, 1.0), (5e6 - 1.0, 0.0), (10e6, 2.0)])
def test_money_for_exactly_one_unit_pays_one(money: float, units: float) -> None:
    world = city_of()
    world.agency[AGENCY.accrual, 0] = money
    places.serve_cooperatives(world, opened(world), PARAMETERS, lever((words.FUND, 0.0, 3e6, 1.0)), 0)
    assert world.agency[AGENCY.delivered, 0] == units


def raw(world, targeting: int):  # type: ignore[no-untyped-def]
    """Return the scores of three firms, and their spread."""
    scores = np.full(5, 99.0)
    spread = ranking.raw_scores(world, COSTS, scores, 3, targeting, 0)
    return scores[:3].tolist(), spread


def test_noise_is_measured_in_standard_deviations_of_the_scores() -> None:
    world = city_of()
    ability = (0.1, 0.5, -0.3)
    for slot, number in enumerate(ability):
        put(world, slot, log_ability=number)
    scores, spread = raw(world, words.ABLEST)
    assert scores == list(ability)
    assert spread == pytest.approx(np.std(ability))
    put(world, 2, active=0.0)
    assert raw(world, words.ABLEST)[1] == pytest.approx(np.std(ability[:2]))


def test_links_are_counted_from_nothing() -> None:
    world = city_of()
    world.firms[FIRM.peer_slot, :3] = world.firms[FIRM.peer_id, :3] = (1.0, 2.0, 1.0)
    scores, spread = raw(world, words.CONNECTED)
    assert scores == [0.0, 2.0, 1.0]
    assert spread == pytest.approx(np.std([0.0, 2.0, 1.0]))


def test_where_scores_do_not_differ_noise_alone_decides() -> None:
    world = city_of()
    assert raw(world, words.ABLEST) == ([0.0] * 3, 1.0)
    assert raw(world, words.RANDOM) == ([0.0] * 3, 1.0)
    world.firms[FIRM.active] = 0.0
    assert raw(world, words.ABLEST)[1] == 1.0, "nobody is left to be listed"
