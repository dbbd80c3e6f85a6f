"""ovopsim: what a One Village One Product programme does to Surakarta's batik firms."""

from __future__ import annotations

from typing import Any

from ovopsim.comparison import Comparison, compare
from ovopsim.errors import InputError
from ovopsim.parameters.tables import parameters
from ovopsim.policy import Assignment, Programme, Scenario, load_scenario, presets
from ovopsim.policy.tables import levers
from ovopsim.simulation import Simulation, simulate
from ovopsim.study.identity import package_version

__version__ = package_version()

# In order of use. `parameters` is the table of what is assumed; the folder of that name is reached by
# `from ovopsim.parameters import ...`, as every folder of the package.
__all__ = [
    "simulate",
    "Simulation",
    "compare",
    "Comparison",
    "Scenario",
    "Programme",
    "Assignment",
    "load_scenario",
    "presets",
    "OvopModel",
    "levers",
    "parameters",
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
