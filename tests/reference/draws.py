"""Randomness named by decision: each draw belongs to (seed, process, entity, time, index) (model.md §6).

Philox4x32-10 (Salmon et al. 2011) turns a counter (entity, time, index, process) and the key of a replication into
four 32-bit words. Normals are quantiles of uniforms, by the standard library.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

# a part of every published result
PROCESS = {
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
}
WORD = 0xFFFFFFFF
quantile = NormalDist().inv_cdf


def philox(counter: tuple[int, int, int, int], key: int) -> tuple[int, int, int, int]:
    """Return one block of Philox4x32-10."""
    first, second, third, fourth = counter
    low_key, high_key = key & WORD, key >> 32
    for _ in range(10):
        left = 0xD2511F53 * first
        right = 0xCD9E8D57 * third
        first, second = (right >> 32) ^ second ^ low_key, right & WORD
        third, fourth = (left >> 32) ^ fourth ^ high_key, left & WORD
        low_key = (low_key + 0x9E3779B9) & WORD
        high_key = (high_key + 0xBB67AE85) & WORD
    return first, second, third, fourth


@dataclass(slots=True)
class Luck:
    """A firm's draws of one month: three shocks, and a uniform for each decision it may take.

    Shocks have mean 0 and standard deviation 1; those to output and appeal are normal, that to need is uniform.
    """

    output: float = 0.0
    appeal: float = 0.0
    need: float = 0.0
    peer: float = 0.5
    adoption: float = 1.0
    joining: float = 1.0
    licence: float = 1.0
    certificate: float = 1.0
    account: float = 1.0
    channels: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    closing: float = 1.0
    application: float = 1.0
    approval: float = 1.0


class Draws:
    """The draws of one replication."""

    def __init__(self, key: int) -> None:
        self.key = key

    def words(self, process: str, entity: int, time: int, index: int) -> tuple[int, int, int, int]:
        """Return the four words of one decision; a negative month counts back from 2^32."""
        return philox((entity & WORD, time & WORD, index & WORD, PROCESS[process]), self.key)

    def uniform(self, process: str, entity: int, time: int, index: int = 0) -> float:
        """Return a uniform inside (0, 1) with 53 bits."""
        high, low, _, _ = self.words(process, entity, time, index)
        return (((high >> 5 << 26) | (low >> 6)) + 0.5) / 2.0**53

    def normal(self, process: str, entity: int, time: int, index: int = 0) -> float:
        """Return a standard normal."""
        return quantile(self.uniform(process, entity, time, index))

    def four(self, process: str, entity: int, time: int, index: int = 0) -> list[float]:
        """Return four uniforms with 32 bits each: everyday decisions share a block."""
        return [(word + 0.5) / 2.0**32 for word in self.words(process, entity, time, index)]

    def luck(self, firm_id: int, month: int) -> Luck:
        """Return what a month has in store for one firm."""
        output, appeal, need, certificate = self.four("firm_shocks", firm_id, month)
        peer, adoption, joining, licence = self.four("acquaintance", firm_id, month)
        local, tourist, national, export = self.four("participation", firm_id, month)
        closing, application, approval, account = self.four("closing_and_credit", firm_id, month)
        return Luck(
            quantile(output),
            quantile(appeal),
            math.sqrt(12.0) * (need - 0.5),
            peer,
            adoption,
            joining,
            licence,
            certificate,
            account,
            (local, tourist, national, export),
            closing,
            application,
            approval,
        )
