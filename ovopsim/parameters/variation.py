"""Draws of what nobody knows: the uncertain parameters, from their priors."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from ovopsim.errors import InputError
from ovopsim.parameters.loading import leaf_paths, locate
from ovopsim.parameters.records import Record

_NORMAL = NormalDist()


def quantile(record: Record, member: str | None, u: float) -> float:
    """Return the value below which a share `u` of the prior lies.

    Parameters
    ----------
    record : Record
        With a prior.
    member : str or None
        Which of its values; None for a single number.
    u : float
        In [0, 1].

    Raises
    ------
    InputError
        When the record has no prior, or `u` is no share.

    Examples
    --------
    >>> quantile(*locate("planning.cover"), 0.0)
    1.2
    """
    if record.prior is None:
        raise InputError(f"{record.about!r} has no prior to draw from.")
    if not 0.0 <= u <= 1.0:
        raise InputError(f"a quantile is asked at {u:g}; it must lie in 0 to 1.")
    kind, first, second = record.prior
    if kind == "lognormal":
        return _lognormal(first, second, record.range, u)
    # weighting both ends gives each exactly at u = 0 and u = 1
    drawn = (1.0 - u) * first + u * second
    if kind == "relative":
        return _relative(record.value_of(member), first, second, u)
    return record.value_of(member) + drawn if kind == "shift" else drawn


def _relative(value: float, low: float, high: float, u: float) -> float:
    """Return value · factor, where a negative value turns the order of the factors round."""
    small, large = sorted((low * value, high * value))
    return (1.0 - u) * small + u * large


def _lognormal(median: float, sigma: float, bounds: tuple[float, float], u: float) -> float:
    """Return median · e^{sigma · z}, with the part of the distribution outside the hard range cut off."""
    low, high = bounds
    below = _NORMAL.cdf(math.log(low / median) / sigma) if low > 0.0 else 0.0
    above = _NORMAL.cdf(math.log(high / median) / sigma)
    share = below + u * (above - below)
    if not 0.0 < share < 1.0:  # the tails that the normal's inverse cannot take
        return low if share <= 0.0 else high
    return min(high, max(low, median * math.exp(sigma * _NORMAL.inv_cdf(share))))


def uncertain_leaves() -> tuple[str, ...]:
    """Return the dotted paths of all single numbers marked `uncertain`, in order of files and fields."""
    return tuple(leaf for leaf in leaf_paths() if locate(leaf)[0].uncertain)


def sample(seed: int, n: int) -> list[dict[str, float]]:
    """Return `n` independent draws of all uncertain numbers, each ready for `values`.

    A longer sample of the same seed begins with the shorter one.

    Examples
    --------
    >>> sample(1, 2) == sample(1, 5)[:2]
    True
    >>> sorted(sample(1, 1)[0]) == sorted(uncertain_leaves())
    True
    """
    leaves = uncertain_leaves()
    draws = np.random.default_rng(seed).random((n, len(leaves)))
    return [{leaf: quantile(*locate(leaf), float(u)) for leaf, u in zip(leaves, row, strict=True)} for row in draws]
