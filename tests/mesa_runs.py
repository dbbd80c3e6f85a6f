"""Scenarios and runs by the Mesa door, for the tests of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ovopsim import Assignment, OvopModel, Programme, Scenario

MONTHS = 24
SMALL = {"synthetic": "surakarta", "firms": 120}
PLAIN = Scenario(months=MONTHS, population=SMALL)
FULL = Scenario(
    name="Fairs, a trial and two shocks",
    months=MONTHS,
    population=SMALL,
    start="2018-07",
    programme=Programme(budget=300_000_000, shares={"exhibition": 0.5, "certification": 0.5}, months=MONTHS),
    assignments=(
        Assignment(lever="management_training", firms={"share": 0.25}, month=3),
        Assignment(lever="cooperative_capital", firms={"sentra": "laweyan"}, month=5),
    ),
    shocks=({"name": "pandemic", "start": 12},),
)
SHORT = Scenario(name="Short", months=3, population=SMALL)


def run_through(scenario: Scenario, **seed: Any) -> OvopModel:
    model = OvopModel(scenario, **seed)
    while model.running:
        model.step()
    return model


def outcomes_of(model: OvopModel) -> pd.DataFrame:
    return model.datacollector.get_model_vars_dataframe()


def firms_of(model: OvopModel) -> pd.DataFrame:
    return model.datacollector.get_agent_vars_dataframe()
