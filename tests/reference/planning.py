"""Rule 3: how much each owner wants to make, with how many workers and with what equipment."""

from __future__ import annotations

from tests.reference import forms
from tests.reference.entities import Channel, Firm
from tests.reference.parameters import Parameters, Submodel
from tests.reference.world import World


def plan(world: World, parameters: Parameters) -> None:
    """Owners form expectations and decide on output, equipment and workers; then hire and let go.

    Workers rise by at most h · (1 − employed/makers) · (owner + workers) and fall by at most f · workers. When all
    wishes to hire exceed the free makers, they are met pro rata.
    """
    own, city = parameters.planning, world.city
    free = max(0.0, city.makers - city.employed)
    free_share = free / city.makers if city.makers > 0.0 else 0.0
    wishes = []
    for firm in world.firms:
        expect(firm, world.channels, own)
        cost_and_equipment(firm, world, parameters.technology_and_cost)
        needed = forms.labour_needed(
            parameters.technology_and_cost, firm.productivity, firm.equipment, firm.wanted_output
        )
        wish = needed - firm.owner_labour - firm.workers
        most = own.hiring_speed * free_share * (firm.owner_labour + firm.workers)
        wishes.append(min(wish, most) if wish > 0.0 else max(wish, -own.firing_speed * firm.workers))
    hires = sum([wish for wish in wishes if wish > 0.0])
    city.hiring_room = free / hires if hires > free else 1.0
    for firm, wish in zip(world.firms, wishes, strict=True):
        firm.workers += wish * city.hiring_room if wish > 0.0 else wish
    city.employed = sum([firm.workers for firm in world.firms])


def seasons_of(firm: Firm, channels: list[Channel]) -> tuple[float, float]:
    """Means of the channels' season factors, now and ahead, weighted by the firm's trailing orders."""
    weight = now = ahead = 0.0
    for number, presence in enumerate(firm.presence):
        orders, channel = presence.trailing_orders, channels[number]
        weight += orders
        now += orders * channel.season
        ahead += orders * channel.season_ahead
    return (now / weight, ahead / weight) if weight > 0.0 else (1.0, 1.0)


def expect(firm: Firm, channels: list[Channel], own: Submodel) -> None:
    """Expected orders adapt to orders seen without season; wanted output covers the coming months from stock."""
    seen = firm.orders / firm.season
    expected = firm.expected_orders + own.adaptation * (seen - firm.expected_orders)
    firm.expected_orders = max(own.least_orders, expected)
    firm.season, ahead = seasons_of(firm, channels)
    wanted = own.cover * firm.expected_orders * ahead + firm.contract_lot - firm.inventory
    firm.wanted_output = max(0.0, wanted)


def cost_and_equipment(firm: Firm, world: World, technology: Submodel) -> None:
    """What the month's work costs, and the equipment that makes expected orders cheapest."""
    quality = forms.quality(technology, firm)
    firm.productivity = forms.productivity(technology, firm)
    firm.wage = forms.wage_of(technology, quality, world.city)
    firm.material_cost = forms.material_cost(technology, firm, quality, world.sentras[firm.sentra], world.city)
    firm.wanted_equipment = forms.cheapest_equipment(technology, firm, firm.expected_orders)
