"""The waves of a calibration: what is fitted to what, the points of each wave, and what was seen at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ovopsim.analysis.emulation import fit_emulator, one_thread
from ovopsim.analysis.history_matching import EDGE, Wave, draw, latin_hypercube
from ovopsim.analysis.tolerances import Target
from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.study.evaluations import Evaluation, EvaluationStore, Work
from ovopsim.study.unknowns import Unknown


@dataclass(frozen=True)
class Problem:
    """What is calibrated to what.

    Attributes
    ----------
    unknowns : tuple of Unknown
    targets : dict of str to Target
    work : Work
        How a point is evaluated.
    points : int
        Of each wave.
    waves : int
    seed : int
        Of the search; the worlds have their own.
    """

    unknowns: tuple[Unknown, ...]
    targets: dict[str, Target]
    work: Work
    points: int
    waves: int
    seed: int

    @property
    def fitted(self) -> dict[str, Target]:
        """Targets that parameters are fitted to."""
        return {name: target for name, target in self.targets.items() if target.fitted}


@dataclass(frozen=True)
class Seen:
    """Evaluations that went well, in order.

    Attributes
    ----------
    shares : array (points, unknowns)
    simulated : array (points, targets)
        Means over replications.
    floors : array (targets,)
        Standard deviation of such a mean: the median over points.
    waves : array (points,)
    """

    shares: Reals
    simulated: Reals
    floors: Reals
    waves: np.ndarray[Any, Any]

    def of(self, problem: Problem) -> tuple[Reals, Reals]:
        """Return means and floors of the targets that are fitted."""
        places = [place for place, target in enumerate(problem.targets.values()) if target.fitted]
        return self.simulated[:, places], self.floors[places]


def points_of(problem: Problem, store: EvaluationStore, number: int) -> Reals:
    """Return the points (points, unknowns) of a wave: those that are stored, or new ones, which are stored at once."""
    paths = [each.path for each in problem.unknowns]
    known = store.wave(number)
    if known is not None:
        found: Reals = known[paths].to_numpy(dtype=float)
        return found
    if number == 1:
        shares, note = latin_hypercube(problem.points, len(paths), problem.seed), {}
    else:
        chance = np.random.default_rng([problem.seed, number])
        wave = directed(problem, seen(problem, store, number - 1))
        shares, normaliser = draw(wave.log_weight, len(paths), problem.points, chance)
        note = {"log_normaliser": normaliser, "not_implausible": _left(problem, wave)}
    store.plan(number, pd.DataFrame(shares, columns=paths), note)
    return shares


def _left(problem: Problem, wave: Wave) -> float:
    shares = np.random.default_rng([problem.seed, 0]).random((20_000, len(problem.unknowns)))
    with one_thread():
        return wave.share_left(shares)


def seen(problem: Problem, store: EvaluationStore, last: int) -> Seen:
    """Return the evaluations of the waves up to one that went well.

    Raises
    ------
    InputError
        When none did; it gives the first one's reason.
    """
    names = tuple(problem.targets)
    all_of = store.of_waves(last)
    sound = [each for each in all_of if not each.reason]
    if not sound:
        raise InputError(f"calibrate: no evaluation went well; the first says: {all_of[0].reason}")
    variances = np.array([each.variances(names) for each in sound])
    return Seen(
        _shares(problem, store, sound),
        np.array([each.means(names) for each in sound]),
        np.sqrt(np.median(variances, axis=0)),
        np.array([each.wave for each in sound]),
    )


def _shares(problem: Problem, store: EvaluationStore, found: Sequence[Evaluation]) -> Reals:
    tables = {number: points_of(problem, store, number) for number in sorted({each.wave for each in found})}
    return np.array([tables[each.wave][each.point] for each in found])


def directed(problem: Problem, known: Seen, log_normaliser: float = 0.0) -> Wave:
    """Return what directs the next wave: emulators of all that is known."""
    simulated, floors = known.of(problem)
    softness = EDGE * spreads(problem.fitted, simulated[known.waves == 1])
    return Wave(fit_emulator(known.shares, simulated, problem.fitted, floors), problem.fitted, softness, log_normaliser)


def spreads(targets: Mapping[str, Target], over_prior: Reals) -> Reals:
    """Return what the tolerance of each target amounts to, as a standard deviation (targets,)."""
    return np.array([target.spread(over_prior[:, place]) for place, target in enumerate(targets.values())])
