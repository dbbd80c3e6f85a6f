"""`sweep` and `open_store`: thousands of runs in a folder, and the folder as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ovopsim.analysis import swept
from ovopsim.analysis.factorial import factorial_effects
from ovopsim.analysis.partners import common_worlds
from ovopsim.analysis.swept import POINT_OUTCOMES
from ovopsim.errors import InputError
from ovopsim.labels import check_language, label
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy import Scenario
from ovopsim.report.workbook import write_workbook
from ovopsim.simulation.checks import check_numbers
from ovopsim.study import parts, store
from ovopsim.study.designs import Design
from ovopsim.study.sweep_plan import plan_sweep
from ovopsim.study.sweeping import carry_out

EXCEL_ROWS: Final = 1_048_576
ABOUT: Final = (
    "money",
    "outcomes",
    "cost",
    "interval",
    "spent",
    "worlds",
    "failed",
    "base",
    "clear",
)  # what the workbook explains


@dataclass(frozen=True)
class Store:
    """A results folder, read.

    Attributes
    ----------
    path : Path
    record : dict
        Digest of the model, and what was run when, with which versions.
    """

    path: Path
    record: dict[str, Any]

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each run (and name): identity, seed, replication, status, and a column for each varied path."""
        return self._table("runs")

    @property
    def monthly(self) -> pd.DataFrame:
        """One row for each run and month: the monthly outcomes, and units delivered by lever."""
        return self._table("monthly")

    @property
    def firms(self) -> pd.DataFrame:
        """One row for each run, kept month and firm in business."""
        return self._table("firms")

    @property
    def settings(self) -> list[str]:
        """Paths that designs varied, as columns of `runs`."""
        return swept.settings_of(self.runs)

    def by_run(self, outcomes: Iterable[str] = OUTCOMES) -> pd.DataFrame:
        """Return one row for each run: settings, outcomes of the last year, public cost (`analysis.swept.by_run`)."""
        return swept.by_run(self.path, self.runs, outcomes)

    def summary(self, outcomes: Iterable[str] = POINT_OUTCOMES) -> pd.DataFrame:
        """Return mean, 95 % interval, standard error and share of the budget spent for each point.

        Points may differ in their worlds (``replications``, ``all_worlds``, ``failed``): `effects` and `from_base`
        compare them over worlds that both have and in which none failed (`analysis.swept.summary`).
        """
        names = _listed(outcomes)
        return swept.summary(self._results(names), self.settings, names, self.runs)

    def effects(self, against: Mapping[str, Any], outcomes: Iterable[str] = POINT_OUTCOMES) -> pd.DataFrame:
        """Return each point against the one that differs in some settings only (`analysis.swept.paired`).

        Parameters
        ----------
        against : mapping of str to value
            Settings of the partner, such as ``{"programme.budget": 0}``.
        """
        names = _listed(outcomes)
        return swept.paired(self._compared(names), self.settings, against, names)

    def differences(self, against: Mapping[str, Any], outcomes: Iterable[str] = POINT_OUTCOMES) -> pd.DataFrame:
        """Return each run less its partner in the same world (`analysis.swept.differences`)."""
        names = _listed(outcomes)
        return swept.differences(self._compared(names), self.settings, against, names)

    def from_base(self, outcomes: Iterable[str] = POINT_OUTCOMES) -> pd.DataFrame:
        """Return each point against its design's base point in the same worlds (`analysis.swept.from_base`)."""
        names = _listed(outcomes)
        return swept.from_base(self._compared(names), self.settings, names)

    def factorial(
        self,
        factors: Iterable[str],
        outcomes: Iterable[str] = POINT_OUTCOMES,
        where: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Return main effects and two-way interactions of settings that are 0 or 1 (`analysis.factorial`).

        Parameters
        ----------
        factors : iterable of str
            Such as ``["roles.1", "roles.5"]``.
        outcomes : iterable of str
        where : mapping of str to value, optional
            Of each other setting that varies, the value that is asked for, such as ``{"programme.budget": 5e8}``.
        """
        names = _listed(outcomes)
        return factorial_effects(self._compared(names), list(factors), names, self.settings, where)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each run."""
        return self.by_run()

    def to_excel(self, path: str | Path, language: str = "en", against: Mapping[str, Any] | None = None) -> Path:
        """Write a workbook: sheets of points, of their differences, of runs, and one that says what the columns are.

        Numbers are whole and formatted, ``clear`` is TRUE or FALSE, hashes are the last columns.

        Parameters
        ----------
        path : path
            Ends in ``.xlsx``.
        language : str
            ``en`` or ``id``, of what is explained; columns keep their names.
        against : mapping of str to value, optional
            What differences are from: as for `effects`; None = each design's base point, as for `from_base`. The sheet
            is left out where no point has a partner, as in a store of comparisons.

        Raises
        ------
        InputError
            When openpyxl is not installed, no run has ended, or there are more rows than a sheet has.
        """
        check_language(language)
        if Path(path).suffix != ".xlsx":
            raise InputError(f"{path}: the name of a workbook ends in .xlsx.")
        if find_spec("openpyxl") is None:
            raise InputError("to_excel needs openpyxl: python -m pip install 'ovopsim[store]'.")
        results = self.by_run()
        if results.empty:
            raise InputError(f"{path}: no run of {self.path} has ended well; there is nothing to write.")
        names, settings = list(POINT_OUTCOMES), self.settings
        both = common_worlds(results, self.runs)
        found = (
            swept.from_base(both, settings, names) if against is None else swept.paired(both, settings, against, names)
        )
        points = swept.summary(results, settings, names, self.runs)
        if settings:  # in the order of what was set, not in that of hashes or of work
            points = points.sort_values(["base_digest", *settings], kind="stable")
            results = results.sort_values(["base_digest", *settings, "seed", "replication"], kind="stable")
        sheets = {"points": points, "differences": found, "runs": results}
        longest = max(len(sheet) for sheet in sheets.values())
        if longest >= EXCEL_ROWS:
            raise InputError(f"{path}: a sheet holds {EXCEL_ROWS} rows, not {longest}; read the Parquet files.")
        tables = {label(f"workbook.{name}", language): sheet for name, sheet in sheets.items() if len(sheet)}
        about_name = label("workbook.about", language)
        write_workbook(Path(path), tables, self._about(language), about_name, settings)
        return Path(path)

    def _about(self, language: str) -> dict[str, str]:
        last = self.record["commands"][-1]
        told = {name: label(f"workbook.{name}", language) for name in ABOUT}
        record = {"model_digest": self.record["model_digest"]} | {
            key: str(last[key]) for key in ("time", "seed", "replications", "versions") if key in last
        }
        return {label(f"workbook.{name}_name", language): text for name, text in told.items()} | record

    def _results(self, names: Iterable[str]) -> pd.DataFrame:
        return self.by_run([name for name in names if name != "public_cost_idr"])

    def _compared(self, names: Iterable[str]) -> pd.DataFrame:
        return common_worlds(self._results(names), self.runs)

    def _table(self, name: str) -> pd.DataFrame:
        if not parts.parts(self.path, name):
            raise InputError(f"{self.path}: the store has no {name} yet.")
        return pd.read_parquet(parts.folder(self.path, name))


def _listed(outcomes: Iterable[str]) -> list[str]:
    """Return names as a list; a text is one name, not its letters."""
    return [outcomes] if isinstance(outcomes, str) else list(outcomes)


def open_store(path: str | Path) -> Store:
    """Return a results folder as tables: one of `sweep`, of `compare --out` or of `run --out`.

    Raises
    ------
    InputError
        When the folder is no store.
    """
    folder = Path(path)
    if not (folder / store.RECORD).is_file():
        raise InputError(f"{path}: is no store; name a folder that `sweep` or `compare --out` has written.")
    return Store(folder, store.read_record(folder))


def sweep(  # noqa: PLR0913 - what an analyst may choose is an argument
    design: Design,
    store: str | Path,
    base: Scenario | None = None,
    replications: int = 64,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
    *,
    executor: Executor | None = None,
    keep_months: Iterable[int] = (),
    retry_failed: bool = False,
    name: str = "Sweep",
) -> Store:
    """Run every point of a design in every world and store each run as it ends; runs that are there are not repeated.

    Parameters
    ----------
    design : Design
    store : path
        New folder, or a store of the same model: one of `compare --out` or of an earlier sweep.
    base : Scenario, optional
        What the points change; None = the shipped cluster with all seven roles.
    replications : int
        Worlds; world r is the same for all points.
    seed : int
        0 or more.
    n_jobs : int, optional
        Threads; None = all cores. Results do not depend on it.
    progress : bool
        Whether a bar with rate and time left is shown where somebody sees it.
    executor : concurrent.futures.Executor, optional
        Who does the work instead of threads: a pool of processes, a cluster's executor. It is not shut down.
    keep_months : iterable of int
        Months (steps) at whose end the firms in business are stored.
    retry_failed : bool
        Whether runs that failed before are tried again.
    name : str
        For the record.

    Returns
    -------
    Store

    Raises
    ------
    InputError
        When something in the arguments is wrong, the folder holds something else, or it cannot be written.
    KeyboardInterrupt
        When it is stopped; the runs that had ended are stored, and the same call goes on from there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> short = Scenario(months=6, population={"synthetic": "surakarta", "firms": 30})
    >>> with TemporaryDirectory() as folder:
    ...     found = sweep(Design.roles([1, 5]), folder, short, replications=2, progress=False)
    ...     len(found.runs), len(found.monthly)
    (8, 48)
    """
    check_numbers(replications, seed, n_jobs)
    if executor is not None and not isinstance(executor, Executor):
        raise InputError(f"sweep: executor is {executor!r}, no executor; give n_jobs for a number of threads.")
    plan = plan_sweep(design, base, replications, seed, keep_months, name)
    record = {"command": ["ovopsim.sweep"], "inputs": {}}
    carry_out(plan, Path(store), record, executor, n_jobs, not progress, "en", retry_failed)
    return open_store(store)
