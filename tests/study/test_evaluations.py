"""The store of a calibration: whole lines only, one calibration in a folder, nothing run twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ovopsim.errors import InputError
from ovopsim.study.evaluations import LINES, Evaluation, Work, evaluate, opened

ASKED = {"seed": 1, "targets": {"sum": [0.0, 1.0]}}


def total(values: Mapping[str, float], replication: int) -> dict[str, float]:
    if values["a"] > 0.95:
        raise ValueError("too much")
    return {"sum": values["a"] + replication, "odd": np.inf if values["a"] > 0.5 else 0.0}


def points(count: int) -> list[dict[str, float]]:
    return [{"a": number / count} for number in range(count)]


def worked(folder: Path, count: int = 10, names: tuple[str, ...] = ("sum",), **more: Any) -> list[Evaluation]:
    with opened(folder, ASKED) as store:
        evaluate(store, 1, points(count), Work(more.pop("simulate", total), names, 3, **more), lambda: None)
        return store.of_waves(1)


def test_what_is_stored_is_what_was_found(tmp_path: Path) -> None:
    found = worked(tmp_path / "store")
    with opened(tmp_path / "store", ASKED) as store:
        assert store.of_waves(1) == found
    assert vars(found[4])["values"] == {"a": 0.4}
    assert found[4].means(["sum"]) == pytest.approx([1.4])
    assert found[4].variances(["sum"]) == pytest.approx([1.0 / 3.0])


def test_threads_do_not_change_the_order_of_what_is_read(tmp_path: Path) -> None:
    assert worked(tmp_path / "one", n_jobs=1) == worked(tmp_path / "four", n_jobs=4)


def test_nothing_is_run_twice_and_a_line_that_was_cut_off_is_run_again(tmp_path: Path) -> None:
    worked(tmp_path, 6, n_jobs=1)
    lines = tmp_path / LINES
    lines.write_bytes(lines.read_bytes()[:-20])
    asked: list[float] = []

    def counting(values: Mapping[str, float], replication: int) -> dict[str, float]:
        asked.append(values["a"])
        return total(values, replication)

    found = worked(tmp_path, 6, simulate=counting)
    assert sorted(set(asked)) == [5 / 6]
    assert [each.point for each in found] == list(range(6))
    assert len(lines.read_text(encoding="utf-8").splitlines()) == 6


def test_an_interrupt_leaves_what_had_ended(tmp_path: Path) -> None:
    done = threading.Event()

    def tick() -> None:
        done.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), opened(tmp_path, ASKED) as store:
        evaluate(store, 1, points(8), Work(total, ("sum",), 2, n_jobs=1), tick)
    with opened(tmp_path, ASKED) as store:
        stored = store.of_waves(1)
    assert [each.point for each in stored] == list(range(len(stored)))
    assert 1 <= len(stored) <= 8


def test_a_point_that_fails_says_why_and_others_go_on(tmp_path: Path) -> None:
    found = worked(tmp_path, 100)
    reasons = [each.reason for each in found]
    assert reasons[:96] == [""] * 96
    assert reasons[96:] == ["ValueError: too much"] * 4
    assert np.isnan(found[-1].means(["sum"])).all()
    odd = worked(tmp_path / "odd", 10, ("odd",))
    assert odd[7].reason == "odd: not a finite number."
    assert [json.loads(line) for line in (tmp_path / LINES).read_text(encoding="utf-8").splitlines()]


def test_of_a_pair_means_are_divided(tmp_path: Path) -> None:
    def pairs(values: Mapping[str, float], replication: int) -> dict[str, Any]:
        return {"sum": (values["a"] * 2.0**replication, 2.0**replication - 1.0), "zero": (values["a"], 0.0)}

    found = worked(tmp_path, 4, simulate=pairs)
    assert found[1].means(["sum"]) == pytest.approx([0.25 * 7.0 / 4.0])
    residual = (0.25 * np.array([1.0, 2.0, 4.0]) - 0.25 * 7.0 / 4.0 * np.array([0.0, 1.0, 3.0])) / (4.0 / 3.0)
    assert found[1].variances(["sum"]) == pytest.approx([np.var(residual, ddof=1) / 3.0])
    with opened(tmp_path, ASKED) as store:
        assert store.of_waves(1) == found
    zero = worked(tmp_path / "zero", 4, ("zero",), simulate=pairs)
    assert {each.reason for each in zero} == {"zero: not a finite number."}


def test_a_reason_may_hold_what_ends_a_line_elsewhere(tmp_path: Path) -> None:
    def failing(values: Mapping[str, float], replication: int) -> dict[str, float]:
        raise ValueError(f"{values['a'] + replication} one\u2028two\x85three\nfour")

    found = worked(tmp_path, 2, simulate=failing)
    assert found[0].reason.endswith("one\u2028two\x85three\nfour")
    with opened(tmp_path, ASKED) as store:
        assert store.of_waves(1) == found


def test_a_fault_of_the_computer_is_no_result_and_is_tried_again(tmp_path: Path) -> None:
    broken = [True]

    def reading(values: Mapping[str, float], replication: int) -> dict[str, float]:
        if broken[0] and values["a"] > 0.5:
            raise OSError(24, "Too many open files")
        return total(values, replication)

    with pytest.raises(InputError, match=r"point \d+ of wave 1 could not be run \(OSError.*Too many open files"):
        worked(tmp_path, simulate=reading, n_jobs=1)
    broken[0] = False
    assert [each.reason for each in worked(tmp_path, simulate=reading, n_jobs=1)] == [""] * 10


def test_a_target_that_is_not_simulated_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'profit' is none of what is simulated: odd, sum"):
        worked(tmp_path, names=("profit",))
    with opened(tmp_path, ASKED | {"seed": 2}):  # nothing was stored: the mistake can be mended in the same folder
        pass


def test_points_of_a_wave_are_kept_whole(tmp_path: Path) -> None:
    chosen = pd.DataFrame({"a": np.random.default_rng(1).random(5), "b": 0.1})
    with opened(tmp_path, ASKED) as store:
        assert store.wave(2) is None
        store.plan(2, chosen, {"log_normaliser": -1.5})
    with opened(tmp_path, ASKED) as store:
        pd.testing.assert_frame_equal(store.wave(2), chosen)
        assert store.note(2) == {"log_normaliser": -1.5}


def test_another_calibration_or_another_folder_is_refused(tmp_path: Path) -> None:
    worked(tmp_path / "store")
    with (
        pytest.raises(InputError, match="another calibration, which differs in seed"),
        opened(tmp_path / "store", ASKED | {"seed": 2}),
    ):
        pass
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds something else"), opened(tmp_path, ASKED):
        pass
    with (
        opened(tmp_path / "store", ASKED),
        pytest.raises(InputError, match="another command writes there"),
        opened(tmp_path / "store", ASKED),
    ):
        pass


def test_a_line_that_is_no_evaluation_is_named(tmp_path: Path) -> None:
    worked(tmp_path, 2)
    with (tmp_path / LINES).open("a", encoding="utf-8") as file:
        file.write("{}\n")
    with pytest.raises(InputError, match="line 3 cannot be read"), opened(tmp_path, ASKED):
        pass
