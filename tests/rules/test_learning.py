"""Rule 8: the learning law in closed form, peers, adoption, institutions, channels."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from ovopsim import forms
from ovopsim.draws import LANES
from ovopsim.fields import EXPORT, FIRM, NATIONAL, SENTRA
from ovopsim.ledger import amount_of, imbalance
from ovopsim.rules.learning import habits, law, learn, skills
from ovopsim.rules.learning.meetings import N_TOLD
from ovopsim.rules.learning.people import N_PEOPLE, N_SHOWN
from tests.equations import city_of, got, opened, parameters_of, put

PARAMETERS = parameters_of("learning")
SKILLS = ("craft", "management", "bookkeeping", "technology")

rates = st.floats(0.001, 0.3)
slow = st.floats(0.0005, 0.05)


@given(
    gain=st.floats(0.0, 0.1),
    fade=rates,
    habit=rates,
    erosion=slow,
    use=st.floats(0.05, 1.0),
    origin=st.floats(0.0, 1.0),
)
def test_constant_practice_leads_to_the_steady_state(
    gain: float, fade: float, habit: float, erosion: float, use: float, origin: float
) -> None:
    """x* = (g + h·origin)/(g + h), base* = (k·x* + λ·origin)/(k + λ), h = δλ/(k + λ), k = κ·use."""
    weight = forms.steady_state_weight(fade, habit, erosion, use)
    kept = habit * use
    assert weight == pytest.approx(fade * erosion / (kept + erosion))
    value = (gain + weight * origin) / (gain + weight)
    base = forms.steady_state_base(value, origin, habit, erosion, use)
    assert base == pytest.approx((kept * value + erosion * origin) / (kept + erosion))
    again = law.learned(value, base, origin, gain, fade, habit, erosion, use)
    assert again == pytest.approx((value, base), abs=1e-12)
    # a month is an affine map of (value, base); it shrinks distances, so this is where it leads from anywhere
    start, right, up = (
        np.array(law.learned(x, b, origin, gain, fade, habit, erosion, use))
        for x, b in ((0.5, 0.5), (0.6, 0.5), (0.5, 0.6))
    )
    month = np.column_stack([(right - start) / 0.1, (up - start) / 0.1])
    assert np.abs(np.linalg.eigvals(month)).max() < 1.0
    rest = np.linalg.solve(np.eye(2) - month, start - month @ [0.5, 0.5])
    assert rest == pytest.approx([value, base], rel=1e-6, abs=1e-6)


@given(
    gain=st.floats(0.0, 0.1),
    fade=rates,
    habit=rates,
    erosion=slow,
    use=st.floats(0.05, 1.0),
    origin=st.floats(-5.0, 2.0),
)
def test_the_steady_state_of_access_is_origin_plus_practice_over_pull(
    gain: float, fade: float, habit: float, erosion: float, use: float, origin: float
) -> None:
    value = origin + gain / forms.steady_state_weight(fade, habit, erosion, use)
    base = forms.steady_state_base(value, origin, habit, erosion, use)
    again = law.learned_access(value, base, origin, gain, fade, habit, erosion, use)
    assert again == pytest.approx((value, base), rel=1e-9, abs=1e-9)


@given(fade=rates, habit=rates, erosion=slow, use=st.floats(0.05, 1.0), months=st.integers(0, 400))
def test_the_share_of_a_raise_that_is_kept_is_a_sum_of_two_exponentials(
    fade: float, habit: float, erosion: float, use: float, months: int
) -> None:
    """model.md §2: [(a − r₂) r₁^m − (a − r₁) r₂^m]/(r₁ − r₂), a = 1 − δ."""
    origin, raise_ = 0.3, 0.1
    value, base = origin + raise_, origin
    for _ in range(months):
        value, base = law.learned(value, base, origin, 0.0, fade, habit, erosion, use)
    total = fade + habit * use + erosion
    root = math.sqrt(total**2 - 4.0 * fade * erosion)
    first, second = 1.0 - 0.5 * total + 0.5 * root, 1.0 - 0.5 * total - 0.5 * root
    kept = ((1.0 - fade - second) * first**months - (1.0 - fade - first) * second**months) / (first - second)
    assert (value - origin) / raise_ == pytest.approx(kept, abs=1e-9)


@given(value=st.floats(0.0, 1.0), base=st.floats(0.0, 1.0), gain=st.floats(0.0, 1.0), use=st.floats(0.0, 1.0))
def test_what_is_learned_stays_between_0_and_1(value: float, base: float, gain: float, use: float) -> None:
    new_value, new_base = law.learned(value, base, 0.2, gain, 1.0, 1.0, 1.0, use)
    assert 0.0 <= new_value <= 1.0
    assert 0.0 <= new_base <= 1.0


def test_a_peer_who_knows_less_teaches_nothing() -> None:
    assert law.peer_gain(0.5, 0.7, 0.1) == pytest.approx(0.02)
    assert law.peer_gain(0.7, 0.5, 0.1) == 0.0


def test_deliveries_to_a_large_buyer_saturate() -> None:
    assert law.saturation(0.0, 300.0) == 0.0
    assert law.saturation(300.0, 300.0) == pytest.approx(1.0 - math.exp(-1.0))


def lived(world, parameters=PARAMETERS, draws=None):  # type: ignore[no-untyped-def]
    """Run the rule on a city; return its books. Without draws nothing that needs luck happens."""
    ledger = opened(world)
    slots = world.firms.shape[1]
    uniforms = np.full((13, slots), 1.0 - 1e-12) if draws is None else draws
    learn(
        world.firms,
        world.sentras,
        world.city,
        ledger,
        parameters,
        np.zeros((8, 2)),  # blocks of two firms
        np.zeros((N_PEOPLE, 2)),
        np.zeros((slots, N_SHOWN)),
        np.zeros((slots, N_TOLD)),
        uniforms,
    )
    assert max(imbalance(world, ledger).values()) < 1e-12
    return ledger


def month_of(place: int, value: float, base: float, origin: float, activity: float = 1.0, use: float | None = None):  # type: ignore[no-untyped-def]
    """Return a skill and its base a month later, by the law of model.md §2."""
    use = PARAMETERS.plain_use if use is None else use
    gain = PARAMETERS.practice[place] * activity
    raised = value + gain * (1.0 - value) - PARAMETERS.fade[place] * (value - base)
    return raised, base + PARAMETERS.habit[place] * use * (value - base) - PARAMETERS.erosion[place] * (base - origin)


def skilled_city():  # type: ignore[no-untyped-def]
    """Return a city in which each skill has a base and an origin, and no firm is in each other's sentra."""
    world = city_of()
    for slot in range(3):
        for place, name in enumerate(SKILLS):
            value = 0.4 + 0.1 * place
            put(world, slot, **{name: value, f"{name}_base": value - 0.1, f"{name}_origin": value - 0.3})
    return world


@pytest.mark.parametrize(("output", "activity"), [(50.0, 0.5), (300.0, 1.0), (0.0, 0.0)])
def test_each_skill_follows_the_law_with_its_own_rates(output: float, activity: float) -> None:
    world = skilled_city()
    put(world, 0, output=output)
    lived(world)
    for place, name in enumerate(SKILLS):
        value = 0.4 + 0.1 * place
        wanted = month_of(place, value, value - 0.1, value - 0.3, activity)
        assert got(world, 0, name, f"{name}_base") == pytest.approx(wanted)
        assert got(world, 0, f"{name}_origin") == pytest.approx(value - 0.3)


@pytest.mark.parametrize("circumstance", ["coached", "meets", "contract_sold"])
def test_guidance_meetings_and_contracts_are_full_use(circumstance: str) -> None:
    world = skilled_city()
    put(world, 0, **{circumstance: 1.0})
    lived(world)
    _, base = month_of(1, 0.5, 0.4, 0.2, use=1.0)
    assert got(world, 0, "management_base") == pytest.approx(base)
    _, plain = month_of(1, 0.5, 0.4, 0.2)
    assert got(world, 1, "management_base") == pytest.approx(plain)


def acquainted(world, first: int, second: int) -> None:  # type: ignore[no-untyped-def]
    """Let the first know the second, four times over."""
    world.firms[FIRM.peer_slot : FIRM.peer_slot + 4, first] = second
    world.firms[FIRM.peer_id : FIRM.peer_id + 4, first] = world.firms[FIRM.firm_id, second]


@pytest.mark.parametrize(("technique", "share"), [(0.0, 1.0), (1.0, PARAMETERS.rival_share)])
def test_neighbours_teach_and_rivals_teach_less(technique: float, share: float) -> None:
    world = skilled_city()
    acquainted(world, 0, 1)
    put(world, 1, management=0.9, technique=technique, sentra=0.0)
    lived(world)
    plain, base = month_of(1, 0.5, 0.4, 0.2)
    talk = PARAMETERS.peer_share * PARAMETERS.meeting_intensity[0] * share
    assert got(world, 0, "management") == pytest.approx(plain + talk * 0.4)
    assert got(world, 0, "management_base") == pytest.approx(base)
    alone, _ = month_of(1, 0.9, 0.4, 0.2)
    assert got(world, 1, "management") == pytest.approx(alone)


def test_peers_are_read_as_they_were_before_the_month() -> None:
    """A chain of acquaintances passes knowledge on by one link a month."""
    world = skilled_city()
    acquainted(world, 0, 1)
    acquainted(world, 1, 2)
    acquainted(world, 2, 1)
    put(world, 2, management=1.0)
    lived(world)
    plain, _ = month_of(1, 0.5, 0.4, 0.2)
    assert got(world, 0, "management") == pytest.approx(plain), "its neighbour learned something only now"
    assert got(world, 1, "management") > plain


def test_a_meeting_teaches_by_its_number_of_meetings_and_opens_what_the_other_sells() -> None:
    world = skilled_city()
    put(world, 0, meets=2.0, met_slot=1.0, met_id=1.0)
    put(world, 1, management=0.9, technique=0.0)
    world.firms[FIRM.access_logit : FIRM.access_logit + 4, 1] = 1.0
    world.firms[FIRM.participates + EXPORT, 1] = 0.0
    lived(world)
    plain, _ = month_of(1, 0.5, 0.4, 0.2)
    assert got(world, 0, "management") == pytest.approx(plain + 2.0 * PARAMETERS.peer_share * 0.4)
    gain = 2.0 * PARAMETERS.peer_share
    for channel in (0, 1, 2):
        assert world.firms[FIRM.access_logit + channel, 0] == pytest.approx(PARAMETERS.access_practice[channel] + gain)
    assert world.firms[FIRM.access_logit + EXPORT, 0] == pytest.approx(PARAMETERS.access_practice[EXPORT])


def test_whom_one_met_and_has_closed_teaches_nothing() -> None:
    world = skilled_city()
    put(world, 0, meets=1.0, met_slot=1.0, met_id=5.0)
    put(world, 1, management=0.9)
    lived(world)
    plain, _ = month_of(1, 0.5, 0.4, 0.2, use=1.0)
    assert got(world, 0, "management") == pytest.approx(plain)


def test_buyers_abroad_and_large_buyers_teach_craft() -> None:
    world = skilled_city()
    put(world, 0, export_sales=1.0)
    put(world, 1, contract_sold=5.0, contract_delivered=600.0)
    put(world, 2, contract_sold=5.0, contract_delivered=600.0, export_sales=1.0)
    lived(world)
    plain, _ = month_of(0, 0.4, 0.3, 0.1)
    taught = PARAMETERS.contract_craft * (1.0 - math.exp(-600.0 / PARAMETERS.contract_scale))
    gains = (PARAMETERS.export_practice, taught, PARAMETERS.export_practice + taught)
    assert [got(world, slot, "craft") for slot in range(3)] == pytest.approx([plain + gain * 0.6 for gain in gains])


def access_after(channel: int, **changes: float) -> tuple[float, float]:
    """Return logit and base of firm 0's access to a channel a month later; it begins at 1.0, 0.6 and 0.2."""
    world = skilled_city()
    put(world, 0, **changes)
    for row, value in ((FIRM.access_logit, 1.0), (FIRM.access_base, 0.6), (FIRM.access_origin, 0.2)):
        world.firms[row + channel, 0] = value
    lived(world)
    logit = world.firms[FIRM.access_logit + channel, 0]
    assert world.firms[FIRM.market_access + channel, 0] == pytest.approx(forms.logistic(logit))
    return float(logit), float(world.firms[FIRM.access_base + channel, 0])


@pytest.mark.parametrize("channel", range(4))
def test_word_of_mouth_follows_the_law_on_the_logit(channel: int) -> None:
    fallen = 1.0 - PARAMETERS.access_fade * 0.4
    habit = PARAMETERS.access_habit * PARAMETERS.plain_use * 0.4 - PARAMETERS.access_erosion * 0.4
    logit, base = access_after(channel)
    assert logit == pytest.approx(fallen + PARAMETERS.access_practice[channel])
    assert base == pytest.approx(0.6 + habit)


def test_without_a_sale_nobody_talks_and_a_large_buyer_lends_its_name() -> None:
    world = skilled_city()
    world.firms[FIRM.months_without_sale : FIRM.months_without_sale + 4, 0] = 1.0
    lived(world)
    assert world.firms[FIRM.access_logit : FIRM.access_logit + 4, 0] == pytest.approx(0.0)
    logit, base = access_after(NATIONAL, contract_sold=3.0, contract_delivered=300.0)
    named = PARAMETERS.contract_access * (1.0 - math.exp(-300.0 / PARAMETERS.contract_scale))
    plain = 1.0 - PARAMETERS.access_fade * 0.4 + PARAMETERS.access_practice[NATIONAL]
    assert logit == pytest.approx(plain + named)
    assert base == pytest.approx(0.6 + 0.4 * PARAMETERS.access_habit - 0.4 * PARAMETERS.access_erosion)
    elsewhere, _ = access_after(0, contract_sold=3.0, contract_delivered=300.0)
    assert elsewhere == pytest.approx(1.0 - PARAMETERS.access_fade * 0.4 + PARAMETERS.access_practice[0])


def test_access_is_at_least_the_least_and_nil_where_one_does_not_sell() -> None:
    world = skilled_city()
    world.firms[FIRM.access_logit + 3, 0] = -9.0
    world.firms[FIRM.participates + 2, 0] = 0.0
    world.firms[FIRM.access_logit + 2, 0] = -2.0
    lived(world)
    assert world.firms[FIRM.market_access + 3, 0] == PARAMETERS.least_access[3]
    assert world.firms[FIRM.access_logit + 2, 0] == -2.0


def luck(**lanes: float) -> np.ndarray:
    """Return draws in which nothing happens but what the named lanes decide; lanes as rows of the rule's `draws`."""
    rows = {"peer": 0, "adoption": 1, "joining": 2, "licence": 3, "account": 7, "certificate": 12}
    draws = np.full((13, 5), 1.0 - 1e-12)
    for name, value in lanes.items():
        draws[rows.get(name, 8 + int(name[-1]) if name.startswith("channel") else 0)] = value
    return draws


def test_adoption_is_a_logit_of_peers_cash_and_help() -> None:
    found = habits.adoption_chance(PARAMETERS, 0.2, 0.5, 1.5)
    logit = PARAMETERS.adoption_intercept + 0.2 * PARAMETERS.adoption_peer + 0.5 * PARAMETERS.adoption_cash + 1.5
    assert found == pytest.approx(PARAMETERS.adoption_rate * forms.logistic(logit))


def adopted(lead: float = 0.0, draw: float = 0.0, **changes: float) -> tuple[float, float, float]:
    """Return firm 0's gain beyond the law, what all paid, and the law's level; the peer it met leads by so much."""
    world = skilled_city()
    put(world, 0, **changes)
    put(world, 0, meets=1e-9, met_slot=1.0, met_id=1.0)
    put(world, 1, technology=0.7 + lead)
    ledger = lived(world, draws=luck(adoption=draw))
    plain, _ = month_of(3, 0.7, 0.6, 0.4, use=1.0)
    paid = amount_of(ledger, "adoption")
    steps = world.firms[FIRM.adoptions]
    assert set(steps.tolist()) <= {0.0, 1.0}
    assert paid == pytest.approx(PARAMETERS.adoption_cost * float(steps @ world.firms[FIRM.equipment]))
    return got(world, 0, "technology") - plain, paid, plain


def test_a_step_in_technology_costs_money_and_closes_a_share() -> None:
    paid = PARAMETERS.adoption_cost * 30e6
    gained, spent, plain = adopted()
    assert gained == pytest.approx(PARAMETERS.adoption_step * (1.0 - plain), rel=1e-6)
    assert spent == pytest.approx(3 * paid), "all three firms have the same luck"
    gained, spent, _ = adopted(cash=0.5 * paid)
    assert gained == pytest.approx(0.0, abs=1e-9)
    assert spent == pytest.approx(2 * paid)
    gained, _, _ = adopted(equipment=0.0)
    assert gained == pytest.approx(0.0, abs=1e-9)


def test_a_better_equipped_peer_makes_the_difference() -> None:
    liquidity = 1.0 - PARAMETERS.adoption_cost * 30e6 / 20e6
    alone, led = (habits.adoption_chance(PARAMETERS, lead, liquidity, 0.0) for lead in (0.0, 0.3))
    between = 0.5 * (alone + led)
    assert adopted(0.3, between)[0] > 0.01
    assert adopted(0.0, between)[0] == pytest.approx(0.0, abs=1e-6)
    assert adopted(-0.3, between)[0] == pytest.approx(0.0, abs=1e-6)
    assert adopted(0.0, between, adoption_shift=3.0)[0] > 0.01


@pytest.mark.parametrize(
    ("flag", "lane", "into", "out"),
    [
        ("member", "joining", PARAMETERS.join_rate, PARAMETERS.leave_rate),
        ("licensed", "licence", PARAMETERS.licence_rate, PARAMETERS.licence_loss),
        ("business_account", "account", PARAMETERS.account_rate, PARAMETERS.account_loss),
    ],
)
def test_institutions_come_and_go_at_their_rates(flag: str, lane: str, into: float, out: float) -> None:
    for before, rate in ((0.0, into), (1.0, out)):
        for factor, after in ((1.0 - 1e-9, 1.0 - before), (1.0 + 1e-9, before)):
            world = skilled_city()
            put(world, 0, **{flag: before})
            lived(world, draws=luck(**{lane: rate * factor}))
            assert got(world, 0, flag) == after


def test_better_governance_draws_members_in_and_keeps_them() -> None:
    pull = math.exp(PARAMETERS.join_governance * 0.3)
    for before, rate in ((0.0, PARAMETERS.join_rate * pull), (1.0, PARAMETERS.leave_rate / pull)):
        for factor, after in ((1.0 - 1e-9, 1.0 - before), (1.0 + 1e-9, before)):
            world = skilled_city()
            world.sentras[SENTRA.governance] = 0.8
            put(world, 0, member=before)
            lived(world, draws=luck(joining=rate * factor))
            assert got(world, 0, "member") == after


def test_certificates_are_for_the_licensed_lapse_and_are_renewed() -> None:
    rate, life, renewal = PARAMETERS.certificate_rate, PARAMETERS.certificate_life, PARAMETERS.certificate_renewal
    for licensed, draw, after in ((1.0, rate * 0.99, 1.0), (1.0, rate * 1.01, 0.0), (0.0, 0.0, 0.0)):
        world = skilled_city()
        put(world, 0, licensed=licensed, certificate_age=7.0)
        lived(world, draws=luck(certificate=draw))
        assert got(world, 0, "certified") == after
        assert got(world, 0, "certificate_age") == (0.0 if after else 7.0)
    for age, draw, after in (
        (life - 2.0, 0.99, (1.0, life - 1.0)),
        (life - 1.0, renewal * 0.99, (1.0, 0.0)),
        (life - 1.0, renewal * 1.01, (0.0, 0.0)),
    ):
        world = skilled_city()
        put(world, 0, certified=1.0, certificate_age=age)
        lived(world, draws=luck(certificate=draw))
        assert got(world, 0, "certified", "certificate_age") == list(after)


def test_the_chance_to_begin_in_a_channel() -> None:
    assert habits.start_chance(0.01, 3e6, 6e6, 0.0) == pytest.approx(0.01 * math.exp(-0.5))
    assert habits.start_chance(0.01, 3e6, 6e6, 0.02) == pytest.approx(0.03 * math.exp(-0.5))
    assert habits.start_chance(0.01, 3e6, 0.0, 0.0) == 0.0


def begun(draw: float, **changes: float):  # type: ignore[no-untyped-def]
    """Return whether firm 0 began to sell nationally, and what was paid for it."""
    world = skilled_city()
    world.firms[FIRM.participates + NATIONAL, 0] = 0.0
    knows = changes.pop("knows", 0.0)
    meets = changes.pop("meets", 0.0)
    put(world, 0, **changes)
    if knows:
        acquainted(world, 0, 1)
    if meets:
        put(world, 0, meets=meets, met_slot=2.0, met_id=2.0)
    ledger = lived(world, draws=luck(channel_2=draw))
    if world.firms[FIRM.participates + NATIONAL, 0] == 1.0:
        assert world.firms[FIRM.market_access + NATIONAL, 0] == PARAMETERS.least_access[NATIONAL]
    return world.firms[FIRM.participates + NATIONAL, 0] == 1.0, amount_of(ledger, "channel_entry")


def test_channels_begin_when_they_can_be_paid_sooner_where_a_peer_sells() -> None:
    rate, cost = PARAMETERS.channel_rate[NATIONAL], PARAMETERS.channel_cost[NATIONAL]
    plain = rate * math.exp(-cost / 20e6)
    referral = PARAMETERS.channel_referral
    assert begun(plain * 0.999) == (True, cost)
    assert begun(plain * 1.001) == (False, 0.0)
    assert begun(0.0, cash=0.9 * cost) == (False, 0.0)
    known = plain * (1.0 + referral)
    assert begun(known * 0.999, knows=1.0)[0]
    assert not begun(known * 1.001, knows=1.0)[0]
    met = plain * (1.0 + 2.0 * 1.5 * referral)
    assert begun(met * 0.999, meets=1.5)[0]
    assert not begun(met * 1.001, meets=1.5)[0]


def test_a_channel_is_left_after_a_year_without_a_sale() -> None:
    world = skilled_city()
    last = PARAMETERS.months_to_leave
    world.firms[FIRM.months_without_sale, 0] = last
    world.firms[FIRM.months_without_sale + 1, 0] = last - 1.0
    lived(world)
    assert world.firms[FIRM.participates : FIRM.participates + 2, 0].tolist() == [0.0, 1.0]
    assert world.firms[FIRM.trailing_orders, 0] == world.firms[FIRM.market_access, 0] == 0.0
    assert world.firms[FIRM.market_access + 1, 0] > 0.0


def test_help_wears_off_exclusion_ends_and_firms_grow_older() -> None:
    world = skilled_city()
    helped = (
        "adoption_shift",
        "application_shift",
        "approval_shift",
        "separation_shift",
        "rate_cut",
        "guarantee_offer",
    )
    put(world, 0, **dict.fromkeys(helped, 0.5), exclusion_months=2.0)
    put(world, 1, exclusion_months=0.5)
    lived(world)
    assert got(world, 0, *helped) == pytest.approx([0.5 * (1.0 - PARAMETERS.shift_fade)] * 6)
    assert got(world, 0, "exclusion_months", "age") == [1.0, 25.0]
    assert got(world, 1, "exclusion_months") == got(world, 2, "exclusion_months") == 0.0


def test_empty_slots_learn_nothing() -> None:
    world = skilled_city()
    put(world, 1, active=0.0)
    world.firms[FIRM.participates : FIRM.participates + 4, 1] = 0.0
    before = world.firms[:, 1].copy()
    lived(world, draws=np.full((13, 5), 1e-9))
    assert np.array_equal(world.firms[:, 1], before)


def test_each_lane_of_the_everyday_draws_decides_what_its_name_says() -> None:
    """Move one lane at a time: what changes is what `LANES` says it decides."""
    decides = {
        (1, "adoption"): {"technology", "cash"},
        (2, "joining and leaving the cooperative"): {"member"},
        (3, "licence"): {"licensed"},
        (7, "business account"): {"business_account"},
        (8, "local"): {"local"},
        (9, "tourist"): {"tourist"},
        (10, "national"): {"national"},
        (11, "export"): {"export"},
        (12, "certificate"): {"certified", "certificate_age"},
    }
    lanes = [*LANES["acquaintance"], *LANES["closing_and_credit"], *LANES["participation"], LANES["firm_shocks"][3]]
    quiet = skilled_city()
    put(quiet, 0, licensed=0.0)
    for channel in range(4):
        quiet.firms[FIRM.participates + channel, 0] = 0.0
    for (row, name), moved in decides.items():
        assert lanes[row] == name
        base, lucky = (quiet._replace(firms=quiet.firms.copy()) for _ in range(2))
        if name == "certificate":
            for city in (base, lucky):
                put(city, 0, licensed=1.0)
        draws = np.full((13, 5), 1.0 - 1e-12)
        lived(base, draws=draws.copy())
        draws[row] = 1e-9
        lived(lucky, draws=draws)
        changed = {
            field
            for field in ("technology", "member", "licensed", "certified", "business_account")
            if got(base, 0, field) != got(lucky, 0, field)
        }
        channels = ("local", "tourist", "national", "export")
        changed |= {
            channel
            for place, channel in enumerate(channels)
            if base.firms[FIRM.participates + place, 0] != lucky.firms[FIRM.participates + place, 0]
        }
        assert changed == moved - {"cash", "certificate_age"}, name


def test_who_has_closed_learns_nothing_from_what_it_sold() -> None:
    world = skilled_city()
    put(world, 0, active=0.0, export_sales=5.0, contract_sold=1.0, contract_delivered=600.0)
    put(world, 1, contract_sold=1.0, contract_delivered=600.0)
    heard = np.zeros((8, 5))
    skills.learn_from_buyers(world.firms, PARAMETERS, heard, 0, 3)
    assert not heard[:, 0].any()
    taught = PARAMETERS.contract_craft * (1.0 - math.exp(-600.0 / PARAMETERS.contract_scale))
    assert heard[0, 1] == pytest.approx(0.6 * taught), "it sells nothing abroad"
    assert not heard[:, 2].any()


def test_what_has_no_chance_never_happens() -> None:
    assert habits.turned(0.0, 0.0, 0.0, 0.5) == 0.0
    assert habits.turned(1.0, 0.0, 0.5, 0.0) == 1.0
    never = PARAMETERS._replace(certificate_rate=0.0, certificate_renewal=0.0)
    world = skilled_city()
    put(world, 0, licensed=1.0)
    put(world, 1, certified=1.0, certificate_age=never.certificate_life)
    lived(world, never, luck(certificate=0.0))
    assert got(world, 0, "certified") == got(world, 1, "certified") == 0.0


def test_nobody_spends_the_last_rupiah_on_a_step_in_technology() -> None:
    cost = PARAMETERS.adoption_cost * 30e6
    assert adopted(cash=cost)[0] == pytest.approx(0.0, abs=1e-9)
    assert adopted(cash=cost + 1.0)[0] > 0.01
