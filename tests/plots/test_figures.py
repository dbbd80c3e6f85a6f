"""Every figure, for one, two and seven programmes, in both languages: drawn whole, and with no word of its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from ovopsim.analysis.groups import GROUPS
from ovopsim.comparison import Comparison, compare
from ovopsim.errors import InputError
from ovopsim.plots import ALONE, FIGURES, save_figures
from ovopsim.plots.drawing import apart, month_axis, new_figure
from ovopsim.policy.scenario import Scenario
from tests.marked import mark_catalogue, words_from_elsewhere
from tests.small import small, spending

LEVERS = ("exhibition", "equipment_grant", "cooperative_capital", "place_upgrading", "production_training", "licensing")


def seven() -> dict[str, Scenario]:
    """Return seven arms, the first without programme."""
    arms = {"No programme": small("No programme")}
    return arms | {name: small(name, programme=spending({name: 1.0})) for name in LEVERS}


@pytest.fixture(scope="module")
def comparisons(warm_core: None) -> dict[int, Comparison]:  # noqa: ARG001 - a fixture waits for what it names
    """Return comparisons of one, two and seven arms."""
    arms = seven()
    return {count: compare(dict(list(arms.items())[:count]), replications=2, progress=False) for count in (1, 2, 7)}


def seen(figure: Figure) -> list[Axes]:
    return [axis for axis in figure.axes if axis.get_visible()]


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("language", ["en", "id"])
def test_figures_are_files_with_something_on_them(
    comparisons: dict[int, Comparison], count: int, language: str, tmp_path: Path
) -> None:
    written = save_figures(comparisons[count], tmp_path, language)
    assert {path.stem for path in written} == set(FIGURES if count > 1 else ALONE)
    for path in written:
        pixels = matplotlib.image.imread(path)[:, :, :3]
        ink = (pixels < 0.9).any(axis=2)
        assert pixels.shape[0] > 300
        assert pixels.shape[1] > 700
        assert 0.005 < ink.mean() < 0.9
        assert ink[-1].sum() == ink[:, -1].sum() == 0  # nothing is cut off at the edges


@pytest.mark.parametrize(("count", "panels"), [(1, 1), (2, 1), (7, 6)])
@pytest.mark.parametrize("question", ["growth", "jobs"])
def test_growth_has_a_panel_for_each_programme_beside_the_baseline(
    comparisons: dict[int, Comparison], count: int, panels: int, question: str
) -> None:
    figure = comparisons[count].plot(question)
    assert len(seen(figure)) == panels
    for axis in seen(figure):
        lines = 1 if count == 1 else 2
        assert len(axis.lines) == len(axis.collections) == lines
        assert np.isfinite(axis.lines[-1].get_ydata()[-1])
    assert len(figure.legends[0].get_texts()) == (1 if count == 1 else 2)


def test_the_growth_band_is_that_of_runs_and_the_line_that_of_means(comparisons: dict[int, Comparison]) -> None:
    found = comparisons[2]
    (axis,) = seen(found.plot("growth"))
    paths = found.paths[found.paths["outcome"] == "sales_idr"]
    last = paths[paths["step"] == 23].set_index("arm")["smooth"]
    assert [line.get_ydata()[-1] for line in axis.lines] == [last["No programme"], last["exhibition"]]


@pytest.mark.parametrize(("count", "marks"), [(1, 0), (2, 1), (7, 6)])
def test_effects_have_a_mark_for_each_programme_and_outcome(
    comparisons: dict[int, Comparison], count: int, marks: int
) -> None:
    figure = comparisons[count].plot("effects")
    assert len(figure.axes) == 4
    for axis in figure.axes:
        assert len(axis.lines) == 1 + 2 * marks  # the zero line, then an interval and a mean for each
        assert len(axis.texts) == marks


def test_a_mark_is_hollow_where_the_interval_includes_zero(comparisons: dict[int, Comparison]) -> None:
    found = comparisons[7]
    (axis, *_) = found.plot("effects").axes
    table = found.effects[found.effects["outcome"] == "sales_idr"].set_index("arm")["clear"]
    hollow = [line.get_markerfacecolor() == "white" for line in axis.lines if line.get_marker() == "o"]
    assert hollow == [bool(table[name] == 0) for name in reversed(LEVERS)]


@pytest.mark.parametrize(("count", "rows"), [(1, 0), (2, 1), (7, 6)])
def test_constraints_have_a_line_for_each_limit_and_a_row_for_each_programme(
    comparisons: dict[int, Comparison], count: int, rows: int
) -> None:
    over_time, *changes = comparisons[count].plot("constraints").axes
    assert len(over_time.lines) == len(over_time.texts) == 6
    assert len(changes) == (1 if rows else 0)
    if rows:
        assert len(changes[0].texts) == 6 * rows
        assert len(changes[0].get_yticklabels()) == rows


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 1), (7, 6)])
def test_who_gains_has_a_column_for_each_programme_and_a_row_for_each_group(
    comparisons: dict[int, Comparison], count: int, columns: int
) -> None:
    axes = comparisons[count].plot("who_gains").axes
    assert len(axes) == columns
    kinds = {kind for kind, _ in GROUPS}
    assert len(axes[0].get_yticklabels()) == len(GROUPS) + len(kinds)
    if count == 2:
        assert len(axes[0].lines) == 1 + 2 * len(GROUPS)


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("question", FIGURES)
def test_every_word_of_a_figure_comes_from_the_catalogue(
    comparisons: dict[int, Comparison], count: int, language: str, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_catalogue(monkeypatch)
    figure = comparisons[count].plot(question, language)
    figure.draw_without_rendering()
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert any("⟦" in text for text in texts)
    assert [word for text in texts for word in words_from_elsewhere(text, LEVERS)] == []


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("question", FIGURES)
def test_no_two_texts_overlap(
    comparisons: dict[int, Comparison], question: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = comparisons[7].plot(question, language)
    boxes = drawn_texts(figure, monkeypatch)
    assert len(boxes) > 12
    overlapping = [
        (one, other)
        for place, (one, box) in enumerate(boxes)
        for other, another in boxes[place + 1 :]
        if box.overlaps(another)
    ]
    assert overlapping == []


def drawn_texts(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Bbox]]:
    """Return the texts that drawing a figure puts on it, with their boxes, a little within their edges."""
    found: dict[int, tuple[str, Bbox]] = {}
    plain = Text.draw

    def record(self: Text, renderer: object, *others: object) -> None:
        plain(self, renderer, *others)
        if self.get_visible() and self.get_text().strip():
            found[id(self)] = self.get_text(), self.get_window_extent(renderer).shrunk(0.9, 0.9)

    monkeypatch.setattr(Text, "draw", record)
    FigureCanvasAgg(figure).draw()
    return list(found.values())


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("question", FIGURES)
def test_a_figure_says_which_programme_is_not_alone(
    comparisons: dict[int, Comparison], question: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = comparisons[7].summary.copy()
    summary.loc[3, "differs_in"] = "shocks (pandemic)"
    figure = dataclasses.replace(comparisons[7], summary=summary).plot(question, language)
    boxes = drawn_texts(figure, monkeypatch)
    (warning,) = [
        each for each in boxes if "cooperative_capital’ differs" in each[0] or "cooperative_capital’ juga" in each[0]
    ]
    assert not any(warning[1].overlaps(box) for text, box in boxes if text != warning[0])


def test_an_interval_that_goes_on_beyond_the_axis_ends_in_an_arrow(comparisons: dict[int, Comparison]) -> None:
    groups = comparisons[7].groups.copy()
    one = (groups["arm"] == "licensing") & (groups["member"] == "entrants") & (groups["outcome"] == "sales_idr")
    groups["relative_low"], groups["relative"], groups["relative_high"] = -0.01, 0.0, 0.01
    assert arrows(dataclasses.replace(comparisons[7], groups=groups)) == {}
    groups.loc[one, ["relative_low", "relative_high"]] = [-5.0, 7.0]
    assert arrows(dataclasses.replace(comparisons[7], groups=groups)) == {"licensing": ["<", ">"]}


def arrows(found: Comparison) -> dict[str, list[str]]:
    """Return the arrows of the figure of who gains, by programme."""
    figure = found.plot("who_gains")
    marks = {
        axis.get_title(loc="left"): [str(line.get_marker()) for line in axis.lines if line.get_marker() in ("<", ">")]
        for axis in figure.axes
    }
    assert ("Arrow:" in figure.get_supxlabel()) == any(marks.values())
    return {arm: each for arm, each in marks.items() if each}


def test_a_clear_change_too_small_to_show_is_not_a_bold_zero(comparisons: dict[int, Comparison]) -> None:
    effects = comparisons[2].effects.copy()
    mine = (effects["arm"] == "exhibition") & effects["outcome"].str.startswith("share_constraint_")
    effects.loc[mine, ["mean", "clear"]] = [0.0004, 1]
    texts = dataclasses.replace(comparisons[2], effects=effects).plot("constraints", "id").axes[1].texts
    assert [text.get_text() for text in texts] == ["<0,05"] * 6
    effects.loc[mine, "clear"] = 0
    texts = dataclasses.replace(comparisons[2], effects=effects).plot("constraints").axes[1].texts
    assert {text.get_text() for text in texts} == {"0.0"}


def test_a_users_name_is_shown_as_it_is() -> None:
    arms = {"Nothing": small(months=2), "Plan [A] for $5 and {6} $": small(months=2)}
    found = compare(arms, replications=2, progress=False)
    for question in FIGURES:
        figure = found.plot(question)
        figure.draw_without_rendering()
        assert any(r"Plan [A] for \$5" in text.get_text() for text in figure.findobj(Text))


def test_an_unknown_question_or_language_is_refused(small_comparison: Comparison) -> None:
    with pytest.raises(InputError, match=r"plot: 'growht' is none of growth, .*; did you mean 'growth'"):
        small_comparison.plot("growht")
    with pytest.raises(InputError, match="language: 'fr'"):
        small_comparison.plot("effects", "fr")


@pytest.mark.parametrize(("months", "text"), [(60, "2018"), (12, "2016-04"), (240, "2032")])
def test_an_axis_of_months_shows_years_or_months(months: int, text: str) -> None:
    figure, axes = new_figure(8.0, 4.0)
    axis = axes[0][0]
    axis.plot(np.arange("2016-01", months, dtype="datetime64[M]"), np.zeros(months))
    month_axis(axis, months)
    figure.draw_without_rendering()
    assert text in [tick.get_text() for tick in axis.get_xticklabels()]


@given(st.lists(st.floats(-100.0, 100.0), min_size=1, max_size=8))
def test_labels_are_moved_apart_in_their_order(places: list[float]) -> None:
    found = apart(places, 5.0)
    order = np.argsort(places, kind="stable")
    assert (np.diff(np.array(found)[order]) >= 5.0 - 1e-9).all()
    assert min(apart(places, 5.0, floor=3.0)) >= 3.0


def test_labels_that_stand_apart_stay() -> None:
    assert apart([10.0, 0.0, 20.0], 5.0) == [10.0, 0.0, 20.0]
