"""SALib's problems come from the priors, and its samples run."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest
import SALib.analyze.morris
import SALib.analyze.sobol
import SALib.sample.morris
import SALib.sample.sobol

import ovopsim as ov
from ovopsim import InputError, Scenario
from ovopsim.adapters import bounds, salib
from ovopsim.parameters.loading import locate
from ovopsim.parameters.records import Record
from ovopsim.parameters.variation import quantile, sample, uncertain_leaves
from ovopsim.policy.settings import changed_by
from tests.small import small

THREE = ("market.outside_share.export", "planning.cover", "entry_and_exit.entry_response")


def test_the_default_problem_is_all_that_is_uncertain_by_submodel() -> None:
    problem = ov.to_salib_problem()
    assert problem["names"] == list(uncertain_leaves())
    assert problem["num_vars"] == len(problem["bounds"]) == len(problem["groups"]) > 40
    assert problem["groups"] == [name.partition(".")[0] for name in problem["names"]]
    assert all(low < high for low, high in problem["bounds"])


def test_bounds_are_the_ends_of_the_priors() -> None:
    problem = ov.to_salib_problem()
    draws = sample(1, 200)
    for name, (low, high) in zip(problem["names"], problem["bounds"], strict=True):
        assert (low, high) == (quantile(*locate(name), 0.0), quantile(*locate(name), 1.0))
        assert all(low <= draw[name] <= high for draw in draws)


def test_a_log_normal_prior_is_cut_to_the_middle_99_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record(
        about="A number.", unit="1", value=1.0, range=(0.0, 1e6), prior=("lognormal", 1.0, 1.0), grade="assumption"
    )
    monkeypatch.setattr(bounds, "locate", lambda path: (record, None))  # noqa: ARG005 - stands in for the records
    ((low, high),) = ov.to_salib_problem(["planning.cover"])["bounds"]
    assert np.log([low, high]) == pytest.approx([-2.5758, 2.5758], abs=1e-3)


def test_groups_are_a_choice() -> None:
    assert "groups" not in ov.to_salib_problem(THREE)
    assert "groups" not in ov.to_salib_problem(groups=False)
    assert ov.to_salib_problem(THREE, groups=True)["groups"] == ["market", "planning", "entry_and_exit"]


def test_bounds_can_be_given_for_any_setting() -> None:
    problem = ov.to_salib_problem({"programme.budget": (1e8, 1e9), "planning.cover": (1.3, 1.4)})
    assert problem["bounds"] == [[1e8, 1e9], [1.3, 1.4]]


def outcomes_of(values: np.ndarray, problem: dict[str, Any]) -> np.ndarray:
    """Return sales of the last month for each row of a sample."""
    frame = ov.from_salib_sample(values, problem)
    base = small(months=6)
    runs = (ov.simulate(changed_by(base, settings)) for settings in frame.to_dict("records"))
    return np.array([run.monthly["sales_idr"].iloc[-1] for run in runs])


@pytest.mark.usefixtures("warm_core")
def test_sobols_indices_of_a_few_runs_are_finite() -> None:
    problem = ov.to_salib_problem(THREE)
    values = SALib.sample.sobol.sample(problem, 4, calc_second_order=False, seed=1)
    found = SALib.analyze.sobol.analyze(problem, outcomes_of(values, problem), calc_second_order=False, seed=1)
    assert np.isfinite(found["S1"]).all()
    assert len(found["ST"]) == 3
    assert found["ST"].max() > 0.0


@pytest.mark.usefixtures("warm_core")
def test_morris_screens_in_user_units() -> None:
    problem = ov.to_salib_problem(THREE)
    values = SALib.sample.morris.sample(problem, 3, seed=1)
    found = SALib.analyze.morris.analyze(problem, values, outcomes_of(values, problem), seed=1)
    assert np.isfinite(found["mu_star"]).all()
    assert found["mu_star"].max() > 0.0


def test_the_whole_problem_can_be_sampled_by_submodel() -> None:
    problem = ov.to_salib_problem()
    values = SALib.sample.sobol.sample(problem, 2, calc_second_order=False, seed=1)
    groups = len(set(problem["groups"]))
    frame = ov.from_salib_sample(values, problem)
    assert frame.shape == (2 * (groups + 2), problem["num_vars"])
    changed_by(Scenario(), frame.iloc[0].to_dict())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ov.to_salib_problem("planning.cover"), r"give a list: \['planning\.cover'\]"),
        (lambda: ov.to_salib_problem([]), "nothing is varied"),
        (lambda: ov.to_salib_problem(["planning.covr"]), "did you mean 'planning.cover'"),
        (lambda: ov.to_salib_problem(["programme.budget"]), "no prior; give its ends"),
        (lambda: ov.to_salib_problem({"planning.cover": 1.3}), r"is 1\.3; give its ends"),
        (lambda: ov.to_salib_problem({"planning.cover": (1.4, 1.3)}), "give the lower end first"),
        (lambda: ov.to_salib_problem(["planning.cover", "parameters.planning.cover"]), "varied twice"),
        (lambda: ov.from_salib_sample([[1.0, 2.0]], ov.to_salib_problem(THREE)), "1 by 2, not runs by 3"),
        (lambda: ov.from_salib_sample([1.0], ov.to_salib_problem(["planning.cover"])), "not runs by 1"),
        (lambda: ov.from_salib_sample([[np.nan]], ov.to_salib_problem(["planning.cover"])), "no numbers"),
    ],
)
def test_mistakes_are_named(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_the_examples_in_docstrings_run() -> None:
    assert doctest.testmod(salib).failed == 0
