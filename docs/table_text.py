"""How numbers, records and tables are written in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from ovopsim.parameters import Record

GRADES = {"measured_here": "here", "measured_elsewhere": "elsewhere", "assumption": "assumed"}


def number(value: float) -> str:
    """Return a number as people write it: 22,500,000 or 0.0045."""
    if value == 0.0 or 1e-4 <= abs(value) < 1e4:
        return f"{value:.10g}".replace("-", "−")
    if abs(value) < 1e-4:
        return f"{value:g}".replace("e-0", "·10^−")
    return f"{value:,.0f}".replace("-", "−")


def grid(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    cells = [list(head)]
    body = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [" | ".join(row) for row in [*cells, ["---"] * len(cells[0]), *body]]
    return "\n".join(f"| {line} |" for line in lines)


def value_text(record: Record) -> str:
    """Return a record's value, or its values by member."""
    if not record.members:
        return number(record.value_of())
    return ", ".join(f"{member} {number(record.value_of(member))}" for member in record.members)


def prior_text(record: Record) -> str:
    """Return a record's prior in words; a dash where it has none."""
    if record.prior is None:
        return "–"
    kind, first, second = record.prior
    if kind == "lognormal":
        return f"log-normal, median {number(first)}, σ {number(second)}"
    ends = f"{number(first)} to {number(second)}"
    return {"uniform": ends, "relative": f"value × {ends}", "shift": f"value + ({ends})"}[kind]


def grounds_text(record: Record) -> str:
    """Return rows of evidence or a citation; a dash where there is neither."""
    return "; ".join(filter(None, [", ".join(record.evidence), record.source])) or "–"


def about_text(record: Record) -> str:
    """Return what a record says of itself, and how it follows from its rows."""
    return " ".join(filter(None, [record.about, record.derivation]))


def record_row(name: str, record: Record) -> list[str]:
    """Return the row of one record; a dagger marks the uncertain ones."""
    low, high = record.range
    return [
        f"`{name}`" + (" †" if record.uncertain else ""),
        value_text(record),
        record.unit,
        f"{number(low)} to {number(high)}",
        prior_text(record),
        GRADES[record.grade],
        grounds_text(record),
        about_text(record),
    ]


RECORD_HEAD = ("name", "value", "unit", "range", "prior", "grade", "evidence", "what")
