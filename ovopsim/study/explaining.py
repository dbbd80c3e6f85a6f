"""Runs that show through what an effect works: attributes of firms, or what rivals do, are held at the baseline's path.

A run *holds* an attribute group when after the agency's rule of every month each firm's rows of that group are replaced
by those that the same firm has in the baseline's run of the same world (`holding.py`); a firm that is not in business
there is left as it is. It holds the market when the sums over sellers by which buyers choose are those of the baseline.

In each world, with all effects taken on means of the last twelve months against the baseline:

- w is the *whole* effect: nothing held;
- v(S), for each of the 2⁴ sets S of the groups capital, skill, technology and market access, is the effect with the
  market held, the groups of S free and the others held.

The parts, computed in each world:

- *group* g: φ_g, its Shapley value in the game v;
- *other channels*: v(∅), what is left when all four groups and the market are held: places, cooperatives, knowledge,
  certificates, licences, terms of credit, taxes, days away, and firms that the baseline has not got;
- *market spillovers*: w − v(all four), by how much the effect with all groups free differs when the market is free too.

Since Σ φ_g = v(all four) − v(∅), the parts sum to the whole in every world:
Σ φ_g + v(∅) + (w − v(all four)) = w. The game is played with the market held because with it free each group's part
would contain the spillovers that have a part of their own: they would be counted twice, and the sum would not hold.
Firms also meet where workers, a cooperative's fund and knowledge are shared; what comes of that stays with the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.holding import Held, Path, nothing_held
from ovopsim.policy.scenario import Scenario
from ovopsim.simulation import MonthZero, check_scenario, month_zero, run_scenario
from ovopsim.simulation.checks import check_numbers
from ovopsim.state import GROUPS, rows_in_group
from ovopsim.study.identity import Content, check_unchanged, content_of
from ovopsim.study.worlds import over_worlds

BARE: Final = "No programme"


@dataclass(frozen=True)
class ExplanationPlan:
    """What is to be explained.

    Attributes
    ----------
    scenario, baseline : Scenario
        They share population, parameters, start and length.
    contents : pair of Content
        What identifies them, as their files were when this was planned.
    replications, seed : int
    n_jobs : int or None
        Threads; None = all cores.
    """

    scenario: Scenario
    baseline: Scenario
    contents: tuple[Content, Content]
    replications: int
    seed: int
    n_jobs: int | None


@dataclass(frozen=True)
class ExplainedRuns:
    """What the runs left, reduced to some numbers each.

    Attributes
    ----------
    baseline, whole : array (replications, outcomes)
        Levels of the baseline, and of the scenario with nothing held.
    free : dict of frozenset of str to array (replications, outcomes)
        Levels of the scenario with the market held and only these groups free.
    """

    baseline: Reals
    whole: Reals
    free: dict[frozenset[str], Reals]


def without_programme(scenario: Scenario) -> Scenario:
    """Return the same world in which the agency does nothing."""
    return scenario.changed(name=BARE, programme=None, assignments=())


def plan_explanation(
    scenario: Any, baseline: Any = None, replications: int = 32, seed: int = 1, n_jobs: int | None = None
) -> ExplanationPlan:
    """Return what is to be run, checked.

    Raises
    ------
    InputError
        When the two are no scenarios of one world, a number cannot be, or a survey cannot be read.
    """
    check_scenario(scenario, "explain: scenario")
    base = without_programme(scenario) if baseline is None else check_scenario(baseline, "explain: baseline")
    check_numbers(replications, seed, n_jobs, least=2)
    contents = (content_of(scenario), content_of(base))
    for key in ("start", "months", "size_law", "parameters", "population"):
        mine, other = (content.configuration[key] for content in contents)
        if mine != other:
            raise InputError(
                f"explain: {key} differs: '{scenario.name}' {_shown(mine)}, baseline '{base.name}' {_shown(other)}. "
                "Firms are held at the path of the same firms, so give both the same."
            )
    return ExplanationPlan(scenario, base, contents, int(replications), int(seed), n_jobs)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items() if each is not None) or "as shipped"
    return str(value)


def held_but(path: Path, free: Iterable[str]) -> Held:
    """Return the object that holds the market and all attribute groups but some at a path."""
    held = nothing_held()._replace(path=path)
    for group in set(GROUPS) - set(free):
        held.rows[rows_in_group(group)] = 1.0
    held.market[0] = 1.0
    return held


def run_explanation(
    plan: ExplanationPlan,
    coalitions: Sequence[frozenset[str]],
    reduced: Callable[[Reals], Reals],
    tick: Callable[[], None] = lambda: None,
) -> ExplainedRuns:
    """Run the baseline, the scenario, and the scenario with each set of groups free, in every world.

    A thread does one world at a time and keeps of it what `reduced` leaves: the baseline's path (months × firm rows ×
    slots: 80 MB for 200 firms over ten years) goes with its world.

    Parameters
    ----------
    coalitions : sequence of frozenset of str
        Sets of groups that are free together.
    reduced : callable
        From outcomes (months, outcomes) to an array (numbers,).
    tick : callable
        Called after each world.

    Raises
    ------
    InputError
        When a survey is changed while the worlds run, or the table of firms is full.
    """

    def world(replication: int) -> list[Reals]:
        for scenario, content in zip((plan.scenario, plan.baseline), plan.contents, strict=True):
            check_unchanged(scenario, content)
        start = month_zero(plan.baseline, plan.seed, replication)
        found = run_world(plan.scenario, plan.baseline, start, coalitions, reduced)
        tick()
        return found

    levels = np.array(over_worlds(world, plan.replications, plan.n_jobs))
    free = {each: levels[:, place] for place, each in enumerate(coalitions, start=2)}
    return ExplainedRuns(levels[:, 0], levels[:, 1], free)


def run_world(
    scenario: Scenario,
    baseline: Scenario,
    start: MonthZero,
    coalitions: Sequence[frozenset[str]],
    reduced: Callable[[Reals], Reals],
) -> list[Reals]:
    """Return the numbers of one world: of the baseline, of the scenario with nothing held, of each coalition."""
    base = run_scenario(baseline, start, record=True)
    found = [reduced(base.monthly), reduced(run_scenario(scenario, start).monthly)]
    for free in coalitions:
        run = run_scenario(scenario, start, held=held_but(base.path, free))
        found.append(reduced(run.monthly))
    return found
