"""What the reference simulates: plain objects with plain numbers (model.md §2).

The reference is written from the specification and shares no code with the package. Firms stand in a list and know
each other as objects: there are no slots and no matrices. A month is computed firm by firm, in the most obvious way.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.reference.draws import Luck

LOCAL, TOURIST, NATIONAL, EXPORT = range(4)
N_NEIGHBOURS = 4


@dataclass(slots=True)
class Learned:
    """An attribute that is learned: its value, the part kept by habit, and where the owner came from."""

    value: float = 0.0
    base: float = 0.0
    origin: float = 0.0


@dataclass(slots=True)
class Presence:
    """A firm in one channel; `access` is learned on the logit of `market_access`."""

    participates: bool = False
    market_access: float = 0.0
    access: Learned = field(default_factory=Learned)
    trailing_orders: float = 0.0
    months_without_sale: float = 0.0
    attraction: float = 0.0


@dataclass(slots=True)
class Record:
    """What one lever has been to one firm: offers, deliveries, dose of the last, months of delivery and of refusal."""

    offers: float = 0.0
    deliveries: float = 0.0
    last_dose: float = 0.0
    last_served: float = -1_000_000.0
    last_declined: float = -1_000_000.0


@dataclass(slots=True, eq=False)
class Firm:
    """A batik firm. Money in rupiah of 2016, goods in pieces, rates a month unless said."""

    # identity
    firm_id: int = -1
    active: bool = True
    sentra: int = 0
    technique: int = 0
    age: float = 0.0
    log_ability: float = 0.0
    owner_labour: float = 1.0
    hurdle_rate: float = 0.0
    debt_aversion: float = 0.0
    # capital; bank rates a year
    equipment: float = 0.0
    cash: float = 0.0
    receivable: float = 0.0
    payable: float = 0.0
    bank_debt: float = 0.0
    bank_rate: float = 0.0
    subsidised_rate: float = 0.0
    bank_instalment: float = 0.0
    coop_debt: float = 0.0
    coop_instalment: float = 0.0
    arrears: float = 0.0
    guaranteed: float = 0.0
    exclusion_months: float = 0.0
    inventory: float = 0.0
    workers: float = 0.0
    # what is learned
    craft: Learned = field(default_factory=Learned)
    management: Learned = field(default_factory=Learned)
    bookkeeping: Learned = field(default_factory=Learned)
    technology: Learned = field(default_factory=Learned)
    presence: list[Presence] = field(default_factory=lambda: [Presence() for _ in range(4)])
    # demand
    appeal_mean: float = 0.0
    appeal_state: float = 0.0
    # institutions, and what levers add to logits and loans
    member: bool = False
    licensed: bool = False
    certified: bool = False
    certificate_age: float = 0.0
    business_account: bool = False
    separation_shift: float = 0.0
    adoption_shift: float = 0.0
    adoptions: float = 0.0
    application_shift: float = 0.0
    approval_shift: float = 0.0
    rate_cut: float = 0.0
    guarantee_offer: float = 0.0
    # contract with a large buyer
    contract_lot: float = 0.0
    contract_price: float = 0.0
    contract_delivered: float = 0.0
    contract_short: float = 0.0
    # plans
    expected_orders: float = 0.0
    season: float = 0.0
    orders: float = 0.0
    fill: float = 0.0
    price: float = 0.0
    smoothed_profit: float = 0.0
    wanted_output: float = 0.0
    wanted_equipment: float = 0.0
    productivity: float = 0.0
    material_cost: float = 0.0
    wage: float = 0.0
    unit_cost: float = 0.0
    days_away: float = 0.0
    # results of the month
    output: float = 0.0
    sold: float = 0.0
    contract_sold: float = 0.0
    sales: float = 0.0
    export_sales: float = 0.0
    wages_paid: float = 0.0
    interest_due: float = 0.0
    tax_paid: float = 0.0
    value_added: float = 0.0
    profit: float = 0.0
    unmet_need: float = 0.0
    cash_short: float = 0.0
    yearly_sales: float = 0.0
    sales_history: list[float] = field(default_factory=lambda: [0.0] * 12)
    size_class: int = 0
    # programme and acquaintances
    received_idr: float = 0.0
    times_served: float = 0.0
    meets: float = 0.0
    coached: bool = False
    met: Firm | None = None
    neighbours: list[Firm | None] = field(default_factory=lambda: [None] * N_NEIGHBOURS)
    records: dict[int, Record] = field(default_factory=dict)
    luck: Luck = field(default_factory=Luck)

    def record(self, lever: int) -> Record:
        """Return what a lever has been to the firm."""
        found = self.records.get(lever)
        if found is None:
            found = self.records[lever] = Record()
        return found


@dataclass(slots=True)
class Channel:
    """The buyers of one channel: spending, seasons, and the pull of sellers elsewhere."""

    spending_base: float = 0.0
    outside_base: float = 0.0
    spending_state: float = 0.0
    season: float = 1.0
    season_ahead: float = 1.0
    spending: float = 0.0
    outside: float = 0.0
    attraction: float = 0.0
    unmet: float = 0.0
    cluster_sales: float = 0.0


@dataclass(slots=True)
class Cooperative:
    """The cooperative of a sentra."""

    fund: float = 0.0
    fund_target: float = 0.0
    governance: float = 0.0
    governance_base: float = 0.0
    lent: float = 0.0
    losses: float = 0.0


@dataclass(slots=True)
class Sentra:
    """A place where firms are."""

    amenity: float = 1.0
    initial_firms: float = 0.0
    entry_rate: float = 0.0
    closed: float = 0.0
    appeal_centre: float = 0.0
    cooperative: Cooperative = field(default_factory=Cooperative)


@dataclass(slots=True)
class City:
    """What all firms share."""

    month: int = 0
    calendar_month: int = 0
    year: int = 2016
    outside_price_state: float = 0.0
    outside_price: float = 1.0
    material_price: float = 1.0
    wage_level: float = 1.0
    makers: float = 0.0
    employed: float = 0.0
    hiring_room: float = 1.0
    start_profit: float = 0.0
    mean_profit: float = 0.0
    initial_count: float = 0.0
    entries: float = 0.0
    exits: float = 0.0
    defaults: float = 0.0
    graduations: float = 0.0
    interest_subsidy: float = 0.0
    guarantee_loss: float = 0.0
    reached: float = 0.0
    knowledge: float = 0.0


@dataclass(slots=True)
class Effect:
    """One thing that a lever does."""

    verb: str
    target: str | int
    size: float
    probability: float


@dataclass(slots=True)
class Lever:
    """One thing that the agency can do: to whom, at what cost, under which conditions; and its books."""

    number: int
    ceiling: float
    start: int
    end: int
    multi_year: bool
    targeting: str
    to: str
    unit_cost: float
    batch: int
    capacity: float
    owner_days: float
    co_payment: float
    through_cooperative: bool
    requires: dict[str, bool]
    minimum_age: float
    not_served_within: float
    accept_intercept: float
    accept_taste: float
    accept_value: float
    accept_days: float
    accept_payment: float
    delay: float
    effects: list[Effect]
    money_value: float
    tax_follows: bool
    constraint: int
    accrual: float = 0.0
    released: float = 0.0
    spent: float = 0.0
    lapsed: float = 0.0
    delivered: float = 0.0
    asked: float = 0.0
    total_delivered: float = 0.0
    cooperative_units: list[float] = field(default_factory=lambda: [0.0] * 3)
    listed: list[Firm] = field(default_factory=list)
    position: int = 0


@dataclass(slots=True)
class Assignment:
    """What a trial orders: a lever for chosen firms, or for a sentra, in one month."""

    lever: int
    month: int
    dose: float
    sentra: int | None
    firm_ids: frozenset[int]
