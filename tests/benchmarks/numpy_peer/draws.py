"""Philox4x32-10 on whole arrays of counters: the package's draws, bit for bit, without a loop over entities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Words = NDArray[np.uint64]
Reals = NDArray[np.float64]

MASK = np.uint64(0xFFFFFFFF)
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = 0x9E3779B9, 0xBB67AE85
HALF, FIVE, SIX, TWENTY_SIX = (np.uint64(bits) for bits in (32, 5, 6, 26))
CHUNK = 16384  # counters worked on at once, so that the six arrays stay in the processor's cache


class Counters(NamedTuple):
    """Which decisions are drawn for: entity, month, index and process, numbers or arrays that broadcast."""

    entity: ArrayLike
    month: ArrayLike
    index: ArrayLike
    process: ArrayLike


def philox(counters: Words, key: int) -> Words:
    """Return one block of four 32-bit words for each column of an array (4, count), in its place."""
    for first in range(0, counters.shape[1], CHUNK):
        _ten_rounds(counters[:, first : first + CHUNK], key)
    return counters


def _ten_rounds(counters: Words, key: int) -> None:
    words = counters[0].copy(), counters[1].copy(), counters[2].copy(), counters[3].copy()
    word_0, word_1, word_2, word_3 = words
    product_0, product_1 = np.empty_like(word_0), np.empty_like(word_0)
    key_0, key_1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        np.multiply(word_0, MULTIPLIERS[0], out=product_0)
        np.multiply(word_2, MULTIPLIERS[1], out=product_1)
        np.right_shift(product_1, HALF, out=word_0)
        np.bitwise_xor(word_0, word_1, out=word_0)
        np.bitwise_xor(word_0, np.uint64(key_0), out=word_0)
        np.right_shift(product_0, HALF, out=word_2)
        np.bitwise_xor(word_2, word_3, out=word_2)
        np.bitwise_xor(word_2, np.uint64(key_1), out=word_2)
        np.bitwise_and(product_1, MASK, out=word_1)
        np.bitwise_and(product_0, MASK, out=word_3)
        key_0, key_1 = (key_0 + WEYL[0]) & 0xFFFFFFFF, (key_1 + WEYL[1]) & 0xFFFFFFFF
    counters[0], counters[1], counters[2], counters[3] = words


def blocks(groups: Sequence[Counters], key: int) -> list[Words]:
    """Return the words (4, *shape) of each group of decisions; all groups are worked off together."""
    shapes = [np.broadcast_shapes(*(np.shape(part) for part in group)) for group in groups]
    counts = [int(np.prod(shape)) for shape in shapes]
    counters = np.empty((4, sum(counts)), dtype=np.int64)
    place = 0
    for group, shape, count in zip(groups, shapes, counts, strict=True):
        room = counters[:, place : place + count].reshape(4, *shape)
        for word, part in enumerate(group):
            room[word] = part
        counters[:, place : place + count] = room.reshape(4, count)  # a reshaped slice may be a copy
        place += count
    counters &= 0xFFFFFFFF
    words = philox(counters.view(np.uint64), key)
    ends = np.cumsum(counts)
    return [
        words[:, end - count : end].reshape(4, *shape) for shape, count, end in zip(shapes, counts, ends, strict=True)
    ]


def lanes(words: Words) -> Reals:
    """Return a uniform in (0, 1) from each 32-bit word."""
    return (words + 0.5) * (1.0 / 4294967296.0)


def uniforms(words: Words) -> Reals:
    """Return a uniform in (0, 1) of 53 bits from the first two words of each block."""
    whole = ((words[0] >> FIVE) << TWENTY_SIX) | (words[1] >> SIX)
    found: Reals = np.minimum((whole.astype(float) + 0.5) * (1.0 / 9007199254740992.0), 1.0 - 1.0 / 9007199254740992.0)
    return found


def normals(words: Words) -> Any:
    """Return a standard normal from each block."""
    return ndtri(uniforms(words))


def draw(group: Counters, key: int) -> Reals:
    """Return the uniforms of one group of decisions."""
    return uniforms(blocks([group], key)[0])
