"""Levels for the terminal: one scenario by itself, and the baseline beside published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from ovopsim.analysis.changes import BAND, HEADLINES
from ovopsim.analysis.comparison_tables import ComparisonTables
from ovopsim.labels import NOTHING, label, name_of, number, percent
from ovopsim.parameters.money import common_unit
from ovopsim.report.columns import ROOMY, Column, table_of
from ovopsim.report.comparing import firms_at_start
from ovopsim.study.documents import rows

WIDEST_PATTERN = 34
NARROW_PATTERN = 28  # leaves room for what is published on a terminal of 80


def run_page(found: ComparisonTables, language: str = "en", width: int = 100) -> RenderableType:
    """Return the first and the last year of one scenario.

    Parameters
    ----------
    found : ComparisonTables
        Of one scenario alone.
    """
    name, runs = found.baseline, found.run["replications"]
    arm, share = name_of("arm", name, language), percent(BAND, language, 0)
    title = label("text.run_title", language, arm=arm, runs=number(runs, language), share=share)
    by_name = {(row["outcome"], row["year"]): row for row in found.levels.to_dict("records")}
    outcomes = [name for name in (*HEADLINES, "spent_idr") if by_name[name, "last"]["high"] != 0.0]
    scales = {outcome: _scale(by_name[outcome, "last"], language) for outcome in outcomes}
    names = [_row_name(outcome, scales[outcome][1], language) for outcome in outcomes]
    columns = [
        Column(
            label(f"text.{year}_year", language),
            tuple(_level(by_name[outcome, year], scales[outcome][0], language) for outcome in outcomes),
        )
        for year in ("first", "last")
    ]
    table = table_of(Column("", tuple(names)), columns, width, widest=WIDEST_PATTERN)
    notes = [Text(line, style="dim") for line in firms_at_start(found, language)]
    return Group(Text(title, style="bold"), Text(), table, *([Text(), *notes] if notes else []))


def _scale(row: Mapping[Any, Any], language: str) -> tuple[float, str]:
    if not row["outcome"].endswith("_idr"):
        return 1.0, ""
    return common_unit([row["mean"]], language)


def _row_name(outcome: str, unit: str, language: str) -> str:
    name = label(f"outcome.{outcome}", language)
    return label("text.with_unit", language, outcome=name, unit=unit) if unit else name


def run_document(found: ComparisonTables) -> dict[str, Any]:
    """Return one scenario's run as plain values: its levels, its money, what ran."""
    comparison = found.to_dict()
    (arm,) = comparison["arms"]
    kept = (
        "name",
        "budget_idr",
        "spent_idr",
        "lapsed_idr",
        "take_up",
        "reached",
        "gini_received",
        "roles",
        "levers",
        "notes",
    )
    document = {key: arm[key] for key in kept}
    return document | {"levels": rows(found.levels.drop(columns="arm")), "run": comparison["run"]}


def _level(row: Mapping[Any, Any], scale: float, language: str) -> str:
    mean, low, high = (row[key] / scale for key in ("mean", "low", "high"))
    digits = 0 if abs(mean) >= 100.0 else 1
    ends = " … ".join(number(end, language, digits) for end in (low, high))
    return f"{number(mean, language, digits)}\n{ends}"


def baseline_page(
    found: Sequence[Mapping[str, Any]], runs: int, language: str = "en", width: int = 100
) -> RenderableType:
    """Return the baseline table: simulated beside published, row by row.

    Parameters
    ----------
    found : sequence of mapping
        Of `ovopsim.analysis.baseline.baseline_table`.
    """
    names = Column(label("text.pattern", language), tuple(label(f"pattern.{row['name']}", language) for row in found))
    columns = [
        Column(label("text.simulated", language), tuple(_figure(row["simulated"], language) for row in found), 0),
        Column(label("text.tolerated", language), tuple(_span(row, language) for row in found), 1),
        Column(label("text.inside", language), tuple(_answer(row["inside"], language) for row in found), 2),
        Column(label("text.published", language), tuple(_figure(row["published"], language) for row in found), 3),
        Column(label("text.origin", language), tuple(_origin(row, language) for row in found), 4),
    ]
    title = label("text.baseline_title", language, runs=number(runs, language))
    widest = WIDEST_PATTERN if width >= ROOMY else NARROW_PATTERN
    inside = sum(bool(row["inside"]) for row in found)
    count = label("text.inside_count", language, inside=inside, all=len(found))
    return Group(Text(title, style="bold"), Text(), table_of(names, columns, width, widest=widest), Text(), Text(count))


def _figure(value: float | None, language: str) -> str:
    return NOTHING if value is None else number(value, language, 3 if abs(value) < 1.0 else 2)


def _span(row: Mapping[str, Any], language: str) -> str:
    low, high = row["low"], row["high"]
    if high is None:
        return label("text.at_least", language, low=_figure(low, language))
    return f"{_figure(low, language)} … {_figure(high, language)}"


def _answer(inside: bool, language: str) -> str:
    return label("text.yes" if inside else "text.no", language)


def _origin(row: Mapping[str, Any], language: str) -> str:
    return label("text.emergent" if row["emergent"] else "text.input", language)
