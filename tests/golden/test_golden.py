"""The golden run: when results move, the first submodel that moved them is named."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ovopsim.packing import TABLES
from tests.golden.recording import FILE, MONTHS, WATCHED, golden_city, month_zero_recorded, recorded
from tests.laws.faults import planted

pytestmark = pytest.mark.usefixtures("warm_core")

TOLERANCE = 2e-9  # values are kept to ten significant digits
ADVICE = "If that is meant, record anew (python -m tests.golden.recording), and say in CHANGELOG.md what moved and why."


def first_difference(wanted: dict[str, dict[str, list[float]]], found: dict[str, dict[str, list[float]]]) -> str | None:
    """Return which submodel differs first, in time and in the order of the month; None when none does."""
    for submodel, fields in wanted.items():
        assert fields.keys() == found[submodel].keys(), f"{submodel}: other fields are watched. {ADVICE}"
    order = list(wanted)
    for month in range(-1, MONTHS):
        for submodel in order:
            if (submodel == "population") != (month == -1):
                continue
            for name, values in wanted[submodel].items():
                one, other = values[max(month, 0)], found[submodel][name][max(month, 0)]
                scale = max(abs(value) for value in values)
                if abs(one - other) > TOLERANCE * max(abs(one), 1e-3 * scale):
                    when = "before month 0" if month < 0 else f"in month {month}"
                    return f"{submodel} differs first, {when}: {name} is {other!r}, was {one!r}. {ADVICE}"
    return None


@pytest.fixture(scope="module")
def golden() -> dict[str, dict[str, dict[str, list[float]]]]:
    content: dict[str, dict[str, dict[str, list[float]]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def test_every_submodel_does_what_it_did(golden: dict[str, dict[str, dict[str, list[float]]]]) -> None:
    assert (difference := first_difference(golden["run"], recorded())) is None, difference


def test_month_zero_is_what_it_was(golden: dict[str, dict[str, float]]) -> None:
    found = month_zero_recorded()
    wanted = golden["month_zero"]
    assert found.keys() == wanted.keys()
    # sixty years of months carry the last digits of other processors' logarithms further
    moved = {
        name: (value, wanted[name]) for name, value in found.items() if not np.isclose(value, wanted[name], rtol=1e-6)
    }
    assert moved == {}, f"population: month 0 differs (now, before). {ADVICE}"


FAULTS = {
    "environment": {"rules.environment:mean_one": {"state - 0.5": "state - 0.501"}},
    "agency": {"rules.agency.places:full_cost": {"(1.0 - overhead)": "(1.0001 - overhead)"}},
    "planning": {"rules.planning:adapted": {"speed * (": "1.0001 * speed * ("}},
    "finance": {"rules.finance.needs:investment": {"investment_speed * gap": "investment_speed * 1.0001 * gap"}},
    "production": {"rules.production:moved_price": {"price + speed": "1.0001 * price + speed"}},
    "market": {"rules.market.demand:next_appeal": {"persistence * state": "1.0001 * persistence * state"}},
    "accounts": {
        "rules.accounts.result:take_result": {"/ firms[FIRM.season, slot]": "/ firms[FIRM.season, slot] * 1.0001"}
    },
    "learning": {"rules.learning.law:learned_access": {"value + gain": "1.0001 * value + gain"}},
    "entry_and_exit": {"rules.entry_and_exit.starting:equip": {"costs.markup * cost": "costs.markup * 1.0001 * cost"}},
    "observation": {
        "outcomes.monthly:count_firms": {"+= firms[FIRM.workers, slot]": "+= firms[FIRM.workers, slot] * 1.0001"}
    },
}


@pytest.mark.parametrize("submodel", FAULTS)
def test_the_submodel_that_moved_is_named(golden: dict[str, dict[str, dict[str, list[float]]]], submodel: str) -> None:
    """A ten-thousandth anywhere is enough, and the blame falls on the right rule."""
    golden_city()  # made before the fault is planted
    with planted(FAULTS[submodel]):
        difference = first_difference(golden["run"], recorded())
    assert difference is not None
    # what an entrant charges is seen where prices are made, a month later
    blamed = {"entry_and_exit": ("entry_and_exit", "production", "planning")}.get(submodel, (submodel,))
    assert difference.startswith(blamed)


def test_the_golden_run_watches_every_rule(golden: dict[str, dict[str, dict[str, list[float]]]]) -> None:
    rules = set(TABLES) - {"technology_and_cost", "observation", "population"}
    assert set(WATCHED) == rules
    assert set(golden["run"]) == rules | {"population", "observation"}
    idle = [
        f"{submodel}.{name}"
        for submodel, fields in golden["run"].items()
        for name, values in fields.items()
        if not any(values)
    ]
    assert idle == [], "these never happen in the golden run"
