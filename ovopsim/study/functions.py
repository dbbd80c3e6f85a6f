"""What a function is: so that nobody takes what another one gave for what this one would give."""

from __future__ import annotations

import hashlib
import inspect
import pickle
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from ovopsim.errors import InputError
from ovopsim.policy.canonical import canonical
from ovopsim.policy.scenario import Scenario


def identity_of(function: Any, beside: Iterable[ModuleType] = ()) -> str:
    """Return name and digest of a function: its code, its file, and all that it was given or holds.

    Parameters
    ----------
    function : callable
        Also one that is partly applied, a method, one made in another function, or an object that can be called.
    beside : iterable of module
        Whose files count as well; of others that it calls nothing is looked at.

    Raises
    ------
    InputError
        When it holds something that cannot be told from another of its kind, such as an open file.

    Examples
    --------
    >>> identity_of(partial(round, 1.5)) == identity_of(partial(round, 2.5))
    False
    """
    files = b"".join(_source(module) for module in beside)
    inner = function
    while isinstance(inner, partial):
        inner = inner.func
    name = getattr(inner, "__qualname__", type(inner).__name__)
    digest = hashlib.sha256(files + _told(function, ())).hexdigest()
    return f"{getattr(inner, '__module__', '')}.{name} {digest[:16]}"


def _told(value: Any, around: tuple[int, ...]) -> bytes:
    """Return a value as bytes; `around` are the values that hold it, since a function may hold itself."""
    if id(value) in around:
        return b"itself"
    if isinstance(value, Scenario):
        return canonical(value).encode()
    inside = _parts(value)
    if inside is None:
        return _pickled(value, around)
    around = (*around, id(value))
    told = [_told(each, around) for each in inside]
    # lengths: so that two parts are never taken for one
    return type(value).__name__.encode() + b"".join(b"%d:%b" % (len(each), each) for each in told)


def _parts(value: Any) -> list[Any] | None:
    """Return what a value is made of; None for one that is no more than itself."""
    if isinstance(value, partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, FunctionType | MethodType):
        return _parts_of_function(value)
    if isinstance(value, CodeType):
        return [value.co_code, value.co_names, value.co_varnames, value.co_consts]
    if isinstance(value, Mapping):
        return [list(pair) for pair in sorted(value.items(), key=lambda pair: repr(pair[0]))]
    if isinstance(value, set | frozenset):  # their order changes from one process to the next
        return sorted(value, key=repr)
    return list(value) if isinstance(value, list | tuple) else None


def _parts_of_function(value: FunctionType | MethodType) -> list[Any]:
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    return [
        f"{value.__module__}.{value.__qualname__}",
        _source(value),
        value.__code__,
        value.__defaults__,
        value.__kwdefaults__,
        [cell.cell_contents for cell in value.__closure__ or ()],
    ]


def _pickled(value: Any, around: tuple[int, ...]) -> bytes:
    source = _source(type(value)) if callable(value) and not isinstance(value, type) else b""
    try:
        return source + pickle.dumps(value, protocol=5)
    except Exception:  # noqa: BLE001 - each kind of object has an error of its own
        if not hasattr(value, "__dict__"):
            raise InputError(
                f"simulate: holds a {type(value).__name__}, which cannot be told from another one; "
                "give it numbers, texts, arrays and functions only."
            ) from None
        name = f"{type(value).__module__}.{type(value).__qualname__}".encode()
        return source + name + _told(vars(value), (*around, id(value)))


def _source(value: Any) -> bytes:
    """Return the content of the file that something stands in, with line ends normalised; nothing if it has none."""
    try:
        file = inspect.getsourcefile(value)
        return Path(file).read_bytes().replace(b"\r\n", b"\n") if file else b""
    except (TypeError, OSError):  # typed in, or made by a program
        return b""
