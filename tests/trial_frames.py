"""Firm frames of made-up field trials whose effects are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class MadeUp:
    """What a made-up trial is made of; money in units of the controls' mean of 100.

    Attributes
    ----------
    effect : float
        What a firm that takes part gains in month 12; later it fades by `fades` a follow-up.
    takers_better : float
        By how much firms that would take part earn more without the trial.
    on_controls : float
        What the trial does to each control.
    clusters : int
        Randomised instead of firms when above 0, `shared` of the variance being common to a cluster.
    lost : dict of str to float
        Share lost to the survey, by arm.
    closing : float
        Share of firms that close, with and without the trial; each earns 0.
    """

    firms: int = 200
    arms: tuple[str, ...] = ("training",)
    months: tuple[int, ...] = (12, 24)
    effect: float = 10.0
    fades: float = 0.5
    take_up: float = 1.0
    takers_better: float = 0.0
    on_controls: float = 0.0
    clusters: int = 0
    shared: float = 0.0
    spread: float = 30.0
    correlation: float = 0.5
    lost: tuple[tuple[str, float], ...] = ()
    closing: float = 0.0


def frame(made: MadeUp, replication: int = 0, seed: int = 0) -> pd.DataFrame:
    """Return the firm frame of one replication: outcome profit, baselines, and nothing that a real one lacks."""
    stream = np.random.default_rng([seed, replication])
    firms = made.firms
    cluster = np.arange(firms) % made.clusters if made.clusters else np.arange(firms)
    names = np.array(["control", *made.arms])
    units = made.clusters or firms
    arm = names[stream.permutation(np.arange(units) % len(names))][cluster]
    lasting = _normal(stream, made, cluster)
    would_take = stream.random(firms) < made.take_up
    treated = arm != "control"
    columns = {
        "replication": replication,
        "firm_id": np.arange(firms),
        "cluster": cluster,
        "arm": arm,
        "offered": treated,
        "accepted": treated & would_take,
        "sentra": np.array(["kauman", "laweyan", "elsewhere"])[(cluster * 7) % 3],
        "technique": "cap",
        "log_ability": lasting + stream.normal(0.0, 0.5, firms),
        "workers_before": stream.poisson(1.0, firms).astype(float),
        "profit_before": 100.0 + made.spread * lasting,
        "sales_before": 300.0 + 2.0 * made.spread * lasting + stream.normal(0.0, 20.0, firms),
    }
    lost = dict(made.lost)
    for number, month in enumerate(made.months):
        noise = _normal(stream, made, cluster)
        deviation = made.correlation * lasting + np.sqrt(1.0 - made.correlation**2) * noise
        without = 100.0 + made.takers_better * would_take + made.spread * deviation
        change = np.where(treated, made.effect * made.fades**number * would_take, made.on_controls)
        alive = stream.random(firms) >= made.closing
        columns |= {
            f"profit_{month}": np.where(alive, without + change, 0.0),
            f"profit_{month}_without": np.where(alive, without, 0.0),
            f"alive_{month}": alive,
            f"alive_{month}_without": alive,
            f"found_{month}": stream.random(firms) >= np.array([lost.get(str(name), 0.0) for name in arm]),
        }
    return pd.DataFrame(columns)


def frames(made: MadeUp, replications: int, seed: int = 0) -> list[pd.DataFrame]:
    """Return the frames of several replications."""
    return [frame(made, replication, seed) for replication in range(replications)]


def _normal(stream: np.random.Generator, made: MadeUp, cluster: np.ndarray) -> np.ndarray:
    """Return standard normal deviates of which a share of the variance is common to a cluster."""
    own = stream.normal(size=made.firms)
    if not made.clusters:
        return own
    common = stream.normal(size=made.clusters)[cluster]
    return np.sqrt(made.shared) * common + np.sqrt(1.0 - made.shared) * own
