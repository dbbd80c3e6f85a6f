"""The state as a NumPy user sees it: an array over firms for each field, and a rule's parameters with array vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ovopsim.fields import fields_of
from ovopsim.packing import TABLES
from ovopsim.simulation import MonthZero


class View:
    """Attributes named as an entity's fields, each a view of its row (or rows) in the entity's matrix."""

    def __init__(self, table: type, matrix: np.ndarray[Any, Any]) -> None:
        for name, (field, row) in fields_of(table).items():
            setattr(self, name, matrix[row] if field.rows == 1 else matrix[row : row + field.rows])

    def __getattr__(self, name: str) -> Any:
        """Refuse a field that the entity does not have."""
        raise AttributeError(name)


def parameters_of(start: MonthZero, submodel: str) -> Any:
    """Return one submodel's parameters as its rule names them; vectors are arrays."""
    kind = TABLES[submodel]
    values = (start.values[f"{submodel}.{field}"] for field in kind._fields)  # type: ignore[attr-defined]
    return kind(*(np.asarray(value, dtype=float) if np.ndim(value) else float(value) for value in values))


PIECE = 2048  # BLAS divides longer products over threads, whose waiting costs more than the product


def dot(one: Any, firms: Any) -> Any:
    """Sum over firms of an array (firms,) or (channels, firms) times an array (firms,)."""
    count = firms.shape[0]
    if count <= PIECE:
        return one @ firms
    pieces = range(0, count, PIECE)
    return sum(one[..., first : first + PIECE] @ firms[first : first + PIECE] for first in pieces)


def over_channels(weights: Any, firms: Any) -> Any:
    """Sum over channels of an array (channels, firms), each channel with its weight."""
    count = firms.shape[1]
    if count <= PIECE:
        return weights @ firms
    total = np.empty(count)
    for first in range(0, count, PIECE):
        np.matmul(weights, firms[:, first : first + PIECE], out=total[first : first + PIECE])
    return total
