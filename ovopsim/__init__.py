"""ovopsim: what a One Village One Product programme does to Surakarta's batik firms."""

from __future__ import annotations

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
    "lever_table",
    "parameter_table",
    "InputError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name == "OvopModel":  # loaded on first use: importing Mesa changes how processes are started
        from ovopsim.mesa_model import OvopModel

        return OvopModel
    raise AttributeError(f"module 'ovopsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
