"""Equal runs have one id, different runs do not; the model's digest covers all that moves numbers, and only that."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from ovopsim.policy.canonical import canonical_json, scenario_digest
from ovopsim.policy.scenario import Scenario, load_scenario
from ovopsim.study.identity import PACKAGE, content_of, digest_of, model_digest, model_files, run_id, versions
from tests.small import small, spending

DIGEST = "0" * 64


def identity(scenario: Scenario, seed: int = 1, replication: int = 0, digest: str = DIGEST) -> str:
    return run_id(content_of(scenario), seed, replication, digest)


def test_an_id_is_the_digest_of_canonical_json() -> None:
    found = content_of(small())
    content = {"scenario": found.configuration, "seed": 1, "replication": 0, "model": DIGEST}
    assert identity(small()) == hashlib.sha256(canonical_json(content).encode()).hexdigest()
    assert found.configuration["months"] == 24
    assert "name" not in found.configuration
    assert found.digest == scenario_digest(small())


def test_names_and_ways_of_writing_do_not_matter(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(
        "name: Fairs\nmonths: 24\n"
        "programme: {budget: 300_000_000, shares: {exhibition: 0.5, licensing: 0.5}, start: 0}\n",
        encoding="utf-8",
    )
    other.write_text(
        "programme:\n  shares: {licensing: 0.50, exhibition: 0.5}\n  budget: 3.0e+8\nmonths: 24.0\nshocks: []\n",
        encoding="utf-8",
    )
    assert identity(load_scenario(one)) == identity(load_scenario(other))


def test_what_is_run_matters() -> None:
    fairs = small(programme=spending({"exhibition": 1.0}))
    different = [
        identity(fairs),
        identity(small()),
        identity(small(programme=spending({"exhibition": 1.0}, budget=300_000_001))),
        identity(small(programme=spending({"exhibition": 1.0}, start=1))),
        identity(small(months=25)),
        identity(small(shocks=[{"name": "pandemic", "start": 6}])),
        identity(small(parameters={"planning.cover": 2.0})),
        identity(fairs, seed=2),
        identity(fairs, replication=1),
        identity(fairs, digest="1" * 64),
    ]
    assert len(set(different)) == len(different)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the package."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "ovopsim", ignore=shutil.ignore_patterns("__pycache__")))


def test_a_copy_of_the_package_is_the_same_model(copied: Path) -> None:
    assert digest_of(copied) == model_digest()
    (copied / "rules" / "notes.txt").write_text("nothing that runs", encoding="utf-8")
    assert digest_of(copied) == model_digest()


def test_line_ends_are_not_content(copied: Path) -> None:
    path = copied / "month.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert digest_of(copied) == model_digest()


MOVES_NUMBERS = [
    "month.py",
    "forms.py",
    "simulation/runs.py",
    "ordering.py",
    "outcomes/monthly.py",
    "population/synthetic.py",
    "policy/arrays.py",
    "policy/calendar.py",
    "policy/data/levers.yaml",
    "parameters/derived.py",
    "parameters/data/market.yaml",
    "parameters/data/price_index.yaml",
]
MOVES_NOTHING = [
    "adapters/mesa_batch.py",
    "cli/commands.py",
    "sweeps.py",
    "labels.py",
    "labels.yaml",
    "comparison.py",
    "plots/growth.py",
    "analysis/data/appraisal.yaml",
]


@pytest.mark.parametrize("name", MOVES_NUMBERS)
def test_what_moves_numbers_moves_the_digest(copied: Path, name: str) -> None:
    path = copied / name
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert digest_of(copied) != model_digest()


@pytest.mark.parametrize("name", MOVES_NOTHING)
def test_what_only_shows_numbers_does_not(copied: Path, name: str) -> None:
    path = copied / name
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert digest_of(copied) == model_digest()


def test_a_file_that_moves_to_another_place_is_another_model(copied: Path) -> None:
    (copied / "draws.py").rename(copied / "policy" / "draws.py")
    assert digest_of(copied) != model_digest()


def test_a_module_written_tomorrow_counts(copied: Path) -> None:
    (copied / "rules" / "weather.py").write_text("RAIN = 1\n", encoding="utf-8")
    assert digest_of(copied) != model_digest()
    assert {path.suffix for path in model_files()} == {".py", ".yaml", ".csv"}


def test_versions_of_what_computes_are_named() -> None:
    assert {"ovopsim", "numpy", "numba", "python", "machine"} <= set(versions())
