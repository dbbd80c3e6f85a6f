"""Without trends the cluster stands still; the whole law with its table is experiments/stationarity.py."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ovopsim.fields import FIRM, N_CHANNELS, SENTRA
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario
from ovopsim.simulation import month_zero, run_scenario

YEARS, WORLDS = 20, 64
DRIFT = 0.3  # per cent a year
STILL = {"environment.g_spending": 0.0, "environment.g_outside_price": 0.0, "environment.g_real_wage": 0.0}
ATTRIBUTES = ("craft", "management", "bookkeeping", "technology", "equipment", "cash", "price")


def yearly(values: np.ndarray) -> np.ndarray:
    """Return yearly means of monthly or two-monthly values."""
    return values.reshape(YEARS, -1).mean(axis=1)


def series_of(replication: int) -> dict[str, np.ndarray]:
    """Return yearly series of one world, relative to their own mean; log sales as they are."""
    scenario = Scenario(months=12 * YEARS, parameters=STILL)
    run = run_scenario(scenario, month_zero(scenario, 5, replication), range(1, 12 * YEARS, 2))
    tables = [table[:, table[FIRM.active] == 1.0] for table in run.snapshots]
    whole = [table[:, (table[FIRM.age] > 12) & (table[FIRM.yearly_sales] > 0)] for table in tables]
    logs = [np.log(table[FIRM.yearly_sales]) for table in whole]
    levels = {
        "firms": yearly(run.monthly[:, OUTCOME.firms]),
        "jobs": yearly(run.monthly[:, OUTCOME.jobs]),
        "spread of log sales": yearly(np.array([values.std() for values in logs])),
        "cooperative funds": yearly((run.sentras[:, SENTRA.fund] + run.sentras[:, SENTRA.lent]).sum(axis=1)),
    }
    for name in ATTRIBUTES:
        levels[name] = yearly(np.array([table[getattr(FIRM, name)].mean() for table in tables]))
    sells = [table[FIRM.participates : FIRM.participates + N_CHANNELS].sum() for table in tables]
    levels["channels in use"] = yearly(np.array(sells) / [table.shape[1] for table in tables])
    found = {name: values / values.mean() for name, values in levels.items()}
    found["log sales"] = yearly(np.array([values.mean() for values in logs]))
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("warm_core")
def test_nothing_drifts_over_twenty_years() -> None:
    with ThreadPoolExecutor(2) as pool:
        worlds = list(pool.map(series_of, range(WORLDS)))
    drifting = {}
    for name in worlds[0]:
        slopes = 100.0 * np.array([np.polyfit(np.arange(YEARS), world[name], 1)[0] for world in worlds])
        noise = slopes.std(ddof=1) / np.sqrt(WORLDS)
        if not abs(slopes.mean()) <= DRIFT + 3.0 * noise:
            drifting[name] = (round(slopes.mean(), 3), round(noise, 3))
        # a drift of a little over one per cent a year must not be able to hide in the noise
        assert DRIFT + 3.0 * noise < 1.2, f"{name}: noise of {noise:.2f}"
    assert drifting == {}
