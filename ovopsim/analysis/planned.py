"""How precise a pilot will be, from its plan alone: whom it enrols and treats, in which clusters and strata.

Units are drawn and assigned as those of simulated pilots, a few times over, and the regression that the evaluator will
run is looked at before any outcome is known: its estimate is a weighted sum of outcomes, and the weights say its
variance under a given correlation within clusters, and the degrees of freedom of its error (Bell and McCaffrey 2002:
`cluster_errors`). Unequal shares, clusters of unequal size and the loss to strata are all in them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ovopsim.analysis.cluster_errors import UNKNOWN, bias_reduced
from ovopsim.analysis.pilot_designs import PilotDesign, World
from ovopsim.analysis.pilots import drawn
from ovopsim.analysis.power_formula import Circumstances, Precision
from ovopsim.analysis.regressions import regressors_of
from ovopsim.analysis.trial_samples import Sample

PLANS: Final = 20
# larger pilots are more precise in proportion
LARGEST_PLAN: Final = 4_000.0
# so that a plan does not foresee how the lot of the simulated pilots falls
OF_PLANS: Final = 1


def planned(
    found: list[World], design: PilotDesign, met: Circumstances, size: float, as_simulated: bool = False
) -> Precision:
    """Return the precision of pilots of a size, one value for each of `PLANS` ways the lot may fall.

    Parameters
    ----------
    found : list of World
        From which firms, clusters and strata are drawn in turn.
    size : float
        Firms enrolled, both arms together.
    as_simulated : bool
        Whether arms are those of the simulated trials.
    """
    stream = np.random.default_rng([design.seed, OF_PLANS])
    # whole clusters, so that the proportion is that of what is drawn
    largest = max(round(LARGEST_PLAN / met.firms_in_cluster), 4) * met.firms_in_cluster
    taken = min(size, largest)
    rows = []
    for plan in range(PLANS):
        sample, _ = drawn(found[plan % len(found)], design, met, taken, stream, as_simulated)
        rows.append(_of_sample(sample, design.adjusted, met.icc))
    variance, freedom = np.array(rows).T
    return Precision(variance * taken / size, freedom * size / taken)


def _of_sample(sample: Sample, adjusted: bool, icc: float) -> tuple[float, float]:
    if not 0.0 < sample.treated.sum() < len(sample.treated):
        return UNKNOWN
    regressors = regressors_of(sample.treated, sample.others if adjusted else sample.others[:, :0])
    weights = np.linalg.pinv(regressors)[0]
    own = float(weights @ weights)
    numbers = np.arange(len(weights)) if sample.clusters is None else sample.clusters.astype(int)
    together = np.bincount(numbers, weights)
    freedom = bias_reduced(regressors, np.zeros(len(weights)), sample.clusters)[1]
    return (1.0 - icc) * own + icc * float(together @ together), freedom
