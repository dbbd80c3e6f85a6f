"""An explained effect for the terminal: a row for each part, then what carries most, and what the parts mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from ovopsim.analysis.explained import PARTS, WHOLE, ExplanationTables, largest_parts
from ovopsim.analysis.findings import ASKED
from ovopsim.labels import label, listing, name_of, number, percent
from ovopsim.report.columns import Column, table_of

if TYPE_CHECKING:
    import pandas as pd

EFFECTS: Final = {"sales_idr": 0, "jobs": 1, "profit_idr": 3, "value_added_idr": 4, "exports_idr": 5, "firms": 6}

Row = dict[Any, Any]


def explanation_page(found: ExplanationTables, language: str = "en", width: int = 100) -> RenderableType:
    """Return the page of an explained effect.

    Parameters
    ----------
    width : int
        Of the terminal, in characters.
    """
    ends = {"scenario": found.scenario, "baseline": found.baseline}
    names = {key: name_of("arm", name, language) for key, name in ends.items()}
    warning = found.warning(language)
    return Group(
        Text(label("text.explanation_title", language, **names), style="bold"),
        *([Text(warning, style="bold")] if warning else []),
        Text(),
        parts_table(found.table, language, width),
        Text(),
        *(Text(line) for line in carriers(found, language)),
        Text(),
        *(Text(line, style="dim") for line in _notes(found, language)),
    )


def parts_table(table: pd.DataFrame, language: str, width: int) -> RenderableType:
    """Return the table: parts of the change in per cent with intervals, in what room there is."""
    names = Column(label("text.part", language), tuple(label(f"part.{part}", language) for part in PARTS))
    columns = [_change(_of(table, outcome), outcome, need, language) for outcome, need in EFFECTS.items()]
    shares = tuple(percent(row["share"], language, 0) for row in _of(table, "sales_idr").values())
    columns.insert(1, Column(label("text.share_of_change", language), shares, 2))
    return table_of(names, columns, width)


def carriers(found: ExplanationTables, language: str) -> Iterator[str]:
    """Give a sentence for sales and one for jobs: how much, and which part carries most of it, or which may."""
    for outcome in ASKED:
        rows = _of(found.table, outcome)
        name = label(f"outcome.{outcome}", language)
        if rows[WHOLE]["clear"] == 0:
            yield label("text.explanation_unclear", language, outcome=name)
            continue
        most, *near = largest_parts(found.worlds, outcome)
        told = "explanation_most_unclear" if near else "explanation_most"
        parts = [
            label(
                "text.explanation_part",
                language,
                part=label(f"part.{part}", language),
                value=percent(rows[part]["relative"], language, signed=True),
            )
            for part in (most, *near)
        ]
        whole = percent(rows[WHOLE]["relative"], language, signed=True)
        yield label(f"text.{told}", language, outcome=name, whole=whole, parts=listing(parts, language))


def _of(table: pd.DataFrame, outcome: str) -> dict[str, Row]:
    return {str(row["part"]): row for row in table[table["outcome"] == outcome].to_dict("records")}


def _change(rows: dict[str, Row], outcome: str, need: int, language: str) -> Column:
    cells = []
    for part in PARTS:
        mean, low, high = (100.0 * rows[part][key] for key in ("relative", "relative_low", "relative_high"))
        ends = " … ".join(number(end, language, 1) for end in (low, high))
        cells.append(f"{number(mean, language, 1, signed=True)}\n{ends}")
    return Column(label("text.change_of", language, outcome=label(f"outcome.{outcome}", language)), tuple(cells), need)


def _notes(found: ExplanationTables, language: str) -> Iterator[str]:
    yield label("text.explanation_groups", language)
    yield label("text.explanation_other", language)
    yield label("text.pairs_note", language, pairs=number(found.run["replications"], language))
