"""`batch_run`: many runs with Mesa's call and Mesa's columns, without Mesa."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ovopsim.adapters.keeping import Kept, bytes_of
from ovopsim.errors import InputError
from ovopsim.fields import FIRM, Reals
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.settings import changed_by, check_paths
from ovopsim.simulation import (
    RECORDED,
    MonthZero,
    check_room,
    check_scenario,
    dates_of,
    firm_columns,
    month_zero,
    monthly_columns,
    population_key,
    prepare,
    units_delivered,
    whole_number,
)
from ovopsim.study.progress import watched
from ovopsim.study.worlds import over_worlds

SEED_NAMES = ("rng", "seed")

Row = dict[str, Any]


@dataclass(frozen=True)
class _Run:
    """One run: its numbers, what was varied, and what that makes."""

    run_id: int
    iteration: int
    settings: Row
    scenario: Scenario
    seed: int
    replication: int

    def world(self) -> tuple[Any, ...]:
        return population_key(self.scenario), self.seed, self.replication


def batch_run(  # noqa: PLR0913 - Mesa's arguments, in Mesa's order
    model_cls: Any = None,
    parameters: Mapping[str, Any] | None = None,
    number_processes: int | None = 1,
    iterations: int = 1,
    data_collection_period: int = -1,
    max_steps: int | None = None,
    display_progress: bool = True,
    *,
    rng: Any = None,
    seed: int = 1,
    agents: bool = False,
) -> list[Row]:
    """Run every combination of some parameters, with the call and the columns of Mesa's `batch_run`.

    Both ``batch_run({"budget": [1e8, 5e8]})`` and Mesa's ``batch_run(OvopModel, {…})`` will do. What differs from
    Mesa's: runs stop after exactly `max_steps` months in every version; iterations of one seed are different worlds,
    the same ones for every combination, so that rows of one iteration are pairs; rows come in the order of their
    runs; firms are left out unless they are asked for; work is shared by threads, which a notebook can run, and how
    processes start is left as it is.

    Parameters
    ----------
    model_cls : OvopModel, optional
        For those who have Mesa's call in hand; may be left out.
    parameters : mapping of str to value or iterable of values
        ``scenario`` (a `Scenario` or several), and any dotted path of `ovopsim.policy.settings`. A text is one value.
        ``rng`` or ``seed`` vary the seed.
    number_processes : int or None
        Threads; None = all cores. Results do not depend on it.
    iterations : int
        Worlds for each combination; iteration i is replication i of the seed.
    data_collection_period : int
        A row for every so many months, and for the last, as in Mesa 3.3 (3.5 leaves it out); -1 = for the last alone.
    max_steps : int, optional
        Most months; None = those of the scenario.
    display_progress : bool
        Whether it is shown, in a terminal or a notebook, how far the work is.
    rng : int or iterable of int, optional
        Mesa 3.4's way: one iteration for each of these seeds, instead of `iterations` and `seed`.
    seed : int
        0 or more.
    agents : bool
        Whether there is a row for each firm in business, with ``AgentID`` and what `OvopModel` records of firms, as in
        Mesa's. Otherwise there is one for the cluster.

    Returns
    -------
    list of dict
        ``RunId, iteration, Step``, the parameters, then what `OvopModel` records: scenario and seed, step, month,
        outcomes, units delivered; then the firm. ``scenario`` is the scenario's name.

    Raises
    ------
    InputError
        When something cannot be; nothing has been run then.

    Examples
    --------
    >>> rows = batch_run({"months": 3, "planning.cover": [1.3, 1.5]}, iterations=2, display_progress=False)
    >>> [(row["RunId"], row["iteration"], row["Step"], row["planning.cover"]) for row in rows]
    [(0, 0, 2, 1.3), (1, 0, 2, 1.5), (2, 1, 2, 1.3), (3, 1, 2, 1.5)]
    """
    varied = _parameters(model_cls, parameters)
    threads = None if number_processes is None else whole_number("number_processes", number_processes, 1)
    period = _period(data_collection_period)
    most = None if max_steps is None else whole_number("max_steps", max_steps, 1)
    runs = _runs(varied, _worlds(iterations, rng, seed))
    starts: Kept[MonthZero] = Kept(bytes_of)
    with watched(len(runs), not display_progress, "en") as tick:

        def rows_of(number: int) -> list[Row]:
            run = runs[number]
            start = starts.get(run.world(), lambda: month_zero(run.scenario, run.seed, run.replication))
            rows = _rows(run, start, period, most, agents)
            tick()
            return rows

        return list(itertools.chain.from_iterable(over_worlds(rows_of, len(runs), threads)))


# --- what is asked for


def _parameters(model_cls: Any, parameters: Any) -> dict[str, list[Any]]:
    """Return the values of each parameter, from whichever argument they stand in."""
    if isinstance(model_cls, Mapping):
        if parameters is not None:
            raise InputError(
                "batch_run: parameters were given twice; after them, give arguments by name: number_processes=2."
            )
        model_cls, parameters = None, model_cls
    _check_model(model_cls)
    if not isinstance(parameters, Mapping):
        raise InputError(
            f"batch_run: parameters is {parameters!r}, not a dictionary; give values by path: "
            "{'scenario': [nothing, fairs], 'planning.cover': [1.3, 1.5]}."
        )
    if all(name in parameters for name in SEED_NAMES):
        raise InputError("batch_run: give one of 'rng' and 'seed', they are two names of the seed.")
    return {str(name): _values(str(name), given) for name, given in parameters.items()}


def _check_model(model_cls: Any) -> None:
    door = sys.modules.get("ovopsim.mesa_model")  # who has the class has loaded it; it is not loaded for this check
    if model_cls is not None and (door is None or model_cls is not door.OvopModel):
        raise InputError(
            f"batch_run: {getattr(model_cls, '__name__', repr(model_cls))} is not OvopModel; run other models, and "
            "models made from it, with mesa.batch_run."
        )


def _values(name: str, given: Any) -> list[Any]:
    """Return a parameter's values: a text, a scenario, and whatever cannot be gone through, is one."""
    if isinstance(given, str | Scenario | Mapping):
        return [given]
    try:
        values = list(given)
    except TypeError:
        return [given]
    if not values:
        raise InputError(f"batch_run: '{name}' has no values; give at least one, or leave it out.")
    return values


def _period(given: Any) -> int:
    remedy = "give -1 for the last month, or 1 or more"
    period = whole_number("data_collection_period", given, -1, remedy)
    if period == 0:
        raise InputError(f"data_collection_period: is 0; {remedy}.")
    return period


def _worlds(iterations: Any, rng: Any, seed: Any) -> list[tuple[int, int]]:
    """Return seed and replication of each iteration."""
    base, count = whole_number("seed", seed, 0), whole_number("iterations", iterations, 1)
    if rng is None:
        return [(base, replication) for replication in range(count)]
    if count != 1 or base != 1:
        raise InputError("batch_run: give either rng or iterations and seed; rng has a seed for each iteration.")
    return [(whole_number("rng", each, 0), 0) for each in _values("rng", rng)]


def _runs(varied: dict[str, list[Any]], worlds: list[tuple[int, int]]) -> list[_Run]:
    """Return all runs in Mesa's order: iteration by iteration, the last parameter varying fastest."""
    points = [dict(zip(varied, values, strict=True)) for values in itertools.product(*varied.values())]
    scenarios = [_scenario(point) for point in points]
    runs: list[_Run] = []
    for iteration, (seed, replication) in enumerate(worlds):
        for point, scenario in zip(points, scenarios, strict=True):
            own = next((whole_number(name, point[name], 0) for name in SEED_NAMES if name in point), seed)
            runs.append(_Run(len(runs), iteration, point, scenario, own, replication))
    return runs


def _scenario(point: Row) -> Scenario:
    base = check_scenario(point.get("scenario", Scenario()))
    settings = {path: value for path, value in point.items() if path not in {"scenario", *SEED_NAMES}}
    check_paths(settings, base)
    return changed_by(base, settings) if settings else base


# --- what is run


def _rows(run: _Run, start: MonthZero, period: int, most: int | None, agents: bool) -> list[Row]:
    months = run.scenario.months if most is None else min(most, run.scenario.months)
    prepared = prepare(run.scenario, start, range(months) if agents else ())
    prepared.go(months=months)
    check_room(run.scenario, prepared.work)
    found = prepared.results
    delivered = units_delivered(found.levers[:, :months])
    columns = monthly_columns(run.scenario, found.monthly[:, :months], delivered)
    outcomes = {name: values.tolist() for name, values in columns.items()}
    dates = dates_of(run.scenario.start, run.scenario.months)
    numbers = _agent_numbers(start.world.firms, found.snapshots[0]) if agents else None
    rows: list[Row] = []
    for step in sorted({*range(0, months, period), months - 1} if period > 0 else {months - 1}):
        row = {"RunId": run.run_id, "iteration": run.iteration, "Step": step, **run.settings}
        row |= {"scenario": run.scenario.name, "seed": run.seed, "step": step, "month": dates[step]}
        row |= {name: values[step] for name, values in outcomes.items()}
        rows += [row] if numbers is None else [row | firm for firm in _firms(found.snapshots[0, step], numbers[step])]
    return rows


def _agent_numbers(first: Reals, months: Reals) -> list[dict[int, int]]:
    """Return for each month the firms in business: slot by AgentID, as `OvopModel` numbers its agents."""
    numbers: list[dict[int, int]] = []
    before = np.full(first.shape[1], -1.0)  # identities, -1 = an empty slot
    here: dict[int, int] = {}  # AgentID by slot
    count = 0
    for table in (first, *months):
        identities = np.where(table[FIRM.active] == 1.0, table[FIRM.firm_id], -1.0)
        here = {slot: number for slot, number in here.items() if identities[slot] == before[slot]}
        for slot in np.flatnonzero((identities >= 0.0) & (identities != before)).tolist():
            count += 1
            here[slot] = count
        numbers.append({number: slot for slot, number in here.items()})
        before = identities
    return numbers[1:]


def _firms(table: Reals, numbers: dict[int, int]) -> Iterable[Row]:
    rows = firm_columns()
    slots = [numbers[number] for number in sorted(numbers)]
    columns = [table[rows[name], slots].tolist() for name in RECORDED]
    for number, *values in zip(sorted(numbers), *columns, strict=True):
        firm = dict(zip(RECORDED, values, strict=True))
        yield {"AgentID": number, **firm, "firm_id": int(firm["firm_id"])}
