"""Surveys as files, and the shipped example in every form that it may come in."""

from __future__ import annotations

import csv
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from ovopsim import Scenario
from ovopsim.simulation import MonthZero, month_zero

EXAMPLES = Path(str(files("ovopsim.population"))) / "data"
FULL = EXAMPLES / "example_survey_made_up.csv"
SPARSE = EXAMPLES / "example_survey_made_up_missing_columns.csv"

Write = Callable[..., Path]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def start_of(path: Path, seed: int = 1, replication: int = 0, firms: int | None = None) -> MonthZero:
    """Return the month-0 state of a survey."""
    return month_zero(Scenario(population={"survey": str(path), "firms": firms}), seed, replication)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text, or rows, to a file and return its path."""

    def written(content: str | list[dict[str, object]], name: str = "firms.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            path.write_bytes(content.encode(encoding))
        else:
            with path.open("w", encoding=encoding, newline="") as file:
                writer = csv.DictWriter(file, list(content[0]))
                writer.writeheader()
                writer.writerows(content)
        return path

    return written
