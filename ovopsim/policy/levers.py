"""What the agency can do, as data: the shipped levers, and those that a user adds or changes in a scenario."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from ovopsim.errors import InputError, did_you_mean
from ovopsim.fields import CHANNELS, N_CHANNELS, FirmRows, SentraRows, fields_of
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.parameters.checking import Checked, checked
from ovopsim.parameters.records import Record
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy.effects import Effect, Quantity, Whom, value_of

LEVERS_FILE = files("ovopsim.policy") / "data" / "levers.yaml"

# roles of the agency; 0 holds what a programme is measured against
ROLES: Final = {
    0: "Benchmarks",
    1: "Policy development",
    2: "Institutional strengthening",
    3: "Productivity",
    4: "Places of business",
    5: "Market network",
    6: "Capital as stimulus",
    7: "Owners' human resources",
}

Constraint = Literal["marketing", "capital", "human_resources", "technology", "partnership"]
Direction = Annotated[Literal[-1, 1], Field(description="1 = up, -1 = down")]


def _states() -> tuple[str, ...]:
    names = ["knowledge"]
    for table in (FirmRows, SentraRows):
        for name, (field, _) in fields_of(table).items():
            if field.rows == N_CHANNELS:
                prefix = "access" if name == "market_access" else name
                names += [f"{prefix}.{channel}" for channel in CHANNELS]
            elif field.rows == 1:
                names.append(name)
    return tuple(names)


# Names of the states that a first link may have: rows of `ovopsim.state`, `access.<channel>` for market access.
STATES: Final = _states()


class FirstLink(Checked):
    """The state that a lever moves first, and to which side."""

    state: str
    direction: Direction

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.state not in STATES:
            raise ValueError(f"'{self.state}' is no state{did_you_mean(self.state, STATES)}")
        return self


class AimsAt(Checked):
    """The monthly outcome that a lever is for, and to which side it should move."""

    outcome: str
    direction: Direction

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"'{self.outcome}' is no outcome{did_you_mean(self.outcome, OUTCOMES)}")
        return self


class Requires(Checked):
    """What a firm must be (true) or must not be (false) to be offered a lever; what is left out does not matter."""

    licensed: bool | None = None
    member: bool | None = None
    certified: bool | None = None
    business_account: bool | None = None
    minimum_age: Quantity = 0.0
    not_served_within: Quantity = 0.0

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        for name in ("minimum_age", "not_served_within"):
            if value_of(getattr(self, name)) < 0.0:
                raise ValueError(f"{name} is {value_of(getattr(self, name)):g}; it must not be below 0.")
        return self


class Acceptance(Checked):
    """Terms of the logit of taking an offer.

    Attributes
    ----------
    intercept : float or Record
    taste : float or Record
        Spread of lasting taste over firms.
    value : float or Record
        For what is handed over, over a month's profit.
    days : float or Record
        Taken off for the owner's days, over the working days of a month.
    payment : float or Record
        Taken off for payment and expected yearly tax, over a month's profit.
    """

    intercept: Quantity = 0.0
    taste: Quantity = 0.0
    value: Quantity = 0.0
    days: Quantity = 0.0
    payment: Quantity = 0.0


# quantities of a lever, with the least value of each
LEAST: Final = {"unit_cost": 0.0, "batch": 0.0, "capacity": 0.0, "owner_days": 0.0, "co_payment": 0.0, "delay": 0.0}


class Lever(Checked):
    """One thing the agency can do.

    Attributes
    ----------
    role : int
        1 to 7; 0 for a benchmark.
    about : str
        One sentence.
    to : str
        ``firms``, ``sentra`` or ``cooperative``.
    unit_cost : float or Record
        Rupiah a unit.
    batch : float or Record
        Units delivered together; 0 = not lumpy.
    capacity : float or Record or None
        Most units in a month; needed for firms and cooperatives, not used by a lever on a sentra, where money
        is spent as it comes.
    owner_days, co_payment : float or Record
        Working days and rupiah that the firm gives.
    through : str
        ``direct``, or ``cooperative``: only its members are reached.
    requires : Requires
    acceptance : Acceptance or None
        None: whoever is asked accepts.
    delay : float or Record
        Months from delivery to effect.
    effects : tuple of Effect
    constraint : str or None
        The binding constraint that the lever addresses, by which `most_constrained` ranks firms.
    first_link : FirstLink
    aims_at : AimsAt
    """

    role: Annotated[int, Field(ge=0, le=7)]
    about: Annotated[str, Field(min_length=1)]
    to: Whom
    unit_cost: Quantity
    batch: Quantity = 1.0
    capacity: Quantity | None = None
    owner_days: Quantity = 0.0
    co_payment: Quantity = 0.0
    through: Literal["direct", "cooperative"] = "direct"
    requires: Requires = Requires()
    acceptance: Acceptance | None = None
    delay: Quantity = 0.0
    effects: Annotated[tuple[Effect, ...], Field(min_length=1)]
    constraint: Constraint | None = None
    first_link: FirstLink
    aims_at: AimsAt

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = [
            f"{effect.verb} {effect.target} works on {effect.whom}, but the lever is to {self.to}."
            for effect in self.effects
            if effect.whom != self.to
        ]
        if self.capacity is None and self.to != "sentra":
            problems.append("'capacity' is missing.")
        if value_of(self.delay) > value_of(self.requires.not_served_within):
            # one delivery at a time may be on its way to a firm
            problems.append("delay must not be longer than requires.not_served_within.")
        for name, least in LEAST.items():
            quantity = getattr(self, name)
            if quantity is None:
                continue
            if isinstance(quantity, Record) and quantity.members:
                problems.append(f"{name} must be one number.")
            elif value_of(quantity) < least:
                problems.append(f"{name} is {value_of(quantity):g}; it must not be below {least:g}.")
        if problems:
            raise ValueError(" ".join(problems))
        return self


@cache
def _shipped() -> dict[str, Any]:
    return read_yaml(LEVERS_FILE)


@cache
def builtin_levers() -> Mapping[str, Lever]:
    """Return the shipped levers by name, in the order of their file.

    Raises
    ------
    InputError
        When a shipped record is not sound; it names the lever and the key.
    """
    return MappingProxyType(
        {name: checked(Lever, record, f"levers.yaml: {name}") for name, record in _shipped().items()}
    )


def full_record(name: str, given: Any) -> Any:
    """Return a user's record of a lever, completed by the shipped lever of that name if there is one.

    A key that the user gives replaces the shipped key with all below it.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise InputError(f"'{name}' cannot name a lever: small letters, digits and _ only, a letter first.")
    if not isinstance(given, Mapping):
        return given
    if name in _shipped():
        return {**_shipped()[name], **given}
    missing = [key for key in _needed(given) if key not in given]
    if missing:
        near = did_you_mean(name, _shipped())
        raise InputError(f"'{name}' is no shipped lever{near} A new one needs {', '.join(missing)} too.")
    return given


def _needed(given: Mapping[str, Any]) -> list[str]:
    """Return the keys that a new lever must have."""
    without_room = given.get("to") == "sentra"
    return [
        key
        for key, field in Lever.model_fields.items()
        if field.is_required() or (key == "capacity" and not without_room)
    ]


def merged(user: Mapping[str, Lever]) -> dict[str, Lever]:
    """Return the shipped levers with a user's: changed ones in their place, new ones after them by name.

    The order does not depend on how the user's file is sorted, so that neither do the draws, which count levers.
    """
    new = {name: user[name] for name in sorted(user) if name not in builtin_levers()}
    return {name: user.get(name, lever) for name, lever in builtin_levers().items()} | new


def unknown_levers(names: Iterable[object], valid: Iterable[str]) -> list[str]:
    """Return a sentence for each name that no lever has."""
    known = tuple(valid)
    return [
        f"'{name}' is no lever: write 0.5, with a point, for 0,5."  # {share: 0,5} is a key `share` and a key 5
        if isinstance(name, int)
        else f"'{name}' is no lever{did_you_mean(name, known)} See 'ovopsim levers'."
        for name in names
        if name not in known
    ]
