"""A survey is checked cell by cell, and what is wrong is said with file, row, column, value and remedy."""

from __future__ import annotations

import doctest
import re

import numpy as np
import pandas as pd
import pytest

from ovopsim import InputError
from ovopsim.parameters import deflate
from ovopsim.population import columns
from ovopsim.population.columns import survey_columns
from ovopsim.population.survey import read_survey
from tests.population.conftest import FULL, SPARSE, Write, rows_of

HEADER = "sentra,yearly_sales_idr"
PLAIN = f"{HEADER}\nkauman,120000000\nlaweyan,90000000\n"

WRONG = {
    "an empty file": ("", "firms.csv: is empty. The first line must name the columns."),
    "a header alone": (f"{HEADER}\n", "firms.csv: there is no firm below the header."),
    "an unknown column": (
        "sentra,yearly_sales_idr,workrs\nkauman,1e8,2\n",
        "firms.csv: 'workrs' is no column; did you mean 'workers'?",
    ),
    "a column of the user's own": (
        "sentra,yearly_sales_idr,phone\nkauman,1e8,2\n",
        "firms.csv: 'phone' is no column: remove it. The columns are name, remark, sentra, yearly_sales_idr,",
    ),
    "a line below an empty one": (
        f"\n{HEADER}\nkauman,1e8\nkauman,\n",
        "line 4, yearly_sales_idr: is empty.",
    ),
    "a column without a name": ("sentra,,yearly_sales_idr\nkauman,1,1e8\n", "firms.csv: a column has no name."),
    "a column twice": (
        "sentra,sentra,yearly_sales_idr\nkauman,kauman,1e8\n",
        "firms.csv: column 'sentra' is there twice.",
    ),
    "a missing column": ("sentra\nkauman\n", "firms.csv: column 'yearly_sales_idr' is missing: Sales of the last"),
    "an empty required cell": (f"{HEADER}\nkauman,1e8\n,1e8\n", "line 3, sentra: is empty. Where the firm is."),
    "a place that is none": (
        f"{HEADER}\nKaumann,1e8\n",
        "firms.csv: line 2, sentra: is 'Kaumann'; it must be kauman, laweyan or elsewhere; did you mean 'kauman'?",
    ),
    "words for a number": (
        f"{HEADER}\nkauman,Rp 90 juta\n",
        "line 2, yearly_sales_idr: is 'Rp 90 juta', not a number; write only digits, such as 12500000 or 0.5.",
    ),
    "commas between thousands": (f'{HEADER}\nkauman,"90,000,000"\n', "is '90,000,000', not a number"),
    "points between thousands": (
        "sentra;yearly_sales_idr\nkauman;90.000.000\n",
        "line 2, yearly_sales_idr: is '90.000.000', which can be read in two ways; write it without a point",
    ),
    "a number out of range": (
        "sentra,yearly_sales_idr,craft\nkauman,1e8,60\n",
        "firms.csv: line 2, craft: is 60; it must lie in 0 to 1 (index).",
    ),
    "no sales": (f"{HEADER}\nkauman,0\n", "yearly_sales_idr: is 0; it must lie in 100000 to 1000000000000 (IDR/year)."),
    "not a number": (f"{HEADER}\nkauman,inf\n", "line 2, yearly_sales_idr: is 'inf', not a number"),
    "a flag that is none": (
        "sentra,yearly_sales_idr,member\nkauman,1e8,maybe\n",
        "firms.csv: line 2, member: is 'maybe'; it must be yes or no.",
    ),
    "a year without prices": (
        "sentra,yearly_sales_idr,price_year\nkauman,1e8,1990\n",
        "line 2, price_year: is 1990; it must lie in 2000 to 2025, the years whose prices are known.",
    ),
    "a firm that sells nowhere": (
        "sentra,yearly_sales_idr,sells_local,sells_tourist,sells_national,sells_export\nkauman,1e8,no,no,no,no\n",
        "line 2: the firm sells in no channel; one of sells_local, sells_tourist, sells_national, sells_export must be",
    ),
    "a row that is too long": (
        f"{HEADER}\nkauman,90000000,5\n",
        "firms.csv: line 2 has 3 cells and the header 2. Put texts with a comma between quotes",
    ),
    "a quote that is left open": (f'{HEADER}\n"kauman,1\n', "firms.csv: is no CSV file ("),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said(text: str, message: str, write: Write) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        read_survey(write(text))
    assert "firms.csv" in str(raised.value)


def test_up_to_ten_findings_come_at_once(write: Write) -> None:
    text = HEADER + "\n" + "solo,1e8\n" * 13
    with pytest.raises(InputError, match=r"line 2, .*line 11, .* And 3 more\.$"):
        read_survey(write(text))


def test_a_blank_line_counts_as_a_line_so_that_numbers_agree_with_a_sheet(write: Write) -> None:
    with pytest.raises(InputError, match="line 4, sentra"):
        read_survey(write(f"{HEADER}\nkauman,1e8\n\nsolo,1e8\n"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("firms.xlsx", "a survey is a .csv or .parquet file, not '.xlsx'. Save the sheet as CSV (UTF-8)."),
        ("firms.parquet", "cannot be read as Parquet"),
    ],
)
def test_other_kinds_of_file_are_refused(name: str, message: str, write: Write) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read_survey(write("something else", name))


def test_a_file_that_is_missing_or_not_utf_8_is_said_so(write: Write) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv: cannot be read"):
        read_survey("nowhere.csv")
    with pytest.raises(InputError, match="is not a text file in UTF-8"):
        read_survey(write(PLAIN + "# \u00e9", encoding="latin-1"))


def as_semicolons() -> str:
    lines = [";".join(rows_of(FULL)[0])]
    numbers = {"craft", "management", "bookkeeping", "technology", "workers"}
    lines += [
        ";".join(text.replace(".", ",") if name in numbers else text for name, text in row.items())
        for row in rows_of(FULL)
    ]
    return "\ufeff" + "\r\n".join(lines) + ";;;\r\n\r\n"


def test_semicolons_decimal_commas_and_a_byte_order_mark_change_nothing(write: Write) -> None:
    plain, sheet = read_survey(FULL), read_survey(write(as_semicolons()))
    for name, values in plain.columns.items():
        np.testing.assert_array_equal(sheet.columns[name], values, err_msg=name)


def test_parquet_holds_the_same(write: Write) -> None:
    path = write("", "firms.parquet")
    pd.read_csv(FULL).to_parquet(path)
    plain, parquet = read_survey(FULL), read_survey(path)
    assert parquet.names == plain.names
    for name, values in plain.columns.items():
        np.testing.assert_array_equal(parquet.columns[name], values, err_msg=name)


def test_headers_and_words_may_be_in_capitals_and_flags_in_indonesian(write: Write) -> None:
    survey = read_survey(
        write("Sentra, Yearly_Sales_IDR ,Member,licensed\nKAUMAN,1e8,Ya,tidak\nelsewhere,2e8,TRUE,0\n")
    )
    np.testing.assert_array_equal(survey.columns["sentra"], [0, 2])
    np.testing.assert_array_equal(survey.columns["member"], [1, 1])
    np.testing.assert_array_equal(survey.columns["licensed"], [0, 0])


def test_empty_cells_are_missing_however_they_are_written(write: Write) -> None:
    survey = read_survey(
        write("sentra,yearly_sales_idr,craft\n" + "".join(f"kauman,1e8,{x}\n" for x in ("", "NA", "-")))
    )
    assert np.isnan(survey.columns["craft"]).all()
    assert np.isnan(survey.columns["workers"]).all()


def test_amounts_of_another_year_become_rupiah_of_2016(write: Write) -> None:
    survey = read_survey(write("sentra,yearly_sales_idr,cash_idr,price_year\nkauman,1e8,5e6,2019\nkauman,1e8,5e6,\n"))
    factor = deflate(1.0, 2019)
    np.testing.assert_allclose(survey.columns["yearly_sales_idr"], [1e8 * factor, 1e8])
    np.testing.assert_allclose(survey.columns["cash_idr"], [5e6 * factor, 5e6])


def test_firms_are_named_by_line_and_name_for_messages(write: Write) -> None:
    survey = read_survey(write("name,sentra,yearly_sales_idr\nBatik Arum,kauman,1e8\n,kauman,1e8\n"))
    assert survey.names == ("line 2 (Batik Arum)", "line 3")


def test_a_changed_file_is_read_anew(write: Write) -> None:
    path = write(PLAIN)
    assert read_survey(path).count == 2
    path.write_text(PLAIN + "elsewhere,50000000\n", encoding="utf-8")
    assert read_survey(path).count == 3


def test_every_column_has_what_its_kind_needs() -> None:
    for name, column in survey_columns().items():
        assert column.about.endswith("."), name
        assert (column.kind == "number") == (column.range is not None) == (column.unit is not None), name
        assert (column.kind == "choice") == bool(column.choices), name
        assert (column.missing == "default") == (column.default is not None), name


def test_the_examples_say_that_they_are_made_up() -> None:
    for path in (FULL, SPARSE):
        assert "made_up" in path.name
        assert all("(made up)" in row["name"] and row["remark"] == "made up" for row in rows_of(path))
        assert len(rows_of(path)) == 30
    every = {name for name, column in survey_columns().items() if column.missing != "default"}
    assert set(rows_of(FULL)[0]) == every
    assert set(rows_of(SPARSE)[0]) < every


def test_examples_in_docstrings_run() -> None:
    assert doctest.testmod(columns).failed == 0
