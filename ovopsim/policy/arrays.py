"""Turns levers, programmes and assignments into the arrays that the agency's rule reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError
from ovopsim.fields import CHANNELS, CONSTRAINTS, FIRM, SENTRAS, row_count
from ovopsim.policy.effects import Effect, value_of
from ovopsim.policy.levers import Lever, builtin_levers
from ovopsim.policy.scenario import Assignment, Scenario
from ovopsim.rules.agency import tables as agency
from ovopsim.rules.agency.tables import LEVER, TARGETING, Assignments, LeverRows, Levers

Array = NDArray[np.float64]

WHOM = {"firms": agency.TO_FIRMS, "sentra": agency.TO_SENTRA, "cooperative": agency.TO_COOPERATIVE}
VERB_OF = {
    "set": agency.SET,
    "meet": agency.MEET,
    "coach": agency.COACH,
    "contract": agency.CONTRACT,
    "amenity": agency.AMENITY,
    "shift": agency.SHIFT,
    "boost": agency.BOOST,
    "fund": agency.FUND,
    "lend": agency.LEND,
}


def _code(flag: bool | None) -> float:
    return 0.0 if flag is None else (1.0 if flag else -1.0)


def effect_row(effect: Effect) -> tuple[float, float, float, float]:
    """Return verb, target, size and probability of an effect, as the agency's rule reads them."""
    size, chance = effect.size, value_of(effect.probability)
    if effect.verb == "start":
        return agency.START, CHANNELS.index(effect.target), size, chance
    if effect.target.startswith("access."):
        return agency.RAISE_ACCESS, CHANNELS.index(effect.target.removeprefix("access.")), size, chance
    if effect.verb == "raise":
        governance = effect.target == "governance"
        target = 0 if governance else getattr(FIRM, effect.target)
        return (agency.GOVERNANCE if governance else agency.RAISE), target, size, chance
    if effect.verb == "grant":
        verb = agency.GRANT_CASH if effect.target == "cash" else agency.GRANT_EQUIPMENT
        return verb, getattr(FIRM, effect.target), size, chance
    return VERB_OF[effect.verb], getattr(FIRM, effect.target, 0), size, chance


def lever_column(lever: Lever, first: int) -> Array:
    """Return the column of one lever; its effects begin at row `first` of the effect table."""
    column = np.zeros(row_count(LeverRows))
    column[LEVER.to] = WHOM[lever.to]
    for name in ("unit_cost", "batch", "capacity", "owner_days", "co_payment", "delay"):
        quantity = getattr(lever, name)
        column[getattr(LEVER, name)] = 0.0 if quantity is None else value_of(quantity)
    column[LEVER.batch] = max(1.0, column[LEVER.batch])
    column[LEVER.through_cooperative] = float(lever.through == "cooperative")
    needs = lever.requires
    column[LEVER.requires_licence] = _code(needs.licensed)
    column[LEVER.requires_member] = _code(needs.member)
    column[LEVER.requires_certificate] = _code(needs.certified)
    column[LEVER.requires_account] = _code(needs.business_account)
    column[LEVER.minimum_age] = value_of(needs.minimum_age)
    column[LEVER.not_served_within] = value_of(needs.not_served_within)
    if lever.acceptance is None:
        column[LEVER.accept_intercept] = 1e3  # whoever is asked accepts
    else:
        for name in ("intercept", "taste", "value", "days", "payment"):
            column[getattr(LEVER, f"accept_{name}")] = value_of(getattr(lever.acceptance, name))
    column[LEVER.first_effect] = first
    column[LEVER.last_effect] = first + len(lever.effects)
    column[LEVER.money_value] = sum(effect.size for effect in lever.effects if effect.verb == "grant")
    column[LEVER.tax_follows] = float(any(effect.target == "licensed" for effect in lever.effects))
    column[LEVER.constraint] = CONSTRAINTS.index(lever.constraint) if lever.constraint else 0.0
    column[LEVER.end] = 0.0
    return column


def lever_arrays(levers: Mapping[str, Lever]) -> Levers:
    """Return the tables of levers, with no money for any."""
    columns: list[Array] = []
    rows: list[tuple[float, float, float, float]] = []
    for lever in levers.values():
        columns.append(lever_column(lever, len(rows)))
        rows.extend(effect_row(effect) for effect in lever.effects)
    return Levers(np.array(columns).T.copy(), np.array(rows, dtype=np.float64))


@cache
def _shipped_arrays() -> Levers:
    """Return the tables of the shipped levers: a sweep needs them in every run."""
    return lever_arrays(builtin_levers())


def programme_arrays(scenario: Scenario) -> Levers:
    """Return the tables of a scenario's levers with its programme's ceilings.

    A programme without money is no programme: its ceilings are zero, and the agency does not work.
    """
    levers = scenario.all_levers
    shipped = _shipped_arrays()
    tables = lever_arrays(levers) if scenario.levers else Levers(shipped.table.copy(), shipped.effects)
    programme = scenario.programme
    if programme is not None and programme.budget > 0.0:
        for place, name in enumerate(levers):
            share = programme.shares.get(name, 0.0)
            tables.table[LEVER.ceiling, place] = programme.budget * share
            tables.table[LEVER.start, place] = programme.start
            tables.table[LEVER.end, place] = programme.start + programme.months
            tables.table[LEVER.multi_year, place] = float(programme.multi_year)
            tables.table[LEVER.targeting, place] = TARGETING.index(programme.targeting)
    return tables


def _marked(assignment: Assignment, number: int, draws: Array, ids: Array) -> Array:
    marks = np.full(len(ids), -1.0)
    active = np.flatnonzero(np.isfinite(draws))
    choice = assignment.firms
    if choice.ids is not None:
        known = set(active.tolist())
        wrong = [place for place in choice.ids if place not in known]
        if wrong:
            raise InputError(
                f"assignments[{number}].firms.ids: there is no firm {wrong[0]} at the start; "
                f"numbers go up to {int(active.max())}."
            )
        chosen = np.array(choice.ids)
    elif choice.share is not None:
        chosen = np.argsort(draws)[: round(choice.share * len(active))]
    else:
        chosen = np.array([], dtype=int)
    marks[chosen] = ids[chosen]
    return marks


def assignment_arrays(scenario: Scenario, ids: Array, draws: Array, places: Array) -> Assignments:
    """Return what the scenario's trials order.

    Parameters
    ----------
    ids : array (slots,)
        Identity of the firm in each slot at the start; a firm's number is its slot.
    draws : array (assignments, slots)
        Uniforms by which a share is drawn, infinite for empty slots.
    places : array (assignments,)
        Uniforms that decide which sentra a lever on a sentra or cooperative goes to when none is named.
    """
    names = list(scenario.all_levers)
    orders = np.zeros((len(scenario.assignments), 4))
    marks = np.zeros((len(scenario.assignments), len(ids)))
    for number, assignment in enumerate(scenario.assignments):
        sentra = -1
        if assignment.firms.sentra is not None:
            sentra = SENTRAS.index(assignment.firms.sentra)
        elif scenario.all_levers[assignment.lever].to != "firms":
            sentra = int(places[number] * len(SENTRAS))
        orders[number] = names.index(assignment.lever), assignment.month, assignment.dose, sentra
        marks[number] = _marked(assignment, number, draws[number], ids)
    return Assignments(orders, marks)
