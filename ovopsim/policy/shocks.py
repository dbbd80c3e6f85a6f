"""What may happen from outside: a pandemic, cheap prints, dear cotton, as factors on spending and prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, model_validator

from ovopsim.errors import did_you_mean
from ovopsim.fields import CHANNELS, N_CHANNELS
from ovopsim.parameters.checking import Checked, Number, checked
from ovopsim.parameters.records import Record
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy.months import MonthNumber

Array = NDArray[np.float64]


class Path(Checked):
    """How a shock moves one thing: at once to its worst, for some months, then back by half in every half-life.

    Attributes
    ----------
    change : Record
        Relative change in the worst months; one for each channel where spending is concerned.
    months : Record
        Length of the worst.
    half_life : Record
        Months in which half of the remaining change, in logs, goes.
    """

    change: Record
    months: Record
    half_life: Record

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        if self.change.range[0] <= -1.0:
            raise ValueError("change: its range must stay above -1, or nothing would be left.")
        return self

    def factors(self, since: Array, strength: float) -> Array:
        """Return the factors of each month, (months,) or (months, 4).

        Parameters
        ----------
        since : array (months,)
            Months since the shock began; negative before.
        strength : float
            Multiplies the logs of all factors.
        """
        size = np.array([self.change.value_of(member) for member in self.change.members or (None,)])
        after = np.maximum(0.0, since + 1.0 - self.months.value_of())
        left = np.where(since < 0.0, 0.0, 0.5 ** (after / self.half_life.value_of()))
        factors: Array = np.exp(strength * left[:, None] * np.log1p(size))
        return factors if self.change.members else factors[:, 0]


class Shock(Checked):
    """Something that may happen.

    Attributes
    ----------
    about : str
        One sentence.
    start : Record
        Month of the scenario in which it begins, unless the scenario says otherwise.
    spending, outside_price, material_price : Path or None
        What it does; None = nothing.
    """

    about: Annotated[str, Field(min_length=1)]
    start: Record
    spending: Path | None = None
    outside_price: Path | None = None
    material_price: Path | None = None

    @model_validator(mode="after")
    def _shapes(self) -> Self:
        if self.spending is not None and self.spending.change.members != CHANNELS:
            raise ValueError(f"spending.change: there must be one number for each of {', '.join(CHANNELS)}.")
        for name in ("outside_price", "material_price"):
            path = getattr(self, name)
            if path is not None and path.change.members:
                raise ValueError(f"{name}.change must be one number.")
        return self


@cache
def builtin_shocks() -> Mapping[str, Shock]:
    """Return the shipped shocks by name.

    Examples
    --------
    >>> list(builtin_shocks())
    ['pandemic', 'cheap_print', 'cotton']
    """
    path = files("ovopsim.policy") / "data" / "shocks.yaml"
    return MappingProxyType(
        {name: checked(Shock, record, f"shocks.yaml: {name}") for name, record in read_yaml(path).items()}
    )


def _schema(schema: dict[str, Any]) -> None:
    names = {"enum": list(builtin_shocks())}
    full = dict(schema)
    full["properties"]["name"] |= names
    schema.clear()
    schema |= {"anyOf": [names, full]}


class ShockChoice(Checked):
    """A shock that happens in a scenario; in YAML its name is enough.

    Attributes
    ----------
    name : str
    start : int or None
        Month in which it begins, 0 = first (in a file also ``2020-03``); None = as the shock's own record says.
    strength : float
        Multiplies the logs of its factors: 1 = as recorded, 0 = none.
    """

    model_config = ConfigDict(json_schema_extra=_schema)

    name: str
    start: MonthNumber | None = None
    strength: Annotated[Number, Field(ge=0, le=3)] = 1.0

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.name not in builtin_shocks():
            raise ValueError(f"'{self.name}' is no shock{did_you_mean(self.name, builtin_shocks())}")
        return self

    @property
    def first_month(self) -> int:
        """Month of the scenario in which it begins."""
        return round(builtin_shocks()[self.name].start.value_of()) if self.start is None else self.start


def shock_paths(choices: Iterable[ShockChoice], months: int) -> dict[str, Array]:
    """Return what shocks do to each month of a scenario, as factors; 1 = nothing.

    Parameters
    ----------
    choices : iterable of ShockChoice
        In any order: their factors are multiplied.
    months : int
        Length of the scenario.

    Returns
    -------
    dict
        ``spending`` (months, 4), ``outside_price`` (months,), ``material_price`` (months,).

    Examples
    --------
    >>> shock_paths([], 2)["outside_price"].tolist()
    [1.0, 1.0]
    """
    paths = {
        "spending": np.ones((months, N_CHANNELS)),
        "outside_price": np.ones(months),
        "material_price": np.ones(months),
    }
    # sorted, because products of several factors depend on their order in the last digit
    for choice in sorted(choices, key=lambda each: (each.name, each.first_month, each.strength)):
        since = np.arange(months, dtype=np.float64) - choice.first_month
        for name in paths:
            path: Path | None = getattr(builtin_shocks()[choice.name], name)
            if path is not None:
                paths[name] *= path.factors(since, choice.strength)
    return paths
