"""`simulate`: one scenario, one or many replications, from inputs to tidy results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ovopsim.policy.scenario import Scenario
from ovopsim.simulation.checks import check_numbers, check_scenario, kept_months
from ovopsim.simulation.frames import firms_frame, kept_tables, monthly_frame, units_delivered
from ovopsim.simulation.hook import Hook
from ovopsim.simulation.runs import run_scenario
from ovopsim.simulation.start import month_zero


@dataclass(frozen=True)
class Simulation:
    """Results of `simulate`.

    Attributes
    ----------
    scenario : Scenario
    monthly : DataFrame
        ``replication, step, month``, the monthly outcomes, and units delivered by lever.
    firms : DataFrame
        ``replication, step, month, firm_id`` and the state of each firm in business at the end of kept months, with
        the columns of `compare`; empty unless months were kept.
    notes : tuple of str
        What a reader should know of the firms at the start, in the first world: what a survey left out or what did not
        fit.
    seed : int
    """

    scenario: Scenario
    monthly: pd.DataFrame
    firms: pd.DataFrame
    notes: tuple[str, ...]
    seed: int

    def to_frame(self) -> pd.DataFrame:
        """Return the monthly outcomes."""
        return self.monthly


def simulate(
    scenario: Scenario | None = None,
    *,
    replications: int = 1,
    seed: int = 1,
    keep_months: Iterable[int] = (),
    lever: Hook | None = None,
) -> Simulation:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario, optional
        None = the shipped cluster without a programme.
    replications : int
        Independent worlds; replication r of one seed is the same world for every scenario.
    seed : int
        0 or more.
    keep_months : iterable of int
        Months (steps) at whose end the firm table is kept.
    lever : callable, optional
        A lever in Python: called with the `Cluster` before each month.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        When an argument is none of these; it says what would be right.

    Examples
    --------
    >>> len(simulate(Scenario(months=3), replications=2).to_frame())
    6
    """
    scenario = Scenario() if scenario is None else check_scenario(scenario)
    check_numbers(replications, seed)
    kept = kept_months(keep_months, scenario.months)
    notes: tuple[str, ...] = ()
    monthly, delivered, tables = [], [], []
    for replication in range(replications):
        start = month_zero(scenario, seed, replication)
        run = run_scenario(scenario, start, kept, hook=lever)
        notes = notes if replication else start.notes
        monthly.append(run.monthly)
        delivered.append(units_delivered(run.levers))
        tables.append(kept_tables(run, kept))
    names = range(replications)
    return Simulation(
        scenario,
        monthly_frame(scenario, np.array(monthly), np.array(delivered), "replication", names),
        firms_frame(scenario, tables, "replication", names),
        notes,
        int(seed),
    )
