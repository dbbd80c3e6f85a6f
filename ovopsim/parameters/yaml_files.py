"""YAML files read with care: a key given twice, a broken line or a list at the top is an error that names its place."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from ovopsim.errors import InputError


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which would let the last of two equal keys win in silence."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, list | dict | set):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a word or a number", key_node.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, _twice(key), key_node.start_mark)
        seen.add(key)
    # only now, because a key may stand beside the one it overrides in `<<: *other`
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key_node, deep=True): loader.construct_object(value_node, deep=True)
        for key_node, value_node in node.value
    }


def _twice(key: object) -> str:
    # {share: 0,5} is a key `share` and a key 5
    return f"'{key}' is given twice{'; write 0.5 for 0,5' if isinstance(key, int) else ''}"


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def text_of(path: Path | Traversable) -> str:
    """Return a UTF-8 text file, with or without a byte order mark.

    Raises
    ------
    InputError
        When there is no such file, or it is not text.
    """
    try:
        return path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; name a .yaml file.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not a text file in UTF-8. Save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from None


def read_yaml(path: Path | Traversable) -> dict[str, Any]:
    """Return the mapping that a YAML file holds; an empty file is an empty mapping.

    Numbers may be written with underscores (``500_000_000``). ``1e-3`` arrives as text, as YAML 1.1 has it, and
    becomes a number where a record wants one.

    Raises
    ------
    InputError
        Missing file, broken YAML, a key given twice, or something else than ``key: value`` lines at the top.
    """
    text = text_of(path)
    try:
        found = yaml.load(text, _Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        raise InputError(f"{path}{_place(error)}: {_reason(error)}") from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InputError(f"{path}: holds a {type(found).__name__}, not 'key: value' lines.")
    odd = [key for key in found if not isinstance(key, str)]
    if odd:
        raise InputError(f"{path}: key {odd[0]!r} is no word.")
    return found


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}" if mark is not None else ""


def _reason(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    if r"'\t'" in problem:
        return "this is not YAML: there is a tab. Use spaces."
    return f"{problem}." if "twice" in problem or "must be" in problem else f"this is not YAML: {problem}."
