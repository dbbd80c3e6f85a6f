"""Closed forms of main effects and interactions."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

from ovopsim.analysis.factorial import factorial_effects, mixes
from ovopsim.errors import InputError

FACTORS = ["roles.1", "roles.2", "roles.3"]
ADDS = {"roles.1": 5.0, "roles.2": -2.0, "roles.3": 0.0}


def runs(together: float = 0.0, worlds: int = 4) -> pd.DataFrame:
    """Return a full factorial whose response adds up, but for what roles 1 and 3 do together."""
    rows = []
    for world, flags in product(range(worlds), product((0, 1), repeat=3)):
        mix = dict(zip(FACTORS, flags, strict=True))
        value = 100.0 * (world + 1) + sum(ADDS[name] * mix[name] for name in FACTORS)
        value += together * mix["roles.1"] * mix["roles.3"]
        rows.append({"base_digest": "", "seed": 1, "replication": world} | mix | {"sales_idr": value})
    return pd.DataFrame(rows)


def test_an_additive_response_has_exact_main_effects_and_no_interactions() -> None:
    found = factorial_effects(runs().sample(frac=1.0, random_state=3), FACTORS, ["sales_idr"])
    main = found[found["second"] == ""].set_index("first")
    assert main["mean"].to_dict() == pytest.approx(ADDS)
    assert main["low"].to_dict() == pytest.approx(ADDS)  # what worlds have in common is taken out
    assert main["relative"]["roles.1"] == pytest.approx(5.0 / 251.5)
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


def test_mixes_have_names() -> None:
    assert list(mixes(runs(worlds=1), FACTORS)) == ["", "3", "2", "2 3", "1", "1 3", "1 2", "1 2 3"]
