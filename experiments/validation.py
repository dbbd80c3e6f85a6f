"""Should the model be believed? Every target, why some fail, and how large a pilot must be.

Writes docs/validation.md (or `--out FILE`) with figures that are measured or read from what ships, and its picture
beside `--figure`.

    python experiments/validation.py [--quick] [--out docs/validation.md] [--figure results/validation.png]
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from reporting import markdown
from validation_text import TEXT, WHY

import ovopsim as ov
from ovopsim.analysis.changes import BAND
from ovopsim.analysis.pilot_designs import PilotDesign
from ovopsim.analysis.power import power_table
from ovopsim.analysis.trial_measures import measured
from ovopsim.analysis.validation import BASELINE_WORLDS, SEEN, noisy, trial_verdicts, trial_worlds
from ovopsim.fields import FIRM
from ovopsim.labels import listing
from ovopsim.policy.quantities import located
from ovopsim.policy.trials import Trial, builtin_trials
from ovopsim.report.validating import figure_of, span_of, target_name
from ovopsim.simulation import month_zero, run_scenario

# what the page says of numbers that were set by hand, and of where they ship
SET = {
    "hurdle": "population.hurdle_rate",
    "ready": "levers.licensing.acceptance.intercept",
    "paid": "levers.licensing.acceptance.value",
    "fair_chance": "levers.exhibition.effects.1.probability",
    "fair_access": "levers.exhibition.effects.3.by",
    "leak": "accounts.leak",
    "least_access": "learning.least_access.export",
    "buffer": "accounts.buffer_months",
}
LEAK = 0.4  # a month: households that take more than those of the central draw
LOT = "levers.business_matching.effects.0.by"
HELPED = ("V1", "V4", "V5", "V6", "V8", "V19", "V20")  # trials of training, grants and meetings, V2 apart, which fails
LACKING = 0.8  # of the equipment that a firm wants, below which it lacks some
PILOT = PilotDesign()
FOLLOW_UPS = (12, 24, 36)
GAIN = 0.10
SIZES = (400, 800, 1_600, 3_200)
Rows = Sequence[Mapping[str, Any]]


def table_of(rows: Rows) -> pd.DataFrame:
    """Return the rows of the validation as texts."""
    return pd.DataFrame(
        {
            "target": [target_name(row, "en") for row in rows],
            "simulated (95 %)": [
                f"{figure_of(row['simulated'], 'en')} ({figure_of(row['simulated_low'], 'en')} to "
                f"{figure_of(row['simulated_high'], 'en')})"
                for row in rows
            ],
            "tolerated": [span_of(row, "en") for row in rows],
            "published": [figure_of(row["published"], "en") for row in rows],
            "inside": ["yes" if row["inside"] else "**no**" for row in rows],
            "may be fitted": [fit_of(row) for row in rows],
            "noise": [
                "–" if row["noise"] is None or math.isnan(row["noise"]) else f"{row['noise']:.3f}" for row in rows
            ],
            "evidence": [", ".join(row["evidence"]) or "–" for row in rows],
        }
    )


def fit_of(row: Mapping[str, Any]) -> str:
    """Return whether a fit may use a target."""
    if row["fitted"]:
        return "yes"
    return "held out, seen" if row["trial"] in SEEN else "held out"


def capital(worlds: int) -> dict[str, float]:
    """Return how much capital firms have, lack and could buy in a cluster of a trial's size, by world, averaged."""
    found = []
    for world in range(worlds):
        scenario = ov.Scenario(population={"synthetic": "surakarta", "firms": builtin_trials()["V2"].firms}, months=13)
        table = run_scenario(scenario, month_zero(scenario, 1, world), [12]).snapshots[0]
        table = table[:, (table[FIRM.active] == 1.0) & (table[FIRM.equipment] > 0.0)]
        short = table[FIRM.equipment] < LACKING * table[FIRM.wanted_equipment]
        able = table[FIRM.log_ability] >= np.quantile(table[FIRM.log_ability], 2.0 / 3.0)
        middle = [np.median(table[row]) / 1e6 for row in (FIRM.cash, FIRM.equipment)]
        found.append([*middle, 100.0 * short.mean(), 100.0 * short[able].mean()])
    return dict(zip(("cash", "equipment", "gapped", "gapped_able"), np.mean(found, axis=0).tolist(), strict=True))


def without_a_name(trial: Trial, worlds: int) -> dict[str, float]:
    """Return what a large buyer does when deliveries make no name."""
    changed = trial.changed(parameters={"learning.contract_access": 0.0})
    both = {"": changed, "_with": trial}
    found: dict[str, float] = {}
    for end, each in both.items():
        runs = trial_worlds({"V12": each}, worlds)["V12"]
        values = {target.name: measured(target, runs)[0] for target in trial.targets}
        found |= {f"jobs{end}": values["jobs"], f"first{end}": values["other_sales_at_first"]}
    return found


def with_poorer_firms(worlds: int) -> dict[str, float]:
    """Return what a large buyer, and a certificate that one asks for, do where households take more from firms."""
    changed = {name: builtin_trials()[name].changed(parameters={"accounts.leak": LEAK}) for name in ("V12", "V17")}
    runs = trial_worlds(changed, worlds)
    values = {
        target.name: measured(target, runs[name])[0] for name, trial in changed.items() for target in trial.targets
    }
    return {"poorer_jobs": values["jobs"], "poorer_first": values["other_sales_at_first"]} | {
        "poorer_asked": values["asked"]
    }


def adoption(worlds: int) -> dict[str, float]:
    """Return what share of firms takes a step in technology with a trainer, and what share of them without."""
    trial = builtin_trials()["V19"]
    (target,) = (each for each in trial.targets if each.outcome == "adopted")
    shares = []
    for world in trial_worlds({"V19": trial}, worlds)["V19"]:
        mine = world.arm == trial.arm_of(target)
        both = world.seen, world.unseen
        steps = [run["adoptions", target.months[0]][mine] > world.before["adoptions"][mine] for run in both]
        shares.append([100.0 * each.mean() for each in steps])
    with_it, without = np.mean(shares, axis=0)
    return {"adopted": with_it, "anyway": without, "added": with_it - without, "adoption_least": target.low or 0.0}


def outside_of(found: ov.Validation) -> pd.DataFrame:
    """Return the targets outside, with the band of single worlds."""
    rows = [row for row in found.rows if not row["inside"]]
    return pd.DataFrame(
        {
            "target": [target_name(row, "en") for row in rows],
            "mean": [figure_of(row["simulated"], "en") for row in rows],
            "90 % of draws": [
                f"{figure_of(row['world_low'], 'en')} to {figure_of(row['world_high'], 'en')}" for row in rows
            ],
            "tolerated": [span_of(row, "en") for row in rows],
        }
    )


def shipped() -> dict[str, float]:
    """Return the numbers that were set by hand, as they ship."""
    found = {}
    for name, path in SET.items():
        record, member = located(path)
        found[name] = record.value_of(member)
    chance, _ = located(SET["fair_chance"])
    lot, member = located(LOT)
    return found | {"fair_prior": float(chance.prior[-1]), "lot": 100.0 * lot.value_of(member)}


def failures(found: Rows, whole: Rows, worlds: int) -> tuple[str, list[str]]:
    """Return what is said of what fails at the central draw or over the posterior, and the trials that do."""
    mean, posterior = ({(row["trial"], row["name"]): row for row in rows} for rows in (found, whole))
    fair = ("V16", "export_participation")
    why: dict[str, float] = capital(2) | without_a_name(builtin_trials()["V12"], worlds) | shipped()
    why |= with_poorer_firms(worlds) | {"leak_higher": LEAK}
    why |= {"lacking": 100.0 * LACKING, "fair": mean[fair]["simulated"], "fair_least": mean[fair]["low"]}
    why |= {"fair_posterior": posterior[fair]["simulated"]}
    over = trial_verdicts(whole)
    failing = [name for name, inside in trial_verdicts(found).items() if not (inside and over[name])]
    told = [f"**{name}.** {WHY.get(name, 'No diagnosis yet.').format(**why)}" for name in failing]
    outside = [row for row in found if row["kind"] == "baseline" and not row["inside"]]
    told += [f"**{target_name(row, 'en')}** lies outside." for row in outside]
    return "\n\n".join(told) or "Nothing.", failing


def wary(found: Rows) -> dict[str, Any]:
    """Return what the page says of targets that are inside, and of those that cannot be judged."""
    ranged = [
        row
        for row in found
        if row["trial"] in HELPED and row["inside"] and row["low"] is not None and row["high"] is not None
    ]
    lower = sum(row["simulated"] < (row["low"] + row["high"]) / 2.0 for row in ranged)
    open_ended = {row["trial"]: None for row in found if row["trial"] and None in {row["low"], row["high"]}}
    (incumbents,) = (row for row in found if (row["trial"], row["name"]) == ("V15", "incumbents"))
    return {
        "ranged": len(ranged),
        "lower": lower,
        "one_bound": listing(list(open_ended)),
        "incumbents": incumbents["simulated"],
        "incumbents_published": incumbents["published"],
        "noisy": "; ".join(target_name(row, "en") for row in noisy(found)) or "none",
    }


def pilot(worlds: int) -> dict[str, Any]:
    """Return how large a pilot of a course must be, and what it was asked of."""
    course = builtin_trials()["V4"]
    frames = [world.frame() for world in trial_worlds({"V4": course}, worlds)["V4"]]
    found = power_table(frames, PILOT, "profit", FOLLOW_UPS, effect=GAIN, sizes=SIZES)
    return {
        "pilot_worlds": worlds,
        "firms": course.firms,
        "treated": 100.0 * PILOT.share_treated,
        "follow_ups": listing([str(month) for month in FOLLOW_UPS]),
        "gain": 100.0 * GAIN,
        "power_table": markdown(found.round(3)),
    }


def page(worlds: int, trial_replications: int, draws: int) -> tuple[str, ov.Validation, dict[str, Any]]:
    """Return the page, the validation and what is printed."""
    found = ov.validate(worlds, progress=False)
    whole = ov.validate(draws, progress=False, posterior="shipped")
    told, failing = failures(found.rows, whole.rows, worlds)
    text = TEXT.format(
        worlds=worlds,
        baseline_worlds=BASELINE_WORLDS,
        seen=listing(SEEN),
        **{key: every for key, (_, every) in found.counts.items()},
        **{f"inside_{key}": inside for key, (inside, _) in found.counts.items()},
        draws=draws,
        band=100.0 * BAND,
        **{f"posterior_{key}": inside for key, (inside, _) in whole.counts.items()},
        posterior_outside=markdown(outside_of(whole)),
        failures=told,
        table=markdown(table_of(found.rows)),
        **shipped(),
        **wary(found.rows),
        **adoption(worlds),
        **pilot(trial_replications),
    )
    return text, found, {"counts": found.counts, "posterior_counts": whole.counts, "outside": failing}


def main() -> None:
    """Write the page and print what is inside."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/validation.md"))
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--quick", action="store_true", help="few worlds, to see that it runs")
    given = parser.parse_args()
    text, found, printed = page(*((2, 3, 2) if given.quick else (16, 40, 64)))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text, encoding="utf-8")
    if given.figure is not None:
        found.save_figure(given.figure)
    print(json.dumps(printed))


if __name__ == "__main__":
    main()
