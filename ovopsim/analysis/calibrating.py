"""Calibration: waves of history matching, then weights in the manner of approximate Bayesian computation.

Why this and not a sequential sampler (ABC-SMC): with some fifty unknowns a sampler that knows nothing between its
points accepts few of them, and each one costs a simulation. Here each wave learns from all earlier ones, and the last
waves' points come from what the emulators take for the posterior. The emulator only says where to look: the weight of
a draw is the kernel of its *simulated* distance (Beaumont, Zhang and Balding 2002, Genetics 162) over the density that
it was drawn from, the mixture over all waves (Veach and Guibas's balance heuristic), so that an emulator that is wrong
costs draws and not correctness. Of ranges the kernel takes a uniform discrepancy, softened at the edges by noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis import informing
from ovopsim.analysis import posterior as conclude
from ovopsim.analysis.emulation import one_thread
from ovopsim.analysis.history_matching import EDGE, effective
from ovopsim.analysis.posterior import PosteriorTables
from ovopsim.analysis.waves import Problem, Seen, directed, points_of, seen, spreads
from ovopsim.fields import Reals
from ovopsim.study.evaluations import EvaluationStore, evaluate
from ovopsim.study.unknowns import values_at
from ovopsim.study.weighted import effective_number

LEAST_EFFECTIVE: Final = 50.0  # draws, below which the kernel is widened
WIDEST: Final = 4.0  # tolerances' spreads that it is widened to
CENTRAL: Final = 0  # "wave" of the one evaluation at the values that the model ships with, which no weight counts


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
        points = points_of(problem, store, number)
        evaluate(store, number, values_at(problem.unknowns, points), problem.work, tick)
    shipped = {each.path: each.shipped for each in problem.unknowns if each.shipped is not None}
    if len(shipped) == len(problem.unknowns):
        evaluate(store, CENTRAL, [shipped], problem.work, tick)
    return fold(problem, store, draws)


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
    kernel = _Kernel(away, floors, spreads(problem.fitted, simulated[known.waves == 1]))
    mixture = _log_mixture(problem, store, known)
    bandwidth = _bandwidth(kernel, mixture, len(known.shares))
    parts = kernel.parts(bandwidth)
    weights = _normalised(parts.sum(axis=1) - mixture)
    weighing = _Weighing(
        weights,
        {name: _normalised(np.delete(parts, k, axis=1).sum(axis=1) - mixture) for k, name in enumerate(problem.fitted)},
        {name: _normalised(parts[:, k] - mixture) for k, name in enumerate(problem.fitted)},
    )
    record = {
        "effective_draws": min(draws, effective_number(weights)),
        "bandwidth": bandwidth,
        "evaluations": len(store.of_waves(problem.waves)),
        "failed": sum(bool(each.reason) for each in store.of_waves(problem.waves)),
    }
    return _tables(problem, store, known, weighing, draws, record)


@dataclass(frozen=True)
class _Weighing:
    """Weights of evaluations, adding up to 1: by all targets, and by target without it and by it alone."""

    all: Reals
    without: Mapping[str, Reals]
    alone: Mapping[str, Reals]


def _normalised(logarithms: Reals) -> Reals:
    found = np.exp(logarithms - logarithms.max())
    shares: Reals = found / found.sum()
    return shares


def _log_mixture(problem: Problem, store: EvaluationStore, known: Seen) -> Reals:
    """Return the logarithm of the density, over the prior's, that all points were drawn from together.

    All that were drawn count, those that failed too: they say that nothing of the posterior lies there. Without them
    a wave would seem to have aimed less at the rest of what it aimed at.
    """
    terms = []
    for number in range(1, problem.waves + 1):
        share = np.log(len(points_of(problem, store, number)))
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
    weighing: _Weighing,
    draws: int,
    record: dict[str, Any],
) -> PosteriorTables:
    unknowns, paths = problem.unknowns, [each.path for each in problem.unknowns]
    values = pd.DataFrame(values_at(unknowns, known.shares), columns=paths).to_numpy()
    prior = known.waves == 1
    places, kept = conclude.thinned(weighing.all, draws, np.random.default_rng([problem.seed, 10**6]))
    names = [f"draw-{number:03d}" for number in range(1, len(places) + 1)]
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
        record["central_draw"] = conclude.central_draw(problem.targets, at_shipped, paths, values[places], kept)
    return PosteriorTables(
        table,
        shown,
        conclude.target_table(problem.targets, floors, known.simulated[prior], known.simulated, weighing.all),
        conclude.identifiability(unknowns, values[places], kept),
        _informs(problem, known, values, weighing),
        _waves(problem, store),
        record,
    )


def _informs(problem: Problem, known: Seen, values: Reals, weighing: _Weighing) -> pd.DataFrame:
    prior = known.waves == 1
    correlations = informing.rank_correlations(known.shares[prior], known.simulated[prior])
    return informing.informs(
        [each.path for each in problem.unknowns],
        dict(zip(problem.targets, correlations.T, strict=True)),
        int(prior.sum()),
        informing.variance_drops(values, weighing.all, weighing.without),
        informing.variance_alone(
            values, np.array([each.prior.prior_sd() for each in problem.unknowns]), weighing.alone
        ),
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
