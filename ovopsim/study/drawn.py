"""Draws of what nobody knows, the same for all scenarios: from priors, or from a posterior.

A path is that of a parameter (`planning.cover`) or of a quantity of a lever (`levers.exhibition.effects.0.by`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ovopsim.errors import InputError
from ovopsim.parameters import locate, quantile, uncertain_leaves
from ovopsim.parameters.loading import leaf_paths
from ovopsim.parameters.records import Record
from ovopsim.policy import Scenario, quantities
from ovopsim.policy.levers import Lever, merged
from ovopsim.policy.quantities import LEVERS, with_quantity

FINE: Final = 2000  # slices of a prior from which its mean and standard deviation are taken
WEIGHT: Final = "weight"
DRAWS_FILE: Final = "draws.parquet"
NAME: Final = "draw"  # column of draws' names, which a saved posterior has
SHIPPED: Final = "shipped"  # how the posterior that comes with the package is named
Draws = pd.DataFrame | str | Path  # of a posterior: a table, its file or folder, or "shipped"


class Spread:
    """How a number that nobody knows is spread before anything is learned of it."""

    def at(self, share: float) -> float:
        """Return the value below which a share of the prior lies."""
        raise NotImplementedError

    def mean_and_sd(self) -> tuple[float, float]:
        """Return mean and standard deviation of the prior, from the middles of equal slices."""
        middles = [self.at((place + 0.5) / FINE) for place in range(FINE)]
        return float(np.mean(middles)), float(np.std(middles))

    def prior_sd(self) -> float:
        """Return the standard deviation of the prior."""
        return self.mean_and_sd()[1]


@dataclass(frozen=True)
class Uncertain(Spread):
    """As a record's prior says.

    Attributes
    ----------
    record : Record
        With a prior.
    member : str or None
        Which of its values.
    """

    record: Record
    member: str | None = None

    def at(self, share: float) -> float:
        """Return the value below which a share of the prior lies."""
        return quantile(self.record, self.member, share)


def levers_used(scenario: Scenario) -> tuple[str, ...]:
    """Return the levers that a scenario gives money or firms, in their order."""
    shares = {} if scenario.programme is None else scenario.programme.shares
    used = {name for name, share in shares.items() if share > 0.0} | {each.lever for each in scenario.assignments}
    return tuple(name for name in scenario.all_levers if name in used)


def records(name: str, lever: Lever) -> dict[str, Record]:
    """Return the records of a lever by path; a bare number is what a user has set, and is in no doubt."""
    return {path: number for path, number in quantities.quantities(name, lever).items() if isinstance(number, Record)}


def sizes(name: str, lever: Lever) -> dict[str, Uncertain]:
    """Return what is uncertain in a lever by path: sizes and chances of its effects, and what is marked `uncertain`."""
    return {
        path: Uncertain(record)
        for path, record in records(name, lever).items()
        if record.prior is not None and (record.uncertain or path.startswith(f"{LEVERS}{name}.effects."))
    }


def uncertain_in(scenarios: Iterable[Scenario]) -> dict[str, Uncertain]:
    """Return what nobody knows in some scenarios, by path.

    Parameters marked `uncertain`, and of the levers that are used the sizes and chances of their effects, without
    which a comparison of levers would be surer than anybody is. What one of the scenarios sets is in no doubt.
    """
    arms = list(scenarios)
    found = {path: Uncertain(*locate(path)) for path in uncertain_leaves()}
    for arm in arms:
        for name in levers_used(arm):
            found |= sizes(name, arm.all_levers[name])
    own = {path for arm in arms for path in leaves_in(arm.parameters)}
    return {path: each for path, each in found.items() if path not in own}


def leaves_in(parameters: Iterable[str]) -> set[str]:
    """Return the single parameters that some paths name: themselves, or the members of those that have several.

    Examples
    --------
    >>> sorted(leaves_in(["planning.cover", "market.channel_mix"]))[:2]
    ['market.channel_mix.export', 'market.channel_mix.local']
    """
    return {leaf for path in parameters for leaf in leaf_paths() if leaf == path or leaf.startswith(f"{path}.")}


def located(path: str, scenarios: Iterable[Scenario], where: str) -> Uncertain:
    """Return what a path names: a number of a lever that a scenario has, else of a shipped one, or a parameter.

    Raises
    ------
    InputError
        When there is no such path, and it names the nearest; or when the path is that of several numbers, or of one
        that has no record.
    """
    own = {
        each: record
        for scenario in scenarios
        for name, lever in merged(scenario.levers).items()
        for each, record in records(name, lever).items()
    }
    if path in own:
        return Uncertain(own[path])
    try:
        record, member = quantities.located(path)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    if member is None and record.members:
        raise InputError(f"{where}: '{path}' has several values; name one: {path}.{record.members[0]}, …")
    return Uncertain(record, member)


def from_priors(unknown: Mapping[str, Uncertain], draws: int, seed: int) -> pd.DataFrame:
    """Return a Latin hypercube over priors: a row for each draw, a column for each path."""
    from scipy.stats import qmc  # slow to import, and the command line must not wait for it

    cube = qmc.LatinHypercube(max(1, len(unknown)), rng=seed).random(draws)
    return pd.DataFrame(
        {
            path: [each.at(float(share)) for share in cube[:, place]]
            for place, (path, each) in enumerate(unknown.items())
        },
        index=range(draws),
    )


def checked_posterior(posterior: Draws, scenarios: Iterable[Scenario]) -> pd.DataFrame:
    """Return draws of a posterior with weights that add up to 1; columns are paths without ``parameters.``.

    Parameters
    ----------
    posterior : DataFrame or path
        A row for each draw, a column for each path, and optionally ``weight``; a file is CSV or Parquet, a folder one
        that a calibration saved; "shipped" = the posterior that comes with the package.

    Raises
    ------
    InputError
        When it cannot be read, has no draws, or a column is no path or holds something else than numbers.
    """
    where = "posterior" if isinstance(posterior, pd.DataFrame) else str(posterior)
    table = (posterior if isinstance(posterior, pd.DataFrame) else _read(draws_file(posterior))).reset_index(drop=True)
    table = table.rename(columns=lambda name: str(name).removeprefix("parameters.")).drop(columns=NAME, errors="ignore")
    if table.columns.duplicated().any():
        raise InputError(f"{where}: '{table.columns[table.columns.duplicated()][0]}' has two columns; keep one.")
    arms = list(scenarios)
    for name in table.columns:
        if name != WEIGHT:
            located(name, arms, where)
        numbers = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float)
        if not np.isfinite(numbers).all():
            row = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(f"{where}: '{name}' is {table[name].iloc[row]!r} in draw {row + 1}; give a number.")
        table[name] = numbers
    weights = table[WEIGHT] if WEIGHT in table else pd.Series(1.0, index=table.index)
    if len(table.columns.drop(WEIGHT, errors="ignore")) == 0 or not len(table):
        raise InputError(f"{where}: holds no draws; give a row for each draw and a column for each parameter.")
    if (weights < 0.0).any() or not weights.sum() > 0.0:
        raise InputError(f"{where}: weight: must not be below 0, nor 0 in all draws.")
    return table.assign(**{WEIGHT: weights / weights.sum()})


def shipped_posterior() -> Path:
    """Return the folder of the posterior that comes with the package.

    Raises
    ------
    InputError
        When this copy of the package has none.
    """
    found = Path(str(files("ovopsim.parameters") / "data" / "posterior"))
    if not (found / DRAWS_FILE).is_file():
        raise InputError("posterior: this copy of ovopsim ships none; `python experiments/posterior.py` makes one.")
    return found


def draws_file(posterior: str | Path) -> Path:
    """Return the file of draws that a user names: itself, that of a saved posterior's folder, or the shipped one."""
    path = shipped_posterior() if str(posterior) == SHIPPED else Path(posterior)
    return path / DRAWS_FILE if path.is_dir() else path


def _read(path: Path) -> pd.DataFrame:
    try:
        found: pd.DataFrame = (
            pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, encoding="utf-8")
        )
    except (OSError, ValueError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is no table in CSV or Parquet"
        raise InputError(f"{path}: cannot be read ({why}).") from None
    return found


def resampled(posterior: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Return draws of a checked posterior by their weights: one from each of equal slices of the sum of weights.

    As many as the posterior has, with equal weights, are its own draws, each once; so are fewer of them.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(posterior))
    ends = np.cumsum(posterior[WEIGHT].to_numpy()[order])
    places = (np.arange(draws) + random.random()) / draws * ends[-1]
    chosen = order[np.minimum(np.searchsorted(ends, places), len(order) - 1)]
    found: pd.DataFrame = posterior.iloc[chosen].drop(columns=WEIGHT).reset_index(drop=True)
    return found


def with_draw(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return a scenario with drawn numbers in it; what it sets itself stands, and levers that it does not use too.

    Raises
    ------
    InputError
        When a value cannot be.

    Examples
    --------
    >>> with_draw(Scenario(parameters={"planning.cover": 1.4}), {"planning.cover": 2.0}).parameters
    {'planning.cover': 1.4}
    """
    own = leaves_in(scenario.parameters)
    parameters = {path: value for path, value in values.items() if not path.startswith(LEVERS) and path not in own}
    levers = dict(scenario.levers)
    for name in levers_used(scenario):
        lever = scenario.all_levers[name]
        for path in records(name, lever).keys() & values.keys():
            lever = levers[name] = with_quantity(lever, path, values[path])
    return scenario.changed(parameters=scenario.parameters | parameters, levers=levers)
