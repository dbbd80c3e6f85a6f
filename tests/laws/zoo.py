"""The zoo: what is planted, and which check must notice it."""

from __future__ import annotations

from tests.laws.checks import accounts, agency, holding, order, randomness, rules
from tests.laws.faults import Fault

# the month with production moved behind the market, as by a slip of two lines
PRODUCE = "    produce(world.firms, world.city, ledger, read_production(row), costs, scratch.shocks[0], scratch.wish)\n"
SELL = (
    "    sell(world.firms, world.channels, world.city, ledger, market, scratch.attractions, scratch.offers,"
    " scratch.per_pull)\n"
)

ZOO: dict[str, Fault] = {
    "a leaked rupiah: dues leave the firm and reach no fund": Fault(
        accounts.money_balances,
        {"rules.accounts.debts:pay_debts": {"sentras[SENTRA.fund, int(firms[FIRM.sentra, slot])] += due": "pass"}},
    ),
    "money past the books: a rupiah of each investment has no entry": Fault(
        accounts.money_balances,
        {
            "rules.finance.needs:invest_all": {
                "            bought += paid\n": "            bought += paid\n"
                "            firms[FIRM.cash, slot] = max(0.0, firms[FIRM.cash, slot] - 1.0)\n"
            }
        },
    ),
    "interest not booked: unpaid interest is owed, and no entry says so": Fault(
        accounts.money_balances,
        {"rules.accounts.debts:serve_bank": {"enter(ledger, ENTRY.bank_accrued, interest - paid)": "pass"}},
    ),
    "wear without an entry": Fault(
        accounts.money_balances,
        {"rules.accounts.result:wear_all": {"    enter(ledger, ENTRY.depreciation, worn)\n": ""}},
    ),
    "stock that spoils and is not counted": Fault(
        accounts.money_balances,
        {"rules.accounts.result:wear_all": {"    ledger.goods[SPOILED] += pieces\n": ""}},
    ),
    "a receivable collected twice": Fault(
        accounts.money_balances,
        {"rules.accounts.debts:collect_and_pay": {"            firms[FIRM.receivable, slot] -= due\n": ""}},
    ),
    "dividends from nowhere": Fault(
        accounts.money_balances,
        {"rules.accounts.debts:settle_cooperatives": {"sentras[SENTRA.fund, sentra] -= paid": "pass"}},
    ),
    "wages paid twice": Fault(
        accounts.wages_are_paid_once,
        {
            "rules.production:pay_workers": {
                "    firms[FIRM.wages_paid, slot] = paid\n": "    firms[FIRM.wages_paid, slot] = paid\n"
                "    firms[FIRM.wages_paid, slot] += hand_over(firms, ledger, slot, due)\n"
            }
        },
    ),
    "sales above stock: every order counts as served": Fault(
        accounts.results_tie_with_flows,
        {"rules.market.sales:fill_rate": {"1.0 if orders <= stock else stock / orders": "1.0"}},
    ),
    "an entrant takes a slot whose last month is still to be observed": Fault(
        accounts.results_tie_with_flows,
        {
            "rules.entry_and_exit:choose_entrants": {
                "and taken[slot] == 1.0": "and world.firms[FIRM.active, slot] == 1.0"
            }
        },
    ),
    "workers who could not be paid still count as employed": Fault(
        accounts.makers_limit_hiring,
        {"rules.production:cut_to_cash": {"city[CITY.employed] = max(0.0, city[CITY.employed] - left)": "pass"}},
    ),
    "hires above makers: nobody rations them": Fault(
        accounts.makers_limit_hiring,
        {"rules.planning:plan": {"room = 1.0 if hires <= free else free / hires": "room = 1.0"}},
    ),
    "slot-order rationing: the first slots hire while makers last": Fault(
        order.slots_do_not_matter,
        {
            "rules.planning:plan": {
                "            firms[FIRM.workers, slot] += wish[slot] * room if wish[slot] > 0.0 else wish[slot]\n": (
                    "            hired = min(wish[slot], free)\n"
                    "            free -= max(0.0, hired)\n"
                    "            firms[FIRM.workers, slot] += hired\n"
                )
            }
        },
    ),
    "slot-order lending: the first slots borrow while the fund lasts": Fault(
        order.slots_do_not_matter,
        {
            "rules.finance.cooperative:lend_through_cooperatives": {
                "of_code(shares, firms[FIRM.sentra, slot]) * requests[slot]": (
                    "min(requests[slot], 0.9 * sentras[SENTRA.fund, int(firms[FIRM.sentra, slot])])"
                )
            }
        },
    ),
    "peers read as they are after the month, in the order of slots": Fault(
        order.slots_do_not_matter,
        {
            "rules.learning.skills:learn_skill": {
                "heard[slot - first]": (
                    "people[5, slot - first] * max(0.0, firms[row, int(people[0, slot - first])] - firms[row, slot])"
                )
            }
        },
    ),
    "a new tenant is served in the place of a listed firm that closed": Fault(
        agency.newcomers_wait_for_the_next_list,
        {"rules.agency:serve_firms": {"if same and rested and takes_offer(": "if rested and takes_offer("}},
    ),
    "an access that leaves 0 to 1": Fault(
        accounts.state_is_sound,
        {
            "rules.learning.skills:learn_access": {
                "max(least, logistic(value))": "max(least, logistic(value)) + 20.0 * gain"
            }
        },
    ),
    "a price below cost": Fault(
        accounts.state_is_sound,
        {
            "rules.production:moved_price": {
                "max(floor, price + speed * (target - price))": "price + speed * (0.5 * target - price)"
            }
        },
    ),
    "a closed firm keeps its debt": Fault(
        accounts.closed_slots_hold_nothing,
        {"rules.entry_and_exit.closing:vacate": {"not in LAST_MONTH": "not in (FIRM.bank_debt, *LAST_MONTH)"}},
    ),
    "slots without a firm are read": Fault(
        accounts.empty_slots_are_not_read,
        {
            "rules.entry_and_exit:close_firms": {
                "if firms[FIRM.active, slot] == 1.0:\n            income": "if True:\n            income"
            }
        },
    ),
    "an observer that writes": Fault(
        accounts.observing_changes_nothing,
        {
            "outcomes.monthly:count_firms": {
                "            count += 1.0\n": "            count += 1.0\n            firms[FIRM.age, slot] += 1e-9\n"
            }
        },
    ),
    "a delivery that is not counted as spent": Fault(
        accounts.agency_keeps_its_budget,
        {"rules.agency.places:serve_cooperative": {"    world.agency[AGENCY.spent, lever] += cost\n": ""}},
    ),
    "the agency spends what it has spent before": Fault(
        accounts.agency_keeps_its_budget,
        {
            "rules.agency:serve_firms": {
                "agency[AGENCY.accrual, lever] = max(0.0, agency[AGENCY.accrual, lever] - cost)": "pass"
            }
        },
    ),
    "a programme without money acts": Fault(
        agency.no_money_no_effect,
        {
            "policy.arrays:programme_arrays": {"programme.budget > 0.0": "programme.budget >= 0.0"},
            "rules.agency:has_money": {" and table[LEVER.ceiling, lever] > 0.0": ""},
        },
    ),
    "a programme that begins a month early": Fault(
        agency.nothing_before_the_start,
        {"rules.agency:has_money": {"table[LEVER.start, lever] <= month": "table[LEVER.start, lever] <= month + 1"}},
    ),
    "the agency looks at firms anew for every budget": Fault(
        agency.more_money_serves_the_same_and_more,
        {
            "rules.agency.ranking:rank_firms": {
                "lists.views[lever % 4]": "lists.views[int(levers.table[LEVER.ceiling, lever] / 1e6) % 4]"
            }
        },
    ),
    "a lever delivers above its capacity": Fault(
        agency.deliveries_keep_to_capacity,
        {
            "rules.agency:serve_firms": {
                "done + size <= levers.table[LEVER.capacity, lever]": "done <= levers.table[LEVER.capacity, lever]"
            }
        },
    ),
    "an amenity that never fades": Fault(
        agency.amenity_fades,
        {"rules.agency.places:fade_places": {"+= parameters.amenity_upkeep * (": "+= 0.0 * ("}},
    ),
    "a shared stream: draws come in the order in which they are asked for": Fault(
        randomness.others_draw_the_same,
        {
            "draws:block": {
                "counted(entity), counted(month), counted(index), counted(process)": (
                    "counted(vars(block).setdefault('asked', []).append(0) or len(block.asked)), "
                    "counted(0), counted(0), counted(0)"
                )
            }
        },
    ),
    "an entrant keyed by its slot": Fault(
        randomness.saved_incumbents_rename_no_birth,
        {
            "rules.entry_and_exit.starting:start_firm": {
                "key, CANDIDATE_STATE, candidate, month, group": "key, CANDIDATE_STATE, slot, month, group"
            }
        },
    ),
    "a birth named after its slot": Fault(
        randomness.saved_incumbents_rename_no_birth,
        {
            "rules.entry_and_exit.starting:start_firm": {
                "candidates, month, candidate)\n    sentra": "candidates, month, slot)\n    sentra"
            }
        },
    ),
    "one key for two decisions": Fault(
        randomness.no_key_serves_two_purposes,
        {
            "rules.agency.offers:takes_offer": {
                "uniform(key, ACCEPTANCE, identity, number, lever)": "uniform(key, 15, identity, number, lever)"
            }
        },
    ),
    "swapped rules: the market before production": Fault(
        rules.cloth_made_is_sold_in_the_same_month,
        {"month:month": {PRODUCE: "", SELL: SELL + PRODUCE}},
    ),
    "habit erodes to nothing instead of to where the owner came from": Fault(
        rules.skills_at_home_stay_there,
        {"rules.learning.law:learned": {"erosion * (base - origin)": "erosion * base"}},
    ),
    "an AR(1) whose shocks are not scaled": Fault(
        rules.spending_keeps_its_spread,
        {"rules.environment:next_state": {" * math.sqrt(1.0 - persistence * persistence)": ""}},
    ),
    "holding forgets some rows": Fault(
        holding.everything_held_is_no_effect,
        {"holding:hold_firms": {"range(rows.shape[0])": "range(rows.shape[0] - 60)"}},
    ),
    "holding while nothing is held": Fault(
        holding.nothing_held_is_the_plain_run,
        {"holding:hold_firms": {"if rows[field] == 1.0:": "if rows[field] == 1.0 or field == FIRM.craft:"}},
    ),
}
