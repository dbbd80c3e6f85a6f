"""The README tells the truth: its examples run, its scenario is one, its commands, keys and files exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import typer.main
import yaml

from ovopsim.analysis.comparability import other_differences
from ovopsim.cli.answering import app
from ovopsim.comparison import Comparison
from ovopsim.plots import FIGURES
from ovopsim.policy.effects import value_of
from ovopsim.policy.scenario import Programme, Scenario, load_scenario
from ovopsim.policy.settings import changed_by
from ovopsim.policy.shocks import builtin_shocks
from ovopsim.report.folder import FINDINGS
from ovopsim.study import store
from ovopsim.study.design_files import BLOCKS, load_design
from ovopsim.study.plan import planned
from ovopsim.study.sweep_plan import plan_sweep

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def scenarios() -> list[str]:
    """Return the README's scenario files; one of its YAML files is a design."""
    return [text for text in blocks("yaml") if "design:" not in text]


@pytest.mark.usefixtures("warm_core")
@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_examples_run_as_they_stand(number: int, tmp_path: Path) -> None:
    code = blocks("python")[number].replace("replications=8", "replications=2")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_there_is_an_example_of_each_door() -> None:
    doors = (
        "ov.compare(",
        "ov.explain(",
        "cluster.deliver(",
        "ov.OvopModel(",
        "ov.sweep(",
        "ov.calibrate(",
        "ov.batch_run(",
        "ov.to_ema(",
        "ov.to_salib_problem(",
    )
    for door in doors:
        assert any(door in block for block in blocks("python")), door


def test_its_designs_are_such(tmp_path: Path) -> None:
    found = []
    for text in blocks("yaml"):
        if "design:" in text:
            (tmp_path / "design.yaml").write_text(text, encoding="utf-8")
            found.append(load_design(tmp_path / "design.yaml"))
            plan_sweep(found[-1].design, found[-1].base, found[-1].replications)
    assert [len(each.design) for each in found] == [256, 18]
    point = {"programme.shares.exhibition": 0.2, "programme.shares.certification": 0.4}
    mixed = changed_by(found[1].base, point).programme
    assert mixed is not None
    assert mixed.shares == pytest.approx(
        {"exhibition": 0.2, "certification": 0.4, "production_training": 0.2, "business_matching": 0.2}
    )
    told = README.split("| block | points |")[1].split("\n\n")[0]
    assert {
        name for row in re.findall(r"^\| (`.*?) \|", told, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    } == set(BLOCKS)


def scenario_of(text: str, folder: Path) -> Scenario:
    """Return a scenario of the README, as if its file stood at the project's root."""
    path = folder / "scenario.yaml"
    path.write_text(text.replace("survey: ", f"survey: {ROOT.as_posix()}/"), encoding="utf-8")
    return load_scenario(path)


def test_its_scenarios_are_such(tmp_path: Path) -> None:
    fairs, nothing, levers, survey = (scenario_of(text, tmp_path) for text in scenarios())
    assert fairs.name == "Exhibitions and certificates"
    assert fairs.programme is not None
    assert fairs.programme.shares == {"exhibition": 0.5, "certification": 0.5}
    assert {"exhibition", "batik_school"} == set(levers.levers)
    assert value_of(levers.all_levers["exhibition"].unit_cost) == 8_000_000
    assert survey.population.survey is not None
    assert Path(survey.population.survey).is_file()
    assert nothing.programme is None


def test_its_pair_differs_in_the_programme_alone(tmp_path: Path) -> None:
    fairs, nothing, *_ = (scenario_of(text, tmp_path) for text in scenarios())
    assert other_differences(fairs, nothing) == ""
    assert fairs.parameters == nothing.parameters != {}
    assert fairs.shocks == nothing.shocks != ()
    planned({scenario.name: scenario for scenario in (nothing, fairs)})


def test_it_names_every_shock() -> None:
    (row,) = re.findall(r"^\| `shocks` \| (.*)", README, re.MULTILINE)
    assert all(f"`{name}`" in row for name in builtin_shocks())
    assert {round(shock.start.value_of()) for shock in builtin_shocks().values()} == {24}
    (form,) = re.findall(r"`(\{name: .*?\})`", row)
    assert Scenario(shocks=[yaml.safe_load(form)]).shocks[0].first_month == 50


def test_every_command_and_option_it_names_exists() -> None:
    group = typer.main.get_command(app)
    commands = dict(getattr(group, "commands"))  # noqa: B009 - which library's Group it is depends on Typer's version
    known = "calibrate|compare|explain|sure|sweep|run|baseline|levers|parameters|schema|trial|validate"
    named = set(re.findall(rf"ovopsim ({known})\b", README))
    assert named == set(commands)
    options = {option for command in (group, *commands.values()) for each in command.params for option in each.opts}
    ours = README.split("## Commands")[1].split("## Limits of use")[0]
    assert set(re.findall(r"`(--[a-z-]+)", ours)) - {"--help"} <= options


def test_every_key_of_a_scenario_it_explains_exists() -> None:
    table = README.split("| key | meaning |")[1].split("\n\n")[0]
    keys = {key for row in re.findall(r"^\| (.*?) \|", table, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert keys <= set(Scenario.model_fields)
    assert {"budget", "shares", "targeting", "multi_year"} <= set(Programme.model_fields)


def test_every_file_and_table_it_promises_is_left() -> None:
    told = README.split("In `results/`:")[1].split("## From Python")[0]
    names = set(re.findall(r"`([\w.]+)`", told))
    assert {f"{name}.png" for name in FIGURES} | set(FINDINGS) | set(store.TABLES) | {store.RECORD, "run_id"} == names
    attributes = re.findall(r"`(\w+)`", README.split("`result` has the tables")[1].split("`result.plot")[0])
    assert len(attributes) == 8
    assert [
        name
        for name in attributes
        if not (hasattr(Comparison, name) or name in {each.name for each in fields(Comparison)})
    ] == []
