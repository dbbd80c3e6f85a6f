"""The lot of a trial: over many keys every firm has the same chance, whoever it is and whoever stands beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ovopsim.fields import FIRM, Reals
from ovopsim.policy.trials import Arm, Delivery, Trial
from ovopsim.simulation import MonthZero, month_zero
from ovopsim.study.randomising import randomised
from ovopsim.study.trial_runs import scenario_of

pytestmark = pytest.mark.usefixtures("warm_core")

DELIVERIES = (Delivery(lever="management_training"),)
KEYS = 600
# of hundreds of firms at once, by chance
DEVIATIONS = 4.5


def trial(share: float = 0.3, saturation: float = 1.0, **keys: object) -> Trial:
    arms = {"course": Arm(share=share, saturation=saturation, deliveries=DELIVERIES)}
    return Trial(**({"name": "lots", "firms": 120, "arms": arms} | keys))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def start() -> MonthZero:
    return month_zero(scenario_of(trial()), 1, 0)


def lots(given: Trial, start: MonthZero) -> tuple[Reals, np.ndarray, np.ndarray]:
    """Return whether each firm is treated by each key (keys, firms), its unit by each key, and its sentra."""
    table = start.world.firms
    slots = np.flatnonzero(table[FIRM.active] == 1.0)
    treated, units = [], []
    for key in range(KEYS):
        arm, unit = randomised(given, replace(start, key=np.uint64(1_000_003 * key + 7)), table, slots)
        treated.append(np.isin(arm, list(given.arms)))
        units.append(unit)
    return np.array(treated, dtype=float), np.array(units), table[FIRM.sentra, slots].astype(int)


def far_off(frequency: Reals, chance: float, keys: int = KEYS) -> float:
    """Return by how many standard errors the frequency that strays most is off."""
    return float(np.abs(frequency - chance).max() / np.sqrt(chance * (1.0 - chance) / keys))


@pytest.mark.parametrize(
    ("given", "chance"),
    [
        (trial(), 0.3),
        (trial(share=0.5, unit="group", group_size=5), 0.5),
        (trial(share=0.5, saturation=0.4, unit="group", group_size=5), 0.2),
        (trial(share=1.0, saturation=0.5, unit="sentra"), 0.5),
    ],
    ids=["firms", "groups", "part of groups", "part of sentras"],
)
def test_every_firm_is_treated_as_often_as_any_other(given: Trial, chance: float, start: MonthZero) -> None:
    treated, _, _ = lots(given, start)
    # shares of whole firms and units differ a little from what is asked for
    mean = treated.mean()
    assert mean == pytest.approx(chance, abs=0.03)
    frequency = treated.mean(axis=0)
    assert far_off(frequency, mean) < DEVIATIONS + 0.05 * np.sqrt(KEYS)
    # neither place in the table nor neighbours say who is treated
    assert abs(np.corrcoef(frequency, np.arange(len(frequency)))[0, 1]) < 0.5


def test_the_lot_of_one_firm_says_nothing_of_the_next_one(start: MonthZero) -> None:
    treated, _, _ = lots(trial(), start)
    together = (treated[:, 1:] * treated[:, :-1]).mean(axis=0)
    chosen = treated.sum(axis=1)[0]
    firms = treated.shape[1]
    assert far_off(together, chosen * (chosen - 1.0) / (firms * (firms - 1.0))) < DEVIATIONS


def test_groups_are_formed_by_lot(start: MonthZero) -> None:
    _, units, sentra = lots(trial(share=0.5, unit="group", group_size=5), start)
    together = (units[:, 1:] == units[:, :-1]).mean(axis=0)
    for place in np.unique(sentra):
        members = int((sentra == place).sum())
        neighbours = (sentra[1:] == place) & (sentra[:-1] == place)
        if members < 20:
            continue
        number = round(members / 5)
        sizes = np.array([len(part) for part in np.array_split(np.arange(members), number)], dtype=float)
        chance = float((sizes * (sizes - 1.0)).sum() / (members * (members - 1.0)))
        assert neighbours.any()
        assert far_off(together[neighbours], chance) < DEVIATIONS
