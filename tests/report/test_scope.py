"""What ran stands over the table; what differs beside the programme is said; a comparison prints as its page."""

from __future__ import annotations

import dataclasses

import pandas as pd

from ovopsim.comparison import Comparison
from ovopsim.report.comparing import comparison_page
from ovopsim.report.scope import scope_line
from tests.report.test_pages import alone, printed


def unlike(found: Comparison, arm: str, what: str) -> Comparison:
    """Return a comparison of which one arm differs from the baseline in more than the programme."""
    summary = found.summary.copy()
    summary.loc[summary["arm"] == arm, "differs_in"] = what
    return dataclasses.replace(found, summary=summary)


def test_an_arm_that_differs_in_more_than_the_programme_is_marked(small_comparison: Comparison) -> None:
    found = unlike(small_comparison, "Fairs", "shocks (pandemic)")
    groups = found.groups.copy()
    rivals = (
        groups["arm"].isin(["Fairs", "Late mixture"])
        & (groups["outcome"] == "jobs")
        & (groups["member"] == "not_served")
    )
    groups.loc[rivals, ["clear", "mean"]] = [-1, -3.2]
    found = dataclasses.replace(found, groups=groups)
    english, indonesian = (printed(comparison_page(found, language, 200), 200) for language in ("en", "id"))
    assert "Fairs’ differs from the baseline in shocks (pandemic) too" in english.split("─")[0]
    assert "Fairs’ juga berbeda dari pembanding dalam shocks (pandemic)" in indonesian
    assert "Fairs: jobs in firms that were served" not in english
    assert "Late mixture: jobs in firms that were served" in english
    assert "differs from the baseline" not in printed(comparison_page(small_comparison, "en", 200), 200)


def test_a_line_over_the_table_says_what_ran(small_comparison: Comparison) -> None:
    groups = small_comparison.groups
    firms = groups.loc[(groups["arm"] == "Nothing") & (groups["member"] == "incumbents"), "firms"].iloc[0]
    assert scope_line(small_comparison) == (
        f"{firms:.0f} firms · January 2016 – December 2017 · budget Rp 300 million a year (rupiah of 2016) · "
        "change = mean of 2017 against the baseline · cost = all 24 months over extra jobs in 2017"
    )
    assert scope_line(small_comparison, "id") == (
        f"{firms:.0f} usaha · Januari 2016 – Desember 2017 · anggaran Rp 300 juta per tahun (rupiah tahun 2016) · "
        "perubahan = rata-rata 2017 terhadap pembanding · "
        "biaya = seluruh 24 bulan dibagi tambahan tenaga kerja pada 2017"
    )
    assert scope_line(small_comparison) in printed(comparison_page(small_comparison, "en", 200), 200)


def test_the_line_over_the_table_knows_other_years_and_budgets(small_comparison: Comparison) -> None:
    paths = small_comparison.paths.copy()
    paths["month"] += pd.DateOffset(months=6)
    scenarios = {name: dict(each) for name, each in small_comparison.run["scenarios"].items()}
    scenarios["Fairs"] = {"configuration": {"programme": {"budget": 1e9}}}
    run = small_comparison.run | {"scenarios": scenarios}
    line = scope_line(dataclasses.replace(small_comparison, paths=paths, run=run))
    assert "budgets Rp 300 million to Rp 1 billion a year" in line
    assert "change = mean of July 2017 – June 2018 against the baseline" in line
    assert "budget" not in scope_line(alone(small_comparison, "Nothing"))


def test_a_comparison_prints_as_its_table(small_comparison: Comparison) -> None:
    assert " ".join(printed(comparison_page(small_comparison, "en", 100)).split()) == " ".join(
        str(small_comparison).split()
    )
    html = small_comparison._repr_html_()
    assert html.startswith("<pre")
    assert "What is clear:" in html
