"""`compare`: programmes against a baseline in the same worlds, with intervals over pairs."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.analysis.effects import first_divergence, paired_effect, ratio_interval
from ovopsim.analysis.groups import GROUPS, group_changes
from ovopsim.compiling import core_sources, digest_of_files
from ovopsim.errors import InputError
from ovopsim.fields import fields_of
from ovopsim.outcomes.monthly import OUTCOMES, OutcomeRows
from ovopsim.policy.canonical import scenario_digest
from ovopsim.policy.scenario import Scenario
from ovopsim.rules.agency.tables import AGENCY_FIELDS
from ovopsim.simulation import (
    MonthZero,
    RunArrays,
    dates_of,
    firms_frame,
    month_zero,
    monthly_frame,
    population_key,
    run_scenario,
)
from ovopsim.study.store import run_id

Array = NDArray[np.float64]
HEADLINES = ("sales_idr", "value_added_idr", "profit_idr", "jobs", "firms", "exports_idr", "output_per_worker")
DISCOUNT = 0.05  # per year, real; an assumption, as in most public appraisals
LAST = 12
UNDER_SPENT = 0.8


@dataclass(frozen=True)
class ArmRuns:
    """All replications of one arm.

    Attributes
    ----------
    monthly : array (replications, months, outcomes)
    levers : array (replications, months, agency fields, levers)
    changes : array (replications, groups, 2)
        Mean sales and profit of the baseline's first firms by group at the end; a closed firm counts as zero.
    tables : list of pairs of DataFrame
        Monthly and firm tables of each replication, when runs are kept.
    """

    scenario: Scenario
    monthly: Array
    levers: Array
    changes: Array
    tables: list[tuple[pd.DataFrame, pd.DataFrame]]


@dataclass(frozen=True)
class Comparison:
    """Results of `compare`.

    Attributes
    ----------
    effects : DataFrame
        ``arm, outcome, mean, low, high, relative, replications_needed, unit``: change of the mean over the last
        twelve months.
    summary : DataFrame
        One row an arm: budget, spent, take-up, public cost, cost for each extra job and rupiah of value added.
    paths : DataFrame
        ``arm, step, month, outcome, mean, low, high``: mean and 5 to 95 % band over replications.
    gainers : DataFrame
        ``arm, group, member, outcome, mean, low, high`` for firms in business when the programme starts.
    first_divergence : dict
        First month in which an arm differs from the baseline at all.
    run : dict
        What ran: seed, replications, versions, digests.
    runs, monthly, firms : DataFrame
        Every run, its months and its firms at the end, joined by ``run_id``; empty unless runs were kept.
    """

    effects: pd.DataFrame
    summary: pd.DataFrame
    paths: pd.DataFrame
    gainers: pd.DataFrame
    first_divergence: dict[str, int | None]
    run: dict[str, Any]
    runs: pd.DataFrame
    monthly: pd.DataFrame
    firms: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the effects."""
        return self.effects

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON document."""
        arms = []
        for name in self.summary["arm"]:
            mine = self.effects[self.effects["arm"] == name]
            effects = [
                {
                    "outcome": row["outcome"],
                    "mean": row["mean"],
                    "low": row["low"],
                    "high": row["high"],
                    "replications_needed": None
                    if pd.isna(row["replications_needed"])
                    else int(row["replications_needed"]),
                }
                for row in mine.to_dict("records")
            ]
            spent = float(self.summary.loc[self.summary["arm"] == name, "spent_idr"].iloc[0])
            arms.append(
                {"name": name, "spent_idr": spent, "effects": effects, "first_divergence": self.first_divergence[name]}
            )
        return {"arms": arms, "run": self.run}


def model_digest() -> str:
    """Return the SHA-256 of the core's sources and all shipped data."""
    from importlib.resources import files
    from pathlib import Path

    data = [
        Path(str(path))
        for part in ("parameters", "policy")
        for path in sorted((files("ovopsim") / part / "data").iterdir(), key=lambda each: each.name)
    ]
    return digest_of_files([*core_sources(), *data])


def run_arms(
    scenarios: Mapping[str, Scenario],
    replications: int,
    seed: int,
    n_jobs: int | None,
    tick: Callable[[], None],
    keep: bool,
) -> dict[str, ArmRuns]:
    """Run every scenario in every world; worlds are spread over threads, and a world is built once for all arms."""

    def world(replication: int) -> dict[str, tuple[RunArrays, Array, list[tuple[pd.DataFrame, pd.DataFrame]]]]:
        starts: dict[Any, MonthZero] = {}
        found = {}
        for name, scenario in scenarios.items():
            key = population_key(scenario)
            if key not in starts:
                starts[key] = month_zero(scenario, seed, replication)
            run = run_scenario(scenario, starts[key], [scenario.months - 1])
            changes = group_changes(starts[key].world.firms, run.snapshots[0])
            tables = [(monthly_frame(scenario, run), firms_frame(run))] if keep else []
            found[name] = (replace(run, snapshots=run.snapshots[:, :0]), changes, tables)
        tick()
        return found

    with ThreadPoolExecutor(n_jobs or os.cpu_count() or 1) as pool:
        worlds = list(pool.map(world, range(replications)))
    return {
        name: ArmRuns(
            scenario,
            np.array([found[name][0].monthly for found in worlds]),
            np.array([found[name][0].levers for found in worlds]),
            np.array([found[name][1] for found in worlds]),
            [pair for found in worlds for pair in found[name][2]],
        )
        for name, scenario in scenarios.items()
    }


def outcome_units() -> dict[str, str]:
    """Return outcome -> unit."""
    return {name: field.unit for name, (field, _) in fields_of(OutcomeRows).items()}


def _last_mean(monthly: Array, outcome: str) -> Array:
    mean: Array = monthly[:, -LAST:, OUTCOMES.index(outcome)].mean(axis=1)
    return mean


def _effects(runs: Mapping[str, ArmRuns], baseline: str) -> pd.DataFrame:
    rows = []
    units = outcome_units()
    for name, arm in runs.items():
        for outcome in OUTCOMES:
            base = _last_mean(runs[baseline].monthly, outcome)
            effect = paired_effect(_last_mean(arm.monthly, outcome), base)
            level = float(base.mean())
            rows.append(
                {
                    "arm": name,
                    "outcome": outcome,
                    "mean": effect.mean,
                    "low": effect.low,
                    "high": effect.high,
                    "relative": effect.mean / level if level else float("nan"),
                    "relative_low": effect.low / level if level else float("nan"),
                    "relative_high": effect.high / level if level else float("nan"),
                    "replications_needed": effect.replications_needed,
                    "unit": units[outcome],
                }
            )
    return pd.DataFrame(rows)


def _discounted(monthly: Array, outcome: str) -> Array:
    factors = (1.0 + DISCOUNT) ** (-np.arange(monthly.shape[1]) / 12.0)
    total: Array = (monthly[:, :, OUTCOMES.index(outcome)] * factors).sum(axis=1)
    return total


def _summary_row(name: str, arm: ArmRuns, base: ArmRuns) -> dict[str, Any]:
    programme = arm.scenario.programme
    months = 0 if programme is None else max(0, min(programme.months, arm.scenario.months - programme.start))
    budget = 0.0 if programme is None else programme.budget * months / 12.0
    spent = float(arm.monthly[:, :, OUTCOMES.index("spent_idr")].sum(axis=1).mean())
    city = _discounted(arm.monthly, "spent_idr") - _discounted(base.monthly, "spent_idr")
    national = sum(
        _discounted(arm.monthly, outcome) - _discounted(base.monthly, outcome)
        for outcome in ("interest_subsidy_idr", "guarantee_loss_idr")
    )
    jobs = _last_mean(arm.monthly, "jobs") - _last_mean(base.monthly, "jobs")
    added = _discounted(arm.monthly, "value_added_idr") - _discounted(base.monthly, "value_added_idr")
    per_job, per_rupiah = ratio_interval(city + national, jobs), ratio_interval(city + national, added)
    asked = float(arm.levers[:, :, AGENCY_FIELDS["asked"]].sum(axis=(1, 2)).mean())
    delivered = float(arm.levers[:, :, AGENCY_FIELDS["delivered"]].sum(axis=(1, 2)).mean())
    job_years = (arm.monthly - base.monthly)[:, :, OUTCOMES.index("jobs")].sum(axis=1) / 12.0
    nothing = (float("nan"),) * 3
    return {
        "arm": name,
        "budget_idr": budget,
        "spent_idr": spent,
        "spent_share": spent / budget if budget else float("nan"),
        "under_spent": bool(budget and spent < UNDER_SPENT * budget),
        "lapsed_idr": float(arm.monthly[:, :, OUTCOMES.index("lapsed_idr")].sum(axis=1).mean()),
        "delivered": delivered,
        "take_up": min(1.0, delivered / asked) if asked else float("nan"),
        "reached": float(_last_mean(arm.monthly, "reached").mean()),
        "extra_jobs": float(jobs.mean()),
        "job_years": float(job_years.mean()),
        "extra_value_added_idr": float(added.mean()),
        "public_cost_idr": float((city + national).mean()),
        "city_cost_idr": float(city.mean()),
        "national_cost_idr": float(np.mean(national)),
        **dict(zip(("cost_per_job", "cost_per_job_low", "cost_per_job_high"), per_job or nothing, strict=True)),
        **dict(
            zip(
                ("cost_per_value_added", "cost_per_value_added_low", "cost_per_value_added_high"),
                per_rupiah or nothing,
                strict=True,
            )
        ),
    }


def _paths(runs: Mapping[str, ArmRuns]) -> pd.DataFrame:
    parts = []
    for name, arm in runs.items():
        low, high = np.quantile(arm.monthly, [0.05, 0.95], axis=0)
        mean = arm.monthly.mean(axis=0)
        months = arm.scenario.months
        parts.append(
            pd.DataFrame(
                {
                    "arm": name,
                    "step": np.repeat(np.arange(months), len(OUTCOMES)),
                    "month": np.repeat(dates_of(arm.scenario.start, months), len(OUTCOMES)),
                    "outcome": np.tile(np.array(OUTCOMES), months),
                    "mean": mean.ravel(),
                    "low": low.ravel(),
                    "high": high.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _gainers(runs: Mapping[str, ArmRuns], baseline: str) -> pd.DataFrame:
    rows = []
    for name, arm in runs.items():
        for place, (group, member) in enumerate(GROUPS):
            for which, outcome in enumerate(("sales", "profit")):
                base = runs[baseline].changes[:, place, which]
                kept = np.isfinite(base) & np.isfinite(arm.changes[:, place, which])
                if kept.sum() < 2:
                    continue
                effect = paired_effect(arm.changes[kept, place, which], base[kept])
                level = float(base[kept].mean())
                rows.append(
                    {
                        "arm": name,
                        "group": group,
                        "member": member,
                        "outcome": outcome,
                        "mean": effect.mean,
                        "low": effect.low,
                        "high": effect.high,
                        "relative": effect.mean / level if level else float("nan"),
                        "relative_low": effect.low / level if level else float("nan"),
                        "relative_high": effect.high / level if level else float("nan"),
                    }
                )
    return pd.DataFrame(rows)


def _checked(scenarios: Mapping[str, Scenario], baseline: str | None, replications: int) -> str:
    if not scenarios:
        raise InputError("compare: give at least one scenario.")
    if replications < 2:
        raise InputError(f"compare: replications is {replications}; an interval needs at least 2.")
    first = next(iter(scenarios)) if baseline is None else baseline
    if first not in scenarios:
        raise InputError(f"compare: the baseline '{first}' is none of the scenarios: {', '.join(scenarios)}.")
    months = {scenario.months for scenario in scenarios.values()}
    starts = {scenario.start for scenario in scenarios.values()}
    if len(months) > 1 or len(starts) > 1:
        raise InputError("compare: all scenarios must have the same start and months.")
    return first


def compare(
    scenarios: Mapping[str, Scenario],
    baseline: str | None = None,
    replications: int = 64,
    seed: int = 1,
    n_jobs: int | None = None,
    progress: bool = True,
    keep_runs: bool = False,
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
    n_jobs : int, optional
        Threads; None = all cores. Results do not depend on it.
    progress : bool
        Whether a progress bar is shown on standard error.
    keep_runs : bool
        Whether the tables of single runs are returned too.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        When the scenarios cannot be compared.
    """
    first = _checked(scenarios, baseline, replications)
    if progress:
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=replications)
            runs = run_arms(scenarios, replications, seed, n_jobs, lambda: bar.advance(task), keep_runs)
    else:
        runs = run_arms(scenarios, replications, seed, n_jobs, lambda: None, keep_runs)
    digest = model_digest()
    run_rows, monthly, firms = _kept(runs, seed, digest)
    return Comparison(
        _effects(runs, first),
        pd.DataFrame([_summary_row(name, arm, runs[first]) for name, arm in runs.items()]),
        _paths(runs),
        _gainers(runs, first),
        {name: first_divergence(arm.monthly, runs[first].monthly) for name, arm in runs.items()},
        {
            "baseline": first,
            "seed": seed,
            "replications": replications,
            "version": version("ovopsim"),
            "python": platform.python_version(),
            "model_digest": digest,
            "scenarios": {name: scenario_digest(scenario) for name, scenario in scenarios.items()},
        },
        run_rows,
        monthly,
        firms,
    )


def tables_of(
    scenario: Scenario, monthly: pd.DataFrame, firms: pd.DataFrame, seed: int, digest: str
) -> tuple[list[dict[str, Any]], pd.DataFrame, pd.DataFrame]:
    """Return rows of runs, and the monthly and firm tables with ``run_id`` in place of ``replication``."""
    ids = {int(number): run_id(scenario, seed, int(number), digest) for number in monthly["replication"].unique()}
    rows = [
        {"run_id": identity, "scenario": scenario.name, "seed": seed, "replication": number, "model_digest": digest}
        for number, identity in ids.items()
    ]
    tables = []
    for table in (monthly, firms):
        joined = table.drop(columns="replication")
        joined.insert(0, "run_id", table["replication"].map(ids))
        tables.append(joined)
    return rows, tables[0], tables[1]


def _kept(runs: Mapping[str, ArmRuns], seed: int, digest: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rows: list[dict[str, Any]] = []
    monthly, firms = [], []
    for name, arm in runs.items():
        if not arm.tables:
            continue
        frames = [
            pd.concat([pair[which].assign(replication=number) for number, pair in enumerate(arm.tables)])
            for which in (0, 1)
        ]
        scenario = arm.scenario.model_copy(update={"name": name})
        arm_rows, months, table = tables_of(scenario, frames[0], frames[1], seed, digest)
        rows += arm_rows
        monthly.append(months)
        firms.append(table)
    if not rows:
        return pd.DataFrame(), pd.DataFrame(), pd.DataFrame()
    return pd.DataFrame(rows), pd.concat(monthly, ignore_index=True), pd.concat(firms, ignore_index=True)
