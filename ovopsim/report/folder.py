"""What a command leaves in its results folder: tables of runs, tables of findings, figures, and the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ovopsim.analysis.comparison_tables import ComparisonTables
from ovopsim.plots import save_figures
from ovopsim.study import store
from ovopsim.study.documents import plain

FINDINGS = ("effects", "summary", "levels", "levers", "roles", "groups", "paths", "findings")

FINDINGS_ALONE = ("levels", "levers", "roles", "paths")


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
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    record: dict[str, Any] = {"command": command, "time": now, "inputs": dict(inputs)} | plain(found.run)
    store.write_tables(workplace, out, found.tables)
    for name in FINDINGS if len(found.arms) > 1 else FINDINGS_ALONE:
        frame = getattr(found, name)
        if len(frame):
            frame.to_csv(workplace / f"{name}.csv", index=False, encoding="utf-8")
    save_figures(found, workplace, language)
    store.write_record(workplace, out, record, found.run["model_digest"])
