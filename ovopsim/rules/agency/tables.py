"""What the agency may do, as tables: a column for each lever, a row for each effect; and what trials order."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from ovopsim.fields import Field, Reals, rows_of


class AgencyParameters(NamedTuple):
    """Parameters of the agency (`agency.yaml`)."""

    overhead: float
    absorption: Reals
    view_noise: float
    knowledge_fade: float
    ask_again: float
    served_again: float
    amenity_upkeep: float
    governance_fade: float
    response_sd: float
    contract_discount: float
    quality_standard: float
    working_days: float
    loan_months: float
    loan_rate: float


class LeverRows(NamedTuple):
    """Row of each lever property; a column for each lever."""

    ceiling: Annotated[int, Field("budget of a year", "IDR/year")]
    start: Annotated[int, Field("first month", "months")]
    end: Annotated[int, Field("month after the last", "months")]
    multi_year: Annotated[int, Field("unspent money is kept over the year's end", "flag")]
    targeting: Annotated[int, Field("key by which firms are ranked", "code")]
    to: Annotated[int, Field("0 firms, 1 sentra, 2 cooperative", "code")]
    unit_cost: Annotated[int, Field("cost of one unit", "IDR")]
    batch: Annotated[int, Field("units that are delivered together", "units")]
    capacity: Annotated[int, Field("most units in a month", "units/month")]
    owner_days: Annotated[int, Field("working days of the owner", "days")]
    co_payment: Annotated[int, Field("paid by the firm", "IDR")]
    through_cooperative: Annotated[int, Field("only members are reached", "flag")]
    requires_licence: Annotated[int, Field("1 = must be licensed, -1 = must not, 0 = either", "code")]
    requires_member: Annotated[int, Field("as above", "code")]
    requires_certificate: Annotated[int, Field("as above", "code")]
    requires_account: Annotated[int, Field("as above", "code")]
    minimum_age: Annotated[int, Field("months in business", "months")]
    not_served_within: Annotated[int, Field("months since the last delivery", "months")]
    accept_intercept: Annotated[int, Field("acceptance: intercept", "logit")]
    accept_taste: Annotated[int, Field("acceptance: spread of taste over firms", "logit")]
    accept_value: Annotated[int, Field("acceptance: money received over monthly profit", "logit")]
    accept_days: Annotated[int, Field("acceptance: days over working days of a month", "logit")]
    accept_payment: Annotated[int, Field("acceptance: payment and yearly tax over monthly profit", "logit")]
    delay: Annotated[int, Field("months from delivery to effect", "months")]
    first_effect: Annotated[int, Field("first row of the effect table", "code")]
    last_effect: Annotated[int, Field("row after the last", "code")]
    money_value: Annotated[int, Field("money or goods that a unit hands to the firm", "IDR")]
    tax_follows: Annotated[int, Field("accepting makes the firm liable to tax", "flag")]
    constraint: Annotated[int, Field("binding constraint that the lever addresses", "code")]


LEVER = rows_of(LeverRows)

TO_FIRMS, TO_SENTRA, TO_COOPERATIVE = range(3)

TARGETING = ("random", "smallest_first", "ablest_first", "members_first", "most_constrained", "well_connected")

RANDOM, SMALLEST, ABLEST, MEMBERS, CONSTRAINED, CONNECTED = range(6)

# what an effect does; the target is a row of the firm or sentra matrix, or a channel
VERBS = (
    "raise",
    "raise_access",
    "start",
    "set",
    "grant_cash",
    "grant_equipment",
    "shift",
    "meet",
    "coach",
    "contract",
    "fund",
    "governance",
    "amenity",
    "boost",
    "lend",
)

(
    RAISE,
    RAISE_ACCESS,
    START,
    SET,
    GRANT_CASH,
    GRANT_EQUIPMENT,
    SHIFT,
    MEET,
    COACH,
    CONTRACT,
    FUND,
    GOVERNANCE,
    AMENITY,
    BOOST,
    LEND,
) = range(15)

VERB, TARGET, SIZE, PROBABILITY = range(4)


class Levers(NamedTuple):
    """What the agency may do in one run.

    Attributes
    ----------
    table : array (lever properties, levers)
    effects : array (effects, 4)
        Verb, target, size, probability.
    """

    table: Reals
    effects: Reals


class Assignments(NamedTuple):
    """Deliveries that a trial orders, past the budget and the agency's list.

    Attributes
    ----------
    orders : array (assignments, 4)
        Lever, month, dose, sentra (-1 = the firms marked in `firms`).
    firms : array (assignments, slots)
        Identity of each assigned firm in the slot that it has from the start; -1 for the others.
    """

    orders: Reals
    firms: Reals
