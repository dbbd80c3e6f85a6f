"""What a worker is given and gives back: some runs of a sweep, a world after the other, with memory for one world.

Everything here can be pickled, so that threads, processes and a cluster's workers do the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.policy import Scenario
from ovopsim.population.month_zero import BURN_IN
from ovopsim.simulation import BatchRun, failed, month_zero, population_key, run_batch
from ovopsim.study.identity import Content, check_unchanged, model_digest

LARGEST: Final = 3_000_000  # firm-months of a task, burn-in included: about a second of work
MOST_BYTES: Final = 60_000_000  # of a task's results
BYTES_OF_A_MONTH: Final = 400  # outcomes and units delivered of a run
BYTES_OF_A_FIRM: Final = 2_200  # of a kept firm table, spare slots included
FIRMS_OF_A_SURVEY: Final = 250  # a guess, to cut tasks: the file is not read for that


@dataclass(frozen=True)
class Point:
    """A point of a design, ready to run.

    Attributes
    ----------
    number : int
        Place in the design.
    scenario : Scenario
    content : Content
        What identifies the scenario: a worker whose files say something else is refused.
    """

    number: int
    scenario: Scenario
    content: Content


@dataclass(frozen=True)
class Task:
    """Runs that one worker does in one go.

    Attributes
    ----------
    runs : tuple of (Point, int)
        Points and replications; those of one world follow each other.
    seed : int
    keep_months : tuple of int
    digest : str
        Of the model that asks.
    """

    runs: tuple[tuple[Point, int], ...]
    seed: int
    keep_months: tuple[int, ...]
    digest: str


@dataclass(frozen=True)
class Done:
    """What a run leaves.

    Attributes
    ----------
    number, replication : int
        Of point and world.
    monthly : array (months, outcomes)
    delivered : array (months, levers)
    tables : dict of int to array (fields, firms in business)
    reason : str
        Why it failed; empty when it did not.
    """

    number: int
    replication: int
    monthly: Reals
    delivered: Reals
    tables: dict[int, Reals]
    reason: str


def work(task: Task) -> list[Done]:
    """Do the runs of a task; one that fails says why, and the others go on.

    Raises
    ------
    InputError
        When this worker has another version of the model.
    """
    if model_digest() != task.digest:
        raise InputError("sweep: a worker has another version of the model; install the same on all machines.")
    found: list[Done] = []
    for points, replication in _worlds(task.runs):
        found.extend(
            Done(point.number, replication, run.monthly, run.delivered, run.tables, run.problem)
            for point, run in zip(points, _in_one_world(points, replication, task), strict=True)
        )
    return found


def _worlds(runs: Sequence[tuple[Point, int]]) -> Iterator[tuple[list[Point], int]]:
    """Yield runs of the same world together."""
    last: Any = None
    points: list[Point] = []
    for point, replication in runs:
        key = (population_key(point.scenario), replication)
        if points and key != last:
            yield points, last[1]
            points = []
        points.append(point)
        last = key
    if points:
        yield points, last[1]


def _in_one_world(points: list[Point], replication: int, task: Task) -> list[BatchRun]:
    scenarios = [point.scenario for point in points]
    check_unchanged(points[0].scenario, points[0].content)  # another machine may have another file of that name
    try:
        start = month_zero(scenarios[0], task.seed, replication)
        return run_batch(scenarios, start, task.keep_months)
    except MemoryError:  # no fault of the scenario
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is becomes the reason in the table of runs
        reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        return [failed(reason)] * len(points)


def tasks(wanted: Sequence[tuple[Point, int]], seed: int, keep_months: tuple[int, ...], digest: str) -> Iterator[Task]:
    """Yield the tasks of a sweep, ordered so that one that is cut short is balanced.

    All points in world 0, then all in world 1, and so on; points in an order that has nothing to do with the design's,
    but for those of one month-0 state, which stand together so that it is made once.
    """
    order = np.random.default_rng(0).permutation(1 + max((point.number for point, _ in wanted), default=0))
    place = {int(number): rank for rank, number in enumerate(order)}
    by_world: dict[tuple[int, Any], list[Point]] = {}
    for point, replication in sorted(wanted, key=lambda run: (run[1], place[run[0].number])):
        by_world.setdefault((replication, population_key(point.scenario)), []).append(point)
    runs: list[tuple[Point, int]] = []
    cost = size = 0
    for (replication, _), points in by_world.items():
        cost += _firms(points[0]) * BURN_IN
        for point in points:
            runs.append((point, replication))
            cost += _firms(point) * point.scenario.months
            size += BYTES_OF_A_MONTH * point.scenario.months + BYTES_OF_A_FIRM * _firms(point) * len(keep_months)
            if cost >= LARGEST or size >= MOST_BYTES:
                yield Task(tuple(runs), seed, keep_months, digest)
                runs, cost, size = [], 0, 0
    if runs:
        yield Task(tuple(runs), seed, keep_months, digest)


def _firms(point: Point) -> int:
    return point.scenario.population.firms or FIRMS_OF_A_SURVEY
