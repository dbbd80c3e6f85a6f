"""Designs: what is varied, from Python and from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ovopsim.errors import InputError
from ovopsim.parameters import locate, uncertain_leaves
from ovopsim.policy import Programme, default_programme
from ovopsim.policy.quantities import lever_sizes
from ovopsim.study.design_files import load_design
from ovopsim.study.designs import Design, default_base
from ovopsim.study.sweep_plan import plan_sweep


class TestDesigns:
    def test_a_grid_has_every_combination_once(self) -> None:
        points = Design.grid({"a": [1, 2, 3], "b": ["x", "y"], "c": 5}).points
        assert len(points) == 6
        assert not points.duplicated().any()
        assert set(points["c"]) == {5}

    def test_a_zip_pairs_values(self) -> None:
        points = Design.zip({"programme.start": [0, 12], "programme.months": [60, 48]}).points
        assert points.to_numpy().tolist() == [[0, 60], [12, 48]]
        with pytest.raises(InputError, match="one length, not a 1, b 2"):
            Design.zip({"a": [1], "b": [1, 2]})

    def test_roles_make_a_factorial(self) -> None:
        points = Design.roles().points
        assert points.shape == (128, 7)
        assert (points.sum() == 64).all()
        each = Design.roles([1, 3], budget="each").points
        assert each["programme.budget"].tolist()[0] == 0.0
        assert each["programme.budget"].iloc[3] == pytest.approx(2.0 * each["programme.budget"].iloc[1])

    @pytest.mark.parametrize("make", [Design.latin_hypercube, Design.sobol])
    def test_samples_stay_within_priors_and_repeat_with_their_seed(self, make: object) -> None:
        points = make(16, "uncertain", seed=3).points  # type: ignore[operator]
        assert list(points.columns) == list(uncertain_leaves())
        for path, column in points.items():
            low, high = locate(str(path))[0].range
            assert column.between(low, high).all(), path
        pd.testing.assert_frame_equal(points, make(16, "uncertain", seed=3).points)  # type: ignore[operator]
        assert not points.equals(make(16, "uncertain", seed=4).points)  # type: ignore[operator]

    def test_a_latin_hypercube_takes_every_slice_once(self) -> None:
        column = Design.latin_hypercube(10, {"a": [0.0, 1.0]}).points["a"]
        assert sorted((column * 10).astype(int)) == list(range(10))

    def test_a_longer_sobol_sequence_begins_with_the_shorter(self) -> None:
        short, long = (Design.sobol(count, {"a": [0.0, 1.0], "b": [5.0, 6.0]}).points for count in (8, 32))
        np.testing.assert_array_equal(long.head(8), short)

    def test_crossed_and_stacked(self) -> None:
        one, other = Design.grid({"a": [1, 2]}), Design.grid({"b": [1, 2, 3]})
        assert len(one * other) == 6
        stacked = one + other
        assert stacked.settings() == [{"a": 1}, {"a": 2}, {"b": 1}, {"b": 2}, {"b": 3}]
        with pytest.raises(InputError, match="'a' is varied in two blocks"):
            one * one

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            (lambda: Design.grid({}), "at least one path"),
            (lambda: Design.grid({"a": []}), "'a' has no values"),
            (lambda: Design.roles([9]), "9 given; the roles of the agency are 1 to 7"),
            (lambda: Design.roles([]), "none given"),
            (lambda: Design.roles([1], budget="both"), "'both' is none of total, each"),
            (lambda: Design.sobol(0, "uncertain"), "points: is 0"),
            (lambda: Design.sobol(4, "certain"), "is 'certain'; give uncertain"),
            (lambda: Design.sobol(4, []), "at least one path"),
            (lambda: Design.sobol(4, {"a": [2, 1]}), r"'a' is \[2, 1\]; give \[low, high\]"),
            (lambda: Design.sobol(4, ["population.makers"]), "no prior|did you mean"),
        ],
    )
    def test_what_cannot_be_is_refused(self, wrong: object, message: str) -> None:
        with pytest.raises(InputError, match=message):
            wrong()  # type: ignore[operator]


class TestFiles:
    def test_blocks_are_crossed(self, tmp_path: Path) -> None:
        (tmp_path / "points.csv").write_text("planning.cover\n1.3\n1.5\n", encoding="utf-8")
        found = load_design(
            self.write(
                tmp_path,
                "name: All\nbase: {months: 24}\nreplications: 3\nseed: 9\ndesign:\n"
                "  - grid: {programme.targeting: [random, ablest_first]}\n"
                "  - zip: {programme.budget: [1.0e+8, 2.0e+8], programme.start: [0, 6]}\n"
                "  - sobol: {points: 4, over: [market.appeal_sd]}\n"
                "  - latin_hypercube: {points: 2, over: {accounts.leak: [0.1, 0.2]}, seed: 5}\n"
                "  - roles: [1, 5]\n"
                "  - table: points.csv\n",
            )
        )
        assert len(found.design) == 2 * 2 * 4 * 2 * 4 * 2
        assert (found.name, found.replications, found.seed, found.base.months) == ("All", 3, 9, 24)
        assert [Path(name).name for name in found.inputs] == ["design.yaml", "points.csv"]

    def test_what_is_left_out_has_its_default(self, tmp_path: Path) -> None:
        found = load_design(self.write(tmp_path, "design: {roles: all}"))
        assert (len(found.design), found.name, found.replications, found.seed) == (128, "design", 64, 1)
        assert found.base.programme is not None

    def test_the_base_may_be_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "base.yaml").write_text("months: 36\n", encoding="utf-8")
        found = load_design(self.write(tmp_path, "base: base.yaml\ndesign: {grid: {months: [12]}}"))
        assert found.base.months == 36
        assert len(found.inputs) == 2

    @pytest.mark.parametrize(
        "block",
        [
            "grid: {population.survey: [one.csv, deep/two.csv]}",
            "zip: {population.survey: [one.csv, deep/two.csv], months: [6, 12]}",
            "table: points.csv",
        ],
    )
    def test_surveys_count_from_the_designs_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str
    ) -> None:
        folder, elsewhere = tmp_path / "designs", tmp_path / "elsewhere"
        (folder / "deep").mkdir(parents=True)
        elsewhere.mkdir()
        surveys = [folder / "one.csv", folder / "deep" / "two.csv"]
        for place in surveys:
            rows = "kauman,100000000\nlaweyan,200000000\n" * 20
            place.write_text(f"sentra,yearly_sales_idr\n{rows}", encoding="utf-8")
        (folder / "points.csv").write_text("population.survey\none.csv\ndeep/two.csv\n", encoding="utf-8")
        monkeypatch.chdir(elsewhere)
        found = load_design(self.write(folder, f"base: {{months: 12}}\ndesign: {{{block}}}"))
        assert [Path(name) for name in found.design.points["population.survey"]] == surveys
        assert {Path(name) for name in found.inputs} >= set(surveys)
        plan = plan_sweep(found.design, found.base, 1)
        assert [Path(point.scenario.population.survey or "") for point in plan.points] == surveys

    @pytest.mark.parametrize("base", ["base.yaml", "{programme: {budget: 2.0e+8, months: 12}, months: 12}"])
    def test_a_base_may_leave_its_shares_to_the_design(self, tmp_path: Path, base: str) -> None:
        text = "programme: {budget: 200_000_000, months: 12}\nmonths: 12\nshocks:\n"
        (tmp_path / "base.yaml").write_text(text, encoding="utf-8")

        def programmes(design: str) -> list[Programme | None]:
            found = load_design(self.write(tmp_path, f"base: {base}\ndesign: {design}"))
            plan = plan_sweep(found.design, found.base, 1)
            return [point.scenario.programme for point in plan.points]

        none, five = programmes("{roles: [5]}")
        assert none is None
        assert five is not None
        assert (five.budget, five.shares) == (2e8, {"exhibition": 0.5, "business_matching": 0.5})
        (fairs,) = programmes("{grid: {shares.exhibition: [0.4]}}")
        assert fairs is not None
        assert fairs.shares["exhibition"] == 0.4
        assert set(fairs.shares) == set(default_programme().shares)
        with pytest.raises(InputError, match=r"programme\.shares' is missing"):
            programmes("{grid: {programme.budget: [1.0e+8]}}")

    def test_without_a_base_both_doors_change_the_same_scenario(self, tmp_path: Path) -> None:
        found = load_design(self.write(tmp_path, "design: {grid: {programme.budget: [1.0e+8]}}"))
        assert found.base == default_base()
        assert plan_sweep(found.design).base == plan_sweep(found.design, found.base).base
        assert plan_sweep(Design.table(pd.DataFrame({"months": [None]}))).points[0].scenario == default_base()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("design: {grid: {population.survey: [none.csv]}}", r"design: population\.survey: there is no file .*none"),
            ("design: {roles: all}\nbase: {population: {survey: none.csv}}", r"base: population\.survey: there is no"),
            ("desing: {}", "'desing' is no key; did you mean 'design'"),
            ("name: x", "design: is empty"),
            ("design: []", "design: is empty"),
            ("design: [3]", "3 is no block"),
            ("design: {gird: {a: [1]}}", "'gird' is no block; did you mean 'grid'"),
            ("design: {roles: some}", "roles: is 'some'"),
            ("design: {roles: {numbers: all, budget: both}}", "'both' is none of"),
            ("design: {sobol: {points: 4}}", "sobol: give points, over"),
            ("design: {table: none.csv}", r"none\.csv cannot be read"),
            ("design: {grid: {a: [1]}}\nreplications: many", "replications is 'many'"),
            ("design: {grid: {a: [1]}}\nbase: 3", "base is 3"),
            ("design: {grid: {a: [1]}}\nbase: {moths: 3}", "'moths' is no key"),
            ("design: {grid: {a: [1]}}\nbase: none.yaml", "there is no such file"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(InputError, match=message):
            load_design(self.write(tmp_path, text))

    def test_an_empty_table_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "points.csv").write_text("a\n", encoding="utf-8")
        with pytest.raises(InputError, match="has no rows"):
            load_design(self.write(tmp_path, "design: {table: points.csv}"))

    @staticmethod
    def write(folder: Path, text: str) -> Path:
        path = folder / "design.yaml"
        path.write_text(text, encoding="utf-8")
        return path


def test_sizes_of_levers_are_spread_by_their_priors() -> None:
    design = Design.latin_hypercube(10, ["uncertain", "levers"])
    assert set(design.points) == {*uncertain_leaves(), *lever_sizes()}
    chances = design.points["levers.exhibition.effects.0.probability"]
    assert 0.05 <= chances.min() < 0.12
    assert 0.5 < chances.max() <= 0.6
    assert set(Design.sobol(4, "levers").points) == set(lever_sizes())
    plan = plan_sweep(design, replications=1)  # every point is a scenario
    assert len(plan.points) == 10


def test_a_number_of_a_lever_without_prior_needs_its_ends() -> None:
    with pytest.raises(InputError, match=r"'levers\.exhibition\.co_payment' has no prior; give \[low, high\]"):
        Design.latin_hypercube(4, ["levers.exhibition.co_payment"])
    with pytest.raises(
        InputError, match=r"is no number of a shipped lever; did you mean 'levers\.exhibition\.unit_cost'"
    ):
        Design.latin_hypercube(4, ["levers.exhibition.unit_csot"])
    assert len(Design.latin_hypercube(4, {"levers.exhibition.co_payment": (0.0, 1e6)})) == 4
