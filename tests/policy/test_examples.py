"""The examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["canonical", "effects", "levers", "presets", "scenario", "schema", "shocks"])
def test_examples_in_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"ovopsim.policy.{name}")).failed == 0
