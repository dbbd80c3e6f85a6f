"""How a sweep is cut into tasks, and what a worker gives back."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest

from ovopsim.errors import InputError
from ovopsim.study import tasks as module
from ovopsim.study.identity import content_of, model_digest
from ovopsim.study.tasks import Point, Task, tasks, work
from tests.small import small, spending


def points(count: int = 6, worlds: int = 1) -> list[Point]:
    """Return points; those of different values of a parameter have different worlds."""
    return [
        Point(number, scenario, content_of(scenario))
        for number in range(count)
        for scenario in [
            small(
                f"point {number}",
                months=6,
                programme=spending({"exhibition": 1.0}, budget=1e7 * (number + 1), months=6),
                parameters={"planning.cover": 1.3 + 0.01 * (number % worlds)},
            )
        ]
    ]


def wanted(some: list[Point], replications: int) -> list[tuple[Point, int]]:
    return [(point, world) for point in some for world in range(replications)]


def test_every_run_is_in_one_task() -> None:
    some = points(5, worlds=2)
    for largest in (1, 50_000, 10**9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "LARGEST", largest)
            found = [run for task in tasks(wanted(some, 3), 1, (), "x") for run in task.runs]
        assert sorted((point.number, world) for point, world in found) == sorted(
            (point.number, world) for point, world in wanted(some, 3)
        )


def test_a_sweep_that_is_cut_short_is_balanced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1)
    order = [run for task in tasks(wanted(points(8), 4), 1, (), "x") for run in task.runs]
    worlds = [world for _, world in order]
    assert worlds == sorted(worlds)  # each world has all points before the next begins
    numbers = [point.number for point, _ in order[:8]]
    assert sorted(numbers) == list(range(8))
    assert numbers != list(range(8))  # and they come in an order that is not the design's


def test_the_runs_of_a_world_stand_together() -> None:
    (task,) = tasks(wanted(points(6, worlds=3), 2), 1, (), "x")
    keys = [(point.scenario.parameters["planning.cover"], world) for point, world in task.runs]
    changes = sum(one != other for one, other in pairwise(keys))
    assert changes == len(set(keys)) - 1


@pytest.mark.usefixtures("warm_core")
class TestWork:
    def test_tasks_cut_otherwise_give_the_same_bits(self) -> None:
        runs = wanted(points(4, worlds=2), 2)
        whole = {
            (done.number, done.replication): done
            for task in tasks(runs, 1, (5,), model_digest())
            for done in work(task)
        }
        for run in runs:
            (alone,) = work(Task((run,), 1, (5,), model_digest()))
            found = whole[run[0].number, run[1]]
            np.testing.assert_array_equal(found.monthly, alone.monthly)
            np.testing.assert_array_equal(found.delivered, alone.delivered)
            np.testing.assert_array_equal(found.tables[5], alone.tables[5])

    def test_what_travels_can_be_pickled(self) -> None:
        (task,) = tasks(wanted(points(1), 1), 1, (), model_digest())
        again = pickle.loads(pickle.dumps(task))  # noqa: S301 - our own
        (done,) = pickle.loads(pickle.dumps(work(again)))  # noqa: S301 - our own
        assert done.reason == ""

    def test_a_run_that_fails_says_why(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("nothing to divide by")

        monkeypatch.setattr(module, "month_zero", broken)
        found = work(Task(tuple(wanted(points(2), 1)), 1, (), model_digest()))
        assert [done.reason for done in found] == ["ZeroDivisionError: nothing to divide by"] * 2

    def test_a_worker_with_another_model_is_refused(self) -> None:
        with pytest.raises(InputError, match="another version of the model"):
            work(Task((), 1, (), "other"))
