"""Randomness named by decision: every draw is a function of (seed, process, entity, time, index).

There is no stream and so no state: a firm that exits, an extra applicant or another programme moves no other draw.
Two arms of one seed therefore face the same world (common random numbers by construction; cf. Klein et al., arXiv
2409.02086). The generator is Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405): one block turns a
128-bit counter and a 64-bit key into four 32-bit words. The counter is (entity, time, index, process).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ovopsim.compiling import compiled, equation
from ovopsim.elementary import logarithm

# Process numbers are part of every published result: add at the end, never renumber (a test pins them).
PROCESSES: Final[dict[str, int]] = {
    "channel_spending": 1,
    "outside_price": 2,
    "candidate_entry": 3,
    "candidate_state": 4,
    "firm_shocks": 5,
    "acquaintance": 6,
    "institutions": 7,  # drawn no longer: its two lanes fill gaps in other blocks
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
# Everyday decisions of a firm share a block of four 32-bit words: process -> what each word decides.
LANES: Final[dict[str, tuple[str, ...]]] = {
    "firm_shocks": ("output", "appeal", "household need", "certificate"),
    "acquaintance": ("peer of the month", "adoption", "joining and leaving the cooperative", "licence"),
    "participation": ("local", "tourist", "national", "export"),
    "closing_and_credit": ("closing", "application", "approval", "business account"),
}

(
    CHANNEL_SPENDING,
    OUTSIDE_PRICE,
    CANDIDATE_ENTRY,
    CANDIDATE_STATE,
    FIRM_SHOCKS,
    ACQUAINTANCE,
    INSTITUTIONS,
    PARTICIPATION,
    CLOSING_AND_CREDIT,
    CONTRACT_END,
    NEW_NEIGHBOUR,
    AGENCY_VIEW,
    ACCEPTANCE_TASTE,
    ACCEPTANCE,
    RESPONSE,
    MATCHING,
    GROUP,
    TRIAL_ASSIGNMENT,
    INITIAL_POPULATION,
) = PROCESSES.values()

_MASK = np.uint64(0xFFFFFFFF)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_HALF = np.uint64(32)
_FIVE = np.uint64(5)
_SIX = np.uint64(6)
_ROOT_12 = math.sqrt(12.0)
_TO_UNIT_53 = 1.0 / 9007199254740992.0
_BELOW_ONE = 1.0 - _TO_UNIT_53
_TO_UNIT_32 = 1.0 / 4294967296.0


@equation
def philox(word_0, word_1, word_2, word_3, key):
    """Return one block of Philox4x32-10: four words below 2^32, as unsigned 64-bit integers."""
    key_0 = key & _MASK
    key_1 = key >> _HALF
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * word_0
        product_1 = _MULTIPLIER_1 * word_2
        word_0 = (product_1 >> _HALF) ^ word_1 ^ key_0
        word_1 = product_1 & _MASK
        word_2 = (product_0 >> _HALF) ^ word_3 ^ key_1
        word_3 = product_0 & _MASK
        key_0 = (key_0 + _WEYL_0) & _MASK
        key_1 = (key_1 + _WEYL_1) & _MASK
    return word_0, word_1, word_2, word_3


@equation
def counted(number):
    """Return an integer of either sign as the 32-bit counter word that stands for it."""
    return np.uint64(number & 0xFFFFFFFF)


@equation
def block(key, process, entity, month, index):
    """Return the four words that belong to one decision."""
    return philox(counted(entity), counted(month), counted(index), counted(process), np.uint64(key))


@equation
def to_uniform(high, low):
    """Return a double in the open interval (0, 1) from two 32-bit words (53 bits, centred)."""
    # 53 bits and a half are one bit too many for a double: the largest would round to 1
    return min((float(((high >> _FIVE) << np.uint64(26)) | (low >> _SIX)) + 0.5) * _TO_UNIT_53, _BELOW_ONE)


@equation
def lane_to_uniform(word):
    """Return a double in the open interval (0, 1) from one 32-bit word."""
    return (float(word) + 0.5) * _TO_UNIT_32


@compiled
def uniform(key, process, entity, month, index):
    """Return the uniform in (0, 1) of one decision."""
    first, second, _, _ = block(key, process, entity, month, index)
    return to_uniform(first, second)


@compiled
def normal(key, process, entity, month, index):
    """Return the standard normal of one decision."""
    return inverse_normal(uniform(key, process, entity, month, index))


@equation
def inverse_normal(probability):
    """Return the standard normal quantile (algorithm AS 241, Wichura 1988, doi:10.2307/2347330; 1e-16 relative)."""
    centred = probability - 0.5
    return _centre(centred) if abs(centred) <= CENTRE else _tail(probability)


CENTRE: Final = 0.425  # a normal is found by one ratio so far from the median, and by others in the tails


@equation
def _centre(centred):
    return centred * _central_ratio(0.180625 - centred * centred)


@equation
def _tail(probability):
    low = probability < 0.5
    root = math.sqrt(-logarithm(probability if low else 1.0 - probability))
    value = _near_tail_ratio(root - 1.6) if root <= 5.0 else _far_tail_ratio(root - 5.0)
    return -value if low else value


@compiled
def to_normals(values, tails, places, count):
    """Replace uniforms in `values[:count]` by standard normals.

    Tails are picked out and worked out by themselves: each of the three loops then takes several numbers at a time,
    which halves the time. `tails` and `places` (whole numbers) are arrays (slots,) of scratch space.
    """
    picked = 0
    for row in range(count):
        tails[picked] = values[row]
        places[picked] = row
        picked += 1 if abs(values[row] - 0.5) > CENTRE else 0
    for number in range(picked):
        tails[number] = _tail(tails[number])
    for number in range(picked):
        values[places[number]] = tails[number]
    for row in range(count):
        centred = values[row] - 0.5
        # a normal of the tails lies beyond 1.4 and is left as it is
        values[row] = _centre(centred) if abs(centred) <= CENTRE else values[row]


@equation
def _central_ratio(r):
    top = 2.5090809287301226727e3 * r + 3.3430575583588128105e4
    top = (top * r + 6.7265770927008700853e4) * r + 4.5921953931549871457e4
    top = (top * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3
    top = (top * r + 1.3314166789178437745e2) * r + 3.3871328727963666080e0
    low = 5.2264952788528545610e3 * r + 2.8729085735721942674e4
    low = (low * r + 3.9307895800092710610e4) * r + 2.1213794301586595867e4
    low = (low * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2
    low = (low * r + 4.2313330701600911252e1) * r + 1.0
    return top / low


@equation
def _near_tail_ratio(r):
    top = 7.74545014278341407640e-4 * r + 2.27238449892691845833e-2
    top = (top * r + 2.41780725177450611770e-1) * r + 1.27045825245236838258e0
    top = (top * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0
    top = (top * r + 4.63033784615654529590e0) * r + 1.42343711074968357734e0
    low = 1.05075007164441684324e-9 * r + 5.47593808499534494600e-4
    low = (low * r + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1
    low = (low * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0
    low = (low * r + 2.05319162663775882187e0) * r + 1.0
    return top / low


@equation
def _far_tail_ratio(r):
    top = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    top = (top * r + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2
    top = (top * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0
    top = (top * r + 5.46378491116411436990e0) * r + 6.65790464350110377720e0
    low = 2.04426310338993978564e-15 * r + 1.42151175831644588870e-7
    low = (low * r + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4
    low = (low * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1
    low = (low * r + 5.99832206555887937690e-1) * r + 1.0
    return top / low


@equation
def four_uniforms(key, process, entity, month, index):
    """Return four uniforms (32 bits each): the lanes of one block."""
    first, second, third, fourth = block(key, process, entity, month, index)
    return lane_to_uniform(first), lane_to_uniform(second), lane_to_uniform(third), lane_to_uniform(fourth)


@compiled
def fill_four_uniforms(out, key, process, entities, month, count, index=0):
    """Fill `out[:4, :count]` with four uniforms (32 bits each) for each entity: four lanes of one block."""
    for row in range(count):
        out[0, row], out[1, row], out[2, row], out[3, row] = four_uniforms(key, process, entities[row], month, index)


@equation
def centred(uniform_draw):
    """√12 · (u − ½): a uniform draw with mean zero and standard deviation one."""
    return _ROOT_12 * (uniform_draw - 0.5)


@compiled
def fill_shocks(out, fourth, key, process, entities, month, places, count):
    """Fill `out[:3, :count]` for each entity with two standard normals and a centred uniform: lanes of one block.

    The fourth lane, a uniform, is written to `fourth`, an array (slots,). Scratch space: the fourth row of `out`, and
    `places`, an array (slots,) of whole numbers.
    """
    fill_four_uniforms(out, key, process, entities, month, count)
    for row in range(count):
        fourth[row] = out[3, row]
    to_normals(out[0], out[3], places, count)
    to_normals(out[1], out[3], places, count)
    for row in range(count):
        out[2, row] = centred(out[2, row])


@compiled
def fill_four_normals(out, key, process, entities, month, tails, places, count, index):
    """Fill `out[:4, :count]` with four standard normals for each entity: four lanes of one block.

    `tails` and `places` are arrays (slots,) of scratch space.
    """
    fill_four_uniforms(out, key, process, entities, month, count, index)
    for lane in range(4):
        to_normals(out[lane], tails, places, count)


def key_of(seed: int, replication: int) -> np.uint64:
    """Return the 64-bit key of one replication, from ``SeedSequence((seed, replication))``."""
    return np.uint64(np.random.SeedSequence((seed, replication)).generate_state(1, np.uint64)[0])
