"""What `ovopsim calibrate` says at its end: does it fit, what was learned, and what rests on assumptions still."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from ovopsim.analysis.posterior import ASSUMPTION_DRIVEN, PosteriorTables
from ovopsim.labels import NOTHING, label, name_of_target, number, percent
from ovopsim.report.columns import ROOMY, Column, table_of

WIDEST_PATTERN: Final = 34
NARROW_PATTERN: Final = 28
MOST: Final = 15  # unknowns that a page lists, of those that were clearly narrowed


def calibration_page(
    found: PosteriorTables, store: Path | None = None, language: str = "en", width: int = 100
) -> RenderableType:
    """Return targets, what was learned, and where it is; without a store, the first two."""
    record = found.record
    words = {
        "evaluations": number(record["evaluations"], language),
        "failed": number(record["failed"], language),
        "draws": number(len(found.draws), language),
        "effective": number(record["effective_draws"], language),
        "central": record["central"],
    }
    rests = int(found.identifiability["assumption_driven"].sum())
    lines = [
        label("text.calibration_ended", language, **words),
        label(
            "text.calibration_rests",
            language,
            count=number(rests, language),
            all=number(len(found.identifiability), language),
            share=number(ASSUMPTION_DRIVEN, language, 1),
        ),
    ]
    if store is not None:
        folder = repr((store / "posterior").as_posix())
        lines.append(label("text.calibration_where", language, store=store, text=folder))
    widest = WIDEST_PATTERN if width >= ROOMY else NARROW_PATTERN
    heading = Text(label("text.calibration_targets", language), style="bold")
    return Group(
        heading,
        Text(),
        _targets(found, language, width, widest),
        Text(),
        *_learned(found, language, width),
        Text(),
        *[Text(line) for line in lines],
    )


def _targets(found: PosteriorTables, language: str, width: int, widest: int) -> RenderableType:
    rows = found.targets.to_dict("records")
    names = Column(label("text.target", language), tuple(name_of_target(row["name"], language) for row in rows))
    columns = [
        Column(label("text.simulated", language), tuple(_band(row, language) for row in rows), 0),
        Column(label("text.tolerated", language), tuple(_span(row, language) for row in rows), 1),
        Column(label("text.inside_posterior", language), tuple(percent(row["inside"], language, 0) for row in rows), 2),
        Column(
            label("text.inside_prior", language), tuple(percent(row["inside_prior"], language, 0) for row in rows), 3
        ),
        Column(
            label("text.fitted", language),
            tuple(label("text.is_fitted" if row["fitted"] else "text.held_out", language) for row in rows),
            4,
        ),
    ]
    return table_of(names, columns, width, widest=widest)


def _learned(found: PosteriorTables, language: str, width: int) -> list[RenderableType]:
    """Return heading and table of what was clearly narrowed: the narrowest of all would often be chance."""
    clearly = found.identifiability[~found.identifiability["assumption_driven"]]
    if clearly.empty:
        effective = number(found.record["effective_draws"], language)
        return [Text(label("text.calibration_nothing", language, effective=effective))]
    rows = clearly.sort_values("ratio", kind="stable").head(MOST).to_dict("records")
    heading = label("text.calibration_learned", language, count=number(len(clearly), language))
    names = Column(label("text.unknown", language), tuple(row["parameter"] for row in rows))
    columns = [
        Column(label("text.posterior_over_prior", language), tuple(_ratio(row, language) for row in rows), 0),
        Column(label("text.posterior_mean", language), tuple(figure(row["mean"], language) for row in rows), 1),
        Column(label("text.shipped", language), tuple(figure(row["shipped"], language) for row in rows), 2),
    ]
    return [Text(heading, style="bold"), Text(), table_of(names, columns, width, widest=42)]


def _ratio(row: Mapping[Any, Any], language: str) -> str:
    return f"{number(row['ratio'], language, 2)} ± {number(row['ratio_high'] - row['ratio'], language, 2)}"


def figure(value: float, language: str) -> str:
    """Return a number of whatever size with three digits that say something.

    Examples
    --------
    >>> figure(0.01234, "en"), figure(22_512_345.0, "en"), figure(float("nan"), "en")
    ('0.0123', '22,512,345', '–')
    """
    if math.isnan(value) or value == 0.0:
        return number(value, language)
    return number(value, language, max(0, 2 - math.floor(math.log10(abs(value)))))


def _band(row: Mapping[Any, Any], language: str) -> str:
    ends = " … ".join(figure(row[end], language) for end in ("simulated_low", "simulated_high"))
    return f"{figure(row['simulated'], language)}\n{ends}"


def _span(row: Mapping[Any, Any], language: str) -> str:
    low, high = (NOTHING if math.isnan(row[end]) else figure(row[end], language) for end in ("low", "high"))
    if high == NOTHING:
        return label("text.at_least", language, low=low)
    return label("text.at_most", language, high=high) if low == NOTHING else f"{low} … {high}"


def calibration_document(found: PosteriorTables, tables: Mapping[str, Any], store: Path) -> dict[str, Any]:
    """Return the end of a calibration as plain values, without the draws, which are in the store."""
    kept = {name: tables[name] for name in ("targets", "identifiability", "informs", "waves")}
    numbers = ("evaluations", "failed", "effective_draws", "bandwidth", "central", "model_digest", "seed")
    return {"store": str(store), "draws": len(found.draws)} | {key: found.record[key] for key in numbers} | kept
