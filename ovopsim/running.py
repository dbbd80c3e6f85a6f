"""The compiled loop over months and runs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ovopsim.compiling import compiled, copy_block, copy_matrix, copy_vector, door
from ovopsim.fields import (
    AGENCY,
    CITY,
    N_CHANNELS,
    N_SENTRAS,
    AgencyRows,
    ChannelRows,
    FirmRows,
    Reals,
    SentraRows,
    row_count,
)
from ovopsim.holding import Path, empty_path
from ovopsim.ledger import FLOWS
from ovopsim.month import month
from ovopsim.outcomes.monthly import OUTCOMES, observe
from ovopsim.packing import read_costs, read_observation
from ovopsim.rules.agency.tables import Assignments, Levers


class Results(NamedTuple):
    """What a batch of runs leaves behind.

    Attributes
    ----------
    monthly : array (runs, months, outcomes)
    delivered : array (runs, months, levers)
        Units delivered.
    levers : array (runs, months, agency fields, levers)
    channels : array (runs, months, channel fields, 4)
    sentras : array (runs, months, sentra fields, 3)
    flows : array (runs, months, flows)
        Money booked under each name. These four have no months where nobody asks for them.
    snapshots : array (runs, chosen months, firm fields, slots)
        Firms at the end of chosen months.
    refused : array (runs,)
        Entrants that found no free slot: above 0 the run is not sound.
    path : Path
        State of the last run month by month, for holding; without months unless it is asked for.
    """

    monthly: Reals
    delivered: Reals
    levers: Reals
    channels: Reals
    sentras: Reals
    flows: Reals
    snapshots: Reals
    refused: Reals
    path: Path


def empty_results(
    months: int, kept: int, n_levers: int, n_slots: int, runs: int = 1, recorded: int = 0, tables: bool = True
) -> Results:
    """Return room for the results of `runs` runs.

    Parameters
    ----------
    recorded : int
        Months of the whole state that are kept for holding.
    tables : bool
        Whether levers, channels, sentras and flows are wanted: they are most of what a run leaves.
    """
    told = months if tables else 0
    return Results(
        np.zeros((runs, months, len(OUTCOMES))),
        np.zeros((runs, months, n_levers)),
        np.zeros((runs, told, row_count(AgencyRows), n_levers)),
        np.zeros((runs, told, row_count(ChannelRows), N_CHANNELS)),
        np.zeros((runs, told, row_count(SentraRows), N_SENTRAS)),
        np.zeros((runs, told, len(FLOWS))),
        np.zeros((runs, kept, row_count(FirmRows), n_slots)),
        np.zeros(runs),
        empty_path(recorded, n_slots),
    )


@compiled
def copy_into(target, source):
    """Copy a state into working memory that was made as a copy of it; slots that neither has used are alike still."""
    used = int(max(target.city[CITY.used_slots], source.city[CITY.used_slots]))
    copy_matrix(target.firms[:, :used], source.firms[:, :used])
    copy_matrix(target.channels, source.channels)
    copy_matrix(target.sentras, source.sentras)
    copy_vector(target.city, source.city)
    copy_matrix(target.agency, source.agency)
    copy_block(target.served[:used], source.served[:used])
    for lever in range(source.agency.shape[1]):  # what is past the end of a list is never read
        listed = int(source.agency[AGENCY.listed, lever])
        copy_matrix(target.lists[:, lever, :listed], source.lists[:, lever, :listed])
    copy_matrix(target.ring[:, :used], source.ring[:, :used])


@door
def run_many(
    start,
    work,
    ledger,
    scratch,
    rows,
    lever_tables,
    effects,
    orders,
    assigned,
    held,
    calendar,
    first_row,
    switches,
    candidates,
    keys,
    months,
    chosen,
    results,
):
    """Fork each run from one month-0 state and run it: arrays over runs of parameters, programme and seed.

    Parameters
    ----------
    start : World
        Month-0 state; not written.
    work : World
        Working memory of the same shape.
    rows : array (runs, parameters)
    lever_tables : array (runs, lever properties, levers)
    effects : array (runs, effects, 4)
    orders, assigned : arrays (runs, assignments, 4), (runs, assignments, slots)
    keys : array (runs,) of uint64
    """
    for run in range(rows.shape[0]):
        copy_into(work, start)
        ledger.booked[:] = 0.0
        levers = Levers(lever_tables[run], effects[run])
        assignments = Assignments(orders[run], assigned[run])
        costs = read_costs(rows[run])
        threshold = read_observation(rows[run]).none_below
        kept = 0
        for step in range(months):
            month(
                work,
                ledger,
                scratch,
                rows[run],
                levers,
                assignments,
                held,
                results.path,
                calendar,
                first_row + step,
                switches,
                candidates,
                keys[run],
            )
            observe(work, costs, threshold, results.monthly[run, step])
            for lever in range(work.agency.shape[1]):
                results.delivered[run, step, lever] = work.agency[AGENCY.delivered, lever]
            if step < results.flows.shape[1]:
                copy_matrix(results.levers[run, step], work.agency)
                copy_matrix(results.channels[run, step], work.channels)
                copy_matrix(results.sentras[run, step], work.sentras)
                copy_vector(results.flows[run, step], ledger.flows)
            if kept < chosen.shape[0] and chosen[kept] == step:
                copy_matrix(results.snapshots[run, kept], work.firms)
                kept += 1
        results.refused[run] = work.city[CITY.entries_refused]
