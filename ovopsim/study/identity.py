"""What identifies a run: its scenario, its world, and the model that ran it."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ovopsim.errors import InputError
from ovopsim.policy.canonical import canonical, file_digest
from ovopsim.policy.scenario import Scenario

PACKAGE = Path(__file__).parents[1]

# What only asks for runs, or sums up and shows what they left. All else moves numbers, a module written tomorrow too.
MOVES_NO_RUN = (
    "adapters",
    "analysis",
    "app",
    "certainty",
    "calibration",
    "cli",
    "comparison",
    "explanation",
    "labels",
    "mesa_model",
    "plots",
    "report",
    "study",
    "sweeps",
    "trials",
    "validation",
    "__init__",
)

LIBRARIES = ("numpy", "numba", "scipy", "pandas", "pyarrow")


def model_files(package: Path = PACKAGE) -> list[Path]:
    """Return the files that decide what a run gives, sources and data from parameters to the month, in order."""
    found = [
        path
        for path in package.rglob("*")
        if path.suffix in {".py", ".yaml", ".csv"} and _top(path, package) not in MOVES_NO_RUN
    ]
    return sorted(found, key=lambda path: path.relative_to(package).as_posix())


def _top(path: Path, package: Path) -> str:
    return path.relative_to(package).parts[0].partition(".")[0]


def digest_of(package: Path) -> str:
    """Return the SHA-256 of the model in a folder: places and contents of its files, with line ends normalised."""
    digest = hashlib.sha256()
    for path in model_files(package):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(package).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


@cache
def model_digest() -> str:
    """Return the SHA-256 of the installed model."""
    return digest_of(PACKAGE)


@dataclass(frozen=True)
class Content:
    """What a scenario says, files by their content: taken once, so that later changes of a file do not move it.

    Attributes
    ----------
    text : str
        Canonical JSON: defaults filled in, no name.
    """

    text: str

    @property
    def configuration(self) -> dict[str, Any]:
        """Content as plain values."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def content_of(scenario: Scenario) -> Content:
    """Return what a scenario says now.

    Raises
    ------
    InputError
        When its survey cannot be read.
    """
    return Content(canonical(scenario))


def check_unchanged(scenario: Scenario, content: Content) -> None:
    """Refuse a survey that is no longer what it was when the content was taken.

    Raises
    ------
    InputError
        It names the file and the remedy.
    """
    survey = scenario.population.survey
    if survey is not None and file_digest(survey) != content.configuration["population"]["survey_sha256"]:
        raise InputError(f"{survey}: was changed while the simulation ran; leave it as it is and start again.")


def run_id(content: Content, seed: int, replication: int, digest: str) -> str:
    """Return the identity of one run, as hexadecimal text.

    SHA-256 of canonical JSON: equal runs have equal ids wherever, whenever and under whatever name they ran.

    Parameters
    ----------
    content : Content
        Of the scenario.
    digest : str
        Of the model.
    """
    # keys in order, as canonical JSON has them; the scenario's part is canonical already
    run = f'{{"model":"{digest}","replication":{replication},"scenario":{content.text},"seed":{seed}}}'
    return hashlib.sha256(run.encode()).hexdigest()


def package_version() -> str:
    """Return the version of this package; 0.0.0 when it is run from a folder that was never installed."""
    try:
        return version("ovopsim")
    except PackageNotFoundError:
        return "0.0.0"


def versions() -> dict[str, str]:
    """Return versions of the package, of Python, of what computes, and the machine: they move the last digits."""
    found = {"ovopsim": package_version()} | {name: version(name) for name in LIBRARIES}
    return found | {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
