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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from reporting import HOLLOW, QUICK, in_words, interval_panels, keep, mark_quick, parser, relative, save, size, store_of

import ovopsim as ov
from ovopsim.analysis.factorial import mixes
from ovopsim.plots.drawing import BLUE, GREY, TEXT_SIZE, interval_mark, new_figure, note, title, zero_line

OUTCOMES = {"sales_idr": "Sales", "value_added_idr": "Value added", "jobs": "Jobs"}
ROLES = [f"roles.{number}" for number in range(1, 8)]
NAMES = {f"roles.{name[5]}": name[5:].replace(":", "", 1) for name in ov.presets() if name.startswith("Role ")}
FOLDER = {"total": "seven_roles", "each": "seven_roles_each"}
BEST = 10  # mixes that the figure shows
LISTED = 5  # mixes that a printed line lists
NAMED = 3  # roles of which the names stand in a title; of more, the numbers

# What stands over and under the figures and the printed lists, for each way of giving money. Of one budget a minus says
# that the money is better used elsewhere, not that the role harms: a reader must not have to work that out.
BUDGET = {"total": "All mixes have the same budget.", "each": "Each role brings its own seventh of the budget."}
QUESTION = {
    "total": "Where does the same money do most? Year {year}, when a role joins a mix and takes its share of the money",
    "each": "What does each role's own money add? Year {year}, when a role joins a mix and brings its own money",
}
SIDES = {"total": "\n← money does more elsewhere      here →", "each": ""}
MEANING = {
    "total": "All mixes have the same budget, so a role that joins takes its share from the others. Left of 0: that "
    "share would do more in the other roles; it does not say that the role harms. Right of 0: it does more here.",
    "each": "Each role brings its own seventh of the budget. Left of 0: the mixes do worse with the role than without.",
}
SHOWN = {"total": "Over all mixes but the one of no role, which has no money.", "each": "Over all mixes."}
VERDICT = {
    "total": {1: ": its share does more here", -1: ": its share would do more in the other roles"},
    "each": {},
}
PAIR = {1: ": more together than apart", -1: ": less together than apart"}


def main_effects(found: pd.DataFrame, budget: str, year: int) -> Any:
    """Return the figure of what changes when a role joins a mix."""
    main = found[found["second"] == ""]
    panels = {
        f"{text}, %{SIDES[budget]}": [relative(row) for row in main[main["outcome"] == outcome].to_dict("records")]
        for outcome, text in OUTCOMES.items()
    }
    under = f"{HOLLOW} {SHOWN[budget]} Per cent of their mean."
    figure = interval_panels(panels, [NAMES[role] for role in ROLES], QUESTION[budget].format(year=year), under)
    note(figure, MEANING[budget])
    return figure


def called(mix: str) -> str:
    """Return what a mix is called.

    Examples
    --------
    >>> called("1 3 7"), called("5"), called("")
    ('Roles 1, 3, 7', 'Role 5', 'No role')
    """
    numbers = mix.split()
    return f"Role{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}" if numbers else "No role"


def by_name(mix: str) -> str:
    """Return the names of a mix's roles, or their numbers where they are many.

    Examples
    --------
    >>> by_name("5"), by_name("1 2 3 4")
    ('5 Market network', 'Roles 1, 2, 3, 4')
    """
    numbers = mix.split()
    return ", ".join(NAMES[f"roles.{number}"] for number in numbers) if len(numbers) <= NAMED else called(mix)


def counted(count: int, more: str = "") -> str:
    """Return a number of other mixes in words.

    Examples
    --------
    >>> counted(0, "may be as good"), counted(1), counted(2)
    ('No other mix may be as good', '1 other mix', '2 other mixes')
    """
    text = "1 other mix" if count == 1 else f"{count or 'No'} other mix{'es' if count else ''}"
    return f"{text} {more}".strip()


def best_mixes(sales: pd.DataFrame, good: Sequence[str], budget: str, year: int) -> Any:
    """Return the figure of the mixes that raise sales most: a named row for each, with its interval.

    Parameters
    ----------
    sales : DataFrame
        The effects of all mixes on sales, best first.
    good : sequence of str
        Mixes that are not clearly worse than the best.
    """
    rows = sales.head(BEST).to_dict("records")
    figure, axes = new_figure(9.5, 2.4 + 0.36 * len(rows))
    axis = axes[0][0]
    zero_line(axis)
    for place, row in enumerate(rows):
        near = place == 0 or row["mix"] in good
        middle, low, high = relative(row)
        colour = BLUE if near else GREY
        interval_mark(axis, place, (middle, low, high), low > 0.0 or high < 0.0, colour)
        verdict = "best" if place == 0 else "may be as good" if near else "clearly worse"
        side = axis.get_yaxis_transform()
        axis.text(1.01, place, f"{middle:+.1f} %  {verdict}", transform=side, va="center", color=colour)
    axis.set_yticks(range(len(rows)), [called(row["mix"]) for row in rows], fontsize=TEXT_SIZE)
    axis.set_ylim(len(rows) - 0.4, -0.6)  # the best on top
    axis.set_xlabel(f"Sales in year {year}, change against no programme, %", fontsize=TEXT_SIZE)
    title(figure, f"Best mix for sales: {by_name(rows[0]['mix'])}. {counted(len(good), 'may be as good')}")
    hidden = len(set(good) - {row["mix"] for row in rows})
    note(figure, f"{HOLLOW} {BUDGET[budget]}")
    count = f"The best {len(rows)} of {len(sales)}" if len(sales) > len(rows) else f"All {len(rows)}"
    note(
        figure,
        f"{count} mixes{f'; {hidden} more may be as good' if hidden else ''}. Blue: not "
        "clearly worse than the best, compared world by world, so a grey bar may overlap a blue one. "
        "Where many mixes are close, the best is so partly by luck.",
    )
    kept_together = (NAMES[role].replace(" ", "\N{NO-BREAK SPACE}") for role in ROLES)
    note(figure, f"Roles: {'; '.join(kept_together)}.")
    return figure


def as_good(store: ov.Store, best: pd.Series) -> list[str]:
    """Return the other mixes, of any size, that are not clearly worse than the best in sales, world by world."""
    # where each role brings its money the budget tells mixes apart too, and the partner of all of them is one mix
    told = [path for path in (*ROLES, "programme.budget") if path in store.settings]
    roles = [path for path in told if path in ROLES]
    behind = store.effects({path: best[path] for path in told}, ["sales_idr"])
    itself = (behind[roles] == best[roles].to_numpy()).all(axis=1)
    # of one world there is no interval: then nothing is clear
    return mixes(behind, roles)[~itself & ~(behind["high"] < 0.0)].tolist()


def say(sales: pd.DataFrame, good: Sequence[str], found: pd.DataFrame, budget: str, year: int) -> None:
    """Print what was found; `sales` and `good` are those of `best_mixes`."""
    print(f"Best mixes for sales in year {year}, against no programme (mean, 95 % interval). {BUDGET[budget]}")
    for row in sales.head(3).to_dict("records"):
        print(f"  {called(row['mix'])}: {in_words(relative(row))}")
    shown = [called(mix) for mix in sales["mix"] if mix in good][:LISTED]
    more = f" and {len(good) - len(shown)} more" if len(good) > len(shown) else ""
    names = f": {'; '.join(shown)}{more}" if shown else ""
    print(f"{counted(len(good), 'may be as good as the best')} (not clearly worse, compared world by world){names}.")
    print(f"{QUESTION[budget].format(year=year)}: sales, on average over mixes")
    main = found[(found["outcome"] == "sales_idr") & (found["second"] == "")]
    for row in main.to_dict("records"):
        print(f"  {NAMES[row['first']]}: {in_words(relative(row), digits=2)}{VERDICT[budget].get(row['clear'], '')}")
    pairs = found[(found["outcome"] == "sales_idr") & (found["second"] != "")]
    many = [int((pairs["clear"] == sign).sum()) for sign in (1, -1)]
    print(
        f"Of {len(pairs)} pairs of roles {many[0]} clearly do more together than apart, and {many[1]} less; strongest:"
    )
    for row in pairs.iloc[pairs["mean"].abs().argsort()[::-1]].head(3).to_dict("records"):
        two = called(f"{row['first'][-1]} {row['second'][-1]}")
        print(f"  {two}: {in_words(relative(row), digits=2)}{PAIR.get(row['clear'], '')}")


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
    year = shape["months"] // 12
    sales = effects[(effects["outcome"] == "sales_idr") & (effects["mix"] != "")]
    sales = sales.sort_values("relative", ascending=False)
    good = as_good(store, sales.iloc[0])
    figures = {
        "main_effects": main_effects(found, options.budget, year),
        "mixes": best_mixes(sales, good, options.budget, year),
    }
    for name, figure in figures.items():
        if options.quick:
            mark_quick(figure)
        save(figure, options.out, name)
    if options.quick:
        print(QUICK)
    say(sales, good, found, options.budget, year)
    megabytes = sum(path.stat().st_size for path in store.path.rglob("*") if path.is_file()) / 1e6
    print(f"{len(store.runs)} runs in {seconds:.1f} s of wall time; the store holds {megabytes:.1f} MB.")


if __name__ == "__main__":
    main()
