"""How later money is weighed against money now."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.parameters.loading import read_records
from ovopsim.parameters.records import Record

MONTHS_OF_YEAR = 12.0
# what the public pays for a programme: what leaves the agency, and what the state pays for subsidised credit
PUBLIC_COST = ("spent_idr", "interest_subsidy_idr", "guarantee_loss_idr")


@cache
def appraisal_records() -> dict[str, Record]:
    """Return the records of what an appraisal assumes."""
    return read_records(files("ovopsim.analysis") / "data" / "appraisal.yaml")


def discount_rate(given: float | None = None) -> float:
    """Return the yearly discount rate: the given one, or that of its record.

    Raises
    ------
    InputError
        When it lies outside the record's range.
    """
    record = appraisal_records()["discount_rate"]
    low, high = record.range
    rate = record.value_of() if given is None else given
    if not low <= rate <= high:
        raise InputError(f"discount_rate: is {rate:g}; it must lie in {low:g} to {high:g} ({record.unit}).")
    return rate


def discounted(flow: Reals, rate: float) -> Reals:
    """Return the value of monthly flows (replications, months) at the start of the run (replications,).

    Each month's flow counts at its beginning: month t is divided by (1 + rate)^(t/12).

    Examples
    --------
    >>> discounted(np.array([[100.0] + 11 * [0.0] + [110.0]]), 0.1).round(9).tolist()
    [200.0]
    """
    value: Reals = flow @ discount_factors(np.arange(flow.shape[1]), rate)
    return value


def discount_factors(step: Any, rate: float) -> Any:
    """Return what a rupiah at the beginning of some months counts at the start of the run."""
    return (1.0 + rate) ** (-step / MONTHS_OF_YEAR)
