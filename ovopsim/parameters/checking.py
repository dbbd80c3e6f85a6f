"""Records checked by pydantic, with its findings put into our words: an `InputError` that names the key."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from ovopsim.errors import InputError, did_you_mean


def _no_flag(value: Any) -> Any:
    # pydantic would take `yes` for 1
    if isinstance(value, bool):
        raise ValueError(f"is {'yes' if value else 'no'}, not a number")
    return value


def _whole(value: Any) -> Any:
    # YAML leaves `1e2` a text
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return float(value)
    return value


Number = Annotated[float, BeforeValidator(_no_flag), Field(allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_whole), BeforeValidator(_no_flag)]


class Checked(BaseModel):
    """A record that does not change, knows its keys, and says in plain words what is wrong with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InputError(explain(error, type(self).__name__)) from None

    # pydantic calls a model's own __init__ for records inside records, which would nest the messages; with this mark
    # it builds them itself, and only a call from Python passes through the constructor above.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, values: Any) -> Any:
        if isinstance(values, Mapping):
            unknown = [key for key in values if key not in cls.model_fields]
            if unknown:
                raise ValueError(" ".join(_no_key(key, cls.model_fields) for key in unknown))
        return values

    def changed(self, **values: Any) -> Self:
        """Return a copy with other values, checked like a new record."""
        return type(self)(**{name: getattr(self, name) for name in type(self).model_fields} | values)


def _no_key(key: object, valid: Collection[str]) -> str:
    if " " in str(key):
        return f"'{key}' is no key: put a text that has a comma or colon in it between quotes."
    if isinstance(key, int | float):
        return f"'{key}' is no key: write numbers with a point, such as 0.5."
    return f"'{key}' is no key{did_you_mean(key, valid)} The keys are {', '.join(valid)}."


Model = TypeVar("Model", bound=Checked)


def checked(model: type[Model], values: Mapping[str, Any], where: str) -> Model:
    """Return a record made of what a file holds.

    Parameters
    ----------
    model : type
        Kind of record.
    values : mapping
        Its keys and values.
    where : str
        File, or file and key, that the error message begins with.

    Raises
    ------
    InputError
        With all that is wrong.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InputError(explain(error, where)) from None


def explain(error: ValidationError, where: str) -> str:
    """Return in one line what is wrong, beginning with `where`."""
    found = error.errors()
    # a list whose items are wrong is also called too short
    noise = {details["loc"][:depth] for details in found for depth in range(len(details["loc"]))}
    sentences = [
        _sentence(details) for details in found if details["type"] != "too_short" or details["loc"] not in noise
    ]
    return f"{where}: {' '.join(dict.fromkeys(sentences))}"


def path_of(place: tuple[int | str, ...]) -> str:
    """Return a dotted path; names in angle brackets are branches of a union, which a file does not show.

    Examples
    --------
    >>> path_of(("assignments", 1, "dose", "<number>"))
    'assignments[2].dose'
    """
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part + 1}]"
        elif not part.startswith("<"):
            path += f".{part}" if path else part
    return path


def _sentence(details: ErrorDetails) -> str:
    path = path_of(details["loc"])
    message = details["msg"].removeprefix("Value error, ")
    if details["type"] == "value_error":
        joined = " " if message.startswith("is ") else ": "
        return _ended(f"{path}{joined}{message}" if path else message)
    if details["type"] == "missing":
        return f"'{path}' is missing."
    given = details["input"]
    shown = f"a {type(given).__name__}" if isinstance(given, dict | list | BaseModel) else repr(given)
    message = _plain(details["msg"])
    choices = re.findall(r"'([^']+)'", message) if details["type"] == "literal_error" else []
    return f"{path} is {shown}; {message}{did_you_mean(given, choices)}{_number_hint(details)}"


def _number_hint(details: ErrorDetails) -> str:
    """Say how numbers are written, to who wrote one as Indonesian has it, or with its unit."""
    given = details["input"]
    wrong = details["type"] in {"float_parsing", "int_parsing", "float_type", "int_type"}
    if wrong and isinstance(given, str) and re.search(r"\d", given):
        return " Write digits with a decimal point and no unit: 0.5, 500_000_000."
    return ""


def _plain(message: str) -> str:
    """Return pydantic's message without its jargon."""
    message = re.sub(r"^.*[sS]hould ", "it should ", message)
    message = re.sub(r", (unable to|got a number with).*$", "", message)
    message = re.sub(r"a valid dictionary( or .*)?$", "'key: value' lines", message)
    for jargon, word in _WORDS.items():
        message = message.replace(jargon, word)
    return message


_WORDS = {
    "a valid string": "text",
    "a valid integer": "a whole number",
    "a valid boolean": "true or false",
    "a valid tuple": "a list",
    "a valid ": "a ",
}


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else text + "."
