"""Rule 2: the agency releases this month's money and serves those it can reach; trials deliver by assignment (§5)."""

from __future__ import annotations

import math

from tests.reference import deliveries
from tests.reference.draws import quantile
from tests.reference.entities import Assignment, Firm, Lever
from tests.reference.forms import constraint_gains, logistic
from tests.reference.parameters import Parameters, Submodel
from tests.reference.world import World


def serve(world: World, parameters: Parameters) -> None:
    """One month of the agency: release, deliver, let lapse; what trials ordered; effects that come late.

    A lever's list of firms is made when its programme begins and each January, before anything is delivered. What is
    left in December lapses, unless the programme keeps it; at the programme's end all of it does.
    """
    own, city = parameters.agency, world.city
    fade_places(world, own)
    for firm in world.firms:
        firm.meets, firm.coached, firm.met = 0.0, False, None
    paid = [lever for lever in world.levers if lever.ceiling > 0.0 and lever.start <= city.month < lever.end]
    for lever in paid:
        if lever.to == "firms" and (city.month == lever.start or city.calendar_month == 0):
            list_firms(world, lever, parameters)
    for lever in world.levers:
        lever.released = lever.spent = lever.lapsed = lever.delivered = lever.asked = 0.0
    for lever in paid:
        release(world, lever, lever.ceiling * own.absorption[city.calendar_month])
        deliver_programme(world, lever, parameters)
        if city.month + 1 == lever.end or (city.calendar_month == 11 and not lever.multi_year):
            lapse(world, lever)
    for assignment in world.assignments:
        if assignment.month == city.month:
            deliver_assignment(world, assignment, parameters)
    deliveries.apply_delayed(world, parameters)


def fade_places(world: World, own: Submodel) -> None:
    """Without upkeep places fall back to 1, cooperatives to their usual management; the agency's knowledge ages."""
    for sentra in world.sentras:
        cooperative = sentra.cooperative
        sentra.amenity -= own.amenity_upkeep * (sentra.amenity - 1.0)
        cooperative.governance -= own.governance_fade * (cooperative.governance - cooperative.governance_base)
    world.city.knowledge -= own.knowledge_fade * world.city.knowledge


def release(world: World, lever: Lever, amount: float) -> None:
    """The treasury releases money."""
    lever.accrual += amount
    lever.released += amount
    world.books.flows["release"] += amount


def lapse(world: World, lever: Lever) -> None:
    """What is left goes back to the treasury."""
    lever.lapsed += lever.accrual
    world.books.flows["lapse"] += lever.accrual
    lever.accrual = 0.0


def list_firms(world: World, lever: Lever, parameters: Parameters) -> None:
    """List firms, best first, by score + noise · SD + ψ · times served · SD.

    Noise shrinks with what the agency heard in meetings; chance alone ranks under `random`. The list does not depend
    on the budget, so the recipients of a small one are among those of a larger one.
    """
    own, city = parameters.agency, world.city
    scores = [score_of(firm, world, lever, parameters.technology_and_cost) for firm in world.firms]
    mean = sum(scores) / max(len(scores), 1)
    variance = sum((score - mean) ** 2 for score in scores) / max(len(scores), 1)
    spread = math.sqrt(variance) if len(set(scores)) > 1 else 1.0
    listeners = city.knowledge / max(1.0, city.initial_count)
    noise = 1.0 if lever.targeting == "random" else own.view_noise / (1.0 + listeners)
    ranked = []
    for firm, score in zip(world.firms, scores, strict=True):
        view = quantile(world.draws.four("agency_view", firm.firm_id, city.year, lever.number // 4)[lever.number % 4])
        ranked.append((score + spread * (noise * view + own.served_again * firm.times_served), firm))
    ranked.sort(key=lambda pair: pair[0], reverse=True)
    lever.listed = [firm for _, firm in ranked]
    lever.position = 0


def score_of(firm: Firm, world: World, lever: Lever, technology: Submodel) -> float:
    """Score of one firm under the programme's targeting key."""
    if lever.targeting == "smallest_first":
        return -math.log(1.0 + firm.yearly_sales)
    if lever.targeting == "ablest_first":
        return firm.log_ability
    if lever.targeting == "members_first":
        return float(firm.member)
    if lever.targeting == "most_constrained":
        return constraint_gains(technology, firm, world.sentras[firm.sentra], world.city)[lever.constraint]
    if lever.targeting == "well_connected":
        named = sum(neighbour is firm for other in world.firms for neighbour in other.neighbours)
        return named + float(firm.member)
    return 0.0


def deliver_programme(world: World, lever: Lever, parameters: Parameters) -> None:
    """Deliver what released money and capacity allow: to places, to cooperatives, or to the firms on the list."""
    overhead = parameters.agency.overhead
    cost = deliveries.full_cost(lever, overhead)
    if lever.to == "sentra":
        money = lever.accrual
        named = world.sentras[:2]  # Kauman and Laweyan are places for visitors
        total = max(sum(sentra.initial_firms for sentra in named), 1.0)
        for sentra in named:
            deliveries.improve_place(sentra, lever, sentra.initial_firms / total * money * (1.0 - overhead))
        deliveries.book_place(world, lever, money, money / cost)
        lever.accrual = 0.0
    elif lever.to == "cooperative":
        done = 0
        while lever.accrual >= cost and done + 1 <= lever.capacity:
            least_served = min(range(3), key=lambda number: lever.cooperative_units[number])
            deliveries.serve_cooperative(world, lever, least_served, 1.0, overhead)
            lever.accrual = max(0.0, lever.accrual - cost)
            done += 1
    else:
        serve_listed(world, lever, parameters, cost)


def serve_listed(world: World, lever: Lever, parameters: Parameters, cost: float) -> None:
    """Go down the year's list in whole batches; past its end it starts again the month after.

    Who declined is not asked again for some months. The last batch of a list may be short.
    """
    if lever.position >= len(lever.listed):
        start_list_again(world, lever, parameters.agency.ask_again)
    done = 0
    while (
        lever.accrual >= lever.batch * cost
        and done + lever.batch <= lever.capacity
        and lever.position < len(lever.listed)
    ):
        batch: list[Firm] = []
        while len(batch) < lever.batch and lever.position < len(lever.listed):
            firm = lever.listed[lever.position]
            lever.position += 1
            rested = world.city.month - firm.record(lever.number).last_declined >= parameters.agency.ask_again
            if rested and takes_offer(world, lever, firm, parameters):
                deliveries.deliver(world, lever, firm, 1.0, parameters)
                lever.accrual = max(0.0, lever.accrual - cost)
                batch.append(firm)
        deliveries.introduce(world, lever, batch)
        done += len(batch)


def start_list_again(world: World, lever: Lever, ask_again: float) -> None:
    """Back to the top of the year's list, without those who cannot be served before the next January."""
    january = world.city.month + 12 - world.city.calendar_month
    again = []
    for firm in lever.listed:
        record = firm.record(lever.number)
        rested = max(record.last_served + lever.not_served_within, record.last_declined + ask_again)
        if firm.active and rested < january:
            again.append(firm)
    lever.listed = again
    lever.position = 0


def takes_offer(world: World, lever: Lever, firm: Firm, parameters: Parameters) -> bool:
    """Make an offer to an eligible firm; return whether the owner accepts.

    Logit of taste, of what is handed over over a month's profit, of the owner's days, and of payment with the tax
    that a licence brings.
    """
    if not eligible(world, lever, firm):
        return False
    record = firm.record(lever.number)
    number = int(record.offers)
    record.offers += 1.0
    lever.asked += 1.0
    income = max(firm.smoothed_profit, 1.0)
    tax = parameters.accounts.tax_rate * firm.yearly_sales if lever.tax_follows else 0.0
    wish = (
        lever.accept_intercept
        + lever.accept_taste * world.draws.normal("acceptance_taste", firm.firm_id, 0, lever.number)
        + lever.accept_value * lever.money_value / income
        - lever.accept_days * lever.owner_days / parameters.production.working_days
        - lever.accept_payment * (lever.co_payment + tax) / income
    )
    accepts = world.draws.uniform("acceptance", firm.firm_id, number, lever.number) < logistic(wish)
    if not accepts:
        record.last_declined = world.city.month
    return accepts


def eligible(world: World, lever: Lever, firm: Firm) -> bool:
    """Whether a firm is in business, old enough, not served of late, can pay, and is what the lever requires."""
    since = world.city.month - firm.record(lever.number).last_served
    return (
        firm.active
        and firm.age >= lever.minimum_age
        and since >= lever.not_served_within
        and firm.cash >= lever.co_payment
        and (firm.member or not lever.through_cooperative)
        and all(getattr(firm, name) == wanted for name, wanted in lever.requires.items())
    )


def deliver_assignment(world: World, assignment: Assignment, parameters: Parameters) -> None:
    """Deliver what a trial ordered, past budget and list; its money is released on top of the programme's."""
    lever, overhead = world.levers[assignment.lever], parameters.agency.overhead
    before = lever.spent
    if lever.to == "sentra":
        money = assignment.dose * deliveries.full_cost(lever, overhead)
        deliveries.improve_place(world.sentras[assignment.sentra or 0], lever, money * (1.0 - overhead))
        deliveries.book_place(world, lever, money, assignment.dose)
    elif lever.to == "cooperative":
        deliveries.serve_cooperative(world, lever, assignment.sentra or 0, assignment.dose, overhead)
    else:
        assign_firms(world, lever, assignment, parameters)
    lever.released += lever.spent - before
    world.books.flows["release"] += lever.spent - before


def assign_firms(world: World, lever: Lever, assignment: Assignment, parameters: Parameters) -> None:
    """Offer the lever to each assigned firm still in business; those who meet do so in batches, by firm id."""
    served = []
    for firm in sorted(world.firms, key=lambda firm: firm.firm_id):
        chosen = firm.firm_id in assignment.firm_ids if assignment.sentra is None else firm.sentra == assignment.sentra
        if chosen and takes_offer(world, lever, firm, parameters):
            deliveries.deliver(world, lever, firm, assignment.dose, parameters)
            served.append(firm)
    for first in range(0, len(served), lever.batch):
        deliveries.introduce(world, lever, served[first : first + lever.batch])
