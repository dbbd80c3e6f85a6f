"""The Mesa door: Mesa's contract is kept, and it is the same model, bit for bit."""

from __future__ import annotations

import doctest
import inspect
import itertools
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ovopsim import InputError, OvopModel, Scenario, mesa_model, simulate
from ovopsim.fields import FIRM, FirmRows, fields_of
from ovopsim.mesa_model import RECORDED
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.simulation import Simulation, firm_columns, month_zero, run_scenario
from ovopsim.simulation.frames import CODES
from tests.mesa_runs import FULL, MONTHS, PLAIN, SHORT, firms_of, outcomes_of, run_through

pytestmark = pytest.mark.usefixtures("warm_core")


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
    found = outcomes_of(finished).astype({"step": np.int32})
    assert_frame_equal(
        found.drop(columns=["scenario", "seed"]), simulated.monthly.drop(columns="replication"), check_exact=True
    )
    assert set(found["scenario"]) == {finished.inputs.name}
    assert set(found["seed"]) == {3}


def as_a_table(records: pd.DataFrame) -> pd.DataFrame:
    """Return records of agents as `simulate` tells of firms: money by its name, codes in words, in seven digits."""
    table = records.copy()
    for name, words in CODES.items():
        table[name] = pd.Categorical.from_codes(table[name].astype(np.int8), categories=list(words))
    units = {name: field.unit for name, (field, _) in fields_of(FirmRows).items()}
    return table.rename(
        columns={name: f"{name.removesuffix('_idr')}_idr" for name in table if units.get(name, "").startswith("IDR")}
    )


def test_recorded_firms_equal_those_of_simulate(simulated: Simulation, finished: OvopModel) -> None:
    found = as_a_table(firms_of(finished)).reset_index().rename(columns={"Step": "step"}).drop(columns="AgentID")
    there = simulated.firms[list(found)].sort_values(["step", "firm_id"], ignore_index=True)
    found = found.sort_values(["step", "firm_id"], ignore_index=True).astype(there.dtypes)
    assert_frame_equal(found, there, check_exact=True)


def test_agents_are_the_firms_in_business_in_every_attribute_and_month_bit_for_bit(scenario: Scenario) -> None:
    model = OvopModel(scenario, seed=3)
    run = run_scenario(scenario, month_zero(scenario, 3, 0), range(MONTHS))
    columns = {name: row for name, row in firm_columns().items() if name != "active"}
    for step in range(MONTHS):
        model.step()
        found = pd.DataFrame(model.agents.get(list(columns)), columns=list(columns))
        table = run.snapshots[step][:, run.snapshots[step][FIRM.active] == 1.0]
        there = table[list(columns.values())][:, np.argsort(table[FIRM.firm_id])]
        assert np.array_equal(found.sort_values("firm_id").to_numpy().T, there)


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
        ({"seed": -1}, r"seed: is -1; give 0 or more, or None to draw one\."),
        ({"rng": "one"}, "rng: is 'one', not a whole number; give 0"),
        ({"seed": 1.5}, r"seed: is 1\.5, not a whole number"),
        ({"seed": True}, "seed: is True, not a whole number"),
        ({"scenario": "plain.yaml"}, r"scenario: is a str, not a Scenario.*load_scenario"),
        ({"scenario": ("name", "x")}, "scenario: is a tuple, not a Scenario.*in a list"),
    ],
)
def test_mistakes_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        OvopModel(**arguments)


@pytest.mark.usefixtures("known_entropy")
def test_iterations_without_a_seed_are_no_copies_of_one_run() -> None:
    twice = {"rng": [None, None]} if "rng" in inspect.signature(mesa.batch_run).parameters else {"iterations": 2}
    rows = pd.DataFrame(mesa.batch_run(OvopModel, {"scenario": [SHORT]}, display_progress=False, **twice))
    assert rows.groupby("iteration")[["seed", "sales_idr"]].first().nunique().tolist() == [2, 2]


def test_the_examples_in_docstrings_run() -> None:
    assert doctest.testmod(mesa_model).failed == 0
