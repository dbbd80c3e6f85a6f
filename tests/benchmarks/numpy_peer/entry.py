"""Entrants and acquaintances on arrays: all who start in a month at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import expit, ndtri

from ovopsim.draws import CANDIDATE_ENTRY, CANDIDATE_STATE, NEW_NEIGHBOUR
from ovopsim.fields import CITY, EXPORT, FIRM, N_PEERS, NATIONAL
from ovopsim.ledger import ENTRY, FLOW
from ovopsim.rules.entry_and_exit.owners import TRAITS
from ovopsim.rules.entry_and_exit.starting import new_firm_id
from ovopsim.rules.learning.law import SKILL_ROWS
from ovopsim.state import LAST_SERVED, NEVER
from tests.benchmarks.numpy_peer.draws import Counters, blocks, draw, lanes, uniforms
from tests.benchmarks.numpy_peer.exit import close, who_closes
from tests.benchmarks.numpy_peer.forms import (
    cheapest_equipment,
    known_firms,
    labour_needed,
    log_relative,
    log_scale_of,
    marginal_cost,
    material_cost,
    output_possible,
    quality_factor,
)
from tests.benchmarks.numpy_peer.views import dot

SKILLS = np.array(SKILL_ROWS)
APPEAL, APPEAL_STATE, CASH = 20, 21, 22  # the last three traits


def close_and_enter(peer: Any, luck: Any, wishes: Any) -> None:
    """Close firms, admit entrants, and let people find new acquaintances.

    `luck` is an array over firms, `wishes` one over candidates, both of uniforms.
    """
    firms, city, own = peer.firms, peer.world.city, peer.parameters["entry_and_exit"]
    free = np.flatnonzero(firms.active == 0.0)
    count = firms.active.size - free.size
    mean = dot(firms.active, firms.smoothed_profit) / max(count, 1.0)
    closing = who_closes(peer, luck)
    if closing.size:
        close(peer, closing)
    city[CITY.exits], city[CITY.mean_profit] = closing.size, mean
    start, sentras = city[CITY.start_profit], peer.sentras
    ratio = mean / start if start > 0.0 else 1.0
    flows = sentras.entry_rate * sentras.initial_firms
    chance = min(1.0, flows.sum() * ratio**own.entry_response / wishes.size) if ratio > 0.0 else 0.0
    candidates = np.flatnonzero(wishes < chance)
    city[CITY.entries] = candidates.size
    peer.unpark()
    if candidates.size:
        start_firms(peer, candidates, wishes.size, free)
    if city[CITY.calendar_month] == 0.0:
        renew_ring(peer)
        renew_neighbours(peer)


def start_firms(peer: Any, candidates: Any, pool: int, free: Any) -> None:
    """Candidates open in the first free slots."""
    world, city = peer.world, peer.world.city
    matrix, month = world.firms, int(city[CITY.month])
    used = peer.firms.active.size
    slots = np.concatenate([free, np.arange(used, used + candidates.size)])[: candidates.size]
    if slots[-1] >= matrix.shape[1]:
        raise ValueError("no slot is free for an entrant")
    matrix[:, slots] = 0.0
    world.served[slots, :, :LAST_SERVED] = 0.0
    world.served[slots, :, LAST_SERVED:] = NEVER
    identities = new_firm_id(matrix.shape[1], pool, month, candidates)
    groups = (
        Counters(candidates, month, np.arange(TRAITS // 4)[:, None], CANDIDATE_STATE),
        Counters(candidates, month, 1, CANDIDATE_ENTRY),
        Counters(identities, month, 1 + np.arange(N_PEERS)[:, None], NEW_NEIGHBOUR),
    )
    traits, place, peers = blocks(groups, peer.key)
    state = np.stack(lanes(traits), axis=1).reshape(TRAITS, candidates.size)  # four of each block in turn
    place, peers = uniforms(place), uniforms(peers)
    flows = peer.sentras.entry_rate * peer.sentras.initial_firms
    sentra = np.minimum(np.searchsorted(np.cumsum(flows / flows.sum()), place, side="right"), 2)
    new = peer.new_firms(candidates.size)
    new.firm_id[:] = identities
    new.sentra[:] = sentra
    normals = ndtri(state)
    bring(peer, new, state, normals)
    own = peer.parameters["entry_and_exit"]
    new.appeal_mean[:] = peer.sentras.appeal_centre[sentra] - own.appeal_gap + own.appeal_mean_sd * normals[APPEAL]
    new.appeal_state[:] = peer.costs.appeal_sd * normals[APPEAL_STATE]
    least = peer.parameters["learning"].least_access[:, None]
    new.market_access[:] = np.where(new.participates == 1.0, np.maximum(least, expit(new.access_logit)), 0.0)
    equip(peer, new, normals[CASH])
    new.active[:] = 1.0
    matrix[:, slots] = new.matrix
    if slots[-1] >= used:
        city[CITY.used_slots] = slots[-1] + 1
    peer.look_again()
    meet(peer, slots, np.arange(N_PEERS)[:, None], peers)


def bring(peer: Any, new: Any, state: Any, normals: Any) -> None:
    """What owners bring: talent, attitudes, skills, access, technique, institutions; as newcomers, less of it."""
    owners, costs, own = peer.parameters["population"], peer.costs, peer.parameters["entry_and_exit"]
    talent = normals[0]
    new.log_ability[:] = owners.ability_sd * talent - 0.5 * owners.ability_sd * owners.ability_sd
    shared = owners.hurdle_ability
    new.hurdle_rate[:] = owners.hurdle_rate * np.exp(
        owners.hurdle_sd * (shared * talent + math.sqrt(1.0 - shared * shared) * normals[1])
    )
    new.debt_aversion[:] = owners.aversion_sd * normals[2]
    new.owner_labour[:] = owners.owner_labour
    reach = np.cumsum(owners.technique_share)
    new.technique[:] = np.minimum(np.searchsorted(reach, state[3], side="right"), reach.size - 1)
    value = np.clip(owners.skill_mean[:, None] + owners.skill_sd[:, None] * normals[4:8], 0.0, 1.0)
    pull, weight = costs.practice_pull[:, None], costs.base_weight[:, None]
    origin = np.maximum(0.0, value - pull * (1.0 - value))
    value = (pull + origin) / (1.0 + pull)
    base = weight * value + (1.0 - weight) * origin
    new.matrix[SKILLS] = origin + own.newcomer_share * (value - origin)
    new.matrix[SKILLS + 1] = origin + own.newcomer_share * (base - origin)
    new.matrix[SKILLS + 2] = origin
    value = owners.access_mean[:, None] + owners.access_sd[:, None] * normals[8:12]
    origin = value - costs.access_pull[:, None]
    new.access_logit[:] = value - own.newcomer_access
    new.access_origin[:] = origin
    new.access_base[:] = costs.access_weight * value + (1.0 - costs.access_weight) * origin - own.newcomer_access
    new.participates[:] = state[12:16] < owners.channel_share[:, None]
    new.participates[[NATIONAL, EXPORT]] = 0.0
    new.licensed[:] = state[17] < owners.licensed_share
    new.business_account[:] = state[18] < owners.account_share
    new.met_slot[:] = new.met_id[:] = -1.0
    new.peer_slot[:] = new.peer_id[:] = -1.0


def equip(peer: Any, new: Any, luck: Any) -> None:
    """Start-up money from the household: equipment for what the owner alone can make cheaply, and some cash."""
    costs, city, own = peer.costs, peer.world.city, peer.parameters["entry_and_exit"]
    technique = new.technique.astype(np.intp)
    new.log_scale[:] = log_scale_of(costs, new, technique)
    quality = quality_factor(costs, new.craft)
    new.wage[:] = costs.wage * city[CITY.wage_level] * quality
    new.material_cost[:] = material_cost(costs, technique, quality, new.bookkeeping, 0.0, city[CITY.material_price])
    guess = output_possible(costs, new.log_scale, 0.0, new.owner_labour)
    new.equipment[:] = cheapest_equipment(costs, guess, new.log_scale, new.wage, new.hurdle_rate)
    log_equipment = log_relative(costs, new.equipment)
    expected = output_possible(costs, new.log_scale, log_equipment, new.owner_labour)
    labour = labour_needed(costs, expected, new.log_scale, log_equipment)
    cost = marginal_cost(costs, new.material_cost, new.wage, labour, expected)
    new.expected_orders[:] = new.orders[:] = expected
    new.season[:] = 1.0
    new.unit_cost[:] = cost
    new.price[:] = costs.markup * cost
    new.log_price[:] = np.log(new.price)
    new.smoothed_profit[:] = (new.price - new.material_cost) * expected
    sd = own.start_cash_sd
    new.cash[:] = own.start_cash * np.exp(sd * luck - 0.5 * sd * sd)
    peer.ledger.entries[ENTRY.start_equipment] += new.equipment.sum()
    peer.ledger.flows[FLOW.start_equity] += new.cash.sum()


def renew_ring(peer: Any) -> None:
    """Each January, place every active firm on its sentra's ring at a point that depends on its id alone."""
    firms, city, ring = peer.firms, peer.world.city, peer.world.ring
    slots = np.flatnonzero(firms.active == 1.0)
    identities = firms.firm_id[slots]
    points = firms.sentra[slots] + draw(
        Counters(identities.astype(np.int64), int(city[CITY.month]), 0, NEW_NEIGHBOUR), peer.key
    )
    order = np.argsort(points, kind="stable")
    ring[:, : slots.size] = points[order], slots[order], identities[order]
    city[CITY.ring_length] = slots.size


def renew_neighbours(peer: Any) -> None:
    """In January a firm whose neighbour has closed finds another."""
    firms = peer.firms
    lost = (known_firms(firms, firms.peer_slot, firms.peer_id) < 0) & (firms.active == 1.0)
    numbers, slots = np.nonzero(lost)
    if slots.size:
        month = int(peer.world.city[CITY.month])
        luck = draw(Counters(firms.firm_id[slots].astype(np.int64), month, 1 + numbers, NEW_NEIGHBOUR), peer.key)
        meet(peer, slots, numbers, luck)


def meet(peer: Any, slots: Any, numbers: Any, luck: Any) -> None:
    """Fill places among firms' acquaintances with the next firm on the ring, step by step where one has closed."""
    firms, ring, matrix = peer.firms, peer.world.ring, peer.world.firms
    length = int(peer.world.city[CITY.ring_length])
    slots, numbers = np.broadcast_arrays(slots, numbers)
    slots, numbers, luck = slots.ravel(), numbers.ravel(), luck.ravel()
    own = firms.sentra[slots]
    first, after = np.searchsorted(ring[0, :length], own), np.searchsorted(ring[0, :length], own + 1.0)
    start, size = np.searchsorted(ring[0, :length], own + luck) - first, after - first
    found = np.full(slots.size, -1)
    pending = np.flatnonzero(size > 0)
    for step in range(length):  # round the sentra's part of the ring
        pending = pending[step < size[pending]]
        if pending.size == 0:
            break
        place = first[pending] + (start[pending] + step) % size[pending]
        other = ring[1, place].astype(np.intp)
        fits = (matrix[FIRM.firm_id, other] == ring[2, place]) & (matrix[FIRM.active, other] == 1.0)
        fits &= other != slots[pending]
        found[pending[fits]] = other[fits]
        pending = pending[~fits]
    matrix[FIRM.peer_slot + numbers, slots] = found
    matrix[FIRM.peer_id + numbers, slots] = np.where(found >= 0, firms.firm_id[found], -1.0)
