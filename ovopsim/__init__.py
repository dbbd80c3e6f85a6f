"""ovopsim: what a One Village One Product programme does to Surakarta's batik firms."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ovopsim.calibration import Posterior, calibrate, posterior
    from ovopsim.certainty import Certainty, how_sure
    from ovopsim.comparison import Comparison, compare
    from ovopsim.errors import InputError
    from ovopsim.explanation import Explanation, explain
    from ovopsim.parameters.tables import parameter_table
    from ovopsim.policy import Assignment, Programme, Scenario, load_scenario, presets
    from ovopsim.policy.tables import lever_table
    from ovopsim.simulation import Simulation, simulate
    from ovopsim.study.design_files import load_design
    from ovopsim.study.designs import Design
    from ovopsim.sweeps import Store, open_store, sweep
    from ovopsim.trials import TrialResult, trial
    from ovopsim.validation import Validation, validate

    __version__: str

# in order of use
__all__ = [
    "simulate",
    "Simulation",
    "compare",
    "Comparison",
    "explain",
    "Explanation",
    "how_sure",
    "Certainty",
    "sweep",
    "Design",
    "load_design",
    "open_store",
    "Store",
    "trial",
    "TrialResult",
    "validate",
    "Validation",
    "calibrate",
    "Posterior",
    "posterior",
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


# Loaded on first use: the command line must be able to answer while the libraries load, importing Mesa changes how
# processes are started, and few need the shapes of other tools.
_PLACES = {
    "ovopsim.adapters.ema": ("to_ema",),
    "ovopsim.adapters.mesa_batch": ("batch_run",),
    "ovopsim.adapters.salib": ("from_salib_sample", "salib_outcome", "to_salib_problem"),
    "ovopsim.certainty": ("Certainty", "how_sure"),
    "ovopsim.calibration": ("Posterior", "calibrate", "posterior"),
    "ovopsim.comparison": ("Comparison", "compare"),
    "ovopsim.errors": ("InputError",),
    "ovopsim.explanation": ("Explanation", "explain"),
    "ovopsim.mesa_model": ("OvopModel",),
    "ovopsim.parameters.tables": ("parameter_table",),
    "ovopsim.policy": ("Assignment", "Programme", "Scenario", "load_scenario", "presets"),
    "ovopsim.policy.tables": ("lever_table",),
    "ovopsim.simulation": ("Simulation", "simulate"),
    "ovopsim.study.design_files": ("load_design",),
    "ovopsim.study.designs": ("Design",),
    "ovopsim.sweeps": ("Store", "open_store", "sweep"),
    "ovopsim.trials": ("TrialResult", "trial"),
    "ovopsim.validation": ("Validation", "validate"),
}
_LAZY = {name: place for place, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("ovopsim.study.identity").package_version()
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'ovopsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
