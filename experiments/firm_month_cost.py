"""CPU time of one firm-month with the whole programme on, one thread; set-up, burn-in and writing apart.

python experiments/firm_month_cost.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import time

from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario, default_programme
from ovopsim.simulation import month_zero, prepare


def cost(firms: int, months: int, repeats: int) -> float:
    """Return the least CPU nanoseconds per active firm-month over some repeats."""
    scenario = Scenario(
        population={"synthetic": "surakarta", "firms": firms}, months=months, programme=default_programme()
    )  # type: ignore[arg-type]
    start = month_zero(scenario, 1, 0)
    least = float("inf")
    for _ in range(repeats):
        run = prepare(scenario, start)
        before = time.process_time()
        run.go()
        spent = time.process_time() - before
        least = min(least, spent * 1e9 / run.results.monthly[0, :, OUTCOME.firms].sum())
    return least


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    sizes = {200: (60, 5)} if options.quick else {200: (60, 20), 2000: (60, 5), 20_000: (60, 2)}
    print(
        json.dumps({"ns_cpu_per_firm_month": {str(firms): round(cost(firms, *how), 1) for firms, how in sizes.items()}})
    )


if __name__ == "__main__":
    main()
