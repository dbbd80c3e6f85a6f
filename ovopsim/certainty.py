"""`how_sure`: how much of each effect is chance, parameters or shocks, and how sure the choice of a mix is."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ovopsim.analysis import grades, ranking, variance_tables
from ovopsim.analysis.certainty_tables import CertaintyTables
from ovopsim.analysis.changes import HEADLINES
from ovopsim.analysis.comparability import other_differences
from ovopsim.analysis.repeats import Rows
from ovopsim.analysis.swept import by_run
from ovopsim.errors import InputError
from ovopsim.labels import check_language
from ovopsim.policy import Scenario, presets
from ovopsim.report.printed import Printed
from ovopsim.study import drawn, parts
from ovopsim.study import store as stores
from ovopsim.study.drawn_plan import DrawnPlan, drawn_plan
from ovopsim.study.plan import check_numbers, planned
from ovopsim.study.sweeping import carry_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType


class Certainty(Printed, CertaintyTables):
    """Results of `how_sure`: the tables of `CertaintyTables`, which draw and print themselves."""

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

    def _page(self) -> RenderableType:
        from ovopsim.report.certainty import certainty_page

        return certainty_page(self, "en")


def how_sure(  # noqa: PLR0913, PLR0917 - what an analyst may choose is an argument
    scenarios: Mapping[str, Scenario] | None = None,
    draws: int = 64,
    replications: int = 8,
    seed: int = 1,
    shocks: bool = True,
    n_jobs: int | None = None,
    progress: bool = True,
    posterior: drawn.Draws | None = None,
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
        Draws of a calibration: a column for each path, and optionally ``weight``; a folder that a calibration saved; or
        "shipped", which comes with the package. What it has no column for is drawn
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
        When something in the arguments is wrong, too few draws could be run, or another command writes in the store
        when all has been run: the same call goes on once that has ended, and runs nothing twice.

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
        results = _read(plan, place)
    return concluded(plan, results, arms, known)


def _read(plan: DrawnPlan, place: Path) -> pd.DataFrame:
    """Return the plan's runs from a store, which another command may have begun to write in meanwhile.

    Raises
    ------
    InputError
        When one has: it may be writing files anew, with columns of its own. No run is lost by that.
    """
    with stores.held(place, plan.sweep.digest):
        runs = pd.read_parquet(parts.folder(place, "runs"))
        return by_run(place, runs[runs["run_id"].isin(list(plan.sweep.askers))], HEADLINES)


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
        raise InputError(
            f"how_sure: {whole.sum()} of {len(whole)} draws could be run in all scenarios; two are needed."
        )
    baseline, *others = plan.arms
    levels = {outcome: float(values[0][whole].mean()) for outcome, values in found.items()}
    effects = {
        (arm, outcome): (values[place] - values[0])[whole]
        for place, arm in enumerate(others, 1)
        for outcome, values in found.items()
    }
    parameters = grades.parameters_table(arms, posterior)
    rows = rows_of(plan.draws[whole], posterior)
    return Certainty(
        **variance_tables.tables(effects, levels, rows=rows),
        **ranking.tables(effects, levels, baseline, rows),
        roles=grades.roles_table(parameters),
        parameters=parameters,
        draws=plan.draws,
        run=_record(plan, int(whole.sum()), rows) | {"differs_in": _differing(plan.arms, arms)},
        rows=rows,
        cells=effects,
        levels=levels,
    )


def rows_of(draws: pd.DataFrame, posterior: pd.DataFrame | None) -> Rows | None:
    """Return a number for the posterior's row that each draw has; None without a posterior.

    Parameters
    ----------
    draws : DataFrame
        A row for each draw, a column for each path: of the posterior, or drawn from its prior.
    """
    if posterior is None:
        return None
    known = [path for path in draws.columns if path in posterior]
    return np.asarray(draws.groupby(known, sort=False).ngroup(), dtype=np.int64)


def _differing(names: Sequence[str], arms: list[Scenario]) -> dict[str, str]:
    """Return the arms that differ from the baseline in more than what the agency does, and in what."""
    told = {name: other_differences(arm, arms[0]) for name, arm in zip(names, arms, strict=True)}
    return {name: what for name, what in told.items() if what}


def _record(plan: DrawnPlan, whole: int, rows: Rows | None) -> dict[str, Any]:
    return {
        "baseline": plan.arms[0],
        "arms": list(plan.arms),
        "draws": len(plan.draws),
        "draws_used": whole,
        "draws_different": whole if rows is None else len(np.unique(rows)),
        "from": "priors" if rows is None else "posterior",
        "varied": list(plan.draws.columns),
        "shocks": list(plan.shocks),
        "replications": plan.sweep.replications,
        "seed": plan.sweep.seed,
        "runs": len(plan.sweep.askers),
        "model_digest": plan.sweep.digest,
    }
