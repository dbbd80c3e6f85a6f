"""Trials in which the share of firms that is treated differs: what rivals lose, and what comparing towns shows.

In one market every firm competes with every other, so that the untreated are no picture of a world without the trial.
Towns with markets of their own, drawn by lot to have none, some or most of their firms treated, are: Baird, Bohren,
McIntosh and Özler (2018), Review of Economics and Statistics 100(5), 844–860.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.effects import ratio_interval, relative_effect
from ovopsim.analysis.estimators import contrast
from ovopsim.analysis.trial_samples import sample_of
from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.policy.trials import CONTROL

WITHOUT: Final = "_without"
ENDS: Final = ("", "_low", "_high")


def several_towns(towns: Iterable[tuple[float, pd.DataFrame]], replication: int = 0) -> pd.DataFrame:
    """Return one trial over towns, each a market of its own.

    Parameters
    ----------
    towns : iterable of (float, DataFrame)
        Share of the town's firms that is treated, and its firm frame of one replication and one arm. Where the share is
        0 firms are those of the world without the trial, whatever the frame's arms are.
    replication : int
        Number of the whole trial.

    Returns
    -------
    DataFrame
        A firm frame whose clusters are the towns and whose arms are `treated_50` and `untreated_50` of towns with half
        of their firms treated, and so on; the controls are the firms of towns where none is.
    """
    frames = []
    for number, (share, firms) in enumerate(towns):
        town = (_untouched(firms) if share == 0.0 else _named(firms, share)).assign(cluster=number)
        frames.append(town)
    if not frames:
        raise InputError("towns: there is none; give the share treated and the firm frame of each.")
    return pd.concat(frames, ignore_index=True).assign(replication=replication, firm_id=lambda table: table.index)


def _untouched(firms: pd.DataFrame) -> pd.DataFrame:
    seen = {name.removesuffix(WITHOUT): firms[name] for name in map(str, firms.columns) if name.endswith(WITHOUT)}
    return firms.assign(arm=CONTROL, offered=False, accepted=False, **seen)


def _named(firms: pd.DataFrame, share: float) -> pd.DataFrame:
    if not 0.0 < share <= 1.0:
        raise InputError(f"towns: {share} is no share of a town's firms; give one from 0 to 1.")
    end = f"_{100.0 * share:g}"
    return firms.assign(arm=np.where(firms["arm"] == CONTROL, f"untreated{end}", f"treated{end}"))


def saturation_table(
    frames: Mapping[float, Iterable[pd.DataFrame]], outcome: str, month: int, clustered: bool = False
) -> pd.DataFrame:
    """Return what a trial in one market does and what its evaluator finds, by the share of firms treated.

    Parameters
    ----------
    frames : mapping of float to iterable of DataFrame
        Share of firms treated -> firm frames of one arm, one for each world.
    outcome : str
    month : int
    clustered : bool
        Whether groups were drawn.

    Returns
    -------
    DataFrame
        ``share, worlds``, and in per cent of the mean of all firms without the trial, with ``…_low, …_high`` (95 % over
        worlds): ``treated, untreated, everyone`` (exact effects), ``difference, ancova`` (the evaluator's estimates)
        and ``expected`` (what the difference of means finds without the luck of the draw, which the same firms without
        the trial show: exact effect on the treated less that on the untreated); ``too_much`` (by how many per cent of
        the exact effect on the treated that is off, which is what the untreated lose), and ``from_rivals`` (per cent of
        what the treated gain together that the untreated lose). What needs untreated firms is NaN where all are
        treated.
    """
    return pd.DataFrame(_row(share, list(worlds), outcome, month, clustered) for share, worlds in frames.items())


def _row(share: float, worlds: list[pd.DataFrame], outcome: str, month: int, clustered: bool) -> dict[str, Any]:
    found = pd.DataFrame([_of_world(firms, outcome, month, clustered) for firms in worlds])
    level = found["level"].to_numpy(float)
    row: dict[str, Any] = {"share": share, "worlds": len(worlds)}
    for name in ("treated", "untreated", "everyone", "difference", "ancova", "expected"):
        values = 100.0 * np.array(relative_effect(found[name].to_numpy(float), level))
        row |= {f"{name}{end}": value for end, value in zip(ENDS, values, strict=True)}
    lost, gained = -found["untreated"].to_numpy(float), found["treated"].to_numpy(float)
    row |= _ratio("too_much", lost, gained)
    others, members = (found[name].to_numpy(float) for name in ("others", "members"))
    return row | _ratio("from_rivals", lost * others, gained * members)


def _ratio(name: str, top: Reals, base: Reals) -> dict[str, float]:
    low, high = ratio_interval(top, base) or (np.nan, np.nan)
    values = (float(top.mean() / base.mean()), low, high)
    return {f"{name}{end}": 100.0 * value for end, value in zip(ENDS, values, strict=True)}


def _of_world(firms: pd.DataFrame, outcome: str, month: int, clustered: bool) -> dict[str, float]:
    without = firms[f"{outcome}_{month}{WITHOUT}"].to_numpy(float)
    change = firms[f"{outcome}_{month}"].to_numpy(float) - without
    mine = (firms["arm"] != CONTROL).to_numpy()
    if not mine.any():
        raise InputError("frames: a world in which no firm is treated shows no effect.")
    row = {"level": float(without.mean()), "everyone": float(change.mean()), "treated": float(change[mine].mean())}
    row |= {"members": float(mine.sum()), "others": float((~mine).sum())}
    if mine.all():
        return row | dict.fromkeys(("untreated", "difference", "ancova", "expected"), np.nan)
    arm = str(firms.loc[mine, "arm"].iloc[0])
    sample = sample_of(firms, arm, outcome, month, clustered)
    row["untreated"] = float(change[~mine].mean())
    row["expected"] = row["treated"] - row["untreated"]
    estimates = {name: contrast(sample, adjusted=name == "ancova").estimate for name in ("difference", "ancova")}
    return row | estimates


def expected_excess(share: float, inside: Mapping[str, float], mix: Mapping[str, float]) -> float:
    """Return by how many per cent a naive estimate should be too large, by the equations of the market alone.

    A firm's money from a channel is its part of the pull of all sellers (`rules/market/sales.py`). When a share s of
    the cluster's pull rises by a little, each firm's part of the channel falls by s times the cluster's share of it, so
    that with D, the cluster's share of its buyers' spending averaged over its sales, the untreated lose D s of what a
    firm treated alone would gain, and the treated gain 1 − D s.

    Parameters
    ----------
    share : float
        Of firms treated.
    inside : mapping of str to float
        Channel -> share of its spending that goes to the cluster.
    mix : mapping of str to float
        Channel -> share of the cluster's sales; scaled to add up to one.

    Examples
    --------
    >>> round(expected_excess(0.5, {"local": 1.0}, {"local": 1.0}), 3)
    100.0
    >>> round(expected_excess(0.5, {"local": 0.3, "export": 0.0}, {"local": 0.5, "export": 0.5}), 1)
    8.1
    """
    drawn = share * sum(inside[name] * part for name, part in mix.items()) / sum(mix.values())
    return 100.0 * drawn / (1.0 - drawn)
