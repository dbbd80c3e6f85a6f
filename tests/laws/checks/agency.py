"""Named checks of the agency's laws: no money, no effect; before the start, nothing; more money, more firms."""

from __future__ import annotations

import numpy as np

from ovopsim.fields import AGENCY, CITY, FIRM, SENTRA
from ovopsim.policy import Programme, Scenario
from ovopsim.rules.agency.tables import LEVER, TO_FIRMS
from ovopsim.simulation import MonthZero
from ovopsim.state import DELIVERIES
from tests.worlds import Run, same_bits


def with_programme(scenario: Scenario, **changes: object) -> Scenario:
    """Return the scenario with its programme changed key by key."""
    assert scenario.programme is not None
    programme = Programme.model_validate(scenario.programme.model_dump() | changes)
    return scenario.model_copy(update={"programme": programme})


def no_money_no_effect(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """A programme without money is bit-identical to none."""
    poor = Run(with_programme(scenario, budget=0.0), start, plain=plain)
    none = Run(scenario.model_copy(update={"programme": None}), start, plain=plain)
    for one, other in zip(poor.months(scenario.months), none.months(scenario.months), strict=True):
        assert same_bits(one.world, other.world), f"month {one.step}: a programme without money acts"
        assert one.outcomes.tobytes() == other.outcomes.tobytes(), f"month {one.step}"
        assert one.ledger.flows.tobytes() == other.ledger.flows.tobytes(), f"month {one.step}"


def nothing_before_the_start(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Before the programme's first month the run is bit-identical to one without it; later it is not."""
    assert scenario.programme is not None
    first = scenario.programme.start
    run = Run(scenario, start, plain=plain)
    none = Run(scenario.model_copy(update={"programme": None}), start, plain=plain)
    for one, other in zip(run.months(first), none.months(first), strict=True):
        assert same_bits(one.world, other.world), f"month {one.step}: the programme begins in month {first}"
    assert not same_bits(run.all(1), none.all(1)), "a programme with money does nothing in its first month"


def recipients(run: Run) -> list[set[int]]:
    """Return the identities of the firms that each lever has served so far."""
    served = run.world.served[:, :, DELIVERIES].T
    ids = run.world.firms[FIRM.firm_id]
    return [{int(ids[slot]) for slot in np.flatnonzero(row > 0.0)} for row in served]


def more_money_serves_the_same_and_more(
    start: MonthZero, scenario: Scenario, factor: float = 3.0, *, plain: bool = False
) -> None:
    """In one round from one state, the recipients of a smaller budget are among those of a larger one."""
    assert scenario.programme is not None
    budget = scenario.programme.budget
    runs = [Run(with_programme(scenario, budget=each), start, plain=plain) for each in (budget, factor * budget)]
    for run in runs:
        run.all(scenario.programme.start)
    assert same_bits(runs[0].world, runs[1].world)
    small, large = (recipients(run) for run in runs if run.all(1))
    for lever, (few, many) in enumerate(zip(small, large, strict=True)):
        assert few <= many, f"lever {lever}: a larger budget leaves out {few - many}"


def deliveries_keep_to_capacity(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Each lever delivers at most its capacity a month, and spends its units' full cost."""
    run = Run(scenario.model_copy(update={"assignments": ()}), start, plain=plain)
    table = run.levers.table
    to_firms = table[LEVER.to] == TO_FIRMS
    overhead = float(start.values["agency.overhead"])
    for moment in run.months(scenario.months):
        delivered, spent = moment.world.agency[AGENCY.delivered], moment.world.agency[AGENCY.spent]
        assert np.all(delivered[to_firms] <= table[LEVER.capacity, to_firms]), f"month {moment.step}: above capacity"
        assert np.allclose(spent, delivered * table[LEVER.unit_cost] / (1.0 - overhead), rtol=1e-9), moment.step


def amenity_fades(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Without works, a place's amenity returns to 1 at its upkeep rate, and governance to its base."""
    run = Run(scenario.model_copy(update={"programme": None, "assignments": ()}), start, plain=plain)
    sentras = run.world.sentras
    sentras[SENTRA.amenity] = (1.5, 1.0, 2.0)
    sentras[SENTRA.governance] = 0.9
    run.world.city[CITY.knowledge] = 50.0
    base = sentras[SENTRA.governance_base].copy()
    kept, ruled, known = (
        1.0 - float(start.values[f"agency.{name}"]) for name in ("amenity_upkeep", "governance_fade", "knowledge_fade")
    )
    for moment in run.months(scenario.months):
        months = moment.step + 1
        sentras = moment.world.sentras
        assert np.allclose(sentras[SENTRA.amenity] - 1.0, np.array([0.5, 0.0, 1.0]) * kept**months, atol=1e-12)
        assert np.allclose(sentras[SENTRA.governance] - base, (0.9 - base) * ruled**months, atol=1e-12)
        assert np.isclose(moment.world.city[CITY.knowledge], 50.0 * known**months, atol=1e-12)


def newcomers_wait_for_the_next_list(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Who moves into the slot of a listed firm is not served in its place."""
    lever = {"capacity": 1, "acceptance": {"intercept": 100.0}, "requires": {"minimum_age": 0, "not_served_within": 0}}
    programme = {"budget": 1e10, "shares": {"cash_grant": 1.0}}
    one_a_month = Scenario(months=3, start=scenario.start, levers={"cash_grant": lever}, programme=programme)
    number = list(one_a_month.all_levers).index("cash_grant")
    run = Run(one_a_month, start, plain=plain)
    run.all(1)
    listed = run.world.lists[0, number, : int(run.world.agency[AGENCY.listed, number])].astype(int)
    waiting = [slot for slot in listed if run.world.served[slot, number, DELIVERIES] == 0.0]
    slot = next(slot for slot in waiting if run.world.firms[FIRM.active, slot] == 1.0)
    run.world.firms[FIRM.firm_id, slot] = 1e6
    moments = list(run.months(2))
    assert moments[-1].world.agency[AGENCY.total_delivered, number] == 3.0
    assert run.world.served[slot, number, DELIVERIES] == 0.0, "served in the place of another"
