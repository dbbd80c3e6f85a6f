"""What a reader should know of a population: what was drawn, set or missed, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ovopsim.fields import CHANNELS, FIRM, N_CHANNELS, SENTRAS
from ovopsim.labels import label
from ovopsim.population.city import channel_mix
from ovopsim.state import World

Array = NDArray[np.float64]

SKILL_ORIGINS: Final = {
    "craft": FIRM.craft_origin,
    "management": FIRM.management_origin,
    "bookkeeping": FIRM.bookkeeping_origin,
    "technology": FIRM.technology_origin,
}
# how far one world may be from the published margins before it is said
SENTRA_TOLERANCE: Final = 3.0  # standard deviations of a count of independent firms
MIX_TOLERANCE: Final = 0.05  # share of sales
SALES_TOLERANCE: Final = 0.15  # relative


class Note(str):
    """A sentence in English that knows its other language.

    Parameters
    ----------
    key : str
        Text in `labels.yaml`, with places for values.
    values : numbers or str
        For these places.
    """

    __slots__ = ("key", "values")

    key: str
    values: dict[str, Any]

    def __new__(cls, key: str, **values: Any) -> Self:
        """Return the note, which is its English sentence."""
        note = super().__new__(cls, label(f"population.{key}", **values))
        note.key = key
        note.values = values
        return note

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Return what a copy, or a note sent to another process, is made from."""
        return (self.key,), self.values

    def in_language(self, language: str) -> str:
        """Return the sentence in a language."""
        return label(f"population.{self.key}", language, **self.values)


def origin_notes(world: World) -> Iterator[Note]:
    """Say for how many firms an origin below 0 was set to 0 (docs/odd.md)."""
    active = world.firms[FIRM.active] == 1.0
    counts = {name: int((world.firms[row, active] == 0.0).sum()) for name, row in SKILL_ORIGINS.items()}
    if any(counts.values()):
        found = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        yield Note("note_origins", counts=found, all=int(active.sum()))


def margin_notes(world: World, values: dict[str, Any], counts: Array) -> Iterator[Note]:
    """Say where a synthetic cluster is far from the margins it was drawn to.

    Parameters
    ----------
    counts : array (3,)
        Firms that each sentra should have.
    """
    firms = world.firms[:, world.firms[FIRM.active] == 1.0]
    for place, name in enumerate(SENTRAS):
        found = float((firms[FIRM.sentra] == place).sum())
        if abs(found - counts[place]) > SENTRA_TOLERANCE * np.sqrt(counts[place]):
            yield Note("note_sentra", sentra=name, found=round(found), wanted=round(counts[place]))
    orders = firms[FIRM.trailing_orders : FIRM.trailing_orders + N_CHANNELS].sum(axis=1)
    mix, wanted = orders / max(orders.sum(), 1.0), channel_mix(values)
    for channel, name in enumerate(CHANNELS):
        if abs(mix[channel] - wanted[channel]) > MIX_TOLERANCE:
            yield Note("note_mix", channel=name, found=round(100 * mix[channel]), wanted=round(100 * wanted[channel]))
    mean = orders.sum() / max(firms.shape[1], 1)
    published = float(values["population.sales_per_firm"])
    if abs(mean / published - 1.0) > SALES_TOLERANCE:
        yield Note("note_sales", found=f"{mean / 1e6:.1f}", wanted=f"{published / 1e6:.1f}")
