"""The numbers of levers by dotted path: `levers.exhibition.unit_cost`, `levers.exhibition.effects.1.probability`.

Effects count from 0, in the order of the lever's record. Numbers that a record leaves at their defaults have paths too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.loading import locate
from ovopsim.parameters.records import Record
from ovopsim.policy.effects import value_of
from ovopsim.policy.levers import Lever, builtin_levers

LEVERS: Final = "levers."


def quantities(name: str, lever: Lever) -> dict[str, float | Record]:
    """Return the numbers of a lever by path, each with its record where it has one.

    Examples
    --------
    >>> found = quantities("exhibition", builtin_levers()["exhibition"])
    >>> found["levers.exhibition.effects.1.probability"].value, found["levers.exhibition.co_payment"]
    (0.09, 0.0)
    """
    return dict(_numbers(lever, f"{LEVERS}{name}"))


def _numbers(value: Any, path: str) -> Iterator[tuple[str, float | Record]]:
    if isinstance(value, Record | float):
        yield path, value
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            yield from _numbers(getattr(value, key), f"{path}.{key}")
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from _numbers(each, f"{path}.{place}")


@cache
def shipped_quantities() -> Mapping[str, Mapping[str, float | Record]]:
    """Return the numbers of each shipped lever by path."""
    return {name: quantities(name, lever) for name, lever in builtin_levers().items()}


def quantity_paths(levers: Mapping[str, Lever]) -> Iterator[str]:
    """Yield the path of every number of some levers."""
    for name, lever in levers.items():
        shipped = lever is builtin_levers().get(name)
        yield from shipped_quantities()[name] if shipped else quantities(name, lever)


def lever_sizes() -> tuple[str, ...]:
    """Return the paths of sizes and chances of the shipped levers' effects, as far as these have a prior."""
    return tuple(
        path
        for name, numbers in shipped_quantities().items()
        for path, number in numbers.items()
        if path.startswith(f"{LEVERS}{name}.effects.") and isinstance(number, Record) and number.prior is not None
    )


def located(path: str) -> tuple[Record, str | None]:
    """Return the record of a parameter (`planning.cover`) or of a shipped lever's number, and which of its values.

    Raises
    ------
    InputError
        When there is none; it names the nearest.
    """
    if not path.startswith(LEVERS):
        return locate(path.removeprefix("parameters."))
    known = {each: number for numbers in shipped_quantities().values() for each, number in numbers.items()}
    if path not in known:
        raise InputError(f"'{path}' is no number of a shipped lever{did_you_mean(path, known)}")
    number = known[path]
    if not isinstance(number, Record):
        raise InputError(f"'{path}' has no prior; give [low, high].")
    return number, None


def with_quantity(lever: Lever, path: str, value: float) -> Lever:
    """Return a lever with one number changed; all else of it stays.

    Parameters
    ----------
    path : str
        One of those of `quantities`.

    Raises
    ------
    InputError
        When the value is no number, lies outside the number's range, or does not fit the lever.
    """
    try:
        changed: Lever = _replaced(lever, path.split(".")[2:], value)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return changed


def _replaced(place: Any, keys: Sequence[str], value: Any) -> Any:
    if not keys:
        return _checked(place, value)
    key, *rest = keys
    if isinstance(place, tuple):
        number = int(key)
        new = _replaced(place[number], rest, value)
        return place if new is place[number] else (*place[:number], new, *place[number + 1 :])
    old = getattr(place, key)
    new = _replaced(old, rest, value)
    # what stays as it is remains the same record, so that the run is the same run
    return place if new is old else place.changed(**{key: new})


def _checked(number: float | Record, value: Any) -> float | Record:
    """Return a number in the place of another, within the range of its record."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"is {value!r}, not a number.")
    if value == value_of(number):
        return number
    if isinstance(number, Record):
        low, high = number.range
        if not low <= value <= high:
            raise InputError(f"is {value:g}; it must lie in {low:g} to {high:g}.")
    return float(value)
