"""The shipped records themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovopsim.parameters import loading
from ovopsim.parameters.evidence import all_evidence, evidence
from ovopsim.parameters.loading import SUBMODELS, all_records
from ovopsim.parameters.variation import uncertain_leaves
from tests.parameters.refresh_evidence import cited_ids

DATA = Path(loading.__file__).parent / "data"


@pytest.mark.parametrize("submodel", SUBMODELS)
def test_every_record_is_sound(submodel: str) -> None:
    assert loading.read_records(DATA / f"{submodel}.yaml")


def test_about_forty_records_are_uncertain() -> None:
    assert 35 <= sum(record.uncertain for record in all_records().values()) <= 50
    assert len(uncertain_leaves()) >= 35


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
