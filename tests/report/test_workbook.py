"""A workbook can be read as it opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from ovopsim.report.workbook import write_workbook

HASH = "9eac3cb1d319b01c44cfd5fbba08a8c4d75c9ee1a137822c0f60ee0f4b68d7f7"
SETTINGS = ["programme.budget", "programme.shares.exhibition"]
POINTS = pd.DataFrame(
    {
        "base_digest": HASH,
        "scenario": ["a", "a", "a"],
        "programme.budget": [3e8] * 3,
        "programme.shares.exhibition": [0.125] * 3,
        "outcome": ["sales_idr", "jobs", "public_cost_idr"],
        "mean": [642_647_250.219969, 188.275305, float("nan")],
        "replications": [3, 3, 3],
        "relative": [0.01234, -0.2, float("-inf")],
        "clear": [1, -1, 0],
    }
)
RUNS = pd.DataFrame(
    {"run_id": HASH, "scenario": ["b"], "seed": [123_456], "jobs": [188.275305], "sales_idr": [1e9], "market": [[1, 2]]}
)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("book") / "runs.xlsx"
    write_workbook(path, {"points": POINTS, "runs": RUNS}, {"money": "rupiah", "clear": "so"}, "about", SETTINGS)
    return openpyxl.load_workbook(path)


def cells(sheet: Any, row: int) -> dict[str, Any]:
    """Return the cells of a row by the names of their columns."""
    return {head.value: cell for head, cell in zip(sheet[1], sheet[row], strict=True)}


def test_the_header_stays_and_has_a_filter(book: Any) -> None:
    assert book.sheetnames == ["points", "runs", "about"]
    assert (book["points"].freeze_panes, book["points"].auto_filter.ref) == ("A2", "A1:I4")
    assert (book["runs"].freeze_panes, book["runs"].auto_filter.ref) == ("A2", "A1:F2")
    assert all(cell.font.bold for cell in book["points"][1])
    assert [[cell.value for cell in row] for row in book["about"]] == [["money", "rupiah"], ["clear", "so"]]


def test_hashes_come_last(book: Any) -> None:
    assert [cell.value for cell in book["points"][1]] == [*POINTS.columns[1:], "base_digest"]
    assert [cell.value for cell in book["runs"][1]] == [*RUNS.columns[1:], "run_id"]
    assert book["runs"]["F2"].value == HASH


def test_numbers_are_whole_and_have_formats(book: Any) -> None:
    money, jobs, _ = (cells(book["points"], row) for row in (2, 3, 4))
    assert (money["mean"].number_format, jobs["mean"].number_format) == ("#,##0", "#,##0.00")
    assert money["mean"].value == pytest.approx(642_647_250.219969, rel=1e-15)
    assert (money["relative"].number_format, jobs["relative"].value) == ("0.00%", -0.2)
    assert money["programme.budget"].number_format == "#,##0"
    for plain in ("programme.shares.exhibition", "replications"):  # two decimals would make 0.125 another share
        assert money[plain].number_format == "General"
    run = cells(book["runs"], 2)
    formats = {name: cell.number_format for name, cell in run.items()}
    assert (formats["jobs"], formats["sales_idr"], formats["seed"]) == ("#,##0.00", "#,##0", "General")


def test_what_is_no_number_and_whether_a_difference_is_clear(book: Any) -> None:
    assert [cells(book["points"], row)["clear"].value for row in (2, 3, 4)] == [True, True, False]
    last = cells(book["points"], 4)
    assert (last["mean"].value, last["relative"].value) == (None, "-inf")
    assert cells(book["runs"], 2)["market"].value == "[1, 2]"


def test_columns_are_as_wide_as_what_they_show(book: Any) -> None:
    for name, text in (("points", "642,647,250"), ("runs", "1,000,000,000")):
        sheet = book[name]
        widths = {head.value: sheet.column_dimensions[head.column_letter].width for head in sheet[1]}
        assert all(width >= len(head) + 3 for head, width in widths.items())  # and the arrow of the filter
        assert widths["mean" if name == "points" else "sales_idr"] > len(text)
        assert widths["base_digest" if name == "points" else "run_id"] < 20
