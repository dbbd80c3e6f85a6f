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
def acquaintance(world, key, month, slot, number):
    """Slot of the next active firm on its sentra's ring from this firm's own point, or −1 when it is alone."""
    firms, ring = world.firms, world.ring
    length = int(world.city[CITY.ring_length])
    own = firms[FIRM.sentra, slot]
    point = own + uniform(key, NEW_NEIGHBOUR, int(firms[FIRM.firm_id, slot]), month, 1 + number)
    # to the end of the sentra's part of the ring, then from its beginning
    for start, end in ((point, own + 1.0), (own, point)):
        place = place_on(ring, length, start)
        while place < length and ring[0, place] < end:
            other = int(ring[1, place])
            still_there = firms[FIRM.firm_id, other] == ring[2, place] and firms[FIRM.active, other] == 1.0
            if still_there and other != slot:
                return other
            place += 1
    return -1


@compiled
def place_on(ring, length, point):
    """First place on the ring that is not before a point."""
    low = 0
    high = length
    while low < high:
        middle = (low + high) // 2
        if ring[0, middle] < point:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def find_neighbours(world, key, month, slot):
    """An entrant gets to know firms of its sentra."""
    for number in range(N_PEERS):
        meet_neighbour(world, key, month, slot, number)


@compiled
def meet_neighbour(world, key, month, slot, number):
    """Fill one place among a firm's acquaintances."""
    other = acquaintance(world, key, month, slot, number)
    world.firms[FIRM.peer_slot + number, slot] = other
    world.firms[FIRM.peer_id + number, slot] = world.firms[FIRM.firm_id, other] if other >= 0 else -1.0


@compiled
def renew_neighbours(world, key, month):
    """In January a firm whose neighbour has closed finds another."""
    firms = world.firms
    for slot in range(int(world.city[CITY.used_slots])):
        if firms[FIRM.active, slot] == 1.0:
            for number in range(N_PEERS):
                if known_firm(firms, FIRM.peer_slot + number, FIRM.peer_id + number, slot) < 0:
                    meet_neighbour(world, key, month, slot, number)
