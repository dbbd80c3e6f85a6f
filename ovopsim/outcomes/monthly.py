"""Monthly outcomes of the cluster (docs/odd.md): one row of numbers for each month."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.fields import AGENCY, CHANNEL, CITY, EXPORT, FIRM, N_CHANNELS, N_CONSTRAINTS, Field, fields_of, rows_of
from ovopsim.forms import constraint_gains


class OutcomeRows(NamedTuple):
    """Place of each outcome; flows are of the month unless said."""

    firms: Annotated[int, Field("firms in business", "firms")]
    entries: Annotated[int, Field("firms started", "firms")]
    exits: Annotated[int, Field("firms closed", "firms")]
    sales_idr: Annotated[int, Field("sales, contracts included", "IDR")]
    value_added_idr: Annotated[int, Field("sales less materials of the pieces sold", "IDR")]
    profit_idr: Annotated[int, Field("value added less wages, interest and tax; before the owners' pay", "IDR")]
    jobs: Annotated[int, Field("hired FTE at the month's end, owners excluded", "FTE")]
    output_per_worker: Annotated[int, Field("pieces for each FTE, owners included", "pieces/FTE")]
    exports_idr: Annotated[int, Field("sales abroad", "IDR")]
    market_share_local: Annotated[int, Field("cluster sales over local spending", "fraction")]
    market_share_tourist: Annotated[int, Field("cluster sales over visitors' spending", "fraction")]
    market_share_national: Annotated[int, Field("cluster sales over national spending", "fraction")]
    market_share_export: Annotated[int, Field("cluster sales over foreign spending", "fraction")]
    micro: Annotated[int, Field("micro firms", "firms")]
    small: Annotated[int, Field("small firms", "firms")]
    medium: Annotated[int, Field("medium firms", "firms")]
    graduations: Annotated[int, Field("moves up a size class less moves down", "moves")]
    loans: Annotated[int, Field("firms with bank debt", "firms")]
    defaults: Annotated[int, Field("defaults at the bank", "events")]
    constraint_marketing: Annotated[int, Field("firms held back most by marketing", "firms")]
    constraint_capital: Annotated[int, Field("firms held back most by capital", "firms")]
    constraint_human_resources: Annotated[int, Field("firms held back most by people", "firms")]
    constraint_technology: Annotated[int, Field("firms held back most by technology", "firms")]
    constraint_partnership: Annotated[int, Field("firms held back most by partnership", "firms")]
    constraint_none: Annotated[int, Field("firms that no single limit holds back", "firms")]
    spent_idr: Annotated[int, Field("spent by the agency, overhead included", "IDR")]
    lapsed_idr: Annotated[int, Field("returned unspent by the agency", "IDR")]
    reached: Annotated[int, Field("firms served so far at least once, closed ones too", "firms")]
    interest_subsidy_idr: Annotated[int, Field("interest paid by the state", "IDR")]
    guarantee_loss_idr: Annotated[int, Field("guarantees paid by the state", "IDR")]
    materials_idr: Annotated[int, Field("materials of the pieces made", "IDR")]
    output_value_idr: Annotated[int, Field("pieces made at list price", "IDR")]
    members: Annotated[int, Field("members of cooperatives", "firms")]
    exporters: Annotated[int, Field("firms that sell abroad", "firms")]


OUTCOME: Final = rows_of(OutcomeRows)
OUTCOMES: Final = tuple(fields_of(OutcomeRows))


@equation
def label_of(gains, threshold):
    """Number of the limit that binds most, or 5 for none when every gain is below the threshold."""
    marketing, capital, people, technology, partnership = gains
    best = 0 if marketing >= threshold else N_CONSTRAINTS
    top = max(marketing, threshold)
    best, top = (1, capital) if capital >= top else (best, top)
    best, top = (2, people) if people >= top else (best, top)
    best, top = (3, technology) if technology >= top else (best, top)
    return 4 if partnership >= top else best


@compiled
def observe(world, costs, threshold, out):
    """Write one month's outcomes to `out`, an array (outcomes,)."""
    out[:] = 0.0
    city = world.city
    used = int(city[CITY.used_slots])
    add_up_results(world.firms, used, out)
    count_firms(world.firms, used, out)
    label_constraints(world, costs, threshold, used, out)
    out[OUTCOME.entries] = city[CITY.entries]
    out[OUTCOME.exits] = city[CITY.exits]
    out[OUTCOME.defaults] = city[CITY.defaults]
    out[OUTCOME.reached] = city[CITY.reached]
    out[OUTCOME.graduations] = city[CITY.graduations]
    out[OUTCOME.interest_subsidy_idr] = city[CITY.interest_subsidy]
    out[OUTCOME.guarantee_loss_idr] = city[CITY.guarantee_loss]
    for channel in range(N_CHANNELS):
        spending = world.channels[CHANNEL.spending, channel]
        share = world.channels[CHANNEL.cluster_sales, channel] / spending if spending > 0.0 else 0.0
        out[OUTCOME.market_share_local + channel] = share
    for lever in range(world.agency.shape[1]):
        out[OUTCOME.spent_idr] += world.agency[AGENCY.spent, lever]
        out[OUTCOME.lapsed_idr] += world.agency[AGENCY.lapsed, lever]


@compiled
def add_up_results(firms, used, out):
    """Add up the month's results, those of firms that have just closed too."""
    sales = exports = value_added = profit = 0.0
    for slot in range(used):
        sales += firms[FIRM.sales, slot]
        exports += firms[FIRM.export_sales, slot]
        value_added += firms[FIRM.value_added, slot]
        profit += firms[FIRM.profit, slot]
    out[OUTCOME.sales_idr] = sales
    out[OUTCOME.exports_idr] = exports
    out[OUTCOME.value_added_idr] = value_added
    out[OUTCOME.profit_idr] = profit


@compiled
def count_firms(firms, used, out):
    """Add up what firms in business are and made."""
    count = owners = workers = pieces = materials = value = members = exporters = loans = 0.0
    for slot in range(used):
        if firms[FIRM.active, slot] == 1.0:
            count += 1.0
            owners += firms[FIRM.owner_labour, slot]
            workers += firms[FIRM.workers, slot]
            pieces += firms[FIRM.output, slot]
            materials += firms[FIRM.material_cost, slot] * firms[FIRM.output, slot]
            value += firms[FIRM.price, slot] * firms[FIRM.output, slot]
            members += firms[FIRM.member, slot]
            exporters += firms[FIRM.participates + EXPORT, slot]
            loans += 1.0 if firms[FIRM.bank_debt, slot] > 0.0 else 0.0
            out[OUTCOME.micro + int(firms[FIRM.size_class, slot])] += 1.0
    out[OUTCOME.firms] = count
    out[OUTCOME.jobs] = workers
    out[OUTCOME.materials_idr] = materials
    out[OUTCOME.output_value_idr] = value
    out[OUTCOME.members] = members
    out[OUTCOME.exporters] = exporters
    out[OUTCOME.loans] = loans
    labour = owners + workers
    out[OUTCOME.output_per_worker] = pieces / labour if labour > 0.0 else 0.0


@compiled
def label_constraints(world, costs, threshold, used, out):
    """Count firms by the limit that binds each most."""
    marketing = capital = people = technology = partnership = none = 0  # whole numbers: their sums can be split
    for slot in range(used):
        if world.firms[FIRM.active, slot] == 1.0:
            label = label_of(constraint_gains(world.firms, world.sentras, world.city, costs, slot), threshold)
            marketing += 1 if label == 0 else 0
            capital += 1 if label == 1 else 0
            people += 1 if label == 2 else 0
            technology += 1 if label == 3 else 0
            partnership += 1 if label == 4 else 0
            none += 1 if label == N_CONSTRAINTS else 0
    out[OUTCOME.constraint_marketing] = marketing
    out[OUTCOME.constraint_capital] = capital
    out[OUTCOME.constraint_human_resources] = people
    out[OUTCOME.constraint_technology] = technology
    out[OUTCOME.constraint_partnership] = partnership
    out[OUTCOME.constraint_none] = none
