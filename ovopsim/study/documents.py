"""Results as plain JSON: no NaN, no infinity, no NumPy; what is not a number is null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def plain(value: Any) -> Any:
    """Return a value made of dict, list, str, int, finite float, bool and None.

    Examples
    --------
    >>> plain({"a": np.float64(0.5), "b": float("nan"), "c": (1, np.int64(2))})
    {'a': 0.5, 'b': None, 'c': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as plain rows."""
    found: list[dict[str, Any]] = plain(frame.to_dict("records"))
    return found


def to_json(document: Any) -> str:
    """Return strict JSON in ASCII, which every terminal can print."""
    return json.dumps(plain(document), indent=2, allow_nan=False)
