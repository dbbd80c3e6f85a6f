"""What a sweep is to run: every point of a design as a scenario with its identity, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ovopsim.errors import InputError
from ovopsim.policy import Scenario
from ovopsim.policy.settings import changed_by, check_paths, in_words, plain_value, varied_name
from ovopsim.simulation.checks import check_numbers, check_scenario, kept_months
from ovopsim.study.designs import Design, default_base
from ovopsim.study.identity import Content, content_of, model_digest, run_id
from ovopsim.study.tasks import Point


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep is to run, checked.

    Attributes
    ----------
    points : list of Point
    settings : list of dict
        What each point sets, by full path.
    contents : list of Content
        What identifies each point's scenario.
    ids : dict of (int, int) to str
        Identity of the run of each point (number) and replication.
    askers : dict of str to list of (int, int)
        Which points and replications ask for each run: those that say the same share one.
    base : Content
        Of the scenario that the points change.
    """

    name: str
    points: list[Point]
    settings: list[dict[str, Any]]
    contents: list[Content]
    ids: dict[tuple[int, int], str]
    askers: dict[str, list[tuple[int, int]]]
    replications: int
    seed: int
    keep_months: tuple[int, ...]
    digest: str
    base: Content


def plan_sweep(
    design: Design,
    base: Scenario | None = None,
    replications: int = 64,
    seed: int = 1,
    keep_months: Iterable[int] = (),
    name: str = "Sweep",
) -> SweepPlan:
    """Return what a design asks for, every point checked before anything runs.

    Raises
    ------
    InputError
        When a path does not exist, a value cannot be, or there is no point; it names the point.
    """
    if not isinstance(design, Design):
        raise InputError(f"sweep: design is a {type(design).__name__}; make one with Design.grid and the like.")
    if not len(design):
        raise InputError("sweep: the design has no points.")
    check_numbers(replications, seed)
    start = default_base() if base is None else check_scenario(base, "sweep: base")
    full = check_paths(design.points.columns, start)
    points, settings = [], []
    for number, given in enumerate(design.settings()):
        values = {full[path]: plain_value(value) for path, value in given.items()}
        try:
            scenario = changed_by(start, values, varied_name(values) or start.name)
        except InputError as error:
            raise InputError(f"sweep: point {number + 1} of the design ({_in_words(given)}): {error}") from None
        points.append(Point(number, scenario, content_of(scenario)))
        settings.append(values)
    contents = [point.content for point in points]
    digest = model_digest()
    ids = {
        (point.number, world): run_id(content, int(seed), world, digest)
        for point, content in zip(points, contents, strict=True)
        for world in range(replications)
    }
    askers: dict[str, list[tuple[int, int]]] = {}
    for key, identity in ids.items():
        askers.setdefault(identity, []).append(key)
    kept = kept_months(keep_months, min(point.scenario.months for point in points))
    return SweepPlan(
        name, points, settings, contents, ids, askers, int(replications), int(seed), kept, digest, content_of(start)
    )


def _in_words(settings: Mapping[str, Any], most: int = 4) -> str:
    """Return what a point sets, the first few of many."""
    told = [f"{path} {in_words(plain_value(value))}" for path, value in settings.items()]
    return ", ".join(told[:most] + ["…"] * (len(told) > most))
