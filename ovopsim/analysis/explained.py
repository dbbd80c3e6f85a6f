"""An effect in parts: attribute groups, other channels, market spillovers (defined in `ovopsim.study.explaining`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ovopsim.analysis.changes import HEADLINES, last_year, units
from ovopsim.analysis.effects import mean_effect, relative_effect
from ovopsim.analysis.shapley import coalitions, shapley_values
from ovopsim.fields import Reals
from ovopsim.labels import label, name_of
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.state import GROUPS
from ovopsim.study.documents import plain, rows
from ovopsim.study.explaining import ExplainedRuns

WHOLE: Final = "whole"
ADDENDS: Final = (*GROUPS, "other", "market")  # they sum to the whole
PARTS: Final = (*ADDENDS, WHOLE)
FREE_SETS: Final = tuple(coalitions(GROUPS))

_PLACES: Final = [OUTCOMES.index(name) for name in HEADLINES]


def headlines(monthly: Reals) -> Reals:
    """Return the means of the headline outcomes over the last twelve months, from outcomes (months, outcomes)."""
    means: Reals = last_year(monthly[None])[0, _PLACES]
    return means


def parts_of(runs: ExplainedRuns) -> dict[str, Reals]:
    """Return the parts of the effect in each world (replications, outcomes), the whole last."""
    effects = {free: levels - runs.baseline for free, levels in runs.free.items()}
    whole = runs.whole - runs.baseline
    others = {"other": effects[frozenset()], "market": whole - effects[frozenset(GROUPS)]}
    groups = shapley_values(effects)
    return {group: groups[group] for group in GROUPS} | others | {WHOLE: whole}


def explanation_table(runs: ExplainedRuns) -> pd.DataFrame:
    """Return one row for each headline outcome and part.

    ``outcome, part, mean, low, high`` (95 % over worlds), ``share`` of the whole (unknown where the whole effect is not
    clear: then there is nothing to share), ``relative, relative_low, relative_high`` (over the baseline's mean),
    ``clear, baseline_mean, unit``.
    """
    parts, unit = parts_of(runs), units()
    found = []
    for place, outcome in enumerate(HEADLINES):
        whole = mean_effect(parts[WHOLE][:, place])
        level = float(runs.baseline[:, place].mean())
        for part in PARTS:
            effect = mean_effect(parts[part][:, place])
            share = effect.mean / whole.mean if whole.clear else math.nan
            relative = relative_effect(parts[part][:, place], runs.baseline[:, place])
            row: dict[str, Any] = {"outcome": outcome, "part": part}
            row |= {"mean": effect.mean, "low": effect.low, "high": effect.high, "share": share}
            row |= dict(zip(("relative", "relative_low", "relative_high"), relative, strict=True))
            found.append(row | {"clear": effect.clear, "baseline_mean": level, "unit": unit[outcome]})
    return pd.DataFrame(found)


def worlds_table(runs: ExplainedRuns) -> pd.DataFrame:
    """Return the parts of each world, ``replication, outcome, part, value``; they sum to the whole in every one."""
    parts = parts_of(runs)
    values = np.stack([parts[part] for part in PARTS], axis=-1)  # (replications, outcomes, parts)
    axes = [range(len(values)), HEADLINES, PARTS]
    table = pd.MultiIndex.from_product(axes, names=["replication", "outcome", "part"]).to_frame(index=False)
    return table.assign(value=values.ravel())


def largest_parts(worlds: pd.DataFrame, outcome: str) -> list[str]:
    """Return the parts that may carry most of an effect, the one with the largest mean in its direction first.

    The others are those that it does not clearly exceed, by the 95 % interval over pairs of one world; as many parts
    are compared with it, some that are smaller may be left in, and one that is not may be left out by chance.

    Parameters
    ----------
    worlds : DataFrame
        Of `worlds_table`.
    """
    mine = worlds[worlds["outcome"] == outcome]
    wide = mine.pivot_table(index="replication", columns="part", values="value")
    downwards = float(wide[WHOLE].mean()) < 0.0
    parts = {part: wide[part].to_numpy() * (-1.0 if downwards else 1.0) for part in ADDENDS}
    most = max(parts, key=lambda part: float(parts[part].mean()))
    near = [part for part in ADDENDS if part != most and mean_effect(parts[most] - parts[part]).clear != 1]
    return [most, *sorted(near, key=lambda part: -float(parts[part].mean()))]


@dataclass(frozen=True)
class ExplanationTables:
    """The effect of a scenario in parts that sum to it: means of the last twelve months, money in rupiah of 2016.

    Attributes
    ----------
    table : DataFrame
        One row for each headline outcome and part (``capital``, ``skill``, ``technology``, ``access``, ``other``,
        ``market``, ``whole``), with mean, 95 % interval and share: `ovopsim.analysis.explained.explanation_table`.
        What the parts are stands in `ovopsim.study.explaining`.
    worlds : DataFrame
        The parts in each world: `ovopsim.analysis.explained.worlds_table`.
    scenario, baseline : str
        Names.
    differs_in : str
        In what the two differ beside what the agency does; empty = in nothing.
    run : dict
        What ran: seed, replications, scenarios, versions, digests.
    """

    table: pd.DataFrame
    worlds: pd.DataFrame
    scenario: str
    baseline: str
    differs_in: str
    run: dict[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Return the table."""
        return self.table

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values that JSON can hold; what is not known is None."""
        names = {"scenario": self.scenario, "baseline": self.baseline, "differs_in": self.differs_in}
        return names | {"parts": rows(self.table), "run": plain(self.run)}

    def warning(self, language: str = "en") -> str:
        """Return a sentence when the two differ in more than the programme; otherwise an empty text."""
        if not self.differs_in:
            return ""
        arm = name_of("arm", self.scenario, language)
        return label("text.differs_too", language, arm=arm, what=self.differs_in)
