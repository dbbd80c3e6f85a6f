"""What of a comparison is worth a sentence: what is clear, who gains and who loses, whose jobs come from rivals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from ovopsim.analysis.comparability import differing_arms

ASKED: Final = ("sales_idr", "jobs")
CLEAR: Final = {1: "clear_gain", 0: "unclear", -1: "clear_loss"}
VISIBLE: Final = 0.0005  # a change that one decimal of a per cent shows
TINY: Final = 0.001  # under this a change may be clear and still matter to nobody
HALF_A_JOB: Final = 0.5
SIZEABLE: Final = 0.01  # share of cost from which money left in funds is worth a line
KINDS: Final = (*CLEAR.values(), "tiny", "gains_most", "gains_least", "loses", "displaced", "funds_left")
COLUMNS: Final = ("kind", "arm", "outcome", "group", "member", "mean", "relative")

Row = dict[str, Any]


def findings_table(effects: pd.DataFrame, groups: pd.DataFrame, summary: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Return what is worth a sentence, a row for each finding: ``kind, arm, outcome, group, member, mean, relative``.

    Of sales and jobs, each programme is a ``clear_gain``, ``clear_loss``, ``unclear``, or ``tiny`` (clear, and under
    0.1 %). Of sales of groups of incumbents, ``gains_most`` and ``gains_least`` among those that clearly gain, if there
    are several, and each that ``loses``. ``displaced`` (two rows: served, not served): firms that were not served
    clearly lose jobs, the programme is all that differs, and the baseline helps nobody. ``funds_left``: money that is
    still in the cooperatives' funds, at least 1 % of public cost.

    Parameters
    ----------
    effects, groups, summary : DataFrame
        Of a comparison.
    baseline : str
        Its baseline.
    """
    found = [*_clarity(effects, baseline)]
    helped = bool(summary.loc[summary["arm"] == baseline, ["budget_idr", "reached"]].to_numpy().any())
    for arm in summary["arm"]:
        found += _gainers(groups, arm)
        # a pandemic takes more jobs than any rival; where the baseline is a programme too, firms that the arm does not
        # serve may have lost what the baseline gave them
        if not helped and arm not in differing_arms(summary):
            found += _displaced(groups, arm)
    return pd.DataFrame([*found, *_funds(summary)], columns=list(COLUMNS))


def _clarity(effects: pd.DataFrame, baseline: str) -> Iterator[Row]:
    for outcome in ASKED:
        for row in effects[(effects["outcome"] == outcome) & (effects["arm"] != baseline)].to_dict("records"):
            tiny = row["clear"] != 0 and abs(row["relative"]) < TINY
            yield _finding("tiny" if tiny else CLEAR[row["clear"]], row, group="all", member="all")


def _gainers(groups: pd.DataFrame, arm: str) -> Iterator[Row]:
    mine = groups[(groups["arm"] == arm) & (groups["outcome"] == "sales_idr")]
    incumbents = mine[~mine["group"].isin(["all", "reach"]) & (mine["relative"].abs() >= VISIBLE)]
    ordered = incumbents.sort_values("relative").to_dict("records")
    rising = [row for row in ordered if row["clear"] > 0]
    if len(rising) > 1:
        yield _finding("gains_most", rising[-1])
        yield _finding("gains_least", rising[0])
    yield from (_finding("loses", row) for row in ordered if row["clear"] < 0)


def _displaced(groups: pd.DataFrame, arm: str) -> Iterator[Row]:
    jobs = groups[(groups["arm"] == arm) & (groups["outcome"] == "jobs") & (groups["group"] == "reach")]
    reach = {row["member"]: row for row in jobs.to_dict("records")}
    if reach and reach["not_served"]["clear"] == -1 and reach["not_served"]["mean"] <= -HALF_A_JOB:
        yield from (_finding("displaced", reach[member]) for member in ("served", "not_served"))


def _funds(summary: pd.DataFrame) -> Iterator[Row]:
    for row in summary.to_dict("records"):
        left, cost = row["funds_left_idr"], row["public_cost_idr"]
        if left > SIZEABLE * cost > 0.0:
            place = {"outcome": "funds_left_idr", "group": "all", "member": "all"}
            yield _finding("funds_left", row, **place, mean=left, relative=left / cost)


def _finding(kind: str, row: dict[Any, Any], **others: Any) -> Row:
    known = row | others
    return {"kind": kind} | {name: known[name] for name in COLUMNS[1:]}
