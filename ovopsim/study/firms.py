"""What is kept of single firms: who was there when a programme starts, and how each did in the last year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import FIRM, Reals
from ovopsim.simulation import MonthZero, RunArrays

Ids = NDArray[np.int64]
YEAR = 12
HALF_YEAR = 6
OUTCOMES_OF_FIRMS = ("sales_idr", "value_added_idr", "profit_idr", "jobs")
ROWS_OF_FIRMS = [FIRM.sales, FIRM.value_added, FIRM.profit, FIRM.workers]


@dataclass(frozen=True)
class FirmsAtStart:
    """Firms in business on the eve of a month.

    Attributes
    ----------
    ids, sentra, size_class, technique : array (firms,)
    profit : array (firms,)
        Smoothed monthly profit, rupiah.
    """

    ids: Ids
    sentra: Ids
    size_class: Ids
    technique: Ids
    profit: Reals


@dataclass(frozen=True)
class FirmHistory:
    """What a run leaves of its firms.

    Attributes
    ----------
    at_start : dict of int to FirmsAtStart
        By the month on whose eve they were in business.
    ids : array (firms,)
        Every firm seen in the last year.
    last_year : array (4, firms)
        Mean a month of sales, value added, profit (rupiah) and jobs (FTE); months out of business count as zero.
    closing_ids, received : array (firms in business at the end,)
        And the public money spent on each so far, rupiah.
    served : array (firms,)
        Firms seen at the end of a half-year or in the last year with public money spent on them.
    """

    at_start: dict[int, FirmsAtStart]
    ids: Ids
    last_year: Reals
    closing_ids: Ids
    received: Reals
    served: Ids


def months_of_last_year(months: int) -> set[int]:
    """Return the last twelve months of a run."""
    return set(range(max(0, months - YEAR), months))


def months_needed(months: int, starts: set[int]) -> set[int]:
    """Return the months at whose end the firm table must be kept to write a history."""
    return {start - 1 for start in starts if start > 0} | _looked_at(months)


def _looked_at(months: int) -> set[int]:
    # the same months whatever else is kept, so that who counts as served does not depend on what it is compared with
    return set(range(HALF_YEAR - 1, months, HALF_YEAR)) | months_of_last_year(months)


def history(start: MonthZero, run: RunArrays, starts: set[int]) -> FirmHistory:
    """Return the history of a run's firms.

    Parameters
    ----------
    run : RunArrays
        With the firm tables of `months_needed`.
    starts : set of int
        Months on whose eve firms are listed.
    """
    tables = dict(zip(run.chosen.tolist(), run.snapshots, strict=True))
    months = len(run.monthly)
    last = [tables[step] for step in sorted(months_of_last_year(months))]
    ids, means = _means(last)
    closing = last[-1][:, last[-1][FIRM.active] == 1.0]
    return FirmHistory(
        {month: _listed(start.world.firms if month == 0 else tables[month - 1]) for month in starts},
        ids,
        means,
        closing[FIRM.firm_id].astype(np.int64),
        closing[FIRM.received_idr],
        np.unique(np.concatenate([_served(tables[step]) for step in _looked_at(months)])),
    )


def _listed(table: Reals) -> FirmsAtStart:
    firms = table[:, table[FIRM.active] == 1.0]
    return FirmsAtStart(
        ids=firms[FIRM.firm_id].astype(np.int64),
        sentra=firms[FIRM.sentra].astype(np.int64),
        size_class=firms[FIRM.size_class].astype(np.int64),
        technique=firms[FIRM.technique].astype(np.int64),
        profit=firms[FIRM.smoothed_profit],
    )


def _served(table: Reals) -> Ids:
    ids: Ids = table[FIRM.firm_id, table[FIRM.received_idr] > 0.0].astype(np.int64)
    return ids


def _means(tables: list[Reals]) -> tuple[Ids, Reals]:
    # a slot that a firm has just left still holds the firm's last sales, as the month's outcomes count them
    every = np.concatenate([table[FIRM.firm_id] for table in tables]).astype(np.int64)
    ids = np.unique(every[every >= 0])
    sums = np.zeros((len(ROWS_OF_FIRMS), len(ids)))
    for table in tables:
        known = table[FIRM.firm_id] >= 0.0
        places = np.searchsorted(ids, table[FIRM.firm_id, known].astype(np.int64))
        sums[:, places] += table[ROWS_OF_FIRMS][:, known]
    return ids, sums / len(tables)
