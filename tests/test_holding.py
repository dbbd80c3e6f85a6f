"""Holding, piece by piece: who is found again in another run, and which sums over rivals replace which."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS
from ovopsim.holding import empty_path, hold_firms, hold_market, hold_state, nothing_held, same_firm
from tests.equations import city_of, got, put


def other_run(**firms: tuple[int, float]):  # type: ignore[no-untyped-def]
    """Return the firms of another run by slot: (identity, whether in business)."""
    path = np.zeros((city_of().firms.shape[0], 5))
    path[FIRM.firm_id] = -1.0
    for name, (identity, active) in firms.items():
        slot = int(name.removeprefix("slot_"))
        path[FIRM.firm_id, slot], path[FIRM.active, slot] = identity, active
    return path


@pytest.mark.parametrize(
    ("firms", "found"),
    [
        ({"slot_2": (7, 1.0)}, 2),
        ({"slot_4": (7, 1.0)}, 4),
        ({"slot_2": (8, 1.0), "slot_0": (7, 1.0)}, 0),
        ({"slot_2": (7, 0.0), "slot_3": (7, 1.0)}, 3),
        ({"slot_2": (7, 0.0)}, -1),
        ({"slot_2": (8, 1.0), "slot_3": (9, 1.0)}, -1),
        ({"slot_0": (8, 1.0), "slot_3": (7, 0.0)}, -1),
        ({}, -1),
    ],
)
def test_a_firm_is_the_one_of_its_identity_that_is_in_business(firms: dict[str, tuple[int, float]], found: int) -> None:
    assert same_firm(other_run(**firms), 7.0, 2) == found


def test_only_held_rows_of_firms_that_both_runs_have_are_replaced() -> None:
    world = city_of()
    put(world, 1, active=0.0)
    rows = np.zeros(world.firms.shape[0])
    rows[FIRM.cash] = 1.0
    path = other_run(slot_3=(0, 1.0), slot_1=(1, 1.0), slot_2=(99, 1.0))
    path[FIRM.cash] = (1.0, 2.0, 3.0, 4.0, 5.0)
    path[FIRM.craft] = 0.9
    hold_firms(world, rows, path)
    assert world.firms[FIRM.cash, :3].tolist() == [4.0, 20e6, 20e6]
    assert world.firms[FIRM.craft, :3].tolist() == [0.5] * 3


@pytest.mark.parametrize(("month", "replayed"), [(-1.0, False), (0.0, True), (1.0, True), (2.0, False)])
def test_rivals_are_those_of_the_same_month_of_the_other_run(month: float, replayed: bool) -> None:
    world = city_of()
    world.city[CITY.month] = month
    world.channels[CHANNEL.attraction] = 3.0
    path, record = empty_path(2, 5), empty_path(2, 5)
    path.channels[:, 0] = [[10.0, 11.0, 12.0, 13.0], [20.0, 21.0, 22.0, 23.0]]
    path.channels[:, 1] = 100.0 + path.channels[:, 0]
    hold_market(world, nothing_held()._replace(market=np.ones(1), path=path), record)
    outside, cluster = path.channels[int(month)] if replayed else np.array([[50.0] * N_CHANNELS, [3.0] * N_CHANNELS])
    assert np.array_equal(world.channels[CHANNEL.outside], outside)
    assert np.array_equal(world.channels[CHANNEL.attraction], cluster)
    noted = record.channels[int(month)] if replayed else record.channels
    assert np.array_equal(noted, [outside, cluster]) if replayed else not noted.any()


def test_rivals_stay_when_the_market_is_not_held() -> None:
    world = city_of()
    path = empty_path(1, 5)
    path.channels[:] = 9.0
    hold_market(world, nothing_held()._replace(path=path), empty_path(0, 1))
    assert world.channels[CHANNEL.outside].tolist() == [50.0] * N_CHANNELS


@pytest.mark.parametrize(("month", "noted"), [(-1.0, None), (0.0, 0), (1.0, 1), (2.0, None)])
def test_a_state_is_noted_in_the_row_of_its_month(month: float, noted: int | None) -> None:
    world = city_of()
    world.city[CITY.month] = month
    record = empty_path(2, 5)
    hold_state(world, nothing_held(), record)
    for row in range(2):
        assert np.array_equal(record.firms[row], world.firms) == (row == noted)
        assert np.array_equal(record.sentras[row], world.sentras) == (row == noted)
        assert np.array_equal(record.city[row], world.city) == (row == noted)


def test_places_are_replaced_only_when_they_are_held() -> None:
    path = empty_path(1, 5)
    path.sentras[:] = 4.0
    for held in (0.0, 1.0):
        world = city_of()
        hold_state(world, nothing_held()._replace(places=np.array([held]), path=path), empty_path(0, 1))
        assert (world.sentras == 4.0).all() == bool(held)
        assert got(world, 0, "cash") == 20e6


def test_where_places_are_held_the_slots_in_use_are_the_runs_own() -> None:
    """Held, they would hide its entrants: rules pass over what lies beyond the slots in use."""
    world = city_of()
    world.city[CITY.used_slots], world.city[CITY.ring_length] = 5.0, 4.0
    path = empty_path(1, 5)
    path.city[:] = 2.0
    hold_state(world, nothing_held()._replace(places=np.array([1.0]), path=path), empty_path(0, 1))
    assert (world.city[CITY.used_slots], world.city[CITY.ring_length]) == (5.0, 4.0)
    assert world.city[CITY.wage_level] == world.city[CITY.makers] == 2.0
