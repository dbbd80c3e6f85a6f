"""Does the programme help more or less in bad times? All seven roles with and without a shock from outside.

The shock comes at the beginning of the fifth year: a pandemic, cheap printed cloth, or dear cloth and wax. The last
year, which is compared, is then the first year of the shock. How much more the programme does in a shock than without
one is a difference of differences, world by world.

    python experiments/shocks.py --out results/shocks [--quick]
"""

from __future__ import annotations

import math

import pandas as pd
from reporting import HOLLOW, in_words, interval_panels, keep, parser, relative, save, size, store_of

import ovopsim as ov
from ovopsim.analysis.swept import paired

SHOCKS = {"pandemic": "Pandemic", "cheap_print": "Cheap printed cloth", "cotton": "Dear cloth and wax"}
NONE = "No shock"
NOTHING = [math.nan] * 3
OF_WHAT = "What the programme adds is in % of the same times without it: in bad times, of less."
OUTCOMES = ["sales_idr", "value_added_idr", "jobs"]
BUDGET = "programme.budget"


def design(start: int, budget: float) -> ov.Design:
    """Return no shock and each shock, with and without the programme."""
    found = ov.Design.grid({BUDGET: [0.0, budget]})
    for name in SHOCKS:
        found += ov.Design.grid({f"shocks.{name}": [1], f"shocks.{name}.start": [start], BUDGET: [0.0, budget]})
    return found


def named(table: pd.DataFrame) -> pd.DataFrame:
    """Put the name of the shock before a table's columns."""
    names = pd.Series(NONE, index=table.index)
    for name, text in SHOCKS.items():
        names[table[f"shocks.{name}"] == 1] = text
    table.insert(0, "shock", names)
    return table


def main() -> None:
    """Run the experiment and write tables and a figure."""
    options = parser(__doc__, "shocks").parse_args()
    shape = size(options, months=60)
    base = ov.presets()["All seven roles"].changed(**shape)
    points = design(shape["months"] - 12, base.programme.budget)
    store = ov.sweep(points, store_of(options), base, replications=options.replications)
    calm = {path: None for path in store.settings if path != BUDGET}
    helped = store.differences({BUDGET: 0}, OUTCOMES)
    tables = {
        "programme": store.effects({BUDGET: 0}, OUTCOMES),
        "damage": store.effects(calm, OUTCOMES),
        "more_than_without_shock": paired(helped, store.settings, calm, OUTCOMES),
    }
    for name, table in tables.items():
        tables[name] = named(table).query(f"`{BUDGET}` == 0" if name == "damage" else f"`{BUDGET}` > 0")
        keep(tables[name], options.out, name)
    rows = {name: table.set_index(["shock", "outcome"]).to_dict("index") for name, table in tables.items()}
    order = [NONE, *SHOCKS.values()]
    panels = {
        "What the shock does to sales,\nwithout programme, %": [
            NOTHING if one == NONE else relative(rows["damage"][one, "sales_idr"]) for one in order
        ],
        "What the programme adds\nto sales, %": [relative(rows["programme"][one, "sales_idr"]) for one in order],
        "What the programme adds\nto jobs, %": [relative(rows["programme"][one, "jobs"]) for one in order],
    }
    heading = "All seven roles in good and in bad times: first year of a shock, the programme in its fifth year"
    save(interval_panels(panels, order, heading, f"{HOLLOW} {OF_WHAT}"), options.out, "shocks")
    for one in order:
        damage = (
            ""
            if one == NONE
            else f"the shock changes sales by {in_words(relative(rows['damage'][one, 'sales_idr']))}, "
        )
        print(f"{one}: {damage}the programme {in_words(relative(rows['programme'][one, 'sales_idr']))}")
    for one in SHOCKS.values():
        row = rows["more_than_without_shock"]
        sales = [row[one, "sales_idr"][end] / 1e6 for end in ("mean", "low", "high")]
        jobs = [row[one, "jobs"][end] for end in ("mean", "low", "high")]
        money = in_words(sales, "million rupiah a month")
        print(
            f"{one}: what the programme adds, against what it adds without a shock: {money}; {in_words(jobs, 'jobs')}"
        )


if __name__ == "__main__":
    main()
