"""How a firm starts: who the owner is, what is brought, what is learned already (model.md §3, entry)."""

from __future__ import annotations

import math

from tests.reference import forms
from tests.reference.draws import quantile
from tests.reference.entities import EXPORT, NATIONAL, Firm, Learned
from tests.reference.learning import SKILLS, within
from tests.reference.parameters import Parameters, Submodel
from tests.reference.world import World


class Candidate:
    """The draws of one candidate entrant of a month."""

    def __init__(self, world: World, number: int) -> None:
        self.draws, self.number, self.month = world.draws, number, world.city.month

    def trait(self, index: int) -> float:
        """Return the uniform of a trait: four share a block."""
        return self.draws.four("candidate_state", self.number, self.month, index // 4)[index % 4]

    def normal(self, index: int) -> float:
        """Return a standard normal of the candidate's state."""
        return quantile(self.trait(index))

    def chance(self, index: int, share: float) -> bool:
        """Return whether the candidate has what a share of owners have."""
        return self.trait(index) < share

    def choice(self, index: int, shares: list[float]) -> int:
        """Return the place in a list of shares that a uniform falls on."""
        return fall(self.trait(index), shares)


def fall(draw: float, shares: list[float]) -> int:
    """Return the place in a list of shares, which add up to one, that a uniform falls on."""
    reach = 0.0
    for place, share in enumerate(shares):
        reach += share
        if draw < reach:
            return place
    return len(shares) - 1


def start_firm(world: World, parameters: Parameters, number: int) -> Firm:
    """Candidate k of this month opens: id = first id + K · z(month) + k, with z(m) = 2m, and −2m − 1 before month 0."""
    own, city = parameters.entry_and_exit, world.city
    candidate = Candidate(world, number)
    place = 2 * city.month if city.month >= 0 else -2 * city.month - 1
    firm = world.new_firm(firm_id=world.first_entrant_id + world.candidates * place + number)
    firm.sentra = sentra_of(world, number)
    bring_talent(firm, candidate, parameters)
    bring_skills(firm, candidate, parameters, own.newcomer_share)
    bring_access(firm, candidate, parameters, own.newcomer_access)
    centre = world.sentras[firm.sentra].appeal_centre
    firm.appeal_mean = centre - own.appeal_gap + own.appeal_mean_sd * candidate.normal(20)
    firm.appeal_state = parameters.market.appeal_sd * candidate.normal(21)
    equip(firm, world, parameters.technology_and_cost)
    cash = own.start_cash * math.exp(own.start_cash_sd * candidate.normal(22) - 0.5 * own.start_cash_sd**2)
    world.books.receive(firm, "start_equity", cash)
    return firm


def sentra_of(world: World, number: int) -> int:
    """Return an entrant's sentra, in proportion to the entrants e_s n_s that each has at the start's profit."""
    draw = world.draws.uniform("candidate_entry", number, world.city.month, 1)
    weights = [sentra.entry_rate * sentra.initial_firms for sentra in world.sentras]
    return fall(draw, [weight / sum(weights) for weight in weights])


def bring_talent(firm: Firm, candidate: Candidate, parameters: Parameters) -> None:
    """Talent (mean one), the return asked (correlated with talent), aversion to debt, technique, institutions."""
    own = parameters.population
    talent = candidate.normal(0)
    firm.log_ability = own.ability_sd * talent - 0.5 * own.ability_sd**2
    patience = own.hurdle_ability * talent + math.sqrt(1.0 - own.hurdle_ability**2) * candidate.normal(1)
    firm.hurdle_rate = own.hurdle_rate * math.exp(own.hurdle_sd * patience)
    firm.debt_aversion = own.aversion_sd * candidate.normal(2)
    firm.owner_labour = own.owner_labour
    firm.technique = candidate.choice(3, own.technique_share)
    firm.licensed = candidate.chance(17, own.licensed_share)
    firm.business_account = candidate.chance(18, own.account_share)


def bring_skills(firm: Firm, candidate: Candidate, parameters: Parameters, share: float) -> None:
    """Draw each skill in steady state; a newcomer has learned only a share of what practice adds to the origin.

    origin = x − g(1 − x)/h, not below 0; x* = (g/h + origin)/(1 + g/h); base* = weighted mean of x* and origin.
    """
    own, learning = parameters.population, parameters.learning
    for place, name in enumerate(SKILLS):
        pull, weight = learning.practice_pull[place], learning.base_weight[place]
        drawn = within(own.skill_mean[place] + own.skill_sd[place] * candidate.normal(4 + place))
        origin = max(0.0, drawn - pull * (1.0 - drawn))
        steady = (pull + origin) / (1.0 + pull)
        base = weight * steady + (1.0 - weight) * origin
        setattr(firm, name, Learned(origin + share * (steady - origin), origin + share * (base - origin), origin))


def bring_access(firm: Firm, candidate: Candidate, parameters: Parameters, less: float) -> None:
    """Draw access to each channel in steady state, less what a newcomer lacks; nobody starts far away."""
    own, learning = parameters.population, parameters.learning
    for number, presence in enumerate(firm.presence):
        steady = own.access_mean[number] + own.access_sd[number] * candidate.normal(8 + number)
        origin = steady - learning.access_pull[number]
        base = learning.access_weight * steady + (1.0 - learning.access_weight) * origin
        presence.access = Learned(steady - less, base - less, origin)
        sells = candidate.chance(12 + number, own.channel_share[number])
        presence.participates = sells and number not in (NATIONAL, EXPORT)
        if presence.participates:
            presence.market_access = max(learning.least_access[number], forms.logistic(steady - less))


def equip(firm: Firm, world: World, technology: Submodel) -> None:
    """Equipment for what the owner alone can make cheaply; expected orders, cost and price that go with it."""
    city = world.city
    firm.productivity = forms.productivity(technology, firm)
    quality = forms.quality(technology, firm)
    firm.wage = forms.wage_of(technology, quality, city)
    firm.material_cost = forms.material_cost(technology, firm, quality, world.sentras[firm.sentra], city)
    guess = forms.output_possible(technology, firm.productivity, technology.reference_equipment, firm.owner_labour)
    firm.equipment = forms.cheapest_equipment(technology, firm, guess)
    world.books.entries["start_equipment"] += firm.equipment
    firm.orders = firm.expected_orders = forms.output_possible(
        technology, firm.productivity, firm.equipment, firm.owner_labour
    )
    firm.season = 1.0
    firm.unit_cost = forms.marginal_cost(technology, firm, firm.expected_orders)
    firm.price = technology.markup * firm.unit_cost
    firm.smoothed_profit = (firm.price - firm.material_cost) * firm.expected_orders
