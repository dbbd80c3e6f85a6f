"""Named checks of single rules and of their order."""

from __future__ import annotations

import numpy as np

from ovopsim.fields import FIRM, N_PEERS
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Scenario
from ovopsim.rules import environment
from ovopsim.simulation import MonthZero
from tests.worlds import Run, with_values


def cloth_made_is_sold_in_the_same_month(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Production comes before the market: firms without stock sell what they make."""
    run = Run(scenario, start, plain=plain)
    run.world.firms[FIRM.inventory] = 0.0
    moment = next(run.months(1))
    assert moment.outcomes[OUTCOME.sales_idr] > 0.0, "what is made this month cannot be sold this month"


def grants_can_be_used_in_the_same_month(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """The agency comes before production: money granted buys materials in its month."""
    trial = scenario.model_dump() | {"programme": None, "months": 1}
    trial["assignments"] = [{"lever": "cash_grant", "firms": {"share": 1.0}, "month": 0}]
    run = Run(Scenario.model_validate(trial), start, plain=plain)
    run.world.firms[FIRM.cash] = 0.0
    moment = next(run.months(1))
    served = (moment.world.firms[FIRM.active] == 1.0) & (moment.world.firms[FIRM.times_served] > 0.0)
    assert moment.world.firms[FIRM.output, served].sum() > 0.0, "a grant comes too late for this month's materials"


def skills_at_home_stay_there(start: MonthZero, scenario: Scenario, *, plain: bool = False) -> None:
    """Without practice and peers, a skill at its origin does not move (the law's steady state)."""
    quiet = with_values(
        start, learning__practice=np.zeros(4), learning__export_practice=0.0, learning__adoption_rate=0.0
    )
    bare = scenario.model_copy(update={"programme": None, "assignments": (), "start": "2016-02"})
    run = Run(bare, quiet, plain=plain)
    firms = run.world.firms
    skills = (FIRM.craft, FIRM.management, FIRM.bookkeeping, FIRM.technology)
    for row in skills:
        firms[row] = firms[row + 1] = firms[row + 2]
    firms[FIRM.peer_slot : FIRM.peer_slot + 2 * N_PEERS] = -1.0
    at_home = {int(identity): firms[list(skills), slot].copy() for slot, identity in enumerate(firms[FIRM.firm_id])}
    for moment in run.months(11):  # in January firms find new acquaintances
        world = moment.world.firms
        for slot in np.flatnonzero(world[FIRM.active] == 1.0):
            first = at_home.get(int(world[FIRM.firm_id, slot]))
            if first is not None:
                assert np.allclose(world[list(skills), slot], first, atol=1e-12), f"month {moment.step}"


def spending_keeps_its_spread(start: MonthZero, scenario: Scenario, *, plain: bool = True) -> None:
    """The AR(1) of spending has the spread that its parameter says."""
    assert plain or scenario.months
    sd, persistence = float(start.values["environment.spending_sd"][0]), 0.8
    shocks = np.random.default_rng(3).standard_normal(20_000)
    state, path = 0.0, []
    for shock in shocks:
        state = environment.next_state(state, persistence, sd, shock)
        path.append(state)
    assert abs(np.std(path) / sd - 1.0) < 0.05
