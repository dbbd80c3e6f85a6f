"""Rows of published evidence that records refer to by id."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.yaml_files import text_of


@dataclass(frozen=True)
class Evidence:
    """One published figure.

    Attributes
    ----------
    id : str
        ``loc-001`` (batik, Surakarta, Indonesia) or ``eff-001`` (measured effect of a lever on small firms).
    kind : str
        ``local`` or ``effect``.
    quantity, unit, place : str
    value : float
        Midpoint where the source gives a range.
    year : int or None
    source_title, source_url : str
    verified : bool
        False for a figure written from memory and not checked against its source.
    note : str
    """

    id: str
    kind: str
    quantity: str
    value: float
    unit: str
    place: str
    year: int | None
    source_title: str
    source_url: str
    verified: bool
    note: str


@cache
def all_evidence() -> dict[str, Evidence]:
    """Return the shipped rows by id: those that a record, lever, shock or target cites."""
    text = text_of(files("ovopsim.parameters") / "data" / "evidence.csv")
    return {row["id"]: _evidence(row) for row in csv.DictReader(io.StringIO(text))}


def _evidence(row: dict[str, str]) -> Evidence:
    return Evidence(
        id=row["id"],
        kind=row["kind"],
        quantity=row["quantity"],
        value=float(row["value"]),
        unit=row["unit"],
        place=row["place"],
        year=int(row["year"]) if row["year"] else None,
        source_title=row["source_title"],
        source_url=row["source_url"],
        verified=row["verified"] == "yes",
        note=row["note"],
    )


def evidence(name: str) -> Evidence:
    """Return one row.

    Raises
    ------
    InputError
        When no shipped row has that id.

    Examples
    --------
    >>> evidence("loc-004").place
    'Kauman, Surakarta'
    """
    rows = all_evidence()
    if name not in rows:
        raise InputError(f"'{name}' is no row of evidence{did_you_mean(name, rows)}")
    return rows[name]
