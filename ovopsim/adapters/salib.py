"""SALib's shape: a problem from the priors, and SALib's samples as tables that designs and `batch_run` understand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ovopsim.adapters.bounds import Paths, ends_of
from ovopsim.errors import InputError
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
