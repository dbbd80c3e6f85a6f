"""What each lever does alone: to the state it moves first, to what it is for, and to rivals.

Each lever is given the whole default budget for five years, and once as a trial: one delivery in month 12 to a random
quarter of firms (a lever on a place or a cooperative: to one sentra drawn at random). Run from the project's root:

    python experiments/single_levers.py --out results/single_levers [--quick]
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ovopsim.fields import CHANNELS, FIRM, FirmRows, SentraRows, fields_of
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy import Scenario, builtin_levers, presets
from ovopsim.simulation import MonthZero, RunArrays, month_zero, run_scenario, trial

BUDGET = presets()["All seven roles"].programme.budget  # type: ignore[union-attr]
MONTH, AFTER = 12, 35  # the trial's month, and the month that ends its second year


def link_value(run: RunArrays, state: str) -> float:
    """Return the mean of a first-link state over firms and kept months, or over sentras and months."""
    name, _, channel = state.partition(".")
    if name in fields_of(SentraRows):
        return float(run.sentras[:, fields_of(SentraRows)[name][1]].mean())
    row = fields_of(FirmRows)["market_access" if name == "access" else name][1]
    row += CHANNELS.index(channel) if channel else 0
    values = [table[row][table[FIRM.active] == 1.0].mean() for table in run.snapshots]
    return float(np.mean(values))


def interval(differences: np.ndarray) -> tuple[float, float, float]:
    """Return mean and 95 % t-interval of paired differences."""
    mean = float(differences.mean())
    if len(differences) < 2 or differences.std() == 0.0:
        return mean, mean, mean
    half = float(stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences))
    return mean, mean - half, mean + half


def treated_rows(scenario: Scenario, start: MonthZero) -> np.ndarray:
    """Return a mark for each first firm: assigned by the scenario's only assignment."""
    firms = start.world.firms
    orders = trial(scenario, start)
    if scenario.all_levers[scenario.assignments[0].lever].to != "firms":
        marks: np.ndarray = firms[FIRM.sentra] == orders.orders[0, 3]
    else:
        marks = orders.firms[0] >= 0.0
    return marks & (firms[FIRM.active] == 1.0)


def sales_of(run: RunArrays, start: MonthZero, marks: np.ndarray) -> float:
    """Return last year's sales of marked first firms at the end of the second year; a closed firm counts as zero."""
    table = run.snapshots[list(run.chosen).index(AFTER)]
    same = (table[FIRM.firm_id] == start.world.firms[FIRM.firm_id]) & (table[FIRM.active] == 1.0)
    return float((table[FIRM.yearly_sales] * same)[marks].sum())


def one_replication(replication: int, levers: list[str]) -> list[dict[str, Any]]:
    """Run every lever in one world."""
    base = Scenario()
    start = month_zero(base, 1, replication)
    keep = sorted({*range(5, 60, 6), MONTH, AFTER})
    control = run_scenario(base, start, keep)
    rows = []
    for lever in levers:
        record = builtin_levers()[lever]
        programme = base.model_copy(
            update={"programme": presets()["All seven roles"].programme.model_copy(update={"shares": {lever: 1.0}})}  # type: ignore[union-attr]
        )
        run = run_scenario(programme, start, keep)
        place = OUTCOMES.index(record.aims_at.outcome)
        sales = OUTCOMES.index("sales_idr")
        trial = Scenario(assignments=[{"lever": lever, "firms": {"share": 0.25}, "month": MONTH}])  # type: ignore[list-item]
        marks = treated_rows(trial, start)
        others = (start.world.firms[FIRM.active] == 1.0) & ~marks
        tried = run_scenario(trial, start, keep)
        rows.append(
            {
                "lever": lever,
                "replication": replication,
                "link": link_value(run, record.first_link.state) - link_value(control, record.first_link.state),
                "outcome": run.monthly[-12:, place].mean() - control.monthly[-12:, place].mean(),
                "outcome_base": control.monthly[-12:, place].mean(),
                "cluster": run.monthly[-12:, sales].mean() - control.monthly[-12:, sales].mean(),
                "cluster_base": control.monthly[-12:, sales].mean(),
                "spent": run.monthly[:, OUTCOMES.index("spent_idr")].sum() / (5 * BUDGET),
                "treated": sales_of(tried, start, marks) - sales_of(control, start, marks),
                "treated_base": sales_of(control, start, marks),
                "rivals": sales_of(tried, start, others) - sales_of(control, start, others),
                "rivals_base": sales_of(control, start, others),
            }
        )
    return rows


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row a lever: relative effects with 95 % intervals over pairs."""
    rows = []
    for lever, group in runs.groupby("lever", sort=False):
        record = builtin_levers()[str(lever)]
        row: dict[str, Any] = {"lever": lever, "spent_share": group["spent"].mean()}
        for name, base in (
            ("link", None),
            ("outcome", "outcome_base"),
            ("cluster", "cluster_base"),
            ("treated", "treated_base"),
            ("rivals", "rivals_base"),
        ):
            scale = group[base].mean() if base else 1.0
            row[name], row[f"{name}_low"], row[f"{name}_high"] = (
                value / scale for value in interval(group[name].to_numpy())
            )
        row["link_as_declared"] = (
            row["link_low" if record.first_link.direction > 0 else "link_high"] * record.first_link.direction > 0
        )
        row["aim"] = record.aims_at.outcome
        sign = record.aims_at.direction
        row["aim_as_declared"] = row["outcome_low" if sign > 0 else "outcome_high"] * sign > 0
        row["aim_opposite"] = row["outcome_high" if sign > 0 else "outcome_low"] * sign < 0
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    """Run the experiment and write its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("results/single_levers"))
    parser.add_argument("--quick", action="store_true", help="four pairs instead of 64")
    parser.add_argument("--pairs", type=int, default=64)
    options = parser.parse_args()
    levers = list(builtin_levers())
    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(lambda r: one_replication(r, levers), range(4 if options.quick else options.pairs)))
    table = summarise(pd.DataFrame([row for part in parts for row in part]))
    options.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out / "single_levers.csv", index=False, encoding="utf-8")
    columns = [
        "lever",
        "spent_share",
        "link",
        "link_as_declared",
        "aim",
        "outcome",
        "outcome_low",
        "outcome_high",
        "aim_as_declared",
        "cluster",
        "treated",
        "treated_low",
        "treated_high",
        "rivals",
    ]
    print(table[columns].to_string(index=False, float_format=lambda value: f"{value:.4g}"))
    print(
        json.dumps(
            {
                "links": int(table["link_as_declared"].sum()),
                "aims": int(table["aim_as_declared"].sum()),
                "opposite": int(table["aim_opposite"].sum()),
            }
        )
    )


if __name__ == "__main__":
    main()
