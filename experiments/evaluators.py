"""What would an evaluator find? Estimates of simulated field trials beside the exact effects.

Hundreds of simulated trials: how often the evaluator's interval holds the exact effect where hardly any rival loses
(`evaluators_coverage.py`), how far a naive estimate is off when rivals lose, and what comparing towns shows
(`evaluators_rivals.py`). Writes tables and a picture, and the page docs/evaluators.md with every figure measured; a
quick run leaves its page beside its tables. The whole takes less than half an hour of one core.

    python experiments/evaluators.py [--quick] [--out results/evaluators] [--page docs/evaluators.md]
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import evaluators_coverage
import evaluators_rivals
import pandas as pd
from evaluators_numbers import numbers, unsupported
from evaluators_page import page
from evaluators_rivals import Size
from reporting import keep, parser, save

from ovopsim.plots.drawing import BLACK, BLUE, GREY, ORANGE, SMALL_SIZE, TEXT_SIZE, new_figure, note, title

WHOLE = Size(scan_worlds=32, worlds=64, firms=1_000, experiments=100, towns_of_a_share=10, firms_of_a_town=200)
QUICK = Size(scan_worlds=2, worlds=3, firms=60, experiments=2, towns_of_a_share=3, firms_of_a_town=30)
PANELS = {
    "as shipped": "Buyers buy mostly elsewhere (assumed for Surakarta)",
    "hardly any elsewhere": "Buyers buy hardly anything elsewhere",
}


def picture(table: pd.DataFrame) -> Any:
    """Return a panel for each of two markets: what the evaluator finds and what is so, by share of firms treated."""
    plain = table[table["dose"] == 1.0]
    figure, axes = new_figure(9.6, 4.4, 1, len(PANELS), sharey=True)
    off = []
    for axis, (market, heading) in zip(axes[0], PANELS.items(), strict=True):
        rows = plain[plain["market"] == market].set_index("share")
        off.append(rows.loc[0.5, "too_much"])
        panel(axis, rows)
        axis.set_title(heading, fontsize=TEXT_SIZE, loc="left")
    axes[0][0].set_ylabel("Change in sales, %", fontsize=TEXT_SIZE)
    title(
        figure,
        f"With half of the firms treated, an evaluator finds {off[0]:.0f} % too much in the market as shipped, and "
        f"{off[1]:.0f} % where buyers hardly buy elsewhere",
    )
    worlds = int(plain["worlds"].iloc[0])
    note(
        figure,
        f"Equipment for firms drawn by lot; sales after a year, means over {worlds} worlds. Found: treated less "
        "untreated firms of the same market, without the luck of the draw. Percentages: too much, over what is so.",
    )
    return figure


def panel(axis: Any, rows: pd.DataFrame) -> None:
    """Draw one market."""
    some = rows[rows.index < 1.0]
    shares, every = 100.0 * some.index.to_numpy(), 100.0 * rows.index.to_numpy()
    axis.axhline(0.0, color=GREY, lw=1, zorder=0)
    axis.fill_between(shares, some["treated"], some["expected"], color=ORANGE, alpha=0.18, lw=0)
    # beside the last point; under or over it for the line that goes on to the edge
    under = (0, 26) if some["expected"].iloc[-1] - some["treated"].iloc[-1] > 2.0 else (0, -16)
    lines = {
        "found by the evaluator": (shares, some["expected"], ORANGE, (8, -3), "left"),
        "treated firms, exact": (every, rows["treated"], BLUE, under, "right"),
        "untreated rivals, exact": (shares, some["untreated"], BLACK, (8, -3), "left"),
    }
    for name, (places, values, colour, shift, side) in lines.items():
        axis.plot(places, values, color=colour, marker="o", ms=4, lw=1.8)
        words = {"xytext": shift, "textcoords": "offset points", "fontsize": SMALL_SIZE, "color": colour}
        axis.annotate(name, (places[-1], values.iloc[-1]), ha=side, **words)
    for place, found, much in zip(shares, some["expected"], some["too_much"], strict=True):
        words = {"xytext": (0, 6), "textcoords": "offset points", "fontsize": SMALL_SIZE, "color": ORANGE}
        axis.annotate(f"{much:+.0f} %", (place, found), ha="center", **words)
    axis.set_xticks(every)
    axis.set_xlabel("Firms of the market that are treated, %", fontsize=TEXT_SIZE)
    axis.margins(x=0.08, y=0.16)


def main() -> None:
    """Run everything; write tables, picture and page, and print what matters most."""
    given = parser(__doc__, "evaluators")
    given.set_defaults(replications=400)
    given.add_argument("--page", type=Path, help="the page; its picture stands beside it")
    given.add_argument("--n-jobs", type=int, help="threads; all cores when left out")
    options = given.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    quick_page = options.out / "evaluators.md"
    target = options.page or (quick_page if options.quick else Path("docs/evaluators.md"))
    size, trials = (QUICK, 3) if options.quick else (WHOLE, options.replications)
    counted = evaluators_coverage.measure(trials, options.n_jobs)
    found = {
        "levers": evaluators_rivals.scan(size, options.n_jobs),
        "saturations": evaluators_rivals.saturations(size, options.n_jobs),
        "groups": evaluators_rivals.groups_in_one_market(size, options.n_jobs),
        "towns": evaluators_rivals.towns(size, options.n_jobs),
    }
    tables = {name: counted[name] for name in ("coverage", "reasons")} | found
    for name, table in tables.items():
        keep(table, options.out, name)
    keep(pd.DataFrame([counted["shape"]]), options.out, "shape")
    figure = picture(found["saturations"])
    save(figure, options.out, "evaluators")
    target.parent.mkdir(parents=True, exist_ok=True)
    save(figure, target.parent, target.stem)
    in_prose = numbers(tables, counted["shape"], size)
    target.write_text(page(tables, in_prose, target.stem), encoding="utf-8")
    half = found["saturations"].query("dose == 1.0 and share == 0.5").set_index("market")["too_much"]
    printed = {"trials": trials, "too_much_percent": half.round(2).to_dict()}
    print(json.dumps(printed | {"words_not_borne_out": unsupported(tables, in_prose)}))


if __name__ == "__main__":
    main()
