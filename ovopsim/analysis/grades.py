"""How much of a role rests on evidence: what it hinges on, how far that was narrowed, and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pandas as pd

from ovopsim.analysis.posterior import ASSUMPTION_DRIVEN
from ovopsim.parameters import leaf_paths
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy import ROLES, Scenario
from ovopsim.study.drawn import WEIGHT, Uncertain, levers_used, located, records
from ovopsim.study.weighted import moments

GRADES: Final = ("measured_here", "measured_elsewhere", "assumption")  # from the best


@cache
def works_through() -> Mapping[str, tuple[str, ...]]:
    """Return target of an effect -> single parameters that it works through."""
    given = read_yaml(files("ovopsim.analysis") / "data" / "works_through.yaml")
    return {
        target: tuple(leaf for path in paths for leaf in leaf_paths() if leaf == path or leaf.startswith(f"{path}."))
        for target, paths in given.items()
    }


def key_parameters(scenarios: Iterable[Scenario]) -> dict[tuple[int, str], tuple[str, ...]]:
    """Return for each role and lever that is used what its effect hinges on: own sizes and chances, and parameters."""
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    for scenario in scenarios:
        for name in levers_used(scenario):
            lever = scenario.all_levers[name]
            own = [path for path in records(name, lever) if path.startswith(f"levers.{name}.effects.")]
            through = [path for effect in lever.effects for path in works_through()[effect.target]]
            found[lever.role, name] = tuple(dict.fromkeys([*found.get((lever.role, name), ()), *own, *through]))
    return dict(sorted(found.items(), key=lambda each: each[0][0]))


def parameters_table(scenarios: Iterable[Scenario], posterior: pd.DataFrame | None) -> pd.DataFrame:
    """Return what each role hinges on, a row for each role, lever and parameter.

    Parameters
    ----------
    posterior : DataFrame or None
        Checked draws (`study.drawn.checked_posterior`); None = nothing was learned, and every ratio is 1.

    Returns
    -------
    DataFrame
        ``role, lever, parameter, prior_sd, posterior_sd, ratio, grade``. A parameter that is not in the posterior was
        not learned about: ratio 1.
    """
    arms = list(scenarios)
    rows = []
    for (role, lever), paths in key_parameters(arms).items():
        for path in paths:
            each = located(path, arms, "how_sure")
            if each.record.prior is not None:
                rows.append({"role": role, "lever": lever, "parameter": path} | _narrowed(path, each, posterior))
    columns = ["role", "lever", "parameter", "prior_sd", "posterior_sd", "ratio", "grade"]
    return pd.DataFrame(rows, columns=columns)


def _narrowed(path: str, each: Uncertain, posterior: pd.DataFrame | None) -> dict[str, Any]:
    before = each.prior_sd()
    after = before
    if posterior is not None and path in posterior:
        after = float(moments(posterior[path].to_numpy(), posterior[WEIGHT].to_numpy())[1])
    ratio = after / before if before > 0.0 else math.nan
    return {"prior_sd": before, "posterior_sd": after, "ratio": ratio, "grade": each.record.grade}


def roles_table(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each role.

    Parameters
    ----------
    parameters : DataFrame
        Of `parameters_table`; a parameter that two levers of a role share counts once.

    Returns
    -------
    DataFrame
        ``role, name, parameters`` (how many), ``ratio`` (mean of posterior over prior standard deviation), ``least,
        least_parameter`` (the one that data narrowed most), ``measured_here, measured_elsewhere, assumption`` (how many
        of each grade), ``grade`` (that of most; the weaker of two), ``assumption_driven`` (ratio above 0.9).
    """
    rows = []
    mine = parameters.drop_duplicates(["role", "parameter"])
    for role in sorted(int(role) for role in mine["role"].unique()):
        group = mine[mine["role"] == role]
        counts = {grade: int((group["grade"] == grade).sum()) for grade in GRADES}
        least = group.sort_values("ratio", kind="stable").iloc[0]
        ratio = float(group["ratio"].mean())
        rows.append(
            {
                "role": role,
                "name": ROLES[role],
                "parameters": len(group),
                "ratio": ratio,
                "least": float(least["ratio"]),
                "least_parameter": least["parameter"],
                **counts,
                "grade": max(reversed(GRADES), key=lambda grade: counts[grade]),
                "assumption_driven": ratio > ASSUMPTION_DRIVEN,
            }
        )
    return pd.DataFrame(rows)
