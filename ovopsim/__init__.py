"""ovopsim: what a One Village One Product programme does to Surakarta's batik firms."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ovopsim.comparison import Comparison, compare
from ovopsim.errors import InputError
from ovopsim.parameters.tables import parameter_table
from ovopsim.policy import Assignment, Programme, Scenario, load_scenario, presets
from ovopsim.policy.tables import lever_table
from ovopsim.simulation import Simulation, simulate
from ovopsim.study.design_files import load_design
from ovopsim.study.designs import Design
from ovopsim.study.identity import package_version
from ovopsim.sweeps import Store, open_store, sweep

__version__ = package_version()

# in order of use
__all__ = [
    "simulate",
    "Simulation",
    "compare",
    "Comparison",
    "sweep",
    "Design",
    "load_design",
    "open_store",
    "Store",
    "Scenario",
    "Programme",
    "Assignment",
    "load_scenario",
    "presets",
    "OvopModel",
    "batch_run",
    "to_ema",
    "to_salib_problem",
    "from_salib_sample",
    "salib_outcome",
    "lever_table",
    "parameter_table",
    "InputError",
    "__version__",
]


# Loaded on first use: importing Mesa changes how processes are started, and few need the shapes of other tools.
_LAZY = {
    "OvopModel": "ovopsim.mesa_model",
    "batch_run": "ovopsim.adapters.mesa_batch",
    "to_ema": "ovopsim.adapters.ema",
    "to_salib_problem": "ovopsim.adapters.salib",
    "from_salib_sample": "ovopsim.adapters.salib",
    "salib_outcome": "ovopsim.adapters.salib",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'ovopsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
