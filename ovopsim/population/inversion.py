"""From sales to appeal: matrix balancing finds the appeal that makes the market reproduce given sales (model.md §2).

With w_ij everything in a firm's attraction but its appeal, find r_i and c_j such that r_i w_ij c_j has row sums equal
to firms' orders and column sums equal to the cluster's sales by channel. r_i is the firm's appeal, c_j the spending
that one unit of attraction brings. The iteration is known as RAS, Sinkhorn or iterative proportional fitting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, maximum_flow

from ovopsim.errors import InputError
from ovopsim.fields import CHANNELS

Array = NDArray[np.float64]
FLOW_UNITS = 10_000_000  # whole numbers that the maximum-flow check works in


@dataclass(frozen=True)
class Balance:
    """Result of `balance`: row scalings (log appeal) and column scalings."""

    log_appeal: Array
    per_attraction: Array
    rounds: int


def check_feasible(weights: Array, rows: Array, columns: Array, names: list[str]) -> None:
    """Raise when no scaling can meet the row and column sums, naming the firm or channel in the way.

    Parameters
    ----------
    weights : array (firms, channels)
        Zero where a firm does not sell.
    rows, columns : arrays
        Wanted sums; their totals agree.
    names : list of str
        One for each firm, for the message.

    Raises
    ------
    InputError
        When some firms sell only in channels that cannot hold their sales, or a channel's firms cannot fill it.
    """
    n_firms, n_channels = weights.shape
    total = rows.sum()
    size = n_firms + n_channels + 2
    source, sink = n_firms + n_channels, n_firms + n_channels + 1
    scale = FLOW_UNITS / total
    capacity = np.zeros((size, size), dtype=np.int32) if size < 400 else None
    heads, tails, limits = [], [], []
    for firm in range(n_firms):
        heads.append(source), tails.append(firm), limits.append(int(np.floor(rows[firm] * scale)))
        for channel in range(n_channels):
            if weights[firm, channel] > 0:
                heads.append(firm), tails.append(n_firms + channel), limits.append(2 * FLOW_UNITS)
    for channel in range(n_channels):
        (
            heads.append(n_firms + channel),
            tails.append(sink),
            limits.append(int(np.ceil(columns[channel] * scale)) + n_firms),
        )
    del capacity
    graph = csr_array((np.array(limits, dtype=np.int32), (heads, tails)), shape=(size, size))
    flow = maximum_flow(graph, source, sink)
    if flow.flow_value < sum(limits[k] for k in range(len(limits)) if heads[k] == source) - 1:
        sent = np.asarray(flow.flow.todense())[source, :n_firms] if size < 5000 else None
        worst = int(np.argmax(np.floor(rows * scale) - sent)) if sent is not None else int(np.argmax(rows))
        sells = [CHANNELS[channel] for channel in range(n_channels) if weights[worst, channel] > 0]
        raise InputError(
            f"population: {names[worst]} and firms like it sell only in {', '.join(sells) or 'no channel'}, and that is "
            "more than the cluster sells there. Give the firm another channel or raise the channel's share "
            "(market.channel_mix)."
        )
    for channel in range(n_channels):
        if columns[channel] > rows[weights[:, channel] > 0].sum() * (1 + 1e-9):
            raise InputError(
                f"population: the firms that sell in channel '{CHANNELS[channel]}' sell too little in all to fill it. "
                "Let more firms sell there or lower its share (market.channel_mix)."
            )


def balance(
    weights: Array, rows: Array, columns: Array, tolerance: float = 1e-12, most_rounds: int = 20_000
) -> Balance:
    """Return scalings such that ``exp(log_appeal)[:, None] * weights * per_attraction`` has the wanted sums.

    Parameters
    ----------
    weights : array (firms, channels)
        Attraction without appeal; zero where a firm does not sell.
    rows : array (firms,)
        Orders of each firm, in rupiah.
    columns : array (channels,)
        Sales of the cluster in each channel; the total agrees with `rows`.
    tolerance : float
        Largest relative error of a row sum at which the iteration stops.

    Notes
    -----
    Unique up to one scalar for each connected block of firms and channels; in each block mean log appeal is 0.
    """
    appeal = np.ones(len(rows))
    per = np.ones(len(columns))
    rounds = 0
    for rounds in range(1, most_rounds + 1):
        per = columns / np.maximum(appeal @ weights, 1e-300)
        sums = weights @ per
        new = rows / np.maximum(sums, 1e-300)
        error = float(np.max(np.abs(new / appeal - 1.0)))
        appeal = new
        if error < tolerance:
            break
    log_appeal = np.log(appeal)
    blocks = connected_components(
        csr_array(
            np.block(
                [
                    [np.zeros((len(rows), len(rows))), weights > 0],
                    [(weights > 0).T, np.zeros((len(columns), len(columns)))],
                ]
            )
        )
        if len(rows) < 2000
        else _bipartite(weights),
        directed=False,
    )[1]
    for label in np.unique(blocks[: len(rows)]):
        mine = blocks[: len(rows)] == label
        shift = log_appeal[mine].mean()
        log_appeal[mine] -= shift
        per[blocks[len(rows) :] == label] *= np.exp(shift)
    return Balance(log_appeal, per, rounds)


def _bipartite(weights: Array) -> csr_array:
    firms, channels = np.nonzero(weights > 0)
    size = sum(weights.shape)
    return csr_array((np.ones(len(firms)), (firms, channels + weights.shape[0])), shape=(size, size))


def split_appeal(log_appeal: Array, sd: float, luck: Array) -> tuple[Array, Array]:
    """Split log appeal into a lasting and a passing part whose variances are consistent with the passing part's law.

    appeal_state = (σ²/v) · ln appeal + σ √(1 − σ²/v) · n, with v the variance over firms and n standard normal.

    Raises
    ------
    InputError
        When σ² > v: the firms are more alike than the passing part alone would make them.
    """
    variance = float(np.var(log_appeal))
    if sd * sd > variance:
        raise InputError(
            f"market.appeal_sd is {sd:.2f}, but log appeal varies over firms by only {variance**0.5:.2f}. "
            "Lower market.appeal_sd or check the firms' sales."
        )
    share = sd * sd / variance
    state = share * log_appeal + sd * np.sqrt(1.0 - share) * luck
    return log_appeal - state, state
