"""SALib's problems come from the priors, and its samples run."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pandas as pd
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
from tests.small import small, spending

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
    monkeypatch.setattr(bounds, "located", lambda path: (record, None))  # noqa: ARG005 - stands in for the records
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


@pytest.fixture(scope="module")
def swept(warm_core: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:  # noqa: ARG001 - compiles first
    """Return points of a sample and the runs of a sweep over them, in a store that has other runs too."""
    problem = ov.to_salib_problem(THREE)
    points = ov.from_salib_sample(SALib.sample.sobol.sample(problem, 2, calc_second_order=False, seed=1), problem)
    folder = tmp_path_factory.mktemp("stores") / "store"
    for design in (ov.Design(points), ov.Design(points.assign(**{"programme.budget": 0.0}))):
        store = ov.sweep(design, folder, small(months=6, programme=PROGRAMME), replications=2, progress=False)
    return points, store.by_run()


PROGRAMME = spending({"exhibition": 1.0}, months=6)


def test_outcomes_of_a_sweep_come_in_the_order_of_the_sample(swept: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    points, runs = swept
    assert len(runs) == 2 * 2 * len(points)
    shuffled = runs.sample(frac=1.0, random_state=1)
    found = ov.salib_outcome(points, shuffled, "sales_idr")
    base = small(months=6, programme=PROGRAMME)
    alone = [
        ov.simulate(changed_by(base, settings), replications=2).monthly["sales_idr"].mean()
        for settings in points.to_dict("records")
    ]
    assert found == pytest.approx(alone, rel=1e-12)
    assert ov.salib_outcome(points[::-1], runs, "sales_idr") == pytest.approx(found[::-1], rel=1e-12)


def test_a_point_without_runs_is_refused(swept: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    points, runs = swept
    fourth = (runs[[f"parameters.{name}" for name in THREE]] == points.iloc[3].to_numpy()).all(axis=1)
    with pytest.raises(InputError, match=r"salib_outcome: 1 of 10 points have no run that ended"):
        ov.salib_outcome(points, runs[~fourth], "sales_idr")
    with pytest.raises(InputError, match="no column 'sale_idr'; did you mean 'sales_idr'"):
        ov.salib_outcome(points, runs, "sale_idr")
    with pytest.raises(InputError, match=r"no column 'planning\.cover'"):
        ov.salib_outcome(points, runs.drop(columns="parameters.planning.cover"), "sales_idr")


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
