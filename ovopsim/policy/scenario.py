"""A scenario is one complete run: population, horizon, programme, assignments, shocks, changed parameters.

The classes have the keys of the YAML file, with the same defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ovopsim.errors import InputError
from ovopsim.parameters.checking import Checked, Number, Whole, checked
from ovopsim.parameters.loading import change_problems
from ovopsim.parameters.yaml_files import read_yaml
from ovopsim.policy.levers import Lever, full_record, merged, unknown_levers
from ovopsim.policy.months import MonthNumber, is_month, numbered, span_of
from ovopsim.policy.shocks import ShockChoice

Targeting = Literal["random", "smallest_first", "ablest_first", "members_first", "most_constrained", "well_connected"]
Sentra = Literal["kauman", "laweyan", "elsewhere"]
SHARES_TOLERANCE: Final = 1e-6


def share_problems(shares: Mapping[str, Any], levers: Iterable[str] | None = None) -> list[str]:
    """Return what is wrong with a programme's shares, in sentences; `levers` None = any name will do."""
    problems = []
    if all(isinstance(share, int | float) for share in shares.values()):
        total = float(sum(shares.values()))
        if not abs(total - 1.0) <= SHARES_TOLERANCE:
            # more digits where two would show 1.00
            shown = f"{total:.2f}" if abs(total - 1.0) >= 0.005 else f"{total:.8g}"
            problems.append(f"shares add up to {shown}, not 1.")
    return problems + (unknown_levers(shares, levers) if levers is not None else [])


class Programme(Checked):
    """What the agency spends its budget on.

    Attributes
    ----------
    budget : float
        Rupiah of 2016 a year.
    shares : dict of str to float
        Share of the budget by lever; they add up to 1.
    start, months : int
        First month (0 = first of the scenario; in a file also ``2020-03``) and length.
    targeting : str
        How firms are ranked.
    multi_year : bool
        Whether unspent money is kept over the year's end.
    """

    budget: Annotated[Number, Field(ge=0)]
    shares: dict[str, Annotated[Number, Field(ge=0)]]
    start: MonthNumber = 0
    months: Annotated[Whole, Field(ge=1)] = 60
    targeting: Targeting = "random"
    multi_year: bool = False

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        problems = share_problems(self.shares)
        if problems:
            raise ValueError(" ".join(problems))
        return self


class FirmChoice(Checked):
    """The firms of an assignment, in exactly one of three ways.

    Attributes
    ----------
    ids : tuple of int or None
        By their number at the start.
    share : float or None
        A share of the firms, drawn at random.
    sentra : str or None
        All firms of a sentra; for a lever on a sentra or cooperative, that sentra's.
    """

    ids: Annotated[tuple[Annotated[Whole, Field(ge=0)], ...], Field(min_length=1)] | None = None
    share: Annotated[Number, Field(ge=0, le=1)] | None = None
    sentra: Sentra | None = None

    @field_validator("ids")
    @classmethod
    def _in_order(cls, ids: tuple[int, ...] | None) -> tuple[int, ...] | None:
        return None if ids is None else tuple(sorted(set(ids)))

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.ids, self.share, self.sentra)) != 1:
            raise ValueError("firms are chosen by one of ids, share and sentra.")
        return self


class Assignment(Checked):
    """A lever given to chosen firms in a chosen month, past the budget, as in a field trial.

    Attributes
    ----------
    lever : str
    firms : FirmChoice
    month : int
        0 = first of the scenario; in a file also ``2020-03``.
    dose : float
        Size of the delivery over a plain unit.
    """

    lever: str
    firms: FirmChoice
    month: MonthNumber
    dose: Annotated[Number, Field(ge=0)] = 1.0


def _population_schema(schema: dict[str, Any]) -> None:
    full = dict(schema)
    schema.clear()
    schema |= {"anyOf": [{"enum": ["surakarta"]}, full]}


class Population(Checked):
    """The firms at the start: drawn from published figures, or a survey; in YAML `surakarta` is enough.

    Attributes
    ----------
    synthetic : str or None
        ``surakarta``.
    survey : str or None
        Path of a CSV or Parquet file.
    firms : int or None
        How many firms, markets scaled with them; None = as published or surveyed.
    """

    model_config = ConfigDict(json_schema_extra=_population_schema)

    synthetic: Literal["surakarta"] | None = None
    survey: Annotated[str, Field(min_length=1)] | None = None
    firms: Annotated[Whole, Field(ge=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any) -> Any:
        return {"synthetic": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.synthetic is None) == (self.survey is None):
            raise ValueError("give either 'synthetic: surakarta' or 'survey: FILE'.")
        return self


class Scenario(Checked):
    """One complete run; seeds and replications belong to the command.

    Attributes
    ----------
    name : str
    population : Population
        ``"surakarta"`` or ``{"survey": path}``, and optionally ``firms``.
    start : str
        First month, ``"YYYY-MM"``.
    months : int
    levers : dict of str to Lever
        Levers that are added, or changed key by key.
    programme : Programme or None
    assignments : tuple of Assignment
    shocks : tuple of ShockChoice
    parameters : dict of str to float
        Other values by dotted path.
    size_law : str
        What counts as micro, small and medium.

    Raises
    ------
    InputError
        When something is wrong; it names the key and what would be right.

    Examples
    --------
    >>> Scenario(shocks=["pandemic"], months=36).months
    36
    """

    name: Annotated[str, Field(min_length=1)] = "No programme"
    population: Population = Population(synthetic="surakarta")
    start: str = "2016-01"
    months: Annotated[Whole, Field(ge=1, le=1200)] = 60
    levers: dict[str, Lever] = Field(default_factory=dict)
    programme: Programme | None = None
    assignments: tuple[Assignment, ...] = ()
    shocks: tuple[ShockChoice, ...] = ()
    parameters: dict[str, Number] = Field(default_factory=dict)
    size_law: Literal["uu_20_2008", "pp_2021"] = "uu_20_2008"

    @property
    def all_levers(self) -> dict[str, Lever]:
        """The shipped levers with those of the scenario, in the order in which draws count them."""
        return merged(self.levers)

    @field_validator("start", mode="before")
    @classmethod
    def _is_month(cls, start: Any) -> Any:
        # YAML makes a date of 2016-01-15
        if not is_month(start):
            raise ValueError(f"is {str(start)!r}, not a month such as 2016-01")
        return start

    @field_validator("levers", mode="before")
    @classmethod
    def _complete(cls, levers: Any) -> Any:
        if not isinstance(levers, Mapping):
            return levers
        return {name: full_record(str(name), record) for name, record in levers.items()}

    @field_validator("programme", "assignments", "shocks", mode="before")
    @classmethod
    def _in_numbers(cls, given: Any, info: ValidationInfo) -> Any:
        if info.field_name == "shocks" and isinstance(given, str):
            raise ValueError(f"is {given!r}; it should be a list, such as [{given}]")
        key = "month" if info.field_name == "assignments" else "start"
        return numbered(given, key, info.data["start"]) if "start" in info.data else given

    @field_validator("programme", "assignments", "shocks")
    @classmethod
    def _within_the_run(cls, given: Any, info: ValidationInfo) -> Any:
        if given is None or not {"start", "months"} <= info.data.keys():
            return given
        months = info.data["months"]
        late = [first for first in _firsts(given) if first[1] >= months]
        if late:
            span = span_of(info.data["start"], months)
            raise ValueError(" ".join(f"{what} is {month}; {span}." for what, month in late))
        return given

    @field_validator("programme", mode="before")
    @classmethod
    def _known_shares(cls, programme: Any, info: ValidationInfo) -> Any:
        shares = programme.get("shares") if isinstance(programme, Mapping) else getattr(programme, "shares", None)
        if isinstance(shares, Mapping) and "levers" in info.data:
            unknown = unknown_levers(shares, merged(info.data["levers"]))
            if unknown:
                raise ValueError(" ".join([*share_problems(shares), *unknown]))
        return programme

    @field_validator("assignments")
    @classmethod
    def _known_assignments(cls, assignments: tuple[Assignment, ...], info: ValidationInfo) -> tuple[Assignment, ...]:
        if "levers" in info.data:
            unknown = unknown_levers([each.lever for each in assignments], merged(info.data["levers"]))
            if unknown:
                raise ValueError(" ".join(unknown))
        return assignments

    @field_validator("parameters")
    @classmethod
    def _known_parameters(cls, parameters: dict[str, float]) -> dict[str, float]:
        problems = change_problems(parameters)
        if problems:
            raise ValueError(" ".join(problems))
        return parameters


def _firsts(given: Programme | tuple[Assignment | ShockChoice, ...]) -> list[tuple[str, int]]:
    """Return what begins in which month, with its name for messages."""
    if isinstance(given, Programme):
        return [("start", given.start)]
    return [
        (f"start of '{each.name}'", each.first_month)
        if isinstance(each, ShockChoice)
        else (f"month of '{each.lever}'", each.month)
        for each in given
    ]


def load_scenario(path: str | Path) -> Scenario:
    """Return the scenario of a YAML file.

    A survey's path counts from the scenario's file. A file without `name` is named after itself.

    Raises
    ------
    InputError
        When the file or something in it is wrong; it names file and key.
    """
    file = Path(path)
    given = {key: value for key, value in read_yaml(file).items() if value is not None}  # `shocks:` and nothing more
    content = {"name": file.stem} | given
    population = content.get("population")
    if isinstance(population, dict) and isinstance(population.get("survey"), str):
        survey = file.parent / population["survey"]
        if not survey.is_file():
            raise InputError(f"{path}: population.survey: there is no file {survey}.")
        content["population"] = population | {"survey": str(survey)}
    return checked(Scenario, content, str(path))
