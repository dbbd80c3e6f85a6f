"""What is asked for is checked before anything runs, and the message says what would be right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ovopsim import InputError, Scenario, compare, simulate
from ovopsim.simulation.checks import check_numbers, check_scenario, kept_months, whole_number

PLAIN = Scenario(months=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, r"seed: is -1; give 0 or more\."),
        ({"seed": 1.5}, r"seed: is 1\.5, not a whole number; give 0 or more\."),
        ({"seed": True}, "seed: is True, not a whole number"),
        ({"replications": 0}, r"replications: is 0; give at least 1\."),
        ({"replications": 1.5}, r"replications: is 1\.5, not a whole number; give at least 1\."),
        ({"replications": "8"}, "replications: is '8', not a whole number"),
        ({"scenario": "fairs.yaml"}, r"scenario: is a str, not a Scenario; read a file with load_scenario\(path\)"),
        ({"scenario": ""}, "scenario: is a str"),
        ({"scenario": PLAIN, "keep_months": [3]}, r"keep_months: 3 is no month of a run; they go from 0 to 2\."),
        ({"scenario": PLAIN, "keep_months": [1.5]}, r"keep_months: 1\.5 is no month"),
        ({"scenario": PLAIN, "keep_months": ["last"]}, "keep_months: 'last' is no month"),
        ({"scenario": PLAIN, "keep_months": 2}, "keep_months: is 2; give a list of months, each from 0 to 2"),
    ],
)
def test_simulate_refuses(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"scenarios": [PLAIN, PLAIN]},
            r"scenarios is a list, not a dictionary; give each scenario a name",
        ),
        ({"scenarios": {}}, "at least one scenario"),
        ({"scenarios": {"b": "x.yaml"}}, r"compare: 'b': is a str, not a Scenario; read a file with load_scenario"),
        ({"scenarios": {1: PLAIN}}, "compare: 1 is no name of a scenario"),
        ({"seed": "x"}, "seed: is 'x', not a whole number; give 0 or more"),
        ({"replications": 1}, r"replications: is 1; an interval needs at least 2\."),
        ({"replications": 2.5}, r"replications: is 2\.5, not a whole number"),
        ({"n_jobs": 0.5}, r"n_jobs: is 0\.5, not a whole number; give 1 or more, or leave it out for all cores\."),
        ({"keep_months": 2}, "keep_months: is 2; give a list"),
        ({"baseline": ["a"]}, r"baseline: '\['a'\]' is none of the scenarios \(a\)"),
    ],
)
def test_compare_refuses(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        compare(**{"scenarios": {"a": PLAIN}} | arguments)


def test_what_is_right_passes() -> None:
    assert check_scenario(PLAIN) is PLAIN
    assert whole_number("seed", np.int64(3), 0) == 3
    assert type(whole_number("seed", np.int64(3), 0)) is int
    assert kept_months(iter([2, np.int64(0), 2]), 3) == (0, 2)
    assert kept_months(range(3), 3) == (0, 1, 2)
    check_numbers(1, 0)
    check_numbers(np.int64(2), 0, 1, least=2)
