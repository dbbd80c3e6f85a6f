"""Draws of what nobody knows: spread over priors, resampled from a posterior, put into scenarios; bad input refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ovopsim.errors import InputError
from ovopsim.parameters import locate, uncertain_leaves
from ovopsim.policy import presets
from ovopsim.policy.effects import value_of
from ovopsim.study.drawn import (
    Uncertain,
    checked_posterior,
    from_priors,
    resampled,
    uncertain_in,
    with_draw,
)
from ovopsim.study.drawn_plan import NO_SHOCK, drawn_plan
from tests.small import small, spending

FAIRS = small("Fairs", programme=spending({"exhibition": 1.0}))
FADE, CHANCE = "learning.access_fade", "levers.exhibition.effects.0.probability"


def test_what_is_uncertain_is_what_is_marked_and_the_sizes_of_the_levers_in_use() -> None:
    found = uncertain_in([small(), FAIRS])
    assert set(uncertain_leaves()) < set(found)
    assert {path for path in found if path.startswith("levers.")} == {
        f"levers.exhibition.effects.{end}" for end in ("0.probability", "1.probability", "2.by", "3.by")
    }
    assert len(uncertain_in(presets().values())) > len(found)


def test_what_a_scenario_sets_is_in_no_doubt() -> None:
    shipped = locate(FADE)[0].value_of()
    own = FAIRS.changed(parameters={FADE: shipped, "market.quality_value": 0.5})
    found = uncertain_in([small(), own])
    assert not {FADE, "market.quality_value.local", "market.quality_value.export"} & set(found)
    assert with_draw(own, {FADE: 0.09, "accounts.leak": 0.3}).parameters[FADE] == shipped
    bare = small(
        "Bare", levers={"exhibition": {"effects": [{"start": "export", "probability": 0.5}]}}, programme=FAIRS.programme
    )
    assert not any(path.startswith("levers.") for path in uncertain_in([bare]))
    assert with_draw(bare, {CHANCE: 0.1}).all_levers["exhibition"] == bare.all_levers["exhibition"]


def test_a_hypercube_takes_each_slice_of_each_prior_once() -> None:
    draws = from_priors(uncertain_in([FAIRS]), 10, seed=3)
    for path in (FADE, CHANCE):
        low, high = (0.01, 0.1) if path == FADE else (0.05, 0.6)
        slices = np.floor((draws[path] - low) / (high - low) * 10)
        assert sorted(slices) == list(range(10))
    pd.testing.assert_frame_equal(draws, from_priors(uncertain_in([FAIRS]), 10, seed=3))


def test_a_draw_is_put_into_parameters_and_levers_that_are_used() -> None:
    drawn = with_draw(FAIRS, {FADE: 0.07, CHANCE: 0.11, "levers.licensing.unit_cost": 1.0})
    assert drawn.parameters == {FADE: 0.07}
    assert value_of(drawn.all_levers["exhibition"].effects[0].probability) == 0.11
    assert drawn.all_levers["exhibition"].effects[1] == FAIRS.all_levers["exhibition"].effects[1]
    assert list(drawn.levers) == ["exhibition"]


def test_the_standard_deviation_of_a_prior() -> None:
    assert Uncertain(*locate(FADE)).prior_sd() == pytest.approx(0.09 / np.sqrt(12), rel=1e-4)


def test_a_posterior_is_resampled_by_its_weights() -> None:
    table = pd.DataFrame({f"parameters.{FADE}": [0.02, 0.05, 0.08], "weight": [1.0, 2.0, 1.0]})
    posterior = checked_posterior(table, [FAIRS])
    counts = resampled(posterior, 400, seed=1)[FADE].value_counts()
    assert counts.to_dict() == {0.05: 200, 0.02: 100, 0.08: 100}
    assert list(table.columns) == [f"parameters.{FADE}", "weight"]  # the user's table is left alone


def test_equal_weights_give_each_draw_once_and_keep_what_belongs_together() -> None:
    table = pd.DataFrame({FADE: np.linspace(0.02, 0.09, 6), "accounts.leak": np.linspace(0.2, 0.7, 6)})
    found = resampled(checked_posterior(table, []), 6, seed=2).sort_values(FADE, ignore_index=True)
    pd.testing.assert_frame_equal(found, table)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_posterior_may_be_a_file(ending: str, tmp_path: Path) -> None:
    table, path = pd.DataFrame({FADE: [0.02, 0.05], CHANCE: [0.1, 0.2]}), tmp_path / f"posterior.{ending}"
    table.to_csv(path, index=False) if ending == "csv" else table.to_parquet(path)
    assert checked_posterior(path, [FAIRS])[CHANCE].to_list() == [0.1, 0.2]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"learning.acces_fade": [0.1]}, "'learning.acces_fade' is no parameter.*learning.access_fade"),
        ({"levers.exhibition.unit_cst": [1.0]}, "is no number of a shipped lever.*levers.exhibition.unit_cost"),
        ({"market.channel_mix": [0.1]}, "'market.channel_mix' has several values; name one: market.channel_mix.local"),
        ({FADE: [0.02, "much"]}, "'learning.access_fade' is 'much' in draw 2; give a number"),
        ({FADE: [0.02, None]}, "in draw 2"),
        ({FADE: [0.02], "weight": [-1.0]}, "weight: must not be below 0"),
        ({FADE: [0.02], "weight": [0.0]}, "weight: must not be below 0, nor 0 in all"),
        ({FADE: [0.02], f"parameters.{FADE}": [0.02]}, "has two columns"),
        ({"weight": [1.0]}, "holds no draws"),
        ({FADE: []}, "holds no draws"),
    ],
)
def test_a_bad_posterior_is_refused(columns: dict[str, list[object]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked_posterior(pd.DataFrame(columns), [FAIRS])


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "posterior.parquet").write_text("no table", encoding="utf-8")
    for name in ("posterior.parquet", "none.csv"):
        with pytest.raises(InputError, match=rf"{name}: cannot be read"):
            checked_posterior(tmp_path / name, [])


def test_a_draw_outside_the_range_names_draw_and_scenario() -> None:
    draws = pd.DataFrame({FADE: [0.02, 7.0]})
    with pytest.raises(InputError, match=r"draw 2 in 'Nothing'.*learning.access_fade.*must lie in"):
        drawn_plan({"Nothing": small(), "Fairs": FAIRS}, draws, 2, 1)


def test_a_plan_crosses_arms_draws_shocks_and_worlds() -> None:
    draws = pd.DataFrame({FADE: [0.02, 0.05]})
    plan = drawn_plan({"Nothing": small(), "Fairs": FAIRS}, draws, 3, 1)
    assert plan.shocks == (NO_SHOCK, "pandemic", "cheap_print", "cotton")
    assert len(plan.sweep.askers) == 2 * 2 * 4 * 3
    # the shocks begin in month 24, which a run of 24 months has not
    point = plan.sweep.points[plan.cells["Fairs", "cotton", 1]].scenario
    assert [(shock.name, shock.first_month) for shock in point.shocks] == [("cotton", 12)]
    assert point.parameters == {FADE: 0.05}
    assert drawn_plan({"Nothing": small(), "Fairs": FAIRS}, draws, 3, 1, shocks=False).shocks == (NO_SHOCK,)


def test_a_shock_of_a_scenarios_own_is_not_added_again() -> None:
    own = {
        name: each.changed(shocks=[{"name": "pandemic", "start": 3}])
        for name, each in {"A": small(), "B": FAIRS}.items()
    }
    plan = drawn_plan(own, pd.DataFrame({FADE: [0.02]}), 2, 1)
    assert plan.shocks == (NO_SHOCK, "cheap_print", "cotton")
    assert {shock.first_month for shock in plan.sweep.points[0].scenario.shocks} == {3}
