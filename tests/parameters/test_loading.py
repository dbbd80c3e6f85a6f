"""Parameters by path: reading, and what a user changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.errors import InputError
from ovopsim.fields import CHANNELS
from ovopsim.parameters.loading import (
    SUBMODELS,
    all_records,
    leaf_paths,
    locate,
    read_records,
    resolved_changes,
    shipped_value,
    values,
)

LEAVES = st.sampled_from(leaf_paths())
SHARE = st.floats(0.0, 1.0)


def inside(path: str, share: float) -> float:
    """Return a value that a share of the hard range lies below."""
    low, high = locate(path)[0].range
    return low + share * (high - low)


def test_a_file_of_records_is_read_by_field(tmp_path: Path) -> None:
    file = tmp_path / "planning.yaml"
    file.write_text(
        "cover: {value: 1_0, unit: months, range: [1, 1e2], grade: assumption, about: Months of stock.}",
        encoding="utf-8",
    )
    assert read_records(file)["cover"].value_of() == 10.0


def test_an_unsound_record_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "planning.yaml"
    file.write_text(
        "cover: {value: 9, unit: months, range: [1, 6], grade: assumption, about: Stock.}", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"^planning.yaml: cover: value 9 lies outside the range 1 to 6\.$"):
        read_records(file)


def test_every_submodel_has_records() -> None:
    assert {path.partition(".")[0] for path in all_records()} == set(SUBMODELS)


def test_arrays_stand_in_the_order_of_the_channels() -> None:
    share = values()["market.outside_share"]
    assert isinstance(share, np.ndarray)
    assert share.tolist() == [shipped_value(f"market.outside_share.{channel}") for channel in CHANNELS]


@given(LEAVES, SHARE)
def test_a_changed_number_changes_and_nothing_else_does(leaf: str, share: float) -> None:
    value = inside(leaf, share)
    plain, changed = values(), values({leaf: value})
    record, member = locate(leaf)
    for path, before in plain.items():
        after = np.atleast_1d(changed[path]).tolist()
        expected = np.atleast_1d(before).tolist()
        if leaf == path:
            expected = [value]
        elif member is not None and leaf == f"{path}.{member}":
            expected[record.members.index(member)] = value
        assert after == expected


def test_the_path_of_a_record_sets_all_members_and_that_of_a_member_counts_for_more() -> None:
    for changes in (
        {"market.outside_share": 0.5, "market.outside_share.export": 0.9},
        {"market.outside_share.export": 0.9, "market.outside_share": 0.5},
    ):
        assert np.asarray(values(changes)["market.outside_share"]).tolist() == [0.5, 0.5, 0.5, 0.9]


def test_arrays_may_be_written_to_without_harm_to_others() -> None:
    np.asarray(values()["market.outside_share"])[:] = 0.0
    assert np.asarray(values()["market.outside_share"]).min() > 0.0


@given(LEAVES)
def test_a_change_to_the_shipped_value_is_no_change(leaf: str) -> None:
    assert resolved_changes({leaf: shipped_value(leaf)}) == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"market.outside_shar.export": 0.9},
            "'market.outside_shar.export' is no parameter; did you mean 'market.outside_share.export'? See 'ovopsim",
        ),
        ({"market.outside_share.exprot": 0.9}, "did you mean 'market.outside_share.export'?"),
        ({"nothing": 0.9}, "parameters: 'nothing' is no parameter."),
        ({"planning.cover": 99.0}, "parameters: 'planning.cover' is 99; it must lie in 1 to 6 (months)."),
        ({"planning.cover": float("nan")}, "'planning.cover' is nan; it must lie in"),
        ({"market.outside_share": 2.0}, "'market.outside_share' is 2; it must lie in"),
    ],
)
def test_a_wrong_change_is_named(changes: dict[str, float], message: str) -> None:
    with pytest.raises(InputError) as caught:
        values(changes)
    assert message in str(caught.value)


def test_all_wrong_changes_are_named_at_once() -> None:
    with pytest.raises(InputError, match=r"cover.*nothing"):
        values({"planning.cover": 99.0, "nothing": 1.0})


def test_a_record_with_several_values_has_no_single_one() -> None:
    with pytest.raises(InputError, match=r"name one: market\.outside_share\.local"):
        shipped_value("market.outside_share")
