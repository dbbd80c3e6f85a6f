"""Effects by the share of firms treated on made-up worlds whose effects are known, and on the simulated cluster."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.estimators import evaluate
from ovopsim.analysis.exact_effects import over_replications
from ovopsim.analysis.saturation import expected_excess, saturation_table, several_towns
from ovopsim.analysis.trial_samples import EvaluationPlan
from ovopsim.analysis.validation import trial_worlds
from ovopsim.errors import InputError
from ovopsim.fields import CHANNELS
from ovopsim.parameters.loading import shipped_value
from ovopsim.policy.trials import Trial
from tests.trial_frames import MadeUp, frame

LOST, GAINED = -4.0, 10.0


def worlds(count: int, lost: float = LOST, firms: int = 300) -> list[pd.DataFrame]:
    return [frame(MadeUp(firms=firms, months=(12,), on_controls=lost), number) for number in range(count)]


def test_what_the_others_lose_is_what_is_found_too_much() -> None:
    row = saturation_table({0.5: worlds(40)}, "profit", 12).iloc[0]
    level = 100.0
    for name, effect in (("treated", GAINED), ("untreated", LOST), ("everyone", 3.0), ("expected", GAINED - LOST)):
        assert row[name] == pytest.approx(100.0 * effect / level, rel=0.02)
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
    # luck of the draw is in the estimates alone
    for name in ("difference", "ancova"):
        assert row[f"{name}_low"] < GAINED - LOST < row[f"{name}_high"]
        assert row[f"{name}_high"] - row[f"{name}_low"] > 1.0 > row["expected_high"] - row["expected_low"]
    assert row["too_much"] == pytest.approx(40.0)
    assert row["from_rivals"] == pytest.approx(40.0)
    assert row["worlds"] == 40


def test_without_spillovers_nothing_is_found_too_much() -> None:
    row = saturation_table({0.5: worlds(5, lost=0.0)}, "profit", 12).iloc[0]
    assert row["too_much"] == 0.0
    assert row["expected"] == row["treated"]


def test_where_all_are_treated_nobody_is_left_to_compare_with() -> None:
    whole = [firms.assign(arm="training") for firms in worlds(3)]
    row = saturation_table({1.0: whole}, "profit", 12).iloc[0]
    assert row["everyone"] == row["treated"]
    assert all(math.isnan(row[name]) for name in ("untreated", "difference", "ancova", "expected", "too_much"))


def test_a_world_without_a_treated_firm_is_refused() -> None:
    with pytest.raises(InputError, match="no firm is treated"):
        saturation_table({0.5: [worlds(1)[0].assign(arm="control")]}, "profit", 12)


def test_towns_have_arms_of_their_shares_and_controls_of_the_untouched_ones() -> None:
    first, second, third = worlds(3, firms=30)
    trial = several_towns([(0.0, first), (0.5, second), (0.25, third)], replication=7)
    assert trial.groupby("cluster")["arm"].unique().map(sorted).to_list() == [
        ["control"],
        ["treated_50", "untreated_50"],
        ["treated_25", "untreated_25"],
    ]
    assert set(trial["replication"]) == {7}
    assert trial["firm_id"].is_unique
    untouched = trial[trial["cluster"] == 0]
    # some of them are treated in the frame that was given: here they are as they would have been
    assert (untouched["profit_12"].to_numpy() == first["profit_12_without"].to_numpy()).all()
    assert (untouched["alive_12"].to_numpy() == first["alive_12_without"].to_numpy()).all()
    assert not untouched[["offered", "accepted"]].any(axis=None)
    assert (first["profit_12"] != first["profit_12_without"]).any(), "the frame given stays as it was"
    half = trial[trial["cluster"] == 1]
    assert (half["arm"] == "treated_50").to_numpy().tolist() == (second["arm"] == "training").to_list()


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="is no share of a town's firms"):
        several_towns([(share, worlds(1)[0])])
    with pytest.raises(InputError, match="there is none"):
        several_towns([])


def test_towns_show_what_the_others_lose_and_what_the_treated_gain() -> None:
    trials = [
        several_towns([(0.5 * (town % 2), frame(MadeUp(60, months=(12,), on_controls=LOST), 30 * number + town))
                       for town in range(30)], number)
        for number in range(20)
    ]  # fmt: skip
    table = over_replications(evaluate(trials, EvaluationPlan("towns", ("profit",), (12,), True, False, ())))
    found = table[table["estimator"] == "ancova"].set_index("arm")
    for arm, effect in (("treated_50", GAINED), ("untreated_50", LOST)):
        assert found.loc[arm, "low"] < effect < found.loc[arm, "high"]
        assert found.loc[arm, "high"] - found.loc[arm, "low"] < 5.0


def by_equation(share: float, outside: Mapping[str, float]) -> float:
    mix = {name: shipped_value(f"market.channel_mix.{name}") for name in CHANNELS}
    return expected_excess(share, {name: 1.0 - part for name, part in outside.items()}, mix)


@pytest.mark.usefixtures("warm_core")
@pytest.mark.parametrize("elsewhere", [None, 0.5])
def test_rivals_in_the_cluster_lose_what_the_equations_of_the_market_say(elsewhere: float | None) -> None:
    """A little more pull for half of the firms; prices, stocks and plans, which the equations leave out, follow."""
    names = [f"market.outside_share.{name}" for name in CHANNELS]
    parameters = {} if elsewhere is None else dict.fromkeys(names, elsewhere)
    lever = {
        "role": 3,
        "about": "A little more craft, at once.",
        "to": "firms",
        "unit_cost": 1,
        "batch": 1,
        "capacity": 100_000,
        "acceptance": {"intercept": 10.0},
        "effects": [{"raise": "craft", "by": 0.02}],
        "first_link": {"state": "craft", "direction": 1},
        "aims_at": {"outcome": "sales_idr", "direction": 1},
    }
    trial = Trial(
        name="craft",
        firms=400,
        levers={"a_little_craft": lever},
        arms={"craft": {"share": 0.5, "deliveries": [{"lever": "a_little_craft"}]}},
        parameters=parameters,
        follow_up=(6,),
        outcomes=("sales",),
    )
    frames = [world.frame() for world in trial_worlds({"it": trial}, 8, n_jobs=1)["it"]]
    row = saturation_table({0.5: frames}, "sales", 6).iloc[0]
    outside = {name: parameters.get(f"market.outside_share.{name}", shipped_value(f"market.outside_share.{name}"))
               for name in CHANNELS}  # fmt: skip
    assert row["too_much"] == pytest.approx(by_equation(0.5, outside), rel=0.25)
    assert row["untreated_high"] < 0.0 < row["treated_low"]
    assert np.isfinite(row["too_much_low"])
