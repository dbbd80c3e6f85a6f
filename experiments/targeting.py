"""Whom to help first? All seven roles, offered by six orders of firms: what the cluster gains, and who gains it.

For each order: the change in sales and jobs, the change in sales of firms that had the lowest, middle and highest
profits at the start (closed firms count as zero), how unequally the money is received, and how unequal sales become.

    python experiments/targeting.py --out results/targeting [--quick]
"""

from __future__ import annotations

import pandas as pd
from reporting import HOLLOW, in_words, interval_panels, keep, parser, relative, save, size

import ovopsim as ov
from ovopsim.analysis.effects import paired_effect
from ovopsim.analysis.groups import gini

ORDERS = {
    "random": "By lot",
    "smallest_first": "Smallest first",
    "ablest_first": "Ablest first",
    "members_first": "Members of cooperatives first",
    "most_constrained": "Most constrained first",
    "well_connected": "Best connected first",
}
NOTHING = "No programme"


def inequality(result: ov.Comparison) -> pd.DataFrame:
    """Return the change of the Gini coefficient of yearly sales over firms in business at the end, by arm."""
    runs = result.runs.set_index("run_id")[["scenario", "replication"]]
    unequal = result.firms.groupby("run_id")["yearly_sales_idr"].agg(lambda sales: gini(sales.to_numpy()))
    by_world = runs.join(unequal).pivot_table("yearly_sales_idr", "replication", "scenario")
    rows = []
    for arm in ORDERS.values():
        effect = paired_effect(by_world[arm].to_numpy(), by_world[NOTHING].to_numpy())
        rows.append({"arm": arm, "gini_without": by_world[NOTHING].mean(), "change": effect.mean})
        rows[-1] |= {"low": effect.low, "high": effect.high}
    return pd.DataFrame(rows)


def main() -> None:
    """Run the experiment and write tables and a figure."""
    options = parser(__doc__, "targeting").parse_args()
    base = ov.Scenario(name=NOTHING, **size(options, months=60))
    whole = ov.presets()["All seven roles"].programme
    arms = {NOTHING: base} | {
        text: base.changed(name=text, programme=whole.changed(targeting=key)) for key, text in ORDERS.items()
    }
    last = base.months - 1
    result = ov.compare(arms, replications=options.replications, keep_months=[last])
    unequal = inequality(result)
    keep(result.effects, options.out, "effects")
    keep(result.groups, options.out, "groups")
    keep(result.summary, options.out, "summary")
    keep(unequal, options.out, "gini")
    effects = result.effects.set_index(["arm", "outcome"]).to_dict("index")
    groups = result.groups[result.groups["outcome"] == "sales_idr"].set_index(["arm", "group", "member"])
    thirds = groups.to_dict("index")
    panels = {
        f"{text}, %": [relative(effects[arm, outcome]) for arm in ORDERS.values()]
        for outcome, text in (("sales_idr", "Sales of the cluster"), ("jobs", "Jobs in the cluster"))
    } | {
        f"Sales of firms with the\n{third} profits at the start, %": [
            relative(thirds[arm, "profit", third]) for arm in ORDERS.values()
        ]
        for third in ("lowest", "highest")
    }
    heading = "All seven roles, firms helped in six orders: last year against no programme"
    save(interval_panels(panels, list(ORDERS.values()), heading, HOLLOW), options.out, "targeting")
    received = result.summary.set_index("arm")["gini_received"]
    for arm, row in unequal.set_index("arm").iterrows():
        low, high = (in_words(relative(thirds[arm, "profit", third])) for third in ("lowest", "highest"))
        print(f"{arm}: sales {in_words(relative(effects[arm, 'sales_idr']))}")
        print(f"   lowest profits {low}; highest {high}")
        change = in_words([row["change"], row["low"], row["high"]], "points", 100.0)
        print(f"   Gini of money received {received[arm]:.2f}; Gini of sales {row['gini_without']:.2f}, {change}")


if __name__ == "__main__":
    main()
