"""All 128 mixes of the agency's seven roles: what each role adds, which go together, and which mix is best.

Every mix runs in the same 64 worlds, with 200 firms, for ten years, the programme all along. Two questions:

    python experiments/seven_roles.py --out results/seven_roles [--quick]
        every mix has the same budget, split equally: is a role worth its place in the mix?
    python experiments/seven_roles.py --budget each --out results/seven_roles_each [--quick]
        every role brings its own seventh of the budget: what does its money add, and do two help each other?

Where all mixes have the same budget, what a role adds and which pairs go together are seen over the mixes of at least
one role: the mix of none has no money, and the step from no money to the whole budget would stand in every role's
effect, and as hindrance in every pair. Where each role brings its own money, all mixes count.

Stopped half-way, the same command goes on where it was.
"""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
from reporting import HOLLOW, in_words, interval_panels, keep, parser, relative, save, size, store_of

import ovopsim as ov
from ovopsim.analysis.factorial import mixes
from ovopsim.plots.drawing import BLACK, PALE, SMALL_SIZE, TEXT_SIZE, new_figure, note, title

OUTCOMES = {"sales_idr": "Sales", "value_added_idr": "Value added", "jobs": "Jobs"}
ROLES = [f"roles.{number}" for number in range(1, 8)]
NAMES = {f"roles.{name[5]}": name.removeprefix("Role ") for name in ov.presets() if name.startswith("Role ")}
BUDGET = {"total": "all mixes have the same budget", "each": "each role brings a seventh of the budget"}
FOLDER = {"total": "seven_roles", "each": "seven_roles_each"}
SHOWN = {"total": "Over all mixes but the one of no role, which has no money.", "each": "Over all mixes."}


def main_effects(found: pd.DataFrame, budget: str, out: Path) -> None:
    """Draw what each role adds."""
    main = found[found["second"] == ""]
    panels = {
        f"{text}, % of the mean": [relative(row) for row in main[main["outcome"] == outcome].to_dict("records")]
        for outcome, text in OUTCOMES.items()
    }
    heading = f"What each role adds in the last year, on average over all mixes ({BUDGET[budget]})"
    under = f"{HOLLOW} {SHOWN[budget]}"
    save(interval_panels(panels, [NAMES[role] for role in ROLES], heading, under), out, "main_effects")


def sorted_mixes(effects: pd.DataFrame, budget: str, out: Path) -> None:
    """Draw the effect of all mixes on sales, sorted, and below which roles are in each."""
    order = effects.sort_values("relative").reset_index(drop=True)
    figure, axes = new_figure(9.5, 5.6, 2, 1, sharex=True, height_ratios=[3, 1.7])
    top, below = axes[0][0], axes[1][0]
    top.fill_between(order.index, 100 * order["relative_low"], 100 * order["relative_high"], color=PALE, lw=0)
    top.plot(order.index, 100 * order["relative"], color=BLACK, lw=1.4)
    top.axhline(0.0, color="0.5", lw=1)
    top.set_ylabel("Sales against\nno programme, %", fontsize=TEXT_SIZE)
    below.imshow(order[ROLES].to_numpy(dtype=float).T, cmap="Greys", aspect="auto", interpolation="none", vmax=1.3)
    below.set_yticks(range(len(ROLES)), [NAMES[role] for role in ROLES], fontsize=SMALL_SIZE)
    below.set_xlabel("Mixes, from the weakest to the strongest", fontsize=TEXT_SIZE)
    title(figure, f"Change in sales by mix of roles, last year ({BUDGET[budget]})")
    note(figure, "Line: mean over worlds. Band: 95 % interval. Dark cell: the role is in the mix.")
    save(figure, out, "mixes")


def as_good(store: ov.Store, best: pd.Series) -> int:
    """Return how many mixes, of any size, may be as good as the best: the paired difference in sales is not clear."""
    # where each role brings its money the budget tells mixes apart too, and the partner of all of them is one mix
    told = [path for path in (*ROLES, "programme.budget") if path in store.settings]
    behind = store.effects({path: best[path] for path in told}, ["sales_idr"])
    return int((behind["high"] >= 0.0).sum()) - 1  # without itself


def say(store: ov.Store, effects: pd.DataFrame, found: pd.DataFrame) -> None:
    """Print what was found."""
    sales = effects[effects["outcome"] == "sales_idr"].sort_values("relative", ascending=False)
    for row in sales.head(3).to_dict("records"):
        print(f"Roles {row['mix']}: sales {in_words(relative(row))}")
    level = as_good(store, sales.iloc[0])
    near = f"{level} other mixes" if level else "No other mix"
    print(f"{near} may be as good in sales: 95 % interval of the paired difference from the best.")
    for row in found[(found["outcome"] == "sales_idr") & (found["second"] == "")].to_dict("records"):
        print(f"Role {NAMES[row['first']]} adds: sales {in_words(relative(row), digits=2)}")
    pairs = found[(found["outcome"] == "sales_idr") & (found["second"] != "")]
    print(f"Pairs of roles: {(pairs['clear'] > 0).sum()} clearly help each other, {(pairs['clear'] < 0).sum()} hinder.")
    for row in pairs.iloc[pairs["mean"].abs().argsort()[::-1]].head(3).to_dict("records"):
        print(f"Roles {row['first'][-1]} and {row['second'][-1]} together: {in_words(relative(row), digits=2)}")


def main() -> None:
    """Run the experiment and write tables and figures."""
    arguments = parser(__doc__, "seven_roles")
    arguments.add_argument("--budget", choices=list(BUDGET), default="total")
    arguments.set_defaults(out=None)
    options = arguments.parse_args()
    options.out = options.out or Path("results") / FOLDER[options.budget]
    shape = size(options, months=120, population={"synthetic": "surakarta", "firms": 200})
    programme = ov.presets()["All seven roles"].programme.changed(months=shape["months"])
    design = ov.Design.roles(range(1, 4 if options.quick else 8), options.budget)
    began = time.perf_counter()
    base = ov.Scenario(programme=programme, **shape)
    store = ov.sweep(design, store_of(options, options.budget), base, replications=options.replications)
    seconds = time.perf_counter() - began
    ROLES[:] = [path for path in ROLES if path in store.settings]  # a quick run has three roles
    found = store.factorial(ROLES, OUTCOMES)
    nothing = dict.fromkeys(ROLES, 0) | ({"programme.budget": 0} if options.budget == "each" else {})
    effects = store.effects(nothing, [*OUTCOMES, "public_cost_idr"])
    effects.insert(0, "mix", mixes(effects, ROLES))
    keep(found[found["second"] == ""], options.out, "roles")
    keep(found[found["second"] != ""], options.out, "pairs")
    keep(effects, options.out, "mixes")
    main_effects(found, options.budget, options.out)
    sorted_mixes(effects[effects["outcome"] == "sales_idr"], options.budget, options.out)
    say(store, effects[effects["mix"] != ""], found)
    megabytes = sum(path.stat().st_size for path in store.path.rglob("*") if path.is_file()) / 1e6
    print(f"{len(store.runs)} runs in {seconds:.1f} s of wall time; the store holds {megabytes:.1f} MB.")


if __name__ == "__main__":
    main()
