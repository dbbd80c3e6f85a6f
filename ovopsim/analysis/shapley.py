"""Shapley values: what each player adds to a game, averaged over all orders in which the players may come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from math import factorial

import numpy as np

from ovopsim.fields import Reals


def coalitions(players: Iterable[str]) -> list[frozenset[str]]:
    """Return all sets of players, the empty one first and that of all last.

    Examples
    --------
    >>> [sorted(each) for each in coalitions(["a", "b"])]
    [[], ['a'], ['b'], ['a', 'b']]
    """
    names = list(players)
    return [frozenset(each) for size in range(len(names) + 1) for each in combinations(names, size)]


def shapley_values(values: Mapping[frozenset[str], Reals | float]) -> dict[str, Reals]:
    """Return the Shapley value of each player.

    φ_i = Σ_S |S|! (n − |S| − 1)! / n! · (v(S and i) − v(S)), over the sets S without i (Shapley 1953). The values add
    up to v(all) − v(nobody); a player who never adds anything has none, and two who always add the same have the same.

    Parameters
    ----------
    values : mapping of frozenset of str to array or float
        Worth of every set of players, the empty one included; arrays of one shape are games side by side.

    Raises
    ------
    KeyError
        When the worth of a set is missing.

    Examples
    --------
    Two gloves make a pair, and there are two left ones for one right one:

    >>> pair = {each: float("right" in each and len(each) > 1) for each in coalitions(["left", "other left", "right"])}
    >>> {name: round(float(value), 3) for name, value in shapley_values(pair).items()}
    {'left': 0.167, 'other left': 0.167, 'right': 0.667}
    """
    players = sorted(frozenset().union(*values))
    count = len(players)
    found = {}
    for player in players:
        total: Reals = np.zeros_like(np.asarray(values[frozenset()], dtype=np.float64))
        for others in coalitions(name for name in players if name != player):
            weight = factorial(len(others)) * factorial(count - len(others) - 1) / factorial(count)
            total = total + weight * (np.asarray(values[others | {player}]) - np.asarray(values[others]))
        found[player] = total
    return found
