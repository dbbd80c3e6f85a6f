"""A scenario changed by dotted paths."""

from __future__ import annotations

import numpy as np
import pytest

from ovopsim.errors import InputError
from ovopsim.policy import Scenario, default_programme
from ovopsim.policy.effects import value_of
from ovopsim.policy.quantities import shipped_quantities
from ovopsim.policy.settings import changed_by, check_paths, full_path, setting_paths, varied_name

BASE = Scenario(programme=default_programme())


def test_every_path_names_something_that_a_scenario_takes() -> None:
    values = {
        "start": "2017-01",
        "size_law": "pp_2021",
        "population.survey": None,
        "programme.targeting": "ablest_first",
        "programme.multi_year": True,
    }
    for path in setting_paths(BASE):
        if path.startswith(("parameters.", "programme.shares.", "levers.")) or path == "population.survey":
            continue
        changed = changed_by(BASE, {path: values.get(path, 1)})
        assert isinstance(changed, Scenario), path


def test_short_forms_are_the_full_ones() -> None:
    short = changed_by(BASE, {"shares.exhibition": 0.4, "market.outside_share.export": 0.9})
    full = changed_by(BASE, {"programme.shares.exhibition": 0.4, "parameters.market.outside_share.export": 0.9})
    assert short == full
    assert full.parameters == {"market.outside_share.export": 0.9}


def test_shares_that_are_set_leave_the_others_in_proportion() -> None:
    shares = changed_by(BASE, {"shares.exhibition": 0.4}).programme.shares  # type: ignore[union-attr]
    before = default_programme().shares
    assert shares["exhibition"] == 0.4
    assert sum(shares.values()) == pytest.approx(1.0)
    others = [name for name in before if name != "exhibition"]
    ratios = [shares[name] / before[name] for name in others]
    assert np.ptp(ratios) == pytest.approx(0.0, abs=1e-12)


def test_shares_that_are_all_set_must_add_up() -> None:
    only = BASE.changed(programme=default_programme().changed(shares={"exhibition": 1.0}))
    with pytest.raises(InputError, match=r"add up to 0\.4, and no other lever takes the rest"):
        changed_by(only, {"shares.exhibition": 0.4})
    with pytest.raises(InputError, match="more than 1"):
        changed_by(BASE, {"shares.exhibition": 0.7, "shares.certification": 0.7})


def test_roles_make_the_programme() -> None:
    mixed = changed_by(BASE, {"roles.1": 0, "roles.4": 1, "roles.5": 1, "programme.budget": 1e8}).programme
    assert mixed is not None
    assert mixed.budget == 1e8
    assert sum(share for name, share in mixed.shares.items() if name in {"exhibition", "business_matching"}) == 0.5
    assert changed_by(BASE, {"roles.1": 0, "programme.budget": 1e8}).programme is None
    with pytest.raises(InputError, match=r"roles\.1: is 2; give 1"):
        changed_by(BASE, {"roles.1": 2})


@pytest.mark.parametrize("setting", [{"roles.5": 1}, {"shares.exhibition": 1.0}])
def test_a_programme_that_the_base_has_not_got_lasts_as_long_as_the_run(setting: dict[str, float]) -> None:
    bare = Scenario(months=24)
    assert changed_by(bare, setting | {"months": 120}).programme.months == 120  # type: ignore[union-attr]
    assert changed_by(bare, setting | {"months": 12}).programme.months == 12  # type: ignore[union-attr]
    assert changed_by(bare, setting).programme.months == 24  # type: ignore[union-attr]


def test_a_programme_that_the_base_has_keeps_its_months() -> None:
    assert changed_by(BASE, {"roles.5": 1, "months": 120}).programme.months == 60  # type: ignore[union-attr]
    both = {"roles.5": 1, "months": 120, "programme.months": 120}
    assert changed_by(BASE, both).programme.months == 120  # type: ignore[union-attr]


def test_a_scenario_without_programme_has_none_to_change() -> None:
    with pytest.raises(InputError, match=r"programme\.budget: the scenario has no programme"):
        changed_by(Scenario(), {"programme.budget": 1e8})
    assert changed_by(Scenario(), {"shares.exhibition": 1.0}).programme.shares == {"exhibition": 1.0}  # type: ignore[union-attr]


def test_shocks_happen_with_a_strength_and_not_with_none() -> None:
    hit = changed_by(BASE, {"shocks.pandemic": 0.5, "shocks.pandemic.start": 30})
    assert [(shock.name, shock.start, shock.strength) for shock in hit.shocks] == [("pandemic", 30, 0.5)]
    assert changed_by(hit, {"shocks.pandemic": 0}).shocks == ()
    for none in (
        {"shocks.pandemic": 0, "shocks.pandemic.start": 30},
        {"shocks.pandemic.start": 30, "shocks.pandemic": 0},
    ):
        assert changed_by(BASE, none).shocks == ()
    assert len(changed_by(hit, {"shocks.cotton": 1.0}).shocks) == 2


def test_what_is_not_set_stays() -> None:
    assert changed_by(BASE, {}) == BASE
    assert changed_by(BASE, {"population.firms": np.float64(80.0)}).population.firms == 80
    assert changed_by(BASE, {"months": np.int64(24)}, "Short").name == "Short"


def test_an_unknown_path_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"'programme\.bugdet' is nothing.*did you mean 'programme\.budget'"):
        full_path("programme.bugdet", BASE)
    with pytest.raises(InputError, match="varied twice"):
        check_paths(["shares.exhibition", "programme.shares.exhibition"], BASE)


def test_long_names_are_counted() -> None:
    assert varied_name({"shocks.pandemic": 1.0}) == "pandemic 1"
    long = {f"a.parameter_{number}": 1.5 for number in range(20)}
    assert varied_name(long).startswith("20 settings (")
    assert varied_name(long) != varied_name(long | {"a.parameter_0": 1.6})


class TestNumbersOfLevers:
    """Sizes, chances and costs of levers have paths."""

    def test_a_changed_number_keeps_all_else_of_the_lever(self) -> None:
        paths = {"levers.exhibition.effects.1.probability": 0.12, "levers.exhibition.unit_cost": 8e6}
        found, shipped = changed_by(BASE, paths).all_levers["exhibition"], BASE.all_levers["exhibition"]
        assert found.effects[1].probability == 0.12
        assert found.unit_cost == 8e6
        back = found.changed(unit_cost=shipped.unit_cost, effects=shipped.effects)
        assert back == shipped
        assert found.effects[0] == shipped.effects[0]
        assert changed_by(BASE, {"levers.licensing.acceptance.value": 3.0}).levers["licensing"].acceptance.value == 3.0  # type: ignore[union-attr]

    def test_every_path_takes_the_number_that_stands_there_and_is_then_the_same_scenario(self) -> None:
        paths = [path for path in setting_paths(BASE) if path.startswith("levers.")]
        assert len(paths) > 150
        numbers = {path: value for each in shipped_quantities().values() for path, value in each.items()}
        for path in paths:
            assert changed_by(BASE, {path: value_of(numbers[path])}) == BASE, path

    def test_a_lever_of_one_s_own_has_paths_too(self) -> None:
        record = {"role": 7, "about": "Owners learn.", "to": "firms", "unit_cost": 1e6, "capacity": 20}
        record |= {"effects": [{"raise": "craft", "by": 0.1}], "first_link": {"state": "craft", "direction": 1}}
        own = Scenario(levers={"school": record | {"aims_at": {"outcome": "sales_idr", "direction": 1}}})
        assert changed_by(own, {"levers.school.effects.0.by": 0.4}).levers["school"].effects[0].size == 0.4
        with pytest.raises(InputError, match=r"'levers\.school\.effects\.0\.by' is nothing that can be varied"):
            changed_by(BASE, {"levers.school.effects.0.by": 0.4})

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            ("levers.exhibition.effects.1.probability", 1.5, r"is 1\.5; it must lie in 0 to 1"),
            ("levers.exhibition.unit_cost", 5.0, "is 5; it must lie in 1e.06 to 6e.07"),
            ("levers.exhibition.co_payment", -1.0, "must not be below 0"),
            ("levers.exhibition.unit_cost", "dear", "is 'dear', not a number"),
            ("levers.exhibition.effects.9.by", 0.1, "is nothing that can be varied; did you mean 'levers.exhibition"),
            ("levers.exhibition.role", 5, "is nothing that can be varied"),
        ],
    )
    def test_what_cannot_be_is_refused_by_name(self, path: str, value: object, message: str) -> None:
        with pytest.raises(InputError, match=message) as caught:
            changed_by(BASE, {path: value})
        assert path in str(caught.value)

    def test_points_are_named_by_lever_and_number(self) -> None:
        assert varied_name({"levers.exhibition.effects.1.probability": 0.12}) == "exhibition.effects.1.probability 0.12"
