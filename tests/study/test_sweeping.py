"""Sweeps: nothing runs twice, nothing is lost, and who does the work changes nothing."""

from __future__ import annotations

import errno
import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from distributed.scheduler import KilledWorker

from ovopsim.comparison import compare
from ovopsim.errors import InputError
from ovopsim.study import parts, store, sweep_plan, sweeping, tasks
from ovopsim.study.designs import Design
from ovopsim.study.identity import model_digest
from ovopsim.sweeps import open_store, sweep
from tests.small import small, small_scenarios, spending

pytestmark = pytest.mark.usefixtures("warm_core")

ROOT = Path(__file__).parents[2]
BASE = small("Base", months=12, programme=spending({"exhibition": 0.5, "equipment_grant": 0.5}, months=12))
BUDGETS = Design.grid({"programme.budget": [1e8, 2e8, 3e8], "programme.targeting": ["random", "ablest_first"]})


def run(folder: Path, design: Design = BUDGETS, **options: object) -> pd.DataFrame:
    """Sweep into a folder; return its monthly table in a fixed order."""
    found = sweep(design, folder, BASE, **({"replications": 3, "progress": False} | options))  # type: ignore[arg-type]
    return in_order(found.monthly)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["run_id", "step"]).reset_index(drop=True)


@pytest.fixture
def tiny_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every task have one run and every part one task, as when a sweep is long."""
    monkeypatch.setattr(tasks, "LARGEST", 1)
    monkeypatch.setattr(sweeping, "BYTES_OF_A_PART", 1)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return the monthly table of a sweep that nothing disturbs."""
    return run(tmp_path_factory.mktemp("plain") / "store")


def test_the_tables_say_what_was_set(tmp_path: Path) -> None:
    run(tmp_path / "store")
    found = open_store(tmp_path / "store")
    assert found.settings == ["programme.budget", "programme.targeting"]
    assert found.runs.groupby(["programme.budget", "programme.targeting"]).size().tolist() == [3] * 6
    assert set(found.runs["status"]) == {"done"}
    assert len(found.monthly) == 18 * 12
    assert found.record["commands"][0]["points"] == 6


def test_the_same_again_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: pd.DataFrame) -> None:
    run(tmp_path)
    monkeypatch.setattr(sweeping, "work", pytest.fail)
    pd.testing.assert_frame_equal(run(tmp_path), plain)


def test_more_replications_run_only_those(tmp_path: Path, plain: pd.DataFrame) -> None:
    run(tmp_path, replications=2)
    before = {path.name: path.read_bytes() for path in parts.parts(tmp_path, "monthly")}
    pd.testing.assert_frame_equal(run(tmp_path), plain)
    assert {name: (parts.folder(tmp_path, "monthly") / name).read_bytes() for name in before} == before


def test_changing_one_lever_runs_only_that(tmp_path: Path) -> None:
    run(tmp_path)
    dearer = BASE.changed(levers={"exhibition": {"unit_cost": 9_000_000}})
    sweep(BUDGETS, tmp_path, dearer, replications=3, progress=False)
    assert len(open_store(tmp_path).runs) == 36
    sweep(BUDGETS, tmp_path, BASE, replications=3, progress=False)
    assert len(open_store(tmp_path).runs) == 36


def test_points_that_say_the_same_are_run_once(tmp_path: Path) -> None:
    design = Design.grid({"roles.5": [0, 1], "programme.budget": [1e8, 2e8]})
    run(tmp_path, design, replications=2)
    found = open_store(tmp_path)
    assert len(found.runs) == 8
    assert found.runs["run_id"].nunique() == found.monthly["run_id"].nunique() == 6


def test_a_sweep_of_other_settings_joins_the_same_store(tmp_path: Path, plain: pd.DataFrame) -> None:
    run(tmp_path)
    run(tmp_path, Design.grid({"planning.cover": [1.3], "programme.multi_year": [True, False]}), replications=1)
    found = open_store(tmp_path)
    assert set(found.settings) == {
        "programme.budget",
        "programme.targeting",
        "parameters.planning.cover",
        "programme.multi_year",
    }
    assert found.runs["parameters.planning.cover"].notna().sum() == 2
    columns = {tuple(pd.read_parquet(path).columns) for path in parts.parts(tmp_path, "runs")}
    assert len(columns) == 1  # readers that look at the first file see all columns
    kept = in_order(found.monthly[found.monthly["run_id"].isin(plain["run_id"])])
    pd.testing.assert_frame_equal(kept, plain)


def test_a_lever_of_ones_own_adds_a_column_to_all(tmp_path: Path) -> None:
    run(tmp_path, replications=1)
    own = {"school": {"role": 7, "about": "A school.", "to": "firms", "unit_cost": 1_000_000, "capacity": 9,
                      "effects": [{"raise": "craft", "by": 0.1}], "first_link": {"state": "craft", "direction": 1},
                      "aims_at": {"outcome": "sales_idr", "direction": 1}}}  # fmt: skip
    with_school = BASE.changed(levers=own, programme=spending({"school": 1.0}, months=12))
    sweep(BUDGETS, tmp_path, with_school, replications=1, progress=False)
    delivered = open_store(tmp_path).monthly.groupby("run_id")["delivered_school"].sum()
    assert (delivered == 0.0).sum() == 6
    assert (delivered > 0.0).sum() == 6


@pytest.mark.usefixtures("tiny_parts")
class TestParts:
    def test_how_a_sweep_is_cut_and_shared_changes_no_bit(self, tmp_path: Path, plain: pd.DataFrame) -> None:
        pd.testing.assert_frame_equal(run(tmp_path / "four", n_jobs=4), plain)
        pd.testing.assert_frame_equal(run(tmp_path / "one", n_jobs=1), plain)
        assert len(parts.parts(tmp_path / "one", "runs")) == 18

    def test_ctrl_c_keeps_what_has_ended(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: pd.DataFrame
    ) -> None:
        real, calls = sweeping._take, []

        def stop(*arguments: object) -> None:
            calls.append(1)
            if len(calls) > 7:
                raise KeyboardInterrupt
            real(*arguments)  # type: ignore[arg-type]

        with monkeypatch.context() as stopping:
            stopping.setattr(sweeping, "_take", stop)
            with pytest.raises(KeyboardInterrupt):
                run(tmp_path)
        assert len(open_store(tmp_path).runs) == 7
        pd.testing.assert_frame_equal(run(tmp_path), plain)
        assert len(open_store(tmp_path).runs) == 18

    def test_a_full_disk_is_said_and_what_was_stored_stays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: pd.DataFrame
    ) -> None:
        real, written = parts.write, []

        def full(table: object, path: Path) -> None:
            written.append(path)
            if len(written) == 3 * 4 + 2:  # within a part
                raise OSError(errno.ENOSPC, "No space left on device")
            real(table, path)

        with monkeypatch.context() as filling:
            filling.setattr(parts, "write", full)
            with pytest.raises(OSError, match="No space left on device; what was stored before stays there"):
                run(tmp_path, n_jobs=1)
        stored = open_store(tmp_path)
        assert set(stored.monthly["run_id"]) >= set(stored.runs["run_id"])
        pd.testing.assert_frame_equal(run(tmp_path), plain)

    def test_failed_runs_are_rows_and_tried_again_when_asked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: pd.DataFrame
    ) -> None:
        real = tasks.run_batch

        def now_and_then(scenarios: list[object], *rest: object) -> object:
            if "ablest" in scenarios[0].name:  # type: ignore[attr-defined]
                raise FloatingPointError("too hot")
            return real(scenarios, *rest)  # type: ignore[arg-type]

        with monkeypatch.context() as failing:
            failing.setattr(tasks, "run_batch", now_and_then)
            run(tmp_path)
        runs = open_store(tmp_path).runs
        assert (runs["status"] == "failed").sum() == 9
        assert set(runs[runs["status"] == "failed"]["reason"]) == {"FloatingPointError: too hot"}
        assert len(open_store(tmp_path).by_run(["jobs"])) == 9
        run(tmp_path)
        assert (open_store(tmp_path).runs["status"] == "failed").sum() == 9
        pd.testing.assert_frame_equal(run(tmp_path, retry_failed=True), plain)
        assert open_store(tmp_path).runs["status"].value_counts().to_dict() == {"done": 18}

    def test_what_a_kill_left_between_two_tables_is_cleaned(self, tmp_path: Path, plain: pd.DataFrame) -> None:
        run(tmp_path)
        last = parts.parts(tmp_path, "runs")[-1]
        last.unlink()
        pd.testing.assert_frame_equal(run(tmp_path), plain)
        assert parts.orphans(tmp_path) == []

    def test_killed_half_way_and_resumed_is_as_if_nothing_had_been(self, tmp_path: Path, plain: pd.DataFrame) -> None:
        code = (
            "from ovopsim.study import sweeping, tasks\n"
            "tasks.LARGEST = sweeping.BYTES_OF_A_PART = 1\n"
            "from pathlib import Path\n"
            "from tests.study.test_sweeping import run\n"
            f"run(Path({str(tmp_path)!r}), n_jobs=1)\n"
        )
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
        until = time.monotonic() + 120
        while len(parts.parts(tmp_path, "runs")) < 6 and time.monotonic() < until and process.poll() is None:
            time.sleep(0.002)
        process.kill()
        process.wait()
        stored = len(open_store(tmp_path).runs)
        assert 6 <= stored < 18
        pd.testing.assert_frame_equal(run(tmp_path), plain)
        assert len(open_store(tmp_path).runs) == 18


def test_processes_give_what_threads_give(tmp_path: Path, plain: pd.DataFrame) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        pd.testing.assert_frame_equal(run(tmp_path, executor=pool), plain)


class Lost(Executor):
    """Takes all tasks and does the first; the others end with an error, or are cancelled where there is none."""

    def __init__(self, answer: Exception | None) -> None:
        self.answer = answer
        self.given = 0

    def submit(self, work: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        self.given += 1
        future: Future[Any] = Future()
        if self.given == 1:
            future.set_result(work(*arguments, **options))
        elif self.answer is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(self.answer)
        return future


@pytest.mark.usefixtures("tiny_parts")
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (KilledWorker("work-1", SimpleNamespace(address="tcp://10.0.0.7:4"), 3), r"Attempted to run task .*tcp://10\."),  # type: ignore[arg-type]
        (BrokenProcessPool("a child process terminated abruptly"), "a child process terminated"),
        (None, "CancelledError"),
    ],
)
def test_workers_that_are_gone_are_said_and_the_same_command_goes_on(
    tmp_path: Path, plain: pd.DataFrame, answer: Exception | None, why: str
) -> None:
    with pytest.raises(InputError, match=rf"sweep: the workers are gone \({why}.*\); give the same command again"):
        run(tmp_path, executor=Lost(answer))
    pd.testing.assert_frame_equal(run(tmp_path), plain)


@pytest.mark.usefixtures("tiny_parts")
def test_another_error_of_an_executor_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, executor=Lost(ZeroDivisionError()), replications=1)


def test_a_comparison_and_a_sweep_share_a_store(tmp_path: Path) -> None:
    found = compare(dict(list(small_scenarios().items())[:2]), replications=2, progress=False)
    with store.opened(tmp_path, model_digest()) as workplace:
        store.write_tables(workplace, tmp_path, found.tables)
        (workplace / "effects.csv").write_text("found", encoding="utf-8")
        store.write_record(workplace, tmp_path, {}, model_digest())
    run(tmp_path, replications=1)
    assert len(open_store(tmp_path).runs) == 4 + 6
    assert (tmp_path / "effects.csv").is_file()


class TestStoresOfSeveralSweeps:
    """What a review found: each was wrong in silence."""

    def test_sweeps_of_different_scenarios_are_not_pooled(self, tmp_path: Path) -> None:
        design = Design.grid({"programme.budget": [0.0, 3e8]})
        alone = sweep(design, tmp_path / "a", BASE, replications=3, progress=False).effects(
            {"programme.budget": 0}, ["jobs"]
        )
        sweep(design, tmp_path / "both", BASE, replications=3, progress=False)
        other = BASE.changed(parameters={"planning.cover": 1.3})
        both = sweep(design, tmp_path / "both", other, replications=3, progress=False)
        found = both.effects({"programme.budget": 0}, ["jobs"])
        assert len(found) == 4
        mine = found[found["base_digest"] == alone["base_digest"].iloc[0]].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, alone)
        assert len(both.summary(["jobs"])) == 4

    @pytest.mark.usefixtures("tiny_parts")
    def test_a_failed_run_is_failed_under_every_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise FloatingPointError("too hot")

        one = Design.grid({"programme.budget": [1e8]})
        renamed = Design.grid({"programme.budget": [1e8], "programme.targeting": ["random"]})
        with monkeypatch.context() as failing:
            failing.setattr(tasks, "run_batch", broken)
            run(tmp_path, one, replications=1, retry_failed=True)
        found = sweep(renamed, tmp_path, BASE, replications=1, progress=False)
        assert found.runs["status"].tolist() == ["failed", "failed"]
        assert set(found.runs["reason"]) == {"FloatingPointError: too hot"}
        again = sweep(renamed, tmp_path, BASE, replications=1, progress=False, retry_failed=True)
        assert again.runs["status"].tolist() == ["done"]
        assert len(again.monthly) == 12

    @pytest.mark.usefixtures("tiny_parts")
    def test_only_what_is_tried_again_is_forgotten(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise FloatingPointError("too hot")

        with monkeypatch.context() as failing:
            failing.setattr(tasks, "run_batch", broken)
            sweep(Design.grid({"programme.budget": [1e8]}), tmp_path, BASE, replications=1, progress=False)
        other = Design.grid({"programme.budget": [2e8]})
        found = sweep(other, tmp_path, BASE, replications=1, progress=False, retry_failed=True)
        assert sorted(found.runs["status"]) == ["done", "failed"]

    def test_long_names_tell_points_apart(self, tmp_path: Path) -> None:
        many = {"programme.start": [0], "programme.months": [12], "programme.targeting": ["random"], "months": [12],
                "programme.multi_year": [False], "planning.cover": [1.3], "accounts.leak": [0.1]}  # fmt: skip
        for budgets in ([1e8], [1e8, 2e8]):
            design = Design.grid({"roles.1": [0, 1], "programme.budget": budgets} | many)
            found = sweep(design, tmp_path, BASE, replications=1, progress=False)
        assert len(found.runs) == 4
        assert found.runs["scenario"].nunique() == 4

    def test_firms_are_not_kept_of_runs_that_are_stored_without(self, tmp_path: Path) -> None:
        run(tmp_path, replications=1)
        with pytest.raises(InputError, match="6 of the runs are stored without the firms"):
            run(tmp_path, replications=1, keep_months=[5])
        run(tmp_path / "new", replications=1, keep_months=[5])
        run(tmp_path / "new", replications=1, keep_months=[5])

    @pytest.mark.parametrize("path", ["months", "start", "size_law", "population.firms", "roles.5", "planning.cover"])
    def test_every_kind_of_path_can_be_swept(self, tmp_path: Path, path: str) -> None:
        values = {"months": [6, 12], "start": ["2016-01", "2017-01"], "size_law": ["pp_2021", "uu_20_2008"],
                  "population.firms": [30, 40], "roles.5": [0, 1], "planning.cover": [1.3, 1.4]}  # fmt: skip
        base = small("Base", months=12)
        found = sweep(Design.grid({path: values[path]}), tmp_path, base, replications=2, progress=False)
        assert len(found.settings) == 1
        assert len(found.summary(["jobs"])) == 2

    def test_numbers_that_yaml_leaves_texts_are_numbers(self, tmp_path: Path) -> None:
        found = sweep(Design.grid({"programme.budget": ["1e8"]}), tmp_path, BASE, replications=1, progress=False)
        assert found.runs["programme.budget"].tolist() == [1e8]

    def test_a_copy_of_a_part_is_not_taken_for_one(self, tmp_path: Path) -> None:
        run(tmp_path, replications=1)
        part = parts.parts(tmp_path, "runs")[0]
        part.with_name("part-000001 (1).parquet").write_bytes(part.read_bytes())
        with pytest.raises(InputError, match="is no file of this store, perhaps a copy"):
            run(tmp_path, replications=1)

    def test_a_store_without_a_run_that_ended_is_empty(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise FloatingPointError("too hot")

        monkeypatch.setattr(tasks, "run_batch", broken)
        found = sweep(BUDGETS, tmp_path, BASE, replications=1, progress=False)
        assert len(found.by_run()) == len(found.summary()) == 0
        assert "jobs" in found.by_run().columns
        with pytest.raises(InputError, match=r"no run of .* has ended well"):
            found.to_excel(tmp_path / "empty.xlsx")


@pytest.mark.usefixtures("tiny_parts")
def test_who_stops_it_while_a_part_is_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: pd.DataFrame
) -> None:
    real, calls = parts.write, []

    def stop(table: object, path: Path) -> None:
        calls.append(path)
        if len(calls) == 3 * 2 + 1:
            raise KeyboardInterrupt
        real(table, path)

    with monkeypatch.context() as stopping:
        stopping.setattr(parts, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, n_jobs=1)
    assert len(open_store(tmp_path).runs) >= 3
    pd.testing.assert_frame_equal(run(tmp_path), plain)


def test_tasks_are_cut_by_what_they_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = sweep_plan.plan_sweep(BUDGETS, BASE, 3, keep_months=range(12))
    monkeypatch.setattr(tasks, "MOST_BYTES", 2_000_000)
    wanted = [(plan.points[number], world) for number, world in plan.ids]
    assert all(len(task.runs) <= 2 for task in tasks.tasks(wanted, 1, plan.keep_months, plan.digest))


def test_a_worker_with_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text("sentra,yearly_sales_idr\n" + "kauman,100000000\nlaweyan,200000000\n" * 20, encoding="utf-8")
    plan = sweep_plan.plan_sweep(BUDGETS, BASE.changed(population={"survey": str(file)}), 1)
    (task,) = tasks.tasks([(plan.points[0], 0)], 1, (), plan.digest)
    file.write_text("sentra,yearly_sales_idr\n" + "kauman,100000000\n" * 40, encoding="utf-8")
    with pytest.raises(InputError, match="was changed"):
        tasks.work(task)


def test_another_model_and_another_command_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, replications=1)
    with store.held(tmp_path, model_digest()), pytest.raises(InputError, match="another command writes there"):
        run(tmp_path)
    monkeypatch.setattr(sweep_plan, "model_digest", lambda: "0" * 64)
    with pytest.raises(InputError, match="another version of the model"):
        run(tmp_path)


def test_a_survey_that_is_changed_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "firms.csv"
    file.write_text("sentra,yearly_sales_idr\n" + "kauman,100000000\nlaweyan,200000000\n" * 20, encoding="utf-8")
    base = BASE.changed(population={"survey": str(file)})
    real = sweeping._take

    def change(*arguments: object) -> None:
        file.write_text("sentra,yearly_sales_idr\n" + "kauman,100000000\n" * 40, encoding="utf-8")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeping, "_take", change)
    with pytest.raises(InputError, match="was changed while the simulation ran"):
        sweep(BUDGETS, tmp_path / "store", base, replications=1, progress=False)
    with pytest.raises(InputError, match="has no runs yet"):
        open_store(tmp_path / "store").runs  # noqa: B018 - reading it is the test


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"design": [1, 2]}, "design is a list"),
        ({"design": Design.table(pd.DataFrame({"months": []}))}, "has no points"),
        ({"design": Design.grid({"programme.bugdet": [1]})}, "did you mean 'programme.budget'"),
        ({"design": Design.grid({"programme.budget": [1e8, -1]})}, "point 2 of the design"),
        ({"replications": 0}, "replications"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"base": "base.yaml"}, "sweep: base: is a str"),
        ({"keep_months": [99]}, "99"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    given = {"design": BUDGETS, "store": tmp_path / "store", "base": BASE} | arguments
    with pytest.raises(InputError, match=message):
        sweep(**given)  # type: ignore[arg-type]
    assert not (tmp_path / "store").exists()
