"""What all tests share: how hypothesis searches, pictures without a screen, and the compiled core warmed once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.small import small_scenarios

if TYPE_CHECKING:
    from ovopsim.comparison import Comparison
    from ovopsim.study.worlds import ArmRuns

# With NUMBA_DISABLE_JIT=1 the rules run as plain Python: slower, but coverage and planted faults see every branch.
COMPILER_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}

# No deadline: the first example may wait for the compiler. Derandomised: a run of the tests is the same every time.
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=8 if COMPILER_OFF else 25)
settings.register_profile("thorough", deadline=None, max_examples=1000)  # pytest --hypothesis-profile thorough
settings.load_profile("ci")

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def compiler_off() -> bool:
    """Whether the rules run as plain Python."""
    return COMPILER_OFF


@pytest.fixture(scope="session")
def warm_core() -> None:
    """Compile the month, or read it from the cache, before the first test that simulates (once in each worker)."""
    if COMPILER_OFF:
        return
    from ovopsim.policy import Scenario
    from ovopsim.simulation import month_zero, run_scenario

    tiny = Scenario(population={"synthetic": "surakarta", "firms": 30}, months=1)  # type: ignore[arg-type]
    run_scenario(tiny, month_zero(tiny, 1, 0))


@pytest.fixture(scope="session")
def small_arms(warm_core: None) -> dict[str, ArmRuns]:  # noqa: ARG001 - a fixture waits for what it names
    """Three worlds of sixty firms over two years, in five arms that use every kind of lever."""
    from ovopsim.study.plan import planned
    from ovopsim.study.worlds import run_arms

    return run_arms(planned(small_scenarios(), replications=3, keep_months=[11, 23]))


@pytest.fixture(scope="session")
def small_comparison(warm_core: None) -> Comparison:  # noqa: ARG001 - a fixture waits for what it names
    """The same as `compare` returns it."""
    from ovopsim.comparison import compare

    return compare(small_scenarios(), replications=3, progress=False, keep_months=[11, 23])
