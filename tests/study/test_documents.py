"""Results as strict JSON."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.study.documents import plain, rows, to_json


@given(st.floats() | st.integers() | st.booleans() | st.text())
def test_every_value_survives_or_is_null(value: object) -> None:
    found = json.loads(to_json({"value": value}), parse_constant=pytest.fail)["value"]
    assert found == (None if isinstance(value, float) and not np.isfinite(value) else value)


def test_numpy_and_pandas_become_plain() -> None:
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": pd.array([1, None], dtype="Int64"), "c": [True, False]})
    assert rows(frame) == [{"a": 1.5, "b": 1, "c": True}, {"a": None, "b": None, "c": False}]
    assert plain((np.int64(3), np.bool_(True), np.inf)) == [3, True, None]
    assert to_json("Rp ½") == '"Rp \\u00bd"'
