"""A field trial in one world: firms are randomised into arms, and every firm is also seen without the trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.fields import CHANNEL, CHANNELS, FIRM, SENTRA, SENTRAS, TECHNIQUES, Reals
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy import Assignment, Scenario
from ovopsim.policy.scenario import FirmChoice
from ovopsim.policy.trials import Arm, Trial
from ovopsim.simulation import MonthZero, RunArrays, run_scenario
from ovopsim.state import DELIVERIES, copy_world
from ovopsim.study.randomising import OF_FOLLOW_UPS, eligible_firms, luck_of_firms, randomised
from ovopsim.study.trial_targets import OF_THE_CLUSTER, asked_of_firms, check_targets

Flags = NDArray[np.bool_]

# End of the names of baselines; not that of a month, for a follow-up in month 0 has seen the first delivery.
BEFORE: Final = "_before"
# Of a firm that has closed nothing is left to count; what its owner knows is not asked.
KNOWN_BY_SURVIVORS: Final = ("practices", "craft", "bookkeeping", "technology")


@dataclass(frozen=True)
class TrialWorld:
    """One replication of a trial.

    Attributes
    ----------
    trial : Trial
    replication : int
    slots : array (firms,) of int
        Where the eligible firms stand in the table of firms.
    ids : array (firms,) of int
        Their identities, as in other tables of firms.
    arm : array (firms,) of str
        Arm of each, or `control`.
    cluster : array (firms,) of int
        Unit of randomisation.
    offered, accepted : arrays (firms,) of bool
        Whether the firm was offered something, and took at least one delivery.
    before : dict of str to array (firms,)
        Baseline: outcomes, traits and sentra.
    seen, unseen : dict of (str, int) to array (firms,)
        Outcome in a month after the first delivery, with the trial and without.
    alive, alive_without : dict of int to array (firms,) of bool
    whole : dict of str to dict of int to (float, float)
        For each arm of the whole cluster, and `all` for the trial itself: jobs, sales and value added with and without,
        by (outcome, month).
    wholes : dict of str to dict
        Firms' outcomes in the worlds of arms of the whole cluster.
    """

    trial: Trial
    replication: int
    slots: NDArray[np.intp]
    ids: NDArray[np.int64]
    arm: NDArray[np.str_]
    cluster: NDArray[np.intp]
    offered: Flags
    accepted: Flags
    before: Mapping[str, Reals]
    seen: Mapping[tuple[str, int], Reals]
    unseen: Mapping[tuple[str, int], Reals]
    alive: Mapping[int, Flags]
    alive_without: Mapping[int, Flags]
    whole: Mapping[str, Mapping[tuple[str, int], tuple[float, float]]]
    wholes: Mapping[str, Mapping[tuple[str, int], Reals]]

    def frame(self) -> pd.DataFrame:
        """Return one row for each eligible firm: assignment, baseline, and each outcome with and without the trial."""
        columns: dict[str, Any] = {
            "replication": self.replication,
            "firm_id": self.ids,
            "cluster": self.cluster,
            "arm": self.arm,
            "offered": self.offered,
            "accepted": self.accepted,
        }
        columns |= {
            name if name in TRAITS else f"{name}{BEFORE}": values
            for name, values in self.before.items()
            if name != "luck"
        }
        for name, month in self.seen:
            columns[f"{name}_{month}"] = self.seen[name, month]
            columns[f"{name}_{month}_without"] = self.unseen[name, month]
        for month, alive in self.alive.items():
            columns[f"alive_{month}"] = alive
            columns[f"alive_{month}_without"] = self.alive_without[month]
            columns[f"found_{month}"] = self.found
        return pd.DataFrame(columns)

    @property
    def found(self) -> Flags:
        """Whether the follow-up surveys find each firm, were it in business."""
        return np.asarray(self.before["luck"] >= self.trial.attrition)


TRAITS: Final = ("sentra", "technique", "log_ability")


def scenario_of(trial: Trial) -> Scenario:
    """Return the trial's world without the trial."""
    months = trial.month + max(trial.asked) + 1
    population = trial.population.model_copy(update={"firms": trial.firms})
    return Scenario(
        name=trial.name, population=population, months=months, levers=trial.levers, parameters=trial.parameters
    )


def run_trial(trial: Trial, start: MonthZero, replication: int) -> TrialWorld:
    """Run a trial in one world, and the same world without it.

    Raises
    ------
    InputError
        When a target cannot be measured, or an arm or the controls would be left without a firm.
    """
    check_targets(trial)
    plain = scenario_of(trial)
    kept = sorted({trial.month - 1, *(trial.month + month for month in (*trial.asked, *_delivered(trial)))})
    without = run_scenario(plain, start, kept)
    table = without.snapshots[0]
    slots = np.flatnonzero(eligible_firms(trial.eligible, table, start))
    arm, cluster = randomised(trial, start, table, slots)
    ids = start.world.firms[FIRM.firm_id]
    given = plain.changed(assignments=assignments_of(trial, slots, arm, start))
    run = run_scenario(given, start, kept) if given.assignments else without
    served = run.closing.served[:, :, DELIVERIES].sum(axis=1) > 0.0
    still_there = run.closing.firms[FIRM.firm_id] == ids
    outcomes = asked_of_firms(trial)
    offered = np.isin(arm, list(trial.arms))
    accepted = offered & _took(run, served & still_there, ids, slots, trial)
    wholes, whole = {}, {"all": _totals(run, without, trial)}
    for name, each in trial.arms.items():
        if each.whole:
            other = run_scenario(plain, changed_start(start, each), kept)
            whole[name] = _totals(other, without, trial)
            wholes[name] = _outcomes(other, trial, outcomes, ids, slots)[0]
    seen, alive = _outcomes(run, trial, outcomes, ids, slots)
    unseen, alive_without = _outcomes(without, trial, outcomes, ids, slots)
    asked_before = sorted({*outcomes, "profit", "sales", "workers"})
    before: dict[str, Any] = {name: outcome_of(name, table)[slots] for name in asked_before}
    before |= {
        "sentra": np.array(SENTRAS)[table[FIRM.sentra, slots].astype(int)],
        "technique": np.array(TECHNIQUES)[table[FIRM.technique, slots].astype(int)],
        "log_ability": table[FIRM.log_ability, slots],
        "practices": outcome_of("practices", table)[slots],
        "luck": luck_of_firms(start, slots, OF_FOLLOW_UPS),
    }
    return TrialWorld(
        *(trial, replication, slots, ids[slots].astype(np.int64), arm, cluster, offered, accepted, before),
        *(seen, unseen, alive, alive_without, whole, wholes),
    )


def assignments_of(
    trial: Trial, slots: NDArray[np.intp], arm: NDArray[np.str_], start: MonthZero
) -> tuple[Assignment, ...]:
    """Return the deliveries of all arms as assignments; a lever on places goes to the sentras of the arm."""
    found = []
    levers = scenario_of(trial).all_levers
    sentras = start.world.firms[FIRM.sentra].astype(int)
    for name, each in trial.arms.items():
        mine = slots[arm == name]
        if not len(mine):
            continue
        for delivery in each.deliveries:
            chosen = (
                [FirmChoice(ids=tuple(mine.tolist()))]
                if levers[delivery.lever].to == "firms"
                else [FirmChoice(sentra=SENTRAS[place]) for place in np.unique(sentras[mine])]
            )
            found += [
                Assignment(lever=delivery.lever, firms=firms, month=trial.month + month, dose=delivery.dose)
                for month in delivery.months
                for firms in chosen
            ]
    return tuple(found)


def changed_start(start: MonthZero, arm: Arm) -> MonthZero:
    """Return a month-0 state in which what the whole cluster faces is multiplied."""
    world = copy_world(start.world)
    for name, factor in arm.whole.items():
        if name == "entry":
            world.sentras[SENTRA.entry_rate] *= factor
        else:
            world.channels[CHANNEL.spending_base, CHANNELS.index(name)] *= factor
    return replace(start, world=world)


def outcome_of(name: str, table: Reals) -> Reals:
    """Return one outcome of every firm of a table (fields, slots)."""
    if name == "other_sales":
        return np.asarray(table[FIRM.sales] - table[FIRM.contract_sold] * table[FIRM.contract_price])
    if name == "practices":
        return np.asarray(100.0 * table[FIRM.management])
    if name == "exports":
        return np.asarray(table[FIRM.participates + CHANNELS.index("export")])
    if name == "loans":
        return np.asarray((table[FIRM.bank_debt] > 0.0).astype(float))
    return np.asarray(table[getattr(FIRM, name)])


def _outcomes(
    run: RunArrays, trial: Trial, outcomes: list[str], ids: Reals, slots: NDArray[np.intp]
) -> tuple[dict[tuple[str, int], Reals], dict[int, Flags]]:
    found: dict[tuple[str, int], Reals] = {}
    alive: dict[int, Flags] = {}
    for month in trial.asked:
        table = run.snapshots[list(run.chosen).index(trial.month + month)]
        alive[month] = ((table[FIRM.firm_id] == ids) & (table[FIRM.active] == 1.0))[slots]
        for name in outcomes:
            nothing = np.nan if name in KNOWN_BY_SURVIVORS else 0.0
            found[name, month] = np.where(alive[month], outcome_of(name, table)[slots], nothing)
    return found, alive


def _totals(run: RunArrays, without: RunArrays, trial: Trial) -> dict[tuple[str, int], tuple[float, float]]:
    """Return the cluster's jobs, sales, value added and profit in the year up to each month asked."""
    found = {}
    for name, column in OF_THE_CLUSTER.items():
        place = getattr(OUTCOME, column)
        for month in trial.asked:
            year = slice(max(trial.month + month - 11, 0), trial.month + month + 1)
            found[name, month] = (
                float(run.monthly[year, place].mean()),
                float(without.monthly[year, place].mean()),
            )
    return found


def _delivered(trial: Trial) -> set[int]:
    """Return the months, from the first delivery on, in which something is delivered."""
    return {month for arm in trial.arms.values() for delivery in arm.deliveries for month in delivery.months}


def _took(run: RunArrays, served: Flags, ids: Reals, slots: NDArray[np.intp], trial: Trial) -> Flags:
    """Return which firms took a delivery; where a slot has a new tenant at the end, the months of deliveries tell."""
    took = served.copy()
    for month in _delivered(trial):
        table = run.snapshots[list(run.chosen).index(trial.month + month)]
        took |= (table[FIRM.firm_id] == ids) & (table[FIRM.times_served] > 0.0)
    return np.asarray(took[slots])
