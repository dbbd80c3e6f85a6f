"""Pages for the terminal: they fit, they say what was found, and they have no word of their own."""

from __future__ import annotations

import dataclasses
import io

import pandas as pd
import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from ovopsim.analysis.baseline import baseline_targets
from ovopsim.comparison import Comparison
from ovopsim.labels import name_of
from ovopsim.parameters.loading import all_records
from ovopsim.parameters.money import format_idr
from ovopsim.policy.effects import TARGETS, WITHOUT_SIZE, Effect, value_of
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.tables import rows_of_evidence
from ovopsim.population.notes import Note
from ovopsim.report.columns import Column, fitting, table_of
from ovopsim.report.comparing import comparison_page
from ovopsim.report.levels import baseline_page, run_document, run_page
from ovopsim.report.listing import effect_words, levers_page, parameters_page, shown_value
from ovopsim.report.scope import scope_line
from tests.marked import mark_catalogue, words_from_elsewhere
from tests.small import small_scenarios

ARMS = tuple(small_scenarios())


def printed(page: RenderableType, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, color_system=None)
    console.print(page)
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def cells(text: str, arm: str) -> list[str]:
    """Return the words of an arm's first line in the table."""
    line = next(line for line in text.splitlines() if line.startswith(arm))
    return line.removeprefix(arm).split("  ")


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
@pytest.mark.parametrize("language", ["en", "id"])
def test_the_table_fits_the_terminal_and_no_cell_is_cut(
    small_comparison: Comparison, language: str, width: int
) -> None:
    text = printed(comparison_page(small_comparison, language, width), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    table = text.split("─\n")[1].split("\n\n")[0]
    assert "…" in table
    assert all(word[-1] != "…" or word == "…" for word in table.split())  # a cut cell would end so
    sales = "Sales" if language == "en" else "Penjualan"
    assert sales in text


def test_a_wider_terminal_shows_more() -> None:
    names = Column("Programme", ("a", "b"))
    columns = [Column(f"{letter * 10}", ("1", "2"), need) for letter, need in (("x", 2), ("y", 0), ("z", 1))]
    headings = {
        width: [column.heading[0] for column in fitting(names, columns, width, 20)] for width in (20, 35, 45, 80)
    }
    assert headings == {20: [], 35: ["y", "z"], 45: ["x", "y", "z"], 80: ["x", "y", "z"]}


def test_long_names_take_a_second_line() -> None:
    names = Column("Programme", ("A programme with a very long name indeed", "b"))
    text = printed(table_of(names, [Column("Sales", ("1\n0 … 2", "3"))], 40), 40)
    assert max(len(line) for line in text.splitlines()) <= 40
    assert "A programme with a" in text


def test_a_users_name_is_shown_as_it_is() -> None:
    names = Column("Programme", ("Plan [A] {b}", "[red]"))
    text = printed(table_of(names, [Column("Sales", ("[1]", "2"))], 60), 60)
    assert all(part in text for part in ("Plan [A] {b}", "[red]", "[1]"))


def test_a_row_says_what_was_found(small_comparison: Comparison) -> None:
    text = printed(comparison_page(small_comparison, "en", 200), 200)
    effects = small_comparison.effects.set_index(["arm", "outcome"])
    change = f"{100 * effects.loc[('Fairs', 'sales_idr'), 'relative']:+.1f}"
    assert change in " ".join(cells(text, "Fairs"))
    summary = small_comparison.summary.set_index("arm")
    share = summary.loc["Fairs", "spent_share"]
    assert f"{100 * share:.0f} %" in " ".join(cells(text, "Fairs"))


def test_no_price_is_printed_where_the_gain_is_not_clear(small_comparison: Comparison) -> None:
    summary = small_comparison.summary.copy()
    summary["cost_per_job_why"] = ["no_difference", "no_clear_gain", "clear_fall", "no_extra_cost", ""]
    summary.loc[4, ["cost_per_job", "cost_per_job_low", "cost_per_job_high"]] = [
        44_500_000.0,
        30_000_000.0,
        float("inf"),
    ]
    text = printed(comparison_page(dataclasses.replace(small_comparison, summary=summary), "en", 80), 80)
    table = " ".join(text.split("What is clear:")[0].split())
    assert "no clear gain" not in table  # it stands below each other, a word a line
    for words in (["no", "clear", "gain"], ["clear", "loss"], ["no", "extra", "cost"]):
        assert all(word in table.split() for word in words)
    assert "44.5" in table.split()
    assert "∞" in table


def test_below_the_table_stands_what_is_clear_and_what_is_not(small_comparison: Comparison) -> None:
    effects = small_comparison.effects.copy()
    clear = dict(zip(ARMS, (0, 1, 0, -1, 1), strict=True))
    effects["clear"], effects["relative"] = effects["arm"].map(clear), 0.05
    text = printed(comparison_page(dataclasses.replace(small_comparison, effects=effects), "en", 140), 140)
    assert "Sales – clear gain: Fairs and Trial." in text
    assert "Sales – no clear change: Late mixture." in text
    assert "Jobs – clear loss: Funds." in text


def test_a_change_that_is_clear_and_too_small_to_matter_is_no_gain(small_comparison: Comparison) -> None:
    effects = small_comparison.effects.copy()
    effects["clear"], effects["relative"] = 1, 0.05
    effects.loc[effects["arm"] == "Funds", "relative"] = 0.0004
    text = printed(comparison_page(dataclasses.replace(small_comparison, effects=effects), "en", 140), 140)
    assert "Sales – clear gain: Fairs, Late mixture and Trial." in text
    assert "Sales – clear, but under 0.1 %: Funds." in text


def test_one_absurd_price_does_not_make_all_others_unreadable(small_comparison: Comparison) -> None:
    summary = small_comparison.summary.copy()
    summary["cost_per_job_why"] = ["no_difference", "", "", "", ""]
    for name in ("cost_per_job", "cost_per_job_low", "cost_per_job_high"):
        summary[name] = [float("nan"), 42e6, 58e6, 5_860e6, 91e6]
    text = printed(comparison_page(dataclasses.replace(small_comparison, summary=summary), "en", 80), 80)
    assert "million" in text.split("─")[0]
    assert {"42.0", "58.0", "5,860"} <= set(text.split())
    assert "5,860 …\n" in "\n".join(line.strip() for line in text.splitlines())


def test_a_role_that_could_not_spend_is_marked_with_its_reason(small_comparison: Comparison) -> None:
    roles, summary = small_comparison.roles.copy(), small_comparison.summary.copy()
    roles["under_spent"], roles["limit"], roles["spent_share"] = True, "takers", 0.4
    summary.loc[summary["arm"] == "Fairs", ["under_spent", "spent_share"]] = [True, 0.4]
    found = dataclasses.replace(small_comparison, roles=roles, summary=summary)
    text = printed(comparison_page(found, "en", 200), 200)
    assert "40 % !" in " ".join(cells(text, "Fairs"))
    assert "Fairs, Exhibition: 40 % (too few firms are eligible or willing)" in text
    assert "Late mixture, Place upgrading: 40 %" in text
    levers = found.levers.copy()
    levers["role"] = 4
    roles["role"] = 4
    text = printed(comparison_page(dataclasses.replace(found, roles=roles, levers=levers), "en", 200), 200)
    assert "Late mixture, role 4 Places of business: 40 %" in text


def test_winners_losers_and_jobs_taken_from_rivals_are_named(small_comparison: Comparison) -> None:
    groups = small_comparison.groups.copy()
    mine = (groups["arm"] == "Fairs") & (groups["outcome"] == "sales_idr")
    groups["clear"] = 0
    for member, change in (("kauman", 0.05), ("micro", 0.2), ("tulis", -0.03), ("cap", 0.00001)):
        groups.loc[mine & (groups["member"] == member), ["clear", "relative"]] = [1 if change > 0 else -1, change]
    rivals = (groups["arm"] == "Fairs") & (groups["outcome"] == "jobs") & (groups["member"] == "not_served")
    groups.loc[rivals, ["clear", "mean"]] = [-1, -3.2]
    text = printed(comparison_page(dataclasses.replace(small_comparison, groups=groups), "en", 200), 200)
    assert "Fairs: sales rise most among Micro firms (+20.0 %), least among Kauman (+5.0 %)." in text
    assert "Fairs: sales fall among Hand-drawn (tulis) (-3.0 %)." in text
    assert "in all others -3.2" in text


def test_the_page_says_how_sure_it_is_and_what_counts_as_cost(small_comparison: Comparison) -> None:
    text = " ".join(printed(comparison_page(small_comparison, "en", 100)).split())
    assert "3 pairs of runs" in text
    assert "Of fewer than 8 pairs that number is a rough guess." in text
    many = dataclasses.replace(small_comparison, run=small_comparison.run | {"replications": 8})
    assert "rough guess" not in printed(comparison_page(many, "en", 100))
    assert "not doubt about it" in text
    assert "discounted at 5 % a year" in text
    assert "Funds: of its cost, Rp" in text
    indonesian = " ".join(printed(comparison_page(small_comparison, "id", 100)).split())
    assert "3 pasang simulasi" in indonesian
    assert "didiskonto 5% per tahun" in indonesian


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("width", [80, 220])
def test_every_word_of_a_comparison_comes_from_the_catalogue(
    small_comparison: Comparison, language: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_catalogue(monkeypatch)
    # at a great width, so that no text between brackets is broken over cells
    text = printed(comparison_page(small_comparison, language, 1000), 1000)
    head, table = text.split("─\n", 1)
    rows, notes = table.split("\n\n", 1)
    assert words_from_elsewhere(head.splitlines()[0], ARMS) == []
    assert words_from_elsewhere(rows, ARMS) == []
    assert words_from_elsewhere(notes, ARMS) == []
    assert printed(comparison_page(small_comparison, language, width), width)


def alone(found: Comparison, arm: str) -> Comparison:
    """Return what a comparison says of one arm, as if it had run alone."""
    names = ("effects", "levels", "summary", "levers", "roles", "groups", "paths")
    tables = {name: getattr(found, name) for name in names}
    mine = {name: table[table["arm"] == arm].reset_index(drop=True) for name, table in tables.items()}
    run = found.run | {"baseline": arm, "scenarios": {arm: found.run["scenarios"][arm]}}
    return dataclasses.replace(found, **mine, run=run)


@pytest.mark.parametrize("language", ["en", "id"])
def test_one_scenario_shows_its_first_and_last_year(small_comparison: Comparison, language: str) -> None:
    fairs = alone(small_comparison, "Fairs")
    for width in (60, 80, 120):
        text = printed(run_page(fairs, language, width), width)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert "Fairs" in text
    mean = fairs.levels.set_index(["outcome", "year"]).loc[("jobs", "last"), "mean"]
    assert f"{mean:.0f}" in text


def test_one_scenario_as_a_document(small_comparison: Comparison) -> None:
    document = run_document(alone(small_comparison, "Fairs"))
    assert document["name"] == "Fairs"
    assert document["spent_idr"] > 0.0
    assert {"outcome", "unit", "year", "mean", "low", "high"} == set(document["levels"][0])
    assert document["run"]["seed"] == 1


def test_what_was_made_of_a_survey_is_said_once_and_in_both_languages(small_comparison: Comparison) -> None:
    note = Note("note_unseen", all=30)
    scenarios = {name: dict(each) for name, each in small_comparison.run["scenarios"].items()}
    for name in ("Fairs", "Funds"):
        scenarios[name] = {"configuration": {"population": {"survey_sha256": "abc"}, "programme": None}}
    run = small_comparison.run | {"scenarios": scenarios}
    surveyed = dataclasses.replace(small_comparison, run=run, notes=dict.fromkeys(ARMS, (note,)))
    english, indonesian = (printed(comparison_page(surveyed, language, 200), 200) for language in ("en", "id"))
    assert english.count("drawn for 30 firms from firms alike") == 1
    assert "The firms at the start:" in english
    assert "diundi untuk 30 usaha" in indonesian
    drawn = dataclasses.replace(small_comparison, notes=dict.fromkeys(ARMS, (note,)))
    assert "The firms at the start:" not in printed(comparison_page(drawn, "en", 200), 200)
    assert "drawn for 30 firms" in printed(run_page(alone(surveyed, "Fairs"), "en", 200), 200)


ROWS = [
    {
        "name": "exit_rate",
        "simulated": 0.07,
        "low": 0.06,
        "high": 0.12,
        "inside": True,
        "published": 0.083,
        "emergent": False,
    },
    {
        "name": "exit_young",
        "simulated": 1.1,
        "low": 1.3,
        "high": None,
        "inside": False,
        "published": None,
        "emergent": True,
    },
]


def test_the_baseline_stands_beside_published_figures() -> None:
    text = printed(baseline_page(ROWS, 32, "en", 100))
    assert "mean of 32 runs" in text
    assert "0.060 … 0.120" in text
    assert "1.30 or more" in text
    assert "NO" in text
    assert "1 of 2 rows lie inside." in text
    assert "0,060 … 0,120" in printed(baseline_page(ROWS, 32, "id", 80), 80)


@pytest.mark.parametrize(("language", "heading"), [("en", "Published"), ("id", "Terbitan")])
def test_eighty_columns_are_enough_for_what_is_published(language: str, heading: str) -> None:
    rows = [ROWS[0] | {"name": target} for target in baseline_targets()]
    text = printed(baseline_page([*rows, ROWS[1]], 32, language, 80), 80)
    assert heading in text.split("─")[0]
    assert max(cell_len(line) for line in text.splitlines()) <= 80


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


@pytest.mark.parametrize("language", ["en", "id"])
def test_levers_are_listed_with_cost_effects_and_sources(language: str) -> None:
    text = " ".join(printed(levers_page(builtin_levers(), language), 100).split())
    for name in builtin_levers():
        assert name in text
    fair = builtin_levers()["exhibition"]
    cost = format_idr(value_of(fair.unit_cost), language)
    each, source = ("each", "source: ") if language == "en" else ("per satuan", "sumber: ")
    assert f"exhibition {name_of('lever', 'exhibition', language)}, {cost} {each}; {source}" in text
    assert f"({', '.join(rows_of_evidence(fair.unit_cost))})" in text
    assert effect_words(fair.effects[0], language) in text


@pytest.mark.parametrize(
    ("line", "english", "indonesian"),
    [
        ({"raise": "craft", "by": 0.18}, "skill in craft: 18 % of what is missing", "dari kekurangannya"),
        (
            {"raise": "access.export", "by": 0.3},
            "access to export: chances to sell there rise (logit 0.3)",
            "(logit 0,3)",
        ),
        ({"grant": "equipment", "by": 1e7}, "hands over equipment: Rp 10 million", "peralatan: Rp 10 juta"),
        ({"lend": 2_000_000}, "lends Rp 2 million", "meminjamkan Rp 2 juta"),
        (
            {"boost": "rate_cut", "by": 0.035},
            "lower yearly interest on the next loan: 3.5 %, for a time",
            "3,5%, untuk",
        ),
        ({"set": "licensed", "probability": 0.25}, "gives: a business licence, with a chance of 25 %", "peluang 25%"),
    ],
)
def test_an_effect_is_said_in_words(line: dict[str, object], english: str, indonesian: str) -> None:
    effect = Effect.model_validate(line)
    assert effect_words(effect) == english
    assert indonesian in effect_words(effect, "id")


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_effect_that_a_lever_may_have_has_words(language: str) -> None:
    for verb, targets in TARGETS.items():
        for target in targets:
            size = {} if verb in WITHOUT_SIZE else {"by": 0.5}
            words = effect_words(Effect.model_validate({verb: target} | size), language)
            assert "{" not in words


@pytest.mark.parametrize("width", [60, 80, 140])
def test_parameters_are_listed_with_range_grade_and_source(width: int) -> None:
    text = printed(parameters_page(all_records(), "en"), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    joined = " ".join(text.split())
    for path, record in all_records().items():
        assert path in joined
        assert " ".join(shown_value(record).split()) in joined
    assert "planning.cover 1.5 months (1 to 6); source: assumption (eff-202)" in joined


def test_one_parameter_is_shown_with_its_evidence() -> None:
    records = {"planning.cover": all_records()["planning.cover"]}
    assert "eff-202: " in printed(parameters_page(records, "en", full=True))
    assert "eff-202: " not in printed(parameters_page(records, "en"))
