"""`explain`: what a caller gets, in tables, words and one figure."""

from __future__ import annotations

import dataclasses
import io
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.console import Console

import ovopsim as ov
from ovopsim.analysis.changes import HEADLINES
from ovopsim.analysis.effects import mean_effect
from ovopsim.analysis.explained import ADDENDS, PARTS
from ovopsim.errors import InputError
from ovopsim.labels import label
from ovopsim.plots.effects import OUTCOMES
from ovopsim.report.explaining import explanation_page
from tests.marked import mark_catalogue, words_from_elsewhere
from tests.small import small, spending

TRAINING = small("Courses for $5", programme=spending({"production_training": 0.5, "exhibition": 0.5}, budget=1e9))


@pytest.fixture(scope="module")
def found(warm_core: None) -> ov.Explanation:  # noqa: ARG001 - a fixture waits for what it names
    return ov.explain(TRAINING, replications=4, progress=False)


def test_the_table_is_tidy(found: ov.Explanation) -> None:
    assert list(found.table.columns[:6]) == ["outcome", "part", "mean", "low", "high", "share"]
    assert found.table[["outcome", "part"]].to_numpy().tolist() == [[o, p] for o in HEADLINES for p in PARTS]
    assert found.to_frame() is found.table


def test_the_parts_sum_to_the_whole_in_every_world_and_on_average(found: ov.Explanation) -> None:
    wide = found.worlds.pivot_table(index=["replication", "outcome"], columns="part", values="value")
    assert len(wide) == 4 * len(HEADLINES)
    scale = found.table.groupby("outcome")["baseline_mean"].first().reindex(wide.index.get_level_values("outcome"))
    error = (wide[list(ADDENDS)].sum(axis=1) - wide["whole"]).abs().to_numpy()
    assert (error <= 1e-12 * scale.abs().to_numpy()).all()
    means = found.table.pivot_table(index="outcome", columns="part", values="mean")
    np.testing.assert_allclose(means[list(ADDENDS)].sum(axis=1), means["whole"], rtol=1e-9)


def test_the_whole_is_the_effect_of_compare(found: ov.Explanation) -> None:
    arms = {"No programme": small(), "Courses": TRAINING}
    effects = ov.compare(arms, replications=4, progress=False).effects
    effects = effects[(effects["arm"] == "Courses") & effects["outcome"].isin(HEADLINES)].set_index("outcome")
    whole = found.table[found.table["part"] == "whole"].set_index("outcome")
    for name in ("mean", "low", "high", "relative", "clear", "baseline_mean"):
        np.testing.assert_allclose(whole[name], effects.loc[list(HEADLINES), name], rtol=1e-12)


def test_it_is_json_with_its_record(found: ov.Explanation) -> None:
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (document["scenario"], document["baseline"]) == ("Courses for $5", "No programme")
    assert len(document["parts"]) == len(HEADLINES) * len(PARTS)
    assert document["run"]["explained"]["baseline"]["configuration"]["programme"] is None
    assert (document["run"]["seed"], document["run"]["replications"]) == (1, 4)


def test_it_prints_as_its_page_here_and_in_a_notebook(found: ov.Explanation) -> None:
    for text in (str(found), found._repr_html_()):
        assert "Courses for $5’: parts of the change against" in text
        assert "Market spillovers" in text
    assert "Sales: +" in str(found)


def told(found: ov.Explanation, worlds: dict[str, list[float]], language: str = "en") -> str:
    """Return what is said of jobs in made-up worlds: parts that are not named are nothing."""
    count = len(next(iter(worlds.values())))
    parts = {part: np.array(worlds.get(part, [0.0] * count)) for part in ADDENDS}
    parts["whole"] = np.sum(list(parts.values()), axis=0)
    long = pd.DataFrame(
        [
            {"replication": world, "outcome": outcome, "part": part, "value": float(values[world])}
            for outcome in HEADLINES
            for part, values in parts.items()
            for world in range(count)
        ]
    )
    means = found.table["part"].map({part: float(values.mean()) for part, values in parts.items()})
    clear = found.table["part"].map({part: mean_effect(values).clear for part, values in parts.items()})
    table = found.table.assign(mean=means, relative=means / 100.0, clear=clear)
    page = Console(record=True, width=300, file=io.StringIO())
    page.print(explanation_page(dataclasses.replace(found, table=table, worlds=long), language, 300))
    name = label("outcome.jobs", language)
    lines = page.export_text().replace("\N{NO-BREAK SPACE}", " ").splitlines()
    return next(line for line in lines if line.startswith(f"{name}: ")).strip()


def test_the_largest_part_is_named_where_it_is_clear(found: ov.Explanation) -> None:
    worlds = {"skill": [4.0, 5.0, 6.0, 5.0], "capital": [1.0, 2.0, 1.0, 2.0]}
    assert told(found, worlds) == "Jobs: +6.5 % in all; the largest part: Skill (+5.0 %)."


def test_where_two_parts_may_be_the_largest_both_are_named(found: ov.Explanation) -> None:
    worlds = {"skill": [4.0, 5.0, 6.0, 5.0], "capital": [5.5, 5.5, 3.0, 4.5], "market": [-1.0, -1.2, -1.0, -1.1]}
    assert told(found, worlds).endswith("which part is the largest is not clear: Skill (+5.0 %) and Capital (+4.6 %).")
    assert "bagian mana yang terbesar tidak jelas: Keterampilan" in told(found, worlds, "id")
    # each is as noisy as before, but worlds that raise one raise the other
    together = worlds | {"capital": [3.4, 4.5, 5.4, 4.5]}
    assert "the largest part: Skill" in told(found, together)


def test_a_fall_names_what_pulls_down(found: ov.Explanation) -> None:
    worlds = {"market": [-4.0, -5.0, -6.0, -5.0], "skill": [1.0, 2.0, 1.0, 2.0]}
    assert told(found, worlds) == "Jobs: -3.5 % in all; the largest part: Market spillovers (-5.0 %)."


def test_a_null_programme_has_nothing_to_share(warm_core: None) -> None:  # noqa: ARG001 - it compiles first
    nothing = ov.explain(small("Nothing"), replications=2, progress=False)
    assert (nothing.table[["mean", "low", "high"]] == 0.0).all(axis=None)
    assert nothing.table["share"].isna().all()
    assert "Sales: no clear change" in str(nothing)
    figure = nothing.plot()
    figure.draw_without_rendering()
    assert {axis.get_xlim() for axis in figure.axes} == {(-0.5, 0.5)}


def test_a_given_baseline_and_another_shock_are_said(warm_core: None) -> None:  # noqa: ARG001 - it compiles first
    hit = TRAINING.changed(months=6, shocks=[{"name": "pandemic", "start": 2}])
    found = ov.explain(hit, small("Plain", months=6), replications=2, progress=False)
    assert found.baseline == "Plain"
    assert "differs from the baseline in shocks (pandemic) too" in str(found)
    assert "juga berbeda" in found.plot("id").get_supxlabel()


def seen_texts(figure: Figure) -> list[Text]:
    FigureCanvasAgg(figure).draw()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_figure_has_a_bar_for_each_part_and_no_text_over_another(found: ov.Explanation, language: str) -> None:
    figure = found.plot(language)
    assert len(figure.axes) == len(OUTCOMES)
    assert all(len(axis.patches) == len(axis.texts) == len(PARTS) for axis in figure.axes)
    inside = figure.bbox.padded(1.0)
    boxes = [
        (text.get_text(), text.get_window_extent().shrunk(0.9, 0.9)) for axis in figure.axes for text in axis.texts
    ]
    for place, (_, box) in enumerate(boxes):
        assert inside.containsx(box.x0)
        assert inside.containsx(box.x1)
        assert [text for text, other in boxes[place + 1 :] if box.overlaps(other)] == []


def test_bars_begin_where_the_one_above_ends_and_end_at_the_whole(found: ov.Explanation) -> None:
    for axis, outcome in zip(found.plot().axes, OUTCOMES, strict=True):
        rows = found.table[found.table["outcome"] == outcome]
        sizes = 100.0 * rows["relative"].to_numpy()
        starts = [0.0, *np.cumsum(sizes[:-2]), 0.0]
        bars = [(bar.get_x(), bar.get_width()) for bar in axis.patches]
        np.testing.assert_allclose(bars, list(zip(starts, sizes, strict=True)), atol=1e-9)
        hollow = [bar.get_facecolor()[:3] == (1.0, 1.0, 1.0) for bar in axis.patches]
        assert hollow == (rows["clear"] == 0).tolist()


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_word_comes_from_the_catalogue(
    found: ov.Explanation, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_catalogue(monkeypatch)
    names = ("Courses for $5", r"Courses for \$5")
    texts = [text.get_text() for text in seen_texts(found.plot(language))]
    console = Console(record=True, width=100, force_jupyter=False)
    with console.capture() as page:
        console.print(explanation_page(found, language, 100))
    texts.append(page.get())
    assert any("⟦" in text for text in texts)
    assert [word for text in texts for word in words_from_elsewhere(text, names)] == []


def test_an_unknown_language_is_refused(found: ov.Explanation) -> None:
    with pytest.raises(InputError, match="language: 'fr'"):
        found.plot("fr")
