"""The README tells the truth: its examples run, its scenario is one, its commands, keys and files exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from ovopsim import cli
from ovopsim.comparison import Comparison
from ovopsim.plots import FIGURES
from ovopsim.policy.scenario import Programme, Scenario, load_scenario
from ovopsim.report.folder import FINDINGS
from ovopsim.study import store

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


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


def test_there_are_examples_of_both_doors() -> None:
    compare, mesa = blocks("python")
    assert "ov.compare(" in compare
    assert "ov.OvopModel(" in mesa


def scenario_of(text: str, folder: Path) -> Scenario:
    """Return a scenario of the README, as if its file stood at the project's root."""
    path = folder / "scenario.yaml"
    path.write_text(text.replace("survey: ", f"survey: {ROOT.as_posix()}/"), encoding="utf-8")
    return load_scenario(path)


def test_its_scenarios_are_such(tmp_path: Path) -> None:
    first, survey = (scenario_of(text, tmp_path) for text in blocks("yaml"))
    assert first.name == "Exhibitions and certificates, with a pandemic"
    assert first.programme is not None
    assert first.programme.shares == {"exhibition": 0.5, "certification": 0.5}
    assert survey.population.survey is not None
    assert Path(survey.population.survey).is_file()


def test_every_command_and_option_it_names_exists() -> None:
    group = typer.main.get_command(cli.app)
    commands = dict(getattr(group, "commands"))  # noqa: B009 - which library's Group it is depends on Typer's version
    named = set(re.findall(r"ovopsim (compare|run|baseline|levers|parameters|schema)\b", README))
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
    assert [name for name in attributes if not (hasattr(Comparison, name) or name in Comparison.__annotations__)] == []
