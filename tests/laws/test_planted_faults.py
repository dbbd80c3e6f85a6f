"""Each planted fault is noticed by the check that names it, and the check is silent without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.laws.faults import notices, planted
from tests.laws.zoo import ZOO

CHECKS = sorted({fault.check for fault in ZOO.values()}, key=lambda check: check.__name__)

pytestmark = pytest.mark.usefixtures("warm_core")  # the city is drawn by compiled code


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_without_a_fault_the_check_is_silent(check: Callable[..., None]) -> None:
    assert notices(check, {}) is None


@pytest.mark.parametrize("name", ZOO)
def test_the_fault_is_noticed(name: str) -> None:
    assert notices(ZOO[name].check, ZOO[name].edits) is not None


def test_the_zoo_is_large_and_its_checks_many() -> None:
    assert len(ZOO) >= 12
    assert len(CHECKS) >= 10


def test_a_fault_is_gone_after_it_was_planted() -> None:
    from ovopsim.rules import production

    before = production.pay_workers
    with planted({"rules.production:pay_workers": {"slot, due)": "slot, 2.0 * due)"}}):
        assert production.pay_workers is not before
    assert production.pay_workers is before


def test_an_edit_that_does_not_fit_the_source_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 times"), planted({"rules.production:pay_workers": {"no such text": ""}}):
        pass
