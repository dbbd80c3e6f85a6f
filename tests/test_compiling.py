"""The compiled core is kept in a folder that belongs to its sources: a changed rule is never answered from old code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import pytest

import ovopsim
from ovopsim import compiling
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


def configuration() -> dict:
    return tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def test_the_digest_covers_every_file_of_the_core() -> None:
    contracts = configuration()["importlinter"]["contracts"]
    (core,) = (contract for contract in contracts if "NumPy and Numba only" in contract["name"])
    expected = set()
    for module in (name.removeprefix("ovopsim.") for name in core["source_modules"]):
        alone = PACKAGE / f"{module}.py"
        found = [alone] if alone.exists() else (PACKAGE / module).rglob("*.py")
        expected |= {path.relative_to(PACKAGE).as_posix() for path in found}
    assert {path.relative_to(PACKAGE).as_posix() for path in core_sources()} == expected
    assert {"month.py", "running.py", "ordering.py", "rules/learning/law.py", "rules/planning.py"} <= expected


def test_the_core_is_every_layer_up_to_the_loop() -> None:
    layers = configuration()["importlinter"]["contracts"][0]["layers"]
    names = [name.strip(" ()") for layer in layers for name in layer.split("|")]
    below = set(names[names.index("running") :]) - {"errors"}
    assert below == set(CORE_MODULES)


def test_the_digest_does_not_depend_on_line_ends(tmp_path: Path) -> None:
    source = tmp_path / "rule.py"
    source.write_bytes(b"one\ntwo\n")
    digest = digest_of_files([source])
    source.write_bytes(b"one\r\ntwo\r\n")
    assert digest_of_files([source]) == digest


@pytest.mark.skipif(os.name == "nt", reason="folders of other users are told by their mode")
def test_compiled_code_is_never_read_from_a_folder_that_others_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = tmp_path / f"ovopsim-{os.getuid()}"
    assert compiling._temporary_cache("x") == own / "x"
    own.chmod(0o777)
    assert compiling._temporary_cache("x").parent == tmp_path


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
