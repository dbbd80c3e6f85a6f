"""From the package's matrices to the reference's objects, and back.

Only this module and the tests know both. It reads layouts (`fields`, `state`, the lever table), never a rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from ovopsim.fields import (
    AGENCY,
    CITY,
    FIRM,
    N_CHANNELS,
    AgencyRows,
    ChannelRows,
    CityRows,
    FirmRows,
    SentraRows,
    fields_of,
    row_count,
)
from ovopsim.rules.agency.tables import LEVER, TARGETING, VERBS, LeverRows
from ovopsim.rules.agency.tables import Assignments as AssignmentArrays
from ovopsim.rules.agency.tables import Levers as LeverArrays
from ovopsim.rules.environment import Calendar
from ovopsim.state import (
    DELIVERIES,
    LAST_DECLINED,
    LAST_DOSE,
    LAST_SERVED,
    OFFERS,
)
from ovopsim.state import World as Matrices
from tests.reference.draws import Draws
from tests.reference.entities import (
    Assignment,
    Channel,
    City,
    Cooperative,
    Effect,
    Firm,
    Learned,
    Lever,
    Presence,
    Record,
    Sentra,
)
from tests.reference.world import MonthAhead, World

WHOLE = ("firm_id", "sentra", "technique", "size_class")
FLAGS = ("active", "member", "licensed", "certified", "business_account", "coached")
SKILLS = ("craft", "management", "bookkeeping", "technology")
BY_CHANNEL = ("market_access", "trailing_orders", "months_without_sale")
WHOM = ("firms", "sentra", "cooperative")
REQUIRED = {
    "licensed": LEVER.requires_licence,
    "member": LEVER.requires_member,
    "certified": LEVER.requires_certificate,
    "business_account": LEVER.requires_account,
}


def common(kind: type, table: type, besides: Iterable[str] = ()) -> dict[str, int]:
    """Return name -> row for the single numbers that an object and a matrix both have."""
    names = {field.name for field in fields(kind)} - set(besides)
    return {name: row for name, (field, row) in fields_of(table).items() if field.rows == 1 and name in names}


NUMBERS = common(Firm, FirmRows, (*WHOLE, *FLAGS, *SKILLS))
CHANNEL_NUMBERS = common(Channel, ChannelRows)
SENTRA_NUMBERS = common(Sentra, SentraRows)
COOPERATIVE_NUMBERS = common(Cooperative, SentraRows)
CITY_WHOLE = ("month", "calendar_month", "year")
CITY_NUMBERS = common(City, CityRows, CITY_WHOLE)
AGENCY_NUMBERS = common(Lever, AgencyRows, ("position", "listed", "in_order"))
NAME_OF_ROW = {row: name for name, (_, row) in fields_of(FirmRows).items()}


class Reader:
    """Turns matrices into objects; firms that are named but not in business become closed ones."""

    def __init__(self, matrices: Matrices, new_firm: Callable[..., Firm]) -> None:
        self.matrices = matrices
        self.firms: dict[int, Firm] = {}
        for slot in np.flatnonzero(matrices.firms[FIRM.active] == 1.0):
            firm = firm_from(matrices.firms[:, slot].tolist(), new_firm)
            self.firms[firm.firm_id] = firm
            read_records(firm, matrices.served[slot].T.tolist())
        self.in_business = list(self.firms.values())
        for firm in self.in_business:
            self.read_acquaintances(firm)

    def named(self, identity: float) -> Firm | None:
        """Return the firm with an identity; None for −1."""
        if identity < 0:
            return None
        return self.firms.setdefault(int(identity), Firm(firm_id=int(identity), active=False))

    def read_acquaintances(self, firm: Firm) -> None:
        """Point a firm to those it knows."""
        matrix = self.matrices.firms
        slot = int(np.flatnonzero((matrix[FIRM.firm_id] == firm.firm_id) & (matrix[FIRM.active] == 1.0))[0])
        firm.met = self.named(matrix[FIRM.met_id, slot])
        rows = range(FIRM.peer_id, FIRM.peer_id + len(firm.neighbours))
        firm.neighbours = [self.named(matrix[row, slot]) for row in rows]

    def ring(self) -> list[list[tuple[float, Firm]]]:
        """Return the ring of acquaintances of each sentra."""
        rings: list[list[tuple[float, Firm]]] = [[], [], []]
        for place in range(int(self.matrices.city[CITY.ring_length])):
            point = float(self.matrices.ring[0, place])
            firm = self.named(self.matrices.ring[2, place])
            assert firm is not None
            rings[int(point)].append((point - int(point), firm))
        return rings

    def levers(self, levers: LeverArrays) -> list[Lever]:
        """Return what the agency can do, with its books and this year's lists."""
        found = []
        for number in range(levers.table.shape[1]):
            lever = lever_from(number, levers.table[:, number].tolist(), levers.effects)
            column = self.matrices.agency[:, number].tolist()
            for name, row in AGENCY_NUMBERS.items():
                setattr(lever, name, column[row])
            lever.cooperative_units = column[AGENCY.cooperative_units : AGENCY.cooperative_units + 3]
            identities = self.matrices.lists[1, number, : int(column[AGENCY.listed])]
            lever.listed = [firm for firm in map(self.named, identities) if firm is not None]
            lever.position = int(column[AGENCY.position])
            found.append(lever)
        return found


def world_from(
    matrices: Matrices,
    levers: LeverArrays,
    assignments: AssignmentArrays,
    candidates: int,
    key: Any,
    new_firm: Callable[..., Firm] = Firm,
) -> World:
    """Return the reference's city for a state of the package; `new_firm` makes the firms in business, now and later."""
    reader = Reader(matrices, new_firm)
    columns = matrices.channels.T.tolist()
    return World(
        reader.in_business,
        [Channel(**numbers(CHANNEL_NUMBERS, column)) for column in columns],
        [sentra_from(column) for column in matrices.sentras.T.tolist()],
        city_from(matrices.city.tolist()),
        Draws(int(key)),
        candidates,
        matrices.firms.shape[1],
        reader.levers(levers),
        assignments_from(assignments),
        reader.ring(),
        new_firm=new_firm,
    )


def numbers(rows: dict[str, int], column: list[float]) -> dict[str, float]:
    """Return name -> value."""
    return {name: column[row] for name, row in rows.items()}


def firm_from(column: list[float], new_firm: Callable[..., Firm] = Firm) -> Firm:
    """Return a firm from its column, without its acquaintances and records."""
    firm = new_firm(**numbers(NUMBERS, column))
    for name in WHOLE:
        setattr(firm, name, int(column[getattr(FIRM, name)]))
    for name in FLAGS:
        setattr(firm, name, column[getattr(FIRM, name)] == 1.0)
    for name in SKILLS:
        row = getattr(FIRM, name)
        setattr(firm, name, Learned(*column[row : row + 3]))
    firm.presence = [presence_from(column, channel) for channel in range(N_CHANNELS)]
    firm.productivity = math.exp(column[FIRM.log_scale])
    firm.sales_history = column[FIRM.sales_history : FIRM.sales_history + 12]
    return firm


def presence_from(column: list[float], channel: int) -> Presence:
    """Return a firm's standing in one channel."""
    access = Learned(*(column[row + channel] for row in (FIRM.access_logit, FIRM.access_base, FIRM.access_origin)))
    presence = Presence(column[FIRM.participates + channel] == 1.0, access=access)
    for name in BY_CHANNEL:
        setattr(presence, name, column[getattr(FIRM, name) + channel])
    return presence


def read_records(firm: Firm, served: list[list[float]]) -> None:
    """Read what each lever has been to a firm."""
    rows = (OFFERS, DELIVERIES, LAST_DOSE, LAST_SERVED, LAST_DECLINED)
    for lever in range(len(served[0])):
        firm.records[lever] = Record(*(served[row][lever] for row in rows))


def sentra_from(column: list[float]) -> Sentra:
    """Return a sentra with its cooperative."""
    return Sentra(**numbers(SENTRA_NUMBERS, column), cooperative=Cooperative(**numbers(COOPERATIVE_NUMBERS, column)))


def city_from(column: list[float]) -> City:
    """Return the city."""
    whole = {name: int(column[getattr(CITY, name)]) for name in CITY_WHOLE}
    return City(**numbers(CITY_NUMBERS, column), **whole)


def lever_from(number: int, column: list[float], effects: np.ndarray) -> Lever:
    """Return a lever from its column of the lever table."""
    values: dict[str, Any] = numbers(common(Lever, LeverRows, ("effects",)), column)
    for name in ("start", "end", "batch", "constraint"):
        values[name] = int(values[name])
    for name in ("multi_year", "through_cooperative", "tax_follows"):
        values[name] = values[name] == 1.0
    rows = range(int(column[LEVER.first_effect]), int(column[LEVER.last_effect]))
    return Lever(
        **values
        | {
            "number": number,
            "targeting": TARGETING[int(column[LEVER.targeting])],
            "to": WHOM[int(column[LEVER.to])],
            "requires": {name: column[row] > 0.0 for name, row in REQUIRED.items() if column[row] != 0.0},
            "effects": [effect_from(*effects[row].tolist()) for row in rows],
        }
    )


def effect_from(verb: float, target: float, size: float, probability: float) -> Effect:
    """Return an effect from its row of the effect table."""
    name = VERBS[int(verb)]
    if name in ("raise_access", "start"):
        return Effect(name, int(target), size, probability)
    return Effect({"raise": "raise_skill", "set": "give"}.get(name, name), NAME_OF_ROW[int(target)], size, probability)


def assignments_from(arrays: AssignmentArrays) -> list[Assignment]:
    """Return what trials order."""
    found = []
    for (lever, month, dose, sentra), marks in zip(arrays.orders.tolist(), arrays.firms, strict=True):
        chosen = frozenset(int(identity) for identity in marks if identity >= 0.0)
        found.append(Assignment(int(lever), int(month), dose, None if sentra < 0 else int(sentra), chosen))
    return found


def month_ahead(calendar: Calendar, row: int) -> MonthAhead:
    """Return what the calendar says of one month."""
    return MonthAhead(
        calendar.season[row].tolist(),
        calendar.season_ahead[row].tolist(),
        calendar.spending_shock[row].tolist(),
        float(calendar.outside_price_shock[row]),
        float(calendar.material_price_shock[row]),
        float(calendar.price_level[row]),
        int(calendar.month_of_year[row]),
        int(calendar.year[row]),
    )


def column_of(firm: Firm) -> np.ndarray:
    """Return a firm's column of the firm matrix; slots, which the reference has not, are left at −1."""
    column = np.full(row_count(FirmRows), -1.0)
    for name, row in NUMBERS.items():
        column[row] = getattr(firm, name)
    for name in (*WHOLE, *FLAGS):
        column[getattr(FIRM, name)] = float(getattr(firm, name))
    for name in SKILLS:
        skill, row = getattr(firm, name), getattr(FIRM, name)
        column[row : row + 3] = skill.value, skill.base, skill.origin
    for channel, presence in enumerate(firm.presence):
        column[FIRM.participates + channel] = float(presence.participates)
        column[FIRM.access_logit + channel] = presence.access.value
        column[FIRM.access_base + channel] = presence.access.base
        column[FIRM.access_origin + channel] = presence.access.origin
        for name in BY_CHANNEL:
            column[getattr(FIRM, name) + channel] = getattr(presence, name)
    column[FIRM.log_scale] = math.log(firm.productivity)
    column[FIRM.log_price] = math.log(firm.price)
    column[FIRM.sales_history : FIRM.sales_history + 12] = firm.sales_history
    column[FIRM.met_id] = firm.met.firm_id if firm.met else -1.0
    for place, neighbour in enumerate(firm.neighbours):
        column[FIRM.peer_id + place] = neighbour.firm_id if neighbour else -1.0
    return column
