"""The results folder: Parquet tables joined by `run_id`, and a record of what ran.

`run_id` is the SHA-256 of the scenario in canonical form (names left out, files by content), seed, replication and
model digest; equal runs have equal ids wherever and whenever they ran.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from ovopsim.errors import InputError
from ovopsim.policy.canonical import canonical, canonical_json
from ovopsim.policy.scenario import Scenario

RECORD = "run.json"


def run_id(scenario: Scenario, seed: int, replication: int, model_digest: str) -> str:
    """Return the identity of one run, as hexadecimal text."""
    content = canonical_json(
        {"scenario": canonical(scenario), "seed": seed, "replication": replication, "model": model_digest}
    )
    return hashlib.sha256(content.encode()).hexdigest()


def prepare(out: Path, model_digest: str) -> None:
    """Make the folder, or check that it is a store of the same model.

    Raises
    ------
    InputError
        When the folder holds something else, or results of another version of the model, or cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: is a file; name a folder.")
    if out.is_dir() and any(out.iterdir()):
        record = out / RECORD
        if not record.is_file():
            raise InputError(f"--out {out}: the folder holds something else; name an empty or new folder.")
        try:
            known = json.loads(record.read_text(encoding="utf-8")).get("model_digest")
        except (ValueError, AttributeError):
            raise InputError(f"--out {out}: {RECORD} cannot be read; name another folder.") from None
        if known != model_digest:
            raise InputError(f"--out {out}: holds results of another version of the model; name another folder.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be made ({error.strerror}).") from None


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table so that a reader sees the old one or the new one, never half of it.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    part = path.with_suffix(".part")
    try:
        frame.to_parquet(part, index=False)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written ({error.strerror or error}).") from None


def write_record(record: dict[str, Any], out: Path) -> None:
    """Write what ran."""
    part = out / f"{RECORD}.part"
    part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(part, out / RECORD)


def write_store(
    out: Path, runs: Iterable[dict[str, Any]], monthly: pd.DataFrame, firms: pd.DataFrame, record: dict[str, Any]
) -> None:
    """Write the three tables and the record; the record last, as the sign that the tables are whole."""
    write_table(pd.DataFrame(list(runs)), out / "runs.parquet")
    write_table(monthly, out / "monthly.parquet")
    write_table(firms, out / "firms.parquet")
    write_record(record, out)
