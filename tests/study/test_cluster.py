"""A real Dask scheduler and two workers over TCP: the same bits as here, and the death of a worker is survived."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ovopsim.study import parts
from ovopsim.sweeps import open_store
from tests.study.test_sweeping import in_order, run

pytestmark = [pytest.mark.usefixtures("warm_core"), pytest.mark.slow]

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
WORKERS = 2


def dask(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a Dask command; its messages go to a file in the folder."""
    place = folder / f"{arguments[0]}.log"
    with place.open("a", encoding="utf-8") as log:
        command = [sys.executable, "-m", "dask", *arguments]
        return subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log, encoding="utf-8")


def waited(folder: Path, name: str, pattern: str, count: int = 1) -> str:
    """Wait until a log says something so many times; return the first group of the first."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        text = (folder / f"{name}.log").read_text(encoding="utf-8")
        found = re.findall(pattern, text)
        if len(found) >= count:
            return str(found[0])
        time.sleep(0.05)
    raise AssertionError(text)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """Give the address of a scheduler, and its two workers."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    scheduler = dask(folder, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    workers: list[subprocess.Popen[str]] = []
    try:
        address = waited(folder, "scheduler", r"Scheduler at:\s+(tcp://\S+)")
        workers += [
            dask(folder, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(WORKERS)
        ]
        waited(folder, "scheduler", r"(?:Register worker|Starting worker compute stream)", WORKERS)
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def start_sweep(address: str, store: Path) -> subprocess.Popen[str]:
    """Start a sweep of many small tasks on the cluster, in a process of its own, as a user would."""
    code = (
        "from pathlib import Path\n"
        "from ovopsim.cli.sweeping import executor_of\n"
        "from ovopsim.study import sweeping, tasks\n"
        "from tests.study.test_sweeping import run\n"
        "tasks.LARGEST = sweeping.BYTES_OF_A_PART = 1\n"
        "sweeping.IN_FLIGHT = 3\n"
        "if __name__ == '__main__':\n"
        f"    with executor_of({address!r}) as executor:\n"
        f"        run(Path({str(store)!r}), executor=executor)\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("kill", [False, True])
def test_a_cluster_gives_what_this_computer_gives(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[str]]], kill: bool
) -> None:
    address, workers = cluster
    process = start_sweep(address, tmp_path / "far")
    until = time.monotonic() + 120
    while len(parts.parts(tmp_path / "far", "runs")) < 4 and time.monotonic() < until and process.poll() is None:
        time.sleep(0.01)
    if kill:
        workers[0].send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    far = open_store(tmp_path / "far")
    assert set(far.runs["status"]) == {"done"}
    pd.testing.assert_frame_equal(in_order(far.monthly), run(tmp_path / "here"))
