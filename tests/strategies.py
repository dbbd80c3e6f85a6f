"""Hypothesis strategies made of domain words: parameters, clusters, programmes, trials, shocks, scenarios."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from hypothesis import reject

from ovopsim.errors import InputError
from ovopsim.fields import SENTRAS
from ovopsim.parameters.loading import leaf_paths, locate
from ovopsim.parameters.variation import sample
from ovopsim.policy import Scenario, builtin_levers, builtin_shocks
from ovopsim.rules.agency.tables import TARGETING
from ovopsim.simulation import MonthZero
from tests.worlds import cluster

# how many firms each sentra has is drawn on its own below
LEAVES = tuple(leaf for leaf in leaf_paths() if not leaf.startswith("population.sentra_firms"))
LEVERS = tuple(builtin_levers())

seeds = st.integers(0, 2**32 - 1)


def within_range(leaf: str, share: float) -> float:
    """Return the value at a share of a parameter's hard range, in logs where the range is positive."""
    low, high = locate(leaf)[0].range
    if low > 0.0:
        return min(high, max(low, math.exp(math.log(low) + share * (math.log(high) - math.log(low)))))
    return low + share * (high - low)


@st.composite
def parameters(draw: st.DrawFn, most_wild: int = 6) -> dict[str, float]:
    """What nobody knows, from its priors or as shipped; and a few numbers anywhere in their hard range."""
    lottery = draw(st.none() | st.integers(0, 10_000), label="drawn from the priors")
    known = {} if lottery is None else sample(lottery, 1)[0]
    shares = draw(
        st.dictionaries(st.sampled_from(LEAVES), st.floats(0.0, 1.0), max_size=most_wild), label="anywhere in range"
    )
    return known | {leaf: within_range(leaf, share) for leaf, share in shares.items()}


@st.composite
def clusters(draw: st.DrawFn, most_wild: int = 6, changes: dict[str, float] | None = None) -> MonthZero:
    """A cluster of 20 to 60 firms under random parameters that has lived for up to two years."""
    counts = draw(
        st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20)).filter(lambda each: sum(each) >= 20),
        label="firms of each sentra",
    )
    changed = draw(parameters(most_wild)) | (changes or {})
    lived = draw(st.sampled_from((0, 6, 24)), label="months lived")
    seed = draw(seeds, label="seed")
    try:
        start = cluster(counts, changed, seed, lived)
    except InputError:  # parameters that admit no such cluster are refused with a message: nothing to check
        reject()
    if start.firms == 0:
        reject()
    return replace(start, notes=(f"cluster({counts}, {changed}, {seed}, {lived})",))


@st.composite
def shares_of_levers(draw: st.DrawFn) -> dict[str, float]:
    """One lever, a few, or all; shares that add up to 1."""
    names = draw(st.one_of(st.just(LEVERS), st.lists(st.sampled_from(LEVERS), min_size=1, max_size=5, unique=True)))
    weights = draw(st.lists(st.integers(1, 20), min_size=len(names), max_size=len(names)))
    return {name: weight / sum(weights) for name, weight in zip(names, weights, strict=True)}


@st.composite
def programmes(draw: st.DrawFn, least: float = 1e7, first: int = 0, months: int = 12) -> dict[str, Any]:
    """A programme with money: its levers, budget, months and targeting."""
    return {
        "budget": draw(st.floats(least, 2e9), label="budget"),
        "shares": draw(shares_of_levers(), label="shares"),
        "start": draw(st.integers(first, min(first + 4, months - 1)), label="first month"),
        "months": draw(st.integers(1, 24), label="months"),
        "targeting": draw(st.sampled_from(TARGETING), label="targeting"),
        "multi_year": draw(st.booleans(), label="multi-year"),
    }


@st.composite
def trials(draw: st.DrawFn, months: int = 12) -> dict[str, Any]:
    """An assignment of a lever to some firms, or to a sentra."""
    firms: dict[str, Any] = draw(
        st.one_of(
            st.builds(lambda share: {"share": share}, st.floats(0.0, 1.0)),
            st.builds(lambda sentra: {"sentra": sentra}, st.sampled_from(SENTRAS)),
        )
    )
    return {
        "lever": draw(st.sampled_from(LEVERS)),
        "firms": firms,
        "month": draw(st.integers(0, min(11, months - 1))),
        "dose": draw(st.sampled_from((0.0, 0.5, 1.0, 3.0))),
    }


@st.composite
def shocks(draw: st.DrawFn, months: int = 12) -> dict[str, Any]:
    """Something from outside that begins within the first year."""
    return {
        "name": draw(st.sampled_from(tuple(builtin_shocks()))),
        "start": draw(st.integers(0, min(11, months - 1))),
        "strength": draw(st.floats(0.0, 2.0)),
    }


@st.composite
def scenarios(draw: st.DrawFn, months: int = 18) -> Scenario:
    """So many months with a programme or without, trials and shocks."""
    return Scenario(
        months=months,
        start=draw(st.sampled_from(("2016-01", "2019-11", "2024-06")), label="start"),
        programme=draw(st.none() | programmes(months=months), label="programme"),
        assignments=draw(st.lists(trials(months), max_size=3), label="trials"),
        shocks=draw(st.lists(shocks(months), max_size=2), label="shocks"),
        size_law=draw(st.sampled_from(("uu_20_2008", "pp_2021"))),
    )


class Case:
    """A cluster and what happens to it."""

    def __init__(self, start: MonthZero, scenario: Scenario) -> None:
        self.start = start
        self.scenario = scenario

    def __repr__(self) -> str:
        """Return what to type to have the case again."""
        changed = self.scenario.model_dump(exclude_defaults=True, exclude={"levers"})
        return f"Case({self.start.notes[0]}, Scenario(**{changed}))"


@st.composite
def cases(draw: st.DrawFn, months: int = 18, **options: Any) -> Case:
    """A cluster with what happens to it."""
    return Case(draw(clusters(**options)), draw(scenarios(months)))


@st.composite
def with_money(draw: st.DrawFn, least: float = 1e7, first: int = 0, months: int = 14) -> Case:
    """A cluster whose agency has a programme."""
    scenario = draw(scenarios(months)).model_copy(update={"assignments": ()})
    programme = draw(programmes(least, first, months))
    return Case(draw(clusters()), Scenario.model_validate(scenario.model_dump() | {"programme": programme}))
