"""The split of variance: formulas by hand, unbiased on made-up data, adding up, honest about what is below zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovopsim.analysis.variance import SOURCES, Components, components, mean_squares
from ovopsim.analysis.variance_tables import adequacy_row, effects_row, tables, variance_row
from ovopsim.fields import Reals

SHOCK = np.array([0.0, -1.0, 0.5, 2.0])  # what each of four shocks adds
SD = {"D": 2.0, "R": 0.8, "DS": 1.2, "DR": 1.5, "SR": 0.6, "DSR": 0.9}


def made_up(random: np.random.Generator, draws: int, worlds: int, sd: dict[str, float] | None = None) -> Reals:
    """Return effects (draws, shocks, worlds) whose terms have the standard deviations above."""
    sizes = {"D": draws, "S": len(SHOCK), "R": worlds}
    values = np.zeros(tuple(sizes.values())) + 3.0 + SHOCK[None, :, None]
    for term, spread in (sd or SD).items():
        values += random.normal(0.0, spread, [size if name in term else 1 for name, size in sizes.items()])
    return values


def truth() -> dict[str, float]:
    """Return the variances of a draw, shock and world taken at random, by hand."""
    # over four shocks, independent terms have 3/4 of their variance within a draw or world, 1/4 between them
    within, between = 0.75, 0.25
    square = {term: spread**2 for term, spread in SD.items()}
    return {
        "parameters": square["D"] + between * square["DS"],
        "shocks": float(SHOCK.var()) + within * square["DS"],
        "chance": square["R"] + square["DR"] + square["SR"] + square["DSR"],
    }


def averaged(draws: int, worlds: int, times: int = 600) -> tuple[dict[str, float], dict[str, float]]:
    """Return means of estimates over made-up data sets, and their standard errors."""
    random = np.random.default_rng(7)
    found = [components(made_up(random, draws, worlds)) for _ in range(times)]
    each = {source: np.array([getattr(one, source) for one in found]) for source in SOURCES}
    return (
        {source: float(values.mean()) for source, values in each.items()},
        {source: float(values.std(ddof=1)) / math.sqrt(times) for source, values in each.items()},
    )


@pytest.mark.parametrize("worlds", [2, 12])
def test_estimates_are_unbiased_however_many_worlds(worlds: int) -> None:
    means, errors = averaged(draws=8, worlds=worlds)
    for source, wanted in truth().items():
        assert abs(means[source] - wanted) < 4.0 * errors[source], source
        assert errors[source] < 0.1 * wanted, source  # so that the line above can fail


def test_a_plain_variance_of_means_would_be_biased() -> None:
    random = np.random.default_rng(3)
    plain = [made_up(random, 8, 2).mean(axis=(1, 2)).var(ddof=1) for _ in range(600)]
    assert np.mean(plain) > 1.15 * truth()["parameters"]


def test_mean_squares_by_hand() -> None:
    values = np.array([[[1.0, 3.0]], [[5.0, 11.0]]])
    found = mean_squares(values)
    assert found["D"] == pytest.approx(72.0 / 2)  # rows 2 and 8 around 5, two runs each
    assert found["R"] == pytest.approx(16.0)  # columns 3 and 7 around 5, two runs each
    assert found["DR"] == pytest.approx(4.0)
    assert {found[term] for term in ("S", "DS", "SR", "DSR")} == {0.0}
    split = components(values)
    assert split.parameters == pytest.approx((36.0 - 4.0) / 2)
    assert split.chance == pytest.approx((16.0 - 4.0) / 2 + 4.0)
    assert split.shocks == 0.0


def between_worlds(values: Reals, spread: int) -> float:
    """Return the mean covariance of two different worlds over draws (axis 0, as a sample) or shocks (1, as a list)."""
    table = (values.mean(axis=1) if spread == 0 else values.swapaxes(0, 1)).reshape(values.shape[spread], -1)
    worlds = values.shape[2]
    found = []
    for block in table.reshape(len(table), -1, worlds).swapaxes(0, 1):
        both = np.cov(block, rowvar=False, ddof=1 - spread)
        found.append((both.sum() - np.trace(both)) / (worlds * (worlds - 1)))
    return float(np.mean(found))


@given(st.integers(2, 6), st.integers(2, 4), st.integers(2, 5), st.integers(0, 10_000))
def test_sources_are_what_worlds_share_and_what_they_do_not(draws: int, shocks: int, worlds: int, seed: int) -> None:
    """Two worlds have draws and shocks in common, and no chance: another way to the same estimates."""
    values = np.random.default_rng(seed).normal(size=(draws, shocks, worlds))
    split = components(values)
    assert split.parameters == pytest.approx(between_worlds(values, 0))
    assert split.shocks == pytest.approx(between_worlds(values, 1))
    assert split.chance == pytest.approx(values.var(axis=2, ddof=1).mean())
    kept = {source: max(0.0, getattr(split, source)) for source in SOURCES}
    assert split.shares() == pytest.approx({source: value / sum(kept.values()) for source, value in kept.items()})


@given(st.integers(2, 6), st.integers(1, 4), st.integers(2, 5), st.integers(0, 10_000))
def test_sums_of_squares_add_up(draws: int, shocks: int, worlds: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(draws, shocks, worlds))
    squares = mean_squares(values)
    free = {"D": draws - 1, "S": shocks - 1, "R": worlds - 1}
    total = sum(square * math.prod(free[name] for name in term) for term, square in squares.items())
    assert total == pytest.approx(float(((values - values.mean()) ** 2).sum()))


def test_what_is_below_zero_counts_as_zero_and_is_named() -> None:
    split = Components(
        chance=3.0,
        parameters=-0.5,
        shocks=1.0,
        interaction=-2.0,
        standard_error=1.0,
        freedom=3.0,
        reliability=0.0,
    )
    assert split.shares() == {"chance": 0.75, "parameters": 0.0, "shocks": 0.25}
    assert split.negative() == ("parameters",)
    values = np.array([[[-1.0, 1.0]], [[1.0, -1.0]]])  # draws have equal means, less than chance would give
    row = variance_row(values, 10.0)
    assert row["below_zero"] == "parameters"
    assert (row["parameters"], row["parameters_sd"]) == (0.0, 0.0)


# few draws, and few worlds that all draws share: then it is worlds by which shares stray
@pytest.mark.parametrize(
    ("draws", "worlds", "sd"), [(24, 4, SD), (32, 6, SD | {"D": 1.0, "R": 1.5, "DS": 0.2, "DR": 0.3})]
)
def test_the_jackknife_says_how_far_shares_vary_between_data_sets(
    draws: int, worlds: int, sd: dict[str, float]
) -> None:
    random = np.random.default_rng(13)
    rows = [variance_row(made_up(random, draws, worlds, sd), 1.0) for _ in range(150)]
    for source in SOURCES:
        spread = np.std([row[source] for row in rows])
        error = np.sqrt(np.mean([row[f"{source}_error"] ** 2 for row in rows]))
        assert 0.9 * spread < error < 1.6 * spread, source


@pytest.mark.parametrize("shape", [(2, 3), (3, 2)])
def test_of_two_draws_or_worlds_there_is_no_jackknife(shape: tuple[int, int]) -> None:
    assert math.isnan(variance_row(made_up(np.random.default_rng(13), *shape), 1.0)["chance_error"])


def test_where_nothing_varies_there_are_no_shares() -> None:
    row = variance_row(np.zeros((3, 2, 2)), 1.0)
    assert all(math.isnan(row[source]) for source in SOURCES)
    assert row["below_zero"] == ""


@pytest.mark.parametrize("shape", [(1, 1, 4), (4, 1, 1)])
def test_one_draw_or_world_is_too_few(shape: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="two draws and two worlds"):
        components(np.zeros(shape))


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    random = np.random.default_rng(11)
    wanted = 3.0 + SHOCK.mean()
    rows = [effects_row(made_up(random, 16, 5), 1.0) for _ in range(400)]
    held = np.mean([row["low"] <= wanted <= row["high"] for row in rows])
    assert 0.92 <= held <= 0.99


def test_effects_are_over_the_level() -> None:
    values = np.arange(1.0, 21.0)[:, None, None] + np.zeros((20, 1, 2))
    row = effects_row(values, -50.0)
    assert (row["mean"], row["relative"], row["positive"]) == (10.5, 0.21, 1.0)
    assert row["relative_draw_low"] < row["relative"] < row["relative_draw_high"]
    assert 0.0 < row["relative_low"] < row["relative"] < row["relative_high"]
    assert row["draw_low"] == pytest.approx(1.95)  # draws have no chance in them, and none is taken off
    assert math.isnan(effects_row(values, 0.0)["relative"])


def test_what_draws_say_has_no_chance_in_it() -> None:
    random = np.random.default_rng(17)
    # a mean of 0.1 with a standard deviation of 0.1 over draws; chance in a draw's mean is about as much
    found = [
        effects_row(0.1 + random.normal(0.0, 0.1, (400, 1, 1)) + random.normal(0.0, 0.3, (400, 1, 8)), 1.0)
        for _ in range(40)
    ]
    width = np.mean([row["draw_high"] - row["draw_low"] for row in found])
    assert width == pytest.approx(2.0 * 1.644854 * 0.1, rel=0.1)
    assert np.mean([row["positive"] for row in found]) == pytest.approx(0.841, abs=0.03)


def test_where_draws_differ_less_than_chance_they_are_one() -> None:
    values = np.array([[[0.0, 3.0]], [[2.0, 1.0]], [[2.0, 1.0]]])  # rows have one mean, but chance
    row = effects_row(values, 1.0)
    assert (row["draw_low"], row["draw_high"], row["positive"]) == (1.5, 1.5, 1.0)
    assert row["clear"] == 0


def test_enough_worlds_make_the_mean_narrow_against_what_parameters_change() -> None:
    random = np.random.default_rng(5)
    loud = {"D": 1.0, "R": 4.0, "DR": 0.1}
    few, many = (adequacy_row(made_up(random, 30, worlds, loud), 100.0) for worlds in (4, 1600))
    assert not few["adequate"]
    assert many["adequate"]
    # half-width 1.96 · 4 / √n at most a quarter of the spread
    spread = 100.0 * many["parameters_sd"]
    assert many["replications_adequate"] == pytest.approx((1.96 * 4.0 / (0.25 * spread)) ** 2, rel=0.1)
    assert many["replications_needed"] == pytest.approx((1.96 * 4.0 / 1.0) ** 2, rel=0.1)
    assert many["reliability"] > 0.98
    finer = adequacy_row(made_up(random, 30, 40, loud), 100.0, precision=0.005)
    assert finer["replications_needed"] > 2.5 * many["replications_needed"]


def test_tables_have_a_row_for_each_arm_and_outcome() -> None:
    values = {("A", "jobs"): np.ones((2, 1, 2)), ("B", "jobs"): made_up(np.random.default_rng(1), 3, 3)}
    found = tables(values, {"jobs": 4.0})
    assert {name: len(table) for name, table in found.items()} == {"effects": 2, "variance": 2, "adequacy": 2}
    assert found["effects"]["relative"].iloc[0] == 0.25
    # nothing varies: no number of worlds makes zero narrow against zero
    assert found["adequacy"]["replications_adequate"].isna().to_list() == [True, False]
