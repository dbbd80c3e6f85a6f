"""Two levers do nothing to what they aim at in the shipped cluster; lift the constraint that explains it, and they do.

Certificates: buyers are assumed to pay no more for one, the centre of what was measured. Money for a cooperative's
fund: owners keep a month and a half of costs in cash and suppliers give credit, so members ask for less than the fund
holds already.
"""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim import Programme, Scenario
from ovopsim.analysis.effects import paired_effect
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy import builtin_levers
from ovopsim.simulation import month_zero, run_scenario

PAIRS = 8
CERTIFICATE_PAYS = {"market.certificate_effect.national": 1.1, "market.certificate_effect.export": 1.1}
OWNERS_SHORT_OF_CASH = {
    "population.coop_fund_per_firm": 1_000.0,
    "accounts.buffer_months": 0.3,
    "finance.supplier_share": 0.0,
}

pytestmark = pytest.mark.usefixtures("warm_core")


def effect_on_aim(lever: str, changed: dict[str, float]):
    """Return the paired effect of a lever alone on the mean of its aimed-at outcome over the last two years."""
    base = Scenario(parameters=changed)
    alone = base.model_copy(update={"programme": Programme(budget=500_000_000, shares={lever: 1.0})})
    place = OUTCOMES.index(builtin_levers()[lever].aims_at.outcome)
    means = []
    for replication in range(PAIRS):
        start = month_zero(base, 1, replication)
        means.append([run_scenario(arm, start).monthly[-24:, place].mean() for arm in (alone, base)])
    treated, untreated = np.array(means).T
    return paired_effect(treated, untreated), untreated.mean()


@pytest.mark.parametrize(
    ("lever", "lifted"), [("certification", CERTIFICATE_PAYS), ("cooperative_capital", OWNERS_SHORT_OF_CASH)]
)
def test_the_effect_appears_once_the_constraint_is_lifted(lever: str, lifted: dict[str, float]) -> None:
    as_shipped, level = effect_on_aim(lever, {})
    assert abs(as_shipped.mean) < 1e-3 * level
    without_constraint, level = effect_on_aim(lever, lifted)
    assert without_constraint.low > 0.0
    assert without_constraint.mean > 1e-3 * level


def test_buyers_who_pay_a_thousandth_more_turn_the_sign_of_a_certificate() -> None:
    """What is left is the owner's three days: the smallest premium that could matter outweighs them."""
    unpaid, level = effect_on_aim("certification", {})
    assert -1e-4 * level < unpaid.mean < 0.0
    paid, _ = effect_on_aim("certification", dict.fromkeys(CERTIFICATE_PAYS, 1.001))
    assert paid.low > 0.0
