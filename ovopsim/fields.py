"""What the simulated city is made of: one table of fields for each entity, and a matrix in that order.

The state of an entity is one float64 matrix: a row for each field, a column for each member (firm slot, channel,
sentra, lever). Rules write `firms[FIRM.cash, slot]`; copying, holding or comparing a whole state is one operation on a
matrix. (A NamedTuple of a hundred separate arrays was tried: it reads the same, but took over 20 seconds to compile.)
The annotations below are the single table from which layout, validation and documentation are made. Flags, codes and
ids are whole numbers kept in float64, exact to 2^53.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

CHANNELS: Final = ("local", "tourist", "national", "export")

TECHNIQUES: Final = ("tulis", "cap", "printing")

SENTRAS: Final = ("kauman", "laweyan", "elsewhere")

CONSTRAINTS: Final = ("marketing", "capital", "human_resources", "technology", "partnership")

SIZE_CLASSES: Final = ("micro", "small", "medium")

LOCAL, TOURIST, NATIONAL, EXPORT = range(4)

N_CHANNELS: Final = len(CHANNELS)

N_TECHNIQUES: Final = len(TECHNIQUES)

N_SENTRAS: Final = len(SENTRAS)

N_CONSTRAINTS: Final = len(CONSTRAINTS)

N_PEERS: Final = 4

Reals = NDArray[np.float64]

Rows = TypeVar("Rows")


@dataclass(frozen=True)
class Field:
    """What one field of an entity means.

    Parameters
    ----------
    about : str
        One sentence.
    unit : str
        Unit; "flag", "code", "id", "slot" and "months" are whole numbers.
    group : str
        The attribute that the field belongs to when an attribute is held at another run's path: ``capital``,
        ``skill``, ``technology``, ``access`` or ``other``.
    rows : int
        Number of rows (4 for a field with a value for each channel).
    low, high : float
        Range that the field never leaves.
    """

    about: str
    unit: str
    group: str = "other"
    rows: int = 1
    low: float = -math.inf
    high: float = math.inf


class FirmRows(NamedTuple):
    """Row of each firm field; a column for each firm slot."""

    # identity
    log_ability: Annotated[int, Field("owner's talent, a factor on output, in logs", "log")]
    owner_labour: Annotated[int, Field("the owner's own unpaid work", "FTE", low=0.0)]
    hurdle_rate: Annotated[int, Field("return that the owner asks of equipment", "per month", low=0.0)]
    debt_aversion: Annotated[int, Field("the owner's reluctance to owe a bank", "logit")]
    # capital
    equipment: Annotated[int, Field("equipment at replacement value", "IDR", "capital", low=0.0)]
    cash: Annotated[int, Field("cash and deposits", "IDR", "capital", low=0.0)]
    receivable: Annotated[int, Field("owed by contract buyers", "IDR", "capital", low=0.0)]
    payable: Annotated[int, Field("owed to suppliers", "IDR", "capital", low=0.0)]
    bank_debt: Annotated[int, Field("owed to the bank", "IDR", "capital", low=0.0)]
    bank_rate: Annotated[int, Field("real interest on the bank loan", "per year", "capital")]
    subsidised_rate: Annotated[int, Field("interest paid by the state", "per year", "capital", low=0.0)]
    bank_instalment: Annotated[int, Field("principal due each month at the bank", "IDR/month", "capital", low=0.0)]
    coop_debt: Annotated[int, Field("owed to the cooperative", "IDR", "capital", low=0.0)]
    coop_instalment: Annotated[int, Field("principal due at the cooperative", "IDR/month", "capital", low=0.0)]
    arrears: Annotated[int, Field("months in a row with a missed debt payment", "months", "capital", low=0.0)]
    guaranteed: Annotated[int, Field("share under public guarantee", "fraction", "capital", low=0.0, high=1.0)]
    inventory: Annotated[int, Field("finished cloth in stock", "pieces", "capital", low=0.0)]
    workers: Annotated[int, Field("hired labour, piece-rate home workers included", "FTE", low=0.0)]
    # skill
    craft: Annotated[int, Field("craft skill", "index", "skill", low=0.0, high=1.0)]
    craft_base: Annotated[int, Field("craft kept by habit", "index", "skill", low=0.0, high=1.0)]
    craft_origin: Annotated[int, Field("craft the owner came with", "index", "skill", low=0.0, high=1.0)]
    management: Annotated[int, Field("management practices in use", "index", "skill", low=0.0, high=1.0)]
    management_base: Annotated[int, Field("management kept by habit", "index", "skill", low=0.0, high=1.0)]
    management_origin: Annotated[int, Field("management the owner came with", "index", "skill", low=0.0, high=1.0)]
    bookkeeping: Annotated[int, Field("quality of record keeping", "index", "skill", low=0.0, high=1.0)]
    bookkeeping_base: Annotated[int, Field("bookkeeping kept by habit", "index", "skill", low=0.0, high=1.0)]
    bookkeeping_origin: Annotated[int, Field("bookkeeping the owner came with", "index", "skill", low=0.0, high=1.0)]
    separation_shift: Annotated[int, Field("what levers add to keeping household and firm apart", "logit", "skill")]
    # technology
    technology: Annotated[int, Field("level of technology in use", "index", "technology", low=0.0, high=1.0)]
    technology_base: Annotated[int, Field("technology kept by habit", "index", "technology", low=0.0, high=1.0)]
    technology_origin: Annotated[int, Field("technology the owner came with", "index", "technology", low=0.0, high=1.0)]
    adoption_shift: Annotated[int, Field("what levers add to the wish to adopt, fading", "logit", "technology")]
    adoptions: Annotated[int, Field("steps in technology taken so far", "count", low=0.0)]
    # market access
    market_access: Annotated[int, Field("share of buyers who would consider it", "fraction", "access", 4, 0.0, 1.0)]
    access_logit: Annotated[int, Field("logit of market access", "logit", "access", 4)]
    access_base: Annotated[int, Field("logit of access kept by habit", "logit", "access", 4)]
    access_origin: Annotated[int, Field("logit of access without practice", "logit", "access", 4)]
    trailing_orders: Annotated[int, Field("smoothed orders by channel", "IDR/month", "access", 4, 0.0)]
    # demand
    appeal_mean: Annotated[int, Field("lasting part of log appeal to buyers", "log")]
    appeal_state: Annotated[int, Field("passing part of log appeal", "log")]
    # institutions
    application_shift: Annotated[int, Field("what levers add to applying for credit, fading", "logit")]
    approval_shift: Annotated[int, Field("what levers add to the bank's approval, fading", "logit")]
    rate_cut: Annotated[int, Field("interest paid by the state on the next loan", "per year", low=0.0)]
    guarantee_offer: Annotated[int, Field("guaranteed share of the next loan", "fraction", low=0.0, high=1.0)]
    # contract with a large buyer
    contract_lot: Annotated[int, Field("pieces a month under contract; 0 = none", "pieces/month", "access", low=0.0)]
    contract_price: Annotated[int, Field("agreed price", "IDR/piece", "access", low=0.0)]
    contract_delivered: Annotated[int, Field("pieces delivered under contracts so far", "pieces", "access", low=0.0)]
    contract_short: Annotated[int, Field("smoothed share not delivered", "fraction", "access", low=0.0, high=1.0)]
    # plans
    expected_orders: Annotated[int, Field("expected orders, season taken out", "pieces/month", low=0.0)]
    season: Annotated[int, Field("this month's season factor of the firm's channels", "factor", low=0.0)]
    orders: Annotated[int, Field("this month's orders, unmet included", "pieces", low=0.0)]
    fill: Annotated[int, Field("share of the month's orders served from stock at first", "fraction", low=0.0, high=1.0)]
    price: Annotated[int, Field("list price", "IDR/piece", low=0.0)]
    log_price: Annotated[int, Field("log of the list price", "log IDR")]
    smoothed_profit: Annotated[int, Field("smoothed monthly profit, season taken out", "IDR/month")]
    wanted_output: Annotated[int, Field("pieces the owner wants to make this month", "pieces", low=0.0)]
    wanted_equipment: Annotated[int, Field("equipment that makes expected orders cheapest", "IDR", low=0.0)]
    log_scale: Annotated[int, Field("log of what one FTE makes with the reference equipment", "log pieces")]
    material_cost: Annotated[int, Field("materials for one piece", "IDR/piece", low=0.0)]
    wage: Annotated[int, Field("pay of one FTE at the firm's quality", "IDR/month", low=0.0)]
    unit_cost: Annotated[int, Field("marginal cost at expected orders", "IDR/piece", low=0.0)]
    days_away: Annotated[int, Field("working days of this month that the owner gives to a programme", "days", low=0.0)]
    # this month's results
    output: Annotated[int, Field("pieces made this month", "pieces", low=0.0)]
    sold: Annotated[int, Field("pieces sold this month, contracts included", "pieces", low=0.0)]
    contract_sold: Annotated[int, Field("pieces delivered to the large buyer this month", "pieces", low=0.0)]
    sales: Annotated[int, Field("sales this month, contracts included", "IDR", low=0.0)]
    export_sales: Annotated[int, Field("sales abroad this month", "IDR", low=0.0)]
    wages_paid: Annotated[int, Field("wages this month", "IDR", low=0.0)]
    interest_due: Annotated[int, Field("interest of the month, paid or not", "IDR", low=0.0)]
    tax_paid: Annotated[int, Field("tax this month", "IDR", low=0.0)]
    value_added: Annotated[int, Field("sales less materials of the pieces sold", "IDR")]
    profit: Annotated[int, Field("value added less wages, interest and tax; before the owner's pay", "IDR")]
    unmet_need: Annotated[int, Field("share of need left unmet", "fraction", low=0.0, high=1.0)]
    cash_short: Annotated[int, Field("share of wanted output lost for want of cash", "fraction", low=0.0, high=1.0)]
    yearly_sales: Annotated[int, Field("sales of the last twelve months", "IDR/year", low=0.0)]
    sales_history: Annotated[int, Field("sales of each of the last twelve months", "IDR", "other", 12, 0.0)]
    # programme
    received_idr: Annotated[int, Field("public money spent on the firm so far", "IDR", low=0.0)]
    times_served: Annotated[int, Field("deliveries of all levers so far", "count", low=0.0)]
    meets: Annotated[int, Field("organised meetings attended this month", "count", low=0.0)]
    coached: Annotated[int, Field("1 = practises under guidance", "fraction", low=0.0, high=1.0)]
    # whole numbers
    firm_id: Annotated[int, Field("permanent identity; -1 in a slot never used", "id")]
    active: Annotated[int, Field("in business", "flag", low=0, high=1)]
    sentra: Annotated[int, Field("where the firm is", "code", low=0, high=2)]
    technique: Annotated[int, Field("main technique", "code", low=0, high=2)]
    age: Annotated[int, Field("months in business", "months", low=0)]
    exclusion_months: Annotated[int, Field("months until a bank lends again after default", "months", low=0)]
    participates: Annotated[int, Field("sells in the channel", "flag", "access", 4, 0, 1)]
    months_without_sale: Annotated[int, Field("months since the last sale in the channel", "months", "access", 4, 0)]
    member: Annotated[int, Field("member of the sentra's cooperative", "flag", low=0, high=1)]
    licensed: Annotated[int, Field("has a business licence", "flag", low=0, high=1)]
    certified: Annotated[int, Field("has a valid batik certificate", "flag", low=0, high=1)]
    certificate_age: Annotated[int, Field("months since certification", "months", low=0)]
    business_account: Annotated[int, Field("keeps a business bank account", "flag", low=0, high=1)]
    met_slot: Annotated[int, Field("slot of the firm met at this month's organised meeting; -1 = none", "slot", low=-1)]
    met_id: Annotated[int, Field("id of that firm; -1 = none", "id", low=-1)]
    size_class: Annotated[int, Field("0 micro, 1 small, 2 medium", "code", low=0, high=2)]
    peer_slot: Annotated[int, Field("slots of neighbours", "slot", "other", N_PEERS)]
    peer_id: Annotated[int, Field("firm ids of neighbours", "id", "other", N_PEERS)]


class ChannelRows(NamedTuple):
    """Row of each channel field; a column for each market channel."""

    spending_base: Annotated[int, Field("buyers' spending in a plain month of 2016", "IDR/month", low=0.0)]
    outside_base: Annotated[int, Field("pull of sellers outside the cluster at the start", "appeal", low=0.0)]
    spending_state: Annotated[int, Field("passing part of log spending", "log")]
    season: Annotated[int, Field("this month's season factor", "factor", low=0.0)]
    season_ahead: Annotated[int, Field("season over the months that stock covers", "factor", low=0.0)]
    spending: Annotated[int, Field("buyers' spending this month", "IDR", low=0.0)]
    outside: Annotated[int, Field("pull of sellers outside the cluster this month", "appeal", low=0.0)]
    attraction: Annotated[int, Field("sum of firms' attraction this month", "appeal", low=0.0)]
    unmet: Annotated[int, Field("spending first turned away for want of stock", "IDR", low=0.0)]
    cluster_sales: Annotated[int, Field("sales of the cluster this month", "IDR", low=0.0)]


class SentraRows(NamedTuple):
    """Row of each sentra field; its cooperative has the same column."""

    amenity: Annotated[int, Field("pull of the place on visitors; 1 = at the start", "factor", low=0.0)]
    initial_firms: Annotated[int, Field("firms at the start", "firms", low=0.0)]
    entry_rate: Annotated[int, Field("starts in a month over the first firms", "per month", low=0.0)]
    closed: Annotated[int, Field("firms closed since the count began", "firms", low=0.0)]
    appeal_centre: Annotated[int, Field("mean log appeal of the first firms", "log")]
    fund: Annotated[int, Field("money that the cooperative can lend", "IDR", low=0.0)]
    fund_target: Annotated[int, Field("size to which members' dues and dividends steer the fund", "IDR", low=0.0)]
    governance: Annotated[int, Field("quality of the cooperative's management", "index", low=0.0, high=1.0)]
    governance_base: Annotated[int, Field("governance to which it falls back", "index", low=0.0, high=1.0)]
    lent: Annotated[int, Field("outstanding cooperative loans", "IDR", low=0.0)]
    losses: Annotated[int, Field("cooperative loans written off so far", "IDR", low=0.0)]


class CityRows(NamedTuple):
    """Place of each value of the whole city."""

    outside_price_state: Annotated[int, Field("passing part of the log outside price", "log")]
    outside_price: Annotated[int, Field("outside price over its start", "factor", low=0.0)]
    material_price: Annotated[int, Field("price of materials over its start", "factor", low=0.0)]
    wage_level: Annotated[int, Field("real wage over its start", "factor", low=0.0)]
    makers: Annotated[int, Field("batik makers in the city", "FTE", low=0.0)]
    employed: Annotated[int, Field("hired labour of all firms", "FTE", low=0.0)]
    hiring_room: Annotated[int, Field("share of hires that makers allow", "fraction", low=0.0, high=1.0)]
    start_profit: Annotated[int, Field("mean smoothed profit at month 0; 0 in burn-in", "IDR/month")]
    mean_profit: Annotated[int, Field("mean smoothed profit", "IDR/month")]
    initial_count: Annotated[int, Field("firms that the entry rate refers to", "firms", low=0.0)]
    entries: Annotated[int, Field("entries this month", "firms", low=0.0)]
    exits: Annotated[int, Field("exits this month", "firms", low=0.0)]
    defaults: Annotated[int, Field("bank defaults this month", "events", low=0.0)]
    graduations: Annotated[int, Field("moves up a size class less moves down this month", "moves")]
    entries_refused: Annotated[int, Field("entrants without a free slot: an error above 0", "firms", low=0.0)]
    interest_subsidy: Annotated[int, Field("interest paid by the state this month", "IDR", low=0.0)]
    guarantee_loss: Annotated[int, Field("guarantee claims paid by the state this month", "IDR", low=0.0)]
    reached: Annotated[int, Field("firms served so far at least once, closed ones too", "firms", low=0.0)]
    knowledge: Annotated[int, Field("firms heard in forums in the last years, fading", "firms", low=0.0)]
    month: Annotated[int, Field("month number; 0 = first reported", "months")]
    ring_length: Annotated[int, Field("firms on the ring of acquaintances", "code", low=0.0)]
    calendar_month: Annotated[int, Field("month of the year, 0 = January", "code", low=0.0, high=11.0)]
    year: Annotated[int, Field("calendar year", "code")]
    used_slots: Annotated[int, Field("slots up to the highest ever used", "slots", low=0)]


class AgencyRows(NamedTuple):
    """Row of each agency field; a column for each lever of the scenario."""

    accrual: Annotated[int, Field("released and not yet spent", "IDR", low=0.0)]
    released: Annotated[int, Field("released this month", "IDR", low=0.0)]
    spent: Annotated[int, Field("spent this month, overhead included", "IDR", low=0.0)]
    lapsed: Annotated[int, Field("returned to the treasury this month", "IDR", low=0.0)]
    delivered: Annotated[int, Field("units delivered this month", "units", low=0.0)]
    asked: Annotated[int, Field("offers made this month", "offers", low=0.0)]
    cooperative_units: Annotated[int, Field("units for each cooperative so far", "units", "other", 3, 0.0)]
    position: Annotated[int, Field("place reached in the year's list of firms", "code", low=0.0)]
    listed: Annotated[int, Field("length of the year's list of firms", "code", low=0.0)]
    in_order: Annotated[int, Field("places of the list that are in order so far", "code", low=0.0)]
    total_delivered: Annotated[int, Field("units delivered so far", "units", low=0.0)]


@cache
def fields_of(table: type) -> Mapping[str, tuple[Field, int]]:
    """Return ``name -> (field, first row)`` of an entity's table, in order."""
    found: dict[str, tuple[Field, int]] = {}
    row = 0
    for name, hint in get_type_hints(table, include_extras=True).items():
        field = hint.__metadata__[0]
        found[name] = (field, row)
        row += field.rows
    return MappingProxyType(found)


def row_count(table: type) -> int:
    """Return the number of rows of an entity's matrix."""
    return sum(field.rows for field, _ in fields_of(table).values())


def rows_of(table: type[Rows]) -> Rows:
    """Return the table filled with row numbers: `rows_of(FirmRows).cash` is the row of cash."""
    return table(*(row for _, row in fields_of(typing.cast(type, table)).values()))


FIRM: Final = rows_of(FirmRows)

CHANNEL: Final = rows_of(ChannelRows)

SENTRA: Final = rows_of(SentraRows)

CITY: Final = rows_of(CityRows)

AGENCY: Final = rows_of(AgencyRows)

AGENCY_FIELDS: Final = {name: row for name, (_, row) in fields_of(AgencyRows).items()}
