"""Robust errors of a coefficient that hold with few clusters too, and with few treated among many.

The usual sandwich takes residuals for errors. But firms, or clusters of them, that move the line towards themselves
have residuals that are too small, the more so the fewer they are. HC2 undoes that firm by firm, CR2 cluster by cluster
(Bell and McCaffrey 2002, Survey Methodology 28(2), 169–181), and Student's t gets as many degrees of freedom as the
variance of that error asks for, which may be far fewer than firms or clusters: Imbens and Kolesár (2016), Review of
Economics and Statistics 98(4), 701–712.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ovopsim.fields import Reals

# what is below this share of the whole is rounding
ROUNDING: Final = 1.0e-9
UNKNOWN: Final = (math.nan, math.nan)


def bias_reduced(regressors: Reals, residuals: Reals, clusters: Reals | None = None) -> tuple[float, float]:
    """Return the standard error of the first coefficient and the degrees of freedom of its t-statistic.

    Were errors alike and independent, the variance would be right on average, and the degrees of freedom those of the
    chi-squared law with its mean and spread. Where one cluster alone decides a part of the coefficient, as the only
    one treated does, no residual says how it fares by chance: NaN.

    Parameters
    ----------
    regressors : array (firms, columns)
    residuals : array (firms,)
    clusters : array (firms,), optional
        Numbers of clusters; without, firms are independent (HC2).

    Notes
    -----
    With X = Q S V' the variance is Σ_g (c_g' Q_g' e_g)², c_g = (I − Q_g' Q_g)^(−1/2) S^(−1) V' (first unit vector).
    Only matrices as small as the regressors are many are decomposed, whatever the size of a cluster.
    """
    basis, scale, turn = np.linalg.svd(regressors, full_matrices=False)
    kept = scale > ROUNDING * scale[0]
    basis, direction = basis[:, kept], turn[kept, 0] / scale[kept]
    found = _of_firms(basis, direction) if clusters is None else _of_clusters(basis, direction, clusters)
    if found is None:
        return UNKNOWN
    weights, own, moved = found
    freedom = _freedom(own, moved)
    numbers = np.arange(len(weights)) if clusters is None else clusters
    scores = np.bincount(np.unique(numbers, return_inverse=True)[1], weights * residuals)
    return (math.sqrt(float(scores @ scores)), freedom) if freedom > 0.0 else UNKNOWN


def _of_firms(basis: Reals, direction: Reals) -> tuple[Reals, Reals, Reals] | None:
    """Return each firm's weight, the square of it, and weight times its row of the basis."""
    rest = 1.0 - (basis**2).sum(axis=1)
    along = basis @ direction
    alone = rest < ROUNDING
    if (np.abs(along[alone]) > ROUNDING * np.linalg.norm(direction)).any():
        return None
    weights = np.where(alone, 0.0, along / np.sqrt(np.where(alone, 1.0, rest)))
    return weights, weights**2, basis * weights[:, None]


def _of_clusters(basis: Reals, direction: Reals, clusters: Reals) -> tuple[Reals, Reals, Reals] | None:
    """Return each firm's weight; of each cluster the squares of its weights, and their sum over rows of the basis."""
    numbers = np.unique(clusters, return_inverse=True)[1]
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(numbers.max() + 1))
    inner = np.add.reduceat((basis[:, :, None] * basis[:, None, :])[order], starts, axis=0)
    values, vectors = np.linalg.eigh(inner)
    along = np.einsum("gij,i->gj", vectors, direction)
    alone = 1.0 - values < ROUNDING
    if (np.abs(along[alone]) > ROUNDING * np.linalg.norm(direction)).any():
        return None
    inflated = np.where(alone, 0.0, along / np.sqrt(np.where(alone, 1.0, 1.0 - values)))
    turned = np.einsum("gij,gj->gi", vectors, inflated)
    weights = (basis * turned[numbers]).sum(axis=1)
    return weights, np.add.reduceat(weights[order] ** 2, starts), np.einsum("gij,gj->gi", inner, turned)


def _freedom(own: Reals, moved: Reals) -> float:
    """Return (trace P)² / trace P², P being the covariance of the scores when errors are alike and independent."""
    shared = (moved**2).sum(axis=1)
    trace = float(own.sum() - shared.sum())
    squares = float(own @ own - 2.0 * (own @ shared) + ((moved.T @ moved) ** 2).sum())
    return trace**2 / squares if trace > ROUNDING * float(own.sum()) and squares > 0.0 else math.nan
