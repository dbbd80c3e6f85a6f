"""The shipped parameters, and what a user changes in them.

A parameter has a dotted path: `planning.cover`, or `market.outside_share.export` for one member of a record with
several values. `market.outside_share` alone sets all its members.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.checking import checked
from ovopsim.parameters.records import Record
from ovopsim.parameters.yaml_files import read_yaml

# One file in data/ for each; other files there hold series, targets and evidence.
SUBMODELS = (
    "environment",
    "agency",
    "planning",
    "finance",
    "production",
    "market",
    "accounts",
    "learning",
    "entry_and_exit",
    "population",
    "observation",
    "technology_and_cost",
)

Values = dict[str, float | NDArray[np.float64]]


@cache
def all_records() -> Mapping[str, Record]:
    """Return every shipped record by ``submodel.field``.

    Raises
    ------
    InputError
        When a record is not sound; it names file and field.

    Examples
    --------
    >>> all_records()["planning.cover"].unit
    'months'
    """
    folder = files("ovopsim.parameters") / "data"
    return MappingProxyType(
        {
            f"{submodel}.{field}": record
            for submodel in SUBMODELS
            for field, record in read_records(folder / f"{submodel}.yaml").items()
        }
    )


def read_records(path: Path | Traversable) -> dict[str, Record]:
    """Return the records of one file by field.

    Raises
    ------
    InputError
        When a record is not sound; it names file and field.
    """
    return {field: checked(Record, content, f"{path.name}: {field}") for field, content in read_yaml(path).items()}


def _leaves_of(path: str) -> tuple[str, ...]:
    members = all_records()[path].members
    return tuple(f"{path}.{member}" for member in members) or (path,)


def leaf_paths() -> tuple[str, ...]:
    """Return the dotted path of every single number, in order of files and fields.

    Examples
    --------
    >>> [path for path in leaf_paths() if path.startswith("market.quality_value")][0]
    'market.quality_value.local'
    """
    return tuple(leaf for path in all_records() for leaf in _leaves_of(path))


def locate(path: str) -> tuple[Record, str | None]:
    """Return the record that a dotted path names, and the member (None for all or for a single number).

    Raises
    ------
    InputError
        When there is no such path; it names the nearest.
    """
    records = all_records()
    if path in records:
        return records[path], None
    parent, _, member = path.rpartition(".")
    if parent in records and member in records[parent].members:
        return records[parent], member
    near = did_you_mean(path, (*records, *leaf_paths()))
    raise InputError(f"'{path}' is no parameter{near} See 'ovopsim parameters'.")


def change_problems(changes: Mapping[str, float]) -> list[str]:
    """Return what is wrong with a user's changes: unknown paths and values outside the hard range, in sentences."""
    problems = []
    for path, value in changes.items():
        try:
            record, _ = locate(path)
        except InputError as error:
            problems.append(str(error))
            continue
        low, high = record.range
        if not (math.isfinite(value) and low <= value <= high):
            problems.append(f"'{path}' is {value:g}; it must lie in {low:g} to {high:g} ({record.unit}).")
    return problems


def resolved_changes(changes: Mapping[str, float]) -> dict[str, float]:
    """Return changes as single numbers, without those that equal the shipped value.

    The path of one member counts for more than the path of its record, whatever their order.

    Raises
    ------
    InputError
        On an unknown path or a value outside its range.
    """
    problems = change_problems(changes)
    if problems:
        raise InputError(f"parameters: {' '.join(problems)}")
    resolved: dict[str, float] = {}
    for path in sorted(changes, key=lambda path: path.count(".")):
        leaves = _leaves_of(path) if path in all_records() else (path,)
        resolved |= dict.fromkeys(leaves, float(changes[path]))
    return {leaf: value for leaf, value in sorted(resolved.items()) if value != shipped_value(leaf)}


def shipped_value(leaf: str) -> float:
    """Return the shipped value of a single number.

    Raises
    ------
    InputError
        On an unknown path, and on that of a record with several values.
    """
    record, member = locate(leaf)
    if member is None and record.members:
        raise InputError(f"'{leaf}' has several values; name one: {', '.join(_leaves_of(leaf))}.")
    return record.value_of(member)


def values(changes: Mapping[str, float] | None = None) -> Values:
    """Return every parameter by ``submodel.field``: a float, or a new array in the order of the record's members.

    Parameters
    ----------
    changes : mapping of str to float, optional
        Other values by dotted path.

    Raises
    ------
    InputError
        On an unknown path or a value outside its range.

    Examples
    --------
    >>> values({"planning.cover": 2.0})["planning.cover"]
    2.0
    >>> values({"market.outside_share.export": 0.5})["market.outside_share"].shape
    (4,)
    """
    changed = resolved_changes(changes or {})
    found: Values = {}
    for path, record in all_records().items():
        numbers = [changed.get(leaf, shipped_value(leaf)) for leaf in _leaves_of(path)]
        found[path] = np.array(numbers) if record.members else numbers[0]
    return found
