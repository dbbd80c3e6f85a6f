"""Named checks of randomness: common random numbers, births with names of their own, one purpose for each key."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

import ovopsim.draws
from ovopsim.fields import CITY, FIRM, N_PEERS, Reals
from ovopsim.policy import Scenario
from ovopsim.rules.entry_and_exit.closing import vacate
from ovopsim.simulation import MonthZero
from tests.worlds import Moment, Run, with_values

PEERS = range(FIRM.peer_slot, FIRM.peer_slot + 2 * N_PEERS)
# whom a newcomer meets depends on who is there; all the rest is the newcomer's own
OWN_ROWS = [row for row in range(FIRM.peer_id + N_PEERS) if row not in PEERS]


def draws_by_firm(moment: Moment, active: Reals) -> dict[int, bytes]:
    """Return the month's draws of every firm that was in business when it began."""
    scratch = moment.scratch
    return {
        int(scratch.ids[slot]): scratch.shocks[:3, slot].tobytes() + scratch.uniforms[:, slot].tobytes()
        for slot in np.flatnonzero(active == 1.0)
    }


def newcomers(moment: Moment, known: set[int]) -> dict[int, Reals]:
    """Return the firms of the month that were not known before, by identity."""
    firms = moment.world.firms
    ids = {int(firms[FIRM.firm_id, slot]): slot for slot in np.flatnonzero(firms[FIRM.active] == 1.0)}
    return {identity: firms[OWN_ROWS, slot].copy() for identity, slot in ids.items() if identity not in known}


def others_draw_the_same(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """When a firm is gone, all others draw what they would have drawn; who starts in both cities is the same person."""
    one, other = Run(scenario, start, plain=plain), Run(scenario, start, plain=plain)
    gone = int(np.flatnonzero(other.world.firms[FIRM.active] == 1.0)[0])
    vacate(other.world.firms, np.array([gone]))
    known = {int(identity) for identity in start.world.firms[FIRM.firm_id] if identity >= 0}
    active = [run.world.firms[FIRM.active].copy() for run in (one, other)]
    for here, there in zip(one.months(scenario.months), other.months(scenario.months), strict=True):
        draws = [draws_by_firm(moment, was) for moment, was in zip((here, there), active, strict=True)]
        shared = draws[0].keys() & draws[1].keys()
        assert all(draws[0][identity] == draws[1][identity] for identity in shared), f"month {here.step}: other draws"
        born = [newcomers(moment, known) for moment in (here, there)]
        for identity in born[0].keys() & born[1].keys():
            assert np.array_equal(born[0][identity], born[1][identity]), f"month {here.step}: another person"
        known |= born[0].keys() | born[1].keys()
        active = [moment.world.firms[FIRM.active].copy() for moment in (here, there)]


def saved_incumbents_rename_no_birth(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """When nobody closes and entry does not answer to profit, the same people start in the same months."""
    fixed = with_values(start, entry_and_exit__entry_response=0.0)
    fixed.world.city[CITY.start_profit] = 0.0  # as before month 0: profit does not matter, not even a loss
    saved = with_values(
        fixed, entry_and_exit__background=0.0, entry_and_exit__quit_rate=0.0, entry_and_exit__distress_rate=0.0
    )
    known = {int(identity) for identity in start.world.firms[FIRM.firm_id] if identity >= 0}
    ways = zip(
        Run(scenario, fixed, plain=plain).months(scenario.months),
        Run(scenario, saved, plain=plain).months(scenario.months),
        strict=True,
    )
    for here, there in ways:
        born = [newcomers(moment, known) for moment in (here, there)]
        assert born[0].keys() == born[1].keys(), f"month {here.step}: births {born[0].keys()} and {born[1].keys()}"
        for identity, person in born[0].items():
            assert np.array_equal(person, born[1][identity]), f"month {here.step}: another person"
        known |= born[0].keys()


@contextmanager
def watched_draws() -> Iterator[dict[tuple[int, int, int, int], Counter[str]]]:
    """Note for each key (process, entity, time, index) the places in the code that ask for it, and how often."""
    asked: dict[tuple[int, int, int, int], Counter[str]] = defaultdict(Counter)
    before = ovopsim.draws.block

    def watched(key, process, entity, month, index):  # type: ignore[no-untyped-def]
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename == ovopsim.draws.__file__:
            frame = frame.f_back
        place = f"{frame.f_code.co_filename}:{frame.f_code.co_name}:{frame.f_lineno}"
        asked[int(process), int(entity), int(month), int(index)][place] += 1
        return before(key, process, entity, month, index)

    ovopsim.draws.block = watched
    try:
        yield asked
    finally:
        ovopsim.draws.block = before


def no_key_serves_two_purposes(start: MonthZero, scenario: Scenario, *, plain: bool = True) -> None:
    """Every key that a run asks for is asked for by one place in the code."""
    assert plain, "only plain Python can be watched"
    with watched_draws() as asked:
        Run(scenario, start, plain=True).all(scenario.months)
    assert len(asked) > 1000
    shared = {key: places for key, places in asked.items() if len(places) > 1}
    assert shared == {}
