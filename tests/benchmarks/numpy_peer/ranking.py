"""The agency's list of firms for a budget year, from arrays over firms."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri

from ovopsim.draws import AGENCY_VIEW
from ovopsim.fields import CITY
from ovopsim.rules.agency.tables import ABLEST, CONNECTED, CONSTRAINED, MEMBERS, RANDOM, SMALLEST
from ovopsim.state import LAST_DECLINED, LAST_SERVED
from tests.benchmarks.numpy_peer.draws import Counters, blocks, lanes
from tests.benchmarks.numpy_peer.forms import constraint_gains, known_firms


def rank_firms(peer: Any, levers: Any) -> None:
    """List firms for the budget year: score + noise · SD, plus ψ · times served · SD; best first."""
    firms, city, own, world = peer.firms, peer.world.city, peer.parameters["agency"], peer.world
    slots = np.flatnonzero(firms.active == 1.0)
    identities = firms.firm_id[slots]
    groups = sorted({int(lever) // 4 for lever in levers})
    counters = [Counters(identities.astype(np.int64), int(city[CITY.year]), group, AGENCY_VIEW) for group in groups]
    views = {group: ndtri(lanes(words)) for group, words in zip(groups, blocks(counters, peer.key), strict=True)}
    listeners = city[CITY.knowledge] / max(1.0, city[CITY.initial_count])
    again = own.served_again * firms.times_served[slots]
    for lever in levers:
        targeting = int(peer.levers.targeting[lever])
        noise = 1.0 if targeting == RANDOM else own.view_noise / (1.0 + listeners)
        scores, spread = raw_scores(peer, slots, targeting, int(peer.levers.constraint[lever]))
        ranks = -(scores + spread * (noise * views[lever // 4][lever % 4] + again))
        order = np.argsort(ranks, kind="stable")  # 32-bit draws of many firms have ties, which keep their order
        world.lists[0, lever, : slots.size] = slots[order]
        world.lists[1, lever, : slots.size] = identities[order]
    peer.agency.listed[levers] = peer.agency.in_order[levers] = slots.size
    peer.agency.position[levers] = 0.0


def raw_scores(peer: Any, slots: Any, targeting: int, constraint: int) -> tuple[Any, float]:
    """Return the scores of firms by a targeting key, and their standard deviation (1 when they are equal)."""
    if targeting == RANDOM:
        return np.zeros(slots.size), 1.0
    scores = scores_of(peer, targeting, constraint)[slots]
    variance = float(np.mean(scores * scores) - np.mean(scores) ** 2)
    return scores, variance**0.5 if variance > 0.0 else 1.0


def scores_of(peer: Any, targeting: int, constraint: int) -> Any:
    """Return every firm's score under a targeting key."""
    firms = peer.firms
    if targeting == SMALLEST:
        return -np.log(1.0 + firms.yearly_sales)
    if targeting == ABLEST:
        return firms.log_ability
    if targeting == MEMBERS:
        return firms.member
    if targeting == CONSTRAINED:
        return constraint_gains(firms, peer.sentras, peer.world.city, peer.costs, peer.sentra)[constraint]
    if targeting == CONNECTED:
        known = known_firms(firms, firms.peer_slot, firms.peer_id)
        links = known[(known >= 0) & (firms.active == 1.0)]
        return np.bincount(links, minlength=firms.active.size) + firms.member
    return np.zeros(firms.active.size)


def start_list_again(peer: Any, lever: int) -> None:
    """Go back to the top of the year's list, without those who can not be served before the year ends."""
    world, city, agency = peer.world, peer.world.city, peer.agency
    january = city[CITY.month] + 12.0 - city[CITY.calendar_month]
    listed = world.lists[:, lever, : int(agency.listed[lever])]
    slots = listed[0].astype(np.intp)
    after_service = world.served[slots, lever, LAST_SERVED] + peer.levers.not_served_within[lever]
    after_refusal = world.served[slots, lever, LAST_DECLINED] + peer.parameters["agency"].ask_again
    kept = (peer.firms.firm_id[slots] == listed[1]) & (peer.firms.active[slots] == 1.0)
    kept &= np.maximum(after_service, after_refusal) < january
    count = np.count_nonzero(kept)
    world.lists[:, lever, :count] = listed[:, kept]
    agency.listed[lever] = agency.in_order[lever] = count
    agency.position[lever] = 0.0
