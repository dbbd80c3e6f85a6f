"""Pages for the terminal: they fit, they say what was found, and they have no word of their own."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from ovopsim.analysis.baseline import baseline_targets
from ovopsim.comparison import Comparison
from ovopsim.population.notes import Note
from ovopsim.report.columns import Column, fitting, table_of
from ovopsim.report.comparing import comparison_page
from ovopsim.report.levels import baseline_page, run_document, run_page
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
    sales = small_comparison.effects[small_comparison.effects["outcome"] == "sales_idr"]
    needed = f"{sales['replications_needed'].max():,} pairs are enough for every programme's change in sales"
    assert f"{needed} to be known to within ±1 % of the baseline's sales (95 % interval); a smaller change" in text
    assert "Of fewer than 8 pairs that number is a rough guess." in text
    many = dataclasses.replace(small_comparison, run=small_comparison.run | {"replications": 8})
    assert "rough guess" not in printed(comparison_page(many, "en", 100))
    assert "not doubt about it" in text
    assert "discounted at 5 % a year" in text
    assert "Funds: of its cost, Rp" in text
    indonesian = " ".join(printed(comparison_page(small_comparison, "id", 100)).split())
    assert "3 pasang simulasi" in indonesian
    assert "sampai ±1% dari penjualan pembanding (selang kepercayaan 95%)" in indonesian
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
