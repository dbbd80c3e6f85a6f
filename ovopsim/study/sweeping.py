"""Sweeps: every point of a design in every world, stored as it comes, and never run twice."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ovopsim.errors import InputError
from ovopsim.study import parts, store
from ovopsim.study.identity import check_unchanged, versions
from ovopsim.study.progress import Tick, watched
from ovopsim.study.sweep_frames import Ran, empty_tables, sweep_tables
from ovopsim.study.sweep_plan import SweepPlan
from ovopsim.study.tasks import Done, Task, tasks, work
from ovopsim.study.worlds import cores

IN_FLIGHT: Final = 32  # tasks that an executor of unknown size is given at once
BYTES_OF_A_PART: Final = 30_000_000  # of outcomes in memory: a third of that on the disk
SECONDS_OF_A_PART: Final = 20.0
# what executors raise whose workers are gone: by name, for Dask is installed where somebody uses it only
WORKERS_GONE: Final = ("distributed.scheduler.KilledWorker",)


@dataclass
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    wanted : int
        Different runs that the design asks for.
    stored, stored_failed : int
        Of these, those that the store had, and those of them that had failed.
    done, failed : int
        Runs of this command.
    waiting : list of Done
        Ended and not yet stored.
    since, began : float
        When runs were stored last, and when the sweep began (seconds of a clock that only runs forward).
    """

    wanted: int
    stored: int
    stored_failed: int = 0
    done: int = 0
    failed: int = 0
    waiting: list[Done] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.monotonic)


def carry_out(  # noqa: PLR0913, PLR0917 - doors pass on what they were given
    plan: SweepPlan,
    out: Path,
    record: dict[str, Any],
    executor: Executor | None = None,
    n_jobs: int | None = None,
    silent: bool = False,
    language: str = "en",
    retry_failed: bool = False,
) -> Progress:
    """Run what a plan asks for and a store has not got. Arguments and errors as for `sweep`.

    Parameters
    ----------
    record : dict
        What the store's record says of this command besides the plan.
    """
    with store.held(out, plan.digest) as held:
        known = _known(out, retry_failed)
        _check_kept(plan, out, known)
        lacking, wanted = _wanted(plan, known)
        with held.transaction() as workplace:
            if retry_failed:
                store.forget_failed(workplace, out, set(plan.askers))
            held.prepare(workplace, empty_tables(plan.points, plan.settings))
            store.write_record(workplace, out, record | _described(plan), plan.digest, keep_findings=True)
        if lacking:  # runs that stand in the store, under another name or without this design's columns
            held.add(sweep_tables(lacking, plan.seed, plan.digest))
        failed = sum(bool(known[identity].reason) for identity in plan.askers if identity in known)
        state = Progress(len(plan.askers), len(plan.askers) - len(wanted), failed)
        with watched(len(wanted), silent or not wanted, language) as tick, _workers(executor, n_jobs) as (pool, room):
            todo = tasks(
                [(plan.points[number], world) for number, world in wanted], plan.seed, plan.keep_months, plan.digest
            )
            try:
                for found in _results(pool, todo, room):
                    _take(plan, held, state, found, tick)
            finally:  # stopped or failed: what has ended is kept
                _commit(plan, held, state)
    return state


def _described(plan: SweepPlan) -> dict[str, Any]:
    return {
        "sweep": plan.name,
        "time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "points": len(plan.points),
        "varied": sorted({path for settings in plan.settings for path in settings}),
        "replications": plan.replications,
        "seed": plan.seed,
        "keep_months": list(plan.keep_months),
        "model_digest": plan.digest,
        "versions": versions(),
    }


@dataclass
class Known:
    """A run that the store has.

    Attributes
    ----------
    names : set of (str, str)
        Its name and the digest of the scenario that a design changed, for each of its rows.
    reason : str
        Why it failed; empty when it did not.
    """

    names: set[tuple[str, str]] = field(default_factory=set)
    reason: str = ""


def _known(out: Path, retry_failed: bool) -> dict[str, Known]:
    """Return the runs that a store has; without those that failed when they are to be tried again."""
    found: dict[str, Known] = {}
    for path in parts.parts(out, "runs"):
        columns = parts.columns(path, ("run_id", "scenario", "base_digest", "status", "reason"))
        for identity, name, base, status, reason in zip(*columns, strict=True):
            if status == "done" or not retry_failed:
                run = found.setdefault(identity, Known())
                run.names.add((name, base))
                run.reason = reason
    return found


def _wanted(plan: SweepPlan, known: dict[str, Known]) -> tuple[list[Ran], list[tuple[int, int]]]:
    """Return the rows that the table of runs lacks of stored runs, and the runs (point, world) that are to be done."""
    lacking: list[Ran] = []
    wanted: list[tuple[int, int]] = []
    for identity, keys in plan.askers.items():
        run = known.get(identity)
        if run is None:
            wanted.append(keys[0])
            continue
        lacking.extend(
            _ran(plan, *key, None, run.reason)
            for key in keys
            if (plan.points[key[0]].scenario.name, plan.base.digest) not in run.names
        )
    return lacking, wanted


def _check_kept(plan: SweepPlan, out: Path, known: dict[str, Known]) -> None:
    """Refuse to keep firms of runs that are stored without them: a run is not done twice.

    Raises
    ------
    InputError
        It names the folder and what would be right.
    """
    stored = {identity for identity in plan.askers if identity in known and not known[identity].reason}
    if not plan.keep_months or not stored:
        return
    there = parts.keys_in(out, "firms")
    lacking = {identity for identity in stored for step in plan.keep_months if (identity, step) not in there}
    if lacking:
        raise InputError(
            f"{out}: {len(lacking)} of the runs are stored without the firms of the months to keep; "
            "name another folder."
        )


@contextmanager
def _workers(executor: Executor | None, n_jobs: int | None) -> Iterator[tuple[Executor, int]]:
    """Give who does the work, and how many tasks it is given at once."""
    if executor is not None:
        yield executor, IN_FLIGHT
        return
    threads = n_jobs or cores()
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool, threads + 2
    finally:
        pool.shutdown(cancel_futures=True)


def _results(pool: Executor, todo: Iterator[Task], room: int) -> Iterator[list[Done]]:
    """Yield what tasks give, as they end; no more than `room` are under way."""
    running: set[Future[list[Done]]] = set()
    try:
        while True:
            while len(running) < room and (task := next(todo, None)) is not None:
                running.add(pool.submit(work, task))
            if not running:
                return
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                yield future.result()
    except Exception as error:
        if _workers_gone(error):
            why = str(error) or type(error).__name__
            raise InputError(f"sweep: the workers are gone ({why}); give the same command again to go on.") from None
        raise
    finally:
        for future in running:
            future.cancel()


def _workers_gone(error: Exception) -> bool:
    """Whether an error says that there is nobody left to do the work, or that whoever begins a task dies of it."""
    kinds = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    # Dask cancels what its scheduler no longer knows; nobody here cancels what is waited for
    return isinstance(error, BrokenExecutor | CancelledError) or any(kind in WORKERS_GONE for kind in kinds)


def _ran(plan: SweepPlan, number: int, world: int, done: Done | None, reason: str = "") -> Ran:
    identity, point = plan.ids[number, world], plan.points[number]
    return Ran(identity, point.scenario, point.content, plan.settings[number], plan.base, world, done, reason)


def _take(plan: SweepPlan, held: store.HeldStore, state: Progress, found: Sequence[Done], tick: Tick) -> None:
    state.waiting.extend(found)
    tick(len(found))
    size = sum(done.monthly.nbytes + sum(table.nbytes for table in done.tables.values()) for done in state.waiting)
    if size >= BYTES_OF_A_PART or time.monotonic() - state.since >= SECONDS_OF_A_PART:
        _commit(plan, held, state)


def _commit(plan: SweepPlan, held: store.HeldStore, state: Progress) -> None:
    """Store what has ended; it is forgotten only when it is stored, so that whoever stops this loses nothing."""
    ended = list(state.waiting)
    if ended:
        for number in {plan.points[done.number].scenario.population: done.number for done in ended}.values():
            check_unchanged(plan.points[number].scenario, plan.contents[number])
        ran = [
            _ran(plan, *key, done, done.reason)
            for done in ended
            for key in plan.askers[plan.ids[done.number, done.replication]]
        ]
        held.add(sweep_tables(ran, plan.seed, plan.digest))
    state.waiting = state.waiting[len(ended) :]
    state.since = time.monotonic()
    state.failed += sum(bool(done.reason) for done in ended)
    state.done += sum(not done.reason for done in ended)
