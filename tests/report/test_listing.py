"""Lists for the terminal: levers with what they do in words, parameters with their sources."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from ovopsim.labels import name_of
from ovopsim.parameters.loading import all_records
from ovopsim.parameters.money import format_idr
from ovopsim.policy.effects import TARGETS, WITHOUT_SIZE, Effect, value_of
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.tables import rows_of_evidence
from ovopsim.report.listing import effect_words, levers_page, parameters_page, shown_value
from tests.report.test_pages import printed


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
