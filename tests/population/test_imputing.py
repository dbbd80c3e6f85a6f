"""What a survey does not say comes from a firm alike, the same one for all that is missing; what it says is kept."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ovopsim import InputError, Scenario
from ovopsim.draws import key_of
from ovopsim.fields import FIRM, N_CHANNELS
from ovopsim.population.imputing import (
    NEAREST,
    PLAIN,
    SKILLS,
    TAKEN,
    Alike,
    candidates_for_likeness,
    firms_alike,
    impute,
    in_steady_state,
    monthly_orders,
    practice_alone,
)
from ovopsim.population.survey import Survey, read_survey
from ovopsim.population.surveyed import open_channels, resampled
from ovopsim.rules.learning.law import learned
from ovopsim.simulation import MonthZero, month_zero
from ovopsim.state import empty_world
from tests.population.conftest import FULL, SPARSE, Write

pytestmark = pytest.mark.usefixtures("warm_core")

Array = NDArray[np.float64]
KEY = key_of(7, 0)


@cache
def synthetic() -> MonthZero:
    return month_zero(Scenario(), 7, 0)


def filled(survey: Survey) -> tuple[Array, Alike]:
    world = empty_world(survey.count, 1)
    alike = firms_alike(survey, candidates_for_likeness(synthetic().world), KEY)
    impute(world, survey, alike, synthetic().values, KEY)
    return world.firms, alike


def test_a_firm_alike_is_among_the_nearest_in_sales_and_place(write: Write) -> None:
    table = candidates_for_likeness(synthetic().world)
    usual = float(np.median(monthly_orders(table[:, table[FIRM.sentra] == 1.0])))  # where Laweyan has many
    survey = read_survey(write("sentra,yearly_sales_idr\n" + f"laweyan,{12.0 * usual}\n" * 60))
    alike = firms_alike(survey, table, KEY)
    assert np.all(alike.firms[FIRM.sentra] == 1.0)
    here = table[FIRM.sentra] == 1.0
    gaps = np.sort(np.abs(np.log(monthly_orders(table[:, here]) / usual)))
    assert np.abs(np.log(alike.growth)).max() <= gaps[NEAREST - 1] + 1e-12
    assert len(np.unique(alike.growth)) == NEAREST  # sixty draws among eight


def test_what_is_missing_comes_from_one_firm_and_amounts_grow_with_sales() -> None:
    survey = read_survey(SPARSE)
    mine, alike = filled(survey)
    said = {FIRM.sentra, FIRM.technique, FIRM.licensed, PLAIN["sells_export"]}
    # the terms of a loan are cleared where there is none, as is the age of a certificate
    cleared = {FIRM.bank_rate, FIRM.subsidised_rate, FIRM.guaranteed, FIRM.certificate_age}
    for row in set(TAKEN) - said - cleared:
        np.testing.assert_array_equal(mine[row], alike.firms[row])
    np.testing.assert_allclose(mine[FIRM.equipment], alike.growth * alike.firms[FIRM.equipment])
    without = np.isnan(survey.columns["licensed"])
    np.testing.assert_array_equal(mine[FIRM.licensed, without], alike.firms[FIRM.licensed, without])


def test_what_the_file_says_is_kept() -> None:
    survey = read_survey(FULL)
    mine, _ = filled(survey)
    rows = PLAIN | SKILLS | {"equipment_idr": FIRM.equipment, "bank_debt_idr": FIRM.bank_debt}
    for name, row in rows.items():
        np.testing.assert_array_equal(mine[row], survey.columns[name], err_msg=name)
    np.testing.assert_array_equal(mine[FIRM.age], 12.0 * survey.columns["age_years"])
    np.testing.assert_array_equal(mine[FIRM.firm_id], np.arange(30))


def test_only_debtors_have_terms_and_only_certificates_an_age() -> None:
    mine, _ = filled(read_survey(FULL))
    owes = mine[FIRM.bank_debt] > 0.0
    assert owes.any()
    months = mine[FIRM.bank_debt, owes] / mine[FIRM.bank_instalment, owes]
    assert np.all((months > 0.99) & (months < synthetic().values["finance.bank_months"] + 0.01))
    for row in (FIRM.bank_instalment, FIRM.bank_rate, FIRM.guaranteed):
        assert np.all(mine[row, ~owes] == 0.0)
    assert np.all(mine[FIRM.certificate_age, mine[FIRM.certified] == 0.0] == 0.0)
    assert np.all(mine[FIRM.coop_debt, mine[FIRM.member] == 0.0] == 0.0)


def test_draws_are_the_firm_s_own() -> None:
    survey = read_survey(SPARSE)
    mine, _ = filled(survey)
    first, _ = filled(survey.taken(range(10)))
    np.testing.assert_array_equal(first[:, :10], mine[:, :10])
    other = firms_alike(survey, candidates_for_likeness(synthetic().world), key_of(7, 1))
    assert not np.array_equal(other.firms[FIRM.log_ability], mine[FIRM.log_ability])


def test_a_cluster_without_firms_lends_none() -> None:
    with pytest.raises(InputError, match="no synthetic firm from which missing values could be drawn"):
        candidates_for_likeness(empty_world(5, 1))


@given(st.integers(0, 3), st.floats(0.01, 0.99))
def test_a_known_skill_is_at_rest_or_still_being_learned(skill: int, value: float) -> None:
    values = synthetic().values
    rows = np.zeros((3, 2))
    in_steady_state(rows, np.array([value, np.nan]), values, skill)
    np.testing.assert_array_equal(rows[:, 1], 0.0)
    now, base, origin = rows[:, 0]
    assert now == value
    rates = [float(values[f"learning.{name}"][skill]) for name in ("practice", "fade", "habit", "erosion")]
    later, _ = learned(now, base, origin, *rates, values["learning.plain_use"])
    if value > practice_alone(values, skill) + 1e-9:
        assert later == pytest.approx(now, abs=1e-12)
        assert origin > 0.0
    elif value < practice_alone(values, skill) - 1e-9:
        assert later > now
        assert origin == 0.0


def test_rows_are_drawn_with_replacement_when_more_or_fewer_firms_are_wanted() -> None:
    survey = read_survey(FULL)
    assert resampled(survey, 30, KEY) is survey
    many = resampled(survey, 3000, KEY)
    assert many.count == 3000
    chosen, counts = np.unique(many.columns["yearly_sales_idr"], return_counts=True)
    assert set(chosen) == set(survey.columns["yearly_sales_idr"])
    expected = [100 * np.sum(survey.columns["yearly_sales_idr"] == value) for value in chosen]
    np.testing.assert_allclose(counts, expected, atol=50)
    place = many.names.index("line 4 (Batik Cahya (made up))")
    assert many.columns["workers"][place] == survey.columns["workers"][2]
    assert resampled(survey, 3000, KEY).names == many.names
    assert resampled(survey, 3000, key_of(7, 1)).names != many.names


def sellers(firms: Array) -> Array:
    return firms[FIRM.participates : FIRM.participates + N_CHANNELS]


def test_channels_are_opened_to_the_largest_until_all_can_be_filled(write: Write) -> None:
    text = "sentra,yearly_sales_idr\n" + "".join(f"laweyan,{size}00000000\n" for size in range(1, 11))
    survey = read_survey(write(text))
    firms = empty_world(10, 1).firms
    sellers(firms)[0] = 1.0
    sales = survey.columns["yearly_sales_idr"] / 12.0
    assert open_channels(firms, survey, sales, synthetic().values) >= 3
    assert sellers(firms)[3, -1] == 1.0
    assert sellers(firms)[:, 0].sum() == 1.0  # the smallest stays at home
    assert open_channels(firms, survey, sales, synthetic().values) == 0


def test_a_channel_that_the_file_closes_stays_closed(write: Write) -> None:
    text = "sentra,yearly_sales_idr,sells_export\n" + "laweyan,100000000,no\n" * 5
    survey = read_survey(write(text))
    firms = empty_world(5, 1).firms
    sellers(firms)[0] = 1.0
    open_channels(firms, survey, survey.columns["yearly_sales_idr"] / 12.0, synthetic().values)
    assert sellers(firms)[3].sum() == 0.0
    assert sellers(firms)[1].any()
