"""The table of targets: verdicts, counts and noise."""

from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from ovopsim.analysis import baseline
from ovopsim.analysis.baseline import baseline_targets
from ovopsim.analysis.tolerances import is_inside
from ovopsim.analysis.trial_measures import measured
from ovopsim.analysis.validation import SEEN, counts, noisy, target_row, trial_verdicts, trial_worlds, validation_table
from ovopsim.labels import LANGUAGES, label
from ovopsim.policy.trials import builtin_trials
from ovopsim.report.validating import span_of, target_name, validation_page

NAMED = ("ablest_third", "jobs", "rules_sales")  # a target of V2, V12 and V6 each

pytestmark = pytest.mark.usefixtures("warm_core")


def row(trial: str | None, inside: bool, fitted: bool = True, noise: float = 0.1) -> dict[str, object]:
    kind = "baseline" if trial is None else "trial"
    return {"trial": trial, "name": "x", "kind": kind, "inside": inside, "fitted": fitted, "noise": noise}


def test_a_trial_is_inside_when_all_its_targets_are() -> None:
    rows = [row(None, True), row("V1", True), row("V1", False), row("V18", True, fitted=False)]
    assert trial_verdicts(rows) == {"V1": False, "V18": True}
    wanted = {"patterns": (1, 1), "trials": (1, 2), "held_out": (1, 1), "unseen": (1, 1), "targets": (3, 4)}
    assert counts(rows) == wanted


def test_a_trial_that_was_changed_after_a_look_counts_apart() -> None:
    rows = [row("V18", True, fitted=False), row("V12", True, fitted=False), row("V19", False, fitted=False)]
    found = counts(rows)
    assert (found["held_out"], found["unseen"]) == ((2, 3), (1, 2))
    assert all(builtin_trials()[name].held_out for name in SEEN)
    rest = {"emergent": True, "world_low": 0.0, "world_high": 1.0, "published": None}
    shown = [
        seen(0.0, 1.0, 0.5, 0.1, 0.1) | rest | each | {"name": name} for each, name in zip(rows, NAMED, strict=True)
    ]
    for language, words in (("en", ("held out, seen", "1 of the 2")), ("id", ("disisihkan, dilihat", "1 dari 2"))):
        console = Console(width=250, record=True, file=io.StringIO())
        console.print(validation_page(shown, language, 250))
        text = console.export_text()
        assert text.count(words[0]) == 1
        assert words[1] in text


def test_a_range_may_be_open() -> None:
    assert is_inside(5.0, None, None)
    assert is_inside(5.0, 5.0, None)
    assert is_inside(5.0, None, 5.0)
    assert not is_inside(4.9, 5.0, None)
    assert not is_inside(5.1, None, 5.0)
    assert not is_inside(math.nan, None, None)


def seen(
    low: float | None, high: float | None, simulated: float, half: float, noise: float | None
) -> dict[str, object]:
    ends = {"simulated": simulated, "simulated_low": simulated - half, "simulated_high": simulated + half}
    return row("V1", True) | {"low": low, "high": high, "noise": noise} | ends


def test_noise_over_a_quarter_of_the_width_is_said() -> None:
    rows = [seen(0.0, 1.0, 0.5, 0.6, 0.3), seen(0.0, 1.0, 0.5, 0.4, 0.2)]
    assert noisy(rows) == rows[:1]


def test_one_world_judges_nothing() -> None:
    rows = [seen(0.0, 1.0, 0.5, math.nan, math.nan), seen(0.0, None, 0.5, math.nan, None)]
    assert noisy(rows) == rows


def test_a_range_with_one_bound_is_judged_by_whether_the_interval_has_the_bound_in_it() -> None:
    unclear = [seen(0.0, None, 0.5, 0.6, None), seen(None, 1.0, 1.2, 0.3, None)]
    clear = [seen(0.0, None, 0.5, 0.4, None), seen(0.0, None, -0.5, 0.4, None), seen(None, 1.0, 0.6, 0.3, None)]
    assert noisy([*unclear, *clear]) == unclear


@pytest.mark.parametrize(("language", "word"), [("en", "Too few worlds"), ("id", "Terlalu sedikit dunia")])
def test_the_page_says_in_the_readers_words_what_cannot_be_judged(language: str, word: str) -> None:
    rest = {"emergent": True, "world_low": 0.0, "world_high": 1.0, "published": None}
    one, other = (seen(0.0, 1.0, 0.5, 0.6, noise) | rest for noise in (0.3, 0.1))
    one |= {"trial": "V4", "name": "profit"}
    other |= {"trial": "V5", "name": "practices"}
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(validation_page([one, other], language, 200))
    told = next(line for line in console.export_text().splitlines() if word in line)
    assert target_name(one, language) in told
    assert target_name(other, language) not in told
    assert "V4: profit" not in told
    console.print(validation_page([one, one], language, 200))
    assert label("text.targets_all_noisy", language) in console.export_text()


def test_a_published_trial_makes_a_row_for_each_target() -> None:
    trial = builtin_trials()["V13"].changed(firms=150, targets=builtin_trials()["V13"].targets[:2])
    worlds = trial_worlds({"V13": trial}, 2, n_jobs=1)["V13"]
    found = [target_row("V13", trial, target, worlds) for target in trial.targets]
    assert [each["name"] for each in found] == ["free", "visit"]
    for each, target in zip(found, trial.targets, strict=True):
        value, error = measured(target, worlds)
        half = 12.706205 * error  # Student's t of one degree of freedom
        assert (each["simulated"], each["simulated_low"]) == (value, pytest.approx(value - half, rel=1e-6))
        assert each["simulated_high"] - value == pytest.approx(half, rel=1e-6)
        assert each["noise"] == pytest.approx(error / (target.high - target.low))
        assert (each["fitted"], each["kind"]) == (True, "trial")
    assert found[1]["simulated_high"] > found[1]["simulated"]
    alone = target_row("V13", trial, trial.targets[0], worlds[:1])
    assert math.isnan(alone["noise"])
    opened = trial.targets[0].model_copy(update={"high": None})
    assert target_row("V13", trial, opened, worlds)["noise"] is None


def test_the_noise_of_a_pattern_is_its_standard_error_over_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = baseline_targets()
    monkeypatch.setattr(baseline, "one_world", lambda world, *_: dict.fromkeys(targets, float(world)))
    for found in validation_table(1, 2, n_jobs=1, trials={}):
        low, high = (targets[found["name"]][end] for end in ("low", "high"))
        wanted = None if low is None or high is None else pytest.approx(0.5 / (high - low))
        assert found["noise"] == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_target_has_a_name_and_a_range_in_words(language: str) -> None:
    for name, trial in builtin_trials().items():
        for target in trial.targets:
            named = {"trial": name, "name": target.name, "low": target.low, "high": target.high}
            assert target_name(named, language).startswith(name)
            assert span_of(named, language)
