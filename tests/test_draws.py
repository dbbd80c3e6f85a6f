"""Draws against published test vectors and independent libraries."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from ovopsim import draws
from ovopsim.draws import (
    LANES,
    PROCESSES,
    centred,
    fill_four_normals,
    fill_four_uniforms,
    fill_shocks,
    inverse_normal,
    key_of,
    lane_to_uniform,
    normal,
    philox,
    to_normals,
    to_uniform,
    uniform,
)

# Random123's known answers for Philox4x32-10 (Salmon et al. 2011): counter, key, output
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
PINNED = {
    "channel_spending": 1,
    "outside_price": 2,
    "candidate_entry": 3,
    "candidate_state": 4,
    "firm_shocks": 5,
    "acquaintance": 6,
    "institutions": 7,
    "participation": 8,
    "closing_and_credit": 9,
    "contract_end": 10,
    "new_neighbour": 11,
    "agency_view": 12,
    "acceptance_taste": 13,
    "acceptance": 14,
    "response": 15,
    "matching": 16,
    "group": 17,
    "trial_assignment": 18,
    "initial_population": 19,
}

words = st.integers(0, 2**32 - 1)
entities = st.integers(-(2**31), 2**31 - 1)


def hexadecimal(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def block_of(key: int, *counter: int) -> list[int]:
    return [int(word) for word in philox(*(np.uint64(word) for word in counter), np.uint64(key))]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter: str, key: str, answer: str) -> None:
    low, high = hexadecimal(key)
    assert block_of(high << 32 | low, *hexadecimal(counter)) == hexadecimal(answer)


@given(key=st.integers(0, 2**64 - 1), counter=st.tuples(words, words, words, words))
def test_philox_agrees_with_a_plain_statement_of_it(key: int, counter: tuple[int, int, int, int]) -> None:
    """Ten rounds of two 32-bit multiplications, in whole numbers of any length."""
    c0, c1, c2, c3 = counter
    k0, k1 = key % 2**32, key // 2**32
    for _ in range(10):
        a, b = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = b // 2**32 ^ c1 ^ k0, b % 2**32, a // 2**32 ^ c3 ^ k1, a % 2**32
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    assert block_of(key, *counter) == [c0, c1, c2, c3]


def test_process_numbers_never_change() -> None:
    assert PROCESSES == PINNED
    for name, number in PINNED.items():
        assert getattr(draws, name.upper()) == number


def test_lanes_belong_to_processes_and_fit_in_a_block() -> None:
    assert set(LANES) <= set(PROCESSES)
    assert all(len(lanes) <= 4 and len(set(lanes)) == len(lanes) for lanes in LANES.values())


@given(high=words, low=words)
def test_uniforms_lie_strictly_between_0_and_1(high: int, low: int) -> None:
    assert 0.0 < to_uniform(np.uint64(high), np.uint64(low)) < 1.0
    assert 0.0 < lane_to_uniform(np.uint64(high)) < 1.0


def test_the_ends_of_the_uniforms_are_symmetric() -> None:
    top = np.uint64(2**32 - 1)
    assert lane_to_uniform(np.uint64(0)) == 2.0**-33
    assert lane_to_uniform(top) == 1.0 - 2.0**-33
    assert to_uniform(np.uint64(0), np.uint64(0)) == 2.0**-54
    assert to_uniform(top, top) < 1.0


def test_normals_are_the_quantiles_of_the_normal() -> None:
    tails = np.concatenate([10.0 ** -np.arange(1.0, 300.0, 0.5), 1.0 - 10.0 ** -np.arange(1.0, 15.0, 0.25)])
    near = 0.5 + np.array([-0.425, -0.4250001, 0.425, 0.4250001, 0.0, 1e-9])
    probabilities = np.concatenate([tails, near, np.linspace(0.0005, 0.9995, 1999)])
    found = np.array([inverse_normal(float(p)) for p in probabilities])
    wanted = stats.norm.ppf(probabilities)
    assert np.abs(found - wanted).max() <= 1e-14 * np.maximum(1.0, np.abs(wanted)).max()
    assert np.all(np.abs(found - wanted) <= 1e-14 * np.maximum(1.0, np.abs(wanted)))


@given(p=st.floats(1e-12, 0.5))
def test_normals_are_symmetric(p: float) -> None:
    assert inverse_normal(1.0 - p) == pytest.approx(-inverse_normal(p), rel=1e-4 if p < 1e-9 else 1e-7, abs=1e-14)


def test_draws_follow_their_distributions() -> None:
    ids = np.arange(20_000)
    shocks, uniforms = np.zeros((4, ids.size)), np.zeros((4, ids.size))
    certificate = np.zeros(ids.size)
    fill_shocks(shocks, certificate, np.uint64(7), 5, ids, 3, np.zeros_like(ids), ids.size)
    fill_four_uniforms(uniforms, np.uint64(7), 6, ids, 3, ids.size)
    shocks = shocks[:3]
    for lane in (*uniforms, certificate):
        assert stats.kstest(lane, "uniform").pvalue > 1e-3
    for lane in shocks[:2]:
        assert stats.kstest(lane, "norm").pvalue > 1e-3
    assert stats.kstest(shocks[2], stats.uniform(-(3.0**0.5), 2.0 * 3.0**0.5).cdf).pvalue > 1e-3
    assert shocks.mean(axis=1) == pytest.approx(0.0, abs=0.03)
    assert shocks.std(axis=1) == pytest.approx(1.0, abs=0.03)
    together = np.corrcoef(np.concatenate([uniforms, shocks]))
    assert np.abs(together - np.eye(7)).max() < 0.03


def test_a_centred_uniform_has_mean_0_and_standard_deviation_1() -> None:
    grid = (np.arange(100_000) + 0.5) / 100_000
    values = np.array([centred(u) for u in grid])
    assert values.mean() == pytest.approx(0.0, abs=1e-12)
    assert values.std() == pytest.approx(1.0, rel=1e-9)


@given(process=st.integers(1, 19), entity=entities, month=st.integers(-2000, 2000), index=st.integers(0, 10**6))
def test_a_draw_depends_on_each_of_its_coordinates(process: int, entity: int, month: int, index: int) -> None:
    key = np.uint64(12345)
    here = uniform(key, process, entity, month, index)
    assert uniform(key, process, entity, month, index) == here
    assert normal(key, process, entity, month, index) == inverse_normal(here)
    others = [
        (np.uint64(12346), process, entity, month, index),
        (key, process + 1, entity, month, index),
        (key, process, entity + 1, month, index),
        (key, process, entity, month + 1, index),
        (key, process, entity, month, index + 1),
    ]
    assert all(uniform(*other) != here for other in others)


def test_draws_that_fill_arrays_are_the_words_of_one_block_each() -> None:
    ids = np.array([3, 10**7, -1, 0])
    out = np.zeros((4, 4))
    fill_four_uniforms(out, np.uint64(99), 8, ids, -5, 4)
    shocks = np.zeros((4, 4))
    fourth, places = np.zeros(4), np.zeros(4, dtype=np.int64)
    fill_shocks(shocks, fourth, np.uint64(99), 8, ids, -5, places, 4)
    for column, identity in enumerate(ids):
        words_of = block_of(99, int(identity) % 2**32, (-5) % 2**32, 0, 8)
        lanes = [(word + 0.5) / 2**32 for word in words_of]
        assert out[:, column].tolist() == lanes
        assert shocks[:2, column] == pytest.approx(stats.norm.ppf(lanes[:2]), abs=1e-13)
        assert shocks[2, column] == pytest.approx(12**0.5 * (lanes[2] - 0.5), abs=1e-13)
        assert fourth[column] == lanes[3]
    views = np.zeros((4, 4))
    fill_four_normals(views, np.uint64(99), 12, ids, 2016, np.zeros(4), places, 4, 3)
    for column, identity in enumerate(ids):
        lanes = [(word + 0.5) / 2**32 for word in block_of(99, int(identity) % 2**32, 2016, 3, 12)]
        assert views[:, column] == pytest.approx(stats.norm.ppf(lanes), abs=1e-13)


def test_arrays_of_normals_are_those_found_one_by_one_to_the_bit() -> None:
    edges = [0.075, 0.925, 0.5, 1e-300, 2.0**-33, 1.0 - 2.0**-33, np.nextafter(0.075, 0), np.nextafter(0.925, 1)]
    drawn = np.concatenate([edges, np.random.default_rng(5).random(5_000)])
    found = np.append(drawn, 0.25)
    to_normals(found, np.zeros(drawn.size), np.zeros(drawn.size, dtype=np.int64), drawn.size)
    assert found[:-1].tolist() == [inverse_normal(each) for each in drawn]
    assert found[-1] == 0.25


def test_only_the_wanted_part_of_an_array_is_filled() -> None:
    out = np.full((4, 5), -1.0)
    fill_four_uniforms(out, np.uint64(1), 6, np.arange(5), 0, 3)
    assert np.all(out[:, :3] > 0.0)
    assert np.all(out[:, 3:] == -1.0)


def test_keys_come_from_seed_and_replication() -> None:
    keys = {int(key_of(seed, replication)) for seed, replication in itertools.product(range(20), range(20))}
    assert len(keys) == 400
    assert key_of(1, 0) == np.random.SeedSequence((1, 0)).generate_state(1, np.uint64)[0]
