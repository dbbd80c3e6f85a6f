"""`how_sure`: how much of each effect is chance, parameters or shocks, and how sure the choice of a mix is."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis import grades, ranking, variance
from ovopsim.analysis.changes import HEADLINES
from ovopsim.analysis.swept import by_run
from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.labels import check_language
from ovopsim.policy import Scenario, presets
from ovopsim.study import drawn, parts
from ovopsim.study.documents import rows
from ovopsim.study.drawn_plan import DrawnPlan, drawn_plan
from ovopsim.study.plan import check_numbers, planned
from ovopsim.study.sweeping import carry_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE: Final = 100  # characters of a line where there is no terminal
TABLES: Final = ("effects", "variance", "adequacy", "best", "beats", "ranking", "roles", "parameters")


@dataclass(frozen=True)
class Certainty:
    """Results of `how_sure`: tidy tables, a row for each arm and outcome unless said otherwise.

    Effects are changes of the mean over the last twelve months against the baseline, in pairs of one world, one draw
    and one shock. Relative columns, standard deviations and regrets are over the baseline's mean of all runs.

    Attributes
    ----------
    effects : DataFrame
        Mean over draws, shocks and worlds, its 95 % interval, what holds 90 % of the draws (`analysis.variance`).
    variance : DataFrame
        Shares of ``chance``, ``parameters`` and ``shocks``, which add up to 1; ``below_zero`` names those whose
        estimate was below zero and is shown as zero.
    adequacy : DataFrame
        Whether enough worlds and draws were run, and how many a precision needs.
    best : DataFrame
        In how many draws each arm, the baseline too, is best, with interval, and its regret (`analysis.ranking`).
    beats : DataFrame
        For each pair of arms and outcome, in how many draws the first is better.
    ranking : DataFrame
        A row for each outcome: how the draws' rankings agree with that of the means.
    roles : DataFrame
        A row for each role: how far evidence narrowed what it hinges on, and its grade (`analysis.grades`).
    parameters : DataFrame
        A row for each role, lever and parameter behind `roles`.
    draws : DataFrame
        A row for each draw, a column for each path.
    run : dict
        What was run.
    notes : tuple of str
        Draws that were left out, and why.
    """

    effects: pd.DataFrame
    variance: pd.DataFrame
    adequacy: pd.DataFrame
    best: pd.DataFrame
    beats: pd.DataFrame
    ranking: pd.DataFrame
    roles: pd.DataFrame
    parameters: pd.DataFrame
    draws: pd.DataFrame
    run: dict[str, Any]
    notes: tuple[str, ...] = ()
    _values: Mapping[tuple[str, str], Reals] = field(default_factory=dict, repr=False)
    _levels: Mapping[str, float] = field(default_factory=dict, repr=False)

    @property
    def baseline(self) -> str:
        """Name of the scenario that the others are compared with."""
        return str(self.run["baseline"])

    def needed(self, precision: float = variance.PRECISION) -> pd.DataFrame:
        """Return how many worlds and draws a precision needs, as `adequacy` does for ±1 %.

        Parameters
        ----------
        precision : float
            Half-width of the mean's 95 % interval, over the baseline's mean.

        Raises
        ------
        InputError
            When it is not above 0.
        """
        if not precision > 0.0:
            raise InputError(f"needed: precision is {precision!r}; give a share above 0, such as 0.01.")
        return variance.tables(self._values, self._levels, precision)["adequacy"]

    def to_frame(self) -> pd.DataFrame:
        """Return effects, split and chance of being best beside each other."""
        keys = ["arm", "outcome"]
        split = self.variance[[*keys, *variance.SOURCES]]
        best = self.best[[*keys, "best"]].rename(columns={"best": "probability_best"})
        return self.effects.merge(split, on=keys).merge(best, on=keys)

    def to_dict(self) -> dict[str, Any]:
        """Return all tables as plain rows, with what was run."""
        return {"run": self.run, "notes": list(self.notes)} | {name: rows(getattr(self, name)) for name in TABLES}

    def plot(self, outcome: str = "sales_idr", language: str = "en") -> Figure:
        """Draw effects, their variance split, and the chance of being best, by arm.

        Raises
        ------
        InputError
            When there is no such outcome or language.
        """
        from ovopsim.plots.certainty import certainty

        check_language(language)
        if outcome not in HEADLINES:
            raise InputError(f"plot: '{outcome}' is none of {', '.join(HEADLINES)}.")
        return certainty(self, outcome, language)

    def __str__(self) -> str:
        """Return the page that the command line prints."""
        return str(self._page().export_text()).rstrip()

    def _repr_html_(self) -> str:
        """Return the same page for a notebook."""
        form = "<pre style='white-space: pre; line-height: normal'><code>{code}</code></pre>"
        return str(self._page().export_html(inline_styles=True, code_format=form))

    def _page(self) -> Any:
        from rich.console import Console

        from ovopsim.report.certainty import certainty_page

        console = Console(record=True, width=PAGE, file=io.StringIO(), force_jupyter=False)
        console.print(certainty_page(self, "en"), highlight=False)
        return console


def how_sure(  # noqa: PLR0913 - what an analyst may choose is an argument
    scenarios: Mapping[str, Scenario] | None = None,
    draws: int = 64,
    replications: int = 8,
    seed: int = 1,
    shocks: bool = True,
    n_jobs: int | None = None,
    progress: bool = True,
    posterior: pd.DataFrame | str | Path | None = None,
    *,
    store: str | Path | None = None,
    language: str = "en",
) -> Certainty:
    """Say how sure a comparison is: every scenario under draws of what nobody knows, in several worlds, with shocks.

    All scenarios have the same draws, worlds and shocks. What is drawn: the parameters marked `uncertain`, and sizes
    and chances of the effects of the levers that are used. What a scenario sets itself stands.

    Parameters
    ----------
    scenarios : mapping of name to Scenario, optional
        The first is the baseline; None = no programme against all seven roles and each role alone.
    draws : int
        At least 2.
    replications : int
        Worlds, at least 2: the same for all draws.
    seed : int
        Of draws and worlds, 0 or more.
    shocks : bool
        Whether each shipped shock happens in turn, besides none; each counts as likely as none.
    n_jobs : int, optional
        Threads; None = all cores. Results do not depend on it.
    progress : bool
        Whether it is shown how far the work is, where somebody sees it.
    posterior : DataFrame or path, optional
        Draws of a calibration: a column for each path, and optionally ``weight``. What it has no column for is drawn
        from its prior. None = all from priors.
    store : path, optional
        Folder of runs, so that what was stopped goes on; None = a temporary one.
    language : str
        Of what is said while it runs.

    Returns
    -------
    Certainty

    Raises
    ------
    InputError
        When something in the arguments is wrong, or too few draws could be run.

    Examples
    --------
    >>> short = {name: scenario.changed(months=12) for name, scenario in list(presets().items())[:2]}
    >>> found = how_sure(short, draws=2, replications=2, shocks=False, progress=False)
    >>> found.best["best"].groupby(found.best["outcome"]).sum().tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    chosen = _checked(scenarios, draws, replications, seed, n_jobs)
    arms = list(chosen.values())
    known = None if posterior is None else drawn.checked_posterior(posterior, arms)
    plan = drawn_plan(chosen, _draws(arms, int(draws), int(seed), known), int(replications), int(seed), shocks)
    record = {"command": ["ovopsim.how_sure"], "inputs": {}}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory()) if store is None else store
        # a new folder in it, because a store is made by whoever writes it
        place = Path(folder) / "runs" if store is None else Path(folder)
        carry_out(plan.sweep, place, record, None, n_jobs, not progress, language)
        runs = pd.read_parquet(parts.folder(place, "runs"))
        results = by_run(place, runs[runs["run_id"].isin(list(plan.sweep.askers))], HEADLINES)
    return concluded(plan, results, arms, known)


def _checked(
    scenarios: Mapping[str, Scenario] | None, draws: int, replications: int, seed: int, n_jobs: int | None
) -> Mapping[str, Scenario]:
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 2:
        raise InputError(f"how_sure: draws is {draws!r}; give a whole number, 2 or more.")
    check_numbers(replications, seed, n_jobs, 2)
    plan = planned(presets() if scenarios is None else scenarios, None, int(replications), int(seed), n_jobs)
    if len(plan.scenarios) < 2:
        raise InputError("how_sure: one scenario only; give at least two: the first is the baseline.")
    return plan.scenarios


def _draws(arms: list[Scenario], draws: int, seed: int, posterior: pd.DataFrame | None) -> pd.DataFrame:
    unknown = drawn.uncertain_in(arms)
    if posterior is None:
        return drawn.from_priors(unknown, draws, seed)
    rest = {path: each for path, each in unknown.items() if path not in posterior}
    return pd.concat([drawn.resampled(posterior, draws, seed), drawn.from_priors(rest, draws, seed)], axis=1)


def concluded(
    plan: DrawnPlan, results: pd.DataFrame, arms: list[Scenario], posterior: pd.DataFrame | None
) -> Certainty:
    """Return what runs say.

    Parameters
    ----------
    results : DataFrame
        A row for each run: ``run_id`` and the headline outcomes.
    arms : list of Scenario
        As they were given.
    posterior : DataFrame or None
        Checked draws.

    Raises
    ------
    InputError
        When fewer than two draws have all their runs.
    """
    found = {outcome: plan.values(results, outcome) for outcome in HEADLINES}
    whole = np.all([np.isfinite(values).all(axis=(0, 2, 3)) for values in found.values()], axis=0)
    if whole.sum() < 2:
        raise InputError(f"how_sure: {whole.sum()} of {len(whole)} draws could be run in all scenarios; two are needed.")
    baseline, *others = plan.arms
    levels = {outcome: float(values[0][whole].mean()) for outcome, values in found.items()}
    effects = {
        (arm, outcome): (values[place] - values[0])[whole]
        for place, arm in enumerate(others, 1)
        for outcome, values in found.items()
    }
    parameters = grades.parameters_table(arms, posterior)
    return Certainty(
        **variance.tables(effects, levels),
        **ranking.tables(effects, levels, baseline),
        roles=grades.roles_table(parameters),
        parameters=parameters,
        draws=plan.draws,
        run=_record(plan, int(whole.sum()), posterior is not None),
        notes=() if whole.all() else (f"{len(whole) - whole.sum()} of {len(whole)} draws",),
        _values=effects,
        _levels=levels,
    )


def _record(plan: DrawnPlan, whole: int, from_posterior: bool) -> dict[str, Any]:
    return {
        "baseline": plan.arms[0],
        "arms": list(plan.arms),
        "draws": len(plan.draws),
        "draws_used": whole,
        "from": "posterior" if from_posterior else "priors",
        "varied": list(plan.draws.columns),
        "shocks": list(plan.shocks),
        "replications": plan.sweep.replications,
        "seed": plan.sweep.seed,
        "runs": len(plan.sweep.askers),
        "model_digest": plan.sweep.digest,
    }
