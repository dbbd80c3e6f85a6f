"""What nobody knows: paths with priors, and scenarios in which they have other values."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.errors import InputError
from ovopsim.parameters.variation import uncertain_leaves
from ovopsim.policy import Scenario, builtin_levers, value_of
from ovopsim.study import unknowns
from ovopsim.study.unknowns import lever_records, uncertain_paths, unknowns_of, values_at, with_values

SIZE = "levers.management_training.effects.0.by"


def test_all_uncertain_parameters_and_quantities_of_levers_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(uncertain_leaves()) <= {each.path for each in unknowns_of()}
    record = lever_records()[SIZE].changed(uncertain=True)
    monkeypatch.setattr(unknowns, "lever_records", lambda: {SIZE: record})
    assert uncertain_paths() == (*uncertain_leaves(), SIZE)
    assert unknowns_of("uncertain")[-1].path == SIZE


def test_every_quantity_of_a_lever_can_be_moved() -> None:
    for path, record in lever_records().items():
        found = with_values(Scenario(), {path: record.value_of()})
        assert found.levers[path.split(".")[1]].about == builtin_levers()[path.split(".")[1]].about


def test_shares_become_values_of_the_priors_and_of_given_ends() -> None:
    found = unknowns_of({"planning.cover": None, SIZE: None, "mine": (2.0, 4.0)})
    first, last = values_at(found, np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]))
    assert (first["planning.cover"], first["mine"], last["mine"]) == (1.2, 2.0, 4.0)
    prior = lever_records()[SIZE].prior
    assert prior is not None
    assert (first[SIZE], last[SIZE]) == pytest.approx(prior[1:])
    assert found[0].shipped == Scenario().changed().parameters.get("planning.cover", found[0].shipped)
    assert found[2].shipped is None


def test_a_scenario_has_other_values_in_the_named_places_only() -> None:
    base = Scenario(levers={"exhibition": {"unit_cost": 5e6}}, parameters={"planning.cover": 1.5})
    found = with_values(base, {SIZE: 0.321, "levers.exhibition.capacity": 7.0, "accounts.leak": 0.2})
    assert found.parameters == {"planning.cover": 1.5, "accounts.leak": 0.2}
    assert found.levers["management_training"].effects[0].size == 0.321
    exhibition, shipped = found.levers["exhibition"], builtin_levers()["exhibition"]
    assert (exhibition.capacity, exhibition.unit_cost) == (7.0, 5e6)
    assert exhibition.effects == shipped.effects
    rest = found.levers["management_training"].changed(effects=builtin_levers()["management_training"].effects)
    assert rest == builtin_levers()["management_training"]
    assert value_of(base.levers["exhibition"].unit_cost) == 5e6


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([], "give at least one path"),
        (["planning.covr"], "'planning.covr' is no parameter; did you mean 'planning.cover'"),
        (["market.channel_mix"], "'market.channel_mix' has several values"),
        (
            ["levers.exhibition.unit_cots"],
            "is no number of a shipped lever; did you mean 'levers.exhibition.unit_cost'",
        ),
        ({"planning.cover": (2.0, 1.0)}, r"give \[low, high\], the lower first"),
        ({"planning.cover": "high"}, r"give \[low, high\]"),
    ],
)
def test_what_cannot_be_found_out_is_refused(chosen: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        unknowns_of(chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path", ["levers.exhibitoin.unit_cost", "levers.exhibition.effects.9.by", "levers.exhibition.x"]
)
def test_a_place_that_no_lever_has_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="lever"):
        with_values(Scenario(), {path: 1.0})
