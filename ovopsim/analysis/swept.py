"""A stored sweep as tables: one row for each run, means with intervals for each point, paired effects."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ovopsim.analysis.appraisal import PUBLIC_COST, discount_factors, discount_rate
from ovopsim.analysis.changes import HEADLINES, YEAR
from ovopsim.analysis.effects import Effect, mean_effect, relative_effect
from ovopsim.analysis.partners import SHARED, WORLD, check_contents, chosen, failures
from ovopsim.errors import InputError, did_you_mean
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.study import parts

# what is said of a point when nobody asks for other outcomes
POINT_OUTCOMES: Final = (*HEADLINES, "public_cost_idr")
# what a run is, not what its design set
FIXED: Final = (
    *("run_id", "scenario", "scenario_digest", "base_digest", "seed", "replication", "start", "months"),
    *("model_digest", "status", "reason", "budget_idr"),
)
# columns of every run that a design may set too
OWN_COLUMNS: Final = ("start", "months")


def by_run(path: Path, runs: pd.DataFrame, outcomes: Iterable[str] = OUTCOMES) -> pd.DataFrame:
    """Return one row for each row of the table of runs, with settings and outcomes; failed runs are left out.

    Parameters
    ----------
    path : Path
        Of the store.
    runs : DataFrame
        Its table of runs.
    outcomes : iterable of str

    Returns
    -------
    DataFrame
        The columns of `runs`; the mean of each outcome over the last twelve months; ``public_cost_idr``: what the
        programme cost over the whole run, rupiah of 2016, discounted as `compare` does: spent, interest subsidies and
        guarantee losses; ``spent_share``: what was spent over what the treasury released within the run, NaN where
        there is no programme.

    Raises
    ------
    InputError
        When there is no such outcome.
    """
    names = [outcomes] if isinstance(outcomes, str) else list(dict.fromkeys(outcomes))
    for name in names:
        if name not in OUTCOMES:
            raise InputError(f"outcomes: '{name}' is none{did_you_mean(name, OUTCOMES)}")
    months = runs.drop_duplicates("run_id").set_index("run_id")["months"]
    wanted = ["run_id", "step", *dict.fromkeys([*names, *PUBLIC_COST])]
    found = []
    for part in parts.parts(path, "monthly"):  # one after the other: a store may be larger than memory
        frame = pd.read_parquet(part, columns=wanted)
        if frame.empty:  # of runs that failed, or that stand in an earlier part
            continue
        last = frame[frame["step"] >= frame["run_id"].map(months) - YEAR]
        means = last.groupby("run_id", sort=False)[names].mean()
        cost = frame[list(PUBLIC_COST)].sum(axis=1) * discount_factors(frame["step"], discount_rate())
        means["public_cost_idr"] = cost.groupby(frame["run_id"], sort=False).sum()
        means["spent_share"] = frame.groupby("run_id", sort=False)["spent_idr"].sum()
        found.append(means)
    if not found:
        return runs.head(0).assign(**dict.fromkeys([*names, "public_cost_idr", "spent_share"], 0.0))
    results = runs[runs["status"] == "done"].merge(pd.concat(found), left_on="run_id", right_index=True)
    # a store of an earlier version does not say what the budget was
    results["spent_share"] /= results.get("budget_idr", math.nan)
    return results


def settings_of(runs: pd.DataFrame) -> list[str]:
    """Return the columns that designs varied."""
    own = [name for name in OWN_COLUMNS if name in runs and len(runs[name].unique()) > 1]
    return own + [name for name in runs.columns if name not in FIXED]


def summary(
    results: pd.DataFrame, settings: list[str], outcomes: Iterable[str], runs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return mean, 95 % interval and Monte Carlo standard error of each outcome for each point.

    Parameters
    ----------
    results : DataFrame
        Of `by_run`.
    settings : list of str
        What tells points apart, besides their names and what their scenarios say.
    outcomes : iterable of str
    runs : DataFrame, optional
        The store's table of runs, from which failed ones are counted.

    Returns
    -------
    DataFrame
        ``scenario``, ``base_digest`` (of the scenario that the design changes), ``scenario_digest``, the settings,
        ``outcome, mean, low, high, standard_error, replications``; ``all_worlds``: whether the mean is over all worlds
        that any point of the same ``base_digest`` has; ``failed``: in how many worlds the point failed, of which the
        mean knows nothing, and growth that is far out fails first; ``spent_share`` of the budget.
    """
    # While a sweep is under way, or after one with more worlds, points differ in their worlds. Each keeps all it has:
    # cutting all down to what they share would leave little of a store that holds a short and a long sweep, and
    # refusing would hide what a sweep under way has found. So the row says it, and comparisons (`paired`,
    # `from_base`, `factorial_effects`) take only worlds that both sides have.
    failed: Mapping[Any, int] = {} if runs is None else failures(runs).to_dict()
    worlds: dict[str, set[tuple[int, int]]] = {}
    for base, *world in results[["base_digest", *WORLD]].itertuples(index=False):
        worlds.setdefault(base, set()).add(tuple(world))

    def more(effect: Effect, group: pd.DataFrame, _: str) -> dict[str, Any]:
        count = len(group)
        wanted = len(worlds[group["base_digest"].iloc[0]])
        share = group["spent_share"].mean() if "spent_share" in group else math.nan
        lost = failed.get(tuple(group.iloc[0].reindex(["base_digest", "scenario_digest"])), 0)
        told = {"standard_error": effect.spread / math.sqrt(count), "replications": count, "failed": lost}
        return told | {"all_worlds": count == wanted, "spent_share": share}

    # two scenarios of one name are two points: a file that was edited between two commands
    own = [name for name in ("scenario_digest",) if name in results]
    return _with_intervals(results, ["scenario", "base_digest", *own, *settings], outcomes, more)


def differences(
    results: pd.DataFrame, settings: list[str], against: Mapping[str, Any], outcomes: Iterable[str]
) -> pd.DataFrame:
    """Return each run less its partner: the run of the same world that differs in some settings only.

    Parameters
    ----------
    results : DataFrame
        Of `by_run`, or of this function: differences of differences say whether one setting changes the effect of
        another.
    settings : list of str
    against : mapping of str to value
        Settings of the partner, such as ``{"roles.5": 0}`` (None = not set); all other settings, seed and world are
        those of the run itself.

    Returns
    -------
    DataFrame
        `results` with differences in the columns of outcomes, and beside each ``… of partner``: the partner's value.
        Runs without a partner are left out.

    Raises
    ------
    InputError
        When a path is not varied, no point has these settings, or a point of one name and setting is two scenarios.
    """
    for path in against:
        if path not in settings:
            raise InputError(f"effects: '{path}' is not varied in this store{did_you_mean(path, settings)}")
    names = list(outcomes)
    shared = [*SHARED, *(path for path in settings if path not in against)]
    check_contents(results, settings, "effects")
    partners = chosen(results, against, "effects").drop_duplicates(shared)[[*shared, *names]]
    return _less(results, partners, shared, names)


def _less(results: pd.DataFrame, partners: pd.DataFrame, shared: list[str], names: list[str]) -> pd.DataFrame:
    """Return results less those of their partners; what has none is left out."""
    old = [f"{name} of partner" for name in names]
    both = results.drop(columns=old, errors="ignore").merge(partners, on=shared, suffixes=("", " of partner"))
    for name, partner in zip(names, old, strict=True):
        both[name] -= both[partner]
    return both


def paired(
    results: pd.DataFrame, settings: list[str], against: Mapping[str, Any], outcomes: Iterable[str]
) -> pd.DataFrame:
    """Return the paired effect of each point against the one that differs from it in some settings only.

    Parameters are those of `differences`.

    Returns
    -------
    DataFrame
        ``scenario, base_digest``, the settings, ``outcome, mean, low, high, relative, relative_low, relative_high,
        replications, clear`` (1 or −1 where the interval lies above or below zero).
        Points without such a partner are left out.

    Raises
    ------
    InputError
        When a path is not varied, or no point has these settings.
    """
    names = list(outcomes)
    both = differences(results, settings, against, names)
    return _effects(both, ["scenario", "base_digest", *settings], names)


def from_base(results: pd.DataFrame, settings: list[str], outcomes: Iterable[str]) -> pd.DataFrame:
    """Return the paired effect of each point of a design against the design's base point, over worlds that both have.

    The base point is the one that leaves the scenario as it is; where a design has none, its first in the order of
    `summary`: no role, the least budget.

    Parameters
    ----------
    results : DataFrame
        Of `by_run`.
    settings : list of str

    Returns
    -------
    DataFrame
        The columns of `paired`, and ``base_point``, the base point's name. The base point itself, and scenarios that
        are no design's, are left out.
    """
    names, keys = list(outcomes), ["scenario", "base_digest", *settings]
    ordered = results[results["base_digest"] != ""].sort_values([*keys[1:], keys[0]])
    same = ordered[ordered["scenario_digest"] == ordered["base_digest"]]
    bases = pd.concat([same, ordered]).drop_duplicates("base_digest")[["base_digest", "scenario", "scenario_digest"]]
    bases = bases.rename(columns={"scenario": "base_point"})
    # runs that say the same are one, under whatever name
    partners = ordered.merge(bases, on=["base_digest", "scenario_digest"]).drop_duplicates(SHARED)
    both = _less(ordered, partners[[*SHARED, "base_point", *names]], list(SHARED), names)
    both = both[both["scenario"] != both["base_point"]]
    return _effects(both, [*keys, "base_point"], names)


def _effects(both: pd.DataFrame, keys: list[str], names: list[str]) -> pd.DataFrame:
    """Return differences from partners as a row for each point and outcome."""

    def more(_: Effect, group: pd.DataFrame, outcome: str) -> dict[str, Any]:
        level = group[f"{outcome} of partner"].to_numpy(dtype=float)
        relative = relative_effect(group[outcome].to_numpy(dtype=float), level)
        told = dict(zip(("relative", "relative_low", "relative_high"), relative, strict=True))
        return {"replications": len(group)} | told

    found = _with_intervals(both, keys, names, more)
    if found.empty:
        return found
    return found.assign(clear=(found["low"] > 0.0).astype(int) - (found["high"] < 0.0).astype(int))


def _with_intervals(
    results: pd.DataFrame,
    keys: list[str],
    outcomes: Iterable[str],
    more: Callable[[Effect, pd.DataFrame, str], dict[str, Any]],
) -> pd.DataFrame:
    rows = []
    for key, group in results.sort_values([*keys[1:], keys[0]]).groupby(keys, dropna=False, sort=False):
        names = key if isinstance(key, tuple) else (key,)
        for outcome in outcomes:
            effect = mean_effect(group[outcome].to_numpy(dtype=float))
            rows.append(
                dict(zip(keys, names, strict=True))
                | {"outcome": outcome, "mean": effect.mean, "low": effect.low, "high": effect.high}
                | more(effect, group, outcome)
            )
    return pd.DataFrame(rows)
