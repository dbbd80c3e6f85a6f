"""Which runs of a store may be put beside each other: the same worlds, one content for each key, what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from ovopsim.errors import InputError, did_you_mean

WORLD: Final = ("seed", "replication")
# what runs share that can be compared: the same world, and a design that changes the same scenario
SHARED: Final = ("base_digest", *WORLD)


def chosen(results: pd.DataFrame, where: Mapping[str, Any], what: str) -> pd.DataFrame:
    """Return the runs that have some values in some columns (None = not set).

    Raises
    ------
    InputError
        When there is no such column, or no run has these values.
    """
    kept = pd.Series(True, index=results.index)
    for path, value in where.items():
        if path not in results:
            raise InputError(f"{what}: '{path}' is not varied in this store{did_you_mean(path, results.columns)}")
        kept &= results[path].isna() if value is None else results[path] == value
    if where and not kept.any():
        raise InputError(f"{what}: no run of this store has {dict(where)}.")
    return results[kept]


def check_contents(results: pd.DataFrame, settings: list[str], what: str) -> None:
    """Refuse runs of one world and one point's settings that say different things, of which any may be the partner.

    Raises
    ------
    InputError
        It names the point and the remedy.
    """
    if "scenario_digest" not in results:
        return
    of_designs = results[results["base_digest"] != ""].drop_duplicates([*SHARED, *settings, "scenario_digest"])
    twice = of_designs[of_designs.duplicated([*SHARED, *settings])]
    if len(twice):
        point = twice.iloc[0]
        name = point.get("scenario", {path: point[path] for path in settings})
        raise InputError(
            f"{what}: '{name}' stands for two scenarios in this store: a file that it names was changed between two "
            "sweeps; run each into a store of its own."
        )


def common_worlds(results: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of worlds in which no point of a design failed, so that points are compared over the same worlds.

    Whether a run fails depends on what happens in it: a mean over worlds that went well for one point and a mean over
    worlds that went well for another are not those of the same luck. Points that failed in every world are passed over;
    where no world would be left, each point keeps what it has, and the columns of what is compared say so.

    Parameters
    ----------
    results : DataFrame
        Of `analysis.swept.by_run`.
    runs : DataFrame
        Table of runs, with those that failed.
    """
    failed = runs[(runs["status"] != "done") & (runs["base_digest"] != "")]
    ended = results[["base_digest", "scenario_digest"]].drop_duplicates()
    worlds = failed.merge(ended, on=["base_digest", "scenario_digest"])[list(SHARED)].drop_duplicates()
    if worlds.empty:
        return results
    lost = pd.MultiIndex.from_frame(results[list(SHARED)]).isin(pd.MultiIndex.from_frame(worlds))
    left = set(results["base_digest"][~lost])
    return results[~lost | ~results["base_digest"].isin(left)]


def failures(runs: pd.DataFrame) -> pd.Series:
    """Return how many worlds failed, by ``base_digest`` and ``scenario_digest``; points without failures are left out.

    Runs that stand under several names are counted once.
    """
    failed = runs[runs["status"] != "done"].drop_duplicates("run_id")
    return failed.groupby(["base_digest", "scenario_digest"]).size()
