"""Whom an owner knows: a ring for each sentra on which every search goes to the next firm."""

from __future__ import annotations

from ovopsim.compiling import compiled, equation, merged
from ovopsim.draws import NEW_NEIGHBOUR, uniform
from ovopsim.fields import CITY, FIRM, N_PEERS
from ovopsim.forms import of_code
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


@equation
def guess_place(points, first, last, point):
    """A place of `points[first:last]`, which is not empty, near the first that is not before a point.

    The points lie evenly, so a guess by rule of three comes near, each from the one before: halving would fetch twenty
    places of a large ring from memory.
    """
    place, many = first, last - first
    distance = point - int(point)
    for _ in range(GUESSES):
        place = min(last - 1, max(first, place + int(distance * many)))
        distance = point - points[place]
    return place


@equation
def place_from(points, first, last, point, place):
    """First place of `points[first:last]` that is not before a point, looked for from a place near it; else `last`."""
    while place > first and points[place - 1] >= point:
        place -= 1
    while place < last and points[place] < point:
        place += 1
    return place


@merged
def find_acquaintances(world, parts, key, month, seekers, number, lists):
    """Fill one place among the acquaintances of some firms, in slots `seekers`.

    `parts` are those of the ring: see `parts_of`. `lists` is scratch space. All points are guessed before the first
    search: no guess waits for another, so many are fetched from memory at once.
    """
    firms, ring, points, places = world.firms, world.ring, lists.scores, lists.bins
    for turn in range(seekers.shape[0]):
        slot = seekers[turn]
        identity = int(firms[FIRM.firm_id, slot])
        points[turn] = firms[FIRM.sentra, slot] + uniform(key, NEW_NEIGHBOUR, identity, month, 1 + number)
    for turn in range(seekers.shape[0]):
        sentra = firms[FIRM.sentra, seekers[turn]]
        first, last = of_code(parts, sentra), of_code(parts[1:], sentra)
        places[turn] = guess_place(ring[0], first, last, points[turn]) if first < last else last
    for turn in range(seekers.shape[0]):
        sentra = firms[FIRM.sentra, seekers[turn]]
        first, last = of_code(parts, sentra), of_code(parts[1:], sentra)
        start = place_from(ring[0], first, last, points[turn], places[turn])
        other = next_in_business(firms, ring, first, last, start, seekers[turn])
        firms[FIRM.peer_slot + number, seekers[turn]] = other
        firms[FIRM.peer_id + number, seekers[turn]] = firms[FIRM.firm_id, other] if other >= 0 else -1.0


@equation
def next_in_business(firms, ring, first, last, start, slot):
    """Slot of the next active firm but `slot` on the part `first` … `last` − 1 of the ring; −1 when it is alone."""
    # to the end of the sentra's part of the ring, then from its beginning
    for step in range(last - first):
        place = start + step if start + step < last else start + step - (last - first)
        other = int(ring[1, place])
        still_there = firms[FIRM.firm_id, other] == ring[2, place] and firms[FIRM.active, other] == 1.0
        if still_there and other != slot:
            return other
    return -1


@compiled
def find_neighbours(world, parts, key, month, slots, lists):
    """Entrants get to know firms of their sentra."""
    for number in range(N_PEERS):
        find_acquaintances(world, parts, key, month, slots, number, lists)


@compiled
def renew_neighbours(world, lists, key, month):
    """In January a firm whose neighbour has closed finds another.

    Whether it has is said as by `forms.known_firm`, from identities side by side: one look-up instead of two.
    """
    firms, present, seekers = world.firms, lists.scores, lists.slots
    parts = parts_of(world)
    used = int(world.city[CITY.used_slots])
    for number in range(N_PEERS):
        for slot in range(used):  # a search writes over it
            present[slot] = firms[FIRM.firm_id, slot] if firms[FIRM.active, slot] == 1.0 else -1.0
        count = 0
        for slot in range(used):
            if firms[FIRM.active, slot] == 1.0:
                other = int(firms[FIRM.peer_slot + number, slot])
                seekers[count] = slot
                count += 1 if other < 0 or present[other] != firms[FIRM.peer_id + number, slot] else 0
        find_acquaintances(world, parts, key, month, seekers[:count], number, lists)
