"""The golden run: values of each submodel, noted right after it has run, in a fixed city under everything at once.

Record anew after a change that is meant: ``python -m tests.golden.recording`` from the project's root, and say in
CHANGELOG.md what moved and why.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import ovopsim.month
from ovopsim.fields import AGENCY, CHANNEL, CITY, FIRM, SENTRA, FirmRows, fields_of
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy import Scenario
from ovopsim.simulation import MonthZero, month_zero
from ovopsim.state import World
from tests.strategies import LEVERS
from tests.worlds import Run, cluster

FILE = Path(__file__).parent / "golden.json"
MONTHS = 24
# so that loans, defaults, closures, firms of medium size and every constraint occur within two years
RESTLESS = {
    "entry_and_exit.background": 0.01,
    "finance.application_rate": 0.3,
    "finance.application_intercept": 1.0,
    "finance.approval_intercept": 3.0,
    "accounts.household_need": 2_500_000.0,
    "accounts.draw_limit": 1.0,
    "accounts.leak": 0.28,
    "accounts.default_months": 2.0,
    "accounts.seized_share": 0.1,
    "accounts.buffer_months": 0.3,
    "accounts.medium_from": 1_000_000_000.0,
    "population.member_share": 0.7,
    "population.maker_slack": 0.02,
    "technology_and_cost.craft_effect": 1.5,
    "observation.none_below": 0.2,
}
DIGITS = 10
# submodel -> the function of the month after which it is looked at, and what it writes there
WATCHED: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "environment": (
        "change_outside",
        {"channels": ("spending", "season", "outside"), "city": ("outside_price", "material_price", "wage_level")},
    ),
    "agency": (
        "serve",
        {
            "agency": ("accrual", "spent", "delivered", "asked", "lapsed"),
            "firms": ("received_idr", "times_served", "meets", "coached", "days_away", "craft", "management", "cash"),
            "sentras": ("amenity", "fund", "governance"),
            "city": ("knowledge",),
        },
    ),
    "planning": (
        "plan",
        {
            "firms": (
                "expected_orders",
                "season",
                "wanted_output",
                "wage",
                "material_cost",
                "wanted_equipment",
                "workers",
            ),
            "city": ("employed", "hiring_room"),
        },
    ),
    "finance": (
        "borrow_and_invest",
        {"firms": ("bank_debt", "bank_instalment", "coop_debt", "equipment", "cash"), "sentras": ("fund", "lent")},
    ),
    "production": (
        "produce",
        {
            "firms": (
                "unit_cost",
                "price",
                "output",
                "inventory",
                "cash",
                "payable",
                "workers",
                "cash_short",
                "wages_paid",
            )
        },
    ),
    "market": (
        "sell",
        {
            "firms": (
                "appeal_state",
                "sold",
                "sales",
                "export_sales",
                "orders",
                "trailing_orders",
                "fill",
                "receivable",
            ),
            "channels": ("attraction", "unmet", "cluster_sales"),
        },
    ),
    "accounts": (
        "settle",
        {
            "firms": (
                "cash",
                "equipment",
                "arrears",
                "tax_paid",
                "profit",
                "smoothed_profit",
                "unmet_need",
                "yearly_sales",
            ),
            "sentras": ("fund", "lent", "losses"),
            "city": ("defaults", "interest_subsidy", "graduations"),
        },
    ),
    "learning": (
        "learn",
        {
            "firms": (
                *("craft", "management", "bookkeeping", "technology", "craft_base", "access_logit", "access_base"),
                *(
                    "market_access",
                    "participates",
                    "member",
                    "licensed",
                    "certified",
                    "business_account",
                    "age",
                    "cash",
                ),
            )
        },
    ),
    "entry_and_exit": (
        "close_and_enter",
        {
            "firms": ("active", "firm_id", "cash", "equipment", "log_ability", "appeal_mean", "peer_id"),
            "city": ("entries", "exits", "mean_profit", "employed"),
        },
    ),
}
ROWS = {"channels": CHANNEL, "sentras": SENTRA, "city": CITY, "agency": AGENCY}


def value_of(world: World, part: str, name: str) -> float:
    """Return a field summed over everybody; of firms, over those in business and channels or neighbours."""
    if part == "firms":
        field, row = fields_of(FirmRows)[name]
        return float(world.firms[row : row + field.rows, world.firms[FIRM.active] == 1.0].sum())
    return float(np.sum(getattr(world, part)[getattr(ROWS[part], name)]))


def rounded(value: float) -> float:
    """Return a number to so many significant digits."""
    return float(f"{value:.{DIGITS - 1}e}")


@cache
def golden_city() -> MonthZero:
    """Return the cluster that the golden run starts from."""
    return cluster((20, 35, 25), RESTLESS, seed=2016, months_lived=12)


def recorded() -> dict[str, Any]:
    """Run the golden city and return its values: submodel -> field -> one number a month."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    start = golden_city()
    for name in ("log_ability", "appeal_mean", "craft", "access_logit", "equipment", "cash", "expected_orders", "age"):
        found["population"][f"firms.{name}"].append(rounded(value_of(start.world, "firms", name)))
    scenario = Scenario(
        months=MONTHS,
        programme={"budget": 8e8, "shares": dict.fromkeys(LEVERS, 1.0 / len(LEVERS)), "targeting": "most_constrained"},
        assignments=[
            {"lever": lever, "firms": {"share": 0.5}, "month": 1} for lever in ("cash_grant", "credit_facilitation")
        ],
        shocks=[{"name": "pandemic", "start": 12}],
    )
    run = Run(scenario, start, plain=True)
    before = {function: getattr(ovopsim.month, function) for function, _ in WATCHED.values()}
    try:
        for submodel, (function, parts) in WATCHED.items():
            setattr(ovopsim.month, function, _noting(before[function], run, parts, found[submodel]))
        for moment in run.months(MONTHS):
            for name, value in zip(OUTCOMES, moment.outcomes, strict=True):
                found["observation"][name].append(rounded(float(value)))
    finally:
        for function, original in before.items():
            setattr(ovopsim.month, function, original)
    return {submodel: dict(fields) for submodel, fields in found.items()}


def _noting(function: Any, run: Run, parts: dict[str, tuple[str, ...]], values: dict[str, list[float]]) -> Any:
    def noted(*arguments: Any) -> Any:
        result = function(*arguments)
        for part, names in parts.items():
            for name in names:
                values[f"{part}.{name}"].append(rounded(value_of(run.world, part, name)))
        return result

    return noted


def month_zero_recorded() -> dict[str, float]:
    """Return what 62 years before month 0 leave of the shipped cluster."""
    world = month_zero(Scenario(), 1, 0).world
    names = ("active", "firm_id", "equipment", "cash", "workers", "craft", "market_access", "price", "yearly_sales")
    found = {f"firms.{name}": value_of(world, "firms", name) for name in names}
    for part, name in (("channels", "spending_base"), ("channels", "outside_base"), ("sentras", "entry_rate")):
        found[f"{part}.{name}"] = value_of(world, part, name)
    return {name: rounded(value) for name, value in found.items()}


def main() -> None:
    """Record the golden run anew."""
    content = {"month_zero": month_zero_recorded(), "run": recorded()}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
