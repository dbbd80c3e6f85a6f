"""`explain`: through what a programme works, over capital, skill, technology, market access, and rivals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ovopsim.analysis.comparability import other_differences
from ovopsim.analysis.explained import FREE_SETS, ExplanationTables, explanation_table, headlines, worlds_table
from ovopsim.labels import check_language
from ovopsim.policy.scenario import Scenario
from ovopsim.report.printed import PAGE, Printed
from ovopsim.study.explaining import ExplanationPlan, plan_explanation, run_explanation
from ovopsim.study.identity import model_digest, versions
from ovopsim.study.progress import watched

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType


class Explanation(Printed, ExplanationTables):
    """Results of `explain`: the tables of `ExplanationTables`, which draw and print themselves."""

    def plot(self, language: str = "en") -> Figure:
        """Draw the parts of four outcomes as bars that add up to the whole effect.

        Parameters
        ----------
        language : str
            ``en`` or ``id``.
        """
        from ovopsim.plots.explanation import explanation

        check_language(language)
        return explanation(self.table, self.scenario, self.baseline, language, self.warning(language))

    def _page(self) -> RenderableType:
        from ovopsim.report.explaining import explanation_page

        return explanation_page(self, "en", PAGE)


def explain(
    scenario: Scenario,
    baseline: Scenario | None = None,
    replications: int = 32,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
) -> Explanation:
    """Split the effect of a scenario over what it works through.

    The parts are the four attribute groups of firms (Shapley values over runs in which the others are held at the
    untreated path), other channels, and market spillovers; they sum to the whole effect in every world.

    Parameters
    ----------
    scenario : Scenario
    baseline : Scenario, optional
        None = the same world without programme and assignments.
    replications : int
        Worlds, at least 2; each takes 18 runs.
    seed : int
        0 or more.
    n_jobs : int, optional
        Threads; None = all cores. Results do not depend on it. Each needs room for one run's path: 80 MB for 200 firms
        over ten years.
    progress : bool
        Whether it is said on standard error that the model compiles first, if it does, and how far the work is.

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        When the two are no scenarios of one world.

    Examples
    --------
    >>> training = {"budget": 3e8, "shares": {"production_training": 1.0}}
    >>> few = Scenario(months=24, population={"synthetic": "surakarta", "firms": 40}, programme=training)
    >>> found = explain(few, replications=2, progress=False).table
    >>> sales = found[found["outcome"] == "sales_idr"].set_index("part")["mean"]
    >>> bool(abs(sales.drop("whole").sum() - sales["whole"]) < 1e-6 * abs(sales["whole"]))
    True
    """
    plan = plan_explanation(scenario, baseline, replications, seed, n_jobs)
    with watched(plan.replications, not progress, "en") as tick:
        return explained(plan, tick)


def explained(plan: ExplanationPlan, tick: Callable[[], None] = lambda: None) -> Explanation:
    """Run a plan and return the effect in parts; `tick` is called after each world."""
    runs = run_explanation(plan, FREE_SETS, headlines, tick)
    return Explanation(
        explanation_table(runs),
        worlds_table(runs),
        plan.scenario.name,
        plan.baseline.name,
        other_differences(plan.scenario, plan.baseline),
        _record(plan),
    )


def _record(plan: ExplanationPlan) -> dict[str, Any]:
    pairs = zip(("scenario", "baseline"), (plan.scenario, plan.baseline), plan.contents, strict=True)
    return {
        "seed": plan.seed,
        "replications": plan.replications,
        "model_digest": model_digest(),
        "versions": versions(),
        "explained": {
            role: {"name": scenario.name, "sha256": content.digest, "configuration": content.configuration}
            for role, scenario, content in pairs
        },
    }
