"""What ran, in one line: firms, months, budget, and over which months change and cost are taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from ovopsim.analysis.changes import YEAR
from ovopsim.analysis.comparison_tables import ComparisonTables
from ovopsim.labels import label, number
from ovopsim.parameters.money import format_idr

BETWEEN: Final = " · "


def scope_line(found: ComparisonTables, language: str = "en") -> str:
    """Return what a comparison ran, and what its changes and costs are means and sums of."""
    return BETWEEN.join(_parts(found, language))


def _parts(found: ComparisonTables, language: str) -> Iterator[str]:
    base = found.paths[(found.paths["arm"] == found.baseline) & (found.paths["outcome"] == "firms")]
    months = base["month"].tolist()
    yield label("text.scope_firms", language, firms=number(_firms(found, float(base["mean"].iloc[0])), language))
    yield _span(months, language)
    yield from _budget(found, language)
    if len(found.arms) > 1:
        year = _year(months[-YEAR:], language)
        yield label("text.scope_change", language, year=year)
        if (found.summary["public_cost_idr"] > 0.0).any():
            yield label("text.scope_cost", language, months=number(len(months), language), year=year)


def _firms(found: ComparisonTables, after_a_month: float) -> float:
    """Return how many firms the baseline starts with."""
    programme = found.run["scenarios"][found.baseline]["configuration"]["programme"]
    if programme is not None:  # then incumbents are those of the month in which it begins
        return after_a_month
    groups = found.groups[(found.groups["arm"] == found.baseline) & (found.groups["member"] == "incumbents")]
    return float(groups["firms"].iloc[0])


def _span(months: list[pd.Timestamp], language: str) -> str:
    first, last = (
        label("text.month_of_year", language, month=label(f"month.{month.month}", language), year=month.year)
        for month in (months[0], months[-1])
    )
    return label("text.scope_span", language, first=first, last=last)


def _year(months: list[pd.Timestamp], language: str) -> str:
    whole = len(months) == YEAR and months[0].month == 1
    return str(months[0].year) if whole else _span(months, language)


def _budget(found: ComparisonTables, language: str) -> Iterator[str]:
    programmes = [each["configuration"]["programme"] for each in found.run["scenarios"].values()]
    budgets = sorted({each["budget"] for each in programmes if each is not None and each["budget"] > 0.0})
    amounts = [format_idr(each, language) for each in budgets]
    if len(amounts) == 1:
        yield label("text.scope_budget", language, amount=amounts[0])
    elif amounts:
        yield label("text.scope_budgets", language, least=amounts[0], most=amounts[-1])
