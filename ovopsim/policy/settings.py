"""A scenario changed by dotted paths: how designs, adapters and spreadsheets say what they vary.

Besides the keys of a scenario there are the numbers of levers (``levers.exhibition.effects.1.probability``; effects
count from 0, see `policy.quantities`), and four short forms: ``roles.N`` (1 = the role is in the mix), ``shares.LEVER``
(for ``programme.shares.LEVER``), ``shocks.NAME`` (its strength; 0 = it does not happen) and the path of a parameter
as it stands (``market.outside_share.export`` for ``parameters.market.outside_share.export``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.loading import leaf_paths
from ovopsim.policy.canonical import canonical_json
from ovopsim.policy.levers import ROLES, Lever, builtin_levers, merged
from ovopsim.policy.presets import mixed_roles
from ovopsim.policy.quantities import LEVERS, quantity_paths, with_quantity
from ovopsim.policy.scenario import SHARES_TOLERANCE, Population, Programme, Scenario
from ovopsim.policy.shocks import ShockChoice, builtin_shocks

SCENARIO_KEYS: Final = ("start", "months", "size_law")
PROGRAMME_KEYS: Final = tuple(name for name in Programme.model_fields if name != "shares")
ROLE_NUMBERS: Final = tuple(role for role in ROLES if role)


def setting_paths(base: Scenario) -> tuple[str, ...]:
    """Return every path that `changed_by` knows, in their full form."""
    return tuple(_paths_of(base))


def _paths_of(base: Scenario) -> dict[str, None]:
    levers = merged(base.levers)
    return _paths_with(tuple(levers), tuple(quantity_paths(levers)))


@cache
def _paths_with(levers: tuple[str, ...], quantities: tuple[str, ...]) -> dict[str, None]:
    """Return the paths of scenarios with some levers: in order, and quick to look up."""
    paths = (
        *SCENARIO_KEYS,
        *("population.firms", "population.survey"),
        *(f"roles.{role}" for role in ROLE_NUMBERS),
        *(f"programme.{key}" for key in PROGRAMME_KEYS),
        *(f"programme.shares.{lever}" for lever in levers),
        *(f"shocks.{name}{end}" for name in builtin_shocks() for end in ("", ".start")),
        *quantities,
        *(f"parameters.{path}" for path in leaf_paths()),
    )
    return dict.fromkeys(paths)


def full_path(path: str, base: Scenario) -> str:
    """Return the full form of a path.

    Raises
    ------
    InputError
        When there is no such path; it names the nearest.

    Examples
    --------
    >>> full_path("shares.exhibition", Scenario()), full_path("planning.cover", Scenario())
    ('programme.shares.exhibition', 'parameters.planning.cover')
    """
    return _full(path, _paths_of(base))


def _full(path: str, known: Mapping[str, None]) -> str:
    for form in (str(path), f"programme.{path}", f"parameters.{path}"):
        if form in known:
            return form
    short = [each.removeprefix("parameters.").removeprefix("programme.") for each in known]
    raise InputError(f"'{path}' is nothing that can be varied{did_you_mean(path, [*short, *known])}")


def changed_by(base: Scenario, settings: Mapping[str, Any], name: str | None = None) -> Scenario:
    """Return a scenario with some settings changed.

    Shares that are set are taken as they are; the levers that are not set keep their proportions and divide what is
    left. Roles that are set make the programme: its budget is split equally over the roles in the mix. A programme that
    the base has not got lasts as long as the run; one that it has keeps its own months, whatever those of the run.

    Parameters
    ----------
    settings : mapping of str to value
        By dotted path, full or short.
    name : str, optional
        Of the new scenario.

    Raises
    ------
    InputError
        When a path does not exist or a value cannot be.

    Examples
    --------
    >>> changed_by(Scenario(), {"roles.5": 1, "programme.budget": 1e8}).programme.shares
    {'exhibition': 0.5, 'business_matching': 0.5}
    >>> changed_by(Scenario(), {"shocks.pandemic": 0.5, "planning.cover": 1.4}).shocks[0].strength
    0.5
    >>> changed_by(Scenario(), {"levers.exhibition.unit_cost": 8_000_000}).levers["exhibition"].unit_cost
    8000000.0
    """
    known = _paths_of(base)
    given = {_full(path, known): plain_value(value) for path, value in settings.items()}
    changes: dict[str, Any] = {key: given[key] for key in SCENARIO_KEYS if key in given}
    changes |= {} if name is None else {"name": name}
    population = _under(given, "population")
    if population:
        source = {} if "survey" not in population else {"synthetic": None}
        changes["population"] = Population(**base.population.model_dump() | source | population)
    parameters = _under(given, "parameters")
    if parameters:
        changes["parameters"] = base.parameters | parameters
    levers = _levers(base, given)
    if levers:
        changes["levers"] = base.levers | levers
    if any(path.startswith("shocks.") for path in given):
        changes["shocks"] = _shocks(base, _under(given, "shocks"))
    if any(path.startswith(("roles.", "programme.")) for path in given):
        changes["programme"] = _programme(base, _roles(given), _under(given, "programme"), changes.get("months"))
    return base.changed(**changes)


def plain_value(value: Any) -> Any:
    """Return a number as one of Python's, whole where it is: NumPy's, and texts such as YAML's ``1e8``.

    Examples
    --------
    >>> plain_value(60.0), plain_value("1e8"), plain_value("2016-01")
    (60, 100000000, '2016-01')
    """
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, str):
        with suppress(ValueError):
            plain = float(plain)
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def _under(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {path.removeprefix(f"{key}."): value for path, value in given.items() if path.startswith(f"{key}.")}


def _roles(given: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return the roles in the mix; None when no role is set."""
    flags = {int(number): value for number, value in _under(given, "roles").items()}
    for number, flag in flags.items():
        if flag not in (0, 1):
            raise InputError(f"roles.{number}: is {flag!r}; give 1 for a role in the mix, 0 for one that is not.")
    return tuple(sorted(number for number, flag in flags.items() if flag)) if flags else None


def _programme(
    base: Scenario, roles: tuple[int, ...] | None, settings: dict[str, Any], months: int | None
) -> Programme | None:
    """Return the programme of a changed scenario; one that the base has not got lasts as long as the run."""
    months = base.months if months is None else months
    shares = _under(settings, "shares")
    values: dict[str, Any] = {key: value for key, value in settings.items() if not key.startswith("shares.")}
    if roles == ():
        return None
    if roles is not None:
        plain = mixed_roles(roles).changed(months=months)
        start = plain if base.programme is None else base.programme.changed(shares=plain.shares)
    elif base.programme is not None:
        start = base.programme
    elif shares:
        start = mixed_roles(ROLE_NUMBERS).changed(shares={next(iter(shares)): 1.0}, months=months)
    else:
        known = ", ".join(f"programme.{key}" for key in values)
        raise InputError(f"{known}: the scenario has no programme to change; set shares or roles, or give it one.")
    if shares:
        values["shares"] = _filled(start.shares, shares)
    return start.changed(**values)


def _levers(base: Scenario, given: Mapping[str, Any]) -> dict[str, Lever]:
    """Return the levers in which a number changes."""
    known = base.all_levers
    found: dict[str, Lever] = {}
    for path, value in given.items():
        if path.startswith(LEVERS):
            name = path.split(".")[1]
            found[name] = with_quantity(found.get(name, known[name]), path, value)
    return {name: lever for name, lever in found.items() if lever is not known[name]}


def _filled(base: Mapping[str, float], given: Mapping[str, float]) -> dict[str, float]:
    """Return shares that add up: what is not given keeps its proportions and divides what is left."""
    left = 1.0 - sum(given.values())
    others = {lever: share for lever, share in base.items() if lever not in given}
    total = sum(others.values())
    if left < -1e-9:
        raise InputError(f"shares: those that are set add up to {1.0 - left:.4g}, more than 1.")
    if total <= 0.0:
        if left > SHARES_TOLERANCE:
            other = next(lever for lever in builtin_levers() if lever not in given)
            raise InputError(
                f"shares: those that are set add up to {1.0 - left:.4g}, and no other lever takes the rest; give the "
                f"base a programme in which one does, such as programme: {{budget: 1e9, shares: {{{other}: 1}}}}."
            )
        return dict(given)
    return dict(given) | {lever: max(0.0, left) * share / total for lever, share in others.items()}


def _shocks(base: Scenario, settings: Mapping[str, Any]) -> list[ShockChoice | dict[str, Any]]:
    """Return the shocks that happen: those of the scenario, changed, and those with a strength."""
    found: dict[str, dict[str, Any]] = {
        shock.name: {"name": shock.name, "start": shock.start, "strength": shock.strength} for shock in base.shocks
    }
    for path, value in settings.items():
        name, _, key = path.partition(".")
        found.setdefault(name, {"name": name})[key or "strength"] = value
    # a start alone brings a shock as recorded; of one without strength it says nothing
    return [shock for shock in found.values() if shock.get("strength", 1.0) != 0]


def varied_name(settings: Mapping[str, Any], longest: int = 80) -> str:
    """Return a short name for a point of a design: what it sets, or how much of it where that is long.

    Examples
    --------
    >>> varied_name({"programme.budget": 100_000_000, "programme.targeting": "random"})
    'budget 100 million, targeting random'
    >>> varied_name({"roles.1": 1, "roles.2": 0, "roles.3": 1})
    'roles 1 3'
    """
    roles = [path.removeprefix("roles.") for path, value in settings.items() if path.startswith("roles.") and value]
    parts = [] if not any(path.startswith("roles.") for path in settings) else [f"roles {' '.join(roles) or 'none'}"]
    for path, value in settings.items():
        if not path.startswith("roles."):
            last = path.removeprefix(LEVERS) if path.startswith(LEVERS) else path.rpartition(".")[2]
            parts.append(f"{last} {in_words(value)}")
    name = ", ".join(parts)
    if len(name) <= longest:
        return name
    mark = hashlib.sha256(canonical_json(settings).encode()).hexdigest()[:6]  # so that no two points have one name
    return f"{len(settings)} settings ({mark})"


def in_words(value: Any) -> str:
    """Return a setting as people say it: millions, not powers of ten.

    Examples
    --------
    >>> in_words(250_000_000), in_words(0.25), in_words("random")
    ('250 million', '0.25', 'random')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value / 1e6:,.6g} million" if abs(value) >= 1e6 else f"{value:.6g}"


def check_paths(paths: Iterable[str], base: Scenario) -> dict[str, str]:
    """Return the full form of each path.

    Raises
    ------
    InputError
        When one does not exist, or two are the same.
    """
    found = {path: full_path(path, base) for path in paths}
    twice = {path for path in found.values() if list(found.values()).count(path) > 1}
    if twice:
        raise InputError(f"'{min(twice)}' is varied twice; give each path once.")
    return found
