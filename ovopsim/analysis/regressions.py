"""Regressions as evaluators of field trials run them: least squares and two-stage least squares with robust errors.

Errors are robust to heteroskedasticity (HC2) where firms are randomised, and to correlation within clusters (CR2) where
clusters are, with the degrees of freedom that belong to them (`cluster_errors`). The usual ones (HC1; CR1 with clusters
− 1 degrees of freedom: Cameron and Miller 2015, Journal of Human Resources 50(2), 317–372) are too narrow where few are
treated: `experiments/evaluators.py` shows by how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import stdtr, stdtrit

from ovopsim.analysis.cluster_errors import bias_reduced
from ovopsim.analysis.effects import CONFIDENCE
from ovopsim.errors import InputError
from ovopsim.fields import Reals

# below so many degrees of freedom Student's t no longer fits: Tipton (2015), Psychological Methods 20(3), 375–393
FEWEST_FREEDOM: Final = 4.0
# of the instrument in the first stage: Staiger and Stock (1997), Econometrica 65(3), 557–586
WEAK_FIRST_STAGE: Final = 10.0


@dataclass(frozen=True)
class Fit:
    """One coefficient of a regression.

    Attributes
    ----------
    estimate, se : float
        NaN where the sample is too small to say.
    freedom : float
        Degrees of freedom of its t-statistic.
    n, clusters : int
        Firms in the regression, and clusters they stand in (firms again in an individual design).
    note : str
        ``few_clusters``, ``weak_first_stage`` or empty.
    """

    estimate: float
    se: float
    freedom: float
    n: int
    clusters: int
    note: str = ""

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return the two-sided interval of Student's t."""
        half = float(stdtrit(self.freedom, 0.5 + confidence / 2.0)) * self.se
        return self.estimate - half, self.estimate + half

    @property
    def p_value(self) -> float:
        """Of the test that the coefficient is zero; NaN without an error."""
        if not self.se > 0.0:
            return math.nan
        return 2.0 * float(stdtr(self.freedom, -abs(self.estimate / self.se)))


def least_squares() -> Any:
    """Return statsmodels' class of ordinary least squares.

    Raises
    ------
    InputError
        When statsmodels is not installed: it names the extra to install.
    """
    try:
        from statsmodels.regression.linear_model import OLS
    except ImportError as error:
        raise InputError(
            "estimators of field trials need statsmodels, which is not installed; "
            "install the extra 'analysis': python -m pip install 'ovopsim[analysis]'."
        ) from error
    return OLS


def regression(outcome: Reals, treated: Reals, others: Reals, clusters: Reals | None = None) -> Fit:
    """Return the coefficient of `treated` in a least-squares regression with a constant.

    Parameters
    ----------
    outcome, treated : array (firms,)
    others : array (firms, columns)
        Further regressors, without the constant; may have no column.
    clusters : array (firms,), optional
        Numbers of clusters; without, firms are independent.
    """
    return _robust(outcome, regressors_of(treated, others), clusters)


def instrumented(outcome: Reals, taken: Reals, offered: Reals, others: Reals, clusters: Reals | None = None) -> Fit:
    """Return the coefficient of `taken`, with `offered` as its instrument: two-stage least squares.

    The effect on the firms that take part because they were offered to: Imbens and Angrist (1994), Econometrica 62(2),
    467–475.

    Parameters
    ----------
    outcome, taken, offered : array (firms,)
    others, clusters
        As in `regression`.

    Notes
    -----
    Robust errors of the sandbox's two-stage class in statsmodels do not use the fitted regressors. So the second stage
    is written as a regression on the fitted regressors whose residuals are those of the actual ones, of which the
    robust errors of least squares are right.
    """
    regressors, instruments = regressors_of(taken, others), regressors_of(offered, others)
    first = _robust(taken, instruments, clusters)
    if not first.estimate**2 > 0.0:
        return Fit(math.nan, math.nan, math.nan, len(outcome), first.clusters, "weak_first_stage")
    fitted = instruments @ np.linalg.lstsq(instruments, regressors, rcond=None)[0]
    coefficients = np.linalg.lstsq(fitted, outcome, rcond=None)[0]
    residuals = outcome - regressors @ coefficients
    found = _robust(fitted @ coefficients + residuals, fitted, clusters)
    weak = first.se > 0.0 and (first.estimate / first.se) ** 2 < WEAK_FIRST_STAGE
    note = "weak_first_stage" if weak else found.note
    return Fit(found.estimate, found.se, found.freedom, found.n, found.clusters, note)


def covariates(columns: list[Reals], treated: Reals, strata: Reals) -> Reals:
    """Return regressors (firms, columns) that sharpen an estimate: baselines, and a flag for each stratum but one.

    Baselines are centred and scaled, which moves no coefficient but theirs; those that do not vary are left out. Strata
    are left out when they say who is treated, as when they are what was randomised.

    Parameters
    ----------
    columns : list of arrays (firms,)
        Baselines.
    treated, strata : array (firms,)
    """
    kept = [(column - column.mean()) / column.std() for column in columns if len(np.unique(column)) > 1]
    flags = [(strata == stratum).astype(float) for stratum in np.unique(strata)[1:]]
    if flags and not _explains(np.column_stack([np.ones(len(treated)), *flags]), treated):
        kept += flags
    return np.column_stack(kept) if kept else np.empty((len(treated), 0))


def _explains(regressors: Reals, values: Reals) -> bool:
    left = values - regressors @ np.linalg.lstsq(regressors, values, rcond=None)[0]
    return float(left @ left) < 1.0e-9 * max(float(values @ values), 1.0)


def regressors_of(first: Reals, others: Reals) -> Reals:
    """Return the regressors (firms, columns): the one whose coefficient is asked for, a constant, and the others."""
    return np.column_stack([first, np.ones(len(first)), others])


def _robust(outcome: Reals, regressors: Reals, clusters: Reals | None) -> Fit:
    """Return the coefficient of the first regressor with its robust error."""
    result = least_squares()(outcome, regressors).fit()
    se, freedom = bias_reduced(regressors, np.asarray(result.resid), clusters)
    n = len(outcome)
    groups = n if clusters is None else len(np.unique(clusters))
    note = "few_clusters" if clusters is not None and not freedom >= FEWEST_FREEDOM else ""
    return Fit(float(result.params[0]), se, freedom, n, groups, note)
