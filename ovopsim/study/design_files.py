"""A sweep as a YAML file: a scenario to start from, blocks of what is varied, replications and a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import mul
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters.checking import checked
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy import Scenario, default_programme, load_scenario
from ovopsim.study.designs import SEVEN, Design, default_base

KEYS: Final = ("name", "base", "replications", "seed", "keep_months", "design")
SURVEY: Final = "population.survey"
MIXES: Final = ("roles.", "shares.", "programme.shares.")  # what says how a budget is split


@dataclass(frozen=True)
class SweepFile:
    """What a design file asks for.

    Attributes
    ----------
    name : str
    base : Scenario
        What the points of the design change.
    design : Design
    replications, seed : int
    keep_months : tuple of int
    inputs : tuple of str
        Files that were read.
    """

    name: str
    base: Scenario
    design: Design
    replications: int
    seed: int
    keep_months: tuple[int, ...]
    inputs: tuple[str, ...]


def load_design(path: str | Path) -> SweepFile:
    """Return the sweep of a YAML file.

    ``base`` is a scenario's file or its keys (left out: the shipped cluster with all seven roles). ``design`` is one
    block or a list of blocks that are crossed: ``grid``, ``zip``, ``latin_hypercube``, ``sobol``, ``roles``, ``table``.
    Paths of files count from the design's file. A base's programme may leave its shares to a design that varies roles
    or shares; where a point does not set them, they are an equal split over the seven roles.

    Raises
    ------
    InputError
        When something is wrong; it names file and key.
    """
    file = Path(path)
    given = {key: value for key, value in read_yaml(file).items() if value is not None}
    for key in given:
        if key not in KEYS:
            keys = ", ".join(KEYS)
            raise InputError(f"{path}: '{key}' is no key{did_you_mean(key, KEYS)} The keys are {keys}.")
    try:
        design, tables = _design(given.get("design"), file)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    mixed = any(str(column).startswith(MIXES) for column in design.points)
    base, read = _base(given.get("base"), file, mixed)
    return SweepFile(
        str(given.get("name", file.stem)),
        base,
        design,
        _number(path, given, "replications", 64),
        _number(path, given, "seed", 1),
        _months(path, given.get("keep_months", [])),
        (str(file), *read, *tables),
    )


def _number(path: str | Path, given: Mapping[str, Any], key: str, default: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise InputError(f"{path}: {key} is {value!r}; give a whole number.")
    return value


def _months(path: str | Path, given: Any) -> tuple[int, ...]:
    if not isinstance(given, list) or not all(isinstance(month, int) for month in given):
        raise InputError(f"{path}: keep_months is {given!r}; give a list of months such as [11, 59].")
    return tuple(given)


def _base(given: Any, file: Path, mixed: bool) -> tuple[Scenario, tuple[str, ...]]:
    if given is None:
        return default_base(), ()
    if isinstance(given, str):
        place = file.parent / given
        content = {key: value for key, value in read_yaml(place).items() if value is not None}
        if not mixed or not _lacks_shares(content):
            return load_scenario(place), (str(place),)
        return _scenario({"name": place.stem} | content, place, str(place), mixed), (str(place),)
    if not isinstance(given, Mapping):
        raise InputError(f"{file}: base is {given!r}; give the file of a scenario, or its keys.")
    return _scenario({"name": "Base"} | dict(given), file, f"{file}: base", mixed), ()


def _scenario(content: dict[str, Any], file: Path, where: str, mixed: bool) -> Scenario:
    """Return the scenario of some keys: a survey's path counts from their file, and shares may be left to a design."""
    population = content.get("population")
    if isinstance(population, Mapping) and isinstance(population.get("survey"), str):
        content["population"] = {**population, "survey": _beside(population["survey"], file, where)}
    if mixed and _lacks_shares(content):
        content["programme"] = {**content["programme"], "shares": default_programme().shares}
    return checked(Scenario, content, where)


def _lacks_shares(content: Mapping[str, Any]) -> bool:
    programme = content.get("programme")
    return isinstance(programme, Mapping) and not programme.get("shares")


def _beside(survey: str, file: Path, where: str) -> str:
    """Return a survey's path, counted from the file that names it, as in a scenario's file."""
    place = file.parent / survey
    if not place.is_file():
        raise InputError(f"{where}: {SURVEY}: there is no file {place}.")
    return str(place)


def _design(given: Any, file: Path) -> tuple[Design, tuple[str, ...]]:
    blocks = given if isinstance(given, list) else [given] if given else []
    if not blocks:
        raise InputError("design: is empty; give a block such as grid: {programme.budget: [100_000_000, 500_000_000]}.")
    designs, read = [], []
    for block in blocks:
        if not isinstance(block, Mapping) or not block:
            raise InputError(f"design: {block!r} is no block; a block is one of {', '.join(BLOCKS)}.")
        for kind, content in block.items():
            if kind not in BLOCKS:
                raise InputError(
                    f"design: '{kind}' is no block{did_you_mean(kind, BLOCKS)} Blocks are {', '.join(BLOCKS)}."
                )
            designs.append(BLOCKS[kind](content, file))
            if kind == "table":
                read.append(str(file.parent / content))
    design: Design = reduce(mul, designs)
    if not len(design):
        raise InputError("design: has no points.")
    if SURVEY not in design.points:
        return design, tuple(read)
    surveys = {text: _beside(text, file, "design") for text in design.points[SURVEY] if isinstance(text, str)}
    points = design.points.assign(**{SURVEY: design.points[SURVEY].map(lambda text: surveys.get(text, text))})
    return Design(points), (*read, *surveys.values())


def _sampled(make: Callable[..., Design], kind: str) -> Callable[[Any, Path], Design]:
    def block(content: Any, _: Path) -> Design:
        keys = ("points", "over", "seed")
        if not isinstance(content, Mapping) or not {"points", "over"} <= set(content) <= set(keys):
            raise InputError(f"design: {kind}: give points, over and, if you like, seed; not {content!r}.")
        seed = content.get("seed", 1)
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise InputError(f"design: {kind}: seed is {seed!r}; give a whole number.")
        return make(content["points"], content["over"], seed)

    return block


def _roles(content: Any, _: Path) -> Design:
    if content == "all":
        return Design.roles()
    if isinstance(content, list):
        return Design.roles(content)
    if isinstance(content, Mapping) and set(content) <= {"numbers", "budget"}:
        numbers = content.get("numbers", "all")
        return Design.roles(SEVEN if numbers == "all" else numbers, content.get("budget", "total"))
    raise InputError(f"design: roles: is {content!r}; give all, a list such as [1, 3], or numbers and budget.")


def _table(content: Any, file: Path) -> Design:
    place = file.parent / str(content)
    try:
        frame = pd.read_parquet(place) if place.suffix == ".parquet" else pd.read_csv(place, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"design: table: {place} cannot be read ({error}).") from None
    if frame.empty:
        raise InputError(f"design: table: {place} has no rows.")
    return Design.table(frame)


BLOCKS: Final[dict[str, Callable[[Any, Path], Design]]] = {
    "grid": lambda content, _: Design.grid(content),
    "zip": lambda content, _: Design.zip(content),
    "latin_hypercube": _sampled(Design.latin_hypercube, "latin_hypercube"),
    "sobol": _sampled(Design.sobol, "sobol"),
    "roles": _roles,
    "table": _table,
}
