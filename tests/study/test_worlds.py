"""Arms run in the same worlds: paired, independent of threads and of what they are compared with."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ovopsim.errors import InputError
from ovopsim.fields import FIRM
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy.canonical import scenario_digest
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation import month_zero, run_scenario
from ovopsim.study import worlds
from ovopsim.study.firms import OUTCOMES_OF_FIRMS, history, months_needed
from ovopsim.study.frames import run_tables
from ovopsim.study.identity import PACKAGE, run_id
from ovopsim.study.plan import planned
from ovopsim.study.worlds import ArmRuns, first_change, over_worlds, run_arms
from tests.small import small, small_scenarios, spending


def test_an_arm_is_the_scenario_run_in_each_world(small_arms: dict[str, ArmRuns]) -> None:
    arm = small_arms["Fairs"]
    alone = run_scenario(arm.scenario, month_zero(arm.scenario, 1, 2), [11])
    assert np.array_equal(arm.monthly[2], alone.monthly)
    assert np.array_equal(arm.agency[2], alone.levers)
    in_business = alone.snapshots[0][:, alone.snapshots[0][FIRM.active] == 1.0]
    assert np.array_equal(arm.tables[2][11], in_business)
    assert sorted(arm.tables[0]) == [11, 23]


def test_arms_of_one_world_agree_until_they_differ(small_arms: dict[str, ArmRuns]) -> None:
    late, nothing = small_arms["Late mixture"].monthly, small_arms["Nothing"].monthly
    assert np.array_equal(late[:, :6], nothing[:, :6])
    assert not np.array_equal(late[:, 6:], nothing[:, 6:])


def test_results_do_not_depend_on_threads_or_company(small_arms: dict[str, ArmRuns]) -> None:
    scenarios = small_scenarios()
    company = {name: scenarios[name] for name in ("Late mixture", "Fairs")}
    found = run_arms(planned(company, replications=3, n_jobs=1, keep_months=[]))
    for name in company:
        assert np.array_equal(found[name].monthly, small_arms[name].monthly)
        for mine, other in zip(found[name].firms, small_arms[name].firms, strict=True):
            assert np.array_equal(mine.last_year, other.last_year)
            assert np.array_equal(mine.served, other.served)
    assert found["Fairs"].tables == [{}, {}, {}]


@pytest.mark.parametrize(
    ("changes", "month"),
    [
        ({}, 0),
        ({"programme": spending({"licensing": 1.0}, start=7)}, 7),
        ({"programme": spending({"licensing": 1.0}, start=7, budget=0.0)}, 0),
        ({"assignments": [{"lever": "licensing", "firms": {"share": 0.1}, "month": 5}]}, 5),
    ],
)
def test_when_the_agency_begins_to_act(changes: dict[str, object], month: int) -> None:
    assert first_change(small(**changes)) == month


@pytest.mark.usefixtures("warm_core")
def test_a_history_adds_up_to_the_months_outcomes() -> None:
    scenario = small(months=18, programme=spending({"exhibition": 1.0}))
    start = month_zero(scenario, 1, 0)
    run = run_scenario(scenario, start, sorted(months_needed(18, {0, 4})))
    found = history(start, run, {0, 4})
    columns = [getattr(OUTCOME, name) for name in OUTCOMES_OF_FIRMS]
    assert found.last_year.sum(axis=1) == pytest.approx(run.monthly[6:, columns].mean(axis=0), rel=1e-9)
    assert len(found.at_start[0].ids) == start.firms
    assert len(found.at_start[4].ids) == run.monthly[3, OUTCOME.firms]
    assert len(found.closing_ids) == run.monthly[-1, OUTCOME.firms]
    assert np.isin(found.closing_ids[found.received > 0.0], found.served).all()
    assert months_needed(18, {0, 4}) == {3, 5, *range(6, 18)}


def test_what_has_not_begun_is_dropped_when_one_world_fails() -> None:
    begun = []
    both, dropped = threading.Barrier(2), threading.Event()

    class Pool(ThreadPoolExecutor):
        """Lets the other world end only after what has not begun was dropped."""

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            dropped.set()
            super().shutdown(wait=wait)

    def work(replication: int) -> int:
        begun.append(replication)
        if replication < 2:
            both.wait()
        if replication == 0:
            raise KeyboardInterrupt
        dropped.wait()
        return replication

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "ThreadPoolExecutor", Pool)
        with pytest.raises(KeyboardInterrupt):
            over_worlds(work, 500, n_jobs=2)
    # one failed, one was under way, and the thread of the failed one may have begun the next
    assert sorted(begun) in ([0, 1], [0, 1, 2])


@pytest.fixture
def surveyed(tmp_path: Path) -> Scenario:
    """Return a scenario whose firms come from a file that may be edited."""
    survey = shutil.copy(PACKAGE / "population" / "data" / "example_survey_made_up.csv", tmp_path / "survey.csv")
    return small(months=1, population={"survey": str(survey)})


def edit(scenario: Scenario) -> None:
    """Take the last firm out of the survey."""
    path = Path(str(scenario.population.survey))
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")


@pytest.mark.usefixtures("warm_core")
def test_a_survey_edited_after_the_runs_does_not_rename_them(surveyed: Scenario) -> None:
    before = scenario_digest(surveyed)
    plan = planned({"Surveyed": surveyed}, replications=1, least=1)
    arms = run_arms(plan, tick=lambda: edit(surveyed))
    assert scenario_digest(surveyed) != before
    tables = run_tables(arms, plan.seed, "0" * 64)
    assert tables.runs["scenario_digest"].tolist() == [before]
    assert tables.runs["run_id"].tolist() == [run_id(plan.contents["Surveyed"], plan.seed, 0, "0" * 64)]


@pytest.mark.usefixtures("warm_core")
def test_a_survey_edited_between_worlds_is_refused(surveyed: Scenario) -> None:
    plan = planned({"Surveyed": surveyed}, replications=2, n_jobs=1)
    with pytest.raises(InputError, match=r"survey\.csv: was changed while the simulation ran"):
        run_arms(plan, tick=lambda: edit(surveyed))
