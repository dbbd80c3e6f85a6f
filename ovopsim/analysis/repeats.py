"""What draws are worth of which some have the same row of a posterior: heavy rows come several times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import Reals

Rows = NDArray[np.int64]
FEWEST = 2.0  # a variance needs two


def worth(found: Reals, rows: Rows | None) -> float:
    """Return how many draws of different rows would tell a mean over draws as well as these do.

    Two draws of one row have the numbers of that row in common and differ in what was drawn from priors besides. The
    more what was found depends on the row, the less the second one adds: n / (1 + r · (Σ c² / n − 1)), with c the times
    that each row comes and r the correlation within rows (Kish 1965, Survey Sampling, section 5.4). r is one less half
    the mean square difference of pairs of one row, over the variance: 1 where they are the same, 0 where a pair is no
    more alike than any two draws are.

    Parameters
    ----------
    found : array (draws,)
        What each draw gave.
    rows : array (draws,) or None
        Number of the row that each has; None = all have their own.

    Examples
    --------
    >>> worth(np.array([1.0, 1.0, 2.0, 3.0]), np.array([0, 0, 1, 2]))
    2.6666666666666665
    """
    count = len(found)
    if rows is None:
        return float(count)
    times = np.bincount(rows)
    variance = float(found.var(ddof=1))
    pairs = float((times * (times - 1.0)).sum()) / 2.0
    if pairs == 0.0 or variance == 0.0:
        return float(count)
    sums, squares = (np.bincount(rows, weights=each) for each in (found - found.mean(), (found - found.mean()) ** 2))
    # the sum of (a − b)² over the pairs of a row is c · Σ a² − (Σ a)²
    differing = float((times * squares - sums**2).sum()) / (2.0 * pairs)
    alike = min(1.0, max(0.0, 1.0 - differing / variance))
    return max(FEWEST, count / (1.0 + alike * (float((times**2).sum()) / count - 1.0)))
