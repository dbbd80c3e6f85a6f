r"""Where an effect's variance comes from: chance, parameters or shocks.

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

Draws of which some repeat others are worth fewer, D* (`analysis.repeats`): then D* stands for D throughout, and sums of
squares are those of the layout drawn together to D* rows, Σ·D*/D.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ovopsim.fields import Reals

SOURCES: Final = ("chance", "parameters", "shocks")


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
    reliability : float
        Share of the variance between the draws' means that parameters make; the rest is chance. NaN where all are one.
    """

    chance: float
    parameters: float
    shocks: float
    interaction: float
    standard_error: float
    freedom: float
    reliability: float

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

    def without_chance(self, by_draw: Reals) -> Reals:
        """Return the means of draws (draws,) drawn together so far that their variance is that of parameters alone.

        Means over few worlds are spread by chance besides, and would make parameters look as if they did more.
        """
        kept = 0.0 if math.isnan(self.reliability) else math.sqrt(self.reliability)
        middle = by_draw.mean()
        found: Reals = middle + kept * (by_draw - middle)
        return found


def mean_squares(values: Reals, worth: float | None = None) -> dict[str, float]:
    """Return the mean square of each term of the crossed layout; 0 for one without degrees of freedom.

    Parameters
    ----------
    values : array (draws, shocks, worlds)
    worth : float, optional
        How many different draws these are worth; None = all.

    Examples
    --------
    >>> found = mean_squares(np.array([[[0.0, 0.0]], [[2.0, 2.0]]]))
    >>> found["D"], found["R"]
    (4.0, 0.0)
    """
    names = "DSR"
    sizes: dict[str, float] = dict(zip(names, values.shape, strict=True))
    sizes["D"] = len(values) if worth is None else worth
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
        counted = sizes["D"] / len(values) if "D" in term else 1.0
        found[term] = counted * repeated * float((part**2).sum()) / freedom if freedom else 0.0
    return found


def components(values: Reals, worth: float | None = None) -> Components:
    """Return the variance of an effect, split (formulas above).

    Parameters
    ----------
    values : array (draws, shocks, worlds)
        At least two draws and two worlds; one "shock" where there are none.
    worth : float, optional
        How many different draws these are worth, at least two; None = all.

    Examples
    --------
    >>> draws = np.array([1.0, 2.0, 3.0])[:, None, None]
    >>> components(draws + np.zeros((3, 1, 4))).shares()
    {'chance': 0.0, 'parameters': 1.0, 'shocks': 0.0}
    """
    _, shocks, worlds = values.shape
    draws = len(values) if worth is None else worth
    if draws < 2 or worlds < 2:
        raise ValueError("a variance needs two draws and two worlds.")
    ms = mean_squares(values, draws)
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
        standard_error=math.sqrt(error / (draws * shocks * worlds)),
        freedom=freedom,
        # each draw has chance of its own, by which its mean strays over few worlds: MS(DR) is what that amounts to
        reliability=max(0.0, 1.0 - ms["DR"] / ms["D"]) if ms["D"] > 0.0 else math.nan,
    )


def _of_the_mean(ms: Mapping[str, float], draws: float, worlds: int) -> tuple[float, float]:
    """Return the mean square of the mean over all cells, and its degrees of freedom."""
    free = {"D": draws - 1, "R": worlds - 1, "DR": (draws - 1) * (worlds - 1)}
    square = ms["D"] + ms["R"] - ms["DR"]
    if square <= 0.0:  # by accident of small samples: the larger of the two does as a bound
        square = max(ms["D"], ms["R"])
        return square, min(draws, worlds) - 1.0
    spread = sum(ms[term] ** 2 / free[term] for term in free)
    return square, max(square**2 / spread, min(draws, worlds) - 1.0)


def share_errors(values: Reals, worth: float | None = None) -> dict[str, float]:
    """Return standard errors of the shares over draws and worlds, as ``…_error``.

    Each draw is left out in turn, and each world: both are samples, and a few worlds may move a share further than many
    draws do. The two variances are added, by which what only pairs of a draw and a world have counts twice: the error
    is rather too large than too small (Efron and Stein 1981, Annals of Statistics 9(3)).

    Parameters
    ----------
    values : array (draws, shocks, worlds)
        Of two draws or two worlds none can be left out, and errors are unknown (NaN).
    worth : float, optional
        How many different draws these are worth: what leaving one out says of errors grows as they are fewer.
    """
    repeated = 1.0 if worth is None else len(values) / worth
    found = np.sqrt(repeated * _left_out(values, 0) + _left_out(values, 2))
    return {f"{source}_error": float(error) for source, error in zip(SOURCES, found, strict=True)}


def _left_out(values: Reals, axis: int) -> Reals:
    """Return the jackknife's variance of each share over one axis."""
    count = values.shape[axis]
    if count < 3:
        return np.full(len(SOURCES), math.nan)
    shares = [list(components(np.delete(values, place, axis)).shares().values()) for place in range(count)]
    variance: Reals = (count - 1.0) ** 2 / count * np.var(shares, axis=0, ddof=1)
    return variance
