"""What each factor of a factorial adds, and whether two together do more or less than both apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from ovopsim.analysis.effects import mean_effect
from ovopsim.errors import InputError
from ovopsim.fields import Reals


def factorial_effects(results: pd.DataFrame, factors: list[str], outcomes: Iterable[str]) -> pd.DataFrame:
    """Return main effects and two-way interactions, computed in each world and then averaged over worlds.

    The main effect of a factor is the mean of what it adds, over all combinations of the others. The interaction of
    two is by how much more the first adds when the second is there than when it is not; without interaction it is 0.

    Parameters
    ----------
    results : DataFrame
        One row for each run: ``base_digest, seed, replication``, a column of 0 and 1 for each factor, and the outcomes.
        Worlds in which a combination is missing are left out, so that a half-finished sweep is balanced.
    factors : list of str
    outcomes : iterable of str

    Returns
    -------
    DataFrame
        ``outcome, first, second`` (empty for a main effect), ``mean, low, high`` (95 % over worlds), ``relative,
        relative_low, relative_high`` (over the outcome's mean of all combinations), ``clear, replications``.

    Raises
    ------
    InputError
        When a factor is no column of 0 and 1, or no world has all combinations.
    """
    for factor in factors:
        if factor not in results.columns or not set(results[factor].unique()) <= {0, 1}:
            raise InputError(f"factorial: '{factor}' is not 0 or 1 in every run; name settings that are.")
    keys = ["base_digest", "seed", "replication", *factors]
    rows = []
    for outcome in outcomes:
        runs = results.drop_duplicates(keys)
        worlds = runs.pivot_table(outcome, ["base_digest", "seed", "replication"], factors).dropna()
        if worlds.empty or worlds.shape[1] < 2 ** len(factors):
            raise InputError(f"factorial: no world has all {2 ** len(factors)} combinations yet; let the sweep end.")
        signs = 2.0 * np.array([np.atleast_1d(flags) for flags in worlds.columns], dtype=float) - 1.0
        rows += _rows(outcome, worlds.to_numpy(dtype=float), signs, factors)
    return pd.DataFrame(rows)


def _rows(outcome: str, values: Reals, signs: Reals, factors: list[str]) -> list[dict[str, Any]]:
    """Return the rows of one outcome; `values` (worlds, combinations), `signs` (combinations, factors) of −1 and 1."""
    level = float(values.mean())
    scale = level if level != 0.0 else float("nan")
    places = [(place,) for place in range(len(factors))] + list(combinations(range(len(factors)), 2))
    rows = []
    for chosen in places:
        contrast = signs[:, chosen].prod(axis=1)
        effect = mean_effect(values @ contrast / 2.0 ** (len(factors) - len(chosen)))
        ends = {"mean": effect.mean, "low": effect.low, "high": effect.high}
        names = {"first": factors[chosen[0]], "second": factors[chosen[1]] if len(chosen) > 1 else ""}
        relative = {f"relative_{name}".removesuffix("_mean"): value / scale for name, value in ends.items()}
        rows.append(
            {"outcome": outcome} | names | ends | relative | {"clear": effect.clear, "replications": len(values)}
        )
    return rows


def mixes(results: pd.DataFrame, factors: list[str]) -> pd.Series:
    """Return for each run which factors are in: ``1 3 7`` for ``roles.1``, ``roles.3`` and ``roles.7``."""
    ends = np.array([factor.rpartition(".")[2] for factor in factors])
    flags = results[factors].to_numpy() == 1
    return pd.Series([" ".join(ends[row]) for row in flags], index=results.index, dtype=object)
