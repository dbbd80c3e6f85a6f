"""`compare`: programmes against a baseline in the same worlds, with intervals over pairs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ovopsim.analysis import appraisal
from ovopsim.analysis.changes import effects_table, levels_table, paths_table
from ovopsim.analysis.comparability import difference_lines
from ovopsim.analysis.costs import summary_table
from ovopsim.analysis.delivery import delivery_table, roles_table
from ovopsim.analysis.effects import first_divergence
from ovopsim.analysis.findings import findings_table
from ovopsim.analysis.groups import groups_table
from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.scenario import Scenario
from ovopsim.study.documents import plain, rows
from ovopsim.study.frames import RunTables, run_tables
from ovopsim.study.identity import model_digest, versions
from ovopsim.study.plan import Plan, planned
from ovopsim.study.progress import watched
from ovopsim.study.worlds import run_arms

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE: Final = 100  # characters of a line where there is no terminal


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
    notes : dict of str to tuple of str
        For each arm, what a reader should know of its firms at the start: what a survey left out or what did not fit.
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
    notes: dict[str, tuple[str, ...]]
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

    @property
    def findings(self) -> pd.DataFrame:
        """What is worth a sentence: `ovopsim.analysis.findings.findings_table`."""
        return findings_table(self.effects, self.groups, self.summary, self.baseline)

    def to_frame(self) -> pd.DataFrame:
        """Return the effects."""
        return self.effects

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values that JSON can hold; what is not known is None."""
        arms = []
        warnings = {name: difference_lines(self.summary[self.summary["arm"] == name]) for name in self.arms}
        for row in rows(self.summary):
            name = row.pop("arm")
            arms.append(
                {
                    "name": name,
                    "first_divergence": self.first_divergence[name],
                    "notes": [*warnings[name], *self.notes[name]],
                    **row,
                    "effects": self._mine(self.effects, name),
                    "roles": self._mine(self.roles, name),
                    "levers": self._mine(self.levers, name),
                    "groups": self._mine(self.groups, name),
                }
            )
        return {"arms": arms, "findings": rows(self.findings), "run": plain(self.run)}

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

    def __str__(self) -> str:
        """Return the page that the command line prints."""
        return str(self._page().export_text()).rstrip()

    def _repr_html_(self) -> str:
        """Return the same page for a notebook."""
        form = "<pre style='white-space: pre; line-height: normal'><code>{code}</code></pre>"
        return str(self._page().export_html(inline_styles=True, code_format=form))

    def _page(self) -> Any:
        from rich.console import Console

        from ovopsim.report.comparing import comparison_page

        console = Console(record=True, width=PAGE, file=io.StringIO(), force_jupyter=False)
        console.print(comparison_page(self, "en", PAGE), highlight=False)
        return console

    @staticmethod
    def _mine(table: pd.DataFrame, name: str) -> list[dict[str, Any]]:
        return rows(table[table["arm"] == name].drop(columns="arm"))


def compare(  # noqa: PLR0913 - what an analyst may choose is an argument
    scenarios: Mapping[str, Scenario],
    baseline: str | None = None,
    replications: int = 64,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
    *,
    keep_months: Iterable[int] | None = None,
    discount_rate: float | None = None,
) -> Comparison:
    """Compare scenarios with a baseline, in pairs of the same world.

    Parameters
    ----------
    scenarios : mapping of name to Scenario
        All with the same start and length.
    baseline : str, optional
        None = the first.
    replications : int
        Worlds, at least 2.
    seed : int
        0 or more.
    n_jobs : int, optional
        Threads; None = all cores. Results do not depend on it.
    progress : bool
        Whether it is said on standard error that the model compiles first, if it does, and, in a terminal or a
        notebook, how far the work is.
    keep_months : iterable of int, optional
        Months (steps) at whose end the table of firms is kept; None = the last.
    discount_rate : float, optional
        How much less a rupiah of cost or value added counts a year later; None = 5 %, an assumption.

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
    plan = planned(scenarios, baseline, replications, seed, n_jobs, keep_months)
    rate = appraisal.discount_rate(discount_rate)
    with watched(replications, not progress, "en") as tick:
        return carried_out(plan, rate, tick)


def carried_out(plan: Plan, rate: float, tick: Callable[[], None] = lambda: None) -> Comparison:
    """Run a plan and return what its runs say; of one scenario alone, its levels and its money.

    Parameters
    ----------
    rate : float
        Yearly discount rate.
    tick : callable
        Called after each world.
    """
    arms = run_arms(plan, tick)
    base = arms[plan.baseline]
    levers = delivery_table(arms)
    groups = groups_table(arms, plan.baseline)
    return Comparison(
        effects=effects_table(arms, plan.baseline),
        levels=levels_table(arms),
        summary=summary_table(arms, plan.baseline, levers, groups, rate),
        levers=levers,
        roles=roles_table(levers),
        groups=groups,
        paths=paths_table(arms, plan.baseline),
        first_divergence={name: first_divergence(arm.monthly, base.monthly) for name, arm in arms.items()},
        notes={name: arm.notes for name, arm in arms.items()},
        run=_record(plan, rate),
        tables=run_tables(arms, plan.seed, model_digest()),
    )


def _record(plan: Plan, rate: float) -> dict[str, Any]:
    return {
        "baseline": plan.baseline,
        "seed": plan.seed,
        "replications": plan.replications,
        "discount_rate": rate,
        "model_digest": model_digest(),
        "versions": versions(),
        "scenarios": {
            name: {"sha256": content.digest, "configuration": content.configuration}
            for name, content in plan.contents.items()
        },
    }
