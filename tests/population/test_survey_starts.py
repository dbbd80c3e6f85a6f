"""From a survey to month 0 and on: firms and sales are those of the file, at rest, whatever the file's name."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ovopsim import InputError, Scenario, simulate
from ovopsim.fields import CHANNEL, CITY, FIRM, N_CHANNELS, SENTRA, SENTRAS
from ovopsim.outcomes.monthly import OUTCOME
from ovopsim.policy.canonical import scenario_digest
from ovopsim.population import settling
from ovopsim.population.imputing import PLAIN, SKILLS, monthly_orders, practice_alone
from ovopsim.population.settling import REPRODUCED, RESTED
from ovopsim.population.survey import read_survey
from ovopsim.simulation import MonthZero, calendar_of, month_zero, parameter_values, population_key, run_scenario
from ovopsim.simulation.start import BURN_IN
from ovopsim.state import problems
from tests.population.conftest import FULL, SPARSE, Write, rows_of, start_of

pytestmark = pytest.mark.usefixtures("warm_core")

Array = NDArray[np.float64]


@cache
def start(path: Path) -> MonthZero:
    return start_of(path)


def firms_of(found: MonthZero) -> Array:
    return found.world.firms[:, : found.firms]


def yearly_sales_without_season(found: MonthZero) -> Array:
    """Return the last twelve months' sales over the mean season of each firm's channels in those months."""
    firms = firms_of(found)
    scenario = Scenario(months=1)
    season = calendar_of(scenario, parameter_values(scenario)).season[BURN_IN - 12 : BURN_IN].mean(axis=0)
    orders = firms[FIRM.trailing_orders : FIRM.trailing_orders + N_CHANNELS]
    return firms[FIRM.yearly_sales] / (season @ orders / orders.sum(axis=0))


@pytest.mark.parametrize("path", [FULL, SPARSE], ids=["full", "sparse"])
def test_month_0_has_the_firms_and_the_sales_of_the_file(path: Path) -> None:
    found, survey = start(path), read_survey(path)
    firms = firms_of(found)
    assert found.firms == survey.count == 30
    np.testing.assert_allclose(yearly_sales_without_season(found), survey.columns["yearly_sales_idr"], rtol=1.5e-2)
    rows = PLAIN | SKILLS | {"equipment_idr": FIRM.equipment, "bank_debt_idr": FIRM.bank_debt}
    rows |= {"workers": FIRM.workers, "cash_idr": FIRM.cash}
    for name, row in rows.items():
        known = ~np.isnan(survey.columns[name])
        np.testing.assert_array_equal(firms[row, known], survey.columns[name][known], err_msg=name)
    assert problems(found.world) == []
    assert np.all(found.world.firms[FIRM.active, 30:] == 0.0)


def test_the_city_goes_with_the_firms() -> None:
    world = start(FULL).world
    firms = firms_of(start(FULL))
    np.testing.assert_array_equal(world.sentras[SENTRA.initial_firms], [5, 15, 10])
    assert world.city[CITY.initial_count] == 30
    assert world.city[CITY.month] == 0
    assert world.city[CITY.employed] == pytest.approx(firms[FIRM.workers].sum())
    assert world.city[CITY.start_profit] == pytest.approx(firms[FIRM.smoothed_profit].mean())
    slack = start(FULL).values["population.maker_slack"]
    assert 1.0 - world.city[CITY.employed] / world.city[CITY.makers] == pytest.approx(slack)
    lent = [firms[FIRM.coop_debt, firms[FIRM.sentra] == place].sum() for place in range(len(SENTRAS))]
    np.testing.assert_allclose(world.sentras[SENTRA.lent], lent)
    np.testing.assert_allclose(
        world.sentras[SENTRA.fund] + world.sentras[SENTRA.lent], world.sentras[SENTRA.fund_target]
    )
    share = 1.0 - np.asarray(start(FULL).values["market.outside_share"])
    sold = world.channels[CHANNEL.spending_base] * share
    orders = firms[FIRM.trailing_orders : FIRM.trailing_orders + N_CHANNELS].sum(axis=1)
    np.testing.assert_allclose(sold, orders, rtol=0.02)


def test_settling_stops_at_rest_and_holds_what_it_says_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    settle = settling.settle

    def watched(world: object, *rest: object) -> settling.Settled:
        before = world.firms.copy()  # type: ignore[attr-defined]
        seen.append((before, settle(world, *rest), world.firms.copy()))  # type: ignore[arg-type, attr-defined]
        return seen[-1][1]

    monkeypatch.setattr("ovopsim.population.surveyed.settle", watched)
    start_of(SPARSE, replication=1)
    ((before, settled, after),) = seen
    assert np.abs(settled.difference).max() < REPRODUCED
    assert settled.unrest < RESTED
    assert settled.log_appeal.mean() == pytest.approx(0.0, abs=1e-9)
    held = (FIRM.equipment, FIRM.bank_debt, FIRM.bank_instalment, FIRM.coop_debt, FIRM.coop_instalment, FIRM.arrears)
    held += (FIRM.firm_id, FIRM.active, FIRM.age, FIRM.craft, FIRM.craft_base, FIRM.access_logit, FIRM.member)
    for row in held:
        np.testing.assert_array_equal(after[row], before[row])
    assert np.any(after[FIRM.price] != before[FIRM.price])


def test_firms_that_cannot_be_brought_to_sell_so_much_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "REPRODUCED", 1e-12)
    monkeypatch.setattr(settling, "MOST_INVERSIONS", 1)
    with pytest.raises(
        InputError, match=r"made_up\.csv: line \d+ \(Batik .*\) cannot be brought to sell what the file"
    ):
        start_of(FULL)


def test_notes_say_what_was_not_in_the_file() -> None:
    full, sparse = " ".join(start(FULL).notes), " ".join(start(SPARSE).notes)
    assert "not in the file" not in full
    taught = practice_alone(start(FULL).values, 0)
    learning = int((read_survey(FULL).columns["craft"] < taught).sum())
    assert f"craft: below what practice alone teaches ({taught:.2f}) in {learning} of 30 firms" in full
    assert "Survey of 30 firms: each one's yearly sales at the start are within 0." in sparse
    assert "craft: not in the file; drawn for 30 firms from firms alike" in sparse
    assert "cash_idr: not in the file; follows from the sales of 30 firms." in sparse
    assert "workers: empty for 4 of 30 firms; follows from their sales." in sparse
    assert "licensed: empty for 6 of 30 firms; drawn from firms alike" in sparse
    assert "sells_export:" not in sparse
    indonesian = " ".join(note.in_language("id") for note in start(SPARSE).notes)  # type: ignore[attr-defined]
    assert "craft: tidak ada dalam berkas; diundi untuk 30 usaha" in indonesian


def test_the_state_depends_on_content_and_replication_not_on_the_path(tmp_path: Path) -> None:
    copy = tmp_path / "another name.csv"
    shutil.copy(SPARSE, copy)
    for mine, other in zip(start(SPARSE).world, start_of(copy).world, strict=True):
        np.testing.assert_array_equal(mine, other)
    scenarios = [Scenario(population={"survey": str(path)}) for path in (SPARSE, copy)]
    assert scenario_digest(scenarios[0]) == scenario_digest(scenarios[1])
    assert population_key(scenarios[0]) == population_key(scenarios[1])
    copy.write_text(copy.read_text(encoding="utf-8").replace("590000000", "600000000"), encoding="utf-8")
    assert scenario_digest(scenarios[0]) != scenario_digest(scenarios[1])
    assert population_key(scenarios[0]) != population_key(scenarios[1])
    other = start_of(SPARSE, replication=1)
    assert not np.array_equal(firms_of(other)[FIRM.log_ability], firms_of(start(SPARSE))[FIRM.log_ability])


def test_more_firms_are_drawn_from_the_file_with_markets_that_grow() -> None:
    found = start_of(FULL, firms=120)
    assert found.firms == 120
    assert found.notes[0] == "120 firms, drawn with replacement from the 30 of the file."
    firms = firms_of(found)
    file_sales = read_survey(FULL).columns["yearly_sales_idr"]
    sales = yearly_sales_without_season(found)
    nearest = np.abs(np.log(sales[:, None] / file_sales)).min(axis=1)
    assert nearest.max() < 0.015
    share = 1.0 - np.asarray(found.values["market.outside_share"])
    assert (found.world.channels[CHANNEL.spending_base] * share).sum() == pytest.approx(sales.sum() / 12.0, rel=0.02)
    # firms from one row differ in what is drawn
    twice = firms[:, np.isclose(firms[FIRM.equipment], firms[FIRM.equipment, 0])]
    assert twice.shape[1] > 1
    assert len(np.unique(twice[FIRM.debt_aversion])) > 1


def sparse_rows(**columns: str) -> list[dict[str, object]]:
    return [row | columns for row in rows_of(SPARSE)]


def test_a_channel_in_which_no_firm_sells_has_buyers_who_buy_elsewhere(write: Write) -> None:
    found = start_of(write(sparse_rows(sells_export="no")))
    channels = found.world.channels
    assert "sells_export: yes for no firm; the channel's share of sales is spread over the others." in found.notes
    assert firms_of(found)[FIRM.trailing_orders + 3].sum() == 0.0
    assert channels[CHANNEL.spending_base, 3] > 0.0
    assert channels[CHANNEL.outside_base, 3] > 0.0
    scenario = Scenario(months=12, population={"survey": str(write(sparse_rows(sells_export="no")))})
    run = run_scenario(scenario, found)
    assert np.isfinite(run.monthly).all()
    assert run.monthly[0, OUTCOME.exports_idr] == 0.0


def test_a_channel_that_its_firms_cannot_fill_is_an_error_that_names_file_and_firms(write: Write) -> None:
    rows = sparse_rows(sells_export="no")
    rows[0]["sells_export"] = "yes"
    with pytest.raises(
        InputError, match=r"firms\.csv: line 2 \(Batik Arum \(made up\)\) can sell in export: Rp .*lower"
    ):
        start_of(write(rows))


def test_firms_more_alike_than_chance_makes_them_are_an_error_that_names_the_file(write: Write) -> None:
    path = str(write([*rows_of(FULL)[5:6] * 4]))
    scenario = Scenario(population={"survey": path}, parameters={"market.appeal_sd": 0.7})
    with pytest.raises(InputError, match=r"firms\.csv: log appeal varies over firms by .* market\.appeal_sd \(0\.70\)"):
        month_zero(scenario, 1, 0)


def test_what_does_not_fit_is_noted(write: Write) -> None:
    rows = [row | {"cash_idr": "1000"} for row in rows_of(FULL)]
    rows[0] |= {"workers": "60"}
    found = start_of(write(rows))
    assert re.search(r"workers: not explained by sales in [1-9] of 30 firms", " ".join(found.notes))
    assert "cash_idr: less than a month of business costs in 30 of 30 firms" in " ".join(found.notes)
    assert firms_of(found)[FIRM.workers, 0] == 60.0


def test_amounts_of_another_year_are_the_same_firms(write: Write) -> None:
    rows = [
        row | {name: str(float(row[name]) * 1.1038) for name in row if name.endswith("_idr")} | {"price_year": "2019"}
        for row in rows_of(FULL)
    ]
    np.testing.assert_allclose(firms_of(start_of(write(rows))), firms_of(start(FULL)), rtol=1e-6, atol=1e-6)


def exported(found: MonthZero) -> list[dict[str, object]]:
    """Return a synthetic cluster's firms as a survey."""
    firms = found.world.firms[:, found.world.firms[FIRM.active] == 1.0]
    return [
        {
            "sentra": SENTRAS[int(firm[FIRM.sentra])],
            "yearly_sales_idr": max(1e5, 12.0 * monthly_orders(firm[:, None])[0]),
        }
        for firm in firms.T
    ]


def test_a_survey_of_a_cluster_goes_on_as_the_cluster_does(write: Write) -> None:
    still = {"environment.g_spending": 0.0, "environment.g_real_wage": 0.0}
    scenario = Scenario(months=12, parameters=still)
    before, after = [], []
    for replication in range(32):
        cluster = month_zero(scenario, 1, replication)
        survey = scenario.model_copy(
            update={"population": Scenario(population={"survey": str(write(exported(cluster)))}).population}
        )
        # another seed draws what is missing, and all that happens
        before.append(run_scenario(scenario, cluster).monthly)
        after.append(run_scenario(survey, month_zero(survey, 2, replication)).monthly)
    columns = [OUTCOME.firms, OUTCOME.sales_idr, OUTCOME.jobs, OUTCOME.profit_idr, OUTCOME.value_added_idr]
    for months in (slice(0, 1), slice(0, 4), slice(4, 12)):
        ratio = [np.array(runs)[:, months, columns].mean(axis=(0, 1)) for runs in (after, before)]
        # without idle hands and short stocks, jobs would start a sixth lower
        np.testing.assert_allclose(ratio[0] / ratio[1], 1.0, atol=0.06)


def test_simulate_takes_a_survey() -> None:
    scenario = Scenario(months=3, population={"survey": str(FULL)})
    frame = simulate(scenario, replications=2).to_frame()
    assert (frame["firms"] > 25).all()
    assert frame["sales_idr"].iloc[0] != frame["sales_idr"].iloc[3]
