"""One catalogue of every text that a person reads in tables, figures and messages, in English and Indonesian.

Numbers are written here too, in the notation of the language; amounts of money by `ovopsim.parameters.money`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.money import DECIMAL_SIGN
from ovopsim.parameters.yaml_files import read_yaml

LANGUAGES = ("en", "id")
THOUSANDS_SIGN = {"en": ",", "id": "."}
PERCENT_SIGN = {"en": " %", "id": "%"}
NOTHING = "–"


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return ``section.key`` -> language -> text."""
    sections = read_yaml(files("ovopsim") / "labels.yaml")
    return MappingProxyType(
        {f"{section}.{key}": texts for section, keys in sections.items() for key, texts in keys.items()}
    )


def check_language(language: str) -> None:
    """Refuse a language that the catalogue does not speak.

    Raises
    ------
    InputError
        It names the languages.
    """
    if language not in LANGUAGES:
        near = did_you_mean(language, LANGUAGES)
        raise InputError(f"language: '{language}' is none of {', '.join(LANGUAGES)}{near}")


def label(key: str, language: str = "en", **values: object) -> str:
    """Return a text of the catalogue, with values put into its places.

    Parameters
    ----------
    key : str
        ``section.key``.
    language : str
        ``en`` or ``id``.

    Raises
    ------
    InputError
        When there is no such language.
    KeyError
        When the catalogue has no such text: a mistake in the program.

    Examples
    --------
    >>> label("outcome.jobs", "id")
    'Tenaga kerja'
    """
    check_language(language)
    text = catalogue()[key][language]
    return text.format(**values) if values else text


def name_of(section: str, name: str, language: str = "en") -> str:
    """Return the label of a shipped name; a name that a user made up (a scenario, a lever) stands as it is.

    Examples
    --------
    >>> name_of("arm", "No programme", "id")
    'Tanpa program'
    >>> name_of("arm", "My own fairs", "id")
    'My own fairs'
    """
    return label(f"{section}.{name}", language) if f"{section}.{name}" in catalogue() else name


def name_of_target(target: str, language: str = "en") -> str:
    """Return what a target is called: a pattern of the cluster, or a trial's finding such as `V4.profit`.

    Examples
    --------
    >>> name_of_target("V4.profit"), name_of_target("my.own")
    ('V4 management course: profit, years 1–3, %', 'my.own')
    """
    trial, _, finding = target.partition(".")
    key = f"finding.{trial}_{finding}"
    return f"{trial} {label(key, language)}" if key in catalogue() else name_of("pattern", target, language)


def number(value: float, language: str = "en", digits: int = 0, signed: bool = False) -> str:
    """Return a number in the notation of a language; a dash for what is not a number.

    Examples
    --------
    >>> number(1234.56, "id", digits=1, signed=True)
    '+1.234,6'
    """
    check_language(language)
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return NOTHING
    rounded = round(value, digits) + 0.0  # no "-0"
    text = f"{rounded:{'+' if signed and rounded != 0.0 else ''},.{digits}f}"
    signs = str.maketrans({",": THOUSANDS_SIGN[language], ".": DECIMAL_SIGN[language]})
    return text.translate(signs)


def percent(share: float, language: str = "en", digits: int = 1, signed: bool = False) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> percent(0.05, signed=True), percent(0.05, "id")
    ('+5.0 %', '5,0%')
    """
    text = number(100.0 * share, language, digits, signed)
    return text if text == NOTHING else text + PERCENT_SIGN[language]


def listing(names: Sequence[str], language: str = "en") -> str:
    """Return names as an enumeration in words.

    Examples
    --------
    >>> listing(["tulis", "cap", "printing"])
    'tulis, cap and printing'
    """
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {label('text.and', language)} {names[-1]}"
