"""What a comparison found, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ovopsim.analysis.comparability import difference_lines
from ovopsim.analysis.findings import findings_table
from ovopsim.study.documents import plain, rows
from ovopsim.study.frames import RunTables


@dataclass(frozen=True)
class ComparisonTables:
    """Results of a comparison. Tables are tidy; money is rupiah of 2016; intervals hold 95 %.

    Attributes
    ----------
    effects : DataFrame
        Change of each outcome's mean over the last twelve months, absolute and relative, over all firms, entrants
        included: `ovopsim.analysis.changes.effects_table`.
    levels : DataFrame
        Means of the first and of the last year: `ovopsim.analysis.changes.levels_table`.
    summary : DataFrame
        One row for each arm: budget, spent, take-up, reach, public cost, extra jobs, cost for each extra job and rupiah
        of value added: `ovopsim.analysis.costs.summary_table`.
    levers, roles : DataFrame
        Budget, spent, lapsed, delivered units and take-up: `ovopsim.analysis.delivery`.
    groups : DataFrame
        Who gains and who loses, incumbents apart from entrants: `ovopsim.analysis.groups.groups_table`.
    paths : DataFrame
        Every month's level and change: `ovopsim.analysis.changes.paths_table`.
    first_divergence : dict of str to int or None
        First month (step) in which an arm differs from the baseline at all, to the last bit.
    notes : dict of str to tuple of str
        For each arm, what a reader should know of its firms at the start: what a survey left out or what did not fit.
    run : dict
        What ran: baseline, seed, replications, scenarios, versions, digests.
    tables : RunTables
        Single runs, joined by ``run_id``: `runs`, `monthly`, and `firms` at the end of the kept months.
    """

    effects: pd.DataFrame
    levels: pd.DataFrame
    summary: pd.DataFrame
    levers: pd.DataFrame
    roles: pd.DataFrame
    groups: pd.DataFrame
    paths: pd.DataFrame
    first_divergence: dict[str, int | None]
    notes: dict[str, tuple[str, ...]]
    run: dict[str, Any]
    tables: RunTables

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each run: `ovopsim.study.frames.RunTables`."""
        return self.tables.runs

    @property
    def monthly(self) -> pd.DataFrame:
        """One row for each run and month."""
        return self.tables.monthly

    @property
    def firms(self) -> pd.DataFrame:
        """One row for each run, kept month and firm."""
        return self.tables.firms

    @property
    def arms(self) -> list[str]:
        """Names of the scenarios, in their order."""
        return list(self.summary["arm"])

    @property
    def baseline(self) -> str:
        """Name of the scenario that the others are compared with."""
        return str(self.run["baseline"])

    @property
    def findings(self) -> pd.DataFrame:
        """What is worth a sentence: `ovopsim.analysis.findings.findings_table`."""
        return findings_table(self.effects, self.groups, self.summary, self.baseline)

    def to_frame(self) -> pd.DataFrame:
        """Return the effects."""
        return self.effects

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values that JSON can hold; what is not known is None."""
        arms = []
        warnings = {name: difference_lines(self.summary[self.summary["arm"] == name]) for name in self.arms}
        for row in rows(self.summary):
            name = row.pop("arm")
            arms.append(
                {
                    "name": name,
                    "first_divergence": self.first_divergence[name],
                    "notes": [*warnings[name], *self.notes[name]],
                    **row,
                    "effects": self._mine(self.effects, name),
                    "roles": self._mine(self.roles, name),
                    "levers": self._mine(self.levers, name),
                    "groups": self._mine(self.groups, name),
                }
            )
        return {"arms": arms, "findings": rows(self.findings), "run": plain(self.run)}

    @staticmethod
    def _mine(table: pd.DataFrame, name: str) -> list[dict[str, Any]]:
        return rows(table[table["arm"] == name].drop(columns="arm"))
