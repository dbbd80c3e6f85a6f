"""`compare`: programmes against a baseline in the same worlds, with intervals over pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ovopsim.analysis import appraisal
from ovopsim.analysis.changes import effects_table, levels_table, paths_table
from ovopsim.analysis.comparison_tables import ComparisonTables
from ovopsim.analysis.costs import summary_table
from ovopsim.analysis.delivery import delivery_table, roles_table
from ovopsim.analysis.effects import first_divergence
from ovopsim.analysis.groups import groups_table
from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.scenario import Scenario
from ovopsim.report.printed import PAGE, Printed
from ovopsim.study.drawn import Draws
from ovopsim.study.frames import run_tables
from ovopsim.study.identity import versions
from ovopsim.study.plan import Plan, planned
from ovopsim.study.progress import watched
from ovopsim.study.worlds import run_arms

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType


class Comparison(Printed, ComparisonTables):
    """Results of `compare`: the tables of `ComparisonTables`, which draw and print themselves."""

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

    def _page(self) -> RenderableType:
        from ovopsim.report.comparing import comparison_page

        return comparison_page(self, "en", PAGE)


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
    posterior: Draws | None = None,
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
    posterior : DataFrame or path, optional
        Draws of a calibration, such as `Posterior.draws`; "shipped" = those that come with the package. Each world has
        another draw, the same for all scenarios: effects are means over draws, intervals those of these means
        (`how_sure` says how far single draws differ). None = the values that the model ships with.

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
    plan = planned(scenarios, baseline, replications, seed, n_jobs, keep_months, posterior=posterior)
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
        tables=run_tables(arms, plan.seed, plan.digest),
    )


def _record(plan: Plan, rate: float) -> dict[str, Any]:
    return {
        "baseline": plan.baseline,
        "seed": plan.seed,
        "replications": plan.replications,
        "discount_rate": rate,
        "model_digest": plan.digest,
        "posterior_draws": len(plan.draws),
        "versions": versions(),
        "scenarios": {
            name: {"sha256": content.digest, "configuration": content.configuration}
            for name, content in plan.contents.items()
        },
    }
