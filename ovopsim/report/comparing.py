"""A comparison for the terminal: a row for each programme; below it what is clear, who gains, and what held back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ovopsim.analysis.changes import YEAR
from ovopsim.analysis.comparability import difference_lines
from ovopsim.analysis.comparison_tables import ComparisonTables
from ovopsim.analysis.delivery import UNDER_SPENT
from ovopsim.analysis.effects import CONFIDENCE, PRECISION
from ovopsim.analysis.findings import ASKED, KINDS, TINY
from ovopsim.labels import NOTHING, label, listing, name_of, number, percent
from ovopsim.parameters.money import common_unit, format_idr
from ovopsim.population.notes import Note
from ovopsim.report.columns import Column, table_of
from ovopsim.report.scope import scope_line

EFFECTS: Final = {"sales_idr": 0, "jobs": 1, "value_added_idr": 5, "profit_idr": 7, "exports_idr": 11, "firms": 13}
SHORT: Final = 8  # characters of both ends of an interval that stand on one line
CLARITY: Final = {
    "clear_gain": "clear_gain_in",
    "unclear": "unclear_in",
    "clear_loss": "clear_loss_in",
    "tiny": "tiny_in",
}
FEW: Final = 8  # pairs whose spread is itself a guess


def comparison_page(
    found: ComparisonTables, language: str = "en", width: int = 100, file: str | None = None
) -> RenderableType:
    """Return the page of a comparison: table, notes, and lists.

    Parameters
    ----------
    width : int
        Of the terminal, in characters.
    file : str, optional
        That of the only scenario, where a command named one alone: what to do instead is said with it.
    """
    months = min(YEAR, int(found.paths["step"].max()) + 1)
    name = name_of("arm", found.baseline, language)
    confidence = percent(CONFIDENCE, language, 0)
    heading = (
        label("text.alone_title", language, arm=name, months=months)
        if len(found.arms) == 1
        else label("text.comparison_title", language, baseline=name, months=months, confidence=confidence)
    )
    parts: list[RenderableType] = [
        Text(heading, style="bold"),
        Text(scope_line(found, language)),
        *([Text(label("text.with_posterior", language))] if found.run.get("posterior_draws") else []),
        *(Text(line, style="bold") for line in difference_lines(found.summary, language)),
        Text(),
        comparison_table(found, language, width),
        Text(),
    ]
    for title, lines in _lists(found, language):
        if lines:
            parts += [Text(title, style="bold"), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines)]
    parts += [
        Text(),
        *(Text(line, style="dim") for line in (*firms_at_start(found, language), *_notes(found, language, file))),
    ]
    return Group(*parts)


def comparison_table(found: ComparisonTables, language: str, width: int) -> RenderableType:
    """Return the table: effects in per cent, spent of budget, extra jobs and their cost, in what room there is."""
    summary = found.summary.to_dict("records")
    names = Column(label("text.arm", language), tuple(_row_name(found, arm, language) for arm in found.arms))
    columns = [_effect_column(found, outcome, need, language) for outcome, need in EFFECTS.items()]
    columns[2:2] = [_with_interval(found, "extra_jobs", 2, language)]
    columns += _money_columns(found, summary, language)
    if len(found.arms) == 1:  # no changes, so no columns of them
        columns = [column for column in columns if set(column.cells) != {NOTHING}]
    return table_of(names, columns, width)


def _row_name(found: ComparisonTables, arm: str, language: str) -> str:
    name = name_of("arm", arm, language)
    return f"{name}\n{label('text.level', language)}" if arm == found.baseline else name


def _effect_column(found: ComparisonTables, outcome: str, need: int, language: str) -> Column:
    mine = found.effects[found.effects["outcome"] == outcome]
    rows = {row["arm"]: row for row in mine.to_dict("records")}
    name = label(f"outcome.{outcome}", language)
    cells = []
    for arm in found.arms:
        row = rows[arm]
        if arm == found.baseline:
            level = float(row["baseline_mean"])
            cells.append(format_idr(level, language) if outcome.endswith("_idr") else number(level, language))
        else:
            mean, low, high = (100.0 * float(row[key]) for key in ("relative", "relative_low", "relative_high"))
            cells.append(_interval(mean, low, high, language, digits=1))
    heading = name if len(found.arms) == 1 else label("text.change_of", language, outcome=name)
    return Column(heading, tuple(cells), need)


def _interval(mean: float, low: float, high: float, language: str, digits: int = 0) -> str:
    ends = (number(end, language, digits) for end in (low, high))
    return f"{number(mean, language, digits, signed=True)}\n{' … '.join(ends)}"


def _with_interval(found: ComparisonTables, name: str, need: int, language: str) -> Column:
    cells = [
        NOTHING
        if row["arm"] == found.baseline
        else _interval(
            row[name], row[f"{name}_low"], row[f"{name}_high"], language, digits=0 if abs(row[name]) >= 10.0 else 1
        )
        for row in found.summary.to_dict("records")
    ]
    return Column(label(f"text.{name}", language), tuple(cells), need)


def _money_columns(found: ComparisonTables, summary: list[dict[Any, Any]], language: str) -> Iterator[Column]:
    spent, shares, taken = [], [], []
    for row in summary:
        funded = row["budget_idr"] > 0.0
        mark = " !" if row["under_spent"] else ""
        spent.append(format_idr(row["spent_idr"], language) if funded else NOTHING)
        shares.append(percent(row["spent_share"], language, 0) + mark if funded else NOTHING)
        taken.append(percent(row["take_up"], language, 0))
    yield Column(label("text.spent", language), tuple(spent), 6)
    yield Column(label("text.spent_of_budget", language), tuple(shares), 3)
    yield Column(label("text.take_up", language), tuple(taken), 8)
    # the middle price decides: one programme without effect must not make all others 0.0 billion
    scale, unit = common_unit([float(found.summary["cost_per_job"].median())], language)
    heading = label("text.cost_per_job", language, unit=unit)
    yield Column(heading, tuple(_price(row, "cost_per_job", scale, language) for row in summary), 4)
    heading = label("text.cost_per_value_added", language)
    yield Column(heading, tuple(_price(row, "cost_per_value_added", 1.0, language) for row in summary), 9)
    yield _with_interval(found, "job_years", 10, language)
    steps = [found.first_divergence[row["arm"]] for row in summary]
    months = found.paths.drop_duplicates("step").set_index("step")["month"]
    cells = (NOTHING if step is None else f"{months[step]:%Y-%m}" for step in steps)
    yield Column(label("text.first_difference", language), tuple(cells), 12)


def _price(row: dict[Any, Any], name: str, scale: float, language: str) -> str:
    why = row[f"{name}_why"]
    if why:
        return label(f"why.{why}", language).replace(" ", "\n") if why != "no_difference" else NOTHING
    mean, low, high = (row[key] / scale for key in (name, f"{name}_low", f"{name}_high"))
    digits = 0 if mean >= 100.0 else 1 if mean >= 10.0 else 2
    first, last = (number(end, language, digits) if end < float("inf") else "∞" for end in (low, high))
    # a long interval takes two lines, so that one absurd price does not cost the column its place
    between = " … " if len(first) + len(last) <= SHORT else " …\n"
    return f"{number(mean, language, digits)}\n{first}{between}{last}"


def _lists(found: ComparisonTables, language: str) -> Iterator[tuple[str, list[str]]]:
    yield label("text.clarity_heading", language), list(_clarity(found, language))
    yield label("text.who_gains_heading", language), list(_gainers(found, language))
    share = percent(UNDER_SPENT, language, 0)
    yield label("text.delivery_heading", language, share=share), list(_under_spent(found, language))


def _clarity(found: ComparisonTables, language: str) -> Iterator[str]:
    findings = found.findings
    for outcome in ASKED:
        for kind, key in CLARITY.items():
            mine = findings[(findings["outcome"] == outcome) & (findings["kind"] == kind)]
            arms = [name_of("arm", arm, language) for arm in mine["arm"]]
            if arms:
                words = {"outcome": label(f"outcome.{outcome}", language), "arms": listing(arms, language)}
                yield label(f"text.{key}", language, **words, least=percent(TINY, language))


def _gainers(found: ComparisonTables, language: str) -> Iterator[str]:
    findings = found.findings
    for arm in found.arms:
        mine = findings[findings["arm"] == arm]
        rows = {kind: mine[mine["kind"] == kind].to_dict("records") for kind in KINDS}
        name = name_of("arm", arm, language)
        for best, worst in zip(rows["gains_most"], rows["gains_least"], strict=True):
            ends = {"best": _group(best, language), "worst": _group(worst, language)}
            yield label("text.gains_most", language, arm=name, **ends)
        if rows["loses"]:
            groups = [_group(row, language) for row in rows["loses"]]
            yield label("text.loses", language, arm=name, groups=listing(groups, language))
        if rows["displaced"]:
            changes = {row["member"]: number(row["mean"], language, 1, signed=True) for row in rows["displaced"]}
            yield label("text.displaced", language, arm=name, **changes)


def _group(row: dict[Any, Any], language: str) -> str:
    name = label(f"member.{row['member']}", language)
    change = percent(float(row["relative"]), language, signed=True)
    return label("text.group_change", language, group=name, change=change)


def _under_spent(found: ComparisonTables, language: str) -> Iterator[str]:
    roles = found.roles[found.roles["under_spent"]]
    for row in roles.to_dict("records"):
        arm = name_of("arm", row["arm"], language)
        alone = int((found.roles["arm"] == row["arm"]).sum()) == 1
        values = {
            "arm": arm,
            "share": percent(row["spent_share"], language, 0),
            "reason": label(f"limit.{row['limit']}", language),
        }
        mine = found.levers[(found.levers["arm"] == row["arm"]) & (found.levers["role"] == row["role"])]
        if len(mine) == 1:  # one lever says more than its role
            lever = name_of("lever", str(mine["lever"].iloc[0]), language)
            yield label("text.under_spent_lever", language, lever=lever, **values)
        elif alone:
            yield label("text.under_spent_arm", language, **values)
        else:
            role = label(f"role.{row['role']}", language)
            yield label("text.under_spent_role", language, number=row["role"], role=role, **values)


def firms_at_start(found: ComparisonTables, language: str) -> list[str]:
    """Return what was made of surveys, each sentence once; of firms drawn from published figures there is no need."""
    surveyed = [
        name for name, each in found.run["scenarios"].items() if "survey_sha256" in each["configuration"]["population"]
    ]
    notes = dict.fromkeys(note for name in surveyed for note in found.notes[name])
    lines = [note.in_language(language) if isinstance(note, Note) else note for note in notes]
    return [label("text.firms_heading", language), *lines] if lines else []


def _notes(found: ComparisonTables, language: str, file: str | None) -> Iterator[str]:
    if len(found.arms) == 1:
        yield label("text.nothing_to_compare", language)
        if file is None:
            yield label("text.baseline_first", language)
        else:
            yield label("text.baseline_file_first", language, file=file)
    note = "text.pairs_note_draws" if found.run.get("posterior_draws") else "text.pairs_note"
    yield label(note, language, pairs=number(found.run["replications"], language))
    rows = found.effects[(found.effects["outcome"] == "sales_idr") & (found.effects["arm"] != found.baseline)]
    if len(rows) and rows["replications_needed"].notna().all():
        needed = number(float(rows["replications_needed"].max()), language)
        ends = {"precision": percent(PRECISION, language, 0), "confidence": percent(CONFIDENCE, language, 0)}
        yield label("text.precision_note", language, needed=needed, **ends)
        if found.run["replications"] < FEW:
            yield label("text.precision_few", language, few=FEW)
    if (found.summary["public_cost_idr"] > 0.0).any():
        yield label("text.cost_note", language, rate=percent(found.run["discount_rate"], language, 0))
    left = found.findings[found.findings["kind"] == "funds_left"]
    for row in left.to_dict("records"):
        amount = format_idr(row["mean"], language)
        yield label("text.funds_note", language, arm=name_of("arm", row["arm"], language), amount=amount)
