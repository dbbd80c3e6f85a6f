"""One catalogue of every text that a person reads in tables, pictures and messages, in English and Indonesian."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.yaml_files import read_yaml

LANGUAGES = ("en", "id")


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return key -> language -> text."""
    return read_yaml(files("ovopsim") / "labels.yaml")


def label(key: str, language: str = "en") -> str:
    """Return a text in a language; a key without a text (a user's own scenario or lever) is shown as it is.

    Raises
    ------
    InputError
        When there is no such language.
    """
    if language not in LANGUAGES:
        raise InputError(f"language: '{language}' is none of {', '.join(LANGUAGES)}{did_you_mean(language, LANGUAGES)}")
    texts = catalogue().get(key)
    return key if texts is None else texts[language]
