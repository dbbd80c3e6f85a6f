"""How long things take, in CPU time of one thread unless it says otherwise; minima of some repeats.

Nothing here is asserted: `experiments/benchmark.py` writes what is found, and the benchmarks of pytest show it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

import ovopsim as ov
from ovopsim.fields import CHANNEL, CITY, FIRM, N_PEERS, SENTRA
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario, builtin_levers, default_programme
from ovopsim.policy.effects import value_of
from ovopsim.simulation import MonthZero, Prepared, month_zero, prepare, run_batch
from ovopsim.state import N_LISTED, World

ROOT = Path(__file__).parents[2]
TILE = 20_000  # firms of a cluster that larger ones are made of, side by side


def scenario_of(firms: int, months: int = 60, scale: float = 1.0) -> Scenario:
    """Return the shipped cluster of so many firms with the whole programme on, money and capacity times `scale`."""
    population = {"synthetic": "surakarta", "firms": firms}
    programme = default_programme()
    programme = programme.changed(budget=scale * programme.budget)
    levers = {
        name: {"capacity": scale * value_of(lever.capacity)}
        for name, lever in builtin_levers().items()
        if scale != 1.0 and lever.capacity is not None
    }
    return Scenario(population=population, months=months, programme=programme, levers=levers)  # type: ignore[arg-type]


def least(work: Callable[[], Any], repeats: int) -> float:
    """Return the least CPU seconds of some repeats."""
    found = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


def tiled(start: MonthZero, times: int) -> MonthZero:
    """Return a cluster made of copies of another, each with its own firms, in markets that many times as large.

    Settling a million firms takes an hour and has nothing to do with what a month costs.
    """
    world = start.world
    used, identities = int(world.city[CITY.used_slots]), int(world.firms[FIRM.firm_id].max()) + 1
    firms = np.concatenate([world.firms[:, :used]] * times + [world.firms[:, used:]], axis=1)
    for copy in range(times):
        own = firms[:, copy * used : (copy + 1) * used]
        own[FIRM.firm_id] += copy * identities
        for rows, step in ((FIRM.peer_slot, copy * used), (FIRM.peer_id, copy * identities)):
            known = own[rows : rows + N_PEERS]
            known[known >= 0.0] += step
    n_slots = firms.shape[1]
    channels, sentras, city = world.channels.copy(), world.sentras.copy(), world.city.copy()
    for row in (CHANNEL.spending_base, CHANNEL.outside_base):
        channels[row] *= times
    for row in (SENTRA.initial_firms, SENTRA.fund, SENTRA.fund_target, SENTRA.lent):
        sentras[row] *= times
    for row in (CITY.makers, CITY.employed, CITY.initial_count):
        city[row] *= times
    city[CITY.used_slots] = times * used
    length = int(city[CITY.ring_length])
    ring = np.zeros((3, n_slots))
    ring[:, : times * length] = np.repeat(world.ring[:, :length], times, axis=1)
    ring[1, : times * length] += np.tile(np.arange(times) * used, length)
    ring[2, : times * length] += np.tile(np.arange(times) * identities, length)
    city[CITY.ring_length] = times * length
    large = World(
        firms,
        channels,
        sentras,
        city,
        world.agency,
        np.repeat(world.served[:1], n_slots, axis=0),
        np.zeros((N_LISTED, 1, n_slots)),
        ring,
    )
    return replace(start, world=large, firms=start.firms * times)


def cluster_of(firms: int, months: int, scale: float = 1.0) -> tuple[Scenario, MonthZero]:
    """Return a scenario and its month-0 state; above `TILE` firms a state of copies. `scale` as in `scenario_of`."""
    scenario = scenario_of(min(firms, TILE), months, scale)
    start = month_zero(scenario, 1, 0)
    return scenario, start if firms <= TILE else tiled(start, firms // TILE)


def firm_months(run: Prepared) -> float:
    """Return the active firm-months of a run that has ended."""
    return float(run.results.monthly[0, :, OUTCOME.firms].sum())


class Cost(NamedTuple):
    """What a run costs in CPU time.

    Attributes
    ----------
    month : float
        Nanoseconds for an active firm-month; set-up, burn-in and writing apart.
    whole : float
        The same with the copy of the month-0 state.
    fork : float
        Nanoseconds for a firm, once in a run: the month-0 state is copied.
    """

    month: float
    whole: float
    fork: float


def run_cost(firms: int, months: int, repeats: int, scale: float = 1.0) -> Cost:
    """Return what a run costs, its months and its start apart. `scale` as in `scenario_of`."""
    scenario, start = cluster_of(firms, months, scale)
    run = prepare(scenario, start)
    run.go()  # compile, and touch the memory: a page that is new costs as much as a thousand firms
    whole, fork = least(run.go, repeats), least(lambda: run.go(months=0), repeats)
    lived = firm_months(run)
    return Cost((whole - fork) * 1e9 / lived, whole * 1e9 / lived, fork * 1e9 / start.firms)


def set_up_cost(firms: int) -> float:
    """Return CPU seconds for a month-0 state: population, inversion, burn-in."""
    scenario = scenario_of(firms)
    month_zero(scenario, 1, 0)
    return least(lambda: month_zero(scenario, 1, 1), 3)


def batch_rate(threads: int, firms: int = 200, months: int = 120, arms: int = 32, rounds: int = 4) -> float:
    """Return policy runs in a second of wall time on so many threads, month-0 states apart."""
    scenario = scenario_of(firms, months)
    starts = [month_zero(scenario, 1, world) for world in range(rounds * threads)]
    run_batch([scenario], starts[0])
    before = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda start: run_batch([scenario] * arms, start), starts))
    return len(starts) * arms / (time.perf_counter() - before)


def factorial(replications: int, firms: int = 200, months: int = 120) -> dict[str, float]:
    """Return wall seconds, runs and stored bytes of the factorial of the seven roles."""
    base = Scenario(months=months, population={"synthetic": "surakarta", "firms": firms})  # type: ignore[arg-type]
    with TemporaryDirectory() as folder:
        ov.sweep(ov.Design.roles(), Path(folder) / "warm", base.changed(months=1), replications=1, progress=False)
        before = time.perf_counter()
        found = ov.sweep(ov.Design.roles(), Path(folder) / "store", base, replications=replications, progress=False)
        wall = time.perf_counter() - before
        size = sum(path.stat().st_size for path in found.path.rglob("*") if path.is_file())
        return {"wall_s": wall, "runs": float(found.runs["run_id"].nunique()), "store_bytes": float(size)}


def peak_memory(call: str) -> dict[str, float]:
    """Return what a call of this module gives in a process of its own, and that process's peak memory in gigabytes."""
    code = (
        "import json\nfrom tests.benchmarks import measuring\n"
        f"found = measuring.{call}\n"
        "print(json.dumps({'found': found, 'gigabytes': measuring.own_peak()}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def own_peak() -> float:
    """Return this process's peak memory in gigabytes (Linux and macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e9 if sys.platform == "darwin" else peak / 1e6
