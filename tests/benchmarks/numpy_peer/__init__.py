"""A month of the model as a good NumPy user would write it: the peer against which the compiled loop is timed.

State is the package's matrices, seen by field as arrays over firms (`views`). Every rule works on all firms at once;
events that touch few (loans, contracts, deliveries, closures, entrants) work on arrays of those firms' slots. Most
random numbers of a month are drawn in one call, and all are the package's own (`draws`: Philox on arrays of counters,
bit for bit).

Scalar is: a default (`ovopsim.rules.accounts.debts.default`, called as plain Python for each firm that defaults) and
the agency's few payments to places and cooperatives (`ovopsim.rules.agency.places`). Python loops run over levers that
have money, batches, effects and channels; none runs over all firms. Left out, to the peer's advantage: the ledger's
line of each firm (sums by name are booked), holding, and trials.
"""

from __future__ import annotations

import time

from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario, default_programme
from ovopsim.simulation import month_zero
from tests.benchmarks.numpy_peer.peer import NumpyMonth

LIVES = 2


def seconds_per_month(firms: int, months: int) -> tuple[float, float]:
    """Return CPU seconds of one month with the whole programme on, and the mean number of firms in business.

    Set-up and burn-in are not timed; of two lives the quicker counts.

    Parameters
    ----------
    firms : int
        Firms at the start.
    months : int
        Months to run.
    """
    population = {"synthetic": "surakarta", "firms": firms}
    scenario = Scenario(population=population, months=months, programme=default_programme())  # type: ignore[arg-type]
    start = month_zero(scenario, 1, 0)
    lives = []
    for _ in range(LIVES):
        run, active = NumpyMonth(scenario, start), 0.0
        before = time.process_time()
        for _ in range(months):
            active += run.month()[OUTCOME.firms]
        lives.append((time.process_time() - before, active))
    spent, active = min(lives)
    return spent / months, active / months


__all__ = ["NumpyMonth", "seconds_per_month"]
