"""Who gains and who loses: sales, value added, profit and jobs of groups of firms, closures counted as zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.analysis.changes import in_rows
from ovopsim.fields import SENTRAS, SIZE_CLASSES, TECHNIQUES, Reals
from ovopsim.study.firms import OUTCOMES_OF_FIRMS, FirmHistory, FirmsAtStart, Ids
from ovopsim.study.worlds import ArmRuns, first_change

THIRDS: Final = ("lowest", "middle", "highest")
# (kind of group, member); the first two kinds each split the whole cluster, the others split its incumbents
GROUPS: Final = (
    ("all", "incumbents"),
    ("all", "entrants"),
    ("reach", "served"),
    ("reach", "not_served"),
    *(("sentra", name) for name in SENTRAS),
    *(("size", name) for name in SIZE_CLASSES),
    *(("technique", name) for name in TECHNIQUES),
    *(("profit", name) for name in THIRDS),
)

Mark = NDArray[np.bool_]


def thirds_of(profit: Reals) -> Ids:
    """Return 0, 1 or 2 for each firm: its third of all firms by profit."""
    found: Ids = np.digitize(profit, np.quantile(profit, [1 / 3, 2 / 3])) if len(profit) else np.zeros(0, np.int64)
    return found


def members_of(start: FirmsAtStart) -> dict[tuple[str, str], Ids]:
    """Return the ids of the firms of each group of incumbents."""
    found = {}
    for kind, names, codes in (
        ("sentra", SENTRAS, start.sentra),
        ("size", SIZE_CLASSES, start.size_class),
        ("technique", TECHNIQUES, start.technique),
        ("profit", THIRDS, thirds_of(start.profit)),
    ):
        for code, name in enumerate(names):
            found[kind, name] = start.ids[codes == code]
    return found


def group_totals(firms: FirmHistory, start: int, served: Ids) -> Reals:
    """Return totals of each group in one run (groups, 4 outcomes).

    Parameters
    ----------
    start : int
        Month on whose eve incumbents were in business.
    served : array (firms,)
        Ids of the firms that the programme served; the same firms are looked up in the baseline.
    """
    before = firms.at_start[start]
    present = np.isin(firms.ids, before.ids)
    reached = np.isin(firms.ids, served)
    marks: dict[tuple[str, str], Mark] = {
        ("all", "incumbents"): present,
        ("all", "entrants"): ~present,
        ("reach", "served"): reached,
        ("reach", "not_served"): ~reached,
    }
    marks |= {key: np.isin(firms.ids, ids) for key, ids in members_of(before).items()}
    return np.array([firms.last_year[:, marks[key]].sum(axis=1) for key in GROUPS])


def group_sizes(firms: FirmHistory, start: int, served: Ids) -> Reals:
    """Return how many firms each group has (groups,): at the start; for entrants and reach, in the last year."""
    before = firms.at_start[start]
    late = int((~np.isin(firms.ids, before.ids)).sum())
    reached = int(np.isin(firms.ids, served).sum())
    sizes = {
        ("all", "incumbents"): len(before.ids),
        ("all", "entrants"): late,
        ("reach", "served"): reached,
        ("reach", "not_served"): len(firms.ids) - reached,
    }
    sizes |= {key: len(ids) for key, ids in members_of(before).items()}
    return np.array([float(sizes[key]) for key in GROUPS])


def over_pairs(arm: ArmRuns, base: ArmRuns, measure: Callable[[FirmHistory, int, Ids], Reals]) -> tuple[Reals, Reals]:
    """Return a measure of both runs of every pair: arrays (replications, …) of the arm and of the baseline."""
    start = first_change(arm.scenario)
    pairs = list(zip(arm.firms, base.firms, strict=True))
    mine = np.array([measure(firms, start, firms.served) for firms, _ in pairs])
    other = np.array([measure(rival, start, firms.served) for firms, rival in pairs])
    return mine, other


def groups_table(arms: Mapping[str, ArmRuns], baseline: str) -> pd.DataFrame:
    """Return the change of each group's total a month over the last twelve, one row for each arm, group and outcome.

    ``arm, group, member, firms, outcome`` and the columns of an effect. Incumbents and entrants add up to the cluster,
    and so do firms that the programme served and the others; the other groups add up to the incumbents.
    """
    return pd.DataFrame([row for name in arms for row in _rows(name, arms[name], arms[baseline])])


def _rows(name: str, arm: ArmRuns, base: ArmRuns) -> Iterator[dict[str, Any]]:
    mine, other = over_pairs(arm, base, group_totals)
    sizes, _ = over_pairs(arm, base, group_sizes)
    nobody_served = not any(len(firms.served) for firms in arm.firms)
    for place, (kind, member) in enumerate(GROUPS):
        if kind == "reach" and nobody_served:
            continue
        for which, outcome in enumerate(OUTCOMES_OF_FIRMS):
            row = {"arm": name, "group": kind, "member": member, "firms": float(sizes[:, place].mean())}
            yield row | {"outcome": outcome} | in_rows(mine[:, place, which], other[:, place, which])


def gini(values: Reals) -> float:
    """Return the Gini coefficient of amounts (0 = equal, towards 1 = one has all); NaN when nobody has anything.

    Examples
    --------
    >>> gini(np.array([1.0, 1.0, 1.0])), gini(np.array([0.0, 0.0, 0.0, 1.0]))
    (0.0, 0.75)
    """
    total = float(values.sum())
    if total <= 0.0:
        return float("nan")
    ranks = np.arange(1, len(values) + 1)
    return float((2.0 * ranks - len(values) - 1.0) @ np.sort(values) / (len(values) * total))
