"""The whole simulated city of the reference, its books, and what is known of a month in advance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.reference.draws import Draws
from tests.reference.entities import Assignment, Channel, City, Firm, Lever, Sentra


@dataclass(slots=True)
class MonthAhead:
    """What the calendar says of one month: seasons, named shocks, prices, date."""

    season: list[float]
    season_ahead: list[float]
    spending_shock: list[float]
    outside_price_shock: float
    material_price_shock: float
    price_level: float
    month_of_year: int
    year: int


@dataclass
class Books:
    """What moved under each name in one month: `flows` of money, `entries` that are no money, `goods` in pieces."""

    flows: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    entries: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    goods: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def receive(self, firm: Firm, flow: str, amount: float) -> None:
        """Add to a firm's cash."""
        firm.cash += amount
        self.flows[flow] += amount

    def pay(self, firm: Firm, flow: str, amount: float) -> float:
        """Take from a firm's cash what it has of an amount; return what was paid."""
        if amount > firm.cash:
            amount = firm.cash
            firm.cash = 0.0
        else:
            firm.cash -= amount
        self.flows[flow] += amount
        return amount


@dataclass
class World:
    """The city in one month.

    `ring` holds for each sentra the points of last January's ring of acquaintances, in order, with the firm at each.
    `closed` are the firms that closed this month: their last month is still observed. `candidates` people consider
    starting a firm each month; ids of entrants start at `first_entrant_id`. `new_firm` makes an entrant.
    """

    firms: list[Firm]
    channels: list[Channel]
    sentras: list[Sentra]
    city: City
    draws: Draws
    candidates: int
    first_entrant_id: int
    levers: list[Lever] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    ring: list[list[tuple[float, Firm]]] = field(default_factory=lambda: [[], [], []])
    closed: list[Firm] = field(default_factory=list)
    books: Books = field(default_factory=Books)
    new_firm: Callable[..., Firm] = Firm

    def open_month(self) -> None:
        """Open new books and draw each firm's luck, before any rule has run."""
        self.books = Books()
        self.closed = []
        for firm in self.firms:
            firm.luck = self.draws.luck(firm.firm_id, self.city.month)
