"""An emulator: what the simulation would give at points where it was not run, and how far that may be wrong.

For each target a ridge regression on the inputs, their squares and the products of the few inputs that matter to it
(its *active* inputs), and, where that leaves structure, a Gaussian process on what the regression misses over the
active inputs (the design of Vernon, Goldstein and Bower 2010, Bayesian Analysis 5(4)). Errors are those of leaving out
one point at a time, so that an emulator that is bad says so; they contain the noise of a mean over replications.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.analysis.tolerances import Target
from ovopsim.errors import InputError
from ovopsim.fields import Reals

ACTIVE: Final = 6  # inputs that may interact, and that a Gaussian process sees
PENALTIES: Final = tuple(10.0**power for power in range(-3, 4))
FEWEST: Final = 12  # points that an emulator is fitted to
PROCESS_POINTS: Final = 150  # that a Gaussian process is fitted to: its cost grows with their cube
STEPS: Final = 40  # of the search for its hyperparameters
WORTH_IT: Final = 0.85  # a process is kept that leaves less than this share of the squared error
FAR: Final = 10.0  # tolerances from the range at which values are cut off: how bad a bad point is does not matter


def libraries() -> Any:
    """Return scikit-learn's parts that are used.

    Raises
    ------
    InputError
        When it is not installed; it names the extra.
    """
    try:
        from sklearn import gaussian_process, linear_model
    except ImportError:
        raise InputError("calibrate needs scikit-learn: python -m pip install 'ovopsim[analysis]'.") from None
    return gaussian_process, linear_model


@contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread: with another number, sums differ in the last digit, and then proposals do."""
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    with threadpool_limits(limits=1):
        yield


@dataclass(frozen=True)
class _One:
    """The emulator of one target."""

    active: NDArray[np.int64]
    interacts: bool
    ridge: Any
    process: Any
    scale: float  # of what the process sees
    variance: float  # mean squared error

    def predict(self, shares: Reals) -> tuple[Reals, Reals]:
        mean = self.ridge.predict(_features(shares, self.active if self.interacts else None))
        if self.process is not None:
            # its own variance would cost more than all else, and points fill the cube evenly
            mean = mean + self.scale * self.process.predict(_centred(shares[:, self.active]))
        return mean, np.full(len(shares), self.variance)


@dataclass(frozen=True)
class Emulator:
    """Emulators of all targets.

    Attributes
    ----------
    names : tuple of str
        Targets, in the order of columns.
    parts : tuple
    """

    names: tuple[str, ...]
    parts: tuple[_One, ...]

    def predict(self, shares: Reals) -> tuple[Reals, Reals]:
        """Return mean and variance (points, targets) of the simulation's mean over replications, noise included."""
        found = [each.predict(shares) for each in self.parts]
        return np.column_stack([mean for mean, _ in found]), np.column_stack([variance for _, variance in found])


def fit_emulator(shares: Reals, simulated: Reals, targets: Mapping[str, Target], floors: Reals) -> Emulator:
    """Return the emulator of some evaluations.

    Parameters
    ----------
    shares : array (points, unknowns)
        Of the priors, in [0, 1].
    simulated : array (points, targets)
        Means over replications; NaN where a run failed.
    targets : mapping
        In the order of the columns.
    floors : array (targets,)
        Standard deviation of such a mean.

    Raises
    ------
    InputError
        When scikit-learn is missing, or too few runs went well.
    """
    sound = np.isfinite(simulated).all(axis=1)
    if sound.sum() < FEWEST:
        raise InputError(f"calibrate: {sound.sum()} evaluations went well; at least {FEWEST} are needed. Give points.")
    with one_thread():
        parts = [
            _fit_one(shares[sound], _cut_off(simulated[sound, place], target), float(floors[place]))
            for place, target in enumerate(targets.values())
        ]
    return Emulator(tuple(targets), tuple(parts))


def _cut_off(values: Reals, target: Target) -> Reals:
    reach = FAR * target.spread(values)
    ends = [end for end in (target.low, target.high) if end is not None]
    quartiles = np.quantile(values, [0.25, 0.75])
    wide = 3.0 * (quartiles[1] - quartiles[0])
    return np.clip(values, min(min(ends) - reach, quartiles[0] - wide), max(max(ends) + reach, quartiles[1] + wide))


def _centred(shares: Reals) -> Reals:
    return 2.0 * shares - 1.0


def _features(shares: Reals, active: NDArray[np.int64] | None = None) -> Reals:
    """Return inputs, squares, and the products of active inputs; each has mean 0 over the prior."""
    inputs = _centred(shares)
    columns = [inputs, inputs**2 - 1.0 / 3.0]
    if active is not None and len(active) > 1:
        first, second = np.triu_indices(len(active), 1)
        columns.append(inputs[:, active[first]] * inputs[:, active[second]])
    return np.hstack(columns)


def _ridge(features: Reals, values: Reals) -> tuple[Any, float]:
    """Return a ridge regression and its mean squared error over points that are left out one at a time."""
    _, linear = libraries()
    found = linear.RidgeCV(PENALTIES, store_cv_results=True).fit(features, values)
    errors = found.cv_results_.mean(axis=0)
    return found, float(errors.min())


def _fit_one(shares: Reals, values: Reals, floor: float) -> _One:
    plain, error = _ridge(_features(shares), values)
    count = shares.shape[1]
    # the variance over the prior that an input's line and curve explain
    weights = plain.coef_[:count] ** 2 / 3.0 + plain.coef_[count:] ** 2 * 4.0 / 45.0
    active = np.sort(np.argsort(-weights, kind="stable")[:ACTIVE])
    ridge, crossed = _ridge(_features(shares, active), values)
    interacts = crossed < error
    if not interacts:
        ridge = plain
    error = min(crossed, error)
    missed = values - ridge.predict(_features(shares, active if interacts else None))
    inside = float(np.mean(missed**2))
    least = max(error, floor**2, 1e-18)
    if error <= 1.5 * floor**2 or inside <= 1e-12 * float(np.var(values)):
        return _One(active, interacts, ridge, None, 1.0, least)
    process, left = _fit_process(shares[:, active], missed)
    if left > WORTH_IT * inside:
        return _One(active, interacts, ridge, None, 1.0, least)
    # the regression's own points flatter it by error / inside
    return _One(active, interacts, ridge, process, float(np.sqrt(inside)), max(left * error / inside, floor**2))


def _fit_process(inputs: Reals, missed: Reals) -> tuple[Any, float]:
    """Return a Gaussian process and its mean squared error.

    Errors of points that are left out one at a time follow from the inverse of the covariance (Rasmussen and Williams
    2006, section 5.4.2).
    """
    processes, _ = libraries()
    kernels = processes.kernels
    scale = float(np.sqrt(np.mean(missed**2)))
    kernel = kernels.ConstantKernel(1.0, (1e-2, 1e2)) * kernels.Matern(
        np.ones(inputs.shape[1]), (0.1, 30.0), nu=2.5
    ) + kernels.WhiteKernel(0.3, (1e-5, 3.0))
    found = processes.GaussianProcessRegressor(kernel, optimizer=_search, alpha=1e-8)
    places, values = _centred(inputs[-PROCESS_POINTS:]), missed[-PROCESS_POINTS:] / scale
    with warnings.catch_warnings():
        # a hyperparameter at the end of its range is an input that does not matter
        warnings.simplefilter("ignore")
        found.fit(places, values)
    inverse = np.linalg.inv(found.L_ @ found.L_.T)
    errors = (inverse @ values) / np.diag(inverse)
    return found, float(np.mean(errors**2)) * scale**2


def _search(objective: Any, start: Reals, bounds: Sequence[Any]) -> tuple[Reals, float]:
    from scipy.optimize import minimize

    found = minimize(objective, start, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": STEPS})
    return found.x, float(found.fun)
