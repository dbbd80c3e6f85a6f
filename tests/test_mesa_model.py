"""The Mesa door: Mesa's contract is kept, and it is the same model, bit for bit."""

from __future__ import annotations

import copy
import doctest
import gc
import inspect
import itertools
import os
import pickle
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ovopsim import Assignment, InputError, OvopModel, Programme, Scenario, mesa_model, simulate
from ovopsim.mesa_model import RECORDED, BatikFirm, StepsFromZero
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.simulation import Simulation, firm_columns, month_zero, prepare, run_scenario

pytestmark = pytest.mark.usefixtures("warm_core")

ROOT = Path(__file__).parents[1]
MONTHS = 24
SMALL = {"synthetic": "surakarta", "firms": 120}
PLAIN = Scenario(months=MONTHS, population=SMALL)
FULL = Scenario(
    name="Fairs, a trial and two shocks",
    months=MONTHS,
    population=SMALL,
    start="2018-07",
    programme=Programme(budget=300_000_000, shares={"exhibition": 0.5, "certification": 0.5}, months=MONTHS),
    assignments=(
        Assignment(lever="management_training", firms={"share": 0.25}, month=3),
        Assignment(lever="cooperative_capital", firms={"sentra": "laweyan"}, month=5),
    ),
    shocks=("pandemic",),
)
SHORT = Scenario(name="Short", months=3, population=SMALL)


def run_through(scenario: Scenario, **seed: Any) -> OvopModel:
    model = OvopModel(scenario, **seed)
    while model.running:
        model.step()
    return model


def outcomes_of(model: OvopModel) -> pd.DataFrame:
    return model.datacollector.get_model_vars_dataframe()


def firms_of(model: OvopModel) -> pd.DataFrame:
    return model.datacollector.get_agent_vars_dataframe()


@pytest.fixture(scope="module", params=[PLAIN, FULL], ids=["plain", "full"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return request.param


@pytest.fixture(scope="module")
def simulated(scenario: Scenario, warm_core: None) -> Simulation:  # noqa: ARG001 - compiles first
    return simulate(scenario, seed=3, keep_months=range(MONTHS))


@pytest.fixture(scope="module")
def finished(scenario: Scenario, warm_core: None) -> OvopModel:  # noqa: ARG001 - compiles first
    return run_through(scenario, seed=3)


# --- the contract


def test_the_constructor_returns_month_zero_and_collects_nothing() -> None:
    model = OvopModel(SHORT, seed=3)
    start = month_zero(SHORT, 3, 0)
    assert len(outcomes_of(model)) == 0
    assert len(firms_of(model)) == 0
    assert list(firms_of(model).index.names) == ["Step", "AgentID"]
    assert (model.steps, model.months_run, model.outcomes, model.running) == (0, 0, {}, True)
    assert len(model.agents) == start.firms
    cash = {firm.slot: firm.cash for firm in model.agents}
    assert cash == {slot: start.world.firms[firm_columns()["cash"], slot] for slot in cash}


def test_n_steps_leave_n_rows_from_step_0_on() -> None:
    model = OvopModel(SHORT, seed=3)
    for n in range(1, SHORT.months + 1):
        model.step()
        assert outcomes_of(model)["step"].tolist() == list(range(n))
        assert firms_of(model).index.unique("Step").tolist() == list(range(n))
        assert model.steps == model.months_run == n
        assert model.running is (n < SHORT.months)


def test_the_shipped_cluster_is_the_default() -> None:
    model = OvopModel(seed=1)
    assert model.inputs == Scenario()
    assert len(model.agents) > 150


def test_a_step_after_the_last_month_is_refused_and_changes_nothing() -> None:
    model = run_through(SHORT, seed=3)
    firms = model.world.firms.copy()
    for _ in range(2):  # and again: no later call may pass in silence
        with pytest.raises(InputError, match=r"Short: all 3 months have been run.*running is False.*more months"):
            model.step()
    assert (model.steps, model.months_run, len(outcomes_of(model))) == (3, 3, 3)
    assert np.array_equal(model.world.firms, firms)


def test_mesas_run_model_runs_to_the_end() -> None:
    model = OvopModel(SHORT, seed=3)
    model.run_model()
    assert len(outcomes_of(model)) == SHORT.months


def test_frames_have_the_shape_that_mesas_users_know(finished: OvopModel) -> None:
    assert list(firms_of(finished).index.names) == ["Step", "AgentID"]
    assert list(firms_of(finished).columns) == list(RECORDED)
    assert firms_of(finished).index.is_unique
    assert pd.api.types.is_integer_dtype(firms_of(finished).index.get_level_values("Step"))
    assert {"scenario", "seed", "step", "month", *OUTCOMES} <= set(outcomes_of(finished).columns)
    assert outcomes_of(finished).index.tolist() == list(range(MONTHS))


# --- the same model


def test_outcomes_equal_those_of_simulate_bit_for_bit(simulated: Simulation, finished: OvopModel) -> None:
    found = outcomes_of(finished)
    assert_frame_equal(
        found.drop(columns=["scenario", "seed"]), simulated.monthly.drop(columns="replication"), check_exact=True
    )
    assert set(found["scenario"]) == {finished.inputs.name}
    assert set(found["seed"]) == {3}


def test_recorded_firms_equal_those_of_simulate_bit_for_bit(simulated: Simulation, finished: OvopModel) -> None:
    found = firms_of(finished).reset_index().rename(columns={"Step": "step"})
    columns = ["step", *RECORDED]
    by_firm = [frame[columns].sort_values(["step", "firm_id"], ignore_index=True) for frame in (found, simulated.firms)]
    assert_frame_equal(by_firm[0], by_firm[1], check_exact=True, check_dtype=False)


def test_agents_are_the_firms_in_business_in_every_attribute_and_month(
    scenario: Scenario, simulated: Simulation
) -> None:
    model = OvopModel(scenario, seed=3)
    names = [name for name in firm_columns() if name != "active"]
    for step in range(MONTHS):
        model.step()
        found = pd.DataFrame(model.agents.get(names), columns=names).sort_values("firm_id", ignore_index=True)
        kept = simulated.firms[simulated.firms["step"] == step]
        kept = kept[names].sort_values("firm_id", ignore_index=True)
        assert_frame_equal(found, kept, check_exact=True, check_dtype=False)


def test_these_comparisons_cover_entry_exit_and_the_programme() -> None:
    monthly = simulate(FULL, seed=3).monthly
    for column in ("entries", "exits", "spent_idr", "reached", "delivered_exhibition", "delivered_certification"):
        assert monthly[column].sum() > 0.0, column
    without = simulate(FULL.model_copy(update={"assignments": ()}), seed=3).monthly
    assert (monthly["sales_idr"] != without["sales_idr"]).any()


def test_the_same_seed_gives_the_same_run_under_either_name() -> None:
    runs = [outcomes_of(run_through(SHORT, **name)) for name in ({"seed": 5}, {"rng": 5}, {"rng": np.int64(5)})]
    assert_frame_equal(runs[0], runs[1], check_exact=True)
    assert_frame_equal(runs[0], runs[2], check_exact=True)


def test_other_seeds_give_other_runs() -> None:
    sales = [tuple(outcomes_of(run_through(SHORT, seed=seed))["sales_idr"]) for seed in (1, 2, 3)]
    assert len(set(sales)) == 3


@pytest.fixture
def known_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is drawn from the operating system be known, so that these tests are the same every time."""
    drawn, generator = itertools.count(1), np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda given: generator(next(drawn) if given is None else given))


def test_without_a_seed_one_is_drawn() -> None:
    assert len({mesa_model._seed(None, None) for _ in range(5)}) > 1


@pytest.mark.usefixtures("known_entropy")
def test_a_seed_that_was_drawn_can_be_read_and_used_again() -> None:
    drawn = run_through(SHORT)
    assert drawn.seed != OvopModel(SHORT).seed
    assert_frame_equal(outcomes_of(drawn), outcomes_of(run_through(SHORT, seed=drawn.seed)), check_exact=True)


@pytest.mark.parametrize("source", [np.random.default_rng, np.random.SeedSequence])
def test_a_seed_is_drawn_from_what_numpy_draws_from(source: Any) -> None:
    assert OvopModel(SHORT, rng=source(7)).seed == OvopModel(SHORT, rng=source(7)).seed
    assert OvopModel(SHORT, rng=source(7)).seed != OvopModel(SHORT, rng=source(8)).seed


def test_mesas_own_randomness_moves_nothing() -> None:
    model, other = OvopModel(SHORT, seed=3), OvopModel(SHORT, seed=3)
    while model.running:
        model.random.random()
        model.agents.shuffle(inplace=True)
        model.step()
        other.step()
        assert model.outcomes == other.outcomes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rng": 1, "seed": 1}, "rng is 1 and seed is 1; give one"),
        ({"seed": -1}, "seed is -1; a seed is a whole number from 0"),
        ({"rng": "one"}, "rng is 'one'; a seed"),
        ({"seed": 1.5}, r"seed is 1\.5; a seed"),
        ({"seed": True}, "seed is True; a seed"),
        ({"scenario": "plain.yaml"}, r"scenario is a str, not a Scenario.*load_scenario"),
        ({"scenario": ("name", "x")}, "scenario is a tuple, not a Scenario.*in a list"),
    ],
)
def test_mistakes_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        OvopModel(**arguments)


# --- agents


def test_exits_leave_entrants_are_new_and_others_stay_the_same_objects() -> None:
    model = OvopModel(PLAIN, seed=3)
    closed: list[BatikFirm] = []
    slots: dict[int, set[int]] = {}
    for _ in range(MONTHS):
        before = {firm.firm_id: firm for firm in model.agents}
        model.step()
        after = {firm.firm_id: firm for firm in model.agents}
        left, new = before.keys() - after.keys(), after.keys() - before.keys()
        assert len(left) == model.outcomes["exits"]
        assert len(new) == model.outcomes["entries"]
        assert all(after[firm_id] is before[firm_id] for firm_id in before.keys() & after.keys())
        assert all(after[firm_id] not in before.values() for firm_id in new)
        closed += [before[firm_id] for firm_id in left]
        for firm in model.agents:
            slots.setdefault(firm.slot, set()).add(firm.firm_id)
    assert not set(closed) & set(model.agents)
    assert closed
    assert any(len(firms) > 1 for firms in slots.values())  # a slot that two firms had, one after the other


def test_the_view_on_a_closed_firm_is_closed() -> None:
    model = OvopModel(SHORT, seed=3)
    firm = next(iter(model.agents))
    assert firm.cash >= 0.0
    firm.remove()
    assert firm not in model.agents
    with pytest.raises(AttributeError, match=f"firm {firm.firm_id} has closed"):
        firm.cash  # noqa: B018 - reading it is the test
    assert getattr(firm, "cash", None) is None


def test_firms_cannot_be_written() -> None:
    model = OvopModel(SHORT, seed=3)
    with pytest.raises(AttributeError):
        next(iter(model.agents)).cash = 1.0
    with pytest.raises(AttributeError):
        model.agents.set("craft", 1.0)


def test_attributes_are_plain_floats_that_say_what_they_are() -> None:
    firm = next(iter(OvopModel(SHORT, seed=3).agents))
    assert {type(getattr(firm, name)) for name in firm_columns() if name != "firm_id"} == {float}
    assert type(firm.firm_id) is int
    assert BatikFirm.cash.__doc__ == "cash and deposits (IDR)."
    assert "would consider it" in BatikFirm.market_access_export.__doc__


def test_no_attribute_hides_one_of_mesas() -> None:
    assert not set(firm_columns()) & (set(dir(mesa.Agent)) | {"model", "unique_id", "pos", "slot"})


def test_agent_sets_work(finished: OvopModel) -> None:
    agents = finished.agents
    workers = agents.get("workers")
    assert agents.agg("workers", [sum, max]) == [sum(workers), max(workers)]
    assert sum(workers) == pytest.approx(finished.outcomes["jobs"])
    sellers = agents.select(lambda firm: firm.participates_national == 1.0)
    assert 0 < len(sellers) < len(agents)
    assert [firm.age for firm in agents.sort("age", ascending=True)] == sorted(agents.get("age"))
    assert {code: len(firms) for code, firms in agents.groupby("size_class")} == {
        code: count
        for code, count in enumerate(finished.outcomes[size] for size in ("micro", "small", "medium"))
        if count
    }
    seen: list[float] = []
    agents.do(lambda firm: seen.append(firm.workers))
    assert seen == workers


# --- collectors, copies, batches


def test_collectors_of_ones_own_count_from_0_too() -> None:
    model = OvopModel(SHORT, seed=3)
    model.datacollector = StepsFromZero(
        model_reporters={"agents": lambda model: len(model.agents)},
        agenttype_reporters={BatikFirm: {"cash": "cash"}},
    )
    model.datacollector.collect(model)  # a look at month 0, by hand
    model.run_model()
    by_type = model.datacollector.get_agenttype_vars_dataframe(BatikFirm)
    assert by_type.index.unique("Step").tolist() == [-1, 0, 1, 2]
    assert by_type.groupby("Step").size().tolist() == outcomes_of(model)["agents"].tolist()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])  # noqa: S301 - ours
def test_a_copy_goes_on_as_the_model_would(copied: Any) -> None:
    model = OvopModel(PLAIN, seed=3)
    for _ in range(6):
        model.step()
    other = copied(model)
    other.run_model()
    assert model.months_run == 6
    model.run_model()
    assert_frame_equal(outcomes_of(other), outcomes_of(model), check_exact=True)
    assert_frame_equal(firms_of(other), firms_of(model), check_exact=True)
    assert not set(other.agents) & set(model.agents)


def test_a_model_no_longer_used_is_forgotten() -> None:
    model = OvopModel(SHORT, seed=3)
    model.step()
    watched = weakref.ref(model)
    del model
    gc.collect()
    assert watched() is None


def batch(**arguments: Any) -> pd.DataFrame:
    return pd.DataFrame(mesa.batch_run(OvopModel, display_progress=False, **arguments))


def test_mesas_batch_run_runs_scenarios_and_seeds() -> None:
    scenarios = [SHORT, SHORT.model_copy(update={"name": "Pandemic", "start": "2020-03", "shocks": FULL.shocks})]
    rows = batch(parameters={"scenario": scenarios, "rng": [1, 2]}, data_collection_period=1)
    runs = rows.drop_duplicates(["RunId", "Step"]).reset_index(drop=True)
    assert (rows["Step"] == rows["step"]).all()
    assert runs.groupby(["scenario", "seed"]).size().to_dict() == {
        (scenario.name, seed): SHORT.months for scenario in scenarios for seed in (1, 2)
    }
    for scenario in scenarios:
        for seed in (1, 2):
            here = runs[(runs["scenario"] == scenario.name) & (runs["seed"] == seed)].reset_index(drop=True)
            monthly = simulate(scenario, seed=seed).monthly
            assert_frame_equal(here[list(OUTCOMES)], monthly[list(OUTCOMES)], check_exact=True)


@pytest.mark.parametrize("period", [1, 2, -1])
def test_mesas_batch_run_joins_firms_to_the_cluster_of_the_same_month(period: int) -> None:
    rows = batch(parameters={"scenario": [SHORT], "rng": [3]}, data_collection_period=period)
    kept = simulate(SHORT, seed=3, keep_months=range(SHORT.months)).firms
    assert set(rows["Step"]) == {1: {0, 1, 2}, 2: {0, 2}, -1: {2}}[period]
    for step, found in rows.groupby("Step"):
        there = kept[kept["step"] == step]
        assert dict(zip(found["firm_id"], found["cash"], strict=True)) == dict(
            zip(there["firm_id"], there["cash"], strict=True)
        )


@pytest.mark.usefixtures("known_entropy")
def test_iterations_without_a_seed_are_no_copies_of_one_run() -> None:
    twice = {"rng": [None, None]} if "rng" in inspect.signature(mesa.batch_run).parameters else {"iterations": 2}
    rows = batch(parameters={"scenario": [SHORT]}, **twice)
    assert rows.groupby("iteration")[["seed", "sales_idr"]].first().nunique().tolist() == [2, 2]


SCRIPT = """
import mesa
from ovopsim import OvopModel, Scenario

if __name__ == "__main__":
    scenario = Scenario(months=2, population={"synthetic": "surakarta", "firms": 120})
    rows = mesa.batch_run(
        OvopModel, {"scenario": [scenario], "rng": [1, 2]}, number_processes=2, display_progress=False
    )
    print(*sorted({(row["seed"], row["sales_idr"]) for row in rows}), sep="\\n")
"""


def test_mesas_batch_run_works_in_processes_that_are_started_afresh(tmp_path: Path) -> None:
    script = tmp_path / "batch.py"
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
    two = SHORT.model_copy(update={"months": 2})
    last = {seed: simulate(two, seed=seed).monthly["sales_idr"].iloc[-1] for seed in (1, 2)}
    assert done.stdout.split("\n")[:2] == [str((seed, float(sales))) for seed, sales in last.items()]


# --- what the door shares with simulate


def test_months_in_parts_are_the_months_of_one_run() -> None:
    start = month_zero(FULL, 3, 0)
    whole = run_scenario(FULL, start)
    run = prepare(FULL, start)
    parts: dict[str, list[Any]] = {name: [] for name in ("monthly", "levers", "channels", "sentras", "flows")}
    for first, months in ((0, 6), (6, 1), (7, MONTHS - 7)):
        run.go(run.work, first, months)
        for name, found in parts.items():
            found.append(getattr(run.results, name)[0, :months].copy())
    for name, found in parts.items():
        assert np.array_equal(np.concatenate(found), getattr(whole, name)), name
    assert all(np.array_equal(*pair) for pair in zip(run.work, whole.closing, strict=True))


def test_the_examples_in_docstrings_run() -> None:
    assert doctest.testmod(mesa_model).failed == 0
