"""What cannot be run is refused before anything runs."""

from __future__ import annotations

import pytest

from ovopsim.errors import InputError
from ovopsim.study.plan import check_numbers, planned
from tests.small import small

PAIR = {"Nothing": small(), "Fairs": small("Fairs")}


def test_the_first_is_the_baseline_and_the_last_month_is_kept() -> None:
    plan = planned(PAIR)
    assert (plan.baseline, plan.replications, plan.seed, plan.n_jobs) == ("Nothing", 64, 1, None)
    assert plan.keep_months == (23,)
    assert planned(PAIR, "Fairs", keep_months=[5, 3, 5]).keep_months == (3, 5)
    assert planned(PAIR, keep_months=[]).keep_months == ()


def test_numbers_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="replications: is 1; an interval needs at least 2"):
        check_numbers(1, 0, None, least=2)
    with pytest.raises(InputError, match="replications: is 0; give at least 1"):
        check_numbers(0, 0, None)
    with pytest.raises(InputError, match="seed: is -1; give 0 or more"):
        check_numbers(2, -1, None)
    with pytest.raises(InputError, match="n_jobs: is 0"):
        check_numbers(2, 0, 0)
    check_numbers(1, 0, 1)
