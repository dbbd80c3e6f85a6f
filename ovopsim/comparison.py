"""`compare`: programmes against a baseline in the same worlds, with intervals over pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ovopsim.analysis.changes import effects_table, levels_table, paths_table
from ovopsim.analysis.costs import discount_rate, summary_table
from ovopsim.analysis.delivery import delivery_table, roles_table
from ovopsim.analysis.effects import first_divergence
from ovopsim.analysis.groups import groups_table
from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.canonical import scenario_digest
from ovopsim.policy.scenario import Scenario
from ovopsim.study.documents import plain, rows
from ovopsim.study.frames import RunTables, run_tables
from ovopsim.study.identity import configuration, model_digest, versions
from ovopsim.study.progress import progress_bar
from ovopsim.study.worlds import check_numbers, run_arms

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Comparison:
    """Results of `compare`. Tables are tidy; money is rupiah of 2016; intervals hold 95 %.

    Attributes
    ----------
    effects : DataFrame
        Change of each outcome's mean over the last twelve months, absolute and relative, over all firms, entrants
        included: `ovopsim.analysis.changes.effects_table`.
    levels : DataFrame
        Means of the first and of the last year: `ovopsim.analysis.changes.levels_table`.
    summary : DataFrame
        One row for each arm: budget, spent, take-up, reach, public cost, extra jobs, cost for each extra job and rupiah
        of value added: `ovopsim.analysis.costs.summary_table`.
    levers, roles : DataFrame
        Budget, spent, lapsed, delivered units and take-up: `ovopsim.analysis.delivery`.
    groups : DataFrame
        Who gains and who loses, incumbents apart from entrants: `ovopsim.analysis.groups.groups_table`.
    paths : DataFrame
        Every month's level and change: `ovopsim.analysis.changes.paths_table`.
    first_divergence : dict of str to int or None
        First month (step) in which an arm differs from the baseline at all, to the last bit.
    run : dict
        What ran: baseline, seed, replications, scenarios, versions, digests.
    tables : RunTables
        Single runs, joined by ``run_id``: `runs`, `monthly`, and `firms` at the end of the kept months.
    """

    effects: pd.DataFrame
    levels: pd.DataFrame
    summary: pd.DataFrame
    levers: pd.DataFrame
    roles: pd.DataFrame
    groups: pd.DataFrame
    paths: pd.DataFrame
    first_divergence: dict[str, int | None]
    run: dict[str, Any]
    tables: RunTables

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each run: `ovopsim.study.frames.RunTables`."""
        return self.tables.runs

    @property
    def monthly(self) -> pd.DataFrame:
        """One row for each run and month."""
        return self.tables.monthly

    @property
    def firms(self) -> pd.DataFrame:
        """One row for each run, kept month and firm."""
        return self.tables.firms

    @property
    def arms(self) -> list[str]:
        """Names of the scenarios, in their order."""
        return list(self.summary["arm"])

    @property
    def baseline(self) -> str:
        """Name of the scenario that the others are compared with."""
        return str(self.run["baseline"])

    def to_frame(self) -> pd.DataFrame:
        """Return the effects."""
        return self.effects

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values that JSON can hold; what is not known is None."""
        arms = []
        for row in rows(self.summary):
            name = row.pop("arm")
            arms.append(
                {
                    "name": name,
                    "first_divergence": self.first_divergence[name],
                    **row,
                    "effects": self._mine(self.effects, name),
                    "roles": self._mine(self.roles, name),
                    "levers": self._mine(self.levers, name),
                    "groups": self._mine(self.groups, name),
                }
            )
        return {"arms": arms, "run": plain(self.run)}

    def plot(self, question: str = "effects", language: str = "en") -> Figure:
        """Draw one figure.

        Parameters
        ----------
        question : str
            ``growth``, ``effects``, ``constraints`` or ``who_gains``.
        language : str
            ``en`` or ``id``.

        Raises
        ------
        InputError
            When there is no such question or language.
        """
        from ovopsim.plots import FIGURES

        if question not in FIGURES:
            raise InputError(f"plot: '{question}' is none of {', '.join(FIGURES)}{did_you_mean(question, FIGURES)}")
        return FIGURES[question](self, language)

    @staticmethod
    def _mine(table: pd.DataFrame, name: str) -> list[dict[str, Any]]:
        return rows(table[table["arm"] == name].drop(columns="arm"))


def compare(
    scenarios: Mapping[str, Scenario],
    baseline: str | None = None,
    replications: int = 64,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
    keep_months: Iterable[int] | None = None,
) -> Comparison:
    """Compare scenarios with a baseline, in pairs of the same world.

    Parameters
    ----------
    scenarios : mapping of name to Scenario
        All with the same start, length and discount rate.
    baseline : str, optional
        None = the first.
    replications : int
        Worlds, at least 2.
    seed : int
        0 or more.
    n_jobs : int, optional
        Threads; None = all cores. Results do not depend on it.
    progress : bool
        Whether a progress bar is shown on standard error, if that is a terminal or a notebook.
    keep_months : iterable of int, optional
        Months (steps) at whose end the table of firms is kept; None = the last.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        When the scenarios cannot be compared.

    Examples
    --------
    >>> from ovopsim.policy import presets
    >>> short = {name: scenario.changed(months=6) for name, scenario in list(presets().items())[:2]}
    >>> compare(short, replications=2, progress=False).arms
    ['No programme', 'All seven roles']
    """
    first = check(scenarios, baseline, replications, seed, n_jobs)
    months = kept(keep_months, scenarios[first].months)
    with progress_bar(replications, progress) as tick:
        return compared(scenarios, first, replications, seed, n_jobs, tick, months)


def kept(keep_months: Iterable[int] | None, months: int) -> list[int]:
    """Return the months at whose end firms are kept; None = the last.

    Raises
    ------
    InputError
        When one lies outside the run.
    """
    chosen = [months - 1] if keep_months is None else sorted(set(keep_months))
    outside = [month for month in chosen if not 0 <= month < months]
    if outside:
        raise InputError(f"keep_months: {outside[0]} is no month of a run; they go from 0 to {months - 1}.")
    return chosen


def check(
    scenarios: Mapping[str, Scenario], baseline: str | None, replications: int, seed: int, n_jobs: int | None
) -> str:
    """Return the name of the baseline when scenarios can be compared.

    Raises
    ------
    InputError
        It says what stands in the way.
    """
    if not scenarios:
        raise InputError("compare: give at least one scenario.")
    check_numbers(replications, seed, n_jobs, least=2)
    first = next(iter(scenarios)) if baseline is None else baseline
    if first not in scenarios:
        near = did_you_mean(first, scenarios)
        raise InputError(f"compare: baseline: '{first}' is none of the scenarios ({', '.join(scenarios)}){near}")
    for key in ("start", "months"):
        values = {name: getattr(scenario, key) for name, scenario in scenarios.items()}
        if len(set(values.values())) > 1:
            shown = ", ".join(f"'{name}' {value}" for name, value in values.items())
            raise InputError(f"compare: {key} differs: {shown}. Give all scenarios the same.")
    discount_rate(scenarios)
    return first


def compared(
    scenarios: Mapping[str, Scenario],
    baseline: str,
    replications: int,
    seed: int,
    n_jobs: int | None,
    tick: Callable[[], None],
    keep_months: Iterable[int],
) -> Comparison:
    """Return the comparison of checked scenarios; of one alone, its levels and its money.

    Parameters
    ----------
    tick : callable
        Called after each world.
    """
    arms = run_arms(scenarios, replications, seed, n_jobs, tick, keep_months)
    levers = delivery_table(arms)
    groups = groups_table(arms, baseline)
    digest = model_digest()
    return Comparison(
        effects_table(arms, baseline),
        levels_table(arms),
        summary_table(arms, baseline, levers, groups),
        levers,
        roles_table(levers),
        groups,
        paths_table(arms, baseline),
        {name: first_divergence(arm.monthly, arms[baseline].monthly) for name, arm in arms.items()},
        {
            "baseline": baseline,
            "seed": seed,
            "replications": replications,
            "discount_rate": discount_rate({name: arm.scenario for name, arm in arms.items()}),
            "model_digest": digest,
            "versions": versions(),
            "scenarios": {
                name: {"sha256": scenario_digest(arm.scenario), "configuration": configuration(arm.scenario)}
                for name, arm in arms.items()
            },
        },
        run_tables(arms, seed, digest),
    )
