"""A small set of levers in place of the shipped ones, so that these tests say what the code does, not the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ovopsim.policy import levers

LEVERS = """
exhibition:
  role: 5
  about: A stand at a fair.
  to: firms
  unit_cost: {value: 6_000_000, unit: IDR, range: [1_000_000, 50_000_000], grade: assumption,
    about: Cost of one stand.}
  batch: 10
  capacity: 20
  owner_days: 5
  requires: {licensed: true, minimum_age: 12}
  acceptance: {intercept: 1.0, taste: 0.5, days: 0.1}
  effects:
    - {raise: access.national, by: 0.30}
    - {start: export, probability: 0.1}
  constraint: marketing
  first_link: {state: access.national, direction: 1}
  aims_at: {outcome: sales_idr, direction: 1}
"""

ONE = """
{name}:
  role: {role}
  about: Something of role {role}.
  to: {to}
  unit_cost: 1_000_000
  capacity: 10
  effects: [{effect}]
  first_link: {{state: craft, direction: 1}}
  aims_at: {{outcome: jobs, direction: 1}}
"""
OTHERS = [
    ("cash_grant", 0, "firms", "{grant: cash, by: 900_000}"),
    ("forum", 1, "firms", "{meet: 1}"),
    ("cooperative_training", 2, "cooperative", "{raise: governance, by: 0.1}"),
    ("certification", 3, "firms", "{set: certified}"),
    ("licensing", 3, "firms", "{set: licensed}"),
    ("place_upgrading", 4, "sentra", "{amenity: 1.0e-7}"),
    ("business_matching", 5, "firms", "{contract: 0.3, probability: 0.2}"),
    ("cooperative_capital", 6, "cooperative", "{fund: 900_000}"),
    ("management_training", 7, "firms", "{raise: management, by: 0.2}"),
]


@pytest.fixture
def small_levers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put ten small levers in place of the shipped ones; return their file."""
    file = tmp_path / "levers.yaml"
    others = [ONE.format(name=name, role=role, to=to, effect=effect) for name, role, to, effect in OTHERS]
    file.write_text(LEVERS + "".join(others), encoding="utf-8")
    monkeypatch.setattr(levers, "LEVERS_FILE", file)
    _forget()
    yield file
    _forget()


def _forget() -> None:
    levers._shipped.cache_clear()
    levers.builtin_levers.cache_clear()
