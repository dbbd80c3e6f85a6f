"""Monthly outcomes of the cluster (docs/odd.md): one row of numbers for each month."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from ovopsim.compiling import compiled, equation
from ovopsim.fields import AGENCY, CHANNEL, CITY, FIRM, N_CHANNELS, N_CONSTRAINTS, Field, fields_of, rows_of
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
    best = N_CONSTRAINTS
    top = threshold
    for number in range(N_CONSTRAINTS):
        if gains[number] >= top:
            top = gains[number]
            best = number
    return best


@compiled
def observe(world, costs, threshold, out):
    """Write one month's outcomes to `out`, an array (outcomes,)."""
    out[:] = 0.0
    firms = world.firms
    city = world.city
    labour = 0.0
    pieces = 0.0
    for slot in range(int(city[CITY.used_slots])):
        out[OUTCOME.sales_idr] += firms[FIRM.sales, slot]
        out[OUTCOME.exports_idr] += firms[FIRM.export_sales, slot]
        out[OUTCOME.value_added_idr] += firms[FIRM.value_added, slot]
        out[OUTCOME.profit_idr] += firms[FIRM.profit, slot]
        if firms[FIRM.active, slot] == 1.0:
            count_firm(firms, slot, out)
            labour += firms[FIRM.owner_labour, slot] + firms[FIRM.workers, slot]
            pieces += firms[FIRM.output, slot]
            gains = constraint_gains(firms, world.sentras, city, costs, slot)
            out[OUTCOME.constraint_marketing + label_of(gains, threshold)] += 1.0
    out[OUTCOME.output_per_worker] = pieces / labour if labour > 0.0 else 0.0
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


@equation
def count_firm(firms, slot, out):
    """Add one firm in business to the month's counts."""
    out[OUTCOME.firms] += 1.0
    out[OUTCOME.jobs] += firms[FIRM.workers, slot]
    out[OUTCOME.micro + int(firms[FIRM.size_class, slot])] += 1.0
    out[OUTCOME.loans] += 1.0 if firms[FIRM.bank_debt, slot] > 0.0 else 0.0
    out[OUTCOME.materials_idr] += firms[FIRM.material_cost, slot] * firms[FIRM.output, slot]
    out[OUTCOME.output_value_idr] += firms[FIRM.price, slot] * firms[FIRM.output, slot]
    out[OUTCOME.members] += firms[FIRM.member, slot]
    out[OUTCOME.exporters] += firms[FIRM.participates + N_CHANNELS - 1, slot]
