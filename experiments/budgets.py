"""How much budget is enough? All seven roles with six budgets, from 100 million to 2 billion rupiah a year.

For each budget: what changes, what is really spent of it, what an extra job costs, and what the last step added.
A budget that is too small for whole batches is not all spent by December, and what is left lapses: the same budgets,
carried over from year to year (`multi_year`), show how much of what a budget does is the calendar's.

    python experiments/budgets.py --out results/budgets [--quick]
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from reporting import in_words, keep, parser, relative, save, size, store_of

import ovopsim as ov
from ovopsim.analysis.effects import mean_effect, ratio
from ovopsim.plots.drawing import BLACK, BLUE, GREY, SMALL_SIZE, TEXT_SIZE, new_figure, note, title

MILLIONS = (0, 100, 250, 500, 1000, 1500, 2000)
BUDGET = "programme.budget"
CARRIED = "programme.multi_year"  # whether unspent money is carried over


def step(store: ov.Store, low: int, high: int, carried: bool = False) -> dict[str, Any]:
    """Return what one budget changes against a lower one: jobs, cost over the whole run, and cost for each job."""
    runs = store.differences({BUDGET: low * 1e6}, ["jobs", "public_cost_idr"])
    runs = runs[(runs[BUDGET] == high * 1e6) & (runs[CARRIED] == carried)]
    jobs, cost = (runs[name].to_numpy() for name in ("jobs", "public_cost_idr"))
    gain, price = mean_effect(jobs), ratio(cost, jobs)
    return {
        "multi_year": carried,
        "from_million_idr": low,
        "budget_million_idr": high,
        "extra_jobs": gain.mean,
        "extra_jobs_low": gain.low,
        "extra_jobs_high": gain.high,
        "public_cost_million_idr": cost.mean() / 1e6,
        "million_idr_per_job": price.mean / 1e6,
        "million_idr_per_job_low": price.low / 1e6,
        "million_idr_per_job_high": price.high / 1e6,
        "no_price_because": price.why,
    }


def marked(axis: Any, table: pd.DataFrame, name: str, style: tuple[str, str, str], aside: float = 0.0) -> None:
    """Mark means and intervals over budgets; `aside` puts them beside others, not on them."""
    colour, marker, words = style
    low, high = table[name] - table[f"{name}_low"], table[f"{name}_high"] - table[name]
    place = table["budget_million_idr"] + aside
    ends = [low, high.where(np.isfinite(high), 0.0)]
    axis.errorbar(place, table[name], ends, fmt=f"{marker}-", color=colour, capsize=3, label=words)


def draw(whole: pd.DataFrame, steps: pd.DataFrame, out: Path) -> None:
    """Draw extra jobs, and cost for each, over the budget; a third line is that of money that is carried over."""
    figure, axes = new_figure(9.0, 4.2, 1, 2)
    for axis, name in zip(axes[0], ("extra_jobs", "million_idr_per_job"), strict=True):
        marked(axis, whole[~whole["multi_year"]], name, (BLACK, "o", "whole budget, lapses in December"))
        marked(axis, whole[whole["multi_year"]], name, (BLUE, "^", "whole budget, carried over"), aside=-25)
    # the first step is the whole of the smallest budget
    marked(axes[0][1], steps.iloc[1:], "million_idr_per_job", (GREY, "s", "last step alone"), aside=25)
    for axis, text in zip(axes[0], ("Extra jobs in the last year", "Million rupiah for each extra job"), strict=True):
        axis.set_xlabel("Budget, million rupiah of 2016 a year", fontsize=TEXT_SIZE)
        axis.set_ylabel(text, fontsize=TEXT_SIZE)
        axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))
    axes[0][0].legend(frameon=False, fontsize=SMALL_SIZE)
    axes[0][1].legend(frameon=False, fontsize=SMALL_SIZE)
    title(figure, "What a larger budget adds: extra jobs, and what each costs")
    note(
        figure,
        "Bars: 95 % intervals over worlds. No mark where the gain in jobs is not clear. Cost is discounted.",
    )
    save(figure, out, "budgets")


def main() -> None:
    """Run the experiment and write tables and a figure."""
    options = parser(__doc__, "budgets").parse_args()
    shape = size(options)
    design = ov.Design.grid({CARRIED: [False, True], BUDGET: [million * 1e6 for million in MILLIONS]})
    base = ov.presets()["All seven roles"].changed(**shape)
    store = ov.sweep(design, store_of(options), base, replications=options.replications)
    effects = store.effects({BUDGET: 0})
    spent = store.by_run(["spent_idr"]).groupby([CARRIED, BUDGET])["spent_idr"].mean() * 12.0
    whole = pd.DataFrame([step(store, 0, million, carried) for carried in (False, True) for million in MILLIONS[1:]])
    whole["spent_share_last_year"] = [
        spent[float(row.multi_year), row.budget_million_idr * 1e6] / (row.budget_million_idr * 1e6)
        for row in whole.itertuples()
    ]
    steps = pd.DataFrame([step(store, low, high) for low, high in pairwise(MILLIONS)])
    keep(effects[effects[BUDGET] > 0.0], options.out, "effects")
    keep(whole, options.out, "budgets")
    keep(steps, options.out, "steps")
    draw(whole, steps, options.out)
    sales = effects[effects["outcome"] == "sales_idr"].set_index([CARRIED, BUDGET])
    for row in whole.to_dict("records"):
        million = row["budget_million_idr"]
        jobs = in_words([row["extra_jobs"], row["extra_jobs_low"], row["extra_jobs_high"]], "jobs")
        text = f"{row['million_idr_per_job']:.0f} ({row['million_idr_per_job_low']:.0f} to "
        price = f"{text}{row['million_idr_per_job_high']:.0f}) million a job" if not row["no_price_because"] else ""
        share = f"{100.0 * row['spent_share_last_year']:.0f} % spent in the last year"
        how = ", carried over" if row["multi_year"] else ""
        effect = in_words(relative(sales.loc[(float(row["multi_year"]), million * 1e6)]))
        print(f"{million} million{how}: sales {effect}; {jobs}; {share}; {price}")
    for row in steps.iloc[1:].to_dict("records"):
        jobs = in_words([row["extra_jobs"], row["extra_jobs_low"], row["extra_jobs_high"]], "jobs")
        print(f"From {row['from_million_idr']} to {row['budget_million_idr']} million: {jobs}")


if __name__ == "__main__":
    main()
