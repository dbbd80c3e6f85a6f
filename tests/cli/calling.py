"""What tests of the command line share: two scenarios, and what a call leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

HEAD = "months: 12\npopulation: {synthetic: surakarta, firms: 60}\n"
FAIRS = HEAD + "programme: {budget: 200_000_000, shares: {exhibition: 1}, start: 2}\n"
PAIR = ("nothing.yaml", "fairs.yaml", "--replications", "2")


class Result(NamedTuple):
    code: int
    out: str
    err: str

    def document(self) -> Any:
        """Return the one strict JSON document of standard output, with nothing on standard error."""
        assert (self.code, self.err) == (0, "")
        return json.loads(self.out, parse_constant=pytest.fail)


Call = Callable[..., Result]
