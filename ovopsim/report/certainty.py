"""How sure? for the terminal: effects, their variance split, how often each is best, what each role rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from ovopsim.analysis.changes import BAND
from ovopsim.analysis.effects import PRECISION
from ovopsim.analysis.posterior import ASSUMPTION_DRIVEN
from ovopsim.analysis.variance import SOURCES
from ovopsim.labels import NOTHING, label, listing, name_of, number, percent
from ovopsim.report.columns import Column, table_of

if TYPE_CHECKING:
    from ovopsim.analysis.certainty_tables import CertaintyTables

SHOWN: Final = ("sales_idr", "jobs")  # outcomes with a table of their own on the page
FEW: Final = 6  # arms named in one line


def certainty_page(found: CertaintyTables, language: str = "en", width: int = 100) -> RenderableType:
    """Return the page of `how_sure`.

    Parameters
    ----------
    width : int
        Of the terminal, in characters.
    """
    baseline = name_of("arm", found.baseline, language)
    parts: list[RenderableType] = [
        Text(label("sure.title", language, baseline=baseline), style="bold"),
        Text(_scope(found, language)),
    ]
    for arm, what in found.run["differs_in"].items():
        told = label("text.differs_too", language, arm=name_of("arm", arm, language), what=what)
        parts.append(Text(told, style="bold"))
    left_out = found.run["draws"] - found.run["draws_used"]
    if left_out:
        parts.append(Text(label("sure.left_out", language, count=left_out, all=found.run["draws"]), style="bold"))
    different = found.run["draws_different"]
    if different < found.run["draws_used"]:
        least = math.floor(found.effects["draws_worth"].min())
        told = label("sure.repeated", language, different=different, all=found.run["draws_used"], worth=least)
        parts.append(Text(told))
    for outcome in SHOWN:
        parts += [Text(), _effects(found, outcome, language, width)]
    parts += [Text(), *(Text(line) for line in _notes(found, language))]
    parts += [Text(), Text(label("sure.roles_title", language), style="bold"), _roles(found.roles, language, width)]
    parts.append(Text(label("sure.ratio_note", language, driven=number(ASSUMPTION_DRIVEN, language, 1))))
    return Group(*parts)


def _scope(found: CertaintyTables, language: str) -> str:
    count = len(found.run["shocks"]) - 1
    shocks = label("sure.with_shocks", language, count=count) if count else label("sure.without_shocks", language)
    return label(
        "sure.scope",
        language,
        draws=found.run["draws"],
        varied=len(found.run["varied"]),
        source=label(f"sure.from_{found.run['from']}", language),
        worlds=found.run["replications"],
        shocks=shocks,
        runs=number(found.run["runs"], language),
    )


def _effects(found: CertaintyTables, outcome: str, language: str, width: int) -> RenderableType:
    table = _of(found.to_frame(), outcome)
    best = _of(found.best, outcome)
    arms = list(table.index)

    def shares(column: pd.Series) -> tuple[str, ...]:
        return tuple(percent(value, language, 0) for value in column)

    def signed(value: float) -> str:
        return number(100.0 * value, language, 1, signed=True)

    spans = [
        label("text.range", language, low=signed(row["relative_draw_low"]), high=signed(row["relative_draw_high"]))
        for row in table.to_dict("records")
    ]
    columns = [
        Column(
            label("sure.mean", language, outcome=label(f"outcome.{outcome}", language)),
            tuple(signed(value) for value in table["relative"]),
        ),
        Column(label("sure.range", language, share=_most(language)), tuple(spans), 1),
        *(Column(label(f"sure.{source}", language), shares(table[source]), 2) for source in SOURCES),
        Column(label("sure.best", language), shares(best.loc[arms, "best"]), 1),
        Column(
            label("sure.regret", language),
            tuple(number(100 * each, language, 1) for each in best.loc[arms, "regret"]),
            3,
        ),
    ]
    names = Column(label("text.arm", language), tuple(name_of("arm", arm, language) for arm in arms))
    return table_of(names, columns, width)


def _notes(found: CertaintyTables, language: str) -> Iterator[str]:
    for outcome in SHOWN:
        name = label(f"outcome.{outcome}", language)
        row = found.ranking.set_index("outcome").loc[outcome].to_dict()
        shown = {end: number(row[f"kendall{part}"], language, 2) for end, part in ENDS.items()}
        same = percent(row["same_best"], language, 0)
        yield label("sure.ranking", language, outcome=name, share=_most(language), same=same, **shown)
        yield _leader(found, outcome, language)
        yield _adequacy(found, outcome, language)
    yield label("sure.luck", language, worlds=found.run["replications"])
    needed = found.adequacy[found.adequacy["outcome"].isin(SHOWN)]
    most = {name: needed[f"{name}_needed"].max() for name in ("replications", "draws")}
    if not any(value is pd.NA for value in most.values()):
        words = {"worlds": number(most["replications"], language), "draws": number(most["draws"], language)}
        yield label("sure.precision", language, precision=percent(PRECISION, language, 0), **words)
    below = [_below(row, language) for row in found.variance.to_dict("records") if row["below_zero"]]
    if below:
        yield label("sure.below_zero", language, where=listing(below, language))


ENDS: Final = {"kendall": "", "low": "_low", "high": "_high"}


def _leader(found: CertaintyTables, outcome: str, language: str) -> str:
    best = _of(found.best, outcome)
    arm = str(best["best"].idxmax())
    shares = {key: percent(float(best[key][arm]), language, 0) for key in ("best", "clearly")}
    outcome_name = label(f"outcome.{outcome}", language)
    return label("sure.leader", language, outcome=outcome_name, arm=name_of("arm", arm, language), **shares)


def _adequacy(found: CertaintyTables, outcome: str, language: str) -> str:
    table, name = _of(found.adequacy, outcome), label(f"outcome.{outcome}", language)
    short = table[~table["adequate"]]
    if short.empty:
        return label("sure.enough", language, outcome=name, worlds=found.run["replications"])
    arms = [name_of("arm", arm, language) for arm in short.index]
    needed = short["replications_adequate"].max()
    text = NOTHING if needed is pd.NA else number(needed, language)
    return label("sure.too_few", language, outcome=name, arms=listing(arms, language), needed=text)


def _below(row: Mapping[Any, Any], language: str) -> str:
    sources = [label(f"sure.{source}", language).lower() for source in row["below_zero"].split()]
    name = label(f"outcome.{row['outcome']}", language)
    arm = name_of("arm", row["arm"], language)
    return label("sure.below_zero_one", language, outcome=name, arm=arm, sources=listing(sources, language))


def _roles(roles: pd.DataFrame, language: str, width: int) -> RenderableType:
    given = roles.to_dict("records")
    names = tuple(
        label("text.role", language, number=row["role"], role=label(f"role.{row['role']}", language)) for row in given
    )
    driven = tuple(label("sure.driven" if row["assumption_driven"] else "sure.informed", language) for row in given)
    columns = [
        Column(label("sure.ratio", language), tuple(number(row["ratio"], language, 2) for row in given)),
        Column(label("sure.grade", language), tuple(label(f"grade.{row['grade']}", language) for row in given)),
        Column(label("sure.numbers", language), tuple(number(row["parameters"], language) for row in given), 1),
        Column("", driven),
    ]
    return table_of(Column(label("text.arm", language), names), columns, width, 34)


def _of(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    return table[table["outcome"] == outcome].set_index("arm")


def _most(language: str) -> str:
    return percent(BAND, language, 0)
