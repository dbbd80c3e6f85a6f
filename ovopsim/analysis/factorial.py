"""What each factor of a factorial adds, and whether two together do more or less than both apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.effects import mean_effect, relative_effect
from ovopsim.analysis.partners import WORLD, check_contents, chosen
from ovopsim.errors import InputError
from ovopsim.fields import Reals

BUDGET: Final = "programme.budget"
ROLE: Final = "roles."
SHOWN: Final = 4  # values that a message names
ROUNDING: Final = 1e-12  # of the largest value: less is the error of least squares, and no effect


def factorial_effects(
    results: pd.DataFrame,
    factors: list[str],
    outcomes: Iterable[str],
    settings: Iterable[str] = (),
    where: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return main effects and two-way interactions, computed in each world and then averaged over worlds.

    The main effect of a factor is the mean of what it adds, over all combinations of the others. The interaction of
    two is by how much more the first adds when the second is there than when it is not; without interaction it is 0.

    Two or more roles that share one budget are shown without the combination of none of them: that one has no money at
    all, and the step from no money to the whole budget would stand in each role's main effect and, the other way
    round, in each interaction. Effects are then least squares over the other combinations, as if no three roles did
    more together than their pairs do; of two roles alone there is no interaction. Where each role brings its own money,
    all combinations count.

    Parameters
    ----------
    results : DataFrame
        One row for each run: ``base_digest, seed, replication``, a column of 0 and 1 for each factor, and the outcomes.
        Worlds in which a combination is missing are left out, so that a half-finished sweep is balanced.
    factors : list of str
    outcomes : iterable of str
    settings : iterable of str
        All that designs varied.
    where : mapping of str to value, optional
        Of each other setting that varies, the value that is asked for (None = not set); ``base_digest`` too, where
        designs change several scenarios.

    Returns
    -------
    DataFrame
        ``outcome, first, second`` (empty for a main effect), ``mean, low, high`` (95 % over worlds), ``relative,
        relative_low, relative_high`` (over the outcome's mean of all combinations that count), ``clear, replications,
        combinations``.

    Raises
    ------
    InputError
        When a factor is no column of 0 and 1, no world has all combinations, or another setting takes more than one
        value; a budget may follow from the factors.
    """
    runs = chosen(results, where or {}, "factorial: where")
    for factor in factors:
        if factor not in runs.columns or not set(runs[factor].unique()) <= {0, 1}:
            raise InputError(f"factorial: '{factor}' is not 0 or 1 in every run; name settings that are.")
    others = [path for path in settings if path not in factors]
    _check_one_point_each(runs, factors, others)
    keys = ["base_digest", *WORLD]
    runs = runs.drop_duplicates([*keys, *factors])
    shared = BUDGET not in runs or len(runs[BUDGET].drop_duplicates()) == 1
    rows = []
    for outcome in outcomes:
        worlds = runs.pivot_table(outcome, keys, factors).dropna()
        if worlds.empty or worlds.shape[1] < 2 ** len(factors):
            raise InputError(f"factorial: no world has all {2 ** len(factors)} combinations yet; let the sweep end.")
        flags = np.array([np.atleast_1d(each) for each in worlds.columns], dtype=float)
        kept = _with_money(flags, factors) if shared else np.ones(len(flags), dtype=bool)
        rows += _rows(outcome, worlds.to_numpy(dtype=float)[:, kept], 2.0 * flags[kept] - 1.0, factors)
    return pd.DataFrame(rows)


def _check_one_point_each(runs: pd.DataFrame, factors: list[str], others: list[str]) -> None:
    """Refuse runs among which a combination of factors is more than one point."""
    for path in ("base_digest", *others):
        values = runs[path].drop_duplicates()
        if len(values) < 2:
            continue
        follows = runs[[*factors, path]].drop_duplicates().groupby(factors).size().max() == 1
        if path == BUDGET and follows:
            continue
        shown = ", ".join("none" if pd.isna(value) else str(value) for value in values.head(SHOWN))
        first = None if pd.isna(values.iloc[0]) else values.tolist()[0]
        raise InputError(
            f"factorial: '{path}' takes more than one value besides the factors ({shown}"
            f"{', …' if len(values) > SHOWN else ''}); pick one, such as where={{'{path}': {first!r}}}."
        )
    check_contents(runs, [*factors, *others], "factorial")


def _with_money(flags: Reals, factors: list[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which combinations (rows of `flags`) have a role in them; all, where fewer than two roles are factors."""
    roles = [place for place, factor in enumerate(factors) if factor.startswith(ROLE)]
    kept: np.ndarray[Any, np.dtype[np.bool_]] = flags[:, roles].sum(axis=1) > (0.0 if len(roles) > 1 else -1.0)
    return kept


def _rows(outcome: str, values: Reals, signs: Reals, factors: list[str]) -> list[dict[str, Any]]:
    """Return the rows of one outcome; `values` (worlds, combinations), `signs` (combinations, factors) of −1 and 1."""
    places = [(place,) for place in range(len(factors))] + list(combinations(range(len(factors)), 2))
    terms = [signs[:, place].prod(axis=1) for place in places]
    roles = [place for place, factor in enumerate(factors) if factor.startswith(ROLE)]
    if len(roles) == 2 and len(values.T) < 2 ** len(factors):
        known = [place != tuple(roles) for place in places]
        places = [place for place, is_known in zip(places, known, strict=True) if is_known]
        terms = [term for term, is_known in zip(terms, known, strict=True) if is_known]
    # with all combinations the terms are orthogonal, and least squares are the usual contrasts
    found = values @ np.linalg.pinv(np.column_stack([np.ones(len(signs)), *terms])).T
    found[np.abs(found) < ROUNDING * np.abs(values).max()] = 0.0
    level = values.mean(axis=1)
    rows = []
    for number, place in enumerate(places):
        # a factor goes from −1 to 1, two steps of its sign; two factors together, four
        differences = 2.0 ** len(place) * found[:, number + 1]
        effect, relative = mean_effect(differences), relative_effect(differences, level)
        ends = dict(zip(("relative", "relative_low", "relative_high"), relative, strict=True))
        names = {"first": factors[place[0]], "second": factors[place[1]] if len(place) > 1 else ""}
        rows.append(
            {"outcome": outcome}
            | names
            | {"mean": effect.mean, "low": effect.low, "high": effect.high}
            | ends
            | {"clear": effect.clear, "replications": len(values), "combinations": len(signs)}
        )
    return rows


def mixes(results: pd.DataFrame, factors: list[str]) -> pd.Series:
    """Return for each run which factors are in: ``1 3 7`` for ``roles.1``, ``roles.3`` and ``roles.7``."""
    ends = np.array([factor.rpartition(".")[2] for factor in factors])
    flags = results[factors].to_numpy() == 1
    return pd.Series([" ".join(ends[row]) for row in flags], index=results.index, dtype=object)
