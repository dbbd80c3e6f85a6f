"""Who gains: firms of month 0 by sentra, size, technique and profit before the programme."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import FIRM, SENTRAS, SIZE_CLASSES, TECHNIQUES

Array = NDArray[np.float64]
THIRDS = ("lowest", "middle", "highest")
GROUPS = (
    *(("sentra", name) for name in SENTRAS),
    *(("size", name) for name in SIZE_CLASSES),
    *(("technique", name) for name in TECHNIQUES),
    *(("profit", name) for name in THIRDS),
)


def members_of(start: Array) -> dict[tuple[str, str], NDArray[np.bool_]]:
    """Return a mark for each slot and group, from the firm table of month 0."""
    active = start[FIRM.active] == 1.0
    profit = start[FIRM.smoothed_profit]
    cuts = np.quantile(profit[active], [1 / 3, 2 / 3])
    third = np.digitize(profit, cuts)
    marks = {}
    for group, names, codes in (
        ("sentra", SENTRAS, start[FIRM.sentra]),
        ("size", SIZE_CLASSES, start[FIRM.size_class]),
        ("technique", TECHNIQUES, start[FIRM.technique]),
        ("profit", THIRDS, third),
    ):
        for code, name in enumerate(names):
            marks[group, name] = active & (codes == code)
    return marks


def group_changes(start: Array, end: Array) -> Array:
    """Return mean yearly sales and smoothed profit at the end of month-0 firms (groups, 2).

    A firm that has closed counts as zero; entrants are left out; a group without firms is not a number.
    """
    same = (end[FIRM.firm_id] == start[FIRM.firm_id]) & (end[FIRM.active] == 1.0)
    marks = members_of(start)
    means = np.full((len(GROUPS), 2), np.nan)
    for place, key in enumerate(GROUPS):
        if marks[key].any():
            for which, row in enumerate((FIRM.yearly_sales, FIRM.smoothed_profit)):
                means[place, which] = (end[row] * same)[marks[key]].mean()
    return means
