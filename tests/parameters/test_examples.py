"""The examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = ["ovopsim.errors"] + [
    f"ovopsim.parameters.{name}"
    for name in ("checking", "evidence", "loading", "money", "records", "variation", "yaml_files")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
