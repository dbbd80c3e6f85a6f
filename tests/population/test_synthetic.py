"""The drawn cluster keeps its published margins, learned attributes at rest, and begins month 0 without a jump."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ovopsim import Scenario
from ovopsim.fields import CITY, FIRM, N_CHANNELS, SENTRAS
from ovopsim.packing import read_costs, read_learning
from ovopsim.population import notes
from ovopsim.population.city import channel_mix
from ovopsim.population.demand import feasible_sales
from ovopsim.population.imputing import monthly_orders
from ovopsim.population.month_zero import sentra_counts
from ovopsim.population.quiet import QuietMonths
from ovopsim.population.synthetic import AT_REST, draw_population
from ovopsim.rules.learning.law import learned, learned_access
from ovopsim.running import Results
from ovopsim.simulation import MonthZero, month_zero, run_scenario

pytestmark = pytest.mark.usefixtures("warm_core")

Array = NDArray[np.float64]
WORLDS = 24
NO_TRENDS = {"environment.g_spending": 0.0, "environment.g_outside_price": 0.0, "environment.g_real_wage": 0.0}
STILL = Scenario(months=4, parameters=NO_TRENDS)
SKILL_ROWS = (FIRM.craft, FIRM.management, FIRM.bookkeeping, FIRM.technology)


@cache
def starts(firms: int | None = None, worlds: int = WORLDS) -> tuple[MonthZero, ...]:
    population = {"synthetic": "surakarta", "firms": firms}
    scenario = STILL.model_copy(update={"population": Scenario(population=population).population})
    return tuple(month_zero(scenario, 1, replication) for replication in range(worlds))


def in_business(start: MonthZero) -> Array:
    return start.world.firms[:, start.world.firms[FIRM.active] == 1.0]


def orders_by_channel(firms: Array) -> Array:
    return firms[FIRM.trailing_orders : FIRM.trailing_orders + N_CHANNELS].sum(axis=1)


def test_each_sentra_keeps_its_firms_each_channel_its_share_and_firms_their_sales() -> None:
    tables = [in_business(start) for start in starts()]
    values = starts()[0].values
    published = np.asarray(values["population.sentra_firms"], dtype=float)
    counts = np.mean(
        [[(table[FIRM.sentra] == place).sum() for place in range(len(SENTRAS))] for table in tables], axis=0
    )
    np.testing.assert_allclose(counts, published, rtol=0.12)
    assert counts.sum() == pytest.approx(published.sum(), rel=0.06)
    mix = np.mean([orders_by_channel(table) / orders_by_channel(table).sum() for table in tables], axis=0)
    np.testing.assert_allclose(mix, channel_mix(values), atol=0.02)
    mean = np.mean([monthly_orders(table).sum() / table.shape[1] for table in tables])
    assert mean == pytest.approx(values["population.sales_per_firm"], rel=0.07)


def state(firms: Array) -> list[float]:
    """Return sales, mean price, stock, cash and workers of the firms in business."""
    table = firms[:, firms[FIRM.active] == 1.0]
    rows = (FIRM.inventory, FIRM.cash, FIRM.workers)
    return [float(firms[FIRM.sales].sum()), float(table[FIRM.price].mean()), *(float(table[row].sum()) for row in rows)]


def test_month_0_has_no_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    run, before = QuietMonths.run, []

    def month_by_month(self: QuietMonths, first: int, months: int) -> Results:
        if months != AT_REST:
            return run(self, first, months)
        path = []
        for month in range(months):
            results = run(self, first + month, 1)
            path.append(state(self.world.firms))
        before.append(path[-12:-8])
        return results

    monkeypatch.setattr(QuietMonths, "run", month_by_month)
    after = []
    for replication in range(WORLDS):
        kept = run_scenario(STILL, month_zero(STILL, 1, replication), range(4)).snapshots
        after.append([state(firms) for firms in kept])
    # the same four calendar months of the last year of burn-in and of the first year, averaged over months and worlds
    change = np.log(np.mean(after, axis=(0, 1)) / np.mean(before, axis=(0, 1)))
    # about three standard errors of these means; a cluster settled without chance has a tenth of the workers too few
    assert np.all(np.abs(change) < [0.04, 0.02, 0.09, 0.03, 0.05]), change


def test_more_firms_in_larger_markets_keep_the_averages() -> None:
    def averages(firms: int) -> Array:
        tables = [in_business(start) for start in starts(firms, 10)]
        together = np.concatenate(tables, axis=1)
        sizes = np.array([table.shape[1] for table in tables]) / firms
        mix = orders_by_channel(together) / orders_by_channel(together).sum()
        means = [monthly_orders(together).mean() / 1e7, together[FIRM.workers].mean(), together[FIRM.cash].mean() / 1e7]
        return np.array([sizes.mean(), *mix, *means, together[FIRM.craft].mean(), together[FIRM.log_price].mean()])

    np.testing.assert_allclose(averages(400), averages(200), rtol=0.08, atol=0.02)


def test_a_number_of_firms_is_spread_over_the_sentras_and_met() -> None:
    values = starts()[0].values
    np.testing.assert_array_equal(sentra_counts(values), [30, 93, 77])
    np.testing.assert_array_equal(sentra_counts(values, 400), [60, 186, 154])
    for firms in (1, 7, 99, 1234):
        assert sentra_counts(values, firms).sum() == firms


@pytest.fixture(scope="module")
def first_day() -> tuple[Array, MonthZero]:
    start = starts()[0]
    counts = np.array([300.0, 300.0, 300.0])
    return draw_population(start.values, start.row, counts, start.key).firms[:, :900], start


def test_skills_are_drawn_at_rest_under_constant_practice(first_day: tuple[Array, MonthZero]) -> None:
    firms, start = first_day
    law = read_learning(start.row)
    for place, row in enumerate(SKILL_ROWS):
        for value, base, origin in firms[row : row + 3].T:
            rates = law.practice[place], law.fade[place], law.habit[place], law.erosion[place]
            assert learned(value, base, origin, *rates, law.plain_use) == pytest.approx((value, base), abs=1e-12)
            assert origin >= 0.0


def test_an_origin_below_0_is_0_and_the_skill_what_practice_alone_teaches(first_day: tuple[Array, MonthZero]) -> None:
    firms, start = first_day
    costs = read_costs(start.row)
    for place, row in enumerate(SKILL_ROWS):
        came_with_nothing = firms[row + 2] == 0.0
        assert came_with_nothing.any()
        pull = costs.practice_pull[place]
        np.testing.assert_allclose(firms[row, came_with_nothing], pull / (1.0 + pull))


def test_access_is_drawn_at_rest_under_constant_practice(first_day: tuple[Array, MonthZero]) -> None:
    firms, start = first_day
    law = read_learning(start.row)
    rates = law.access_fade, law.access_habit, law.access_erosion
    for channel in range(N_CHANNELS):
        for slot in range(0, 900, 50):
            value, base, origin = (
                firms[row + channel, slot] for row in (FIRM.access_logit, FIRM.access_base, FIRM.access_origin)
            )
            gain = law.access_practice[channel]
            assert learned_access(value, base, origin, gain, *rates, law.plain_use) == pytest.approx((value, base))


def test_the_first_day_sells_the_mix_and_the_mean(first_day: tuple[Array, MonthZero]) -> None:
    firms, start = first_day
    orders = orders_by_channel(firms)
    np.testing.assert_allclose(orders / orders.sum(), channel_mix(start.values), rtol=1e-9)
    assert orders.sum() / 900 == pytest.approx(start.values["population.sales_per_firm"])
    appeal = firms[FIRM.appeal_mean] + firms[FIRM.appeal_state]
    assert appeal.mean() == pytest.approx(0.0, abs=1e-9)


def test_a_world_depends_on_seed_and_replication_and_nothing_else() -> None:
    again = month_zero(STILL.model_copy(update={"months": 99, "name": "Another"}), 1, 3)
    for mine, other in zip(starts()[3].world, again.world, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert not np.array_equal(starts()[3].world.firms, starts()[4].world.firms)
    assert starts()[3].world.city[CITY.month] == 0.0


def test_origins_below_0_are_counted_in_a_note() -> None:
    start = starts()[0]
    craft = int((in_business(start)[FIRM.craft_origin] == 0.0).sum())
    (note,) = (note for note in start.notes if f"craft {craft}" in note)
    assert f"of {start.firms} firms" in note
    assert isinstance(note, notes.Note)
    assert f"craft {craft}" in note.in_language("id")
    assert note.in_language("id") != note == note.in_language("en")


def test_margins_that_are_missed_are_noted() -> None:
    start = starts()[0]
    counts = np.bincount(in_business(start)[FIRM.sentra].astype(int), minlength=3).astype(float)
    mean = monthly_orders(in_business(start)).sum() / start.firms
    mix = orders_by_channel(in_business(start))
    met: dict[str, Any] = start.values | {"population.sales_per_firm": mean, "market.channel_mix": mix}
    assert [*notes.margin_notes(start.world, met, counts)] == []
    missed = met | {"population.sales_per_firm": 1.5 * mean, "market.channel_mix": np.roll(mix, 1)}
    found = " ".join(notes.margin_notes(start.world, missed, counts + np.array([40.0, 0.0, 0.0])))
    assert f"Firms in kauman: {counts[0]:.0f} at the start, published {counts[0] + 40:.0f}." in found
    assert "Firms in laweyan" not in found
    assert "Share of sales in channel export:" in found
    assert "Mean sales of a firm: Rp" in found


def test_a_small_sample_that_cannot_fill_a_channel_fills_what_it_can() -> None:
    """World 61 of a hundred firms has too few exporters for the published share of exports."""
    start = month_zero(Scenario(population={"synthetic": "surakarta", "firms": 100}), 1, 61)
    assert start.firms > 60
    assert np.isfinite(start.world.firms).all()


def test_sales_that_can_be_made_are_left_as_they_are() -> None:
    pulls, orders = np.array([[1.0, 1.0], [2.0, 1.0]]), np.array([10.0, 20.0])
    sales = np.array([18.0, 12.0])
    assert feasible_sales(pulls, orders, sales) == pytest.approx(sales, rel=1e-15)


def test_sales_that_cannot_be_made_move_towards_those_of_the_firms_alone() -> None:
    pulls, orders = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([20.0, 10.0])
    found = feasible_sales(pulls, orders, np.array([15.0, 15.0]))
    assert found.sum() == pytest.approx(30.0)
    assert 5.0 <= found[1] < 10.0, "firm 1 alone can sell in the second channel, and no more than its ten"
