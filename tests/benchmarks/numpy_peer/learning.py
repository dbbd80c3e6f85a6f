"""Learning on arrays over firms: peers are read by fancy indexing, four skills and four channels at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from ovopsim.fields import N_CHANNELS, NATIONAL
from ovopsim.ledger import FLOW
from ovopsim.rules.learning.law import SKILL_ROWS
from tests.benchmarks.numpy_peer.accounts import pay_some
from tests.benchmarks.numpy_peer.forms import begin_channel, known_firms, raised

SKILLS = np.array(SKILL_ROWS)
CRAFT, TECHNOLOGY = 0, 3


def learn(peer: Any, uniforms: Any) -> None:
    """Move every learned attribute one month on, then institutions and channels.

    `uniforms` is an array (13, firms) in the package's order.
    """
    firms = peer.firms
    sold = firms.participates.copy()
    heard = Heard(peer, uniforms[0])
    taught = (firms.coached == 1.0) | (firms.meets > 0.0) | (firms.contract_sold > 0.0)
    use = np.where(taught, 1.0, peer.parameters["learning"].plain_use)
    heard.from_buyers(peer)
    learn_skills(peer, heard.skills, use)
    learn_access(peer, heard.access)
    adopt(peer, heard.lead, uniforms[1])
    change_institutions(peer, uniforms)
    change_channels(peer, sold, heard, uniforms[8:12])
    forget_help(peer)


class Heard:
    """Whom each firm talks to and what it hears, before anybody has learned anything.

    Attributes
    ----------
    skills, access : arrays (4, firms)
        What each skill and each channel's access gains from others.
    neighbour, met : arrays (firms,)
        Slot of the neighbour of the month and of the firm met at an organised meeting; −1 = nobody.
    lead : array (firms,)
        Lead in technology of the better of the two.
    """

    def __init__(self, peer: Any, luck: Any) -> None:
        firms, own = peer.firms, peer.parameters["learning"]
        everyone = np.arange(luck.size)
        place = (4 * luck).astype(np.intp)
        neighbour = known_firms(firms, firms.peer_slot[place, everyone], firms.peer_id[place, everyone])
        alike = peer.technique == peer.technique[neighbour]
        talk = own.peer_share * own.meeting_intensity[peer.sentra] * np.where(alike, own.rival_share, 1.0)
        talk[neighbour < 0] = 0.0
        self.neighbour = np.where(talk > 0.0, neighbour, -1)
        levels = peer.world.firms[SKILLS, : luck.size]
        ahead = np.maximum(0.0, levels[:, self.neighbour] - levels)
        self.skills = talk * ahead
        self.lead = np.where(self.neighbour >= 0, ahead[TECHNOLOGY], 0.0)
        self.access = np.zeros_like(self.skills)
        self.met = np.full(luck.size, -1)
        slots = np.flatnonzero(firms.met_slot >= 0.0)
        if slots.size:
            self._meet(peer, levels, slots)

    def _meet(self, peer: Any, levels: Any, slots: Any) -> None:
        firms, own = peer.firms, peer.parameters["learning"]
        met = known_firms(firms, firms.met_slot[slots], firms.met_id[slots])
        alike = peer.technique[slots] == peer.technique[met]
        share = own.peer_share * firms.meets[slots] * np.where(alike, own.rival_share, 1.0)
        tells = (met >= 0) & (share > 0.0)
        slots, met, share = slots[tells], met[tells], share[tells]
        self.met[slots] = met
        ahead = np.maximum(0.0, levels[:, met] - levels[:, slots])
        self.skills[:, slots] += share * ahead
        self.lead[slots] = np.maximum(self.lead[slots], ahead[TECHNOLOGY])
        known = np.maximum(0.0, firms.access_logit[:, met] - firms.access_logit[:, slots])
        self.access[:, slots] += share * known * firms.participates[:, met]

    def from_buyers(self, peer: Any) -> None:
        """Buyers abroad and large buyers teach craft; deliveries to a large buyer make a name."""
        firms, own = peer.firms, peer.parameters["learning"]
        slots = np.flatnonzero((firms.contract_sold > 0.0) | (firms.export_sales > 0.0))
        gain = np.where(firms.export_sales[slots] > 0.0, own.export_practice, 0.0)
        seen = 1.0 - np.exp(-firms.contract_delivered[slots] / own.contract_scale)
        seen[firms.contract_sold[slots] <= 0.0] = 0.0
        gain += own.contract_craft * seen
        self.access[NATIONAL, slots] += own.contract_access * seen
        self.skills[CRAFT, slots] += gain * (1.0 - firms.craft[slots])


def learn_skills(peer: Any, heard: Any, use: Any) -> None:
    """Practice, fade, habit and what was heard, added together, for four skills at once."""
    firms, own, matrix = peer.firms, peer.parameters["learning"], peer.world.firms
    used = use.size
    activity = np.minimum(1.0, firms.output / firms.expected_orders)
    value, base, origin = matrix[SKILLS, :used], matrix[SKILLS + 1, :used], matrix[SKILLS + 2, :used]
    practice, fade, habit, erosion = (vector[:, None] for vector in (own.practice, own.fade, own.habit, own.erosion))
    gap = value - base
    new = value + practice * activity * (1.0 - value) - fade * gap
    kept = base + habit * use * gap - erosion * (base - origin)
    np.clip(new, 0.0, 1.0, out=new)
    new += heard
    matrix[SKILLS, :used] = np.minimum(new, 1.0)
    matrix[SKILLS + 1, :used] = np.clip(kept, 0.0, 1.0)


def learn_access(peer: Any, heard: Any) -> None:
    """Word of mouth in each channel where a firm sells."""
    firms, own = peer.firms, peer.parameters["learning"]
    value, base = firms.access_logit, firms.access_base
    gap = value - base
    habit = own.access_habit * own.plain_use * gap
    named = np.flatnonzero(firms.contract_sold > 0.0)
    habit[NATIONAL, named] = own.access_habit * gap[NATIONAL, named]
    habit -= own.access_erosion * (base - firms.access_origin)
    gap *= -own.access_fade
    gap += heard
    gap += own.access_practice[:, None] * (firms.months_without_sale == 0.0)
    value += gap * firms.participates
    base += habit * firms.participates
    channels, slots = np.nonzero(firms.participates)
    known = np.maximum(own.least_access[channels], expit(value[channels, slots]))
    firms.market_access[channels, slots] = known


def adopt(peer: Any, lead: Any, luck: Any) -> None:
    """A step in technology costs money; most draws are above the highest chance."""
    firms, own = peer.firms, peer.parameters["learning"]
    slots = np.flatnonzero((luck < own.adoption_rate) & (firms.active == 1.0))
    cost, cash = own.adoption_cost * firms.equipment[slots], firms.cash[slots]
    chance = own.adoption_rate * expit(
        own.adoption_intercept
        + own.adoption_peer * lead[slots]
        + own.adoption_cash * (1.0 - cost / cash)
        + firms.adoption_shift[slots]
    )
    steps = (cash > cost) & (cost > 0.0) & (luck[slots] < chance)
    slots = slots[steps]
    pay_some(peer, slots, FLOW.adoption, cost[steps])
    firms.technology[slots] = raised(firms.technology[slots], own.adoption_step)
    firms.adoptions[slots] += 1.0


def turn(peer: Any, flag: Any, luck: Any, rate_in: Any, rate_out: Any) -> None:
    """Begin or end a flag at rates by sentra; most draws are above all of them, and are not looked at again."""
    slots = np.flatnonzero(luck < max(rate_in.max(), rate_out.max()))
    draws, sentra = luck[slots], peer.sentra[slots]
    flag[slots] = np.where(flag[slots] == 1.0, draws >= rate_out[sentra], draws < rate_in[sentra])


def change_institutions(peer: Any, uniforms: Any) -> None:
    """Membership, licence, certificate and business account come and go at everyday rates."""
    firms, sentras, own = peer.firms, peer.sentras, peer.parameters["learning"]
    pull = np.exp(own.join_governance * (sentras.governance - sentras.governance_base))
    alike = np.ones(pull.size)
    turn(peer, firms.member, uniforms[2], own.join_rate * pull, own.leave_rate / pull)
    turn(peer, firms.licensed, uniforms[3], own.licence_rate * alike, own.licence_loss * alike)
    turn(peer, firms.business_account, uniforms[7], own.account_rate * alike, own.account_loss * alike)
    luck = uniforms[12]
    certified = firms.certified == 1.0
    firms.certificate_age += certified
    expires = np.flatnonzero(certified & (firms.certificate_age >= own.certificate_life))
    firms.certificate_age[expires] = 0.0
    firms.certified[expires] = luck[expires] < own.certificate_renewal
    new = np.flatnonzero((luck < own.certificate_rate) & ~certified & (firms.licensed == 1.0))
    firms.certified[new] = 1.0
    firms.certificate_age[new] = 0.0


def change_channels(peer: Any, sold: Any, heard: Heard, uniforms: Any) -> None:
    """Channels are begun when they can be paid for, sooner where a peer sells, and left after a year without sale."""
    firms, own = peer.firms, peer.parameters["learning"]
    leaves = firms.participates * firms.months_without_sale >= own.months_to_leave
    most = 1.0 + own.channel_referral * (1.0 + 2.0 * firms.meets)
    likely = (uniforms < own.channel_rate[:, None] * most) & ~leaves
    firms.participates[leaves] = 0.0
    firms.trailing_orders[leaves] = 0.0
    firms.market_access[leaves] = 0.0
    for channel in range(N_CHANNELS):
        cost = own.channel_cost[channel]
        slots = np.flatnonzero(likely[channel] & (firms.participates[channel] == 0.0) & (firms.cash > cost))
        if slots.size:
            neighbour, met = heard.neighbour[slots], heard.met[slots]
            told = (neighbour >= 0) * sold[channel, neighbour] + (met >= 0) * sold[channel, met] * (
                2.0 * firms.meets[slots]
            )
            rate = own.channel_rate[channel]
            chance = (rate + told * own.channel_referral * rate) * np.exp(-cost / firms.cash[slots])
            slots = slots[uniforms[channel, slots] < chance]
            pay_some(peer, slots, FLOW.channel_entry, cost)
            begin_channel(peer.world.firms, channel, own.least_access[channel], slots)


def forget_help(peer: Any) -> None:
    """What levers added to a logit fades; a month has passed."""
    firms = peer.firms
    kept = 1.0 - peer.parameters["learning"].shift_fade
    for shift in (
        firms.adoption_shift,
        firms.application_shift,
        firms.approval_shift,
        firms.separation_shift,
        firms.rate_cut,
        firms.guarantee_offer,
    ):
        np.multiply(shift, kept, out=shift)
    firms.exclusion_months -= 1.0
    np.maximum(firms.exclusion_months, 0.0, out=firms.exclusion_months)
    firms.age += 1.0
