"""One experiment, as EMA calls it: a policy under a draw of the uncertain parameters, against no programme."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from ovopsim.adapters.keeping import Kept, bytes_of
from ovopsim.analysis.appraisal import PUBLIC_COST, discount_rate, discounted
from ovopsim.analysis.changes import last_year
from ovopsim.errors import InputError
from ovopsim.fields import Reals
from ovopsim.outcomes.monthly import OUTCOMES
from ovopsim.policy.presets import levers_of, programme_records
from ovopsim.policy.scenario import Programme, Scenario
from ovopsim.policy.settings import changed_by, plain_value
from ovopsim.simulation import MonthZero, month_zero, run_scenario

ERROR: Final = "_standard_error"
CHANGE: Final = "change_"
PUBLIC: Final = [OUTCOMES.index(name) for name in PUBLIC_COST]
LEVERS: Final = ("programme.", "roles.")
BUDGET: Final = "programme.budget"
TARGETING: Final = "programme.targeting"


@cache
def outcome_names() -> tuple[str, ...]:
    """Return everything that an experiment can tell."""
    plain = ("public_cost_idr", "spent_idr", *(f"{CHANGE}{name}" for name in OUTCOMES))
    return (*plain, *(f"{name}{ERROR}" for name in plain))


@dataclass(frozen=True)
class _World:
    """The eve of month 0, and what happens without a programme (months, outcomes)."""

    start: MonthZero
    monthly: Reals


class Experiment:
    """A function that gives the outcomes of one policy in one draw; it can be sent to other processes.

    Parameters
    ----------
    base : Scenario
        What is changed; its programme, if it has one, is what a policy starts from.
    paths : dict of str to str
        Full path of each uncertainty and lever, by its name in EMA.
    outcomes : tuple of str
        Of `outcome_names`.
    """

    def __init__(self, base: Scenario, paths: dict[str, str], outcomes: tuple[str, ...]) -> None:
        self.base = base
        self.paths = paths
        self.outcomes = outcomes
        self._worlds: Kept[_World] = Kept(lambda world: bytes_of(world.start) + world.monthly.nbytes)

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the worlds behind: another process makes its own."""
        return type(self), (self.base, self.paths, self.outcomes)

    def __call__(self, replications: int = 8, seed: int = 1, **settings: Any) -> dict[str, float]:
        """Return the outcomes; no numbers, and a warning, where a run fails."""
        without, with_programme = self.scenarios(**settings)
        drawn = tuple(sorted(self._given(settings, levers=False).items()))
        try:
            pairs = [
                self._pair(without, with_programme, drawn, int(seed), replication)
                for replication in range(int(replications))
            ]
        except InputError as error:
            return self._failed(str(error))
        changes = np.array([pair[1] - pair[0] for pair in pairs])
        if not np.isfinite(changes).all():
            return self._failed("an outcome is not a finite number; a parameter is far from where the model holds.")
        return self._told(changes)

    def _failed(self, why: str) -> dict[str, float]:
        warnings.warn(f"ovopsim: an experiment failed: {why}", RuntimeWarning, stacklevel=3)
        return dict.fromkeys(self.outcomes, math.nan)

    def scenarios(self, **settings: Any) -> tuple[Scenario, Scenario]:
        """Return the scenarios without and with the programme of an experiment.

        Parameters
        ----------
        **settings
            Uncertainties and levers by their names in EMA, such as a row of its experiments; what is left out stays as
            in the base, and other columns of that table are passed over.

        Raises
        ------
        InputError
            When a value cannot be.
        """
        drawn = self._given(settings, levers=False)
        nothing = self.base.changed(programme=None, name="No programme")
        without = changed_by(nothing, drawn) if drawn else nothing
        programme = self._programme(self._given(settings, levers=True))
        return without, without.changed(programme=programme, name="Policy")

    def _given(self, settings: dict[str, Any], levers: bool) -> dict[str, Any]:
        return {
            self.paths[name]: plain_value(getattr(value, "value", value))  # EMA 2.5's optimiser tells categories so
            for name, value in settings.items()
            if name in self.paths and self.paths[name].startswith(LEVERS) == levers
        }

    def _programme(self, given: dict[str, Any]) -> Programme | None:
        """Return what a policy spends its budget on; None when all weights are zero, or there are none."""
        values = {name.removeprefix("programme."): given[name] for name in (BUDGET, TARGETING) if name in given}
        weights = _weights(given)
        total = math.fsum(weights.values())
        if weights and total <= 0.0:
            return None
        if weights:
            values["shares"] = {lever: weight / total for lever, weight in weights.items() if weight > 0.0}
        if self.base.programme is not None:
            return self.base.programme.changed(**values)
        usual = {"budget": programme_records()["budget"].value_of(), "months": self.base.months}
        return Programme(**usual | values) if weights else None

    def _pair(
        self, without: Scenario, with_programme: Scenario, drawn: tuple[Any, ...], seed: int, replication: int
    ) -> tuple[Reals, Reals]:
        """Return the monthly outcomes of one world without and with the programme."""

        def make() -> _World:
            start = month_zero(without, seed, replication)
            return _World(start, run_scenario(without, start).monthly)

        world = self._worlds.get((drawn, seed, replication), make)
        if with_programme.programme is None:
            return world.monthly, world.monthly
        return world.monthly, run_scenario(with_programme, world.start).monthly

    def _told(self, changes: Reals) -> dict[str, float]:
        """Return the outcomes of paired differences (replications, months, outcomes)."""
        means = last_year(changes)
        values = {f"{CHANGE}{name}": means[:, place] for place, name in enumerate(OUTCOMES)}
        values["spent_idr"] = changes[:, :, OUTCOMES.index("spent_idr")].sum(axis=1)
        values["public_cost_idr"] = discounted(changes[:, :, PUBLIC].sum(axis=2), discount_rate())
        told = {}
        for name in self.outcomes:
            found = values[name.removesuffix(ERROR)]
            told[name] = _standard_error(found) if name.endswith(ERROR) else float(found.mean())
        return told


def _weights(given: dict[str, Any]) -> dict[str, float]:
    """Return the weight of each lever: its own, and its part of its role's; empty when no weight is given."""
    weights: dict[str, float] = {}
    for path, value in given.items():
        if path.startswith("programme.shares."):
            lever = path.removeprefix("programme.shares.")
            weights[lever] = weights.get(lever, 0.0) + float(value)
        elif path.startswith("roles."):
            levers = levers_of(int(path.removeprefix("roles.")))
            for lever in levers:
                weights[lever] = weights.get(lever, 0.0) + float(value) / len(levers)
    return weights


def _standard_error(values: Reals) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


__all__ = ["BUDGET", "TARGETING", "Experiment", "outcome_names"]
