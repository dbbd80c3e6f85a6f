"""Does the cluster stand still without trends? Slopes over twenty years, as a table (law of stationarity).

python experiments/stationarity.py --out results/stationarity [--quick]
"""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from ovopsim.fields import FIRM, SENTRA, FirmRows, fields_of
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario
from ovopsim.simulation import month_zero, run_scenario

YEARS = 20
PER_YEAR = 6  # firm tables a year: Lebaran moves through the year, so one month alone would show its season
NO_TRENDS = {"environment.g_spending": 0.0, "environment.g_outside_price": 0.0, "environment.g_real_wage": 0.0}
ATTRIBUTES = ("craft", "management", "bookkeeping", "technology", "equipment", "cash", "price")


def series_of(replication: int) -> dict[str, np.ndarray]:
    """Return yearly series of one world without trends, programme and shocks."""
    scenario = Scenario(months=12 * YEARS, parameters=NO_TRENDS)
    run = run_scenario(scenario, month_zero(scenario, 1, replication), range(1, 12 * YEARS, 2))
    tables = [table[:, table[FIRM.active] == 1.0] for table in run.snapshots]
    whole = [table[:, (table[FIRM.age] > 12) & (table[FIRM.yearly_sales] > 0)] for table in tables]
    series = {
        "firms": run.monthly[:, OUTCOME.firms].reshape(YEARS, 12).mean(axis=1),
        "jobs": run.monthly[:, OUTCOME.jobs].reshape(YEARS, 12).mean(axis=1),
        "mean log sales": by_year([np.log(table[FIRM.yearly_sales]).mean() for table in whole]),
        "SD log sales": by_year([np.log(table[FIRM.yearly_sales]).std() for table in whole]),
        "cooperative funds": (run.sentras[11::12, SENTRA.fund] + run.sentras[11::12, SENTRA.lent]).sum(axis=1),
    }
    rows = fields_of(FirmRows)
    for name in ATTRIBUTES:
        series[name] = by_year([table[rows[name][1]].mean() for table in tables])
    for place, channel in enumerate(("local", "tourist", "national", "export")):
        sells = [table[:, table[FIRM.participates + place] == 1.0] for table in tables]
        series[f"access {channel}"] = by_year(
            [t[FIRM.market_access + place].mean() if t.shape[1] else np.nan for t in sells]
        )
    return series


def by_year(values: list[float]) -> np.ndarray:
    """Return yearly means of values that come several times a year."""
    return np.nanmean(np.array(values).reshape(YEARS, PER_YEAR), axis=1)


def slope_table(worlds: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """Return slopes in per cent a year: of the mean over worlds, relative to its level (log sales: as it is)."""
    rows = []
    years = np.arange(YEARS)
    for name in worlds[0]:
        values = np.array([world[name] for world in worlds])
        level = 1.0 if name == "mean log sales" else float(np.nanmean(values))
        slopes = []
        for path in values:
            seen = np.isfinite(path)
            slopes.append(np.polyfit(years[seen], path[seen], 1)[0] / level * 100.0 if seen.sum() > 2 else np.nan)
        half = 1.96 * np.nanstd(slopes) / np.sqrt(np.isfinite(slopes).sum())
        mean = float(np.nanmean(slopes))
        rows.append(
            {
                "quantity": name,
                "start": values[:, 0].mean(),
                "end": values[:, -1].mean(),
                "slope_percent_a_year": mean,
                "low": mean - half,
                "high": mean + half,
                "inside_0.3": abs(mean) <= 0.3,
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Run the experiment and write its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("results/stationarity"))
    parser.add_argument("--quick", action="store_true", help="four worlds instead of 64")
    parser.add_argument("--worlds", type=int, default=64)
    options = parser.parse_args()
    with ThreadPoolExecutor() as pool:
        worlds = list(pool.map(series_of, range(4 if options.quick else options.worlds)))
    table = slope_table(worlds)
    options.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out / "stationarity.csv", index=False, encoding="utf-8")
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"))


if __name__ == "__main__":
    main()
