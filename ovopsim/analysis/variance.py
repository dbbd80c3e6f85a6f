r"""Where an effect's variance comes from: chance, parameters or shocks; and whether enough was run to say so.

The effect of a programme in one cell, y[d, s, r], is the outcome with the programme less that without, for draw d of
the parameters, shock s (or none) and world r. All three factors are crossed: a world's chance is keyed by its number,
so that world r is the same in every draw and shock. Draws and worlds are samples of many (random factors); the shocks
are a list, each taken to be as likely as the other (a fixed factor):

    y[d, s, r] = m + D[d] + S[s] + R[r] + DS[d, s] + DR[d, r] + SR[s, r] + DSR[d, s, r]

where everything with S adds up to zero over s. A cell has one run, which repeats exactly, so there is no further term.
With d, s, r in 1..D, 1..S, 1..R and MS the usual mean squares, these are unbiased (the expected mean squares of the
restricted mixed model: Searle, Casella and McCulloch, Variance Components, Wiley 1992, chapter 4):

    V(D)  = (MS(D) − MS(DR)) / (S·R)        V(R)   = (MS(R) − MS(DR)) / (S·D)        V(DR)  = MS(DR) / S
    V(S)  = (S−1)/S · (MS(S) − MS(DS) − MS(SR) + MS(DSR)) / (D·R)
    V(DS) = (S−1)/S · (MS(DS) − MS(DSR)) / R
    V(SR) = (S−1)/S · (MS(SR) − MS(DSR)) / D        V(DSR) = (S−1)/S · MS(DSR)

and are put together by what would be left if more were known:

    parameters = V(D)                            the effect's mean over shocks and chance differs between draws
    shocks     = V(S) + V(DS)                    within a draw, it differs between shocks
    chance     = V(R) + V(DR) + V(SR) + V(DSR)   within draw and shock, it differs between worlds

Their sum is the variance of the effect in one world drawn at random, under a draw and a shock drawn at random. None of
them depends on R in expectation: a plain variance over draws of means over R worlds would have chance / R in it. Draws
that are spread (a Latin hypercube) instead of independent raise V(D) by a factor of D/(D−1) at most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ovopsim.analysis.effects import CONFIDENCE, PRECISION, mean_effect, replications_needed
from ovopsim.fields import Reals

SOURCES: Final = ("chance", "parameters", "shocks")
# the interval of a mean may be as wide as this share of the spread that parameters bring, on each side
ADEQUATE: Final = 0.25
TAILS: Final = (0.05, 0.95)  # of the draws, as the range of what parameters may make of an effect


@dataclass(frozen=True)
class Components:
    """Unbiased estimates; one of a variance that is nearly zero may come out below zero.

    Attributes
    ----------
    chance, parameters, shocks : float
    interaction : float
        The part of `shocks` by which a shock does more in one draw than in another: V(DS).
    standard_error, freedom : float
        Of the mean over all cells, draws and worlds counted as samples; and its degrees of freedom (Satterthwaite).
    """

    chance: float
    parameters: float
    shocks: float
    interaction: float
    standard_error: float
    freedom: float

    def shares(self) -> dict[str, float]:
        """Return the shares of chance, parameters and shocks; they add up to 1, and what is below zero counts as zero.

        NaN for each where nothing varies.
        """
        kept = {source: max(0.0, getattr(self, source)) for source in SOURCES}
        total = sum(kept.values())
        return {source: value / total if total > 0.0 else math.nan for source, value in kept.items()}

    def negative(self) -> tuple[str, ...]:
        """Return the sources whose estimate is below zero."""
        return tuple(source for source in SOURCES if getattr(self, source) < 0.0)


def mean_squares(values: Reals) -> dict[str, float]:
    """Return the mean square of each term of the crossed layout; 0 for one without degrees of freedom.

    Parameters
    ----------
    values : array (draws, shocks, worlds)

    Examples
    --------
    >>> found = mean_squares(np.array([[[0.0, 0.0]], [[2.0, 2.0]]]))
    >>> found["D"], found["R"]
    (4.0, 0.0)
    """
    names = "DSR"
    sizes = dict(zip(names, values.shape, strict=True))
    effects: dict[str, Reals] = {"": values.mean(keepdims=True)}
    found = {}
    for term in ("D", "S", "R", "DS", "DR", "SR", "DSR"):
        over = tuple(place for place, name in enumerate(names) if name not in term)
        part = values.mean(axis=over, keepdims=True) if over else values
        for lower, effect in effects.items():
            if set(lower) < set(term):
                part = part - effect
        effects[term] = part
        repeated = math.prod(sizes[name] for name in names if name not in term)
        freedom = math.prod(sizes[name] - 1 for name in term)
        found[term] = repeated * float((part**2).sum()) / freedom if freedom else 0.0
    return found


def components(values: Reals) -> Components:
    """Return the variance of an effect, split (formulas above).

    Parameters
    ----------
    values : array (draws, shocks, worlds)
        At least two draws and two worlds; one "shock" where there are none.

    Examples
    --------
    >>> draws = np.array([1.0, 2.0, 3.0])[:, None, None]
    >>> components(draws + np.zeros((3, 1, 4))).shares()
    {'chance': 0.0, 'parameters': 1.0, 'shocks': 0.0}
    """
    draws, shocks, worlds = values.shape
    if draws < 2 or worlds < 2:
        raise ValueError("a variance needs two draws and two worlds.")
    ms = mean_squares(values)
    part = (shocks - 1.0) / shocks
    interaction = part * (ms["DS"] - ms["DSR"]) / worlds
    shock = part * (ms["S"] - ms["DS"] - ms["SR"] + ms["DSR"]) / (draws * worlds)
    chance = (
        (ms["R"] - ms["DR"]) / (shocks * draws)
        + ms["DR"] / shocks
        + part * ((ms["SR"] - ms["DSR"]) / draws + ms["DSR"])
    )
    error, freedom = _of_the_mean(ms, draws, worlds)
    return Components(
        chance=chance,
        parameters=(ms["D"] - ms["DR"]) / (shocks * worlds),
        shocks=shock + interaction,
        interaction=interaction,
        standard_error=math.sqrt(error / values.size),
        freedom=freedom,
    )


def _of_the_mean(ms: Mapping[str, float], draws: int, worlds: int) -> tuple[float, float]:
    """Return the mean square of the mean over all cells, and its degrees of freedom."""
    free = {"D": draws - 1, "R": worlds - 1, "DR": (draws - 1) * (worlds - 1)}
    square = ms["D"] + ms["R"] - ms["DR"]
    if square <= 0.0:  # by accident of small samples: the larger of the two does as a bound
        square = max(ms["D"], ms["R"])
        return square, float(min(draws, worlds) - 1)
    spread = sum(ms[term] ** 2 / free[term] for term in free)
    return square, max(square**2 / spread, min(draws, worlds) - 1.0)


def effects_row(values: Reals, level: float) -> dict[str, Any]:
    """Return an effect's mean over draws, shocks and worlds as columns.

    Parameters
    ----------
    values : array (draws, shocks, worlds)
    level : float
        The baseline's mean, which relative columns are over.

    Returns
    -------
    dict
        ``mean, low, high`` (95 %, draws and worlds as samples), ``draw_low, draw_high`` (what holds 90 % of the draws'
        means), ``positive`` (share of draws whose mean is above zero), each but the last also over the size of `level`,
        so that a gain stays one where the baseline makes a loss; ``clear``.
    """
    found = components(values)
    mean = float(values.mean())
    half = float(stdtrit(found.freedom, 0.5 + CONFIDENCE / 2.0)) * found.standard_error
    by_draw = values.mean(axis=(1, 2))
    tails = [float(end) for end in np.quantile(by_draw, TAILS)]
    row = {"mean": mean, "low": mean - half, "high": mean + half, "draw_low": tails[0], "draw_high": tails[1]}
    scale = abs(level) if level != 0.0 else math.nan
    relative = {f"relative_{name}".removesuffix("_mean"): value / scale for name, value in row.items()}
    clear = int(row["low"] > 0.0) - int(row["high"] < 0.0)
    return row | relative | {"positive": float((by_draw > 0.0).mean()), "clear": clear, "baseline_mean": level}


def variance_row(values: Reals, level: float) -> dict[str, Any]:
    """Return the split of an effect's variance as columns.

    Returns
    -------
    dict
        ``chance, parameters, shocks`` (shares, adding up to 1), ``…_error`` (their standard errors over draws, by the
        jackknife; NaN of two draws), ``shocks_with_parameters`` (the part of ``shocks`` by which they do more in one
        draw than in another), ``…_sd`` (standard deviations, over the baseline's mean), ``below_zero`` (sources whose
        estimate was below zero).
    """
    found = components(values)
    scale = abs(level) if level != 0.0 else math.nan
    spread = {f"{source}_sd": math.sqrt(max(0.0, getattr(found, source))) / scale for source in SOURCES}
    shares = found.shares()
    whole = sum(max(0.0, getattr(found, source)) for source in SOURCES)
    mixed = max(0.0, found.interaction) / whole if whole > 0.0 else math.nan
    return (
        shares
        | _errors(values)
        | {"shocks_with_parameters": min(mixed, shares["shocks"])}
        | spread
        | {"below_zero": " ".join(found.negative())}
    )


def _errors(values: Reals) -> dict[str, float]:
    """Return standard errors of the shares: each draw is left out in turn (Efron and Stein 1981)."""
    draws = len(values)
    if draws < 3:
        return {f"{source}_error": math.nan for source in SOURCES}
    without = [components(np.delete(values, draw, axis=0)).shares() for draw in range(draws)]
    scale = math.sqrt((draws - 1.0) ** 2 / draws)
    return {f"{source}_error": scale * float(np.std([each[source] for each in without], ddof=1)) for source in SOURCES}


def adequacy_row(values: Reals, level: float, precision: float = PRECISION) -> dict[str, Any]:
    """Return whether enough worlds and draws were run, as columns.

    Parameters
    ----------
    precision : float
        Wanted half-width of the mean's 95 % interval, over the baseline's mean.

    Returns
    -------
    dict
        ``chance_half_width`` (of the mean's interval over worlds, with these draws) and ``parameters_sd``, both over
        the baseline's mean; ``adequate``: whether the first is at most a quarter of the second;
        ``replications_adequate``: how many worlds make it so; ``reliability``: share of the variance between the draws'
        means that is not chance; ``replications_needed, draws_needed`` for the wanted precision, each as to its own
        part of the error. None where no number would do.
    """
    by_world, by_draw = values.mean(axis=(0, 1)), values.mean(axis=(1, 2))
    worlds, draws = mean_effect(by_world), mean_effect(by_draw)
    spread = math.sqrt(max(0.0, components(values).parameters))
    half = worlds.high - worlds.mean
    scale = abs(level) if level != 0.0 else math.nan
    return {
        "chance_half_width": half / scale,
        "parameters_sd": spread / scale,
        "adequate": bool(half <= ADEQUATE * spread),
        "replications_adequate": replications_needed(worlds.spread, spread, ADEQUATE),
        "reliability": (spread / draws.spread) ** 2 if draws.spread > 0.0 else math.nan,
        "replications_needed": replications_needed(worlds.spread, level, precision),
        "draws_needed": replications_needed(draws.spread, level, precision),
    }


def tables(
    values: Mapping[tuple[str, str], Reals], levels: Mapping[str, float], precision: float = PRECISION
) -> dict[str, pd.DataFrame]:
    """Return the tables ``effects``, ``variance`` and ``adequacy``, a row for each arm and outcome.

    Parameters
    ----------
    values : mapping of (arm, outcome) to array (draws, shocks, worlds)
        Effects.
    levels : mapping of outcome to float
        The baseline's means.
    """
    rows: dict[str, list[dict[str, Any]]] = {"effects": [], "variance": [], "adequacy": []}
    for (arm, outcome), each in values.items():
        keys, level = {"arm": arm, "outcome": outcome}, levels[outcome]
        rows["effects"].append(keys | effects_row(each, level))
        rows["variance"].append(keys | variance_row(each, level))
        rows["adequacy"].append(keys | adequacy_row(each, level, precision))
    found = {name: pd.DataFrame(each) for name, each in rows.items()}
    needed = ["replications_adequate", "replications_needed", "draws_needed"]
    found["adequacy"] = found["adequacy"].astype(dict.fromkeys(needed, "Int64"))
    return found
