"""Closed forms of main effects and interactions."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from ovopsim.analysis.factorial import factorial_effects, mixes
from ovopsim.errors import InputError

FACTORS = ["roles.1", "roles.2", "roles.3"]
ADDS = {"roles.1": 5.0, "roles.2": -2.0, "roles.3": 0.0}


def runs(together: float = 0.0, worlds: int = 4, money: float = 0.0) -> pd.DataFrame:
    """Return a full factorial whose response adds up, but for what roles 1 and 3 do together, and money does alone."""
    rows = []
    for world, flags in product(range(worlds), product((0, 1), repeat=3)):
        mix = dict(zip(FACTORS, flags, strict=True))
        value = 100.0 * (world + 1) + sum(ADDS[name] * mix[name] for name in FACTORS)
        value += together * mix["roles.1"] * mix["roles.3"] + money * any(flags)
        rows.append({"base_digest": "", "seed": 1, "replication": world} | mix | {"sales_idr": value})
    return pd.DataFrame(rows)


def test_an_additive_response_has_exact_main_effects_and_no_interactions() -> None:
    found = factorial_effects(runs().sample(frac=1.0, random_state=3), FACTORS, ["sales_idr"])
    main = found[found["second"] == ""].set_index("first")
    assert main["mean"].to_dict() == pytest.approx(ADDS)
    assert main["low"].to_dict() == pytest.approx(ADDS)  # what worlds have in common is taken out
    assert main["relative"]["roles.1"] == pytest.approx(5.0 / (251.5 + 1.5 / 7.0))  # all mixes but the empty one
    assert set(found["combinations"]) == {7}
    pairs = found[found["second"] != ""]
    assert len(pairs) == 3
    assert pairs["mean"].to_numpy() == pytest.approx(0.0)
    assert main["clear"].to_dict() == {"roles.1": 1, "roles.2": -1, "roles.3": 0}


def test_what_two_do_together_is_their_interaction_and_half_of_it_is_in_each_main_effect() -> None:
    found = factorial_effects(runs(together=8.0), FACTORS, ["sales_idr"]).set_index(["first", "second"])["mean"]
    assert found["roles.1", "roles.3"] == pytest.approx(8.0)
    assert found["roles.1", "roles.2"] == pytest.approx(0.0)
    assert found["roles.1", ""] == pytest.approx(9.0)
    assert found["roles.3", ""] == pytest.approx(4.0)


def test_a_world_without_all_combinations_is_left_out() -> None:
    whole = runs()
    whole.loc[whole.index[-1], "sales_idr"] = 1e9
    found = factorial_effects(whole.drop(index=whole.index[-2]), FACTORS, ["sales_idr"])
    assert set(found["replications"]) == {3}
    assert found["mean"].iloc[0] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("table", "factors"),
    [
        (runs(), ["roles.4"]),
        (runs().assign(**{"roles.1": 0.5}), FACTORS),
        (runs().query("replication == 0").iloc[1:], FACTORS),
    ],
)
def test_what_is_no_factorial_is_refused(table: pd.DataFrame, factors: list[str]) -> None:
    with pytest.raises(InputError, match="factorial: "):
        factorial_effects(table, factors, ["sales_idr"])


def with_own_money(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{BUDGET: 1e8 * table[FACTORS].sum(axis=1)})


def test_the_step_from_no_money_to_the_whole_budget_is_in_no_role_s_effect() -> None:
    found = factorial_effects(runs(money=70.0), FACTORS, ["sales_idr"])
    assert found[found["second"] == ""].set_index("first")["mean"].to_dict() == pytest.approx(ADDS)
    assert found[found["second"] != ""]["mean"].to_numpy() == pytest.approx(0.0, abs=1e-9)


def test_roles_that_bring_their_own_money_are_shown_with_the_mix_of_none() -> None:
    found = factorial_effects(with_own_money(runs(money=70.0)), FACTORS, ["sales_idr"], [*FACTORS, BUDGET])
    assert set(found["combinations"]) == {8}
    main = found[found["second"] == ""].set_index("first")
    assert main["mean"]["roles.1"] == pytest.approx(ADDS["roles.1"] + 70.0 / 4.0)
    assert main["relative"]["roles.1"] == pytest.approx((5.0 + 17.5) / (251.5 + 70.0 * 7.0 / 8.0))


def test_of_two_roles_that_share_a_budget_each_is_what_it_adds_to_the_other() -> None:
    two = runs(together=8.0, money=70.0).query("`roles.2` == 0")
    found = factorial_effects(two, ["roles.1", "roles.3"], ["sales_idr"])
    assert found["second"].tolist() == ["", ""]
    assert found["mean"].tolist() == pytest.approx([13.0, 8.0])
    assert set(found["combinations"]) == {3}


def test_factors_that_are_no_roles_count_without_any_of_them() -> None:
    plain = runs(money=70.0).rename(columns=lambda name: name.replace("roles.", "shocks."))
    found = factorial_effects(plain, [name.replace("roles.", "shocks.") for name in FACTORS], ["sales_idr"])
    assert set(found["combinations"]) == {8}


BUDGET = "programme.budget"


class TestOtherSettings:
    """What else varies besides the factors is never mixed."""

    def both(self) -> pd.DataFrame:
        rich = runs().assign(**{BUDGET: 2e8})
        rich["sales_idr"] += 3.0 * rich["roles.1"]
        return pd.concat([runs().assign(**{BUDGET: 1e8}), rich], ignore_index=True)

    def test_they_are_refused_with_what_would_be_right(self) -> None:
        message = r"'programme\.budget' takes more than one value.*where=\{'programme\.budget': 100000000\.0\}"
        with pytest.raises(InputError, match=message):
            factorial_effects(self.both(), FACTORS, ["sales_idr"], [*FACTORS, BUDGET])

    @pytest.mark.parametrize(("budget", "adds"), [(1e8, 5.0), (2e8, 8.0)])
    def test_one_of_their_values_may_be_asked_for(self, budget: float, adds: float) -> None:
        found = factorial_effects(self.both(), FACTORS, ["sales_idr"], [*FACTORS, BUDGET], {BUDGET: budget})
        assert found["mean"].iloc[0] == pytest.approx(adds)

    def test_designs_of_shared_and_of_own_money_in_one_store_are_refused(self) -> None:
        table = pd.concat([runs().assign(**{BUDGET: float("nan")}), with_own_money(runs())], ignore_index=True)
        with pytest.raises(InputError, match=r"where=\{'programme\.budget': None\}"):
            factorial_effects(table, FACTORS, ["sales_idr"], [*FACTORS, BUDGET])
        found = factorial_effects(table, FACTORS, ["sales_idr"], [*FACTORS, BUDGET], {BUDGET: None})
        assert set(found["combinations"]) == {7}

    def test_a_setting_that_follows_from_the_factors_is_refused_unless_it_is_the_budget(self) -> None:
        table = runs().assign(months=lambda rows: 24 + 12 * rows["roles.1"])
        with pytest.raises(InputError, match="'months' takes more than one value"):
            factorial_effects(table, FACTORS, ["sales_idr"], [*FACTORS, "months"])

    def test_two_scenarios_that_designs_change_are_refused(self) -> None:
        table = pd.concat([runs(), runs().assign(base_digest="quick")], ignore_index=True)
        with pytest.raises(InputError, match="'base_digest' takes more than one value"):
            factorial_effects(table, FACTORS, ["sales_idr"])
        found = factorial_effects(table, FACTORS, ["sales_idr"], where={"base_digest": "quick"})
        assert set(found["replications"]) == {4}

    def test_a_value_that_no_run_has_is_refused(self) -> None:
        with pytest.raises(InputError, match="no run of this store has"):
            factorial_effects(self.both(), FACTORS, ["sales_idr"], [BUDGET], {BUDGET: 7.0})
        with pytest.raises(InputError, match=r"'programme\.bugdet' is not varied"):
            factorial_effects(self.both(), FACTORS, ["sales_idr"], [BUDGET], {"programme.bugdet": 7.0})


def test_mixes_have_names() -> None:
    assert list(mixes(runs(worlds=1), FACTORS)) == ["", "3", "2", "2 3", "1", "1 3", "1 2", "1 2 3"]
