"""From sales to appeal: matrix balancing finds the appeal that makes the market reproduce given sales (docs/odd.md).

With w_ij everything in a firm's attraction but its appeal, find r_i and c_j such that r_i w_ij c_j has row sums equal
to firms' orders and column sums equal to the cluster's sales by channel. r_i is the firm's appeal, c_j the spending
that one unit of attraction brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
ROUNDING: Final = 1e-9  # sums that differ by less, relative to the total, are equal
LEAST_ROOM: Final = 1e-6  # with less room, relative to the total, scalings leave the range of numbers
MOST_STEPS: Final = 200
SHORTEST: Final = 1e-9


@dataclass(frozen=True)
class Balance:
    """Result of `balance`.

    Attributes
    ----------
    log_appeal : array (firms,)
        ln r_i, with mean 0 in each connected block.
    per_attraction : array (channels,)
        c_j.
    """

    log_appeal: Array
    per_attraction: Array


@dataclass(frozen=True)
class Tight:
    """A set of channels that the firms selling only there would overfill.

    Attributes
    ----------
    channels : array (channels,) of bool
    firms : array (firms,) of bool
        Firms that sell only in these channels.
    excess : float
        What these firms need beyond what the channels hold.
    """

    channels: Flags
    firms: Flags
    excess: float


def blocks_of(weights: Array) -> list[tuple[Flags, Flags]]:
    """Return the connected blocks of firms and channels, as flags over firms and over channels.

    Parameters
    ----------
    weights : array (firms, channels)
        Above zero where a firm sells.
    """
    sells = weights > 0.0
    left = _some(sells, 0)
    found = []
    while left.any():
        channels: Flags = np.arange(len(left)) == np.argmax(left)
        firms = _some(sells[:, channels], 1)
        while (_some(sells[firms], 0) & ~channels).any():
            channels = _some(sells[firms], 0)
            firms = _some(sells[:, channels], 1)
        found.append((firms, channels))
        left = left & ~channels
    return found


def _some(flags: Flags, axis: int) -> Flags:
    found: Flags = np.logical_or.reduce(flags, axis=axis)
    return found


def totals_matched(weights: Array, rows: Array, columns: Array) -> Array:
    """Return the columns scaled, block by block, to the total of the block's rows; an unsold channel has 0.

    Parameters
    ----------
    weights : array (firms, channels)
    rows : array (firms,)
    columns : array (channels,)
    """
    matched = np.zeros_like(columns)
    for firms, channels in blocks_of(weights):
        matched[channels] = columns[channels] * rows[firms].sum() / columns[channels].sum()
    return matched


def tightest(weights: Array, rows: Array, columns: Array) -> Tight | None:
    """Return the set of channels that is overfilled most, or None when the sums can be met.

    The largest flow from firms to channels equals the smallest cut (Ford and Fulkerson 1956,
    doi:10.4153/CJM-1956-045-5), and a cut is a set of channels; with four channels there are sixteen, so all are
    looked at. For positive scalings a set must even have room to spare, unless it is made of whole blocks.

    Parameters
    ----------
    weights : array (firms, channels)
    rows, columns : arrays
        Wanted sums; their totals agree.
    """
    sells = weights > 0.0
    worst: Tight | None = None
    for chosen in product((False, True), repeat=weights.shape[1]):
        channels = np.array(chosen)
        firms = ~_some(sells[:, ~channels], 1)
        others = _some(sells[:, channels], 1) & ~firms
        room = float(columns[channels].sum() - rows[firms].sum()) / float(rows.sum())
        enough = room > LEAST_ROOM if others.any() else abs(room) < ROUNDING
        if not enough and (worst is None or -room * rows.sum() > worst.excess):
            worst = Tight(channels, firms, -room * float(rows.sum()))
    return worst


def check_feasible(weights: Array, rows: Array, columns: Array, firms: Sequence[str], channels: Sequence[str]) -> None:
    """Raise when no scaling can meet the row and column sums, naming the firms or channels in the way.

    For every set of channels, the firms that sell only there must not need more than these hold, and the firms that
    sell there at all must be able to fill them, with equality only for whole blocks.

    Parameters
    ----------
    weights : array (firms, channels)
        Above zero where a firm sells.
    rows, columns : arrays
        Wanted sums in rupiah; their totals agree.
    firms, channels : sequences of str
        Names for the message.

    Raises
    ------
    InputError
    """
    tight = tightest(weights, rows, columns)
    if tight is None:
        return
    if not tight.channels.any():
        raise InputError(
            f"population: {_listed(firms, tight.firms)} can sell in no channel; there must be one at least."
        )
    inside, outside = tight.channels, ~tight.channels
    if outside.sum() <= inside.sum():
        sellers = ~tight.firms
        places = _listed(channels, outside)
        raise InputError(
            f"population: {_listed(firms, sellers, 'nobody')} can sell in {places}: Rp {rows[sellers].sum():,.0f} a "
            f"month in all, which must be more than the Rp {columns[outside].sum():,.0f} that the cluster sells there. "
            f"Let more firms sell there, or lower market.channel_mix for {places}."
        )
    places = _listed(channels, inside)
    raise InputError(
        f"population: {_listed(firms, tight.firms)} can sell only in {places}: Rp {rows[tight.firms].sum():,.0f} a "
        f"month in all, which must be less than the Rp {columns[inside].sum():,.0f} that the cluster sells there. "
        f"Let them sell elsewhere too, or raise market.channel_mix for {places}."
    )


def _listed(names: Sequence[str], chosen: Flags, nothing: str = "") -> str:
    """Return the chosen names in words, at most three of them."""
    found = [name for name, here in zip(names, chosen, strict=True) if here]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (", ".join(found[:3]) + more) or nothing


def balance(weights: Array, rows: Array, columns: Array, tolerance: float = 1e-12) -> Balance:
    """Return scalings such that ``exp(log_appeal)[:, None] * weights * per_attraction`` has the wanted sums.

    The scalings of the channels minimise a convex function of their logarithms, Σ_i rows_i ln Σ_j w_ij c_j −
    Σ_j columns_j ln c_j. Scaling rows and columns in turn (RAS, Sinkhorn's iteration) goes to the same point but slowly
    where a channel has little room; Newton's method on the four numbers takes a few steps.

    Parameters
    ----------
    weights : array (firms, channels)
        Attraction without appeal; zero where a firm does not sell. `check_feasible` holds.
    rows : array (firms,)
        Orders of each firm, in rupiah; above zero.
    columns : array (channels,)
        Sales of the cluster in each channel; the total agrees with `rows`, block by block.
    tolerance : float
        Largest error of a column sum, relative to the total; row sums are exact.

    Notes
    -----
    Unique up to one scalar for each connected block of firms and channels; in each block mean log appeal is 0.

    Raises
    ------
    InputError
        When the iteration does not arrive: the sums can be met only at the edge of what numbers hold.
    """
    used = columns > 0.0
    weights_used, total = weights[:, used], float(rows.sum())
    goal = columns[used] / total
    share_of_rows = rows / total
    log_per = _start(weights_used, share_of_rows, goal)
    for _ in range(MOST_STEPS):
        parts, gap = _column_gap(weights_used, share_of_rows, goal, log_per)
        if np.abs(gap).max() < tolerance:
            break
        log_per = _newton(weights_used, share_of_rows, goal, log_per, parts, gap)
    else:
        raise InputError(
            "population: firms' sales and the channels' shares of sales cannot be brought together. "
            "Check which channels firms sell in, and market.channel_mix."
        )
    per = np.zeros(len(columns))
    per[used] = np.exp(log_per)
    log_appeal = np.log(rows) - np.log(weights @ per)
    for firms, channels in blocks_of(weights):
        shift = log_appeal[firms].mean()
        log_appeal[firms] -= shift
        per[channels] *= np.exp(shift)
    return Balance(log_appeal, per)


def _start(weights: Array, rows: Array, goal: Array) -> Array:
    """Return the channels' log scalings after a few rounds of the classical iteration."""
    log_per = np.zeros(len(goal))
    for _ in range(10):
        _, gap = _column_gap(weights, rows, goal, log_per)
        log_per -= np.log1p(gap / goal)
    return log_per


def _column_gap(weights: Array, rows: Array, goal: Array, log_per: Array) -> tuple[Array, Array]:
    """Return each row's split over the columns, and column sums less their goal, when all row sums are met."""
    parts = weights * np.exp(log_per - log_per.max())
    parts /= parts.sum(axis=1, keepdims=True)
    return parts, rows @ parts - goal


def _newton(weights: Array, rows: Array, goal: Array, log_per: Array, parts: Array, gap: Array) -> Array:
    """Return the channels' log scalings after one step down the convex function, halved until it does not go past."""
    curvature = np.diag(rows @ parts) - parts.T @ (rows[:, None] * parts)
    # the function is flat along one direction for each block; the shortest step leaves it alone
    step = np.linalg.lstsq(curvature, -gap, rcond=1e-14)[0]
    while True:
        moved: Array = log_per + step
        _, new_gap = _column_gap(weights, rows, goal, moved)
        # the slope along the step: where it climbs as steeply as it fell before, the step was too long
        if new_gap @ step <= -0.9 * (gap @ step) or np.abs(step).max() < SHORTEST:
            return moved
        step = 0.5 * step


def split_appeal(log_appeal: Array, sd: float, luck: Array) -> tuple[Array, Array]:
    """Split log appeal into a lasting and a passing part whose variances are consistent with the passing part's law.

    appeal_state = (σ²/v) · ln appeal + σ √(1 − σ²/v) · n, with v the variance over firms and n standard normal. One
    firm alone has no variance to split: all of its appeal lasts.

    Parameters
    ----------
    log_appeal, luck : arrays (firms,)
    sd : float
        σ, the spread of the passing part.

    Returns
    -------
    lasting, passing : arrays (firms,)

    Raises
    ------
    InputError
        When σ² > v: the firms are more alike than the passing part alone would make them.
    """
    variance = float(np.var(log_appeal))
    if sd == 0.0 or len(log_appeal) == 1:
        return log_appeal.copy(), np.zeros(len(log_appeal))
    if sd * sd > variance:
        raise InputError(
            f"population: log appeal varies over firms by {variance**0.5:.2f} (standard deviation), less than "
            f"market.appeal_sd ({sd:.2f}), which is what it varies by over time. "
            "Lower market.appeal_sd or check the firms' sales."
        )
    share = sd * sd / variance
    passing = share * log_appeal + sd * np.sqrt(1.0 - share) * luck
    return log_appeal - passing, passing
