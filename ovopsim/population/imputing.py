"""What a survey does not say: taken, firm by firm, from a firm alike in the synthetic cluster (a hot deck).

Of the synthetic firms nearest in what the survey does say, one is drawn; all that is missing comes from that one firm,
so that attributes go together as they do in the model. Amounts grow with sales.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ovopsim.errors import InputError
from ovopsim.fields import FIRM, N_CHANNELS
from ovopsim.population.chance import SURVEYED, chance_of
from ovopsim.population.survey import SELLS, Survey
from ovopsim.state import World

Array = NDArray[np.float64]
Places = NDArray[np.int64]
NEAREST: Final = 8  # firms alike, among which one is drawn
LEAST_AGE: Final = 12.0  # months; before, a firm's smoothed orders do not yet tell its size
DONOR, CERTIFICATE, DEBT = range(3)  # questions that draws answer

# columns that are a row of the firm table as they stand
PLAIN: Final = {
    "sentra": FIRM.sentra,
    "technique": FIRM.technique,
    "member": FIRM.member,
    "licensed": FIRM.licensed,
    "certified": FIRM.certified,
    "business_account": FIRM.business_account,
} | {name: FIRM.participates + channel for channel, name in enumerate(SELLS)}
SKILLS: Final = {
    "craft": FIRM.craft,
    "management": FIRM.management,
    "bookkeeping": FIRM.bookkeeping,
    "technology": FIRM.technology,
}
AMOUNTS: Final = {"equipment_idr": FIRM.equipment, "bank_debt_idr": FIRM.bank_debt}

# what a firm takes over from the one that it is like, as it is and in proportion to sales
TAKEN: Final = (
    FIRM.log_ability,
    FIRM.owner_labour,
    FIRM.hurdle_rate,
    FIRM.debt_aversion,
    FIRM.bank_rate,
    FIRM.subsidised_rate,
    FIRM.guaranteed,
    FIRM.age,
    FIRM.exclusion_months,
    FIRM.certificate_age,
    *PLAIN.values(),
    *(row + step for row in SKILLS.values() for step in range(3)),
    *(
        row + channel
        for row in (FIRM.access_logit, FIRM.access_base, FIRM.access_origin)
        for channel in range(N_CHANNELS)
    ),
)
GROWN: Final = (*AMOUNTS.values(), FIRM.bank_instalment, FIRM.coop_debt, FIRM.coop_instalment)


class Alike(NamedTuple):
    """The synthetic firms that a survey's firms are like.

    Attributes
    ----------
    firms : array (fields, firms)
        One synthetic firm for each of the survey.
    growth : array (firms,)
        Sales of the survey's firm over those of the synthetic one.
    """

    firms: Array
    growth: Array


class Likeness(NamedTuple):
    """One thing in which two firms are compared.

    Attributes
    ----------
    surveyed : array (firms,)
        NaN where the survey does not say.
    synthetic : array (synthetic firms,)
    scale : float
        Difference that counts as one.
    """

    surveyed: Array
    synthetic: Array
    scale: float


def monthly_orders(firms: Array) -> Array:
    """Return the smoothed orders of firms, in rupiah a month with the season taken out."""
    orders: Array = firms[FIRM.trailing_orders : FIRM.trailing_orders + N_CHANNELS].sum(axis=0)
    return orders


def candidates_for_likeness(world: World) -> Array:
    """Return the firms of the synthetic cluster that others may be like (fields, synthetic firms)."""
    firms = world.firms
    found: Array = firms[:, (firms[FIRM.active] == 1.0) & (firms[FIRM.age] >= LEAST_AGE) & (monthly_orders(firms) > 0)]
    if found.shape[1] == 0:
        raise InputError(
            "population: these parameters leave no synthetic firm from which missing values could be drawn."
        )
    return found


def likenesses(survey: Survey, firms: Array) -> list[Likeness]:
    """Return all in which surveyed and synthetic firms are compared: sales above all, then what else is known."""
    columns = survey.columns
    found = [
        # a fifth of sales counts as much as another place or technique
        Likeness(np.log(columns["yearly_sales_idr"] / 12.0), np.log(monthly_orders(firms)), 0.2),
        Likeness(np.log1p(columns["age_years"]), np.log1p(firms[FIRM.age] / 12.0), 0.5),
        Likeness(np.log1p(columns["workers"]), np.log1p(firms[FIRM.workers]), 0.3),
        Likeness(np.log(columns["equipment_idr"]), np.log(np.maximum(1.0, firms[FIRM.equipment])), 0.5),
        # some debt or none; its size comes after
        Likeness(np.log1p(columns["bank_debt_idr"]), np.log1p(firms[FIRM.bank_debt]), 5.0),
    ]
    found += [Likeness(columns[name], firms[row], 0.1) for name, row in SKILLS.items()]
    return found + [Likeness(columns[name], firms[row], 1.0) for name, row in PLAIN.items()]


def firms_alike(survey: Survey, firms: Array, key: Any) -> Alike:
    """Return for each surveyed firm a synthetic firm, drawn among those nearest to it.

    Parameters
    ----------
    survey : Survey
    firms : array (fields, synthetic firms)
        Of `candidates_for_likeness`.
    key : uint64
        Key of the replication.
    """
    compared = likenesses(survey, firms)
    chance = chance_of(key, survey.count, SURVEYED, DONOR)
    nearest = min(NEAREST, firms.shape[1])
    places = np.empty(survey.count, dtype=np.int64)
    for firm in range(survey.count):
        distance = np.zeros(firms.shape[1])
        for each in compared:
            if not np.isnan(each.surveyed[firm]):
                distance += ((each.synthetic - each.surveyed[firm]) / each.scale) ** 2
        places[firm] = np.argsort(distance, kind="stable")[int(nearest * chance[firm])]
    chosen = firms[:, places]
    return Alike(chosen, survey.columns["yearly_sales_idr"] / 12.0 / monthly_orders(chosen))


def impute(world: World, survey: Survey, alike: Alike, values: dict[str, Any], key: Any) -> None:
    """Fill the first slots of a world with the firms of a survey: what it says, and what firms alike say.

    Workers and cash are left to settling, prices and stocks too.
    """
    count = survey.count
    mine = world.firms[:, :count]
    for row in TAKEN:
        mine[row] = alike.firms[row]
    for row in GROWN:
        mine[row] = alike.growth * alike.firms[row]
    for name, row in (*PLAIN.items(), *AMOUNTS.items()):
        _write_known(mine[row], survey.columns[name])
    _write_known(mine[FIRM.age], np.round(12.0 * survey.columns["age_years"]))
    for place, (name, row) in enumerate(SKILLS.items()):
        in_steady_state(mine[row : row + 3], survey.columns[name], values, place)
    _set_certificates(mine, alike.firms, values, chance_of(key, count, SURVEYED, CERTIFICATE))
    _set_debts(mine, survey.columns["bank_debt_idr"], values, chance_of(key, count, SURVEYED, DEBT))
    mine[FIRM.met_slot] = mine[FIRM.met_id] = -1.0
    mine[FIRM.firm_id] = np.arange(count)
    mine[FIRM.active] = 1.0


def _write_known(target: Array, values: Array) -> None:
    known = ~np.isnan(values)
    target[known] = values[known]


def practice_alone(values: dict[str, Any], skill: int) -> float:
    """Return the skill of an owner who came without any and has practised for long: g / (g + h) (docs/odd.md)."""
    pull = float(values["technology_and_cost.practice_pull"][skill])
    return pull / (1.0 + pull)


def in_steady_state(rows: Array, value: Array, values: dict[str, Any], skill: int) -> None:
    """Set a skill that is known, with the base and origin that it has in the learning law's steady state (docs/odd.md).

    origin = x − g (1 − x) / h. Where that would be negative the owner came with nothing and is still learning: origin
    is 0, and the skill stays what the file says.

    Parameters
    ----------
    rows : array (3, firms)
        Skill, base and origin; written where `value` is not NaN.
    value : array (firms,)
    values : dict
        Parameter values by ``submodel.field``.
    skill : int
        0 craft, 1 management, 2 bookkeeping, 3 technology.
    """
    known = ~np.isnan(value)
    pull = float(values["technology_and_cost.practice_pull"][skill])
    weight = float(values["technology_and_cost.base_weight"][skill])
    origin = np.maximum(0.0, value[known] - pull * (1.0 - value[known]))
    rows[0, known] = value[known]
    rows[1, known] = weight * value[known] + (1.0 - weight) * origin
    rows[2, known] = origin


def _set_certificates(mine: Array, alike: Array, values: dict[str, Any], chance: Array) -> None:
    """Give certificates an age: that of the firm alike where it has one too, else any age."""
    drawn = np.floor(chance * float(values["learning.certificate_life"]))
    age = np.where(alike[FIRM.certified] == 1.0, alike[FIRM.certificate_age], drawn)
    mine[FIRM.certificate_age] = np.where(mine[FIRM.certified] == 1.0, age, 0.0)


def _set_debts(mine: Array, known_debt: Array, values: dict[str, Any], chance: Array) -> None:
    """Give a bank debt that is known the terms of today and any time left; clear the terms where there is no debt."""
    known = ~np.isnan(known_debt)
    months_left = np.ceil(chance * float(values["finance.bank_months"]))
    mine[FIRM.bank_rate, known] = float(values["finance.bank_rate"])
    mine[FIRM.bank_instalment, known] = (known_debt / months_left)[known]
    mine[FIRM.subsidised_rate, known] = 0.0
    mine[FIRM.guaranteed, known] = 0.0
    without = mine[FIRM.bank_debt] <= 0.0
    for row in (FIRM.bank_rate, FIRM.bank_instalment, FIRM.subsidised_rate, FIRM.guaranteed):
        mine[row, without] = 0.0
    for row in (FIRM.coop_debt, FIRM.coop_instalment):
        mine[row, mine[FIRM.member] == 0.0] = 0.0
