"""Scenarios that run in a moment, for tests of what is done with runs."""

from __future__ import annotations

from typing import Any

from ovopsim.policy.scenario import Scenario

MONTHS = 24
FIRMS = 60
BUDGET = 300_000_000.0


def small(name: str = "Nothing", **changes: Any) -> Scenario:
    """Return a scenario of sixty firms over two years."""
    return Scenario(**{"name": name, "months": MONTHS, "population": small_population()} | changes)


def small_population() -> dict[str, Any]:
    """Return sixty firms, as a scenario's key."""
    return {"synthetic": "surakarta", "firms": FIRMS}


def spending(shares: dict[str, float], **changes: Any) -> dict[str, Any]:
    """Return a programme, as a scenario's key."""
    return {"budget": BUDGET, "shares": shares, "months": MONTHS} | changes


def small_scenarios() -> dict[str, Scenario]:
    """Return five arms by name: no programme, fairs, a late mixture, money for cooperatives, a trial."""
    mixture = {"exhibition": 0.25, "equipment_grant": 0.25, "place_upgrading": 0.25, "cooperative_training": 0.25}
    trial = {"lever": "production_training", "firms": {"share": 0.5}, "month": 3}
    arms = [
        small(),
        small("Fairs", programme=spending({"exhibition": 1.0})),
        small("Late mixture", programme=spending(mixture, start=6, months=18)),
        small("Funds", programme=spending({"cooperative_capital": 1.0})),
        small("Trial", assignments=[trial]),
    ]
    return {arm.name: arm for arm in arms}
