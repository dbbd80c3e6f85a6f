"""`simulate`: one scenario, one or many replications, from inputs to tidy results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from ovopsim.errors import InputError
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation.frames import firms_frame, monthly_frame
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
        One row for each replication and month.
    firms : DataFrame
        One row for each replication, kept month and firm; empty unless months were kept.
    seed : int
    """

    scenario: Scenario
    monthly: pd.DataFrame
    firms: pd.DataFrame
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
    keep_months : iterable of int
        Months (steps) at whose end the firm table is kept.
    lever : callable, optional
        A lever in Python: called with the `Cluster` before each month.

    Returns
    -------
    Simulation

    Examples
    --------
    >>> len(simulate(Scenario(months=3), replications=2).to_frame())
    6
    """
    scenario = scenario or Scenario()
    if replications < 1:
        raise InputError(f"replications is {replications}; it must be at least 1.")
    kept = sorted(set(keep_months))
    outside = [step for step in kept if not 0 <= step < scenario.months]
    if outside:
        raise InputError(
            f"keep_months: {outside[0]} is no month of the run; its months are 0 to {scenario.months - 1}."
        )
    monthly: list[pd.DataFrame] = []
    firms: list[pd.DataFrame] = []
    for replication in range(replications):
        run = run_scenario(scenario, month_zero(scenario, seed, replication), kept, hook=lever)
        for frames, frame in ((monthly, monthly_frame(scenario, run)), (firms, firms_frame(run))):
            frame.insert(0, "replication", replication)
            frames.append(frame)
    return Simulation(scenario, pd.concat(monthly, ignore_index=True), pd.concat(firms, ignore_index=True), seed)
