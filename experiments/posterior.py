"""What nobody knows, fitted to published patterns and field trials: makes the posterior that ships with the package.

Goes on where it was stopped; takes about forty minutes on two cores. Writes the posterior's folder (by default that of
the package), and docs/posterior.md.

    python experiments/posterior.py [--store results/posterior] [--out FOLDER] [--page docs/posterior.md] [--quick]

After a change of the code that moves no number, say so in two minutes: `--confirm 40` simulates so many of the draws
again, and notes the present model in the run record when every target comes out as it was, to nine digits.

    python experiments/posterior.py --confirm 40
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from reporting import markdown

import ovopsim as ov
from ovopsim.analysis.changes import BAND
from ovopsim.analysis.fitting import all_targets, fitted_paths, patterns_and_trials, trials_to_fit
from ovopsim.analysis.informing import FALSE
from ovopsim.analysis.posterior import ASSUMPTION_DRIVEN
from ovopsim.analysis.tolerances import targets_of
from ovopsim.calibration import OWN_MEASURES
from ovopsim.labels import name_of_target, number
from ovopsim.policy.trials import builtin_trials
from ovopsim.report.calibrating import figure
from ovopsim.study.documents import plain
from ovopsim.study.evaluations import Work
from ovopsim.study.functions import identity_of
from ovopsim.study.identity import model_digest
from ovopsim.study.unknowns import unknowns_of

ROOT = Path(__file__).parents[1]
SIZES: dict[str, Any] = {"points": 300, "waves": 3, "draws": 400, "replications": 3}
QUICK: dict[str, Any] = {"points": 20, "waves": 1, "draws": 10, "replications": 2}
SMALL_FIRMS = 400  # of each trial's cluster
SMALL: dict[str, Any] = {
    "targets": all_targets(),
    "parameters": fitted_paths(),
    "simulate": partial(patterns_and_trials, firms=SMALL_FIRMS),
}
Z95 = 1.96  # standard errors
TOLD = 3  # targets that are named for a parameter

PAGE = """# What the evidence says of what nobody knows

Written by `python experiments/posterior.py`; every figure is measured, none is typed.

{unknowns} numbers that no source gives (parameters marked `uncertain`, and the effects and acceptance of levers that
field trials deliver) were drawn from their priors and fitted to {fitted} targets at once: {patterns} patterns of the
cluster without a programme and {findings} findings of {trials} published field trials. The {held_out} trials that
are held out took no part. {evaluations} points were simulated ({failed} failed), each in {replications} worlds of
{firms} firms for the trials and {pattern_worlds} of the shipped cluster for the patterns, in {waves} waves: the first
spread over the priors, each later one where emulators of all earlier ones expect the targets to be met
(`ovopsim/analysis/history_matching.py`). A draw's weight is the kernel of its *simulated* distance from the tolerated
ranges over the density that it was drawn from. The kernel is {bandwidth} spreads of a tolerance wide.

{confirmed}**{draws} weighted draws, worth {effective} of equal weight, ship with the package** (`ov.posterior()`).

## The central draw

Defaults use the values that stand in the parameter files. {central} Their distance from the posterior's mean is
{distance} posterior standard deviations (root mean square over all unknowns; of a draw of the posterior it is 1 on
average). {edges} of {unknowns} lie outside the middle {middle} % of their own posterior, where of a draw of the
posterior {by_chance} would{lop_sided}

## What the targets told

The ratio is the standard deviation of the posterior over that of the prior; ± is half its 95 % interval, from so few
draws. **{driven} of {unknowns} numbers are not clearly narrower than {share} of their prior (the interval reaches it):
they rest on assumptions, and what the evidence used here says of them cannot be told from chance.** By their ratio
alone {below} would seem to be narrower. {learned_or_not}

Of {pairs} pairs of a target and a number {clear} move together over the prior beyond chance (rank correlation; of these
{false} % are chance, by Benjamini and Hochberg's rule).

## Does the posterior reproduce what it was fitted to?

Share of the prior and of the posterior that lies inside the tolerated range, and the mean and 90 % band of the
posterior (means over {replications} worlds: the last column is the noise that such a mean has by itself).

{targets}

The table says nothing of trials that were held out: `ovopsim validate --posterior shipped` holds the posterior
against them, and docs/validation.md shows it.

## What this is not

Ranges of a target are tolerances that were set before anything was run, not likelihoods of published estimates;
inside them all values fit equally well. A posterior is as good as the model's structure: where the structure is wrong
(V2, V12 in docs/validation.md) no parameter mends it. Weights rest on few draws, so that tails are uncertain.
"""


CONFIRMED = """The code was changed since, without moving a number: {count} of the draws, simulated again, gave every
target to nine digits.

"""


LEARNED = """Those that were narrowed, and the targets that move with them: rank correlation over the prior, where it is
clear, and the share of the number's prior variance that the target takes away by itself, where that is clear (95 %).

{table}"""
NOTHING_LEARNED = "From so few draws none can be said to be narrower."


def told_of(found: ov.Posterior, parameter: str) -> list[str]:
    """Return the targets that move most with a number, in words."""
    mine = found.informs[(found.informs["parameter"] == parameter) & found.informs["clear"]]
    mine = mine.sort_values("rank_correlation", key=abs, ascending=False).head(TOLD)
    told = []
    for row in mine.to_dict("records"):
        clear = row["variance_alone"] > Z95 * row["variance_alone_error"]
        alone = f", alone {row['variance_alone']:.0%}" if clear else ""
        moves = number(row["rank_correlation"], digits=2, signed=True)
        told.append(f"{name_of_target(row['target'])} ({moves}{alone})")
    return told


def learned_table(found: ov.Posterior) -> pd.DataFrame:
    """Return the unknowns that were clearly narrowed, with the targets that told of them."""
    learned = found.identifiability[~found.identifiability["assumption_driven"]]
    rows = [
        {
            "number": f"`{row['parameter']}`",
            "ratio": f"{row['ratio']:.2f} ± {row['ratio_high'] - row['ratio']:.2f}",
            "posterior (90 %)": "{} ({} to {})".format(*(figure(row[key], "en") for key in ("mean", "low", "high"))),
            "shipped": figure(row["shipped"], "en"),
            "below it": f"{row['shipped_at']:.0%}",
            "moves with": "; ".join(told_of(found, row["parameter"])) or "–",
        }
        for row in learned.sort_values("ratio", kind="stable").to_dict("records")
    ]
    return pd.DataFrame(rows)


def targets_table(found: ov.Posterior) -> pd.DataFrame:
    """Return each target with what prior and posterior give."""
    central = found.record.get("central_draw", {}).get("simulated", {})
    rows = []
    for row in found.targets.to_dict("records"):
        low, high = ("" if math.isnan(row[end]) else figure(row[end], "en") for end in ("low", "high"))
        band = f"{figure(row['simulated_low'], 'en')} to {figure(row['simulated_high'], 'en')}"
        rows.append(
            {
                "target": name_of_target(row["name"]),
                "tolerated": f"{low} … {high}".strip(),
                "prior inside": f"{row['inside_prior']:.0%}",
                "posterior inside": f"{row['inside']:.0%}",
                "posterior (90 %)": f"{figure(row['simulated'], 'en')} ({band})",
                "central draw": figure(central.get(row["name"], math.nan), "en"),
                "noise": figure(row["noise_floor"], "en"),
            }
        )
    return pd.DataFrame(rows)


def page(found: ov.Posterior, firms: int) -> str:
    """Return docs/posterior.md, of trials with so many firms."""
    record, table = found.record, found.identifiability
    central = record["central_draw"]
    trials = {name.partition(".")[0] for name in found.targets["name"] if "." in name}
    findings = int(found.targets["name"].str.contains(".", regex=False).sum())
    outside = central["outside"]
    edges, middle = central["at_the_edge"], BAND
    learned = learned_table(found)
    return PAGE.format(
        unknowns=len(table),
        fitted=int(found.targets["fitted"].sum()),
        patterns=len(found.targets) - findings,
        findings=findings,
        trials=len(trials),
        evaluations=record["evaluations"],
        failed=record["failed"],
        held_out=sum(trial.held_out for trial in builtin_trials().values()),
        firms=number(firms),
        replications=record["replications"],
        pattern_worlds=3 * record["replications"],
        waves=record["waves"],
        bandwidth=f"{record['bandwidth']:.2f}",
        confirmed=CONFIRMED.format(count=record["confirmed"]["draws_repeated"]) if "confirmed" in record else "",
        draws=len(found.draws),
        effective=f"{record['effective_draws']:.0f}",
        central="They lie inside every range that was fitted."
        if not outside
        else f"In these few worlds they lie outside {'; '.join(map(name_of_target, outside))}.",
        distance=f"{central['distance']:.2f}",
        edges=len(edges),
        middle=f"{100.0 * middle:.0f}",
        by_chance=f"{(1.0 - middle) * len(table):.0f}",
        lop_sided=f": {', '.join(f'`{each}`' for each in edges)}." if edges else ".",
        driven=int(table["assumption_driven"].sum()),
        share=ASSUMPTION_DRIVEN,
        below=int((table["ratio"] < ASSUMPTION_DRIVEN).sum()),
        learned_or_not=NOTHING_LEARNED if learned.empty else LEARNED.format(table=markdown(learned)),
        pairs=len(found.informs),
        clear=int(found.informs["clear"].sum()),
        false=f"{100.0 * FALSE:.0f}",
        targets=markdown(targets_table(found)),
    )


def simulated_again(found: ov.Posterior, count: int) -> list[str]:
    """Return the draws, of `count` spread evenly over all, at which the present model gives something else."""
    names = [name for name in found.simulated.columns if name != "draw"]
    simulate = partial(patterns_and_trials, seed=found.record["seed"])
    work = Work(simulate, tuple(names), found.record["replications"])
    chosen = np.unique(np.linspace(0, len(found.draws) - 1, count).astype(int))
    recorded = found.simulated.set_index("draw")

    def differs(place: int) -> str:
        row = found.draws.iloc[place]
        again = work.at(0, int(place), {path: float(row[path]) for path in found.paths}).means(names)
        same = np.allclose(again, recorded.loc[row["draw"], names].to_numpy(float), rtol=1e-9, atol=0.0)
        return "" if same else str(row["draw"])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [name for name in pool.map(differs, chosen) if name]


def confirm(folder: Path, page_file: Path, count: int) -> None:
    """Note the present model in the run record if it gives what is recorded; leave all as it is otherwise."""
    found = ov.Posterior.load(folder)
    asked = {"targets": {name: vars(each) for name, each in targets_of(all_targets()).items()}}
    asked["parameters"] = {each.path: each.told() for each in unknowns_of(fitted_paths())}
    moved = [key for key, value in plain(asked).items() if value != found.record[key]]
    if moved:
        sys.exit(f"{' and '.join(moved)} are no longer those that were fitted: calibrate again.")
    odd = simulated_again(found, count)
    if odd:
        sys.exit(f"{len(odd)} of {count} draws come out otherwise ({', '.join(odd[:3])} …): calibrate again.")
    before = found.record.get("confirmed", {"made_with": found.record["model_digest"]})
    found.record["confirmed"] = {"made_with": before["made_with"], "draws_repeated": count}
    found.record["model_digest"] = model_digest()
    found.record["simulate"] = identity_of(partial(patterns_and_trials, seed=found.record["seed"]), OWN_MEASURES)
    found.save(folder)
    page_file.write_text(page(found, trials_firms()), encoding="utf-8")
    print(f"{count} of {len(found.draws)} draws simulated again, each target equal to nine digits; {folder}")


def trials_firms() -> int:
    """Return how many firms the clusters of fitted trials have."""
    return max(trial.firms for trial in trials_to_fit().values())


def main() -> None:
    """Calibrate, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, default=Path("results") / "posterior", help="folder of evaluations")
    parser.add_argument("--out", type=Path, default=ROOT / "ovopsim" / "parameters" / "data" / "posterior")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "posterior.md")
    parser.add_argument("--quick", action="store_true", help="few points: to see that it runs")
    parser.add_argument("--confirm", type=int, metavar="DRAWS", help="only see whether the model still gives the same")
    options = parser.parse_args()
    if options.confirm:
        try:
            confirm(options.out, options.page, options.confirm)
        except ov.InputError as error:
            sys.exit(str(error))
        return
    found = ov.calibrate(store=options.store, **(QUICK | SMALL if options.quick else SIZES))
    found.save(options.out)
    firms = SMALL_FIRMS if options.quick else trials_firms()
    options.page.write_text(page(found, firms), encoding="utf-8")
    print(f"{len(found.draws)} draws in {options.out}, worth {found.record['effective_draws']:.0f}; {options.page}")


if __name__ == "__main__":
    main()
