"""The results folder: whole or not at all, never somebody else's, runs never lost."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ovopsim.errors import InputError
from ovopsim.study import moving, store
from ovopsim.study.frames import RunTables, run_tables
from ovopsim.study.worlds import ArmRuns

DIGEST = "0" * 64


@pytest.fixture(scope="module")
def tables(small_arms: dict[str, ArmRuns]) -> RunTables:
    return run_tables(small_arms, 1, DIGEST)


def some(tables: RunTables, scenario: str) -> RunTables:
    """Return the tables of one scenario's runs."""
    runs = tables.runs[tables.runs["scenario"] == scenario]
    ids = set(runs["run_id"])
    return RunTables(
        runs, *(frame[frame["run_id"].isin(ids)].reset_index(drop=True) for frame in (tables.monthly, tables.firms))
    )


def keep(out: Path, tables: RunTables, record: dict[str, Any] | None = None, findings: tuple[str, ...] = ()) -> None:
    with store.opened(out, DIGEST) as workplace:
        store.write_tables(workplace, out, tables)
        for name in findings:
            (workplace / name).write_text("found", encoding="utf-8")
        store.write_record(workplace, out, record or {}, DIGEST)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_plain_pandas_reads_the_tables_back(tmp_path: Path, tables: RunTables) -> None:
    out = tmp_path / "deep" / "results"
    keep(out, tables)
    assert names(out) == {"runs.parquet", "monthly.parquet", "firms.parquet", "run.json"}
    for name in store.TABLES:
        pd.testing.assert_frame_equal(pd.read_parquet(out / f"{name}.parquet"), getattr(tables, name))


def test_the_same_runs_again_change_nothing(tmp_path: Path, tables: RunTables) -> None:
    keep(tmp_path, tables, {"command": ["one"]})
    before = {name: pd.read_parquet(tmp_path / f"{name}.parquet") for name in store.TABLES}
    keep(tmp_path, tables, {"command": ["two"]})
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / f"{name}.parquet"), frame)
    assert [each["command"] for each in store.read_record(tmp_path)["commands"]] == [["one"], ["two"]]


def test_other_runs_are_added(tmp_path: Path, tables: RunTables) -> None:
    keep(tmp_path, some(tables, "Fairs"))
    keep(tmp_path, some(tables, "Nothing"))
    runs, monthly = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("runs", "monthly"))
    assert runs["scenario"].value_counts().to_dict() == {"Fairs": 3, "Nothing": 3}
    assert len(monthly) == 6 * 24
    assert isinstance(pd.read_parquet(tmp_path / "firms.parquet")["sentra"].dtype, pd.CategoricalDtype)


def test_findings_take_the_place_of_earlier_ones(tmp_path: Path, tables: RunTables) -> None:
    keep(tmp_path, tables, findings=("effects.png", "effects.csv"))
    (tmp_path / "my notes.txt").write_text("mine", encoding="utf-8")
    keep(tmp_path, tables, findings=("levels.csv",))
    assert names(tmp_path) >= {"levels.csv", "my notes.txt"}
    assert not names(tmp_path) & {"effects.png", "effects.csv"}


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("dear", encoding="utf-8")
    with pytest.raises(InputError, match="holds something else; name a new or empty folder"):
        store.check(tmp_path, DIGEST)
    assert names(tmp_path) == {"thesis.doc"}


def test_results_of_another_model_are_refused(tmp_path: Path, tables: RunTables) -> None:
    keep(tmp_path, tables)
    store.check(tmp_path, DIGEST)
    with pytest.raises(InputError, match="another version of the model"):
        store.check(tmp_path, "1" * 64)


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_broken_record_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / store.RECORD).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"run\.json cannot be read"):
        store.check(tmp_path, DIGEST)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "results"
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="is a file; name a folder"):
        store.check(path, DIGEST)
    with pytest.raises(InputError, match="cannot be"), store.opened(path / "below", DIGEST):
        pass


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(store.tempfile, "mkdtemp", refuse)
    with (
        pytest.raises(InputError, match=r"cannot be written \(Permission denied\)"),
        store.opened(tmp_path / "a" / "b", DIGEST),
    ):
        pytest.fail("the work has begun")
    assert names(tmp_path) == set()


def keep_and_fail(out: Path, tables: RunTables, error: BaseException) -> None:
    with store.opened(out, DIGEST) as workplace:
        store.write_tables(workplace, out, tables)
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_work_that_ends_early_leaves_no_trace(tmp_path: Path, tables: RunTables, error: BaseException) -> None:
    with pytest.raises(type(error)):
        keep_and_fail(tmp_path / "new" / "results", tables, error)
    assert names(tmp_path) == set()


def test_work_that_ends_early_leaves_earlier_results_as_they_were(tmp_path: Path, tables: RunTables) -> None:
    keep(tmp_path, some(tables, "Fairs"))
    before = contents(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        keep_and_fail(tmp_path, tables, KeyboardInterrupt())
    assert contents(tmp_path) == before


def test_a_move_that_fails_half_way_is_undone(
    tmp_path: Path, tables: RunTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if self.parent.name == "runs.parquet":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        keep(tmp_path / "results", tables)
    assert names(tmp_path) == set()


def test_a_move_that_fails_half_way_puts_back_what_it_replaced(
    tmp_path: Path, tables: RunTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, some(tables, "Fairs"), findings=("effects.csv",))
    before = contents(tmp_path)
    real = Path.replace

    def held(self: Path, target: Path) -> Path:
        if Path(target) == tmp_path / store.RECORD:  # as when another program on Windows has the file open
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(PermissionError):
        keep(tmp_path, some(tables, "Nothing"), findings=("effects.csv", "levels.csv"))
    assert contents(tmp_path) == before


@pytest.mark.parametrize("first", [True, False])
def test_a_move_that_a_crash_cut_short_is_undone_by_the_next_command(
    tmp_path: Path, tables: RunTables, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    if not first:
        keep(tmp_path, some(tables, "Fairs"))
    monkeypatch.setattr(moving, "put_back", lambda *_: None)  # a process that is gone puts nothing back
    real = Path.replace

    def crash(self: Path, target: Path) -> Path:
        if Path(target).parent == tmp_path / "runs.parquet":
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as crashing:
        crashing.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            keep(tmp_path, some(tables, "Trial"))
    monkeypatch.undo()
    assert any(path.name.startswith(moving.WORKPLACE) for path in tmp_path.iterdir())
    keep(tmp_path, some(tables, "Nothing"))
    expected = {"Nothing"} if first else {"Fairs", "Nothing"}
    runs, monthly = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("runs", "monthly"))
    assert set(runs["scenario"]) == expected
    assert set(monthly["run_id"]) == set(runs["run_id"])
    assert names(tmp_path) == {"runs.parquet", "monthly.parquet", "firms.parquet", "run.json"}


def test_of_two_commands_at_once_the_second_is_refused_and_no_run_is_lost(tmp_path: Path, tables: RunTables) -> None:
    out = tmp_path / "results"
    with store.opened(out, DIGEST) as workplace:
        with pytest.raises(InputError, match=r"another command writes there \(process \d+ on .*Wait until it ends"):
            keep(out, some(tables, "Nothing"))
        store.write_tables(workplace, out, some(tables, "Fairs"))
        store.write_record(workplace, out, {}, DIGEST)
    keep(out, some(tables, "Nothing"))
    assert set(pd.read_parquet(out / "runs.parquet")["scenario"]) == {"Fairs", "Nothing"}
    assert names(out) == {"runs.parquet", "monthly.parquet", "firms.parquet", "run.json"}


def test_what_a_killed_first_command_left_is_cleaned(tmp_path: Path, tables: RunTables) -> None:
    left = tmp_path / f"{moving.WORKPLACE}abc"
    left.mkdir()
    (left / "monthly.parquet").write_text("half", encoding="utf-8")
    keep(tmp_path, tables)
    assert names(tmp_path) == {"runs.parquet", "monthly.parquet", "firms.parquet", "run.json"}


def test_the_record_is_moved_last(tmp_path: Path, tables: RunTables, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []
    real = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, target: (moved.append(self.name), real(self, target))[1])
    keep(tmp_path, tables, findings=("zebra.csv",))
    assert moved[-1] == store.RECORD
    document = json.loads((tmp_path / store.RECORD).read_text(encoding="utf-8"))
    assert document["model_digest"] == DIGEST
    assert document["commands"][0]["files"] == ["zebra.csv"]
