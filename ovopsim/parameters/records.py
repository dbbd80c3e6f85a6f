"""One record for each number of the model: value, unit, hard range, prior, grade, evidence, and one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from ovopsim.errors import did_you_mean
from ovopsim.fields import CHANNELS, SENTRAS, TECHNIQUES
from ovopsim.parameters.checking import Checked, Number
from ovopsim.parameters.evidence import all_evidence

ATTRIBUTES = ("craft", "management", "bookkeeping", "technology")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
# A record with several values has one for each member of one of these, in this order.
MEMBER_LISTS = (CHANNELS, TECHNIQUES, SENTRAS, ATTRIBUTES, MONTHS)

Grade = Literal["measured_here", "measured_elsewhere", "assumption"]
Prior = tuple[Literal["uniform", "lognormal", "relative", "shift"], Number, Number]
# What counts as measured here: the city and the towns around it (Soloraya).
HERE = re.compile(r"\b(Surakarta|Soloraya|Solo)\b")


class Record(Checked):
    """What is known of one number, or of one number for each member of a list.

    Attributes
    ----------
    about : str
        One sentence.
    unit : str
    value : float or dict of str to float
        A number, or one for each channel, technique, sentra, learned attribute or calendar month.
    range : tuple of float
        Hard bounds, inclusive: no value outside them is accepted from anyone.
    prior : tuple or None
        ``("uniform", low, high)``, ``("lognormal", median, sigma)`` cut off at the range, ``("relative", low,
        high)``: a uniform factor on each value, or ``("shift", low, high)``: a uniform amount added to each value.
    grade : str
        ``measured_here``: verified rows from Surakarta and around give the number; ``measured_elsewhere``: rows from
        other places, or a law, do; ``assumption``: all else, also a number that rows only make plausible, and one
        measured of something that is merely near.
    evidence : tuple of str
        Ids of rows of evidence; may be empty for an assumption, or where `source` stands.
    source : str or None
        A citation, where no row of evidence holds the number.
    derivation : str or None
        One sentence: how the number follows from its rows, where none holds it as it stands.
    uncertain : bool
        Whether the number is varied in analyses of uncertainty; then it has a prior.
    """

    about: Annotated[str, Field(min_length=1)]
    unit: Annotated[str, Field(min_length=1)]
    value: Annotated[
        Annotated[Number, Tag("<number>")] | Annotated[dict[str, Number], Tag("<members>")],
        Discriminator(lambda given: "<members>" if isinstance(given, Mapping) else "<number>"),
    ]
    range: tuple[Number, Number]
    prior: Prior | None = None
    grade: Grade
    evidence: tuple[str, ...] = ()
    source: Annotated[str, Field(min_length=1)] | None = None
    derivation: Annotated[str, Field(min_length=1)] | None = None
    uncertain: bool = False

    @property
    def members(self) -> tuple[str, ...]:
        """Members of the record's list in their order; empty for a single number."""
        if not isinstance(self.value, dict):
            return ()
        return next(names for names in MEMBER_LISTS if set(names) == set(self.value))

    def value_of(self, member: str | None = None) -> float:
        """Return the number, or that of one member."""
        if isinstance(self.value, dict):
            return self.value["" if member is None else member]
        return self.value

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        problems = [
            problem for check in (_sentence, _members, _range, _prior, _grounds) if (problem := check(self)) is not None
        ]
        if problems:
            raise ValueError(" ".join(problems))
        return self


def _sentence(record: Record) -> str | None:
    for name in ("about", "derivation"):
        text = getattr(record, name)
        if text is not None and (not text.endswith(".") or re.search(r"[.!?]\s", text)):
            return f"{name}: {text!r} is not one sentence with a full stop."
    return None


def _members(record: Record) -> str | None:
    if not isinstance(record.value, dict) or any(set(names) == set(record.value) for names in MEMBER_LISTS):
        return None
    closest = max(MEMBER_LISTS, key=lambda names: len(set(names) & set(record.value)))  # type: ignore[arg-type]
    odd = [f"'{name}' is none{did_you_mean(name, closest)}" for name in record.value if name not in closest]
    return " ".join([f"value: there must be one number for each of {', '.join(closest)}.", *odd])


def _values(record: Record) -> dict[str, float]:
    if isinstance(record.value, dict):
        return {f"value.{member}": value for member, value in record.value.items()}
    return {"value": record.value}


def _range(record: Record) -> str | None:
    low, high = record.range
    if not low < high:
        return f"range: {low:g} is not below {high:g}."
    outside = [f"{name} {value:g}" for name, value in _values(record).items() if not low <= value <= high]
    return f"{', '.join(outside)} lies outside the range {low:g} to {high:g}." if outside else None


def _prior(record: Record) -> str | None:
    if record.prior is None:
        return "prior: an uncertain number needs one." if record.uncertain else None
    kind, first, second = record.prior
    low, high = record.range
    if kind == "lognormal":
        sound = low <= first <= high and first > 0.0 and second > 0.0 and low >= 0.0
        return None if sound else "prior: a log-normal needs a median in the range, all above 0, and sigma above 0."
    if not first < second:
        return f"prior: {first:g} is not below {second:g}."
    for name, value in _values(record).items():
        ends = _ends(kind, first, second, value)
        if not (low <= min(ends) and max(ends) <= high):
            return f"prior: {min(ends):g} to {max(ends):g} for {name} reaches outside the range {low:g} to {high:g}."
        if not min(ends) <= value <= max(ends):
            return f"prior: {min(ends):g} to {max(ends):g} does not hold {name} {value:g}."
    return None


def _ends(kind: str, first: float, second: float, value: float) -> tuple[float, float]:
    if kind == "relative":
        return first * value, second * value
    return (value + first, value + second) if kind == "shift" else (first, second)


def _grounds(record: Record) -> str | None:
    rows = all_evidence()
    unknown = [
        f"'{name}' is no row of evidence{did_you_mean(name, rows)}" for name in record.evidence if name not in rows
    ]
    if unknown:
        return "evidence: " + " ".join(unknown)
    if record.grade == "assumption" or record.source is not None:
        return None
    if not any(rows[name].verified for name in record.evidence):
        return f"grade: {record.grade} needs a verified row of evidence or a source; without, it is an assumption."
    if record.grade == "measured_here" and not any(is_from_here(rows[name].place) for name in record.evidence):
        return "grade: measured_here needs a row of evidence from Surakarta or around."
    return None


def is_from_here(place: str) -> bool:
    """Whether a row's place is Surakarta or a town around it."""
    return HERE.search(place) is not None
