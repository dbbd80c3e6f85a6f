"""Calibration: waves of history matching, then weights in the manner of approximate Bayesian computation.

Why this and not a sequential sampler (ABC-SMC): with some fifty unknowns a sampler that knows nothing between its
points accepts few of them, and each one costs a simulation. Here each wave learns from all earlier ones, and the last
waves' points come from what the emulators take for the posterior. The emulator only says where to look: the weight of
a draw is the kernel of its *simulated* distance (Beaumont, Zhang and Balding 2002, Genetics 162) over the density that
it was drawn from, the mixture over all waves (Veach and Guibas's balance heuristic), so that an emulator that is wrong
costs draws and not correctness. Of ranges the kernel takes a uniform discrepancy, softened at the edges by noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis import posterior as conclude
from ovopsim.analysis.emulation import fit_emulator, one_thread
from ovopsim.analysis.history_matching import EDGE, Wave, draw, effective, latin_hypercube
from ovopsim.analysis.posterior import PosteriorTables
from ovopsim.analysis.tolerances import Target
from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.study.evaluations import Evaluation, EvaluationStore, Work, evaluate
from ovopsim.study.unknowns import Unknown, values_at

LEAST_EFFECTIVE: Final = 50.0  # draws, below which the kernel is widened
WIDEST: Final = 4.0  # tolerances' spreads that it is widened to
CENTRAL: Final = 0  # "wave" of the one evaluation at the values that the model ships with, which no weight counts


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


def calibrated(problem: Problem, store: EvaluationStore, draws: int, tick: Callable[[], None]) -> PosteriorTables:
    """Run what is missing of all waves, and return what follows from the store.

    Parameters
    ----------
    tick : callable
        Called after each evaluation.

    Raises
    ------
    InputError
        When scikit-learn is missing, or hardly a run went well.
    KeyboardInterrupt
        When it is stopped; the same call goes on.
    """
    for number in range(1, problem.waves + 1):
        points = _points_of(problem, store, number)
        evaluate(store, number, values_at(problem.unknowns, points), problem.work, tick)
    shipped = {each.path: each.shipped for each in problem.unknowns if each.shipped is not None}
    if len(shipped) == len(problem.unknowns):
        evaluate(store, CENTRAL, [shipped], problem.work, tick)
    return fold(problem, store, draws)


def _points_of(problem: Problem, store: EvaluationStore, number: int) -> Reals:
    """Return the points of a wave: those that are stored, or new ones, which are stored at once."""
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
    tables = {number: _points_of(problem, store, number) for number in sorted({each.wave for each in found})}
    return np.array([tables[each.wave][each.point] for each in found])


def directed(problem: Problem, known: Seen, log_normaliser: float = 0.0) -> Wave:
    """Return what directs the next wave: emulators of all that is known."""
    simulated, floors = known.of(problem)
    softness = EDGE * _spreads(problem.fitted, simulated[known.waves == 1])
    return Wave(fit_emulator(known.shares, simulated, problem.fitted, floors), problem.fitted, softness, log_normaliser)


def _spreads(targets: Mapping[str, Target], over_prior: Reals) -> Reals:
    return np.array([target.spread(over_prior[:, place]) for place, target in enumerate(targets.values())])


@dataclass(frozen=True)
class _Kernel:
    """Squared distances of evaluations, target by target, at a bandwidth."""

    away: Reals  # (points, targets), of the simulated mean from the tolerated range
    floors: Reals
    spreads: Reals

    def parts(self, bandwidth: float) -> Reals:
        # never sharper than the noise of what is compared
        scale = np.sqrt(self.floors**2 + (bandwidth * self.spreads) ** 2)
        found: Reals = -0.5 * (self.away / scale) ** 2
        return found


def fold(problem: Problem, store: EvaluationStore, draws: int) -> PosteriorTables:
    """Return what follows from the evaluations that are stored."""
    known = seen(problem, store, problem.waves)
    simulated, floors = known.of(problem)
    away = np.column_stack([target.distance(simulated[:, k]) for k, target in enumerate(problem.fitted.values())])
    kernel = _Kernel(away, floors, _spreads(problem.fitted, simulated[known.waves == 1]))
    mixture = _log_mixture(problem, store, known)
    bandwidth = _bandwidth(kernel, mixture, len(known.shares))
    parts = kernel.parts(bandwidth)
    weights = _normalised(parts.sum(axis=1) - mixture)
    without = {
        name: _normalised(np.delete(parts, place, axis=1).sum(axis=1) - mixture)
        for place, name in enumerate(problem.fitted)
    }
    record = {
        "effective_draws": min(draws, 1.0 / float((weights**2).sum())),
        "bandwidth": bandwidth,
        "evaluations": len(store.of_waves(problem.waves)),
        "failed": sum(bool(each.reason) for each in store.of_waves(problem.waves)),
    }
    return _tables(problem, store, known, (weights, without), draws, record)


def _normalised(logarithms: Reals) -> Reals:
    found = np.exp(logarithms - logarithms.max())
    shares: Reals = found / found.sum()
    return shares


def _log_mixture(problem: Problem, store: EvaluationStore, known: Seen) -> Reals:
    """Return the logarithm of the density, over the prior's, that all evaluated points were drawn from together."""
    terms = []
    for number in range(1, problem.waves + 1):
        share = np.log(max(int((known.waves == number).sum()), 1))
        if number == 1:
            terms.append(np.full(len(known.shares), share))
            continue
        wave = directed(problem, seen(problem, store, number - 1), store.note(number)["log_normaliser"])
        with one_thread():
            terms.append(share + wave.log_density(known.shares))
    found: Reals = np.logaddexp.reduce(np.array(terms), axis=0)
    return found


def _bandwidth(kernel: _Kernel, mixture: Reals, count: int) -> float:
    """Return the narrowest kernel that leaves enough effective draws."""
    wanted = min(LEAST_EFFECTIVE, 0.1 * count)
    for bandwidth in np.geomspace(EDGE, WIDEST, 25):
        if effective(kernel.parts(float(bandwidth)).sum(axis=1) - mixture) >= wanted:
            return float(bandwidth)
    return WIDEST


def _tables(
    problem: Problem,
    store: EvaluationStore,
    known: Seen,
    weighing: tuple[Reals, Mapping[str, Reals]],
    draws: int,
    record: dict[str, Any],
) -> PosteriorTables:
    weights, without = weighing
    unknowns, paths = problem.unknowns, [each.path for each in problem.unknowns]
    values = pd.DataFrame(values_at(unknowns, known.shares), columns=paths).to_numpy()
    prior = known.waves == 1
    places, kept = conclude.thinned(weights, draws, np.random.default_rng([problem.seed, 10**6]))
    names = [f"draw-{number:03d}" for number in range(1, len(places) + 1)]
    correlations = conclude.rank_correlations(known.shares[prior], known.simulated[prior])
    drops = conclude.variance_drops(values, weights, without)
    table = pd.DataFrame(values[places], columns=paths)
    table.insert(0, "draw", names)
    table.insert(1, "weight", kept)
    shown = pd.DataFrame(known.simulated[places], columns=list(problem.targets))
    shown.insert(0, "draw", names)
    floors = dict(zip(problem.targets, known.floors, strict=True))
    record["medoid"] = record["central"] = names[conclude.medoid(known.shares[places], kept)]
    at_shipped = store.evaluations.get((CENTRAL, 0))
    if at_shipped is not None and not at_shipped.reason:
        record["central"] = "central"
        record["central_draw"] = conclude.central_draw(problem.targets, at_shipped, values, weights)
    return PosteriorTables(
        table,
        shown,
        conclude.target_table(problem.targets, floors, known.simulated[prior], known.simulated, weights),
        conclude.identifiability(paths, [each.shipped for each in unknowns], values[prior], values, weights),
        conclude.informs(paths, dict(zip(problem.targets, correlations.T, strict=True)), int(prior.sum()), drops),
        _waves(problem, store),
        record,
    )


def _waves(problem: Problem, store: EvaluationStore) -> pd.DataFrame:
    rows = []
    for number in range(1, problem.waves + 1):
        found = [each for each in store.of_waves(number) if each.wave == number]
        rows.append(
            {
                "wave": number,
                "points": len(found),
                "failed": sum(bool(each.reason) for each in found),
                "not_implausible": 1.0 if number == 1 else store.note(number)["not_implausible"],
            }
        )
    return pd.DataFrame(rows)
