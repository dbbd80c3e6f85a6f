"""What a role rests on: every target of an effect says what it works through; ratios and grades by role."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ovopsim.analysis.grades import key_parameters, parameters_table, roles_table, works_through
from ovopsim.analysis.posterior import identifiability
from ovopsim.parameters import locate
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy import presets
from ovopsim.policy.effects import TARGETS
from ovopsim.study.drawn import checked_posterior
from ovopsim.study.unknowns import unknowns_of
from tests.small import small, spending

FADE = "learning.access_fade"
FAIRS = small("Fairs", programme=spending({"exhibition": 1.0}))


def test_every_target_says_what_it_works_through() -> None:
    assert set(works_through()) == {target for targets in TARGETS.values() for target in targets}
    assert all(works_through().values())


def test_what_effects_work_through_are_parameters_with_priors() -> None:
    from importlib.resources import files

    given = read_yaml(files("ovopsim.analysis") / "data" / "works_through.yaml")
    for path in {path for paths in given.values() for path in paths}:
        record, _ = locate(path)
        assert record.prior is not None, path


def test_a_role_hinges_on_the_sizes_of_its_levers_and_what_they_work_through() -> None:
    found = key_parameters([small(), FAIRS])
    assert list(found) == [(5, "exhibition")]
    assert {"levers.exhibition.effects.2.by", FADE, "market.outside_share.export"} <= set(found[5, "exhibition"])


def test_without_a_posterior_every_ratio_is_one() -> None:
    roles = roles_table(parameters_table(presets().values(), None))
    assert roles["role"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    assert (roles["ratio"] == 1.0).all()
    assert roles["assumption_driven"].all()
    assert set(roles["grade"]) == {"assumption"}


def test_a_posterior_narrows_what_it_knows_and_nothing_else() -> None:
    prior_sd = 0.09 / np.sqrt(12)
    table = pd.DataFrame({FADE: [0.05 - prior_sd / 4, 0.05 + prior_sd / 4]})
    found = parameters_table([FAIRS], checked_posterior(table, [FAIRS])).set_index("parameter")["ratio"]
    ratio = 0.25 * np.sqrt(2.0)  # of two draws, as of a sample: one degree of freedom
    assert found[FADE] == pytest.approx(ratio, rel=1e-3)
    assert (found.drop(FADE) == 1.0).all()
    (role,) = roles_table(parameters_table([FAIRS], checked_posterior(table, [FAIRS]))).to_dict("records")
    assert role["ratio"] == pytest.approx((len(found) - 1.0 + ratio) / len(found), rel=1e-3)
    assert (role["least"], role["least_parameter"]) == (pytest.approx(ratio, rel=1e-3), FADE)


def test_doubt_is_reckoned_as_a_calibration_does() -> None:
    chance = np.random.default_rng(1)
    table = pd.DataFrame({FADE: chance.uniform(0.02, 0.08, 30), "weight": chance.exponential(size=30)})
    draws = checked_posterior(table, [FAIRS])
    found = parameters_table([FAIRS], draws).set_index("parameter").loc[FADE]
    told = identifiability(unknowns_of([FADE]), draws[[FADE]].to_numpy(), draws["weight"].to_numpy())
    assert found["posterior_sd"] == pytest.approx(told["sd"][0], rel=1e-12)
    assert found["ratio"] == pytest.approx(told["ratio"][0], rel=1e-12)


def made(ratio: float, *grades: str) -> pd.DataFrame:
    rows = [
        {"role": 3, "lever": "x", "parameter": grade + str(n), "ratio": ratio, "grade": grade}
        for n, grade in enumerate(grades)
    ]
    return pd.DataFrame(rows)


def test_above_nine_tenths_a_role_is_assumption_driven() -> None:
    driven = [bool(roles_table(made(ratio, "assumption"))["assumption_driven"].iloc[0]) for ratio in (0.9, 0.91)]
    assert driven == [False, True]


def test_the_grade_is_that_of_most_and_the_weaker_of_two() -> None:
    def grade(*grades: str) -> str:
        return str(roles_table(made(1.0, *grades))["grade"].iloc[0])

    assert grade("measured_here", "measured_here", "assumption") == "measured_here"
    assert grade("measured_here", "measured_elsewhere") == "measured_elsewhere"
    assert grade("measured_elsewhere", "assumption") == "assumption"


def test_what_two_levers_of_a_role_share_counts_once() -> None:
    twice = pd.concat([made(0.5, "assumption"), made(0.5, "assumption").assign(lever="y")])
    assert roles_table(twice)["parameters"].to_list() == [1]
