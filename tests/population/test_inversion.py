"""Balancing meets both sums, in one way only, where and only where the largest flow says that it can."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from ovopsim import InputError
from ovopsim.fields import CHANNELS
from ovopsim.population.inversion import (
    balance,
    blocks_of,
    check_feasible,
    split_appeal,
    tightest,
    totals_matched,
)

Array = NDArray[np.float64]
Cluster = tuple[Array, Array, Array]
NAMES = tuple(f"firm {place}" for place in range(50))


@st.composite
def clusters(draw: st.DrawFn, zeros: bool = False) -> Cluster:
    """Return pulls without appeal (firms, channels), orders of firms and sales of channels, in rupiah."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 30))
    pulls = np.exp(rng.normal(0.0, draw(st.floats(0.0, 3.0)), (count, 4)))
    orders = np.exp(rng.normal(16.0, draw(st.floats(0.0, 2.0)), count))
    mix = 1e-3 + rng.dirichlet(np.ones(4))
    if zeros:  # everybody sells locally, others where chance has it; shares that most such clusters can fill
        pulls[:, 1:][rng.random((count, 3)) < draw(st.floats(0.0, 0.7))] = 0.0
        mix = np.array([0.6, 0.2, 0.15, 0.05])
    return pulls, orders, totals_matched(pulls, orders, mix)


def assert_met(pulls: Array, orders: Array, sales: Array) -> None:
    result = balance(pulls, orders, sales)
    found = np.exp(result.log_appeal)[:, None] * pulls * result.per_attraction
    np.testing.assert_allclose(found.sum(axis=1), orders, rtol=1e-9)
    np.testing.assert_allclose(found.sum(axis=0), sales, rtol=1e-9, atol=1e-9 * orders.sum())


@given(clusters())
def test_positive_pulls_always_have_a_solution(cluster: Cluster) -> None:
    assert tightest(*cluster) is None
    assert_met(*cluster)


@given(clusters(zeros=True))
def test_pulls_with_zeros_have_a_solution_where_it_is_feasible(cluster: Cluster) -> None:
    assume(tightest(*cluster) is None)
    assert_met(*cluster)


@given(clusters(), st.lists(st.floats(0.1, 10.0), min_size=4, max_size=4), st.floats(0.1, 10.0))
def test_the_solution_is_unique_up_to_one_scalar(cluster: Cluster, by_channel: list[float], by_firm: float) -> None:
    pulls, orders, sales = cluster
    result = balance(pulls, orders, sales)
    # a pull known up to a factor for each channel, and one for all firms, leads to the same appeal
    other = balance(pulls * np.array(by_channel) * by_firm, orders, sales)
    np.testing.assert_allclose(other.log_appeal, result.log_appeal, atol=1e-7)
    assert result.log_appeal.mean() == pytest.approx(0.0, abs=1e-9)


@given(clusters(), st.integers(0, 1000))
def test_an_appeal_that_was_there_is_found_again(cluster: Cluster, seed: int) -> None:
    pulls, _, _ = cluster
    rng = np.random.default_rng(seed)
    appeal = rng.normal(0.0, 1.0, len(pulls))
    known = np.exp(appeal)[:, None] * pulls * np.exp(rng.normal(0.0, 1.0, 4))
    result = balance(pulls, known.sum(axis=1), known.sum(axis=0))
    np.testing.assert_allclose(result.log_appeal, appeal - appeal.mean(), atol=1e-6)


@given(clusters(zeros=True), st.integers(0, 1000))
def test_the_order_of_firms_and_channels_does_not_matter(cluster: Cluster, seed: int) -> None:
    assume(tightest(*cluster) is None)
    pulls, orders, sales = cluster
    rng = np.random.default_rng(seed)
    firms, channels = rng.permutation(len(orders)), rng.permutation(4)
    plain = balance(pulls, orders, sales)
    mixed = balance(pulls[firms][:, channels], orders[firms], sales[channels])
    np.testing.assert_allclose(mixed.log_appeal, plain.log_appeal[firms], atol=1e-6)


def test_equal_firms_have_appeal_0_and_share_each_channel() -> None:
    pulls = np.full((5, 4), 0.3)
    sales = np.array([40.0, 30.0, 20.0, 10.0])
    result = balance(pulls, np.full(5, 20.0), sales)
    np.testing.assert_allclose(result.log_appeal, 0.0, atol=1e-12)
    np.testing.assert_allclose(0.3 * result.per_attraction, sales / 5.0)


def test_two_firms_in_two_channels_as_by_hand() -> None:
    # r₁c₁ = 3, r₁c₂ = 1, r₂c₁ = 6, r₂c₂ = 2: appeal 1 to 2, spending 3 to 1
    pulls = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
    result = balance(pulls, np.array([4.0, 8.0]), np.array([9.0, 3.0, 0.0, 0.0]))
    np.testing.assert_allclose(result.log_appeal, [-0.5 * np.log(2.0), 0.5 * np.log(2.0)])
    np.testing.assert_allclose(result.per_attraction, np.sqrt(2.0) * np.array([3.0, 1.0, 0.0, 0.0]))


def test_a_channel_with_hardly_any_room_is_still_met() -> None:
    pulls = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    orders = np.array([1.0 - 1e-5, 1.0, 1.0])
    assert_met(pulls, orders, np.array([1.0, orders.sum() - 1.0]))


def largest_flow(sells: NDArray[np.bool_], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> int:
    firms, channels = sells.shape
    size = firms + channels + 2
    capacity = np.zeros((size, size), dtype=np.int32)
    capacity[-2, :firms] = rows
    capacity[:firms, firms : firms + channels] = sells * rows.sum()
    capacity[firms : firms + channels, -1] = columns
    return int(maximum_flow(csr_array(capacity), size - 2, size - 1).flow_value)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.floats(0.1, 0.9))
def test_what_is_too_much_is_what_the_largest_flow_leaves(seed: int, count: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    sells = rng.random((count, 4)) < share
    rows = rng.integers(1, 100, count)
    columns = rng.multinomial(rows.sum(), rng.dirichlet(np.ones(4)))
    tight = tightest(sells.astype(float), rows.astype(float), columns.astype(float))
    left = int(rows.sum()) - largest_flow(sells, rows, columns)
    assert (max(0.0, tight.excess) if tight else 0.0) == pytest.approx(left)


def test_a_full_channel_is_refused_unless_nobody_else_sells_there() -> None:
    rows, columns = np.array([60.0, 40.0]), np.array([60.0, 40.0])
    apart = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert tightest(apart, rows, columns) is None
    shared = np.array([[1.0, 0.0], [1.0, 1.0]])  # firm 0 fills the channel alone, and firm 1 is to sell there too
    tight = tightest(shared, rows, columns)
    assert tight is not None
    np.testing.assert_array_equal(tight.channels, [True, False])
    np.testing.assert_array_equal(tight.firms, [True, False])


BLOCKS = np.array([[1.0, 2.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 5.0, 0.0]])


def test_each_connected_block_has_its_own_total_and_scalar() -> None:
    orders = np.array([50.0, 10.0, 30.0, 6.0])
    found = blocks_of(BLOCKS)
    assert [(firms.tolist(), channels.tolist()) for firms, channels in found] == [
        ([True, True, False, False], [True, True, False, False]),
        ([False, False, True, True], [False, False, True, False]),
    ]
    sales = totals_matched(BLOCKS, orders, np.array([1.0, 2.0, 7.0, 9.0]))
    np.testing.assert_allclose(sales, [20.0, 40.0, 36.0, 0.0])
    assert_met(BLOCKS, orders, sales)
    appeal = balance(BLOCKS, orders, sales).log_appeal
    np.testing.assert_allclose([appeal[:2].sum(), appeal[2:].sum()], 0.0, atol=1e-12)
    # orders of one block say nothing of the appeal in the other
    more = orders * np.array([7.0, 7.0, 1.0, 1.0])
    again = balance(BLOCKS, more, totals_matched(BLOCKS, more, np.array([1.0, 2.0, 7.0, 9.0])))
    np.testing.assert_allclose(again.log_appeal, appeal, atol=1e-9)


@pytest.mark.parametrize(
    ("pulls", "rows", "columns", "message"),
    [
        (
            [[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]],
            [10, 70, 20],
            [60, 20, 15, 5],
            "firm 1 can sell only in local: Rp 70 a month in all, which must be less than the Rp 60 that the cluster ",
        ),
        (
            [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1]],
            [50, 40, 10],
            [40, 25, 15, 20],
            "there. Let more firms sell there, or lower market.channel_mix for export.",
        ),
        (
            [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0]],
            [50, 40, 10],
            [40, 25, 15, 20],
            "nobody can sell in export: Rp 0 a month in all",
        ),
        (
            [[1, 0, 0, 0]] * 5 + [[1, 1, 1, 1]],
            [20, 20, 20, 20, 10, 10],
            [80, 10, 5, 5],
            "firm 0, firm 1, firm 2 and 2 more can sell only in local",
        ),
        ([[1, 1, 1, 1], [0, 0, 0, 0]], [50, 50], [25, 25, 25, 25], "firm 1 can sell in no channel"),
    ],
)
def test_what_cannot_be_met_is_named(
    pulls: list[list[float]], rows: list[float], columns: list[float], message: str
) -> None:
    sums = np.array(rows, dtype=float), np.array(columns, dtype=float)
    with pytest.raises(InputError, match=re.escape(message)):
        check_feasible(np.array(pulls, dtype=float), *sums, NAMES[: len(rows)], CHANNELS)


def independent_luck(log_appeal: Array, rng: np.random.Generator) -> Array:
    """Return numbers with mean 0 and variance 1 that do not vary with appeal, so that closed forms hold exactly."""
    luck = rng.normal(size=len(log_appeal))
    luck -= luck.mean()
    centred = log_appeal - log_appeal.mean()
    luck -= centred * (luck @ centred) / (centred @ centred)
    return luck / luck.std()


@given(st.integers(0, 1000), st.floats(0.3, 2.0), st.floats(0.01, 0.99))
def test_the_passing_part_has_the_variance_of_its_law_and_leaves_the_rest(
    seed: int, spread: float, share: float
) -> None:
    rng = np.random.default_rng(seed)
    log_appeal = rng.normal(0.0, spread, 40)
    log_appeal -= log_appeal.mean()
    sd = share * log_appeal.std()
    lasting, passing = split_appeal(log_appeal, sd, independent_luck(log_appeal, rng))
    np.testing.assert_allclose(lasting + passing, log_appeal)
    assert passing.var() == pytest.approx(sd**2)
    assert lasting.var() == pytest.approx(log_appeal.var() - sd**2)
    assert lasting @ passing / 40 == pytest.approx(0.0, abs=1e-12)


def test_firms_more_alike_than_chance_makes_them_are_refused() -> None:
    with pytest.raises(InputError, match=r"varies over firms by 0\.10 .* less than market\.appeal_sd \(0\.40\)"):
        split_appeal(np.array([0.1, -0.1]), 0.4, np.zeros(2))


def test_equal_firms_without_chance_and_one_firm_alone_keep_their_appeal() -> None:
    for appeal, sd in ((np.zeros(3), 0.0), (np.array([0.5]), 0.4)):
        lasting, passing = split_appeal(appeal, sd, np.ones(len(appeal)))
        np.testing.assert_array_equal(lasting, appeal)
        np.testing.assert_array_equal(passing, 0.0)
