"""Effects, the split of their variance, and whether enough was run to say so, as rows of tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ovopsim.analysis.changes import BAND_ENDS
from ovopsim.analysis.effects import CONFIDENCE, PRECISION, mean_effect, replications_needed
from ovopsim.analysis.repeats import Rows, worth
from ovopsim.analysis.variance import SOURCES, components, share_errors
from ovopsim.fields import Reals

# the interval of a mean may be as wide as this share of the spread that parameters bring, on each side
ADEQUATE: Final = 0.25


def effects_row(values: Reals, level: float, worth: float | None = None) -> dict[str, Any]:
    """Return an effect's mean over draws, shocks and worlds as columns.

    Parameters
    ----------
    values : array (draws, shocks, worlds)
    level : float
        The baseline's mean, which relative columns are over.
    worth : float, optional
        How many different draws these are worth (`analysis.repeats`); None = all.

    Returns
    -------
    dict
        ``mean, low, high`` (95 %, draws and worlds as samples), ``draw_low, draw_high`` (what holds 90 % of the draws'
        means), ``positive`` (share of draws whose mean is above zero), each but the last also over the size of `level`,
        so that a gain stays one where the baseline makes a loss; ``clear``. The chance that draws' means have is taken
        off the two that tell of draws (`variance.Components.without_chance`). ``draws_worth`` is `worth`.
    """
    found = components(values, worth)
    mean = float(values.mean())
    half = float(stdtrit(found.freedom, 0.5 + CONFIDENCE / 2.0)) * found.standard_error
    by_draw = found.without_chance(values.mean(axis=(1, 2)))
    tails = [float(end) for end in np.quantile(by_draw, BAND_ENDS)]
    row = {"mean": mean, "low": mean - half, "high": mean + half, "draw_low": tails[0], "draw_high": tails[1]}
    scale = abs(level) if level != 0.0 else math.nan
    relative = {f"relative_{name}".removesuffix("_mean"): value / scale for name, value in row.items()}
    clear = int(row["low"] > 0.0) - int(row["high"] < 0.0)
    told = {"positive": float((by_draw > 0.0).mean()), "clear": clear, "baseline_mean": level}
    return row | relative | told | {"draws_worth": len(values) if worth is None else worth}


def variance_row(values: Reals, level: float, worth: float | None = None) -> dict[str, Any]:
    """Return the split of an effect's variance as columns. Parameters as for `effects_row`.

    Returns
    -------
    dict
        ``chance, parameters, shocks`` (shares, adding up to 1), ``…_error`` (their standard errors over draws and
        worlds, by the jackknife; NaN of two draws or worlds), ``shocks_with_parameters`` (the part of ``shocks`` by
        which they do more in one draw than in another), ``…_sd`` (standard deviations, over the baseline's mean),
        ``below_zero`` (sources whose estimate was below zero).
    """
    found = components(values, worth)
    scale = abs(level) if level != 0.0 else math.nan
    spread = {f"{source}_sd": math.sqrt(max(0.0, getattr(found, source))) / scale for source in SOURCES}
    shares = found.shares()
    whole = sum(max(0.0, getattr(found, source)) for source in SOURCES)
    mixed = max(0.0, found.interaction) / whole if whole > 0.0 else math.nan
    return (
        shares
        | share_errors(values, worth)
        | {"shocks_with_parameters": min(mixed, shares["shocks"])}
        | spread
        | {"below_zero": " ".join(found.negative())}
    )


def adequacy_row(
    values: Reals, level: float, precision: float = PRECISION, worth: float | None = None
) -> dict[str, Any]:
    """Return whether enough worlds and draws were run, as columns.

    Parameters
    ----------
    precision : float
        Wanted half-width of the mean's 95 % interval, over the baseline's mean.
    worth : float, optional
        As for `effects_row`.

    Returns
    -------
    dict
        ``chance_half_width`` (of the mean's interval over worlds, with these draws) and ``parameters_sd``, both over
        the baseline's mean; ``adequate``: whether the first is at most a quarter of the second;
        ``replications_adequate``: how many worlds make it so; ``reliability``: share of the variance between the draws'
        means that is not chance; ``replications_needed, draws_needed`` for the wanted precision, each as to its own
        part of the error (draws that are all different). None where no number would do.
    """
    by_world, by_draw = values.mean(axis=(0, 1)), values.mean(axis=(1, 2))
    worlds, draws = mean_effect(by_world), mean_effect(by_draw)
    found = components(values, worth)
    spread = math.sqrt(max(0.0, found.parameters))
    half = worlds.high - worlds.mean
    scale = abs(level) if level != 0.0 else math.nan
    return {
        "chance_half_width": half / scale,
        "parameters_sd": spread / scale,
        "adequate": bool(half <= ADEQUATE * spread),
        "replications_adequate": replications_needed(worlds.spread, spread, ADEQUATE),
        "reliability": found.reliability,
        "replications_needed": replications_needed(worlds.spread, level, precision),
        "draws_needed": replications_needed(draws.spread, level, precision),
    }


def tables(
    values: Mapping[tuple[str, str], Reals],
    levels: Mapping[str, float],
    precision: float = PRECISION,
    rows: Rows | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables ``effects``, ``variance`` and ``adequacy``, a row for each arm and outcome.

    Parameters
    ----------
    values : mapping of (arm, outcome) to array (draws, shocks, worlds)
        Effects.
    levels : mapping of outcome to float
        The baseline's means.
    precision : float
        As for `adequacy_row`.
    rows : array (draws,), optional
        Number of the posterior's row that each draw has; None = all have their own.
    """
    made: dict[str, list[dict[str, Any]]] = {"effects": [], "variance": [], "adequacy": []}
    for (arm, outcome), each in values.items():
        keys, level = {"arm": arm, "outcome": outcome}, levels[outcome]
        counted = worth(each.mean(axis=(1, 2)), rows)
        made["effects"].append(keys | effects_row(each, level, counted))
        made["variance"].append(keys | variance_row(each, level, counted))
        made["adequacy"].append(keys | adequacy_row(each, level, precision, counted))
    found = {name: pd.DataFrame(each) for name, each in made.items()}
    needed = ["replications_adequate", "replications_needed", "draws_needed"]
    found["adequacy"] = found["adequacy"].astype(dict.fromkeys(needed, "Int64"))
    return found
