"""The store of a calibration: what was asked, the points of each wave, and every evaluation from when it ended.

`calibration.json` says what is calibrated to what; `wave-01.parquet` and so on hold the points of a wave as shares of
the priors, written before the first of them is run; `evaluations.jsonl` has a line for each evaluation, which is on the
disk before the next one is taken. Whoever is killed loses what was in flight; a line that was cut off is dropped. What
is concluded is computed from these files alone, in the order of waves and points, never in that of arrival.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.study.documents import plain
from ovopsim.study.lock import LOCK, locked
from ovopsim.study.parts import arrow, write
from ovopsim.study.weighted import mean_over_worlds
from ovopsim.study.worlds import cores

ASKED: Final = "calibration.json"
LINES: Final = "evaluations.jsonl"
DRAFT: Final = ".part"
# a number, or numerator and denominator of a ratio
Summary = float | tuple[float, float]
# values of the unknowns and number of the world -> named summaries
Simulate = Callable[[Mapping[str, float], int], Mapping[str, Any]]


@dataclass(frozen=True)
class Evaluation:
    """The model at one point, in all replications.

    Attributes
    ----------
    wave, point : int
    values : dict of str to float
        By path.
    found : dict of str to list
        Each summary in each replication, a number or a pair ``[numerator, denominator]``; empty when it failed.
    reason : str
        Why it failed; empty when it did not.
    """

    wave: int
    point: int
    values: dict[str, float]
    found: dict[str, list[Any]]
    reason: str = ""

    def means(self, names: Sequence[str]) -> Reals:
        """Return the mean over replications of each summary, of a pair the ratio of means; NaN if the point failed."""
        return np.array([mean_over_worlds(self.found.get(name, [np.nan]))[0] for name in names])

    def variances(self, names: Sequence[str]) -> Reals:
        """Return the variance of these means, over replications as samples."""
        return np.array([mean_over_worlds(self.found.get(name, [np.nan]))[1] ** 2 for name in names])


@dataclass
class EvaluationStore:
    """A folder of evaluations that this command alone writes in.

    Attributes
    ----------
    folder : Path
    evaluations : dict of (int, int) to Evaluation
        By wave and point.
    """

    folder: Path
    evaluations: dict[tuple[int, int], Evaluation] = field(default_factory=dict)

    def wave(self, number: int) -> pd.DataFrame | None:
        """Return the points of a wave, a column for each path; None when they are not chosen yet."""
        path = self._wave_file(number)
        return pd.read_parquet(path) if path.is_file() else None

    def plan(self, number: int, points: pd.DataFrame, note: Mapping[str, float]) -> None:
        """Keep the points of a wave, and numbers on how they were chosen; whole or not at all."""
        _write(self._note_file(number), note)
        draft = self._wave_file(number).with_suffix(DRAFT)  # last: with it the wave is there
        write(arrow(points), draft)
        draft.replace(self._wave_file(number))

    def note(self, number: int) -> dict[str, float]:
        """Return the numbers on how the points of a wave were chosen."""
        found: dict[str, float] = json.loads(self._note_file(number).read_text(encoding="utf-8"))
        return found

    def add(self, evaluation: Evaluation) -> None:
        """Keep an evaluation; it is on the disk when this returns."""
        line = json.dumps(plain(vars(evaluation)), ensure_ascii=False, allow_nan=False)
        with (self.folder / LINES).open("a", encoding="utf-8", newline="\n") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.evaluations[evaluation.wave, evaluation.point] = evaluation

    def of_waves(self, last: int) -> list[Evaluation]:
        """Return the evaluations of the waves up to one, in order; waves count from 1."""
        return [self.evaluations[key] for key in sorted(self.evaluations) if 1 <= key[0] <= last]

    def _wave_file(self, number: int) -> Path:
        return self.folder / f"wave-{number:02d}.parquet"

    def _note_file(self, number: int) -> Path:
        return self.folder / f"wave-{number:02d}.json"


@contextmanager
def opened(folder: Path, asked: Mapping[str, Any]) -> Iterator[EvaluationStore]:
    """Keep all others from writing in a folder, and give what is stored there.

    Parameters
    ----------
    folder : Path
        New, empty, or the store of the same calibration.
    asked : mapping
        What is calibrated to what: plain values, all of which a store must share with the call that goes on with it.

    Raises
    ------
    InputError
        When the folder holds something else, cannot be written, or another command has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            _check(folder, json.loads(json.dumps(plain(asked))))
            yield EvaluationStore(folder, _read(folder))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); name another folder.") from error


def _check(folder: Path, asked: Mapping[str, Any]) -> None:
    path = folder / ASKED
    if not path.is_file():
        if any(not each.name.startswith(LOCK) and each.suffix != DRAFT for each in folder.iterdir()):
            raise InputError(f"{folder}: the folder holds something else; name a new or empty folder.")
        _write(path, asked)
        return
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        known = None
    if not isinstance(known, dict):
        raise InputError(f"{path}: cannot be read; name a new or empty folder.")
    differs = [key for key in {**known, **asked} if known.get(key) != asked.get(key)]
    if differs and (folder / LINES).is_file():
        raise InputError(
            f"{folder}: holds another calibration, which differs in {', '.join(sorted(differs))}; "
            "name a new or empty folder."
        )
    if differs:  # a call that was wrong, and left nothing that is worth keeping
        for left in folder.glob("wave-*"):
            left.unlink()
        _write(path, asked)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document, whole or not at all."""
    draft = path.with_suffix(DRAFT)
    draft.write_text(json.dumps(plain(document), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)


def _read(folder: Path) -> dict[tuple[int, int], Evaluation]:
    """Return what is stored; what a killed command left of a line is cut off, so that the next line stands alone."""
    path = folder / LINES
    if not path.is_file():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    found = {}
    # not `splitlines`, to which other characters end a line too, which may stand in a reason
    for number, line in enumerate(whole.decode("utf-8").split("\n")[:-1], 1):
        try:
            each = Evaluation(**json.loads(line))
        except (ValueError, TypeError):
            raise InputError(f"{path}: line {number} cannot be read; delete it and start again.") from None
        found[each.wave, each.point] = each
    return found


@dataclass(frozen=True)
class Work:
    """How points are evaluated.

    Attributes
    ----------
    simulate : callable
    names : tuple of str
        Summaries that it must give.
    replications : int
    n_jobs : int or None
        Threads; None = all cores.
    """

    simulate: Simulate
    names: tuple[str, ...]
    replications: int
    n_jobs: int | None = None

    def at(self, wave: int, point: int, values: dict[str, float]) -> Evaluation:
        """Return the model at one point; what goes wrong there is its result.

        Raises
        ------
        InputError
            When the computer and not the point is at fault (no file, no room), or a target is not simulated.
        MemoryError
        """
        try:
            runs = [self.simulate(values, replication) for replication in range(self.replications)]
        except MemoryError:  # no fault of the point
            raise
        except OSError as error:  # nor this: stored, it would be the point's result for ever
            raise InputError(
                f"simulate: point {point + 1} of wave {wave} could not be run ({type(error).__name__}: {error}). "
                "Evaluations that had ended are stored; the same call tries this one again."
            ) from error
        except Exception as error:  # noqa: BLE001 - whatever it is becomes the reason
            reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            return Evaluation(wave, point, values, {}, reason)
        missing = [name for name in self.names if name not in runs[0]]
        if missing:
            raise InputError(f"targets: '{missing[0]}' is none of what is simulated: {', '.join(sorted(runs[0]))}.")
        found = {name: [_numbers(run[name]) for run in runs] for name in runs[0]}
        whole = {name: each for name, each in found.items() if _is_finite(each)}
        odd = [name for name in self.names if name not in whole]
        if odd:
            return Evaluation(wave, point, values, {}, f"{', '.join(odd)}: not a finite number.")
        # what is asked of no one may be anything; JSON has finite numbers only
        return Evaluation(wave, point, values, whole)


def _numbers(summary: Summary) -> float | list[float]:
    return [float(each) for each in summary] if isinstance(summary, tuple | list) else float(summary)


def _is_finite(found: Sequence[Any]) -> bool:
    return bool(np.isfinite(found).all() and np.isfinite(mean_over_worlds(found)[0]))


def evaluate(
    store: EvaluationStore, wave: int, points: Sequence[dict[str, float]], work: Work, tick: Callable[[], None]
) -> None:
    """Run the points of a wave that are not stored yet, and store each when it ends; threads share the work.

    Raises
    ------
    KeyboardInterrupt
        When it is stopped: what had ended is stored.
    """
    todo = [number for number in range(len(points)) if (wave, number) not in store.evaluations]
    for _ in range(len(points) - len(todo)):
        tick()
    pool = ThreadPoolExecutor(work.n_jobs or cores())
    running = {pool.submit(work.at, wave, number, points[number]): number for number in todo}
    try:
        while running:
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for each in sorted(ended, key=lambda each: running[each]):
                if each.exception() is None:
                    store.add(each.result())
                    del running[each]
                    tick()
            for each in ended & running.keys():
                each.result()
    finally:
        pool.shutdown(cancel_futures=True)
        for each in running:  # what ended while others were given up
            if not each.cancelled() and each.exception() is None:
                store.add(each.result())
