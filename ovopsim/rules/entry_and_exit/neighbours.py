"""Whom an owner knows: a ring for each sentra on which every search goes to the next firm."""

from __future__ import annotations

from ovopsim.compiling import compiled
from ovopsim.draws import NEW_NEIGHBOUR, uniform
from ovopsim.fields import CITY, FIRM, N_PEERS
from ovopsim.forms import known_firm
from ovopsim.ordering import order_into


@compiled
def renew_ring(world, lists, key, month):
    """Each January, place every active firm on its sentra's ring at a point that depends on its id alone.

    A search goes to the next firm on the ring (consistent hashing): a closure elsewhere changes nobody's choice but
    theirs who would have chosen the closed firm. `lists` is scratch space.
    """
    points, order, slots, bins = lists.scores, lists.order, lists.slots, lists.bins
    firms = world.firms
    used = int(world.city[CITY.used_slots])
    count = 0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            luck = uniform(key, NEW_NEIGHBOUR, int(firms[FIRM.firm_id, slot]), month, 0)
            points[count] = firms[FIRM.sentra, slot] + luck
            slots[count] = slot
            count += 1
    order_into(order[:count], points[:count], bins[:count])
    for place in range(count):
        world.ring[0, place] = points[order[place]]
        world.ring[1, place] = slots[order[place]]
        world.ring[2, place] = firms[FIRM.firm_id, slots[order[place]]]
    world.city[CITY.ring_length] = count


@compiled
def parts_of(world):
    """Where each sentra's part of the ring begins, and where the last one ends: four places."""
    ring, length = world.ring[0], int(world.city[CITY.ring_length])
    return first_from(ring, length, 0.0), first_from(ring, length, 1.0), first_from(ring, length, 2.0), length


@compiled
def first_from(points, length, point):
    """First of some points in order that is not before a point."""
    low = 0
    high = length
    while low < high:
        middle = (low + high) // 2
        if points[middle] < point:
            low = middle + 1
        else:
            high = middle
    return low


GUESSES = 3


@compiled
def place_on(points, first, last, point):
    """First place of `points[first:last]` that is not before a point; `last` when there is none.

    The points lie evenly, so a guess by rule of three comes near, each from the one before, and few steps are left:
    halving would fetch twenty places of a large ring from memory.
    """
    if first == last:
        return last
    place, many = first, last - first
    distance = point - int(point)
    for _ in range(GUESSES):
        place = min(last - 1, max(first, place + int(distance * many)))
        distance = point - points[place]
    while place > first and points[place - 1] >= point:
        place -= 1
    while place < last and points[place] < point:
        place += 1
    return place


@compiled
def acquaintance(world, parts, key, month, slot, number):
    """Slot of the next active firm on its sentra's ring from this firm's own point, or −1 when it is alone.

    `parts` are those of the ring: see `parts_of`.
    """
    firms, ring = world.firms, world.ring
    own = firms[FIRM.sentra, slot]
    point = own + uniform(key, NEW_NEIGHBOUR, int(firms[FIRM.firm_id, slot]), month, 1 + number)
    first, last = parts[int(own)], parts[int(own) + 1]
    start = place_on(ring[0], first, last, point)
    # to the end of the sentra's part of the ring, then from its beginning
    for step in range(last - first):
        place = start + step if start + step < last else start + step - (last - first)
        other = int(ring[1, place])
        still_there = firms[FIRM.firm_id, other] == ring[2, place] and firms[FIRM.active, other] == 1.0
        if still_there and other != slot:
            return other
    return -1


@compiled
def find_neighbours(world, parts, key, month, slot):
    """An entrant gets to know firms of its sentra."""
    for number in range(N_PEERS):
        meet_neighbour(world, parts, key, month, slot, number)


@compiled
def meet_neighbour(world, parts, key, month, slot, number):
    """Fill one place among a firm's acquaintances."""
    other = acquaintance(world, parts, key, month, slot, number)
    world.firms[FIRM.peer_slot + number, slot] = other
    world.firms[FIRM.peer_id + number, slot] = world.firms[FIRM.firm_id, other] if other >= 0 else -1.0


@compiled
def renew_neighbours(world, key, month):
    """In January a firm whose neighbour has closed finds another."""
    firms = world.firms
    parts = parts_of(world)
    for slot in range(int(world.city[CITY.used_slots])):
        if firms[FIRM.active, slot] == 1.0:
            for number in range(N_PEERS):
                if known_firm(firms, FIRM.peer_slot + number, FIRM.peer_id + number, slot) < 0:
                    meet_neighbour(world, parts, key, month, slot, number)
