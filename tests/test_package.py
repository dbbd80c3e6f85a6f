"""The package as a user meets it: its names, what importing it costs, and what is in the wheel."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import ovopsim

ROOT = Path(__file__).parents[1]

# In order of use. A name that goes or changes is a breaking change: say so in CHANGELOG.md.
PUBLIC_NAMES = [
    "simulate",
    "Simulation",
    "compare",
    "Comparison",
    "explain",
    "Explanation",
    "how_sure",
    "Certainty",
    "sweep",
    "Design",
    "load_design",
    "open_store",
    "Store",
    "trial",
    "TrialResult",
    "validate",
    "Validation",
    "calibrate",
    "Posterior",
    "posterior",
    "Scenario",
    "Programme",
    "Assignment",
    "load_scenario",
    "presets",
    "OvopModel",
    "batch_run",
    "to_ema",
    "to_salib_problem",
    "from_salib_sample",
    "salib_outcome",
    "lever_table",
    "parameter_table",
    "InputError",
    "__version__",
]

SLOW_TO_IMPORT = ["SALib", "distributed", "ema_workbench", "matplotlib", "mesa", "sklearn"]


def output_of(*arguments: str) -> str:
    """Return what a fresh interpreter prints; its errors are shown when it fails."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, encoding="utf-8", errors="replace"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules_loaded_by(code: str) -> list[str]:
    """Return which of the slow modules a fresh interpreter has loaded after running `code`."""
    report = f"import sys; print(*(name for name in {SLOW_TO_IMPORT} if name in sys.modules))"
    return output_of("-c", f"{code}\n{report}").split()


def test_importing_the_package_loads_nothing_slow() -> None:
    assert modules_loaded_by("import ovopsim") == []
    assert modules_loaded_by("from ovopsim import calibrate, compare, load_design, open_store, simulate, sweep") == []


def test_importing_the_package_loads_no_library_at_all() -> None:
    report = "print(*sorted(name for name in sys.modules if name.startswith('ovopsim') or name in ('numpy', 'numba')))"
    assert output_of("-c", f"import sys, ovopsim.cli; {report}").split() == ["ovopsim", "ovopsim.cli"]


def test_mesa_is_loaded_with_the_first_use_of_its_door() -> None:
    assert "mesa" in modules_loaded_by("import ovopsim; ovopsim.OvopModel")


@pytest.mark.parametrize("name", ["batch_run", "to_ema", "to_salib_problem", "salib_outcome"])
def test_shapes_of_other_tools_load_none_of_them_until_they_are_called(name: str) -> None:
    assert modules_loaded_by(f"import ovopsim; ovopsim.{name}") == []


def test_public_names_are_pinned() -> None:
    assert list(ovopsim.__all__) == PUBLIC_NAMES


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_every_public_name_exists_and_is_listed_by_dir(name: str) -> None:
    assert getattr(ovopsim, name) is not None
    assert name in dir(ovopsim)


def test_the_version_is_that_of_the_installed_package() -> None:
    assert ovopsim.__version__ == importlib.metadata.version("ovopsim")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        ovopsim.no_such_name  # noqa: B018 - looking it up is the test


def package_files() -> set[str]:
    """Return the files below ovopsim/, caches apart, as the wheel names them."""
    found = (path.relative_to(ROOT) for path in (ROOT / "ovopsim").rglob("*") if path.is_file())
    return {path.as_posix() for path in found if not any(part[0] in "._" for part in path.parts[:-1])}


def test_the_wheel_contains_every_file_of_the_package(tmp_path: Path) -> None:
    output_of("-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == package_files()
    assert "ovopsim/py.typed" in packed
    assert {".py", ".yaml", ".csv"} <= {Path(name).suffix for name in packed}
