"""The validation page: no figure in its words is typed, and what it says of made-up rows is what they hold."""

from __future__ import annotations

import importlib
import re
from types import ModuleType
from typing import Any

import pytest

from ovopsim.policy.quantities import located
from ovopsim.policy.trials import builtin_trials
from tests.experiments.test_experiments import ROOT

NAMES = r"\{[^}]*\}|`[^`]*`|\bV\d+\b|\brole \d\b"  # places of figures, code, trials, and a role by its number


@pytest.fixture
def experiment(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    return importlib.import_module("validation")


def row(trial: str | None, name: str, simulated: float, low: float | None, high: float | None) -> dict[str, Any]:
    inside = (low is None or simulated >= low) and (high is None or simulated <= high)
    ends = {"simulated": simulated, "simulated_low": simulated - 0.1, "simulated_high": simulated + 0.1}
    rest = {"kind": "trial" if trial else "baseline", "fitted": True, "published": -4.0, "noise": None}
    return ends | rest | {"trial": trial, "name": name, "low": low, "high": high, "inside": inside}


def test_no_figure_is_typed(experiment: ModuleType) -> None:
    for text in (experiment.TEXT, *experiment.WHY.values()):
        left = re.sub(NAMES, "", text)
        assert re.findall(r"\d+", left) == []


def test_what_was_set_by_hand_is_read_from_what_ships(experiment: ModuleType) -> None:
    found = experiment.shipped()
    record, _ = located("population.hurdle_rate")
    assert found["hurdle"] == record.value_of(None)
    assert found["lot"] == 100.0 * builtin_trials()["V12"].levers["large_buyer"].effects[0].size


def test_what_fails_in_either_way_is_told_with_what_was_found(
    experiment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        experiment, "capital", lambda _: dict.fromkeys(("cash", "equipment", "gapped", "gapped_able"), 1.0)
    )
    names = ("jobs", "jobs_with", "first", "first_with")
    monkeypatch.setattr(experiment, "without_a_name", lambda *_: dict.fromkeys(names, 1.0))
    poorer = ("poorer_jobs", "poorer_first", "poorer_asked")
    monkeypatch.setattr(experiment, "with_poorer_firms", lambda _: dict.fromkeys(poorer, 1.0))
    fair = ("V16", "export_participation")
    central = [row(*fair, 4.25, 4.0, 10.0), row("V4", "profit", 5.0, 0.0, 18.0), row(None, "exit_rate", 0.5, 0.0, 0.1)]
    posterior = [row(*fair, 3.75, 4.0, 10.0), row("V4", "profit", -1.0, 0.0, 18.0)]
    text, failing = experiment.failures(central, posterior, 2)
    assert failing == ["V16", "V4"]
    assert "4.25 points with the central draw and by 3.75 over the posterior, where 4 or more" in text
    assert "**V4.** No diagnosis yet." in text
    assert "lies outside" in text
    inside = [row(*fair, 5.0, 4.0, 10.0)]
    assert experiment.failures(inside, inside, 2) == ("Nothing.", [])


def test_what_to_be_wary_of_is_counted(experiment: ModuleType) -> None:
    found = experiment.wary(
        [
            row("V4", "profit", 2.0, 0.0, 18.0),
            row("V4", "sales", 10.0, 0.0, 18.0),
            row("V5", "practices", 40.0, 5.0, 26.0),  # outside
            row("V19", "technology", 0.05, 0.0, None),
            row("V15", "incumbents", -0.3, -6.0, 0.0),  # no help
        ]
    )
    assert (found["ranged"], found["lower"], found["one_bound"]) == (2, 1, "V19")
    assert (found["incumbents"], found["incumbents_published"]) == (-0.3, -4.0)
    assert "V19" in found["noisy"]
