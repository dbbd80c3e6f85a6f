"""Every shipped record by its path, wherever its file lies, and the same files as plain YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import ovopsim
from ovopsim.parameters.loading import SUBMODELS, all_records
from ovopsim.parameters.records import Record
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy.levers import builtin_levers
from ovopsim.policy.presets import programme_records
from ovopsim.policy.shocks import builtin_shocks

PACKAGE = Path(ovopsim.__file__).parent
PARAMETER_FILES = {name: PACKAGE / "parameters" / "data" / f"{name}.yaml" for name in SUBMODELS}
POLICY_FILES = {name: PACKAGE / "policy" / "data" / f"{name}.yaml" for name in ("levers", "shocks", "programme")}


def records_in(value: Any, path: str) -> Iterator[tuple[str, Record]]:
    """Yield the records inside a record of another kind, with their paths."""
    if isinstance(value, Record):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from records_in(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from records_in(each, f"{path}.{number}")


def policy_records() -> dict[str, Record]:
    """Return the records of levers, shocks and the default programme, such as `levers.licensing.batch`."""
    found = {f"programme.{name}": record for name, record in programme_records().items()}
    for file, shipped in (("levers", builtin_levers()), ("shocks", builtin_shocks())):
        for name, entry in shipped.items():
            found |= dict(records_in(entry, f"{file}.{name}"))
    return found


def every_record() -> dict[str, Record]:
    """Return all shipped records by path."""
    return dict(all_records()) | policy_records()


def raw_levers() -> dict[str, Any]:
    """Return the levers' file as plain YAML, a new copy at each call."""
    return read_yaml(POLICY_FILES["levers"])
