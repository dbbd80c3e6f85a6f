"""`ovopsim sure`: a page, a document, a folder that goes on, and input that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovopsim.analysis.certainty_tables import TABLES
from ovopsim.report.certainty_folder import OURS
from tests.cli.calling import Call

ASKED = ("sure", "nothing.yaml", "fairs.yaml", "--draws", "2", "--replications", "2")


@pytest.mark.usefixtures("warm_core")
class TestSure:
    def test_a_page_in_the_language_that_was_asked_for(self, call: Call) -> None:
        found = call(*ASKED, "--no-shocks", "--language", "id")
        assert found.code == 0
        assert "Seberapa yakin?" in found.out
        assert "tanpa guncangan" in found.out

    def test_one_document(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "posterior.csv").write_text("learning.access_fade\n0.04\n0.05\n", encoding="utf-8")
        document = call(*ASKED, "--json", "--posterior", "posterior.csv").document()
        assert set(document) == {"run", *TABLES}
        assert document["run"]["from"] == "posterior"
        assert document["run"]["runs"] == 2 * 2 * 4 * 2  # arms, draws, shocks, worlds
        assert {row["arm"] for row in document["variance"]} == {"fairs"}

    def test_a_folder_that_goes_on(self, call: Call, tmp_path: Path) -> None:
        assert call(*ASKED, "--no-shocks", "--out", "found").code == 0
        assert {path.name for path in (tmp_path / "found").iterdir()} == OURS
        runs = sorted((tmp_path / "found" / "store" / "monthly.parquet").iterdir())
        assert call(*ASKED, "--no-shocks", "--out", "found").code == 0
        assert sorted((tmp_path / "found" / "store" / "monthly.parquet").iterdir()) == runs


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--draws", "1"), "draws is 1"),
        (("--posterior", "none.csv"), "none.csv: cannot be read"),
        (("--out", "."), "holds something else (fairs.yaml)"),
        (("--out", "fairs.yaml"), "is a file; name a folder"),
    ],
)
def test_wrong_input_ends_in_one_line(call: Call, options: tuple[str, ...], message: str) -> None:
    found = call(*ASKED, *options)
    assert found.code == 2
    assert message in found.err
    assert found.err.count("\n") == 1
