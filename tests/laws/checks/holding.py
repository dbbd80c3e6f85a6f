"""Named checks of holding: nothing held is the plain run, everything held is no effect, a group held is replaced."""

from __future__ import annotations

import numpy as np

from ovopsim.fields import CHANNEL, FIRM
from ovopsim.holding import Held, Path, everything_held, nothing_held
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy import Scenario
from ovopsim.simulation import MonthZero
from ovopsim.state import rows_in_group
from tests.worlds import Run, same_bits

AGENCY_OUTCOMES = {"spent_idr", "lapsed_idr"}


def untreated(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> tuple[Run, list[np.ndarray]]:
    """Run the scenario without programme and trials, keeping its path; return the run and its outcomes."""
    bare = scenario.model_copy(update={"programme": None, "assignments": ()})
    run = Run(bare, start, plain=plain, record=scenario.months)
    return run, [moment.outcomes for moment in run.months(scenario.months)]


def everything_held_is_no_effect(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """With the whole state held at the untreated path, a programme has exactly no effect."""
    control, outcomes = untreated(start, scenario, plain=plain)
    held = Run(scenario, start, plain=plain, held=everything_held(control.path))
    own = [place for place, name in enumerate(OUTCOMES) if name not in AGENCY_OUTCOMES]
    for moment, wanted in zip(held.months(scenario.months), outcomes, strict=True):
        assert np.array_equal(moment.outcomes[own], wanted[own]), f"month {moment.step}: held, and yet an effect"
    for part in ("firms", "channels", "sentras", "city"):
        assert np.array_equal(getattr(held.world, part), getattr(control.world, part)), part


def nothing_held_is_the_plain_run(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """A path that holds no row changes no bit, and neither does recording."""
    control, _ = untreated(start, scenario, plain=plain)
    simple = Run(scenario, start, plain=plain)
    idle = nothing_held()._replace(path=control.path)
    watched = Run(scenario, start, plain=plain, held=idle, record=scenario.months)
    for one, other in zip(simple.months(scenario.months), watched.months(scenario.months), strict=True):
        assert same_bits(one.world, other.world), f"month {one.step}"
        assert np.array_equal(one.outcomes, other.outcomes), f"month {one.step}"


def group_held(path: Path, group: str) -> Held:
    """Return the object that holds one attribute group of firms."""
    held = nothing_held()._replace(path=path)
    held.rows[rows_in_group(group)] = 1.0
    return held


def a_group_held_is_replaced(start: MonthZero, scenario: Scenario, group: str, *, plain: bool = False) -> None:
    """After the agency, every firm that both runs have shows the held attributes of the untreated run."""
    control, _ = untreated(start, scenario, plain=plain)
    run = Run(scenario, start, plain=plain, held=group_held(control.path, group), record=scenario.months)
    run.all(scenario.months)
    rows = rows_in_group(group)
    for month in range(scenario.months):
        columns = []
        for path in (run.path, control.path):
            firms = path.firms[month]
            active = np.flatnonzero(firms[FIRM.active] == 1.0)
            columns.append({firms[FIRM.firm_id, slot]: firms[rows, slot] for slot in active})
        for identity in columns[0].keys() & columns[1].keys():
            assert np.array_equal(columns[0][identity], columns[1][identity]), f"month {month}: {group} not held"


def the_market_held_is_replaced(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Firms sell against the rivals of the untreated run."""
    control, _ = untreated(start, scenario, plain=plain)
    held = nothing_held()._replace(path=control.path)
    held.market[0] = 1.0
    run = Run(scenario, start, plain=plain, held=held)
    for moment in run.months(scenario.months):
        sums = moment.world.channels[[CHANNEL.outside, CHANNEL.attraction]]
        assert np.array_equal(sums, control.path.channels[moment.step]), f"month {moment.step}: rivals not held"
