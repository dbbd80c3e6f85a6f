"""Whom the first firms know."""

from __future__ import annotations

from typing import Any

from ovopsim.compiling import door
from ovopsim.month import empty_scratch, lists_of
from ovopsim.rules.entry_and_exit.neighbours import renew_neighbours, renew_ring
from ovopsim.state import World


@door
def _meet(world: World, lists: Any, key: Any) -> None:
    renew_ring(world, lists, key, 0)
    renew_neighbours(world, lists, key, 0)


def meet(world: World, key: Any) -> None:
    """Let the first firms find their acquaintances."""
    _meet(world, lists_of(empty_scratch(world.firms.shape[1])), key)
