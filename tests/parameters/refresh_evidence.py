"""Rewrite the shipped rows of evidence, keeping those that a YAML file of the package cites.

Run by hand after a record, lever, shock or target cites a new row:

    python -m tests.parameters.refresh_evidence FOLDER

FOLDER holds the full collection: `local.csv` and `effects.csv`.
"""

from __future__ import annotations

import csv
import dataclasses
import re
import sys
from pathlib import Path

from ovopsim.parameters.evidence import Evidence

PACKAGE = Path(__file__).parents[2] / "ovopsim"
SHIPPED = PACKAGE / "parameters" / "data" / "evidence.csv"
COLUMNS = [field.name for field in dataclasses.fields(Evidence)]


def cited_ids(folder: Path = PACKAGE) -> set[str]:
    """Return the ids of all rows that the YAML files below a folder cite, comments apart."""
    found: set[str] = set()
    for path in folder.rglob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.lstrip().startswith("#"):
                found.update(re.findall(r"\b(?:loc|eff)-\d{3}\b", line))
    return found


def joined(*parts: str) -> str:
    """Return what is not empty, with semicolons between."""
    return "; ".join(part for part in parts if part)


def local_row(row: dict[str, str]) -> dict[str, str]:
    """Return a row of `local.csv` in the shipped columns."""
    low, high = row["low"], row["high"]
    span = f"range {low or '?'} to {high or '?'}" if low or high else ""
    size = f"n = {row['n']}" if row["n"] else ""
    kept = {name: row[name] for name in COLUMNS if name in row}
    return kept | {"kind": "local", "verified": "yes", "note": joined(row["note"], span, size)}


def effect_row(row: dict[str, str]) -> dict[str, str]:
    """Return a row of `effects.csv` in the shipped columns."""
    horizon = f"after {row['horizon_months']} months" if row["horizon_months"] not in {"", "0"} else ""
    cost = f"unit cost {row['unit_cost']} {row['unit_cost_currency']}" if row["unit_cost"] else ""
    details = [
        row["study"],
        row["population"],
        horizon,
        row["se_or_ci"],
        f"baseline {row['baseline_mean']}" if row["baseline_mean"] else "",
        f"take-up {row['take_up']}" if row["take_up"] else "",
        cost,
        f"n = {row['n']}" if row["n"] else "",
        row["note"],
    ]
    treatment = f"{row['treatment']}: " if row["treatment"] != "none" else ""
    return {
        "id": row["id"],
        "kind": "effect",
        "quantity": treatment + row["outcome"],
        "value": row["effect"],
        "unit": row["effect_unit"],
        "place": row["country"],
        "year": row["year"],
        "source_title": row["source_title"],
        "source_url": row["source_url"],
        "verified": row["verified"],
        "note": joined(*details),
    }


def full_collection(folder: Path) -> list[dict[str, str]]:
    """Return all rows of the collection in the shipped columns."""
    rows = []
    for name, shaped in (("local.csv", local_row), ("effects.csv", effect_row)):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows += [shaped(row) for row in csv.DictReader(file)]
    return rows


def main(folder: Path) -> None:
    """Write the shipped file; say what was cited and not found."""
    cited = cited_ids()
    kept = [row for row in full_collection(folder) if row["id"] in cited]
    with SHIPPED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    missing = sorted(cited - {row["id"] for row in kept})
    sys.stdout.write(f"{SHIPPED}: {len(kept)} rows\n")
    if missing:
        sys.exit(f"Cited, but not in {folder}: {', '.join(missing)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
