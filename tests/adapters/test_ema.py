"""The EMA Workbench runs the model by its own evaluators, and gets what `compare` finds."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import ema_workbench
import numpy as np
import pytest

import ovopsim as ov
from ovopsim import InputError
from ovopsim.adapters import experiment
from ovopsim.adapters.experiment import ERROR
from ovopsim.parameters.variation import uncertain_leaves
from tests.small import MONTHS, small, spending

ROOT = Path(__file__).parents[2]
TWO = ("planning.cover", "market.outside_share.export")
LEVERS = ("budget", "targeting", "roles.5", "roles.7")

pytestmark = pytest.mark.usefixtures("warm_core")


def model(**arguments: Any) -> Any:
    return ov.to_ema(**{"base": small(), "uncertainties": TWO, "levers": LEVERS, "replications": 2} | arguments)


@pytest.fixture(scope="module")
def evaluated(warm_core: None) -> tuple[Any, Any, dict[str, np.ndarray]]:  # noqa: ARG001 - compiles first
    """Return a model, and the experiments and outcomes of three policies under two draws."""
    built = model()
    with ema_workbench.SequentialEvaluator(built) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=2, policies=3)
    return built, experiments, outcomes


# --- the shape


def test_the_default_model_has_all_that_is_uncertain_and_all_roles() -> None:
    built = ov.to_ema()
    paths = built.function.paths
    assert [paths[each.name] for each in built.uncertainties] == [f"parameters.{path}" for path in uncertain_leaves()]
    assert [each.name for each in built.levers] == ["budget", "targeting", *(f"roles__{role}" for role in range(1, 8))]
    assert [each.name for each in built.constants] == ["replications", "seed"]
    assert {each.name: each.kind for each in built.outcomes} == {
        "change_sales_idr": ema_workbench.ScalarOutcome.MAXIMIZE,
        "change_value_added_idr": ema_workbench.ScalarOutcome.MAXIMIZE,
        "change_jobs": ema_workbench.ScalarOutcome.MAXIMIZE,
        "public_cost_idr": ema_workbench.ScalarOutcome.MINIMIZE,
        "change_jobs_standard_error": ema_workbench.ScalarOutcome.INFO,
        "spent_idr": ema_workbench.ScalarOutcome.INFO,
    }
    assert all(name.isidentifier() for name in paths)


def test_bounds_are_those_of_priors_and_of_the_programme() -> None:
    built = model()
    ends = {each.name: (each.lower_bound, each.upper_bound) for each in (*built.uncertainties, *built.levers)}
    problem = ov.to_salib_problem(TWO)
    assert [list(ends[name.replace(".", "__")]) for name in problem["names"]] == problem["bounds"]
    assert ends["budget"] == (100_000_000, 2_000_000_000)
    assert ends["roles__5"] == (0.0, 1.0)
    assert [category.value for category in built.levers["targeting"].categories][:2] == ["random", "smallest_first"]


def test_sizes_of_levers_are_uncertainties_too() -> None:
    path = "levers.exhibition.effects.0.probability"
    built = model(uncertainties=[path])
    (size,) = built.uncertainties
    assert (size.lower_bound, size.upper_bound) == (0.05, 0.6)
    _, policy = built.function.scenarios(**{size.name: 0.5, "roles__5": 1.0})
    assert policy.levers["exhibition"].effects[0].probability == 0.5


def test_bounds_can_be_given() -> None:
    built = model(
        base=small(months=30),
        uncertainties={"planning.cover": (1.3, 1.4), "shocks.pandemic": (0.0, 1.0)},
        levers={"budget": (1e8, 2e8), "targeting": ["random", "members_first"], "shares.exhibition": None},
        outcomes={"change_exports_idr": "maximize"},
    )
    ends = {each.name: (each.lower_bound, each.upper_bound) for each in (*built.uncertainties, *built.levers)}
    assert ends["planning__cover"] == (1.3, 1.4)
    assert ends["shocks__pandemic"] == (0.0, 1.0)
    assert ends["budget"] == (1e8, 2e8)
    assert [category.value for category in built.levers["targeting"].categories] == ["random", "members_first"]
    assert [each.name for each in built.outcomes] == ["change_exports_idr"]
    without, with_programme = built.function.scenarios(shocks__pandemic=0.5, shares__exhibition=0.1)
    assert [shock.name for shock in without.shocks] == [shock.name for shock in with_programme.shocks] == ["pandemic"]


# --- what an experiment is


def test_outcomes_are_those_of_compare(evaluated: tuple[Any, Any, dict[str, np.ndarray]]) -> None:
    built, experiments, outcomes = evaluated
    for number in (0, 5):
        pair = built.function.scenarios(**experiments.iloc[number].to_dict())
        found = ov.compare({each.name: each for each in pair}, replications=2, progress=False)
        effects = found.effects[found.effects["arm"] == "Policy"].set_index("outcome")["mean"]
        summary = found.summary.set_index("arm").loc["Policy"]
        for name in ("sales_idr", "value_added_idr", "jobs"):
            assert outcomes[f"change_{name}"][number] == pytest.approx(effects[name], rel=1e-12)
        assert outcomes["public_cost_idr"][number] == pytest.approx(summary["public_cost_idr"], rel=1e-12)
        assert outcomes["spent_idr"][number] == pytest.approx(summary["spent_idr"], rel=1e-12)
        low, high = (summary[f"extra_jobs_{end}"] for end in ("low", "high"))
        t_of_one_degree = 12.706204736
        error = outcomes[f"change_jobs{ERROR}"][number]
        assert error == pytest.approx((high - low) / 2.0 / t_of_one_degree, rel=1e-6)


def test_policies_and_draws_make_a_difference(evaluated: tuple[Any, Any, dict[str, np.ndarray]]) -> None:
    _, experiments, outcomes = evaluated
    assert len(experiments) == 6
    assert len(set(outcomes["change_sales_idr"])) == 6
    assert all(np.isfinite(values).all() for values in outcomes.values())


def test_policies_share_their_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    month_zero = experiment.month_zero
    monkeypatch.setattr(experiment, "month_zero", lambda *given: made.append(given[1:]) or month_zero(*given))
    with ema_workbench.SequentialEvaluator(model()) as evaluator:
        evaluator.perform_experiments(scenarios=2, policies=3)
    assert sorted(made) == [(1, 0), (1, 0), (1, 1), (1, 1)]


def test_without_a_policy_nothing_changes() -> None:
    with ema_workbench.SequentialEvaluator(model()) as evaluator:
        _, outcomes = evaluator.perform_experiments(scenarios=2)
    assert all((values == 0.0).all() for values in outcomes.values())


def test_weights_are_shares_of_the_budget() -> None:
    function = model(levers=["roles.5", "shares.exhibition", "shares.equipment_grant"]).function
    programme = function.scenarios(roles__5=1.0, shares__exhibition=0.5, shares__equipment_grant=0.5)[1].programme
    assert programme.shares == {"exhibition": 0.5, "business_matching": 0.25, "equipment_grant": 0.25}
    assert (programme.budget, programme.start, programme.months) == (500_000_000, 0, MONTHS)


def test_no_weight_at_all_is_no_programme() -> None:
    function = model().function
    assert function.scenarios(roles__5=0.0, roles__7=0.0, budget=1e8)[1].programme is None
    nothing = function(planning__cover=1.5, roles__5=0.0, roles__7=0.0, budget=1e8)
    assert set(nothing.values()) == {0.0}


def test_a_programme_of_the_base_is_what_policies_start_from() -> None:
    base = small(programme=spending({"exhibition": 0.5, "licensing": 0.5}, start=6, months=12, multi_year=True))
    function = model(base=base, levers=["budget"]).function
    without, with_programme = function.scenarios(budget=2e8)
    assert without.programme is None
    assert with_programme.programme == base.programme.changed(budget=2e8)


def test_replications_and_seed_are_constants_that_matter() -> None:
    function = model().function
    settings = {"planning__cover": 1.5, "roles__5": 1.0}
    found = {function(**settings, **chosen)["change_sales_idr"] for chosen in ({}, {"seed": 2}, {"replications": 3})}
    assert len(found) == 3
    assert np.isnan(function(**settings, replications=1)[f"change_jobs{ERROR}"])


def test_a_run_that_fails_says_why_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    built = model()
    settings = {"planning__cover": 1.5, "roles__5": 1.0}

    def full(*_: Any) -> None:
        raise InputError("the table of 90 firms is full.")

    with monkeypatch.context() as patch:
        patch.setattr(experiment, "run_scenario", full)
        with pytest.warns(RuntimeWarning, match="an experiment failed: the table of 90 firms is full"):
            failed = built.function(**settings)
    assert list(failed) == [each.name for each in built.outcomes]
    assert np.isnan(list(failed.values())).all()
    assert np.isfinite(list(built.function(**settings).values())).all()


def test_an_outcome_that_is_no_number_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    run_scenario = experiment.run_scenario

    def broken(*given: Any) -> Any:
        run = run_scenario(*given)
        run.monthly[3] = np.nan
        return run

    monkeypatch.setattr(experiment, "run_scenario", broken)
    with pytest.warns(RuntimeWarning, match="an experiment failed: an outcome is not a finite number"):
        assert np.isnan(list(model().function(planning__cover=1.5, roles__5=1.0).values())).all()


# --- in other processes


def test_the_function_can_be_sent_and_leaves_its_worlds_behind() -> None:
    function = model().function
    settings = {"planning__cover": 1.5, "roles__5": 1.0}
    empty = len(pickle.dumps(function))
    here = function(**settings)
    sent = pickle.dumps(function)
    assert len(sent) == empty < 20_000
    assert pickle.loads(sent)(**settings) == here  # noqa: S301 - ours


SCRIPT = """
import multiprocessing
import warnings

import ovopsim as ov

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    base = ov.Scenario(months=12, population={"synthetic": "surakarta", "firms": 60})
    model = ov.to_ema(base, uncertainties=["planning.cover"], levers=["budget", "roles.5"], replications=2)
    from ema_workbench import MultiprocessingEvaluator

    with MultiprocessingEvaluator(model, 2) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=2, policies=2)
    for number, row in enumerate(experiments.to_dict("records")):
        again = model.function(replications=2, **row)
        assert again == {name: values[number] for name, values in outcomes.items()}, row
    print(len(experiments), len(set(outcomes["change_sales_idr"])))
"""


def test_processes_that_are_started_afresh_give_the_same(tmp_path: Path) -> None:
    script = tmp_path / "experiments.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["4", "4"]


# --- mistakes


def test_without_the_workbench_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(InputError, match=r"to_ema: .*pip install 'ovopsim\[analysis\]'"):
        ov.to_ema()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"base": "fairs.yaml"}, "scenario: is a str, not a Scenario"),
        ({"replications": 0}, "replications: is 0"),
        ({"seed": -1}, "seed: is -1"),
        ({"uncertainties": ["planning.covr"]}, "did you mean 'planning.cover'"),
        ({"uncertainties": {"programme.budget": (1e8, 1e9)}}, "'programme.budget' is none; give parameters,"),
        ({"uncertainties": {"shocks.pandemic.start": (1, 9)}}, "is none; give parameters, numbers of levers and"),
        ({"uncertainties": {"planning.cover": (1.3, 1e9)}}, "must lie in"),
        ({"levers": "budget"}, r"levers: is 'budget'; give a list"),
        ({"levers": []}, "levers: nothing is varied"),
        ({"levers": ["roles.8"]}, "'roles.8' is nothing that can be varied"),
        ({"levers": ["planning.cover"]}, "levers: 'planning.cover' is none; give budget, targeting"),
        ({"levers": ["budget"]}, "the base has no programme to change; give roles.N"),
        ({"levers": ["roles.5", "budget", "programme.budget"]}, "varied twice"),
        ({"levers": {"roles.5": (-1, 1)}}, "a weight must not be below 0"),
        ({"levers": {"roles.5": None, "targeting": ["random", "richest"]}}, "targeting: 'richest' is none of random"),
        ({"levers": {"roles.5": None, "targeting": "random"}}, "give at least two"),
        ({"outcomes": ["change_jbos"]}, "did you mean 'change_jobs'"),
        ({"outcomes": {"change_jobs": "more"}}, "is 'more'; give one of maximize"),
        ({"outcomes": []}, "outcomes: nothing is asked for"),
        ({"outcomes": "change_jobs"}, r"outcomes: is 'change_jobs'; give a list"),
    ],
)
def test_mistakes_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        model(**arguments)
