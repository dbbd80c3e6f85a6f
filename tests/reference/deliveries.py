"""What one delivery of a lever does: money is booked, the delivery counted, states are moved (model.md §4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.reference.entities import NATIONAL, Effect, Firm, Lever, Sentra
from tests.reference.forms import begin_channel, logistic, raised
from tests.reference.parameters import Parameters
from tests.reference.world import World


def full_cost(lever: Lever, overhead: float) -> float:
    """Public money that one unit takes: unit cost / (1 − overhead)."""
    return lever.unit_cost / (1.0 - overhead)


def count_unit(lever: Lever, spent: float, units: float) -> None:
    """Count units delivered and what they cost."""
    lever.spent += spent
    lever.delivered += units
    lever.total_delivered += units


def improve_place(sentra: Sentra, lever: Lever, rupiah: float) -> None:
    """amenity_s += gain · rupiah / n_s, n_s the sentra's initial firms."""
    sentra.amenity += lever.effects[0].size * rupiah / max(1.0, sentra.initial_firms)


def book_place(world: World, lever: Lever, money: float, units: float) -> None:
    """Book what is spent on places."""
    world.books.flows["delivery"] += money
    count_unit(lever, money, units)


def serve_cooperative(world: World, lever: Lever, number: int, dose: float, overhead: float) -> None:
    """One unit for one cooperative: money for its fund (and so for the size it is steered to), or training."""
    cooperative = world.sentras[number].cooperative
    granted = 0.0
    for effect in lever.effects:
        if effect.verb == "fund":
            granted += effect.size * dose
            cooperative.fund += effect.size * dose
            cooperative.fund_target += effect.size * dose
        elif effect.verb == "governance":
            cooperative.governance = raised(cooperative.governance, min(1.0, effect.size * dose))
    cost = dose * full_cost(lever, overhead)
    world.books.flows["fund_grants"] += granted
    world.books.flows["delivery"] += cost - granted
    count_unit(lever, cost, 1.0)
    lever.cooperative_units[number] += 1.0


def deliver(world: World, lever: Lever, firm: Firm, dose: float, parameters: Parameters) -> None:
    """Serve one firm: the agency pays, the firm gives its payment and the owner's days; effects come now or later."""
    cost = dose * full_cost(lever, parameters.agency.overhead)
    cash = dose * sum(effect.size for effect in lever.effects if effect.verb == "grant_cash")
    world.books.receive(firm, "cash_grants", cash)
    world.books.flows["delivery"] += cost - cash
    world.books.pay(firm, "co_payments", lever.co_payment)
    count_unit(lever, cost, 1.0)
    world.city.reached += 1.0 if firm.times_served == 0.0 else 0.0
    firm.received_idr += cost
    firm.times_served += 1.0
    firm.days_away += lever.owner_days
    record = firm.record(lever.number)
    record.deliveries += 1.0
    record.last_dose = dose
    record.last_served = world.city.month
    if lever.delay == 0.0:
        apply_effects(world, lever, firm, dose, parameters)


def apply_delayed(world: World, parameters: Parameters) -> None:
    """Effects that come some months after the last delivery."""
    for lever in world.levers:
        if lever.delay > 0.0:
            number, served = lever.number, world.city.month - lever.delay
            for firm in world.firms:
                record = firm.record(number)
                if record.last_served == served:
                    apply_effects(world, lever, firm, record.last_dose, parameters)


def apply_effects(world: World, lever: Lever, firm: Firm, dose: float, parameters: Parameters) -> None:
    """Move what the lever's effects name, each by its chance.

    Firms make more or less of the same help: the response to a delivery is log-normal with mean one.
    """
    draws, spread = world.draws, parameters.agency.response_sd
    number = int(firm.record(lever.number).deliveries) - 1
    shock = draws.normal("response", firm.firm_id, number, lever.number)
    strength = dose * math.exp(spread * shock - 0.5 * spread**2)
    delivery = Delivery(world, parameters, firm, dose, strength)
    for place, effect in enumerate(lever.effects):
        chance = effect.probability * min(1.0, dose) if effect.probability < 1.0 else 1.0
        if draws.uniform("matching", firm.firm_id, number, 64 * lever.number + place) < chance:
            getattr(delivery, effect.verb)(effect)


@dataclass(slots=True)
class Delivery:
    """One delivery to one firm; each verb of an effect is a method. Only learning depends on the firm's response."""

    world: World
    parameters: Parameters
    firm: Firm
    dose: float
    strength: float

    def raise_skill(self, effect: Effect) -> None:
        """Raise a learned attribute by a share of what is missing."""
        skill = getattr(self.firm, effect.target)
        skill.value = raised(skill.value, min(1.0, effect.size * self.strength))

    def raise_access(self, effect: Effect) -> None:
        """Raise the logit of access to a channel in which the firm sells."""
        presence, least = self.firm.presence[effect.target], self.parameters.learning.least_access[effect.target]
        if presence.participates:
            presence.access.value += effect.size * self.strength
            presence.market_access = max(least, logistic(presence.access.value))

    def start(self, effect: Effect) -> None:
        """Begin to sell in a channel."""
        begin_channel(self.firm.presence[effect.target], self.parameters.learning.least_access[effect.target])

    def give(self, effect: Effect) -> None:
        """Give a licence, certificate, membership or account."""
        setattr(self.firm, effect.target, True)

    def grant_cash(self, _effect: Effect) -> None:
        """Nothing more: cash was handed over with the delivery."""

    def grant_equipment(self, effect: Effect) -> None:
        """Hand over equipment."""
        self.firm.equipment += effect.size * self.dose
        self.world.books.entries["grants_in_kind"] += effect.size * self.dose

    def shift(self, effect: Effect) -> None:
        """Add to a logit."""
        setattr(self.firm, effect.target, getattr(self.firm, effect.target) + effect.size * self.dose)

    def boost(self, effect: Effect) -> None:
        """Cut the rate of the next loan, or guarantee a share of it; two boosts do not add up."""
        size = min(1.0, effect.size * self.dose)
        setattr(self.firm, effect.target, max(getattr(self.firm, effect.target), size))

    def meet(self, effect: Effect) -> None:
        """Meet other firms; the agency listens."""
        self.firm.meets += effect.size * self.dose
        self.world.city.knowledge += effect.size * self.dose

    def coach(self, _effect: Effect) -> None:
        """Practise under guidance this month."""
        self.firm.coached = True

    def lend(self, effect: Effect) -> None:
        """Lend at the terms that the state has promised the firm, or on top of a debt at that debt's."""
        firm, finance = self.firm, self.parameters.finance
        if firm.bank_debt == 0.0:
            firm.bank_rate = max(0.0, finance.bank_rate - firm.rate_cut)
            firm.subsidised_rate = max(0.0, finance.bank_rate) - firm.bank_rate
            firm.guaranteed = firm.guarantee_offer
        firm.bank_debt += effect.size * self.dose
        firm.bank_instalment = firm.bank_debt / finance.bank_months
        self.world.books.receive(firm, "bank_loans", effect.size * self.dose)

    def contract(self, effect: Effect) -> None:
        """A large buyer offers a lot at (1 − d_c) · list price to a certified or skilled firm without a contract.

        The firm refuses a price below marginal cost.
        """
        firm, own = self.firm, self.parameters.agency
        price = (1.0 - own.contract_discount) * firm.price
        good_enough = firm.certified or firm.craft.value >= own.quality_standard
        if good_enough and price >= firm.unit_cost and firm.contract_lot == 0.0:
            firm.contract_lot = effect.size * self.dose * firm.expected_orders
            firm.contract_price = price
            firm.contract_short = 0.0
            begin_channel(firm.presence[NATIONAL], self.parameters.learning.least_access[NATIONAL])


def introduce(world: World, lever: Lever, batch: list[Firm]) -> None:
    """A batch sits in a circle in the order of its draws; those who meet are each introduced to the next one."""
    if len(batch) < 2 or not any(effect.verb == "meet" for effect in lever.effects):
        return
    month, number = world.city.month, lever.number
    circle = sorted(batch, key=lambda firm: world.draws.uniform("group", firm.firm_id, month, number))
    for place, firm in enumerate(circle):
        if firm.meets > 0.0:
            firm.met = circle[(place + 1) % len(circle)]
