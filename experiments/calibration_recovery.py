"""Does the calibration find parameters that are known? Targets simulated from them, fitted, and compared.

A truth is drawn from the prior, the model simulated at it in other worlds, and a tolerated range put around what it
gave, at a place that chance chooses; then `calibrate` is asked for the truth. Over many truths the share of the
posterior below the truth must be uniform (simulation-based calibration, Talts et al. 2018, arXiv:1804.06788), and the
truth must lie in 50 % and 90 % intervals as often as they say. Two models: formulas with five parameters, of which one
does nothing; and the cluster without a programme, small, with four parameters.

    python experiments/calibration_recovery.py --out results/calibration_recovery [--quick]
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from reporting import keep, save
from scipy.stats import binom, kstest

import ovopsim as ov
from ovopsim.calibration import baseline_patterns
from ovopsim.plots.drawing import BLACK, BLUE, PALE, SMALL_SIZE, TEXT_SIZE, new_figure, note, title
from ovopsim.study.unknowns import unknowns_of

REPLICATIONS = 4
OTHER_WORLDS = 1000  # replications from here on make the data
DATA_REPLICATIONS = 64  # many: the calibration knows the noise of its own means only, published values have none
SMALL = ov.Scenario(population={"synthetic": "surakarta", "firms": 60})  # type: ignore[arg-type]


def formulas(values: Mapping[str, float], replication: int, seed: int = 1) -> dict[str, float]:
    """Return four summaries of four numbers, curved and with noise that depends on the world; `idle` does nothing."""
    a, b, c, d = (values[name] for name in "abcd")
    noise = 0.02 * np.random.default_rng([seed, replication]).normal(size=4)
    exact = [a + 0.3 * b * b, np.sin(2.5 * b) + 0.4 * c, a * c + 0.2 * d, np.exp(-2.0 * d) + 0.2 * a]
    return dict(zip(("first", "second", "third", "fourth"), np.array(exact) + noise, strict=True))


def cluster(values: Mapping[str, float], replication: int, seed: int = 1) -> dict[str, float]:
    """Return the patterns of sixty firms without a programme."""
    return baseline_patterns(values, replication, SMALL, seed)


@dataclass(frozen=True)
class Case:
    """A model with known parameters.

    Attributes
    ----------
    simulate : callable
    parameters : iterable of str, or mapping
    widths : dict of str to float
        Of the tolerated range of each target.
    points, waves, truths : int
    """

    simulate: Callable[..., Mapping[str, float]]
    parameters: Any
    widths: dict[str, float]
    points: int
    waves: int
    truths: int


CASES = {
    "formulas": Case(
        formulas,
        dict.fromkeys(("a", "b", "c", "d", "idle"), (0.0, 1.0)),
        {"first": 0.15, "second": 0.2, "third": 0.15, "fourth": 0.15},
        points=60,
        waves=3,
        truths=60,
    ),
    "small cluster": Case(
        cluster,
        (
            "environment.g_spending",
            "entry_and_exit.background",
            "technology_and_cost.materials_share",
            "finance.application_intercept",
        ),
        {"sales_growth": 0.015, "exit_rate": 0.02, "materials_share": 0.03, "bank_loan_share": 0.06},
        points=50,
        waves=2,
        truths=20,
    ),
}


def targets_from(case: Case, truth: Mapping[str, float], chance: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Return tolerated ranges that hold what the truth gives, each at a place that chance chooses."""
    runs = [case.simulate(truth, OTHER_WORLDS + replication) for replication in range(DATA_REPLICATIONS)]
    found = {}
    for name, width in case.widths.items():
        middle = float(np.mean([run[name] for run in runs])) + width * (chance.random() - 0.5)
        found[name] = (middle - width / 2.0, middle + width / 2.0)
    return found


def recovered(case: Case, number: int, folder: Path, n_jobs: int | None) -> list[dict[str, Any]]:
    """Return, for each parameter of one truth, where in the posterior it lies; each truth has worlds of its own."""
    # in the same worlds, the luck of their mean would be that of all truths
    case = replace(case, simulate=partial(case.simulate, seed=number + 1))
    chance = np.random.default_rng([7, number])
    unknowns = unknowns_of(case.parameters)
    truth = {each.path: each.at(float(chance.random())) for each in unknowns}
    began = time.perf_counter()
    store = folder / f"truth-{number:03d}"
    found = ov.calibrate(
        targets_from(case, truth, chance),
        case.parameters,
        store=store,
        simulate=case.simulate,
        points=case.points,
        waves=case.waves,
        replications=REPLICATIONS,
        seed=number,
        n_jobs=n_jobs,
        progress=False,
    )
    shutil.rmtree(store)
    table = found.identifiability.set_index("parameter")
    return [
        {
            "truth": number,
            "parameter": path,
            "true_value": value,
            "rank": float(found.draws["weight"] @ (found.draws[path] < value)),
            "ratio": table.loc[path, "ratio"],
            "error": (table.loc[path, "mean"] - value) / table.loc[path, "prior_sd"],
            "effective_draws": found.record["effective_draws"],
            "bandwidth": found.record["bandwidth"],
            "seconds": time.perf_counter() - began,
        }
        for path, value in truth.items()
    ]


def summary(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return for each parameter the coverage of its intervals, and whether its ranks are uniform."""
    rows = []
    for (model, parameter), group in ranks.groupby(["model", "parameter"], sort=False):
        rank = group["rank"].to_numpy()
        inside = {level: float((np.abs(rank - 0.5) <= level / 2.0).mean()) for level in (0.5, 0.9)}
        rows.append(
            {
                "model": model,
                "parameter": parameter,
                "truths": len(rank),
                "coverage_50": inside[0.5],
                "coverage_90": inside[0.9],
                "expected_90_low": binom.ppf(0.025, len(rank), 0.9) / len(rank),
                "mean_rank": float(rank.mean()),
                "uniform_p": float(kstest(rank, "uniform").pvalue),
                "posterior_over_prior": float(group["ratio"].mean()),
                "error_over_prior": float(np.sqrt((group["error"] ** 2).mean())),
                "seconds": float(group["seconds"].mean()),
            }
        )
    return pd.DataFrame(rows)


def draw(ranks: pd.DataFrame, out: Path) -> None:
    """Draw how many truths lie below each share of their posterior, beside what chance allows."""
    names = list(dict.fromkeys(zip(ranks["model"], ranks["parameter"], strict=True)))
    columns = 3
    lines = -(-len(names) // columns)
    figure, axes = new_figure(9.0, 1.2 + 2.3 * lines, lines, columns, sharex=True, sharey=True)
    shares = np.linspace(0.0, 1.0, 101)
    for axis, (model, parameter) in zip(axes.ravel(), names, strict=False):
        rank = np.sort(ranks[(ranks["model"] == model) & (ranks["parameter"] == parameter)]["rank"])
        low, high = (binom.ppf(end, len(rank), shares) / len(rank) for end in (0.025, 0.975))
        axis.fill_between(shares, low, high, color=PALE, lw=0)
        axis.plot([0.0, 1.0], [0.0, 1.0], color=BLACK, lw=0.8)
        axis.step(np.concatenate([[0.0], rank, [1.0]]), np.linspace(0.0, 1.0, len(rank) + 2), color=BLUE, where="post")
        axis.set_title(f"{model}: {parameter.rpartition('.')[2]}", loc="left", fontsize=TEXT_SIZE)
    for axis in axes.ravel()[len(names) :]:
        axis.set_axis_off()
    for axis in axes[-1]:
        axis.set_xlabel("Share of the posterior below the truth", fontsize=SMALL_SIZE)
    for line in axes:
        line[0].set_ylabel("Share of truths", fontsize=SMALL_SIZE)
    title(figure, "Does the calibration find what is known? Places of the truth in its posterior")
    note(
        figure, "On the diagonal: posteriors as wide as they should be. Grey: where 95 % of points lie by chance alone."
    )
    save(figure, out, "recovery")


def main() -> None:
    """Run the experiment and write tables and a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("results/calibration_recovery"))
    parser.add_argument(
        "--quick", action="store_true", help="two truths of each model, few points: to see that it runs"
    )
    parser.add_argument("--truths", type=int, help="of each model")
    parser.add_argument("--n-jobs", type=int, help="threads; all cores if left out")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for model, whole in CASES.items():
        case = replace(whole, points=25, waves=2, truths=2) if options.quick else whole
        for number in range(options.truths or case.truths):
            rows += [{"model": model} | row for row in recovered(case, number, options.out, options.n_jobs)]
    ranks = pd.DataFrame(rows)
    table = summary(ranks)
    keep(ranks, options.out, "ranks")
    keep(table, options.out, "recovery")
    draw(ranks, options.out)
    for row in table.to_dict("records"):
        print(
            f"{row['model']}, {row['parameter']}: truth in the 50 % interval {100 * row['coverage_50']:.0f} %, in the "
            f"90 % interval {100 * row['coverage_90']:.0f} % of {row['truths']} times; ranks uniform "
            f"p = {row['uniform_p']:.2f}; posterior over prior {row['posterior_over_prior']:.2f}"
        )


if __name__ == "__main__":
    main()
