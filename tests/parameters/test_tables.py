"""What is assumed, as a table."""

from __future__ import annotations

import ovopsim as ov
from ovopsim.parameters.loading import leaf_paths, values


def test_one_row_for_each_number() -> None:
    table = ov.parameter_table().set_index("parameter")
    assert list(table.index) == list(leaf_paths())
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert table.loc["planning.cover", "value"] == values()["planning.cover"]
    assert table.loc["market.outside_share.export", "grade"] in {"measured_here", "measured_elsewhere", "assumption"}
    assert table["unit"].str.len().gt(0).all()
    assert table["about"].str.endswith(".").all()
