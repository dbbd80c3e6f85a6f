"""History matching: which parameters are not implausible, and where to look next.

An implausibility is the distance of an emulated target from its tolerated range over what that distance may come from:
the emulator's error, the noise of a mean over replications and a softening of the edge of the range. A range is a
uniform discrepancy: inside, all values fit equally well. Waves after Vernon, Goldstein and Bower (2010) and Andrianakis
et al. (2015, PLOS Computational Biology 11(1)): the emulator is fitted to all earlier evaluations, the prior is
weighed by e^(−½ Σ I²), and the next points are drawn from that, by tempering from the prior (Del Moral, Doucet and
Jasra 2006, JRSS B 68(3)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ovopsim.analysis.emulation import Emulator, one_thread
from ovopsim.analysis.tolerances import Target
from ovopsim.fields import Reals
from ovopsim.study.weighted import effective_number

EDGE: Final = 0.25  # of a tolerance's spread: how soft the edges of the tolerated range are
CUT: Final = 3.0  # implausible beyond: three standard deviations, as Pukelsheim's rule for any unimodal error
PARTICLES: Final = 1000
LEAST_MOVES: Final = 24
Weight = Callable[[Reals], Reals]


@dataclass(frozen=True)
class Wave:
    """What directs a wave.

    Attributes
    ----------
    emulator : Emulator
    targets : dict of str to Target
        Those that are fitted.
    softness : array (targets,)
        Standard deviation of the edge of each tolerated range.
    log_normaliser : float
        Logarithm of the prior's mean of e^(−½ Σ I²).
    """

    emulator: Emulator
    targets: Mapping[str, Target]
    softness: Reals
    log_normaliser: float = 0.0

    def implausibility(self, shares: Reals) -> Reals:
        """Return the implausibility of each point for each target (points, targets)."""
        mean, variance = self.emulator.predict(shares)
        away = np.column_stack([target.distance(mean[:, k]) for k, target in enumerate(self.targets.values())])
        found: Reals = away / np.sqrt(variance + self.softness**2)
        return found

    def log_weight(self, shares: Reals) -> Reals:
        """Return −½ Σ I² of each point."""
        found: Reals = -0.5 * (self.implausibility(shares) ** 2).sum(axis=1)
        return found

    def log_density(self, shares: Reals) -> Reals:
        """Return the logarithm of the density, over the prior's, from which the points of the wave were drawn."""
        return self.log_weight(shares) - self.log_normaliser

    def share_left(self, shares: Reals) -> float:
        """Return the share of points that no target makes implausible."""
        return float((self.implausibility(shares).max(axis=1) <= CUT).mean())


def latin_hypercube(points: int, dimensions: int, seed: int) -> Reals:
    """Return a Latin hypercube (points, dimensions) in the unit cube."""
    from scipy.stats import qmc

    found: Reals = qmc.LatinHypercube(dimensions, rng=seed).random(points)
    return found


def draw(weight: Weight, dimensions: int, points: int, chance: np.random.Generator) -> tuple[Reals, float]:
    """Return points of the unit cube with density in proportion to a weight, and the logarithm of its mean.

    Parameters
    ----------
    weight : callable
        Points (n, dimensions) -> logarithm of the weight, at most 0.
    points : int
        How many of the particles are returned, all different.

    Returns
    -------
    shares : array (points, dimensions)
    log_normaliser : float
    """
    size = max(PARTICLES, 2 * points)
    with one_thread():
        shares = chance.random((size, dimensions))
        found = weight(shares)
        power, normaliser = 0.0, 0.0
        while power < 1.0:
            step = _next_step(found, 1.0 - power)
            increments = step * found
            normaliser += _log_mean(increments)
            kept = systematic(np.exp(increments - increments.max()), size, chance)
            shares, found = shares[kept], found[kept]
            power = 1.0 if step >= 1.0 - power else power + step
            shares, found = _moved(shares, found, weight, power, chance)
    different = np.unique(shares, axis=0, return_index=True)[1]
    chosen = chance.permutation(np.sort(different))[:points]
    return shares[chosen], normaliser


def _log_mean(logarithms: Reals) -> float:
    most = float(logarithms.max())
    return most + float(np.log(np.mean(np.exp(logarithms - most))))


def _next_step(found: Reals, most: float) -> float:
    """Return the largest step in power that leaves half of the particles effective."""
    if effective(most * found) >= 0.5 * len(found):
        return most
    low, high = 0.0, most
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle * found) >= 0.5 * len(found) else (low, middle)
    return max(low, 1e-9)


def effective(logarithms: Reals) -> float:
    """Return the effective number of draws of some weights, given as logarithms."""
    return effective_number(np.exp(logarithms - logarithms.max()))


def systematic(weights: Reals, count: int, chance: np.random.Generator) -> Reals:
    """Return places of `count` draws in proportion to weights, by systematic resampling (one uniform for all)."""
    ladder = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(ladder, (chance.random() + np.arange(count)) / count), len(weights) - 1)


def _moved(
    shares: Reals, found: Reals, weight: Weight, power: float, chance: np.random.Generator
) -> tuple[Reals, Reals]:
    """Return particles after Metropolis moves that leave prior × weight^power as it is.

    Moves take turns: a random walk on all coordinates, scaled by the particles' covariance, which follows what the
    targets say; and fresh values of a few coordinates, which spreads those they say nothing of.
    """
    size, dimensions = shares.shape
    walk, fresh = 2.38 / np.sqrt(dimensions), max(1, dimensions // 4)
    for turn in range(LEAST_MOVES + 2 * dimensions):
        if turn % 2:
            proposed = shares.copy()
            places = chance.random((size, dimensions)).argsort(axis=1)[:, :fresh]
            np.put_along_axis(proposed, places, chance.random((size, fresh)), axis=1)
        else:
            root = np.linalg.cholesky(np.atleast_2d(np.cov(shares.T)) + 1e-10 * np.eye(dimensions))
            proposed = _reflected(shares + walk * chance.standard_normal((size, dimensions)) @ root.T)
        theirs = weight(proposed)
        taken = np.log(chance.random(size)) < power * (theirs - found)
        shares, found = np.where(taken[:, None], proposed, shares), np.where(taken, theirs, found)
        rate = float(taken.mean())
        if turn % 2:
            fresh = min(dimensions, fresh + 1) if rate > 0.3 else max(1, fresh - 1)
        else:
            walk *= 1.2 if rate > 0.25 else 1.0 / 1.2
    return shares, found


def _reflected(shares: Reals) -> Reals:
    """Return points folded back into the unit cube, which keeps a walk symmetric."""
    folded = np.abs(np.mod(shares, 2.0))
    found: Reals = np.where(folded > 1.0, 2.0 - folded, folded)
    return found
