"""The compiled core is kept in a folder that belongs to its sources: a changed rule is never answered from old code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ovopsim
from ovopsim.compiling import CORE_MODULES, core_sources, digest_of_files, door, row_reader
from ovopsim.packing import LENGTHS, STARTS, TABLES

PACKAGE = Path(ovopsim.__file__).parent


def cache_folder_of(folder: Path) -> str:
    """Return the cache folder that a fresh interpreter uses for the package in `folder`."""
    code = "from ovopsim.compiling import CACHE_FOLDER; print(CACHE_FOLDER)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=None, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout.strip()


@pytest.fixture
def copied_package(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "ovopsim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("edited", ["forms.py", "rules/agency/effects.py", "outcomes/monthly.py"])
def test_editing_a_rule_gives_the_compiled_code_another_folder(copied_package: Path, edited: str) -> None:
    before = cache_folder_of(copied_package)
    assert cache_folder_of(copied_package) == before
    with (copied_package / "ovopsim" / edited).open("a", encoding="utf-8") as source:
        source.write("\n# changed\n")
    assert cache_folder_of(copied_package) != before


def test_the_digest_covers_every_file_of_the_core() -> None:
    named = {path.relative_to(PACKAGE).as_posix() for path in core_sources()}
    expected = {f"{name}.py" for name in CORE_MODULES if (PACKAGE / f"{name}.py").exists()}
    for name in CORE_MODULES:
        expected |= {path.relative_to(PACKAGE).as_posix() for path in (PACKAGE / name).rglob("*.py")}
    assert named == expected
    assert {"month.py", "running.py", "rules/learning/law.py", "rules/planning.py"} <= named


def test_the_digest_does_not_depend_on_line_ends(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    unix, windows = tmp_path / "a" / "x.py", tmp_path / "b" / "x.py"
    unix.write_bytes(b"one\ntwo\n")
    digest = digest_of_files([unix])
    windows.parent.rename(tmp_path / "c")
    unix.write_bytes(b"one\r\ntwo\r\n")
    assert digest_of_files([unix]) == digest


def test_a_rule_reads_its_own_parameters_from_the_row() -> None:
    row = np.arange(float(STARTS["end"]))
    read = row_reader(TABLES["market"], STARTS["market"], LENGTHS["market"])
    market = read(row)
    assert market.quality_value == tuple(row[STARTS["market"] : STARTS["market"] + 4])
    assert market.appeal_persistence == row[STARTS["market"] + 4]
    assert market[-1] == row[STARTS["market"] + sum(LENGTHS["market"].get(name, 1) for name in market._fields) - 1]


def test_a_door_is_compiled_and_does_not_allocate(compiler_off: bool) -> None:
    @door
    def doubled(values, out):
        for place in range(values.shape[0]):
            out[place] = 2.0 * values[place]

    out = np.zeros(3)
    doubled(np.array([1.0, 2.0, 3.0]), out)
    assert out.tolist() == [2.0, 4.0, 6.0]
    assert compiler_off or len(doubled.signatures) == 1
