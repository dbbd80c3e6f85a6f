"""ovopsim: what a One Village One Product programme does to Surakarta's batik firms."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ovopsim.comparison import Comparison, compare
from ovopsim.errors import InputError
from ovopsim.policy import Assignment, Programme, Scenario, builtin_levers, load_scenario, presets
from ovopsim.simulation import Simulation, simulate

try:
    __version__ = version("ovopsim")
except PackageNotFoundError:  # run from a folder that was never installed
    __version__ = "0.0.0"

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
    "builtin_levers",
    "InputError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name == "OvopModel":  # loaded on first use: importing Mesa changes how processes are started
        from ovopsim.mesa_model import OvopModel

        return OvopModel
    raise AttributeError(f"module 'ovopsim' has no attribute {name!r}")
