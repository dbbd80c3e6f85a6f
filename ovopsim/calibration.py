"""`calibrate`: what nobody knows, fitted to targets; a `Posterior` of weighted draws, with what each target told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ovopsim.analysis import baseline, fitting, trial_measures, validation
from ovopsim.analysis.baseline import baseline_targets, one_world
from ovopsim.analysis.calibrating import calibrated
from ovopsim.analysis.emulation import libraries
from ovopsim.analysis.posterior import PosteriorTables
from ovopsim.analysis.tolerances import targets_of
from ovopsim.analysis.waves import Problem
from ovopsim.errors import InputError
from ovopsim.labels import check_language
from ovopsim.policy import Scenario
from ovopsim.report.calibrating import calibration_page
from ovopsim.report.printed import PAGE, Printed
from ovopsim.simulation.checks import check_numbers, check_scenario, whole_number
from ovopsim.study import fitting as study_fitting
from ovopsim.study import randomising, trial_runs
from ovopsim.study.documents import plain, rows
from ovopsim.study.drawn import shipped_posterior
from ovopsim.study.evaluations import Simulate, Work, opened
from ovopsim.study.functions import identity_of
from ovopsim.study.identity import model_digest, versions
from ovopsim.study.lock import LOCK, locked
from ovopsim.study.moving import WORKPLACE, is_unfinished, recover, replacing
from ovopsim.study.parts import arrow, write
from ovopsim.study.progress import watched
from ovopsim.study.unknowns import Chosen, Unknown, unknowns_of, with_values

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType

RECORD: Final = "run.json"
FORMAT: Final = "ovopsim posterior"
TABLES: Final = ("draws", "simulated", "targets", "identifiability", "informs", "waves")
POINTS_AN_UNKNOWN: Final = 10  # of each wave: Loeppky, Sacks and Welch (2009), Technometrics 51(4)
FEWEST_POINTS: Final = 100
# what decides how the model's own targets are measured, besides the model
OWN_MEASURES: Final = (baseline, trial_measures, validation, randomising, study_fitting, trial_runs)


class Posterior(Printed, PosteriorTables):
    """What a calibration found; the tables are explained in `analysis.posterior.PosteriorTables`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> line = lambda values, replication: {"sum": values["a"] + values["b"] + 0.01 * replication}
    >>> sizes = {"points": 40, "waves": 2, "draws": 20, "progress": False}
    >>> with TemporaryDirectory() as folder:
    ...     found = calibrate({"sum": (1.4, 1.6)}, {"a": (0, 1), "b": (0, 1)}, store=folder, simulate=line, **sizes)
    >>> bool(1.3 < found.draws["weight"] @ (found.draws["a"] + found.draws["b"]) < 1.7)
    True
    """

    @property
    def central(self) -> dict[str, float]:
        """Values of the named central draw: the model's own, or the weighted medoid where it has none."""
        if "central_draw" in self.record:
            return {path: float(value) for path, value in self.record["central_draw"]["values"].items()}
        row = self.draws.set_index("draw").loc[self.record["central"]]
        return {path: float(row[path]) for path in self.paths}

    def scenarios(self, base: Scenario | None = None) -> dict[str, Scenario]:
        """Return a scenario under each draw, by the draw's name."""
        start = Scenario() if base is None else base
        return {
            str(row["draw"]): with_values(start, {path: float(row[path]) for path in self.paths})
            for row in self.draws.to_dict("records")
        }

    def plot(self, language: str = "en") -> Figure:
        """Return the figure: how much narrower each unknown became, and which target told of it."""
        check_language(language)
        from ovopsim.plots.calibration import identified

        return identified(self.identifiability, self.informs, language)

    def _page(self) -> RenderableType:
        return calibration_page(self, width=PAGE)

    def to_dict(self) -> dict[str, Any]:
        """Return tables and record as plain values."""
        found = {name: rows(getattr(self, name)) for name in TABLES}
        return dict(plain(self.record | found))

    def save(self, folder: str | Path) -> Path:
        """Write the tables as Parquet files, and a run record, into a folder, in place of earlier ones: all or none.

        Raises
        ------
        InputError
            When the folder holds something else, cannot be written, or another command writes there.
        """
        out = Path(folder)
        text = json.dumps(plain({"format": FORMAT} | self.record), indent=2, ensure_ascii=False, allow_nan=False)
        try:
            if not out.is_dir():
                out.mkdir(parents=True)
            with replacing(out, RECORD) as workplace:
                if not _may_be_replaced(out):
                    raise InputError(f"{folder}: holds something else; name a new or empty folder.")
                for name in TABLES:
                    write(arrow(getattr(self, name)), workplace / f"{name}.parquet")
                (workplace / RECORD).write_text(text + "\n", encoding="utf-8")
        except FileExistsError:
            raise InputError(f"{folder}: is a file; name a folder.") from None
        except OSError as error:
            raise InputError(f"{folder}: cannot be written ({error.strerror}); name another folder.") from error
        return out

    @classmethod
    def load(cls, folder: str | Path) -> Posterior:
        """Return what `save` wrote.

        Raises
        ------
        InputError
            When the folder holds no posterior.
        """
        out = Path(folder)
        if any(is_unfinished(left) for left in out.glob(f"{WORKPLACE}*")):  # of a `save` that was killed
            with locked(out):
                recover(out)
        if not _is_posterior(out):
            raise InputError(f"{folder}: is no posterior; name a folder that Posterior.save has written.")
        record = json.loads((out / RECORD).read_text(encoding="utf-8"))
        del record["format"]
        try:
            tables = {name: pd.read_parquet(out / f"{name}.parquet") for name in TABLES}
        except OSError as error:
            raise InputError(f"{folder}: a table of the posterior cannot be read ({error}).") from None
        return cls(**tables, record=record)


def _is_posterior(folder: Path) -> bool:
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def _may_be_replaced(out: Path) -> bool:
    own = all(path.name.startswith((LOCK, WORKPLACE)) for path in out.iterdir())
    return own or _is_posterior(out)


def posterior() -> Posterior:
    """Return the posterior that ships with the package: what published patterns and field trials leave of the priors.

    `docs/posterior.md` says how it was made and what it tells; its `record` says by which model.

    Raises
    ------
    InputError
        When this copy of the package has none.
    """
    return Posterior.load(shipped_posterior())


def baseline_patterns(
    values: Mapping[str, float], replication: int, base: Scenario | None = None, seed: int = 1
) -> dict[str, float]:
    """Return the patterns of the cluster without a programme, in one world, under other values of what nobody knows."""
    return one_world(replication, seed, with_values(Scenario() if base is None else base, values))


def calibrate(  # noqa: PLR0913 - what an analyst may choose is an argument
    targets: Mapping[str, Any] | None = None,
    parameters: Chosen | None = None,
    *,
    store: str | Path,
    draws: int = 400,
    waves: int = 3,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
    simulate: Simulate | None = None,
    replications: int | None = None,
    points: int | None = None,
    base: Scenario | None = None,
    language: str = "en",
) -> Posterior:
    """Fit what nobody knows to targets, and return weighted draws.

    Parameters
    ----------
    targets : mapping, optional
        Name -> ``(low, high[, value[, fitted]])`` or a `Target`: the tolerated range of a simulated mean, None = open.
        Those that are not fitted are held out, and shown. None = all that may be fitted (`analysis.fitting`): patterns
        of the cluster without a programme, and findings of published field trials.
    parameters : iterable of str, or mapping of str to pair of float, optional
        What is fitted: paths with a prior, or path -> ``(low, high)``. None = all that is marked `uncertain`, and
        where trials are fitted also the effects of the levers that they deliver.
    store : path
        New folder, or that of the same calibration: evaluations that are there are not repeated.
    draws : int
        Most draws of the posterior.
    waves : int
        Of which the first spreads its points over the prior; a store can be gone on with for more.
    seed : int
        Of the search and of the worlds.
    n_jobs : int, optional
        Threads; None = all cores. Results do not depend on it.
    progress : bool
        Whether a bar is shown where somebody sees it.
    simulate : callable, optional
        Values by path and the number of a world -> what it gives for each target: a number, or a pair of which the
        means over worlds are divided. None = the model's own patterns and trials, as far as targets ask for them.
    replications : int, optional
        Worlds of each evaluation, the same ones for all; at least 2, to know the noise of their mean. None = 3 where
        trials are fitted, each of 2,000 firms, and 8 elsewhere.
    points : int, optional
        Of each wave; None = ten for each parameter, at least 100.
    base : Scenario, optional
        What the baseline patterns are simulated with; None = the shipped cluster. Trials have clusters of their own.
    language : str
        Of the progress bar.

    Returns
    -------
    Posterior

    Raises
    ------
    InputError
        When something in the arguments is wrong, scikit-learn is missing, or the folder holds something else.
    KeyboardInterrupt
        When it is stopped; the same call goes on from there.
    """
    check_language(language)
    chosen = targets_of(_targets_without_trials(simulate, base) if targets is None else targets)
    with_trials = simulate is None and not chosen.keys() <= baseline_targets().keys()
    if replications is None:
        replications = 3 if with_trials else 8
    check_numbers(replications, seed, n_jobs, least=2)
    whole_number("draws", draws, 1)
    whole_number("waves", waves, 1)
    unknowns = unknowns_of(fitting.fitted_paths() if parameters is None and with_trials else parameters)
    count = max(FEWEST_POINTS, POINTS_AN_UNKNOWN * len(unknowns)) if points is None else points
    whole_number("points", count, 20)
    simulate = _simulator(simulate, base, seed, unknowns, with_trials)
    problem = Problem(unknowns, chosen, Work(simulate, tuple(chosen), replications, n_jobs), count, waves, seed)
    asked = {
        "targets": {name: vars(target) for name, target in chosen.items()},
        "parameters": {each.path: each.told() for each in unknowns},
        "simulate": identity_of(simulate, OWN_MEASURES if _is_own(simulate) else ()),
        "model_digest": model_digest(),
        "seed": seed,
        "replications": replications,
        "points": count,
    }
    libraries()  # what is missing is said before anything is written
    began = dt.datetime.now(dt.UTC)
    with opened(Path(store), asked) as evaluations, watched(waves * count + 1, not progress, language) as tick:
        found = calibrated(problem, evaluations, draws, tick)
    record = asked | {"draws": draws, "waves": waves, "time": began.isoformat(timespec="seconds")}
    tables = {each.name: getattr(found, each.name) for each in fields(found)}
    return Posterior(**tables | {"record": record | {"versions": versions()} | found.record})


def _targets_without_trials(simulate: Simulate | None, base: Scenario | None) -> Mapping[str, Any]:
    """Return the targets that nobody named: with a cluster or a model of somebody's own, those without trials."""
    return fitting.all_targets() if simulate is None and base is None else baseline_targets()


def _simulator(
    given: Simulate | None, base: Scenario | None, seed: int, unknowns: tuple[Unknown, ...], with_trials: bool
) -> Simulate:
    if given is not None:
        if not callable(given):
            raise InputError(f"simulate: is {given!r}; give a function of values and the number of a world.")
        if base is not None:
            raise InputError("base: only the baseline patterns have one; leave it out beside simulate.")
        return given
    if with_trials and base is not None:
        raise InputError("base: field trials have clusters of their own; give targets without trials, or no base.")
    scenario = Scenario() if base is None else check_scenario(base, "base")
    with_values(scenario, {each.path: each.at(0.5) for each in unknowns})  # a wrong path is said before any work
    if with_trials:
        return partial(fitting.patterns_and_trials, seed=seed)
    return partial(baseline_patterns, base=scenario, seed=seed)


def _is_own(simulate: Simulate) -> bool:
    """Whether what is simulated is the model's own, whose measures stand in files of their own."""
    return isinstance(simulate, partial) and simulate.func in {baseline_patterns, fitting.patterns_and_trials}
