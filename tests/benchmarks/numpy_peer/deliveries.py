"""What deliveries of one lever to several firms do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from ovopsim.fields import CITY, NATIONAL
from ovopsim.ledger import ENTRY, FLOW
from ovopsim.rules.agency import tables
from ovopsim.rules.agency.tables import GRANT_CASH, PROBABILITY, SIZE, TARGET, VERB
from ovopsim.state import DELIVERIES, LAST_DOSE, LAST_SERVED
from tests.benchmarks.numpy_peer.accounts import pay_some
from tests.benchmarks.numpy_peer.forms import begin_channel, raised


def deliver(peer: Any, lever: int, slots: Any, cost: float) -> None:
    """Serve firms: book the money and count the deliveries."""
    firms, agency, flows, city = peer.firms, peer.agency, peer.ledger.flows, peer.world.city
    effects = peer.tables.effects[peer.effects_of(lever)]
    grant = effects[effects[:, VERB] == GRANT_CASH, SIZE].sum()
    count = slots.size
    firms.cash[slots] += grant
    flows[FLOW.cash_grants] += grant * count
    flows[FLOW.delivery] += (cost - grant) * count
    agency.spent[lever] += cost * count
    agency.delivered[lever] += count
    agency.total_delivered[lever] += count
    city[CITY.reached] += np.count_nonzero(firms.times_served[slots] == 0.0)
    firms.times_served[slots] += 1.0
    firms.received_idr[slots] += cost
    pay_some(peer, slots, FLOW.co_payments, peer.levers.co_payment[lever])
    firms.days_away[slots] += peer.levers.owner_days[lever]
    served = peer.world.served
    served[slots, lever, DELIVERIES] += 1.0
    served[slots, lever, LAST_DOSE] = 1.0
    served[slots, lever, LAST_SERVED] = city[CITY.month]


class Effect(NamedTuple):
    """One effect on some firms, each of which makes its own of it."""

    target: int
    size: float
    slots: Any
    strength: Any


def apply_effects(peer: Any, lever: int, slots: Any, response: Any, luck: Any) -> None:
    """Move the states that the lever's effects name.

    `response` is an array of standard normals; `luck` holds uniforms for each uncertain effect, in order.
    """
    sd = peer.parameters["agency"].response_sd
    strength = np.exp(sd * response - 0.5 * sd * sd)
    uncertain = iter(luck)
    for effect in peer.tables.effects[peer.effects_of(lever)]:
        act = VERBS.get(int(effect[VERB]))
        comes = slice(None) if effect[PROBABILITY] >= 1.0 else next(uncertain) < effect[PROBABILITY]
        if act is not None:
            act(peer, Effect(int(effect[TARGET]), float(effect[SIZE]), slots[comes], strength[comes]))


def raise_state(peer: Any, effect: Effect) -> None:
    """Teach: what a lesson adds is smaller the more one knows."""
    state = peer.world.firms[effect.target]
    state[effect.slots] = raised(state[effect.slots], np.minimum(1.0, effect.size * effect.strength))


def raise_access(peer: Any, effect: Effect) -> None:
    """Make firms known in a channel where they sell."""
    firms, channel = peer.firms, effect.target
    sells = firms.participates[channel, effect.slots] == 1.0
    slots = effect.slots[sells]
    firms.access_logit[channel, slots] += effect.size * effect.strength[sells]
    least = peer.parameters["learning"].least_access[channel]
    firms.market_access[channel, slots] = np.maximum(least, expit(firms.access_logit[channel, slots]))


def start(peer: Any, effect: Effect) -> None:
    """Open a channel."""
    least = peer.parameters["learning"].least_access[effect.target]
    begin_channel(peer.world.firms, effect.target, least, effect.slots)


def set_flag(peer: Any, effect: Effect) -> None:
    """Grant a right."""
    peer.world.firms[effect.target, effect.slots] = 1.0


def grant_equipment(peer: Any, effect: Effect) -> None:
    """Give equipment."""
    peer.firms.equipment[effect.slots] += effect.size
    peer.ledger.entries[ENTRY.grants_in_kind] += effect.size * effect.slots.size


def shift(peer: Any, effect: Effect) -> None:
    """Add to a logit or a rate."""
    peer.world.firms[effect.target, effect.slots] += effect.size


def meet(peer: Any, effect: Effect) -> None:
    """Bring together; the agency hears who firms are."""
    peer.firms.meets[effect.slots] += effect.size
    peer.world.city[CITY.knowledge] += effect.size * effect.slots.size


def coach(peer: Any, effect: Effect) -> None:
    """Practise under guidance."""
    peer.firms.coached[effect.slots] = 1.0


def boost(peer: Any, effect: Effect) -> None:
    """Lift a share to a level."""
    state = peer.world.firms[effect.target]
    state[effect.slots] = np.maximum(state[effect.slots], min(1.0, effect.size))


def lend(peer: Any, effect: Effect) -> None:
    """A bank loan at the terms promised; one that comes on top of a debt has that debt's terms."""
    firms, own, slots = peer.firms, peer.parameters["agency"], effect.slots
    new = slots[firms.bank_debt[slots] == 0.0]
    firms.bank_rate[new] = np.maximum(0.0, own.loan_rate - firms.rate_cut[new])
    firms.subsidised_rate[new] = max(0.0, own.loan_rate) - firms.bank_rate[new]
    firms.guaranteed[new] = firms.guarantee_offer[new]
    firms.bank_debt[slots] += effect.size
    firms.bank_instalment[slots] = firms.bank_debt[slots] / own.loan_months
    firms.cash[slots] += effect.size
    peer.ledger.flows[FLOW.bank_loans] += effect.size * slots.size


def offer_contract(peer: Any, effect: Effect) -> None:
    """A large buyer offers a lot; refused under the quality standard or when its price does not cover marginal cost."""
    everyone, own = peer.firms, peer.parameters["agency"]
    firms = peer.some(effect.slots)
    price = (1.0 - own.contract_discount) * firms.price
    good = (firms.certified == 1.0) | (firms.craft >= own.quality_standard)
    good &= (price >= firms.unit_cost) & (firms.contract_lot == 0.0)
    slots = effect.slots[good]
    everyone.contract_lot[slots] = effect.size * everyone.expected_orders[slots]
    everyone.contract_price[slots] = price[good]
    everyone.contract_short[slots] = 0.0
    begin_channel(peer.world.firms, NATIONAL, peer.parameters["learning"].least_access[NATIONAL], slots)


VERBS: dict[int, Callable[[Any, Effect], None]] = {
    tables.RAISE: raise_state,
    tables.RAISE_ACCESS: raise_access,
    tables.START: start,
    tables.SET: set_flag,
    tables.GRANT_EQUIPMENT: grant_equipment,
    tables.SHIFT: shift,
    tables.MEET: meet,
    tables.COACH: coach,
    tables.BOOST: boost,
    tables.LEND: lend,
    tables.CONTRACT: offer_contract,
}
