"""The agency on arrays over firms: lists, offers and deliveries of one lever's month at once.

Python loops run over levers, batches and effects, never over firms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, ndtri

from ovopsim.draws import ACCEPTANCE, ACCEPTANCE_TASTE, GROUP, MATCHING, RESPONSE
from ovopsim.fields import CITY
from ovopsim.ledger import FLOW
from ovopsim.rules.agency.places import build, serve_cooperatives
from ovopsim.rules.agency.tables import MEET, PROBABILITY, TO_COOPERATIVE, TO_FIRMS, TO_SENTRA, VERB
from ovopsim.state import DELIVERIES, LAST_DECLINED, LAST_SERVED, OFFERS
from tests.benchmarks.numpy_peer.deliveries import apply_effects, deliver
from tests.benchmarks.numpy_peer.draws import Counters, blocks, draw, uniforms
from tests.benchmarks.numpy_peer.ranking import rank_firms, start_list_again

AHEAD = 4  # places of the list looked at for each unit that money and capacity allow


def serve(peer: Any) -> None:
    """One month of the agency: release, deliver, let lapse."""
    city, table, agency, own = peer.world.city, peer.levers, peer.agency, peer.parameters["agency"]
    firms, sentras = peer.firms, peer.sentras
    sentras.amenity += own.amenity_upkeep * (1.0 - sentras.amenity)
    sentras.governance -= own.governance_fade * (sentras.governance - sentras.governance_base)
    city[CITY.knowledge] *= 1.0 - own.knowledge_fade
    firms.meets[:] = firms.coached[:] = 0.0
    firms.met_slot[:] = firms.met_id[:] = -1.0
    month, calendar_month = int(city[CITY.month]), int(city[CITY.calendar_month])
    paid = (table.start <= month) & (month < table.end) & (table.ceiling > 0.0)
    begins = np.flatnonzero(paid & (table.to == TO_FIRMS) & ((table.start == month) | (calendar_month == 0)))
    if begins.size:
        rank_firms(peer, begins)
    for counts in (agency.released, agency.spent, agency.lapsed, agency.delivered, agency.asked):
        counts[:] = 0.0
    agency.released[paid] = table.ceiling[paid] * own.absorption[calendar_month]
    agency.accrual += agency.released
    peer.ledger.flows[FLOW.release] += agency.released.sum()
    deliver_programme(peer, np.flatnonzero(paid))
    ends = paid & ((table.end == month + 1) | ((calendar_month == 11) & (table.multi_year == 0.0)))
    agency.lapsed[ends] = agency.accrual[ends]
    agency.accrual[ends] = 0.0
    peer.ledger.flows[FLOW.lapse] += agency.lapsed.sum()
    for lever in np.flatnonzero(table.delay > 0.0):
        apply_delayed(peer, lever, month)


def deliver_programme(peer: Any, paid: Any) -> None:
    """Deliver whole batches while money and capacity last; the offers' luck is drawn for all levers at once."""
    table = peer.levers
    offers = [Offers(peer, lever) for lever in paid if table.to[lever] == TO_FIRMS]
    able = {each.lever: each for each in offers if each.can_afford_a_batch()}
    look_ahead(peer, list(able.values()))
    for lever in paid:
        how = peer.world, peer.ledger, peer.parameters["agency"], peer.tables, lever
        if table.to[lever] == TO_SENTRA:
            build(*how)
        elif table.to[lever] == TO_COOPERATIVE:
            serve_cooperatives(*how)
        elif lever in able:
            serve_firms(peer, able[lever])


def apply_delayed(peer: Any, lever: int, month: int) -> None:
    """Effects that come some months after delivery."""
    served = peer.world.served[: peer.firms.active.size, lever].T
    due = (served[LAST_SERVED] + peer.levers.delay[lever] == month) & (peer.firms.active == 1.0)
    slots = np.flatnonzero(due)
    if slots.size:
        numbers = served[DELIVERIES, slots].astype(np.int64) - 1
        identities = peer.firms.firm_id[slots].astype(np.int64)
        luck = [uniforms(words) for words in blocks(luck_of_delivery(peer, lever, identities, numbers), peer.key)]
        apply_effects(peer, lever, slots, ndtri(luck[0]), luck[1])


def luck_of_delivery(peer: Any, lever: int, identities: Any, numbers: Any) -> tuple[Counters, Counters]:
    """What is drawn when a firm is served: how much it makes of it, and whether each uncertain effect comes."""
    rows = peer.effects_of(lever)
    uncertain = np.flatnonzero(peer.tables.effects[rows, PROBABILITY] < 1.0)
    return (
        Counters(identities, numbers, lever, RESPONSE),
        Counters(identities, numbers, 64 * lever + uncertain[:, None], MATCHING),
    )


class Offers:
    """The next places of one lever's list: who may be served and who would accept.

    Attributes
    ----------
    place, listed, seen : int
        Where the list stands, its length, and how far it was looked at.
    slots, identities : arrays (places looked at,)
    luck : list of arrays
        Taste, acceptance, response, uncertain effects.
    """

    def __init__(self, peer: Any, lever: int) -> None:
        agency, table = peer.agency, peer.levers
        self.lever = int(lever)
        if agency.position[lever] >= agency.listed[lever]:
            start_list_again(peer, lever)
        self.size = int(table.batch[lever])
        self.cost = table.unit_cost[lever] / (1.0 - peer.parameters["agency"].overhead)
        self.accrual, self.capacity = float(agency.accrual[lever]), float(table.capacity[lever])
        self.place = self.seen = int(agency.position[lever])
        self.listed = int(agency.listed[lever])
        self.done = 0
        self.luck: list[Any] = []
        self.slots = self.identities = np.zeros(0, dtype=np.int64)

    def can_afford_a_batch(self) -> bool:
        """Whether money, capacity and list allow another batch."""
        return (
            self.accrual >= self.size * self.cost
            and self.done + self.size <= self.capacity
            and self.place < self.listed
        )

    def next_places(self, peer: Any) -> tuple[Counters, ...]:
        """Look at more of the list; return what is to be drawn for it."""
        units = min(self.accrual / self.cost, self.capacity - self.done)
        first, self.seen = self.seen, min(self.listed, self.seen + AHEAD * int(units) + self.size)
        lists, lever = peer.world.lists[:, self.lever, first : self.seen].astype(np.int64), self.lever
        self.slots, self.identities = np.append(self.slots, lists[0]), np.append(self.identities, lists[1])
        served = peer.world.served[lists[0], lever].T.astype(np.int64)
        return (
            Counters(lists[1], 0, lever, ACCEPTANCE_TASTE),
            Counters(lists[1], served[OFFERS], lever, ACCEPTANCE),
            *luck_of_delivery(peer, lever, lists[1], served[DELIVERIES]),
        )


def look_ahead(peer: Any, offers: list[Offers]) -> None:
    """Draw what the next places of some levers' lists need."""
    groups = [each.next_places(peer) for each in offers]
    if groups:
        words = iter(blocks([group for four in groups for group in four], peer.key))
        for each in offers:
            luck = [uniforms(next(words)) for _ in range(4)]
            each.luck = [np.append(*pair, axis=-1) for pair in zip(each.luck, luck, strict=True)] if each.luck else luck


def serve_firms(peer: Any, offers: Offers) -> None:
    """Go down the year's list, batch by batch; deliver to those who accept."""
    lever, first = offers.lever, offers.place
    asked, accepts = answers(peer, offers)
    takers = np.flatnonzero(accepts)
    batches = []
    while offers.can_afford_a_batch():
        while takers.size < offers.done + offers.size and offers.seen < offers.listed:
            look_ahead(peer, [offers])
            asked, accepts = answers(peer, offers)
            takers = np.flatnonzero(accepts)
        batch = takers[offers.done : offers.done + offers.size]
        offers.place = first + int(batch[-1]) + 1 if batch.size == offers.size else offers.listed
        offers.done += batch.size
        for _ in batch:
            offers.accrual = max(0.0, offers.accrual - offers.cost)
        batches.append(batch)
    reached = offers.place - first
    note_answers(peer, offers, asked[:reached], accepts[:reached])
    served = takers[: offers.done]
    if served.size:
        deliver(peer, lever, offers.slots[served], offers.cost)
        if peer.levers.delay[lever] == 0.0:
            apply_effects(peer, lever, offers.slots[served], ndtri(offers.luck[2][served]), offers.luck[3][:, served])
        introduce(peer, lever, [offers.slots[batch] for batch in batches])


def note_answers(peer: Any, offers: Offers, asked: Any, accepts: Any) -> None:
    """Keep where the list stands, who was asked and who declined."""
    lever, agency, served = offers.lever, peer.agency, peer.world.served
    slots = offers.slots[: asked.size]
    agency.accrual[lever], agency.position[lever] = offers.accrual, offers.place
    agency.asked[lever] += np.count_nonzero(asked)
    served[slots[asked], lever, OFFERS] += 1.0
    served[slots[asked & ~accepts], lever, LAST_DECLINED] = peer.world.city[CITY.month]


def answers(peer: Any, offers: Offers) -> tuple[Any, Any]:
    """Return who on the places looked at would be asked, and who would accept."""
    lever, table, own = offers.lever, peer.levers, peer.parameters["agency"]
    firms, served, month = peer.some(offers.slots), peer.world.served, peer.world.city[CITY.month]
    asked = (firms.firm_id == offers.identities) & (firms.active == 1.0) & (firms.age >= table.minimum_age[lever])
    asked &= month - served[offers.slots, lever, LAST_DECLINED] >= own.ask_again
    asked &= month - served[offers.slots, lever, LAST_SERVED] >= table.not_served_within[lever]
    asked &= table.co_payment[lever] <= firms.cash
    if table.through_cooperative[lever] == 1.0:
        asked &= firms.member != 0.0
    for wanted, flag in (
        (table.requires_licence[lever], "licensed"),
        (table.requires_member[lever], "member"),
        (table.requires_certificate[lever], "certified"),
        (table.requires_account[lever], "business_account"),
    ):
        if wanted != 0.0:
            asked &= getattr(firms, flag) == (1.0 if wanted > 0.0 else 0.0)
    income = np.maximum(firms.smoothed_profit, 1.0)
    tax = peer.parameters["accounts"].tax_rate * firms.yearly_sales
    burden = table.co_payment[lever] + table.tax_follows[lever] * tax
    chance = expit(
        table.accept_intercept[lever]
        + table.accept_taste[lever] * ndtri(offers.luck[0])
        + table.accept_value[lever] * table.money_value[lever] / income
        - table.accept_days[lever] * table.owner_days[lever] / own.working_days
        - table.accept_payment[lever] * burden / income
    )
    return asked, asked & (offers.luck[1] < chance)


def introduce(peer: Any, lever: int, batches: list[Any]) -> None:
    """A batch sits in a circle in the order of its draws; those who meet are each introduced to the next one."""
    if not np.any(peer.tables.effects[peer.effects_of(lever), VERB] == MEET):
        return
    firms, month = peer.firms, int(peer.world.city[CITY.month])
    for slots in batches:
        if slots.size > 1:
            identities = firms.firm_id[slots].astype(np.int64)
            circle = slots[np.argsort(draw(Counters(identities, month, lever, GROUP), peer.key))]
            meets = firms.meets[circle] > 0.0
            others = np.roll(circle, -1)[meets]
            firms.met_slot[circle[meets]] = others
            firms.met_id[circle[meets]] = firms.firm_id[others]
