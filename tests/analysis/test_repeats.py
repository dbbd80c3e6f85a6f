"""What repeated draws are worth: as many as there are rows where rows say all, all of them where rows say nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovopsim.analysis import ranking, variance_tables
from ovopsim.analysis.ranking import share_interval
from ovopsim.analysis.repeats import worth
from ovopsim.analysis.variance import components, share_errors
from ovopsim.analysis.variance_tables import effects_row
from ovopsim.fields import Reals

TIMES = np.array([6, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1])
ROWS = np.repeat(np.arange(len(TIMES)), TIMES)
KISH = TIMES.sum() ** 2 / (TIMES**2).sum()


def test_draws_that_only_repeat_rows_are_worth_kishs_number() -> None:
    found = np.random.default_rng(1).normal(size=len(TIMES))[ROWS]
    assert worth(found, ROWS) == pytest.approx(KISH)


def test_draws_that_have_nothing_in_common_are_worth_all() -> None:
    found = np.random.default_rng(1).normal(size=(len(ROWS), 4000))
    # the correlation is estimated, and what comes out below zero counts as zero
    assert np.mean([worth(each, ROWS) for each in found.T]) > 0.8 * len(ROWS)
    assert worth(found[:, 0], None) == len(ROWS)
    assert worth(found[:, 0], np.arange(len(ROWS))) == len(ROWS)
    assert worth(found[:, 0], np.zeros(len(ROWS), dtype=int)) == pytest.approx(
        len(ROWS)
    )  # one row: what differs is the rest


def repeated(random: np.random.Generator) -> Reals:
    """Return effects (draws, 1, worlds) around 1; draws of one row are one, as where a posterior says all numbers."""
    own, world, both = random.normal(size=len(TIMES)), random.normal(size=4), random.normal(size=(len(TIMES), 4))
    return 1.0 + (own[:, None] + 0.5 * world + both)[ROWS][:, None, :]


def test_intervals_hold_the_mean_as_often_as_they_say_where_draws_repeat() -> None:
    random = np.random.default_rng(3)
    found = [repeated(random) for _ in range(600)]
    held = {
        counted: np.mean(
            [row["low"] <= 1.0 <= row["high"] for row in (effects_row(each, 1.0, counted) for each in found)]
        )
        for counted in (KISH, None)
    }
    assert 0.93 <= held[KISH] <= 0.985
    assert held[None] < 0.92  # so that the line above can fail


def test_the_split_is_unbiased_where_draws_repeat() -> None:
    random = np.random.default_rng(3)
    found = [components(repeated(random), KISH) for _ in range(1500)]
    assert np.mean([each.parameters for each in found]) == pytest.approx(1.0, rel=0.08)
    assert np.mean([each.chance for each in found]) == pytest.approx(1.25, rel=0.06)


def test_shares_are_less_sure_where_draws_repeat() -> None:
    values = repeated(np.random.default_rng(3))
    all_of_them, fewer = (share_errors(values, counted) for counted in (None, KISH))
    assert fewer["parameters_error"] > 1.05 * all_of_them["parameters_error"]


def test_tables_count_what_draws_are_worth() -> None:
    values = {("A", "jobs"): repeated(np.random.default_rng(4)), ("B", "jobs"): repeated(np.random.default_rng(5))}
    effects = variance_tables.tables(values, {"jobs": 1.0}, rows=ROWS)["effects"]
    assert effects["draws_worth"].to_list() == pytest.approx([KISH, KISH])
    found = ranking.tables(values, {"jobs": 1.0}, "None", ROWS)
    for table, share in (("best", "best"), ("beats", "beats")):
        for row in found[table].to_dict("records"):
            assert (row["low"], row["high"]) == pytest.approx(share_interval(row[share], KISH))
    assert math.isclose(variance_tables.tables(values, {"jobs": 1.0})["effects"]["draws_worth"].iloc[0], len(ROWS))
