"""What a command leaves in its results folder: tables of runs, tables of findings, figures, and the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ovopsim.analysis.comparison_tables import ComparisonTables
from ovopsim.analysis.explained import ExplanationTables
from ovopsim.errors import InputError
from ovopsim.labels import listing
from ovopsim.plots import DOTS_PER_INCH, save_figures
from ovopsim.plots.explanation import explanation
from ovopsim.study import store
from ovopsim.study.documents import plain

FINDINGS = ("effects", "summary", "levels", "levers", "roles", "groups", "paths", "findings")

FINDINGS_ALONE = ("levels", "levers", "roles", "paths")


def check_findings(out: Path, scenarios: Collection[str], baseline: str) -> None:
    """Refuse to put findings in the place of others that they do not contain.

    The same scenarios again, or more of them against the same baseline, bring up to date what is there.

    Parameters
    ----------
    out : Path
        The store, held by this command.
    scenarios : collection of str
        Names of those whose findings are to come.
    baseline : str
        What they are compared with.

    Raises
    ------
    InputError
        It names the folder, whose findings would be lost, and what would be right.
    """
    if not (out / store.RECORD).is_file():
        return
    commands = store.read_record(out).get("commands", [])
    for command in commands:
        if "explained" in command:
            name = command["explained"]["scenario"]["name"]
            raise InputError(f"{out}: holds what explains '{name}', which would be lost; name another folder.")
    told = [command for command in commands if command.get("scenarios")]
    # after a sweep, which has no findings, those of the command before it are still there
    if not told or not any((out / name).is_file() for name in commands[-1].get("files", [])):
        return
    before = list(told[-1]["scenarios"])
    same_baseline = len(before) == 1 or told[-1].get("baseline") == baseline
    if not set(before) <= set(scenarios) or not same_baseline:
        names = listing([f"'{name}'" for name in before])
        what = f"a comparison of {names}" if len(before) > 1 else f"a run of {names}"
        raise InputError(f"{out}: holds the tables and figures of {what}, which would be lost; name another folder.")


def write_folder(
    found: ComparisonTables, workplace: Path, out: Path, language: str, command: list[str], inputs: Mapping[str, str]
) -> None:
    """Write everything that a comparison, or one scenario by itself, leaves.

    Parameters
    ----------
    workplace : Path
        Where to write, as `store.opened` gave it.
    out : Path
        The store whose earlier runs are kept.
    command : list of str
        As typed.
    inputs : mapping of str to str
        SHA-256 of each file that was read, by its path.
    """
    record = _record(command, inputs, found.run)
    store.write_tables(workplace, out, found.tables)
    for name in FINDINGS if len(found.arms) > 1 else FINDINGS_ALONE:
        frame = getattr(found, name)
        if len(frame):
            frame.to_csv(workplace / f"{name}.csv", index=False, encoding="utf-8")
    save_figures(found, workplace, language)
    store.write_record(workplace, out, record, found.run["model_digest"])


def check_explanation(out: Path, scenario: str, baseline: str) -> None:
    """Refuse to put an explanation beside anything but an earlier one of the same two scenarios.

    Parameters
    ----------
    out : Path
        The store, held by this command.
    scenario, baseline : str
        Names.

    Raises
    ------
    InputError
        It names the folder and what would be right.
    """
    commands = store.read_record(out).get("commands", []) if (out / store.RECORD).is_file() else []
    for command in commands:
        names = [command["explained"][role]["name"] for role in ("scenario", "baseline") if "explained" in command]
        if names != [scenario, baseline]:
            raise InputError(f"{out}: holds results of another command; name a new or empty folder.")


def write_explanation(
    found: ExplanationTables, workplace: Path, out: Path, language: str, command: list[str], inputs: Mapping[str, str]
) -> None:
    """Write an explained effect: its table, the parts in each world, a figure, and the record.

    Parameters are those of `write_folder`.
    """
    found.table.to_csv(workplace / "explanation.csv", index=False, encoding="utf-8")
    found.worlds.to_csv(workplace / "explanation_worlds.csv", index=False, encoding="utf-8")
    figure = explanation(found.table, found.scenario, found.baseline, language, found.warning(language))
    figure.savefig(workplace / "explanation.png", dpi=DOTS_PER_INCH)
    store.write_record(workplace, out, _record(command, inputs, found.run), found.run["model_digest"])


def _record(command: list[str], inputs: Mapping[str, str], run: Mapping[str, Any]) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    ran: dict[str, Any] = plain(run)
    return {"command": command, "time": now, "inputs": dict(inputs)} | ran
