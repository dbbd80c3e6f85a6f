"""What are common random numbers worth? Variance of an effect over pairs, under three ways to draw.

Keyed draws (this package: a draw belongs to a decision), independent seeds (the other arm lives in another world), and
equal seeds on a shared stream (both arms start one generator from one seed and take numbers as they come, as most
models do). Entry, exit and take-up are on. The shared stream is this package with two lines replaced, run from a
temporary copy, so that nothing but the source of randomness differs.

    python experiments/common_random_numbers.py --out results/common_random_numbers [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import ovopsim as ov

LEVERS = ("exhibition", "management_training", "equipment_grant")
OUTCOMES = ("sales_idr", "jobs", "firms")
MONTHS = 60

# What turns keyed draws into one stream: the key is an array (seed, numbers taken so far).
SHARED_STREAM = {
    "draws.py": [
        (
            ("    return philox(counted(entity), counted(month), counted(index), counted(process), np.uint64(key))\n"),
            "    key[1] += np.uint64(1)\n    zero = np.uint64(0)\n    return philox(key[1], zero, zero, zero, key[0])\n",  # noqa: E501 - a line of the package, as it stands there
        ),
        (
            "    return np.uint64(np.random.SeedSequence((seed, replication)).generate_state(1, np.uint64)[0])\n",
            (
                "    word = np.random.SeedSequence((seed, replication)).generate_state(1, np.uint64)[0]\n"
                "    return np.array([word, 0], dtype=np.uint64)\n"
            ),
        ),
    ],
}


def scenarios(budget: float) -> dict[str, ov.Scenario]:
    """Return no programme, and each lever alone with the whole budget."""
    alone = {
        lever: ov.Scenario(months=MONTHS, programme=ov.Programme(budget=budget, shares={lever: 1.0}))
        for lever in LEVERS
    }
    return {"none": ov.Scenario(months=MONTHS)} | alone


def last_year(seeds: int) -> pd.DataFrame:
    """Return each arm's mean over the last twelve months in each world: columns ``arm, replication`` and outcomes."""
    rows = []
    for arm, scenario in scenarios(500_000_000).items():
        for replication in range(seeds):
            # one simulation each: both arms of a pair start their generator afresh from the pair's seed
            monthly = ov.simulate(scenario, seed=1000 + replication).to_frame()
            rows.append({"arm": arm, "replication": replication, **monthly[list(OUTCOMES)].tail(12).mean()})
    return pd.DataFrame(rows)


def on_a_shared_stream(seeds: int) -> pd.DataFrame:
    """Return the same table from a copy of the package whose draws come from one stream."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "ovopsim"
        shutil.copytree(Path(ov.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for name, changes in SHARED_STREAM.items():
            text = (copy / name).read_text(encoding="utf-8")
            for keyed, shared in changes:
                if text.count(keyed) != 1:
                    raise RuntimeError(f"{name} has changed; the line to replace is no longer there: {keyed!r}")
                text = text.replace(keyed, shared)
            (copy / name).write_text(text, encoding="utf-8")
        table = Path(folder) / "table.csv"
        subprocess.run(  # noqa: S603 - this very script, from the copy
            [sys.executable, str(Path(__file__).resolve()), "--worker", str(table), "--seeds", str(seeds)],
            check=True,
            env={**os.environ, "PYTHONPATH": folder},
            cwd=folder,
        )
        return pd.read_csv(table)


def variance_ratios(keyed: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """Return, by lever and outcome, the variance of the effect over that with keyed draws."""
    rows = []
    for lever in LEVERS:
        for outcome in OUTCOMES:
            tables = {
                name: table.pivot_table(index="replication", columns="arm", values=outcome)
                for name, table in (("keyed", keyed), ("shared", shared))
            }
            paired = (tables["keyed"][lever] - tables["keyed"]["none"]).var()
            independent = tables["keyed"][lever].var() + tables["keyed"]["none"].var()
            stream = (tables["shared"][lever] - tables["shared"]["none"]).var()
            rows.append(
                {
                    "lever": lever,
                    "outcome": outcome,
                    "independent over keyed": independent / paired,
                    "shared stream over keyed": stream / paired,
                    "correlation keyed": tables["keyed"][lever].corr(tables["keyed"]["none"]),
                    "correlation shared": tables["shared"][lever].corr(tables["shared"]["none"]),
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    """Run the experiment and write its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("results/common_random_numbers"))
    parser.add_argument("--quick", action="store_true", help="eight pairs instead of 64")
    parser.add_argument("--seeds", type=int, default=64)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    seeds = 8 if options.quick else options.seeds
    if options.worker:
        last_year(seeds).to_csv(options.worker, index=False, encoding="utf-8")
        return
    table = variance_ratios(last_year(seeds), on_a_shared_stream(seeds))
    options.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out / "common_random_numbers.csv", index=False, encoding="utf-8")
    print(table.to_string(index=False, float_format=lambda value: f"{value:.3g}"))
    print(json.dumps({"seeds": seeds, "months": MONTHS, "least_ratio_shared": float(np.min(table.iloc[:, 3]))}))


if __name__ == "__main__":
    main()
