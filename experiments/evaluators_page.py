"""Part of `evaluators.py`: the page docs/evaluators.md."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from evaluators_numbers import NOMINAL
from evaluators_rivals import of_cluster, shipped
from evaluators_text import TEXT
from reporting import markdown

LEAST_EFFECT = 0.5  # levers with less, in per cent of sales, are not shown
ESTIMATORS = {"difference": "difference", "ancova": "ANCOVA", "treatment_on_treated": "treatment on treated"}
MARKETS = {
    "as shipped": "mostly elsewhere (as shipped)",
    "half elsewhere": "half elsewhere",
    "hardly any elsewhere": "hardly elsewhere",
}
DOSES = {1.0: "plain", 5.0: "five-fold"}
WIDTH = 120


def table_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as a table in Markdown."""
    return markdown(pd.DataFrame(list(rows)))


def wrapped(text: str) -> str:
    """Return a page with its paragraphs and items in lines of one width; headings, pictures and tables stay."""
    blocks = []
    for block in text.split("\n\n"):
        if block.startswith(("|", "#", "!")):
            blocks.append(block)
            continue
        items = re.split(r"\n(?=- |\d+\. )", block.strip())
        blocks.append("\n".join(_filled(" ".join(item.split())) for item in items))
    return "\n\n".join(blocks).rstrip() + "\n"


def _filled(item: str) -> str:
    mark = re.match(r"(- |\d+\. )?", item)
    indent = " " * len(mark[0]) if mark else ""
    # a number and its sign stay in one line
    bound = item.replace(" %", "\N{NO-BREAK SPACE}%").replace("± ", "±\N{NO-BREAK SPACE}")
    lines = textwrap.fill(bound, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return lines.replace("\N{NO-BREAK SPACE}", " ")


def held(row: Mapping[str, Any]) -> str:
    """Return a share of intervals with its own interval; bold where that does not hold the nominal level."""
    text = f"{100.0 * row['coverage']:.1f} ({100.0 * row['low']:.1f} to {100.0 * row['high']:.1f})"
    return text if row["low"] <= NOMINAL <= row["high"] else f"**{text}**"


def ends(row: Mapping[str, Any], name: str, digits: int = 1) -> str:
    """Return a mean with its interval."""
    middle, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    if math.isnan(middle):
        return "–"
    interval = "–" if math.isnan(low) else f"{low:.{digits}f} to {high:.{digits}f}"
    return f"{middle:.{digits}f} ({interval})"


def coverage_rows(table: pd.DataFrame) -> Iterable[dict[str, str]]:
    """Yield the rows of the table of coverage."""
    for (name, outcome), rows in table.groupby(["trial", "outcome"], sort=False):
        by_name = rows.set_index("estimator")
        ancova = by_name.loc["ancova"]
        scale = ancova["bias_percent"] / ancova["bias"] if ancova["bias"] else math.nan
        off = {f"off{end}": scale * ancova[f"bias{end}"] for end in ("", "_low", "_high")}
        yield {
            "design": str(name),
            "outcome": str(outcome),
            "exact, treated": f"{ancova['exact_percent']:+.1f} %",
            "exact, rivals": f"{ancova['rivals_percent']:+.2f} %",
            **{text: held(by_name.loc[key]) for key, text in ESTIMATORS.items()},
            "ANCOVA off by, %": ends(off, "off", 0),
        }


def reasons_rows(table: pd.DataFrame) -> Iterable[dict[str, str]]:
    """Yield the rows of the table of reasons."""
    for (name, estimator), rows in table.groupby(["trial", "estimator"], sort=False):
        by_errors = rows.set_index("errors")
        cells = {errors: held(by_errors.loc[errors]) for errors in ("usual errors", "ovopsim", "alike")}
        yield {"design": str(name), "estimator": ESTIMATORS[str(estimator)]} | cells


def lever_rows(table: pd.DataFrame) -> Iterable[dict[str, str]]:
    """Yield levers that do something, those whose rivals lose most first."""
    for row in table[table["treated"].abs() >= LEAST_EFFECT].to_dict("records"):
        cells = {"treated": ends(row, "treated"), "untreated": ends(row, "untreated", 2)}
        yield {"lever": f"`{row['lever']}`"} | cells | {"too much, %": ends(row, "too_much")}


def saturation_rows(table: pd.DataFrame) -> Iterable[dict[str, str]]:
    """Yield the rows of the table of saturations."""
    for row in table.to_dict("records"):
        yield {
            "buyers buy": MARKETS[row["market"]],
            "dose": DOSES[row["dose"]],
            "treated, % of firms": f"{100.0 * row['share']:.0f}",
            "exact, treated": ends(row, "treated"),
            "exact, untreated": ends(row, "untreated", 2),
            "exact, all firms": ends(row, "everyone"),
            "found": ends(row, "expected"),
            "ANCOVA": ends(row, "ancova"),
            "too much, %": ends(row, "too_much"),
            "by equation": "–" if math.isnan(row["by_equation"]) else f"{row['by_equation']:.1f}",
        }


def group_rows(table: pd.DataFrame) -> Iterable[dict[str, str]]:
    """Yield the rows of the table of groups."""
    for row in saturation_rows(table.assign(dose=1.0, by_equation=math.nan)):
        yield {name: text for name, text in row.items() if name not in ("dose", "by equation")}


def outside_rows() -> Iterable[dict[str, str]]:
    """Yield what the market's equations rest on."""
    mix, inside = shipped("channel_mix"), of_cluster(None)
    total = sum(mix.values())
    for channel, part in inside.items():
        yield {
            "channel": channel,
            "of the cluster's sales, %": f"{100.0 * mix[channel] / total:.0f}",
            "of buyers' money to sellers elsewhere, %": f"{100.0 * (1.0 - part):.1f}",
            "of a gain, taken from the cluster, points of 100": f"{100.0 * part * mix[channel] / total:.1f}",
        }


def town_rows(table: pd.DataFrame) -> Iterable[dict[str, str]]:
    """Yield the rows of the table of towns."""
    for row in table.to_dict("records"):
        arm, _, share = row["arm"].partition("_")
        yield {
            "buyers buy": MARKETS[row["market"]],
            "dose": DOSES[row["dose"]],
            "compared": row["compared"],
            "firms, % treated": f"{arm}, {share}",
            "exact": f"{row['exact']:+.1f}",
            "estimate": f"{row['estimate']:+.1f}",
            "off by": ends(row, "bias"),
            "interval ±": f"{row['half_width']:.1f}",
            "holds it": held(row),
        }


def page(tables: Mapping[str, pd.DataFrame], found: Mapping[str, object], picture: str) -> str:
    """Return the page."""
    filled = TEXT.format(
        **found,
        least=LEAST_EFFECT,
        picture=picture,
        coverage_table=table_of(coverage_rows(tables["coverage"])),
        reasons_table=table_of(reasons_rows(tables["reasons"])),
        lever_table=table_of(lever_rows(tables["levers"])),
        saturation_table=table_of(saturation_rows(tables["saturations"])),
        outside_table=table_of(outside_rows()),
        groups_table=table_of(group_rows(tables["groups"])),
        towns_table=table_of(town_rows(tables["towns"])),
    )
    return wrapped(filled)
