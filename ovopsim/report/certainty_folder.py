"""What `ovopsim sure --out` leaves: tables, figures, a record, and the runs, so that what was stopped goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ovopsim.analysis.certainty_tables import TABLES, CertaintyTables
from ovopsim.errors import InputError
from ovopsim.plots import DOTS_PER_INCH
from ovopsim.plots.certainty import certainty
from ovopsim.study.documents import to_json

RUNS: Final = "store"
RECORD: Final = "certainty.json"
FIGURES: Final = {"how_sure_sales": "sales_idr", "how_sure_jobs": "jobs"}
OURS: Final = {RUNS, RECORD, "draws.csv", *(f"{name}.csv" for name in TABLES), *(f"{name}.png" for name in FIGURES)}


def check_folder(out: Path) -> None:
    """Refuse a folder that holds something else, before any work is done.

    Raises
    ------
    InputError
        It names the folder and what would be right.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file; name a folder.")
    others = sorted({path.name for path in out.iterdir()} - OURS) if out.is_dir() else []
    if others:
        raise InputError(f"{out}: holds something else ({others[0]}); name a new folder, or one of `ovopsim sure`.")


def write_certainty(
    found: CertaintyTables, out: Path, language: str, command: list[str], inputs: Mapping[str, str]
) -> None:
    """Write tables as CSV, figures as PNG, and what was run.

    Parameters
    ----------
    command : list of str
        As typed.
    inputs : mapping of str to str
        SHA-256 of each file that was read, by its path.
    """
    out.mkdir(parents=True, exist_ok=True)
    for name in (*TABLES, "draws"):
        getattr(found, name).to_csv(out / f"{name}.csv", index=False, encoding="utf-8")
    for name, outcome in FIGURES.items():
        certainty(found, outcome, language).savefig(out / f"{name}.png", dpi=DOTS_PER_INCH)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    record = {"command": command, "time": now, "inputs": dict(inputs)} | found.run
    (out / RECORD).write_text(to_json(record) + "\n", encoding="utf-8")
