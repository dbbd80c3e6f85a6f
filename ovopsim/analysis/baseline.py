"""The baseline table: published patterns of the cluster without a programme beside what the simulation gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from ovopsim.analysis.changes import BAND_ENDS
from ovopsim.analysis.effects import mean_effect
from ovopsim.analysis.tolerances import is_inside
from ovopsim.fields import FIRM, SENTRAS, Reals
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy.scenario import Scenario
from ovopsim.population.month_zero import BURN_IN
from ovopsim.simulation import RunArrays, calendar_of, month_zero, run_scenario
from ovopsim.study.worlds import over_worlds

YEARS = 10
SHOCK_MONTH = 24
AFTER_SHOCK = 24


def baseline_targets() -> dict[str, dict[str, Any]]:
    """Return the shipped targets by name: about, low, high, published, emergent, evidence."""
    return read_yaml(files("ovopsim.parameters") / "data" / "baseline_targets.yaml")


def active_columns(table: Reals) -> Reals:
    """Return the columns of a firm table that are in business."""
    found: Reals = table[:, table[FIRM.active] == 1.0]
    return found


def yearly_exit_rates(run: RunArrays) -> dict[str, float]:
    """Return yearly exit from one January to the next: young, later, smallest and largest third by sales."""
    gone = {"young": 0.0, "later": 0.0, "smallest": 0.0, "largest": 0.0}
    alive = dict.fromkeys(gone, 0.0)
    for place in range(len(run.snapshots) - 1):
        now, after = active_columns(run.snapshots[place]), active_columns(run.snapshots[place + 1])
        closed = ~np.isin(now[FIRM.firm_id], after[FIRM.firm_id])
        young = now[FIRM.age] < 36
        sales = now[FIRM.yearly_sales]
        whole_year = now[FIRM.age] >= 12
        low, high = np.quantile(sales[whole_year], [1 / 3, 2 / 3])
        groups = {
            "young": young,
            "later": ~young,
            "smallest": whole_year & (sales < low),
            "largest": whole_year & (sales >= high),
        }
        for name, group in groups.items():
            gone[name] += float(closed[group].sum())
            alive[name] += float(group.sum())
    return {name: gone[name] / max(alive[name], 1.0) for name in gone}


def cohort_left(run: RunArrays, years: int = 6) -> float:
    """Return the share of a year's entrants, all years pooled, that are still in business `years` after that year."""
    alive = [active_columns(table) for table in run.snapshots]
    entered = stayed = 0
    for now, after in zip(alive, alive[years:], strict=False):
        newcomers = now[FIRM.firm_id, now[FIRM.age] < 12]
        entered += newcomers.size
        stayed += int(np.isin(newcomers, after[FIRM.firm_id]).sum())
    return stayed / max(entered, 1)


def profit_regression(firms: Reals) -> tuple[float, float]:
    """Return the coefficients of log equipment and log labour in a regression of log profit over firms."""
    firms = firms[:, (firms[FIRM.smoothed_profit] > 0.0) & (firms[FIRM.equipment] > 0.0)]
    labour = firms[FIRM.owner_labour] + firms[FIRM.workers]
    design = np.column_stack([np.ones(firms.shape[1]), np.log(firms[FIRM.equipment]), np.log(labour)])
    coefficients = np.linalg.lstsq(design, np.log(firms[FIRM.smoothed_profit]), rcond=None)[0]
    return float(coefficients[1]), float(coefficients[2])


def lebaran_uplift(sales: Reals, season: Reals) -> float:
    """Return sales in each year's strongest Lebaran month over plain months, less one."""
    years = len(sales) // 12
    strongest = [12 * year + int(np.argmax(season[12 * year : 12 * year + 11])) for year in range(years)]
    plain = np.flatnonzero(season <= season.min() + 1e-9)
    return float(sales[strongest].mean() / sales[plain].mean() - 1.0)


def year_end_uplift(sales: Reals, season: Reals) -> float:
    """Return sales in December over plain months, less one."""
    plain = np.flatnonzero(season <= season.min() + 1e-9)
    return float(sales[11::12].mean() / sales[plain].mean() - 1.0)


def patterns_of(run: RunArrays, season: Reals) -> dict[str, float]:
    """Return the baseline patterns of one replication of ten years."""
    monthly = run.monthly
    firms = monthly[:, OUTCOME.firms]
    ratio = float(firms[-1] / firms[0])
    rates = yearly_exit_rates(run)
    table = active_columns(run.snapshots[1])
    laweyan, kauman = (table[FIRM.sentra] == SENTRAS.index(name) for name in ("laweyan", "kauman"))
    capital, labour = profit_regression(table)
    sales = monthly[:, OUTCOME.sales_idr]
    return {
        "firms_after_ten_years": ratio,
        "firms_range_in_seeds": float(0.75 <= ratio <= 1.25),
        "sales_growth": float((sales[-12:].sum() / sales[:12].sum()) ** (1.0 / (YEARS - 1)) - 1.0),
        "exit_rate": float(monthly[:, OUTCOME.exits].sum() / firms.sum() * 12.0),
        "cohort_left": cohort_left(run),
        "exit_young": rates["young"] / max(rates["later"], 1e-9),
        "exit_small": rates["smallest"] / max(rates["largest"], 1e-9),
        "micro_share": float((monthly[12:24, OUTCOME.micro] / firms[12:24]).mean()),
        "laweyan_under_seven": float((table[FIRM.workers, laweyan] < 7.0).mean()),
        "workers_kauman": float(table[FIRM.workers, kauman].mean()),
        "materials_share": float(monthly[:, OUTCOME.materials_idr].sum() / monthly[:, OUTCOME.output_value_idr].sum()),
        "bank_loan_share": float((monthly[:, OUTCOME.loans] / firms).mean()),
        "profit_labour_less_capital": labour - capital,
        "profit_capital": capital,
        "profit_labour": labour,
        "profit_sum": labour + capital,
        "lebaran_month": lebaran_uplift(sales, season),
        "year_end_month": year_end_uplift(sales, season),
    }


def pandemic_patterns(with_shock: RunArrays, without: RunArrays) -> dict[str, float]:
    """Return what a pandemic does, against the same world without it."""
    ratio = with_shock.monthly[:, OUTCOME.sales_idr] / without.monthly[:, OUTCOME.sales_idr]
    window = slice(SHOCK_MONTH, SHOCK_MONTH + AFTER_SHOCK)
    extra = with_shock.monthly[window, OUTCOME.exits].sum() - without.monthly[window, OUTCOME.exits].sum()
    return {
        "pandemic_worst_month": float(ratio[SHOCK_MONTH:].min() - 1.0),
        "pandemic_extra_exits": float(extra),
        "pandemic_recovery": float(ratio[SHOCK_MONTH + AFTER_SHOCK]),
    }


def one_world(replication: int, seed: int, base: Scenario | None = None) -> dict[str, float]:
    """Return all patterns of one replication; a base says what firms and parameters are, and has no programme."""
    plain = (Scenario() if base is None else base).changed(months=12 * YEARS, programme=None, assignments=(), shocks=())
    start = month_zero(plain, seed, replication)
    run = run_scenario(plain, start, range(11, plain.months, 12))
    season = calendar_of(plain, start.values).season[BURN_IN:, 0]
    months = SHOCK_MONTH + AFTER_SHOCK + 1
    short = plain.changed(months=months)
    shock = short.changed(shocks=[{"name": "pandemic", "start": SHOCK_MONTH}])
    return patterns_of(run, season) | pandemic_patterns(run_scenario(shock, start), run_scenario(short, start))


def baseline_table(
    replications: int = 32,
    seed: int = 1,
    n_jobs: int | None = None,
    tick: Callable[[], None] = lambda: None,
    bases: Sequence[Scenario] | None = None,
) -> list[dict[str, Any]]:
    """Return every baseline pattern, simulated beside published.

    Parameters
    ----------
    replications : int
        Worlds; `simulated` is their mean.
    seed : int
    n_jobs : int, optional
        Threads; None = all cores.
    tick : callable
        Called after each world, for a progress bar.
    bases : sequence of Scenario, optional
        One for each world, to say what its firms and parameters are; None = the shipped cluster in all.

    Returns
    -------
    list of dict
        ``name, emergent, simulated, low, high, inside, published, evidence``, and ``about``, ``simulated_low`` and
        ``simulated_high`` (95 % interval of the mean), ``standard_error`` (NaN with one world), ``world_low``
        and ``world_high`` (90 % of worlds lie between).
    """

    def work(replication: int) -> dict[str, float]:
        found = one_world(replication, seed, None if bases is None else bases[replication])
        tick()
        return found

    patterns = over_worlds(work, replications, n_jobs)
    return [
        _row(name, target, np.array([each[name] for each in patterns])) for name, target in baseline_targets().items()
    ]


def _row(name: str, target: dict[str, Any], values: Reals) -> dict[str, Any]:
    found = mean_effect(values)
    low, high = target["low"], target["high"]
    return {
        "name": name,
        "about": target["about"],
        "emergent": target["emergent"],
        "simulated": found.mean,
        "simulated_low": found.low,
        "simulated_high": found.high,
        "standard_error": found.spread / math.sqrt(len(values)),
        "low": low,
        "high": high,
        "inside": is_inside(found.mean, low, high),
        "published": target["published"],
        "evidence": target["evidence"],
    } | spread_of(values)


def spread_of(worlds: Reals) -> dict[str, float]:
    """Return between what 90 % of worlds lie."""
    low, high = np.quantile(worlds[np.isfinite(worlds)], BAND_ENDS)
    return {"world_low": float(low), "world_high": float(high)}
