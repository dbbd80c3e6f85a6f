"""The catalogue: every text in both languages, none missing, none idle; numbers in the notation of the language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from ovopsim import labels
from ovopsim.analysis.changes import HEADLINES, SHARES
from ovopsim.analysis.estimators import ESTIMATORS, NAIVE
from ovopsim.analysis.exact_effects import EXACT_ESTIMATORS
from ovopsim.analysis.explained import PARTS
from ovopsim.analysis.groups import GROUPS
from ovopsim.analysis.power import POWER_COLUMNS
from ovopsim.analysis.trial_samples import FIRM_GROUPS
from ovopsim.errors import InputError
from ovopsim.labels import LANGUAGES, catalogue, check_language, label, listing, name_of, number, percent
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy.effects import TARGETS
from ovopsim.policy.levers import ROLES, builtin_levers
from ovopsim.policy.presets import presets

PACKAGE = Path(labels.__file__).parent
# sections: `text` for sentences and headings, `pattern` for baseline targets, `population` for notes on firms
SOURCES = [path for path in PACKAGE.rglob("*.py") if path.name != "labels.py"]
# what the sections are for: every name that a table or figure may ask for
NAMES = {
    "outcome": OUTCOMES,
    "arm": tuple(presets()),
    "role": tuple(str(role) for role in ROLES),
    "lever": tuple(builtin_levers()),
    "lever_about": tuple(builtin_levers()),
    "group": tuple(dict.fromkeys(kind for kind, _ in GROUPS)),
    "member": tuple(member for _, member in GROUPS),
    "why": ("no_clear_gain", "clear_fall", "no_extra_cost", "differs"),
    "month": tuple(str(month) for month in range(1, 13)),
    "part": PARTS,
    "limit": ("capacity", "takers", "batch"),
    "effect": (*TARGETS, "raise_access", "chance"),
    "target": tuple(dict.fromkeys(name for targets in TARGETS.values() if len(targets) > 1 for name in targets)),
    "grade": ("measured_here", "measured_elsewhere", "assumption", "given"),
    "estimator": (
        *(*ESTIMATORS, *(f"bias_{name}" for name in NAIVE), *EXACT_ESTIMATORS),
        *(f"{run}quantile_{quantile}" for run in ("", "exact_") for quantile in (25, 50, 75)),
    ),
    "firm_group": FIRM_GROUPS,
    "trial_note": ("few_clusters", "weak_first_stage"),
    "power_column": POWER_COLUMNS,
}


@pytest.mark.parametrize("key", catalogue())
def test_every_text_stands_in_both_languages_with_the_same_places(key: str) -> None:
    texts = catalogue()[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text == text.strip() and text for text in texts.values())
    places = [{place for _, place, _, _ in Formatter().parse(text) if place} for text in texts.values()]
    assert places[0] == places[1]


@pytest.mark.parametrize("section", NAMES)
def test_every_name_that_is_shown_has_a_label(section: str) -> None:
    keys = {key.partition(".")[2] for key in catalogue() if key.startswith(f"{section}.")}
    assert keys == set(NAMES[section])


def test_what_a_lever_is_reads_alike_in_list_and_data() -> None:
    for name, lever in builtin_levers().items():
        assert label(f"lever_about.{name}") == lever.about


def test_headlines_and_shares_have_labels() -> None:
    for name in (*HEADLINES, *(share.removeprefix("share_") for share in SHARES)):
        assert label(f"outcome.{name}")


def asked_for(path: Path) -> Iterator[str]:
    """Yield the keys that a source file asks the catalogue for, where they stand there in full."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"text\.\w+", node.value):
                yield node.value
            elif re.fullmatch(r"note_\w*[a-z]", node.value):
                yield f"population.{node.value}"


def test_no_text_is_asked_for_that_is_not_there() -> None:
    missing = [(path.name, key) for path in SOURCES for key in asked_for(path) if key not in catalogue()]
    assert missing == []


@pytest.mark.parametrize("section", ["text", "population"])
def test_no_text_stands_idle(section: str) -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    texts = [key.removeprefix(f"{section}.") for key in catalogue() if key.startswith(f"{section}.")]
    # some keys are put together: "{year}_year", "note_absent_{...}"
    made = re.findall(r"\w+_(?=\{)|(?<=\})_\w+", sources)
    idle = [key for key in texts if not re.search(rf"\b{key}\b", sources)]
    assert [key for key in idle if not any(key.startswith(part) or key.endswith(part) for part in made)] == []


def test_a_missing_text_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError):
        label("text.no_such_text")


@pytest.mark.parametrize("language", ["fr", "EN", ""])
def test_an_unknown_language_is_the_users_mistake(language: str) -> None:
    with pytest.raises(InputError, match=f"language: '{language}' is none of en, id"):
        check_language(language)
    with pytest.raises(InputError):
        number(1.0, language)


def test_a_users_own_name_is_never_taken_for_a_label() -> None:
    assert name_of("arm", "jobs", "id") == "jobs"
    assert name_of("lever", "kauman", "id") == "kauman"
    assert name_of("arm", "All seven roles", "id") == "Ketujuh peran"


@pytest.mark.parametrize(
    ("value", "digits", "signed", "english", "indonesian"),
    [
        (1234.56, 1, False, "1,234.6", "1.234,6"),
        (1234.56, 0, True, "+1,235", "+1.235"),
        (-0.04, 1, True, "0.0", "0,0"),
        (-3.25, 2, True, "-3.25", "-3,25"),
        (float("nan"), 1, True, "–", "–"),
    ],
)
def test_numbers_in_the_notation_of_the_language(
    value: float, digits: int, signed: bool, english: str, indonesian: str
) -> None:
    assert number(value, "en", digits, signed) == english
    assert number(value, "id", digits, signed) == indonesian


def test_per_cent_and_enumerations() -> None:
    assert (percent(0.5, "en", 0), percent(0.5, "id", 0), percent(float("nan"))) == ("50 %", "50%", "–")
    assert (listing([]), listing(["a"]), listing(["a", "b"], "id")) == ("", "a", "a dan b")
