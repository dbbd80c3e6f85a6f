"""Rule 8: practice, peers, fading and habit; adoption; joining, licences and certificates; channels begun and left.

What is learned fades to a habit, use turns it into habit, habit erodes towards where the owner came from. Everything
that moves an attribute reads the values before the rule, and is added together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.reference.entities import N_NEIGHBOURS, NATIONAL, Cooperative, Firm
from tests.reference.forms import begin_channel, logistic, raised
from tests.reference.parameters import Parameters, Submodel
from tests.reference.world import Books, World

SKILLS = ("craft", "management", "bookkeeping", "technology")


@dataclass(slots=True)
class Before:
    """What a firm knew and where it sold before the rule."""

    skills: tuple[float, float, float, float]
    access: tuple[float, float, float, float]
    sells: tuple[bool, bool, bool, bool]


@dataclass(slots=True)
class Talk:
    """What those knew whom a firm hears from this month, and the share of the distance to them that this closes."""

    neighbour: Before | None
    neighbour_share: float
    met: Before | None
    met_share: float


def learn(world: World, parameters: Parameters) -> None:
    """Move every learned attribute one month on, then what owners take up and give up."""
    own = parameters.learning
    before = {firm: before_rule(firm) for firm in world.firms}
    for firm, known in before.items():
        talk = talk_of(firm, before, own)
        learn_skills(firm, talk, known, own)
        learn_access(firm, talk, own)
        adopt(firm, talk, known, own, world.books)
        change_institutions(firm, world.sentras[firm.sentra].cooperative, own)
        change_channels(firm, talk, own, world.books)
        forget_help(firm, own)


def before_rule(firm: Firm) -> Before:
    """Return what a firm knows and where it sells now."""
    local, tourist, national, export = firm.presence
    return Before(
        (firm.craft.value, firm.management.value, firm.bookkeeping.value, firm.technology.value),
        (local.access.value, tourist.access.value, national.access.value, export.access.value),
        (local.participates, tourist.participates, national.participates, export.participates),
    )


def talk_of(firm: Firm, before: dict[Firm, Before], own: Submodel) -> Talk:
    """One neighbour is heard at the sentra's everyday intensity, the firm met at meetings once for each meeting.

    Rivals, who work in the same technique, tell each other less.
    """
    neighbour, met = firm.neighbours[int(N_NEIGHBOURS * firm.luck.peer)], firm.met
    talk = Talk(None, 0.0, None, 0.0)
    if neighbour is not None and neighbour.active:
        told = own.rival_share if neighbour.technique == firm.technique else 1.0
        share = own.peer_share * own.meeting_intensity[firm.sentra] * told
        if share > 0.0:
            talk.neighbour, talk.neighbour_share = before[neighbour], share
    if met is not None and met.active:
        told = own.rival_share if met.technique == firm.technique else 1.0
        share = own.peer_share * firm.meets * told
        if share > 0.0:
            talk.met, talk.met_share = before[met], share
    return talk


def learned_from_peers(value: float, place: int, talk: Talk) -> float:
    """π · meets · complementarity · max(0, x_k − x) from the neighbour and from the firm met."""
    gain = 0.0
    if talk.neighbour is not None and talk.neighbour.skills[place] > value:
        gain += talk.neighbour_share * (talk.neighbour.skills[place] - value)
    if talk.met is not None and talk.met.skills[place] > value:
        gain += talk.met_share * (talk.met.skills[place] - value)
    return gain


def saturation(firm: Firm, own: Submodel) -> float:
    """1 − e^{−delivered/n₀}: the first deliveries open the door, later ones still teach."""
    return 1.0 - math.exp(-firm.contract_delivered / own.contract_scale)


def within(value: float) -> float:
    """Return a value that stays in 0 to 1."""
    if 0.0 <= value <= 1.0:
        return value
    return 0.0 if value < 0.0 else 1.0


def learn_skills(firm: Firm, talk: Talk, known: Before, own: Submodel) -> None:
    """Practice, fade and peers move what is known, use and erosion its habit.

    x += g · activity · (1 − x) − δ (x − base) + peers; base += κ · use · (x − base) − λ (base − origin).
    Use is 1 in a month with coaching, a meeting or a contract delivery. Buyers abroad and large buyers teach craft.
    """
    activity = min(1.0, firm.output / firm.expected_orders)
    used = firm.coached or firm.meets > 0.0 or firm.contract_sold > 0.0
    use = 1.0 if used else own.plain_use
    hears = talk.neighbour is not None or talk.met is not None
    practice, fade, habits, erosion = own.practice, own.fade, own.habit, own.erosion
    for place, skill in enumerate((firm.craft, firm.management, firm.bookkeeping, firm.technology)):
        x, base = skill.value, skill.base
        practised = x + practice[place] * activity * (1.0 - x) - fade[place] * (x - base)
        habit = base + habits[place] * use * (x - base) - erosion[place] * (base - skill.origin)
        heard = learned_from_peers(x, place, talk) if hears else 0.0
        skill.value = within(within(practised) + heard)
        skill.base = within(habit)
    gain = own.export_practice if firm.export_sales > 0.0 else 0.0
    if firm.contract_sold > 0.0:
        gain += own.contract_craft * saturation(firm, own)
    firm.craft.value = within(firm.craft.value + gain * (1.0 - known.skills[0]))


def learn_access(firm: Firm, talk: Talk, own: Submodel) -> None:
    """Word of mouth on the logit z: z += g in a month with a sale, − δ(z − base), + what a peer met there tells.

    Deliveries to a large buyer raise national access and make standing a habit; meetings and courses do not.
    """
    delivers = firm.contract_sold > 0.0
    for number, presence in enumerate(firm.presence):
        if not presence.participates:
            continue
        use = 1.0 if delivers and number == NATIONAL else own.plain_use
        gain = own.access_practice[number] if presence.months_without_sale == 0.0 else 0.0
        if number == NATIONAL and delivers:
            gain += own.contract_access * saturation(firm, own)
        access = presence.access
        z, base = access.value, access.base
        if talk.met is not None and talk.met.sells[number]:
            gain += talk.met_share * max(0.0, talk.met.access[number] - z)
        access.value = z + gain - own.access_fade * (z - base)
        access.base = base + own.access_habit * use * (z - base) - own.access_erosion * (base - access.origin)
        presence.market_access = max(own.least_access[number], logistic(access.value))


def adopt(firm: Firm, talk: Talk, known: Before, own: Submodel, books: Books) -> None:
    """A step in technology: likelier after better-equipped peers, with cash beyond its cost, and with help."""
    cost = own.adoption_cost * firm.equipment
    if cost <= 0.0 or firm.cash <= cost:
        return
    lead, present = 0.0, known.skills[3]
    for peer in (talk.neighbour, talk.met):
        if peer is not None and peer.skills[3] - present > lead:
            lead = peer.skills[3] - present
    wish = (
        own.adoption_intercept
        + own.adoption_peer * lead
        + own.adoption_cash * (1.0 - cost / firm.cash)
        + firm.adoption_shift
    )
    if firm.luck.adoption < own.adoption_rate * logistic(wish):
        books.pay(firm, "adoption", cost)
        firm.technology.value = raised(firm.technology.value, own.adoption_step)
        firm.adoptions += 1.0


def turned(flag: bool, draw: float, rate_in: float, rate_out: float) -> bool:
    """A flag after one month with a chance to begin and a chance to end."""
    return draw >= rate_out if flag else draw < rate_in


def change_institutions(firm: Firm, cooperative: Cooperative, own: Submodel) -> None:
    """Membership (sooner and longer under better governance), licence, account and certificate come and go.

    A certificate is for licensed firms and lapses after three years unless it is renewed.
    """
    luck = firm.luck
    pull = math.exp(own.join_governance * (cooperative.governance - cooperative.governance_base))
    firm.member = turned(firm.member, luck.joining, own.join_rate * pull, own.leave_rate / pull)
    firm.licensed = turned(firm.licensed, luck.licence, own.licence_rate, own.licence_loss)
    firm.business_account = turned(firm.business_account, luck.account, own.account_rate, own.account_loss)
    if firm.certified:
        firm.certificate_age += 1.0
        if firm.certificate_age >= own.certificate_life:
            firm.certificate_age = 0.0
            firm.certified = luck.certificate < own.certificate_renewal
    elif firm.licensed and luck.certificate < own.certificate_rate:
        firm.certified = True
        firm.certificate_age = 0.0


def change_channels(firm: Firm, talk: Talk, own: Submodel, books: Books) -> None:
    """A channel is left after a year without sale, and begun by a hazard (rate + referrals) · e^{−F/liquidity}.

    A neighbour who sells there refers the firm, a peer met at meetings twice for each meeting. The cost F is paid.
    """
    for number, presence in enumerate(firm.presence):
        if presence.participates:
            if presence.months_without_sale >= own.months_to_leave:
                presence.participates = False
                presence.trailing_orders = presence.market_access = 0.0
            continue
        cost = own.channel_cost[number]
        if firm.cash <= cost:
            continue
        referrals = 0.0
        if talk.neighbour is not None and talk.neighbour.sells[number]:
            referrals += 1.0
        if talk.met is not None and talk.met.sells[number]:
            referrals += 2.0 * firm.meets
        rate = own.channel_rate[number] * (1.0 + own.channel_referral * referrals)
        if firm.luck.channels[number] < rate * math.exp(-cost / firm.cash):
            books.pay(firm, "channel_entry", cost)
            begin_channel(presence, own.least_access[number])


def forget_help(firm: Firm, own: Submodel) -> None:
    """What levers added to logits and to the next loan fades; a month has passed."""
    kept = 1.0 - own.shift_fade
    firm.adoption_shift *= kept
    firm.application_shift *= kept
    firm.approval_shift *= kept
    firm.separation_shift *= kept
    firm.rate_cut *= kept
    firm.guarantee_offer *= kept
    firm.exclusion_months = max(0.0, firm.exclusion_months - 1.0)
    firm.age += 1.0
