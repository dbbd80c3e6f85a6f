"""The NumPy peer does the same work as the compiled loop: the same draws to the bit, the same months to 1e-9."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from ovopsim.draws import ACQUAINTANCE, FIRM_SHOCKS, RESPONSE, fill_four_uniforms, fill_shocks, key_of, normal, uniform
from ovopsim.fields import AGENCY, FirmRows, fields_of
from ovopsim.outcomes.monthly import OUTCOME, OUTCOMES
from ovopsim.policy import Programme, Scenario, builtin_levers, default_programme
from ovopsim.rules.agency.tables import LEVER, TARGETING
from ovopsim.simulation import MonthZero, month_zero
from tests.benchmarks.numpy_peer import NumpyMonth, seconds_per_month
from tests.benchmarks.numpy_peer.draws import CHUNK, Counters, blocks, draw, lanes, uniforms
from tests.benchmarks.numpy_peer.views import PIECE, dot, over_channels
from tests.small import small_population
from tests.worlds import Run

TOLERANCE = 1e-9
KEY = key_of(3, 1)
IDENTITIES = np.array([-1, 0, 7, 61, 2**31, 2**32 - 1])
FIRM_NAMES = [f"{name}[{row}]" for name, (field, _) in fields_of(FirmRows).items() for row in range(field.rows)]

pytestmark = pytest.mark.usefixtures("warm_core")


def test_four_uniforms_of_each_firm_are_the_package_s_to_the_bit():
    expected = np.zeros((4, IDENTITIES.size))
    fill_four_uniforms(expected, KEY, ACQUAINTANCE, IDENTITIES, -13, IDENTITIES.size)
    found = lanes(blocks([Counters(IDENTITIES, -13, 0, ACQUAINTANCE)], int(KEY))[0])
    assert found.tobytes() == expected.tobytes()


def test_single_draws_are_the_package_s_to_the_bit_whatever_is_drawn_beside_them():
    groups = [Counters(IDENTITIES, 5, np.arange(3)[:, None], RESPONSE), Counters(np.arange(CHUNK), 0, 1, RESPONSE)]
    first, second = (uniforms(words) for words in blocks(groups, int(KEY)))
    expected = [[uniform(KEY, RESPONSE, int(entity), 5, index) for entity in IDENTITIES] for index in range(3)]
    assert first.tolist() == expected
    assert second[-1] == uniform(KEY, RESPONSE, CHUNK - 1, 0, 1)
    assert np.array_equal(second[:6], draw(Counters(np.arange(6), 0, 1, RESPONSE), int(KEY)))


def test_normals_are_the_package_s():
    expected = np.zeros((4, 500))
    identities = np.arange(500)
    fill_shocks(expected, np.zeros(500), KEY, FIRM_SHOCKS, identities, 4, np.zeros(500, dtype=np.int64), 500)
    lane = lanes(blocks([Counters(identities, 4, 0, FIRM_SHOCKS)], int(KEY))[0])
    assert ndtri(lane[:2]) == pytest.approx(expected[:2], rel=1e-12, abs=1e-14)
    assert ndtri(draw(Counters(8, 9, 10, RESPONSE), int(KEY))) == pytest.approx(normal(KEY, RESPONSE, 8, 9, 10))


@pytest.fixture(scope="module")
def start() -> MonthZero:
    return month_zero(Scenario(population=small_population()), seed=1, replication=0)


def differences(names: list[str], package: Any, peer: Any) -> list[str]:
    """Return what differs by more than the tolerance, relative to a value or to the usual size of its row."""
    one, other = package.reshape(len(names), -1), peer.reshape(len(names), -1)
    usual = np.maximum(np.abs(one).mean(axis=1, keepdims=True), 1e-3)
    far = ~(np.abs(one - other) <= TOLERANCE * np.maximum(usual, np.abs(one)))
    return [f"{names[row]} of {place}: {one[row, place]!r}, {other[row, place]!r}" for row, place in np.argwhere(far)]


def rows(label: str, matrix: Any) -> list[str]:
    """Return a name for each row of a matrix."""
    return [f"{label} {row}" for row in range(matrix.shape[0])]


def compare(scenario: Scenario, start: MonthZero, delay: int = 0) -> tuple[Any, Any]:
    """Run a scenario on both sides, month by month; fail at the first difference. Return outcomes and lever sums."""
    run, peer = Run(scenario, start), NumpyMonth(scenario, start)
    for table in (run.levers.table, peer.tables.table):
        table[LEVER.delay] = delay
    outcomes, levers = [], np.zeros(run.world.agency.shape)
    for moment in run.months(scenario.months):
        found = differences(list(OUTCOMES), moment.outcomes, peer.month())
        peer.world.agency[AGENCY.in_order] = moment.world.agency[AGENCY.in_order]  # the peer puts all in order at once
        found += differences(FIRM_NAMES, moment.world.firms, peer.world.firms)
        for name in ("channels", "sentras", "city", "agency", "ring"):
            one = getattr(moment.world, name)
            found += differences(rows(name, one), one, getattr(peer.world, name))
        served, other = (np.moveaxis(world.served, 0, 2) for world in (moment.world, peer.world))
        served = served.reshape(-1, served.shape[2])
        found += differences(rows("record", served), served, other)
        for lever, listed in enumerate(moment.world.agency[AGENCY.in_order].astype(int)):
            if moment.world.lists[1, lever, :listed].tolist() != peer.world.lists[1, lever, :listed].tolist():
                found.append(f"list of lever {lever}")
        for name in ("flows", "entries", "goods", "balances"):
            one = getattr(moment.ledger, name)
            found += differences(rows(name, one), one, getattr(peer.ledger, name))
        assert not found, f"month {moment.step}: {found[:5]}"
        outcomes.append(moment.outcomes)
        levers += moment.world.agency
    return np.array(outcomes), levers


def test_a_year_with_the_whole_programme_is_that_of_the_compiled_loop(start):
    outcomes, levers = compare(Scenario(population=small_population(), months=12, programme=default_programme()), start)
    assert outcomes[:, OUTCOME.entries].sum() > 0.0
    assert outcomes[:, OUTCOME.exits].sum() > 0.0
    assert outcomes[:, OUTCOME.loans].max() > 0.0
    assert levers[AGENCY.delivered].sum() > 50.0


def test_sums_in_pieces_and_ties_on_lists_are_those_of_the_compiled_loop():
    # a lane has 32 bits: among so many firms some share a view, and keep their order on the list
    population = {"synthetic": "surakarta", "firms": 20_000}
    scenario = Scenario(population=population, months=2, programme=default_programme())  # type: ignore[arg-type]
    outcomes, _ = compare(scenario, month_zero(scenario, 1, 0))
    assert outcomes[0, OUTCOME.firms] > 4 * PIECE


@pytest.mark.parametrize("targeting", TARGETING)
def test_every_lever_and_every_list_are_those_of_the_compiled_loop(start, targeting):
    names = list(builtin_levers())
    shares = dict.fromkeys(names, 1.0 / len(names))
    programme = Programme(budget=3e9, shares=shares, months=30, start=2, targeting=targeting)
    outcomes, levers = compare(Scenario(population=small_population(), months=30, programme=programme), start)
    assert (levers[AGENCY.delivered] > 0.0).all()
    assert outcomes[:, OUTCOME.lapsed_idr].sum() > 0.0


def test_delayed_effects_are_those_of_the_compiled_loop(start):
    programme = Programme(budget=1e9, shares={"exhibition": 0.5, "business_matching": 0.5}, months=15, multi_year=True)
    _, levers = compare(Scenario(population=small_population(), months=15, programme=programme), start, delay=2)
    assert levers[AGENCY.delivered].sum() > 5.0


def test_years_of_distress_are_those_of_the_compiled_loop():
    # few firms default in good times; households that need more than cloth brings leave wages and loans unpaid
    programme = Programme(budget=2e9, shares={"credit_facilitation": 0.5, "cooperative_capital": 0.5}, months=36)
    scenario = Scenario(
        population=small_population(),
        months=36,
        programme=programme,
        shocks=["pandemic"],
        parameters={"accounts.household_need": 9e6, "accounts.default_months": 1},
    )
    outcomes, _ = compare(scenario, month_zero(scenario, 1, 0))
    assert outcomes[:, OUTCOME.defaults].sum() > 0.0
    assert outcomes[:, OUTCOME.guarantee_loss_idr].sum() > 0.0


def test_a_peer_that_errs_is_found(start):
    scenario = Scenario(population=small_population(), months=1, programme=default_programme())
    peer = NumpyMonth(scenario, start)
    (moment,) = Run(scenario, start).months(1)
    peer.month()
    peer.firms.cash[3] *= 1.0 + 1e-6
    found = differences(FIRM_NAMES, moment.world.firms, peer.world.firms)
    assert [line.split(":")[0] for line in found] == ["cash[0] of 3"]


def test_trials_are_refused(start):
    trial = {"lever": "exhibition", "firms": {"share": 0.5}, "month": 1}
    with pytest.raises(ValueError, match="no trials"):
        NumpyMonth(Scenario(population=small_population(), months=2, assignments=[trial]), start)


def test_a_month_has_a_cost_and_firms():
    seconds, firms = seconds_per_month(60, 2)
    assert seconds > 0.0
    assert 40.0 < firms < 80.0


def test_large_clusters_sum_in_pieces():
    firms = np.random.default_rng(1).random((4, 2 * PIECE + 5))
    assert dot(firms, firms[0]) == pytest.approx((firms * firms[0]).sum(axis=1))
    assert over_channels(np.arange(4.0), firms) == pytest.approx((np.arange(4.0)[:, None] * firms).sum(axis=0))
