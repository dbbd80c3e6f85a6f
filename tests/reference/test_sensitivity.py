"""The differential tests can fail: a reference that is altered a little is found out, rule by rule."""

from __future__ import annotations

import pytest

from tests.reference.test_rules import after_rule
from tests.reference.worlds import random_case

# rule -> numbers of the reference, by submodel, that are moved by one part in a million
ALTERED = {
    "environment": ["environment.g_real_wage", "environment.spending_sd", "environment.visitor_response"],
    "agency": ["agency.overhead", "agency.response_sd", "agency.amenity_upkeep"],
    "planning": ["planning.adaptation", "technology_and_cost.quality_cost", "technology_and_cost.waste_saved"],
    "finance": ["finance.investment_speed", "finance.coop_lendable", "finance.bank_months"],
    "production": ["production.price_speed", "production.output_sd", "finance.supplier_share"],
    "market": ["market.appeal_sd", "market.second_offer", "market.contract_diversion", "market.quality_value"],
    "accounts": ["accounts.leak", "accounts.coop_patience", "accounts.tax_rate", "accounts.resale_value"],
    "learning": ["learning.peer_share", "learning.access_fade", "learning.contract_scale", "learning.habit"],
    "entry_and_exit": ["entry_and_exit.newcomer_share", "accounts.resale_value", "population.hurdle_sd"],
}


def moved(path: str):
    """Return a change of the reference's parameters: one of them grows by a millionth."""
    submodel, field = path.split(".")

    def change(parameters):
        own = getattr(parameters, submodel)
        value = getattr(own, field)
        longer = 1.0 + 1e-6
        setattr(own, field, [each * longer for each in value] if isinstance(value, list) else value * longer)

    return change


@pytest.mark.parametrize(("rule", "path"), [(rule, path) for rule, paths in ALTERED.items() for path in paths])
def test_an_altered_reference_is_found_out(rule, path):
    assert any(after_rule(rule, random_case(seed), moved(path)) for seed in range(12))
