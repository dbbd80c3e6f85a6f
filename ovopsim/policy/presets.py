"""The scenarios that are compared when nobody names others: no programme, all seven roles, each role alone."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ovopsim.errors import InputError
from ovopsim.parameters.loading import read_records
from ovopsim.parameters.records import Record
from ovopsim.policy.levers import ROLES, builtin_levers
from ovopsim.policy.scenario import Programme, Scenario


@cache
def programme_records() -> dict[str, Record]:
    """Return the records of the default programme: its budget and its length."""
    return read_records(files("ovopsim.policy") / "data" / "programme.yaml")


def levers_of(role: int) -> tuple[str, ...]:
    """Return the names of the shipped levers of a role; 0 = benchmarks.

    Raises
    ------
    InputError
        When there is no such role.
    """
    if role not in ROLES:
        raise InputError(f"role {role}: the roles of the agency are 1 to 7.")
    return tuple(name for name, lever in builtin_levers().items() if lever.role == role)


def mixed_roles(roles: tuple[int, ...]) -> Programme:
    """Return some roles with the default budget: an equal split over them, and within a role over its levers."""
    records = programme_records()
    shares = {name: 1.0 / len(roles) / len(levers_of(role)) for role in roles for name in levers_of(role)}
    return Programme(budget=records["budget"].value_of(), shares=shares, months=round(records["months"].value_of()))


def default_programme() -> Programme:
    """Return all seven roles together: an equal split over the roles, and within a role over its levers."""
    return mixed_roles(tuple(role for role in ROLES if role))


def role_alone(role: int) -> Programme:
    """Return one role (1 to 7) with the whole budget of the default programme.

    Raises
    ------
    InputError
        When there is no such role.
    """
    if role == 0:
        raise InputError("role 0: the roles of the agency are 1 to 7.")
    levers_of(role)
    return mixed_roles((role,))


def presets() -> dict[str, Scenario]:
    """Return the standard comparison by name; the first is the baseline."""
    programmes = {"No programme": None, "All seven roles": default_programme()}
    programmes |= {f"Role {role}: {name}": role_alone(role) for role, name in ROLES.items() if role}
    return {name: Scenario(name=name, programme=programme) for name, programme in programmes.items()}
