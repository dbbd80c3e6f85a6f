"""The shipped records themselves: each number has what it takes to trust or doubt it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ovopsim.analysis.baseline import baseline_targets
from ovopsim.parameters import loading
from ovopsim.parameters.derived import demand_elasticity
from ovopsim.parameters.evidence import all_evidence, evidence
from ovopsim.parameters.loading import SUBMODELS, all_records
from ovopsim.parameters.records import Record, is_from_here
from ovopsim.parameters.variation import quantile, uncertain_leaves
from ovopsim.parameters.yaml_files import read_yaml
from tests.parameters.refresh_evidence import cited_ids
from tests.parameters.shipped import PARAMETER_FILES, POLICY_FILES, every_record

DATA = Path(loading.__file__).parent / "data"
RECORDS = every_record()
FILES = PARAMETER_FILES | POLICY_FILES

# what a record must have, and where a number may stand in a file without being one
PARTS = {"about", "unit", "value", "range", "grade"}
CHOICES = {"role", "direction"}


@pytest.mark.parametrize("submodel", SUBMODELS)
def test_every_record_is_sound(submodel: str) -> None:
    assert loading.read_records(DATA / f"{submodel}.yaml")


def bare_numbers(content: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each number that stands outside a record."""
    if isinstance(content, bool):
        return
    if isinstance(content, int | float):
        yield path
    elif isinstance(content, list):
        for number, each in enumerate(content):
            yield from bare_numbers(each, f"{path}[{number}]")
    elif isinstance(content, dict) and "value" not in content:
        for key, each in content.items():
            if key not in CHOICES:
                yield from bare_numbers(each, f"{path}.{key}")


@pytest.mark.parametrize("name", FILES)
def test_every_number_in_a_file_is_a_record(name: str) -> None:
    assert list(bare_numbers(read_yaml(FILES[name]))) == []


def test_a_number_without_a_record_is_found() -> None:
    content = {"a": {"value": 1, "range": [0, 2]}, "b": {"c": [{"d": 3.0}], "e": True, "role": 4}}
    assert list(bare_numbers(content)) == [".b.c[0].d"]


def test_every_record_says_what_it_is() -> None:
    for path, record in RECORDS.items():
        given = record.model_fields_set
        assert given >= PARTS, f"{path} lacks {sorted(PARTS - given)}"
        assert "evidence" in given or record.source, f"{path}: say 'evidence: []' where there is none"


def test_an_assumption_has_a_prior() -> None:
    # what was measured may do without: a law or a certificate's rules do not vary
    assert [path for path, record in RECORDS.items() if record.grade == "assumption" and record.prior is None] == []


def gives(record: Record, value: float) -> bool:
    """Whether a verified row holds a value as it stands, or in per cent."""
    rows = [all_evidence()[name] for name in record.evidence]
    return any(
        value == pytest.approx(row.value * scale, rel=0.01) for row in rows if row.verified for scale in (1.0, 0.01)
    )


def test_a_measured_number_stands_in_its_rows_or_says_how_it_follows_from_them() -> None:
    for path, record in RECORDS.items():
        if record.grade != "assumption" and record.derivation is None and record.source is None:
            values = [record.value_of(member) for member in record.members or (None,)]
            assert all(gives(record, value) for value in values), path


def test_what_was_measured_here_was_measured_in_surakarta_or_around() -> None:
    for path, record in RECORDS.items():
        if record.grade == "measured_here":
            rows = [all_evidence()[name] for name in record.evidence]
            assert any(row.verified and is_from_here(row.place) for row in rows), path


def test_places_of_similar_names_are_elsewhere() -> None:
    assert is_from_here("Kauman, Surakarta")
    assert is_from_here("Kliwonan, Sragen (Soloraya)")
    assert not is_from_here("Solok Selatan, West Sumatra")


def test_about_forty_records_are_uncertain() -> None:
    assert 35 <= sum(record.uncertain for record in all_records().values()) <= 50
    assert len(uncertain_leaves()) >= 35


def test_every_corner_of_the_priors_leaves_a_markup() -> None:
    """Rivals nowhere become so alike that ε leaves what trade studies find."""
    names = ("materials_share", "labour_share", "labour_elasticity")
    ends = [[quantile(all_records()[f"technology_and_cost.{name}"], None, u) for u in (0.0, 1.0)] for name in names]
    assert all(1.5 < demand_elasticity(*corner) < 25.0 for corner in itertools.product(*ends))


def test_returns_to_scale_fall_in_every_corner_of_the_priors() -> None:
    tops = [
        quantile(all_records()[f"technology_and_cost.{name}_elasticity"], None, 1.0) for name in ("labour", "equipment")
    ]
    assert sum(tops) < 1.0


def test_the_shipped_rows_of_evidence_are_those_that_are_cited() -> None:
    assert set(all_evidence()) == cited_ids()


def test_every_row_of_evidence_says_where_it_comes_from() -> None:
    for row in all_evidence().values():
        assert row.kind == ("local" if row.id.startswith("loc") else "effect")
        assert all((row.quantity, row.unit, row.place, row.source_title, row.source_url)), row.id


def test_a_row_that_is_not_shipped_is_an_error() -> None:
    with pytest.raises(ValueError, match="'loc-000' is no row of evidence"):
        evidence("loc-000")


def test_comments_cite_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# loc-001\nx: {evidence: [loc-002, eff-003]}\n", encoding="utf-8")
    assert cited_ids(tmp_path) == {"loc-002", "eff-003"}


def test_every_target_has_bounds_around_what_was_published() -> None:
    for name, target in baseline_targets().items():
        assert set(target) == {"about", "low", "high", "published", "emergent", "evidence"}, name
        assert target["about"].endswith("."), name
        low, high, published = target["low"], target["high"], target["published"]
        assert low is not None, name
        assert high is None or low < high, name
        assert published is None or (low <= published and (high is None or published <= high)), name
        assert target["evidence"] or published is None, name


def test_at_least_five_targets_are_emergent() -> None:
    assert sum(target["emergent"] for target in baseline_targets().values()) >= 5
