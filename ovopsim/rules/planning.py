"""Rule 3: how much each owner wants to make, with how many workers and with what equipment."""

from __future__ import annotations

from typing import NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS, SENTRA
from ovopsim.forms import (
    cheapest_equipment,
    labour_needed,
    log_relative,
    log_scale_of,
    material_cost,
    of_channels,
    of_code,
    of_sentras,
    quality_factor,
)


class Planning(NamedTuple):
    """Parameters of planning (`planning.yaml`)."""

    adaptation: float
    cover: float
    hiring_speed: float
    firing_speed: float
    least_orders: float


@equation
def adapted(expected, seen, speed):
    """Adaptive expectation: E' = E + speed · (seen − E)."""
    return expected + speed * (seen - expected)


@equation
def wanted_output(expected_orders, cover, season, contract_lot, inventory):
    """Pieces to make so that stock covers the coming months' expected orders (docs/odd.md)."""
    return max(0.0, cover * expected_orders * season + contract_lot - inventory)


@equation
def season_of_firm(firms, seasons, slot):
    """Mean of the channels' season factors, weighted by the firm's trailing orders."""
    weight = 0.0
    total = 0.0
    for channel in range(N_CHANNELS):
        orders = firms[FIRM.trailing_orders + channel, slot]
        weight += orders
        total += orders * seasons[channel]
    return total / weight if weight > 0.0 else 1.0


@equation
def wished_change(needed, workers, owner_labour, free_share, hiring_speed, firing_speed):
    """Workers to add (at most h · free share · labour) or to let go (at most f · workers)."""
    change = needed - owner_labour - workers
    if change > 0.0:
        return min(change, hiring_speed * free_share * (owner_labour + workers))
    return max(change, -firing_speed * workers)


@compiled
def plan(firms, channels, sentras, city, parameters, costs, wish):
    """Form expectations, wanted output and equipment; then hire and let go.

    `wish` is an array (slots,) that holds each firm's wished change of workers. One plain loop for each step: LLVM
    then works on several firms at once.
    """
    used = int(city[CITY.used_slots])
    free = max(0.0, city[CITY.makers] - city[CITY.employed])
    free_share = free / city[CITY.makers] if city[CITY.makers] > 0.0 else 0.0
    seasons = of_channels(channels, CHANNEL.season)
    seasons_ahead = of_channels(channels, CHANNEL.season_ahead)
    governance = of_sentras(sentras, SENTRA.governance)
    wage = costs.wage * city[CITY.wage_level]
    material_price = city[CITY.material_price]
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            form_expectations(firms, seasons, seasons_ahead, parameters, slot)
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            foresee_costs(firms, governance, wage, material_price, costs, slot)
    for slot in range(used):
        wish[slot] = 0.0
        if firms[FIRM.active, slot] == 1.0:
            wish[slot] = choose_inputs(firms, parameters, costs, free_share, slot)
    hires = 0.0
    for slot in range(used):
        hires += max(0.0, wish[slot])
    room = 1.0 if hires <= free else free / hires
    city[CITY.hiring_room] = room
    employed = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            firms[FIRM.workers, slot] += wish[slot] * room if wish[slot] > 0.0 else wish[slot]
            employed += firms[FIRM.workers, slot]
    city[CITY.employed] = employed


@equation
def form_expectations(firms, seasons, seasons_ahead, parameters, slot):
    """Update one firm's expected orders, and what it wants to make for them."""
    seen = firms[FIRM.orders, slot] / firms[FIRM.season, slot]
    expected = max(parameters.least_orders, adapted(firms[FIRM.expected_orders, slot], seen, parameters.adaptation))
    ahead = season_of_firm(firms, seasons_ahead, slot)
    firms[FIRM.season, slot] = season_of_firm(firms, seasons, slot)
    firms[FIRM.expected_orders, slot] = expected
    firms[FIRM.wanted_output, slot] = wanted_output(
        expected, parameters.cover, ahead, firms[FIRM.contract_lot, slot], firms[FIRM.inventory, slot]
    )


@equation
def foresee_costs(firms, governance, wage, material_price, costs, slot):
    """What one firm's labour yields and costs, and what its materials cost."""
    quality = quality_factor(costs, firms[FIRM.craft, slot])
    purchase = firms[FIRM.member, slot] * of_code(governance, firms[FIRM.sentra, slot])
    firms[FIRM.log_scale, slot] = log_scale_of(firms, costs, slot)
    firms[FIRM.wage, slot] = wage * quality
    firms[FIRM.material_cost, slot] = material_cost(
        costs, firms[FIRM.technique, slot], quality, firms[FIRM.bookkeeping, slot], purchase, material_price
    )


@equation
def choose_inputs(firms, parameters, costs, free_share, slot):
    """Update one firm's wanted equipment; return the change of workers that it wishes for."""
    log_scale = firms[FIRM.log_scale, slot]
    firms[FIRM.wanted_equipment, slot] = cheapest_equipment(
        costs, firms[FIRM.expected_orders, slot], log_scale, firms[FIRM.wage, slot], firms[FIRM.hurdle_rate, slot]
    )
    needed = labour_needed(
        costs, firms[FIRM.wanted_output, slot], log_scale, log_relative(costs, firms[FIRM.equipment, slot])
    )
    return wished_change(
        needed,
        firms[FIRM.workers, slot],
        firms[FIRM.owner_labour, slot],
        free_share,
        parameters.hiring_speed,
        parameters.firing_speed,
    )
