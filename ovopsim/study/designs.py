"""What an experiment varies: a table with a row for each point and a column for each dotted path.

Designs are crossed with ``*`` (every point of one with every point of the other) and stacked with ``+``. Which world a
point runs in is no part of a design: each point is run in all replications, the same worlds for all points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ovopsim.errors import InputError, did_you_mean
from ovopsim.parameters import quantile, uncertain_leaves
from ovopsim.policy import ROLES, Scenario, default_programme
from ovopsim.policy.quantities import lever_sizes, located

Over = str | Iterable[str] | Mapping[str, Sequence[float] | None]
SEVEN: Final = tuple(role for role in ROLES if role)
BUDGETS: Final = ("total", "each")
# what a sample may be spread over in one word
MANY: Final = {"uncertain": uncertain_leaves, "levers": lever_sizes}


def default_base() -> Scenario:
    """Return what designs change when nobody names another scenario: the shipped cluster with all seven roles."""
    return Scenario(name="All seven roles", programme=default_programme())


@dataclass(frozen=True, eq=False)
class Design:
    """Points to run.

    Attributes
    ----------
    points : DataFrame
        A row for each point; columns are paths that `policy.settings.changed_by` knows. A cell without a value leaves
        the scenario as it is. Where ``months`` is varied, a programme that the base has keeps its own length (60 months
        of a run of 120; vary ``programme.months`` too); one that roles or shares make lasts as long as the run.

    Examples
    --------
    >>> budgets = Design.grid({"programme.budget": [1e8, 5e8], "programme.targeting": ["random", "ablest_first"]})
    >>> len(budgets), len(budgets * Design.latin_hypercube(10, ["planning.cover"]))
    (4, 40)
    """

    points: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse what is no table, and a path that has two columns."""
        if not isinstance(self.points, pd.DataFrame):
            kind = type(self.points).__name__
            raise InputError(f"design: is a {kind}, not a table; read a file with pandas.read_csv(path).")
        twice = self.points.columns[self.points.columns.duplicated()]
        if len(twice):
            raise InputError(f"design: '{twice[0]}' has two columns; give each path once.")

    def __len__(self) -> int:
        return len(self.points)

    def __mul__(self, other: Design) -> Design:
        """Cross: every point of one with every point of the other."""
        if not isinstance(other, Design):
            return NotImplemented
        both = set(self.points.columns) & set(other.points.columns)
        if both:
            raise InputError(f"design: '{min(both)}' is varied in two blocks that are crossed; vary it in one.")
        return Design(self.points.merge(other.points, how="cross"))

    def __add__(self, other: Design) -> Design:
        """Stack: the points of both; what one does not vary stays as it is in its points."""
        if not isinstance(other, Design):
            return NotImplemented
        return Design(pd.concat([self.points, other.points], ignore_index=True))

    def settings(self) -> list[dict[str, Any]]:
        """Return what each point sets."""
        rows = self.points.astype(object).to_dict("records")
        return [{str(path): value for path, value in row.items() if not _is_missing(value)} for row in rows]

    @staticmethod
    def grid(values: Mapping[str, Iterable[Any]]) -> Design:
        """Return every combination of some values.

        Raises
        ------
        InputError
            When a path has no values.
        """
        columns = _columns("grid", values)
        return Design(pd.DataFrame(list(product(*columns.values())), columns=list(columns)))

    @staticmethod
    def zip(values: Mapping[str, Iterable[Any]]) -> Design:
        """Return values side by side: the first of each path, then the second of each.

        Raises
        ------
        InputError
            When lists differ in length, or are empty.
        """
        columns = _columns("zip", values)
        lengths = {path: len(column) for path, column in columns.items()}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{path} {length}" for path, length in lengths.items())
            raise InputError(f"design: zip: lists must be of one length, not {shown}.")
        return Design(pd.DataFrame(columns))

    @staticmethod
    def table(frame: pd.DataFrame) -> Design:
        """Return the rows of a table as points."""
        return Design(frame.reset_index(drop=True) if isinstance(frame, pd.DataFrame) else frame)

    @staticmethod
    def roles(numbers: Iterable[int] = SEVEN, budget: str = "total") -> Design:
        """Return every combination of some roles of the agency, none of them included.

        Parameters
        ----------
        numbers : iterable of int
            Roles, 1 to 7; of those left out none is in any mix.
        budget : str
            ``total``: each mix has the same budget, split equally over its roles. ``each``: each role brings its
            seventh of the default budget, so that larger mixes cost more; a partner in `Store.effects` then has another
            ``programme.budget`` too.

        Raises
        ------
        InputError
            When there is no such role or way.
        """
        chosen = tuple(numbers) if isinstance(numbers, Iterable) else (numbers,)
        wrong = [number for number in chosen if number not in SEVEN or chosen.count(number) > 1]
        if wrong or not chosen:
            raise InputError(
                f"design: roles: {wrong[0] if wrong else 'none'} given; the roles of the agency are 1 to 7."
            )
        if budget not in BUDGETS:
            raise InputError(f"design: roles: budget: '{budget}' is none of {', '.join(BUDGETS)}.")
        flags = pd.DataFrame(list(product((0, 1), repeat=len(chosen))), columns=[f"roles.{role}" for role in chosen])
        if budget == "each":
            flags["programme.budget"] = flags.sum(axis=1) * default_programme().budget / len(SEVEN)
        return Design(flags)

    @staticmethod
    def latin_hypercube(points: int, over: Over, seed: int = 1) -> Design:
        """Return a Latin hypercube: each path takes each of `points` equal slices of its distribution once.

        Parameters
        ----------
        over : str, iterable of str, or mapping
            ``"uncertain"`` = all uncertain parameters; ``"levers"`` = sizes and chances of the effects of all shipped
            levers; paths of parameters, or of numbers of shipped levers, with a prior; a list of any of these; or
            path -> ``(low, high)``, between which values are spread evenly (None = the number's prior).
        seed : int
            Of the design; it has nothing to do with the worlds.
        """
        from scipy.stats import qmc  # slow to import, and the command line must not wait for it

        paths = _spread(over)
        return _from_unit_cube(qmc.LatinHypercube(len(paths), rng=seed).random(_count(points)), paths)

    @staticmethod
    def sobol(points: int, over: Over, seed: int = 1) -> Design:
        """Return a scrambled Sobol' sequence; arguments as for `latin_hypercube`. Powers of two spread best.

        The first points of a longer sequence are those of a shorter one, so that a design can be extended.
        """
        from scipy.stats import qmc

        paths = _spread(over)
        sequence = qmc.Sobol(len(paths), scramble=True, rng=seed)
        exponent = max(0, (_count(points) - 1).bit_length())
        return _from_unit_cube(sequence.random_base2(exponent)[:points], paths)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _count(points: Any) -> int:
    if isinstance(points, bool) or not isinstance(points, int | np.integer) or points < 1:
        raise InputError(f"design: points: is {points!r}; give a whole number, 1 or more.")
    return int(points)


def _columns(kind: str, values: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    if not isinstance(values, Mapping) or not values:
        raise InputError(f"design: {kind}: give at least one path with a list of values.")
    # a text is one value, not its letters
    found = {
        str(path): [column] if isinstance(column, str) or not isinstance(column, Iterable) else list(column)
        for path, column in values.items()
    }
    for path, column in found.items():
        if not column:
            raise InputError(f"design: {kind}: '{path}' has no values; give at least one.")
    return found


def _spread(over: Over) -> dict[str, Sequence[float] | None]:
    """Return path -> bounds; None where the parameter's prior says how it spreads."""
    if (isinstance(over, str) and over not in MANY) or not isinstance(over, Iterable):
        shown = f"'{over}'" if isinstance(over, str) else repr(over)
        raise InputError(f"design: over: is {shown}; give uncertain, levers, a list of paths, or path: [low, high].")
    listed = (over,) if isinstance(over, str) else over
    given: Mapping[str, Sequence[float] | None] = (
        listed
        if isinstance(listed, Mapping)
        else dict.fromkeys(path for each in listed for path in (MANY[each]() if each in MANY else (each,)))
    )
    if not given:
        raise InputError("design: over: give at least one path.")
    for path, bounds in given.items():
        _check_bounds(path, bounds)
    return dict(given)


def _check_bounds(path: str, bounds: Any) -> None:
    if bounds is None:
        record, _ = located(path)
        if record.prior is None:
            near = did_you_mean(path, uncertain_leaves())
            raise InputError(f"design: over: '{path}' has no prior; give [low, high]{near}")
        return
    try:
        low, high = (float(end) for end in bounds)
    except (TypeError, ValueError):
        raise InputError(f"design: over: '{path}' is {bounds!r}; give [low, high].") from None
    if not np.isfinite([low, high]).all() or low > high:
        raise InputError(f"design: over: '{path}' is {bounds!r}; give [low, high].")


def _from_unit_cube(cube: NDArray[np.float64], paths: Mapping[str, Sequence[float] | None]) -> Design:
    columns = {}
    for (path, bounds), shares in zip(paths.items(), cube.T, strict=True):
        if bounds is None:
            record, member = located(path)
            columns[path] = [quantile(record, member, float(share)) for share in shares]
        else:
            low, high = (float(end) for end in bounds)
            columns[path] = [(1.0 - share) * low + share * high for share in shares.tolist()]
    return Design(pd.DataFrame(columns))
