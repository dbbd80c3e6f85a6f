"""From inputs to results: month 0, one run, many replications.

The month-0 state depends on population, parameters and replication alone; every scenario that shares these starts
from a copy of it (`MonthZero`), so that paired arms differ only in what the agency does.
"""

from ovopsim.simulation.batch import BatchRun, failed, run_batch
from ovopsim.simulation.checks import check_scenario, whole_number
from ovopsim.simulation.frames import (
    RECORDED,
    dates_of,
    firm_columns,
    firms_frame,
    kept_tables,
    monthly_columns,
    monthly_frame,
    units_delivered,
)
from ovopsim.simulation.hook import Cluster
from ovopsim.simulation.runs import Prepared, RunArrays, check_room, prepare, run_scenario, trial
from ovopsim.simulation.simulate import Simulation, simulate
from ovopsim.simulation.start import MonthZero, calendar_of, month_zero, parameter_values, population_key

__all__ = [
    "RECORDED",
    "BatchRun",
    "Cluster",
    "MonthZero",
    "Prepared",
    "RunArrays",
    "Simulation",
    "calendar_of",
    "check_room",
    "check_scenario",
    "dates_of",
    "failed",
    "firm_columns",
    "firms_frame",
    "kept_tables",
    "month_zero",
    "monthly_columns",
    "monthly_frame",
    "parameter_values",
    "population_key",
    "prepare",
    "run_batch",
    "run_scenario",
    "simulate",
    "trial",
    "units_delivered",
    "whole_number",
]
