"""Rule 9: who closes and what becomes of what is left; who starts and with what."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim import forms
from ovopsim.draws import CANDIDATE_ENTRY, CANDIDATE_STATE, NEW_NEIGHBOUR, four_uniforms, inverse_normal, uniform
from ovopsim.fields import CITY, EXPORT, FIRM, N_PEERS, NATIONAL, SENTRA
from ovopsim.ledger import BROUGHT_IN, amount_of, imbalance
from ovopsim.month import empty_scratch, lists_of
from ovopsim.rules.entry_and_exit import close_and_enter, closing, neighbours, owners, starting
from ovopsim.state import LAST_SERVED, NEVER
from tests.equations import city_of, got, opened, parameters_of, put, settle_firm

PARAMETERS = parameters_of("entry_and_exit")
OWNERS = parameters_of("population")
COSTS = parameters_of("technology_and_cost")
LEAST = parameters_of("learning").least_access
KEY = np.uint64(21)


@given(income=st.floats(-1e7, 1e9), unmet=st.floats(0.0, 1.0))
def test_the_hazard_of_closing_is_background_quitting_and_distress(income: float, unmet: float) -> None:
    hazard = closing.closing_hazard(PARAMETERS, income, unmet, 1.2)
    gap = math.log(1.2 * PARAMETERS.outside_income / max(income, 1.0)) / PARAMETERS.quit_scale
    quitting = PARAMETERS.quit_rate * forms.logistic(gap)
    assert hazard == pytest.approx(PARAMETERS.background + quitting + PARAMETERS.distress_rate * unmet)
    assert hazard <= closing.highest_hazard(PARAMETERS, unmet)


def test_an_owner_who_earns_what_is_paid_elsewhere_is_half_inclined_to_quit() -> None:
    hazard = closing.closing_hazard(PARAMETERS, 1.1 * PARAMETERS.outside_income, 0.0, 1.1)
    assert hazard == pytest.approx(PARAMETERS.background + 0.5 * PARAMETERS.quit_rate)


def test_what_is_left_pays_debts_in_order_and_the_rest_goes_home() -> None:
    world = city_of()
    put(world, 0, receivable=1e6, payable=2e6, bank_debt=10e6, coop_debt=3e6, member=1.0, workers=2.5)
    world.sentras[SENTRA.lent, 0] = 3e6
    ledger = opened(world)
    closing.close(world, ledger, COSTS, 0)
    closing.vacate(world.firms, np.array([0]))
    value = 30e6 * COSTS.resale_value
    assert amount_of(ledger, "resale") == pytest.approx(value)
    assert amount_of(ledger, "equipment_cleared") == pytest.approx(30e6 - value)
    assert amount_of(ledger, "payables") == 2e6
    assert amount_of(ledger, "bank_principal") == 10e6
    assert amount_of(ledger, "coop_principal") == 3e6
    assert amount_of(ledger, "liquidation") == pytest.approx(20e6 + value + 1e6 - 15e6)
    assert amount_of(ledger, "cleared_stock") == pytest.approx(50.0 * 80_000.0)
    assert world.sentras[SENTRA.fund, 0] == 12e6
    assert world.sentras[SENTRA.lent, 0] == world.sentras[SENTRA.losses, 0] == 0.0
    assert world.city[CITY.employed] == pytest.approx(3.5)
    assert world.sentras[SENTRA.closed, 0] == 1.0
    assert max(imbalance(world, ledger).values()) < 1e-12


def test_a_poor_firm_leaves_debts_behind() -> None:
    world = city_of()
    put(world, 0, cash=1e6, equipment=0.0, payable=2e6, bank_debt=10e6, guaranteed=0.7, coop_debt=3e6)
    world.sentras[SENTRA.lent, 0] = 3e6
    ledger = opened(world)
    closing.close(world, ledger, COSTS, 0)
    closing.vacate(world.firms, np.array([0]))
    assert amount_of(ledger, "payables_forgiven") == 1e6
    assert amount_of(ledger, "bank_written_off") == 10e6
    assert amount_of(ledger, "guarantee_claims") == world.city[CITY.guarantee_loss] == 7e6
    assert amount_of(ledger, "coop_written_off") == world.sentras[SENTRA.losses, 0] == 3e6
    assert amount_of(ledger, "liquidation") == 0.0
    assert max(imbalance(world, ledger).values()) < 1e-12


KEPT = ("firm_id", "sales", "sold", "export_sales", "value_added", "profit", "output", "wages_paid")


def test_a_vacated_slot_keeps_the_months_results_and_nothing_else() -> None:
    world = city_of()
    put(world, 0, **dict.fromkeys(KEPT, 7.0), met_slot=2.0, met_id=2.0)
    closing.vacate(world.firms, np.array([0]))
    assert got(world, 0, *KEPT) == [7.0] * len(KEPT)
    assert got(world, 0, "met_slot", "met_id") == [-1.0, -1.0]
    others = [
        row
        for row in range(world.firms.shape[0])
        if row not in {getattr(FIRM, n) for n in (*KEPT, "met_slot", "met_id")}
    ]
    assert not world.firms[others, 0].any()


def test_entrants_a_month_add_up_over_sentras_and_answer_to_profit() -> None:
    world = city_of()
    world.sentras[SENTRA.entry_rate] = (0.01, 0.02, 0.03)
    world.sentras[SENTRA.initial_firms] = (10.0, 20.0, 30.0)
    assert starting.entrants_a_month(world.sentras) == pytest.approx(0.1 + 0.4 + 0.9)
    assert starting.entry_chance(1.4, 20, 1.0, 0.7) * 20 == pytest.approx(1.4)
    assert starting.entry_chance(1.4, 20, 1.5, 2.0) * 20 == pytest.approx(1.4 * 2.25)
    assert starting.entry_chance(1.4, 20, 0.0, 1.0) == starting.entry_chance(1.4, 20, -1.0, 1.0) == 0.0
    assert starting.entry_chance(99.0, 20, 1.0, 1.0) == 1.0


@given(draw=st.floats(0.0, 1.0, exclude_max=True))
def test_entrants_settle_where_there_are_entrants(draw: float) -> None:
    world = city_of()
    world.sentras[SENTRA.entry_rate] = (0.01, 0.03, 0.0)
    world.sentras[SENTRA.initial_firms] = (30.0, 30.0, 99.0)
    assert starting.place_of(world.sentras, draw) == (0 if draw < 0.25 else 1)


@given(draw=st.floats(0.0, 1.0, exclude_max=True))
def test_a_choice_falls_on_a_share_by_its_size(draw: float) -> None:
    wanted = 0 if draw < 0.2 else 1 if draw < 0.2 + 0.5 else 2
    assert owners.choice((0.2, 0.5, 0.3), draw) == wanted
    assert owners.choice((0.2, 0.5, 0.2), 0.95) == 2, "rounding leaves nobody without"


def traits(candidate: int = 0, month: int = 3) -> np.ndarray:
    """Return the luck of a candidate: four traits of each block in a column."""
    return np.array([four_uniforms(KEY, CANDIDATE_STATE, candidate, month, group) for group in range(6)]).T


def owner(candidate: int = 0, month: int = 3, **changes: object):  # type: ignore[no-untyped-def]
    """Return a city with one owner in slot 4, and the draws of that owner by index."""
    world = city_of()
    luck = traits(candidate, month)
    owners.bring(world.firms, OWNERS._replace(**changes), COSTS, luck, 4)
    chances = luck.T.ravel().tolist()  # trait after trait
    draws = [inverse_normal(chance) for chance in chances]
    return world, draws, chances


@pytest.mark.parametrize("candidate", range(8))
def test_what_an_owner_brings(candidate: int) -> None:
    world, draws, chances = owner(candidate)
    sd = OWNERS.ability_sd
    assert got(world, 4, "log_ability") == pytest.approx(sd * draws[0] - 0.5 * sd**2)
    patience = OWNERS.hurdle_ability * draws[0] + math.sqrt(1.0 - OWNERS.hurdle_ability**2) * draws[1]
    assert got(world, 4, "hurdle_rate") == pytest.approx(OWNERS.hurdle_rate * math.exp(OWNERS.hurdle_sd * patience))
    assert got(world, 4, "debt_aversion") == pytest.approx(OWNERS.aversion_sd * draws[2])
    assert got(world, 4, "owner_labour") == OWNERS.owner_labour
    assert got(world, 4, "technique") == owners.choice(OWNERS.technique_share, chances[3])
    flags = {"member": (16, OWNERS.member_share), "licensed": (17, OWNERS.licensed_share)}
    for name, (index, share) in (flags | {"business_account": (18, OWNERS.account_share)}).items():
        assert got(world, 4, name) == float(chances[index] < share)
    for channel in range(4):
        share = OWNERS.channel_share[channel]
        assert world.firms[FIRM.participates + channel, 4] == float(chances[12 + channel] < share)
    assert np.all(world.firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS, 4] == -1.0)


@pytest.mark.parametrize("candidate", range(6))
def test_skills_and_access_are_drawn_at_rest(candidate: int) -> None:
    """Value, base and origin are the steady state of the learning law under everyday practice."""
    world, draws, _ = owner(candidate)
    rates = parameters_of("learning")
    for place, name in enumerate(("craft", "management", "bookkeeping", "technology")):
        drawn = min(1.0, max(0.0, OWNERS.skill_mean[place] + OWNERS.skill_sd[place] * draws[4 + place]))
        weight = forms.steady_state_weight(rates.fade[place], rates.habit[place], rates.erosion[place], rates.plain_use)
        value, base, origin = got(world, 4, name, f"{name}_base", f"{name}_origin")
        assert value == pytest.approx((rates.practice[place] + weight * origin) / (rates.practice[place] + weight))
        wanted = forms.steady_state_base(value, origin, rates.habit[place], rates.erosion[place], rates.plain_use)
        assert base == pytest.approx(wanted)
        assert origin == pytest.approx(max(0.0, drawn - rates.practice[place] / weight * (1.0 - drawn)))
    weight = forms.steady_state_weight(rates.access_fade, rates.access_habit, rates.access_erosion, rates.plain_use)
    for channel in range(4):
        value = world.firms[FIRM.access_logit + channel, 4]
        assert value == pytest.approx(OWNERS.access_mean[channel] + OWNERS.access_sd[channel] * draws[8 + channel])
        origin = world.firms[FIRM.access_origin + channel, 4]
        assert origin == pytest.approx(value - rates.access_practice[channel] / weight)
        wanted = forms.steady_state_base(value, origin, rates.access_habit, rates.access_erosion, rates.plain_use)
        assert world.firms[FIRM.access_base + channel, 4] == pytest.approx(wanted)


def test_a_newcomer_knows_and_is_known_less() -> None:
    world, _, _ = owner()
    put(world, 4, member=1.0)
    world.firms[FIRM.participates : FIRM.participates + 4, 4] = 1.0
    before = world.firms[:, 4].copy()
    starting.shrink_to_newcomer(world.firms, PARAMETERS, 4)
    for row in (FIRM.craft, FIRM.management, FIRM.bookkeeping, FIRM.technology):
        origin = before[row + 2]
        for step in (0, 1):
            wanted = origin + PARAMETERS.newcomer_share * (before[row + step] - origin)
            assert world.firms[row + step, 4] == pytest.approx(wanted)
        assert world.firms[row + 2, 4] == origin
    for row in (FIRM.access_logit, FIRM.access_base):
        assert world.firms[row : row + 4, 4] == pytest.approx(before[row : row + 4] - PARAMETERS.newcomer_access)
    assert world.firms[FIRM.participates : FIRM.participates + 4, 4].tolist() == [1.0, 1.0, 0.0, 0.0]
    assert got(world, 4, "member") == 0.0


def started(candidate: int = 2, month: int = 5):  # type: ignore[no-untyped-def]
    """Return a city with a newcomer in slot 3, and its books."""
    world = city_of()
    world.city[CITY.month] = month
    world.city[CITY.wage_level] = 1.1
    world.city[CITY.material_price] = 1.3
    world.sentras[SENTRA.appeal_centre] = 0.4
    world.firms[:, 3] = 5.0  # whatever the tenant before has left
    world.firms[FIRM.cash, 3] = 0.0
    world.served[3, 0] = 4.0
    for name in ("inventory", "bank_debt", "coop_debt", "payable", "receivable", "equipment"):
        put(world, 3, **{name: 0.0})
    ledger = opened(world)
    starting.clear(world, np.array([3]))
    starting.start_firm(world, ledger, PARAMETERS, OWNERS, COSTS, LEAST, candidate, 20, 3, np.zeros((4, 6)), KEY)
    return world, ledger


def test_a_newcomer_starts_with_household_money_and_tools_for_one() -> None:
    world, ledger = started()
    assert max(imbalance(world, ledger).values()) < 1e-12
    assert got(world, 3, "firm_id") == starting.new_firm_id(5, 20, 5, 2) == 5 + 20 * 10 + 2
    luck = inverse_normal(traits(2, 5)[2, 5])
    sd = PARAMETERS.start_cash_sd
    assert got(world, 3, "cash") == pytest.approx(PARAMETERS.start_cash * math.exp(sd * luck - 0.5 * sd**2))
    assert amount_of(ledger, "start_equity") == got(world, 3, "cash")
    technique = int(got(world, 3, "technique"))
    scale = forms.log_scale_of(world.firms, COSTS, 3)
    quality = forms.quality_factor(COSTS, got(world, 3, "craft"))
    wage = 1.1 * COSTS.wage * quality
    saved = 1.0 - COSTS.waste_saved * got(world, 3, "bookkeeping")
    materials = COSTS.materials_per_piece[technique] * quality * saved * 1.3
    assert got(world, 3, "log_scale", "wage", "material_cost") == pytest.approx([scale, wage, materials])
    guess = forms.output_possible(COSTS, scale, 0.0, 1.0)
    equipment = forms.cheapest_equipment(COSTS, guess, scale, wage, got(world, 3, "hurdle_rate"))
    assert got(world, 3, "equipment") == pytest.approx(equipment)
    assert amount_of(ledger, "start_equipment") == pytest.approx(equipment)
    expected = forms.output_possible(COSTS, scale, forms.log_relative(COSTS, equipment), 1.0)
    assert got(world, 3, "expected_orders", "orders") == pytest.approx([expected, expected])
    cost = forms.marginal_cost(COSTS, materials, wage, 1.0, expected)
    price = COSTS.markup * cost
    assert got(world, 3, "unit_cost", "price", "log_price") == pytest.approx([cost, price, math.log(price)])
    assert got(world, 3, "smoothed_profit") == pytest.approx((price - materials) * expected)
    assert got(world, 3, "active", "season", "workers", "age", "times_served") == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_a_newcomers_appeal_and_channels() -> None:
    world, _ = started()
    spread, passing = (inverse_normal(traits(2, 5)[lane, 5]) for lane in (0, 1))
    wanted = 0.4 - PARAMETERS.appeal_gap + PARAMETERS.appeal_mean_sd * spread
    assert got(world, 3, "appeal_mean") == pytest.approx(wanted)
    assert got(world, 3, "appeal_state") == pytest.approx(COSTS.appeal_sd * passing)
    for channel in range(4):
        sells = world.firms[FIRM.participates + channel, 3] == 1.0
        known = max(LEAST[channel], forms.logistic(world.firms[FIRM.access_logit + channel, 3]))
        assert world.firms[FIRM.market_access + channel, 3] == pytest.approx(known if sells else 0.0)
    assert world.firms[FIRM.participates + NATIONAL, 3] == world.firms[FIRM.participates + EXPORT, 3] == 0.0
    assert world.served[3, 0, :LAST_SERVED].tolist() == [0.0, 0.0, 0.0]
    assert np.all(world.served[3, 0, LAST_SERVED:] == NEVER)
    assert world.served[2, 0, 0] == 0.0


def ring_city():  # type: ignore[no-untyped-def]
    """Return a city of two sentras with rings of acquaintances, and scratch space."""
    world = city_of(8)
    for slot in range(5, 8):
        put(world, slot, sentra=1.0)
    lists = lists_of(empty_scratch(10))
    return world, lists


def nearest(world, slot: int, month: int, number: int) -> int:  # type: ignore[no-untyped-def]
    """Return whom a search goes to, by looking at every firm."""
    firms = world.firms
    point = uniform(KEY, NEW_NEIGHBOUR, int(firms[FIRM.firm_id, slot]), month, 1 + number)
    best, found = 2.0, -1
    for other in np.flatnonzero((firms[FIRM.active] == 1.0) & (firms[FIRM.sentra] == firms[FIRM.sentra, slot])):
        place = uniform(KEY, NEW_NEIGHBOUR, int(firms[FIRM.firm_id, other]), month, 0)
        distance = (place - point) % 1.0
        if other != slot and distance < best:
            best, found = distance, int(other)
    return found


def found(world, lists, slot: int, month: int, number: int) -> int:  # type: ignore[no-untyped-def]
    """Return whom a search finds, −1 = nobody."""
    parts = neighbours.parts_of(world)
    neighbours.find_acquaintances(world, parts, KEY, month, np.array([slot]), number, lists)
    other = int(world.firms[FIRM.peer_slot + number, slot])
    assert world.firms[FIRM.peer_id + number, slot] == (world.firms[FIRM.firm_id, other] if other >= 0 else -1.0)
    return other


@pytest.mark.parametrize("month", range(0, 60, 12))
def test_a_search_goes_to_the_next_firm_on_the_sentras_ring(month: int) -> None:
    world, lists = ring_city()
    neighbours.renew_ring(world, lists, KEY, month)
    for slot in range(8):
        for number in range(N_PEERS):
            assert found(world, lists, slot, month, number) == nearest(world, slot, month, number)
    neighbours.find_neighbours(world, neighbours.parts_of(world), KEY, month, np.arange(8), lists)
    for slot in range(8):
        know = [int(world.firms[FIRM.peer_slot + number, slot]) for number in range(N_PEERS)]
        assert know == [nearest(world, slot, month, number) for number in range(N_PEERS)]


@pytest.mark.parametrize("shape", [1.0, 0.2, 8.0])
def test_a_place_is_found_however_the_points_lie(shape: float) -> None:
    """Even points need few steps; others, and points outside, are found too."""
    points = np.sort(1.0 + np.random.default_rng(1).random(500) ** shape)
    for point in (1.0, points[0], points[7], points[7] + 1e-12, 1.5, points[-1], 1.9999999):
        near = neighbours.guess_place(points, 0, 500, point)
        for start in (0, near, 499, 500):
            assert neighbours.place_from(points, 0, 500, point, start) == np.searchsorted(points, point)
        assert neighbours.place_from(points, 3, 3, point, 3) == 3
        if shape == 1.0:
            assert abs(near - np.searchsorted(points, point)) <= 3, "a guess comes near where points lie evenly"
        assert neighbours.first_from(points, 500, point) == np.searchsorted(points, point)


def test_the_ring_passes_over_who_has_closed_or_moved_in_since() -> None:
    world, lists = ring_city()
    neighbours.renew_ring(world, lists, KEY, 0)
    asked = [(slot, number) for slot in range(5) for number in range(N_PEERS)]
    slot, number = asked[0]
    first = found(world, lists, slot, 0, number)
    put(world, first, active=0.0)
    second = found(world, lists, slot, 0, number)
    assert second == nearest(world, slot, 0, number) != first
    put(world, first, active=1.0, firm_id=99.0)
    assert found(world, lists, slot, 0, number) == second


def test_who_is_alone_knows_nobody() -> None:
    world, lists = ring_city()
    put(world, 0, sentra=2.0)
    neighbours.renew_ring(world, lists, KEY, 0)
    assert [found(world, lists, 0, 0, number) for number in range(N_PEERS)] == [-1] * N_PEERS
    assert got(world, 0, "peer_slot", "peer_id") == [-1.0, -1.0]
    assert world.firms[FIRM.peer_id + 2, 0] == -1.0


def test_only_lost_neighbours_are_replaced() -> None:
    world, lists = ring_city()
    neighbours.renew_ring(world, lists, KEY, 0)
    neighbours.renew_neighbours(world, lists, KEY, 0)
    before = world.firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS, :8].copy()
    assert before.min() >= 0.0
    gone = int(before[0, 0])
    put(world, gone, active=0.0)
    neighbours.renew_ring(world, lists, KEY, 12)
    neighbours.renew_neighbours(world, lists, KEY, 12)
    after = world.firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS, :8]
    lost = before[:N_PEERS] == gone
    lost[:, gone] = False
    kept = ~lost
    assert np.array_equal(after[:N_PEERS][kept], before[:N_PEERS][kept])
    assert np.all(after[:N_PEERS][lost] != gone)
    assert np.array_equal(after[N_PEERS:][lost], world.firms[FIRM.firm_id, after[:N_PEERS][lost].astype(int)])


def yearend(hazards: np.ndarray, month: int = 5, calendar_month: float = 5.0, candidates: int = 20, **changes: object):  # type: ignore[no-untyped-def]
    """Run the rule on a city of three firms; return it and its books."""
    world = city_of()
    world.firms[FIRM.sales, :3] = 1.0
    world.city[CITY.month] = month
    world.city[CITY.calendar_month] = calendar_month
    world.city[CITY.start_profit] = 1e6
    world.city[CITY.entries] = world.city[CITY.exits] = 9.0
    ledger = opened(world)
    lists = lists_of(empty_scratch(6))
    parameters = PARAMETERS._replace(**changes)
    close_and_enter(world, ledger, parameters, OWNERS, COSTS, LEAST, hazards, candidates, lists, KEY)
    assert max(imbalance(world, ledger).values()) < 1e-12
    return world, ledger


def test_firms_close_when_their_draw_falls_below_their_hazard() -> None:
    hazard = closing.closing_hazard(PARAMETERS, 2e6, 0.0, 1.0)
    world, _ = yearend(np.array([hazard * 0.999, hazard * 1.001, 0.999, 0.0, 0.0]))
    assert world.firms[FIRM.active, :3].tolist() == [0.0, 1.0, 1.0]
    assert world.city[CITY.exits] == 1.0
    assert world.city[CITY.mean_profit] == pytest.approx(2e6), "over all who were there this month"


def test_candidates_enter_by_their_own_draws_as_profit_attracts() -> None:
    month = next(
        month for month in range(100) if sum(uniform(KEY, CANDIDATE_ENTRY, k, month, 0) < 0.06 for k in range(20)) == 2
    )
    response = math.log(0.06 * 20 / (0.01 * 3)) / math.log(2.0)  # mean profit is twice that of the start
    world, _ = yearend(np.ones(5), month=month, entry_response=response)
    wanted = [k for k in range(20) if uniform(KEY, CANDIDATE_ENTRY, k, month, 0) < 0.06]
    ids = [starting.new_firm_id(5, 20, month, k) for k in wanted]
    assert world.firms[FIRM.firm_id, 3:].tolist() == ids
    assert world.city[CITY.entries] == 2.0
    assert world.city[CITY.used_slots] == 5.0
    assert world.city[CITY.entries_refused] == 0.0


def test_a_full_table_is_noted() -> None:
    world, _ = yearend(np.ones(5), entry_response=99.0)
    assert world.city[CITY.entries] == 2.0
    assert world.city[CITY.entries_refused] == 18.0


def test_before_month_0_profit_does_not_matter() -> None:
    world = city_of()
    world.city[CITY.month] = -3
    lists = lists_of(empty_scratch(6))
    chance = starting.entry_chance(0.03, 20, 1.0, 9.0)
    luckiest = min(uniform(KEY, CANDIDATE_ENTRY, k, -3, 0) for k in range(20))
    world.sentras[SENTRA.entry_rate, 0] *= luckiest / chance * 1.0001
    close_and_enter(world, opened(world), PARAMETERS, OWNERS, COSTS, LEAST, np.ones(5), 20, lists, KEY)
    assert world.city[CITY.entries] == 1.0


@pytest.mark.parametrize(("calendar_month", "renewed"), [(0.0, True), (6.0, False)])
def test_acquaintances_are_looked_for_in_january(calendar_month: float, renewed: bool) -> None:
    world, _ = yearend(np.ones(5), calendar_month=calendar_month)
    assert (world.city[CITY.ring_length] == 3.0) == renewed
    assert (world.firms[FIRM.peer_id, 0] >= 0.0) == renewed


def test_an_entrant_leaves_the_last_month_of_who_closed_to_be_seen() -> None:
    world, _ = yearend(np.array([0.0, 1.0, 1.0, 1.0, 1.0]), entry_response=99.0)
    assert got(world, 0, "sales", "firm_id", "active") == [1.0, 0.0, 0.0]
    settle_firm(world, 0)
    assert world.city[CITY.entries] == 2.0


def test_rounding_leaves_no_entrant_without_a_place() -> None:
    world = city_of()
    world.sentras[SENTRA.entry_rate] = (0.1, 0.1, 0.1)
    world.sentras[SENTRA.initial_firms] = (1.0, 1.0, 1.0)
    assert starting.place_of(world.sentras, 1.0) == 2


def test_who_closed_before_counts_neither_in_profit_nor_in_exits() -> None:
    world, _ = yearend(np.zeros(5), entry_response=0.0, background=0.0, quit_rate=0.0)
    assert world.city[CITY.exits] == 0.0, "a hazard of nothing"
    world = city_of()
    put(world, 1, active=0.0, smoothed_profit=9e9)
    lists = lists_of(empty_scratch(6))
    close_and_enter(world, opened(world), PARAMETERS, OWNERS, COSTS, LEAST, np.ones(5), 20, lists, KEY)
    assert world.city[CITY.mean_profit] == pytest.approx(2e6)


@pytest.mark.parametrize(("debt", "cash", "defaults"), [(0.0, 20e6, 0.0), (9e6, 20e6, 0.0), (0.5, 0.0, 1.0)])
def test_only_who_closes_with_a_debt_to_the_bank_defaults(debt: float, cash: float, defaults: float) -> None:
    world = city_of()
    put(world, 0, bank_debt=debt, cash=cash, equipment=0.0)
    closing.close(world, opened(world), COSTS, 0)
    assert world.city[CITY.defaults] == defaults


def test_when_the_last_firm_closes_nobody_is_employed() -> None:
    world = city_of(1)
    closing.close(world, opened(world), COSTS, 0)
    assert world.city[CITY.employed] == 0.0
    assert world.sentras[SENTRA.lent].tolist() == [0.0] * 3


def test_an_owner_knows_nobody_yet_and_brings_nothing_else() -> None:
    world = city_of()
    world.firms[:, 4] = 7.0
    owners.bring(world.firms, OWNERS, COSTS, traits(), 4)
    unknown = [FIRM.met_slot, FIRM.met_id, *range(FIRM.peer_slot, FIRM.peer_slot + 2 * N_PEERS)]
    assert np.all(world.firms[unknown, 4] == -1.0)
    assert np.flatnonzero(world.firms[:, 4] == -1.0).tolist() == sorted(unknown)
    assert got(world, 4, "cash", "equipment", "inventory", "expected_orders") == [7.0] * 4


def test_a_newcomer_has_met_nobody() -> None:
    world, _ = started()
    assert got(world, 3, "met_slot", "met_id") == [-1.0, -1.0]


def test_a_share_of_nothing_is_never_chosen() -> None:
    assert owners.choice((0.0, 1.0), 0.0) == 1
    assert owners.choice((0.5, 0.0, 0.5), 0.5) == 2


def test_cloth_that_a_newcomer_brings_is_entered() -> None:
    world = city_of()
    owners.bring(world.firms, OWNERS, COSTS, traits(), 3)
    ledger = opened(world)
    put(world, 3, active=1.0, inventory=4.0)
    starting.equip(world.firms, ledger, PARAMETERS, COSTS, world.city, 3, 0.0)
    assert ledger.goods[BROUGHT_IN] == 4.0
    assert imbalance(world, ledger)["goods"] < 1e-12
