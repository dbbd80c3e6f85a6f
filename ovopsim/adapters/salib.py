"""SALib's shape: a problem from the priors, its samples as tables that a `Design` is made of, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.adapters.bounds import Paths, ends_of
from ovopsim.errors import InputError, did_you_mean
from ovopsim.policy.scenario import Scenario
from ovopsim.policy.settings import full_path


def to_salib_problem(
    paths: Paths | None = None, *, base: Scenario | None = None, groups: bool | None = None
) -> dict[str, Any]:
    """Return what SALib's samplers and analyses call a problem.

    Bounds are the ends of a parameter's prior, between which SALib draws uniformly. That is the prior itself where it
    is uniform, an amount added or a factor, as that of every uncertain parameter is. A log-normal prior has no ends and
    SALib cannot cut it off at the hard range: its bounds hold 99 % of it, within that range. So there are no
    ``dists``.

    Parameters
    ----------
    paths : iterable of str, or mapping of str to pair of float
        Parameters by dotted path, or any settings with their bounds, such as ``{"programme.budget": (1e8, 1e9)}``;
        None = all uncertain parameters.
    base : Scenario, optional
        What they change; None = the shipped cluster without a programme. It matters for paths of its own levers only.
    groups : bool, optional
        Whether ``groups`` puts each parameter into its submodel; SALib then tells how much each submodel matters, with
        far fewer runs. None = when `paths` is left out.

    Returns
    -------
    dict
        ``num_vars, names, bounds``, and ``groups`` where asked for. Names are the paths.

    Raises
    ------
    InputError
        When there is no such path, or it has neither prior nor bounds.

    Examples
    --------
    >>> to_salib_problem(["planning.cover"])
    {'num_vars': 1, 'names': ['planning.cover'], 'bounds': [[1.2, 2.5]]}
    >>> sorted(to_salib_problem())
    ['bounds', 'groups', 'names', 'num_vars']
    """
    changed = Scenario() if base is None else base
    ends = ends_of(paths, changed, "to_salib_problem")
    problem: dict[str, Any] = {
        "num_vars": len(ends),
        "names": list(ends),
        "bounds": [list(pair) for pair in ends.values()],
    }
    if groups or (groups is None and paths is None):
        problem["groups"] = [full_path(path, changed).removeprefix("parameters.").partition(".")[0] for path in ends]
    return problem


def from_salib_sample(sample: Any, problem: Mapping[str, Any]) -> pd.DataFrame:
    """Return SALib's sample as a table: a row for each run, a column for each path, in SALib's order.

    Parameters
    ----------
    sample : array (runs, parameters)
        Of one of SALib's samplers.
    problem : mapping
        Of `to_salib_problem`; a ``ProblemSpec`` will do.

    Raises
    ------
    InputError
        When the sample is not of this problem.

    Examples
    --------
    >>> from_salib_sample([[1.3], [1.5]], to_salib_problem(["planning.cover"])).to_dict("records")
    [{'planning.cover': 1.3}, {'planning.cover': 1.5}]
    """
    names = list(problem["names"])
    values = np.asarray(sample, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(names):
        shape = " by ".join(str(length) for length in values.shape)
        raise InputError(f"from_salib_sample: the sample is {shape}, not runs by {len(names)} ({', '.join(names)}).")
    if not np.isfinite(values).all():
        raise InputError("from_salib_sample: the sample has values that are no numbers.")
    return pd.DataFrame(values, columns=names)


def salib_outcome(points: pd.DataFrame, runs: pd.DataFrame, outcome: str) -> NDArray[np.float64]:
    """Return an outcome in the order of a sample, as SALib's analyses take it: its mean over the worlds of each point.

    Parameters
    ----------
    points : DataFrame
        Of `from_salib_sample`.
    runs : DataFrame
        One row for each run, with the settings as columns: `Store.by_run` of a sweep over ``Design(points)``. Runs in
        which something else was set besides are left out.
    outcome : str
        Column of `runs`.

    Returns
    -------
    array (points,)

    Raises
    ------
    InputError
        When there is no such column, a point has no run, or points ran in different worlds: SALib would make indices
        of what is missing.
    """
    names = {path: next((form for form in _forms(path) if form in runs), path) for path in points.columns}
    for name in (outcome, *names.values()):
        if name not in runs:
            raise InputError(f"salib_outcome: the runs have no column '{name}'{did_you_mean(name, runs.columns)}")
    others = [
        name for name in map(str, runs.columns) if ("." in name or name == "size_law") and name not in names.values()
    ]
    columns = list(names.values())
    mine = runs[runs[others].isna().all(axis=1)]
    _check_worlds(mine, columns)
    means = mine.groupby(columns)[outcome].mean()
    wanted = points.rename(columns=names)
    found = wanted.merge(means.reset_index(), on=columns, how="left")[outcome]
    missing = int(found.isna().sum())
    if missing:
        raise InputError(
            f"salib_outcome: {missing} of {len(found)} points have no run that ended; run the sweep to its end, or "
            "leave out the block of the sample that failed."
        )
    return found.to_numpy(dtype=float)


def _check_worlds(runs: pd.DataFrame, columns: list[str]) -> None:
    """Refuse points of different scenarios, or in different worlds: their differences would be luck."""
    if "base_digest" in runs and len(runs["base_digest"].unique()) > 1:
        raise InputError("salib_outcome: the runs are of sweeps over different scenarios; choose one base_digest.")
    if {"seed", "replication"} <= set(runs.columns):
        worlds = {frozenset(zip(each["seed"], each["replication"], strict=True)) for _, each in runs.groupby(columns)}
        if len(worlds) > 1:
            raise InputError("salib_outcome: points have run in different worlds; let the sweep end first.")


def _forms(path: str) -> tuple[str, ...]:
    """Return what a path may be called in a table of runs: it may be a short form."""
    return path, f"programme.{path}", f"parameters.{path}"
